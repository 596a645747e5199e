import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { packageRoot } from '../../gateway/package-root.js'

/** Runs `work` in a folder of its own, which is gone afterwards whatever happened. */
export async function inFolder<T>(parent: string | undefined, work: (dir: string) => Promise<T>): Promise<T> {
  const dir = mkdtempSync(path.join(parent ?? tmpdir(), 'lanekeeper-bench-'))
  try {
    return await work(dir)
  } finally {
    rmSync(dir, { recursive: true, force: true, maxRetries: 3 })
  }
}

/** A module of the built program, e.g. `edge/cli/main.js`: processes are measured as they are shipped. */
export function builtModule(name: string): string {
  return path.join(packageRoot().dir, 'dist', name)
}
