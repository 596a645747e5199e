import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { packageRoot } from '../../gateway/package-root.js'
import type { BenchOptions, Say } from './types.js'

/** Runs `work` in a folder of its own, which is gone afterwards unless somebody wants to look into it. */
export async function inFolder<T>(
  options: Pick<BenchOptions, 'dir' | 'keep'>,
  say: Say,
  work: (dir: string) => Promise<T>,
): Promise<T> {
  const dir = mkdtempSync(path.join(options.dir ?? tmpdir(), 'lanekeeper-bench-'))
  try {
    return await work(dir)
  } finally {
    if (options.keep) say(`Kept: ${dir}`)
    else rmSync(dir, { recursive: true, force: true, maxRetries: 3 })
  }
}

/** A module of the built program, e.g. `edge/cli/main.js`: processes are measured as they are shipped. */
export function builtModule(name: string): string {
  return path.join(packageRoot().dir, 'dist', name)
}
