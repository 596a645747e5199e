import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import type { Test } from 'tap'

const run = promisify(execFile)

/** Runs a system program; false where it is not there or not permitted. */
export async function tried(program: string, ...args: string[]): Promise<boolean> {
  return run(program, args).then(
    () => true,
    () => false,
  )
}

/** A folder with a mount point `disk`; not `t.testdir()`, which goes before its mounts are gone. */
function placeFor(t: Test): string {
  const place = mkdtempSync(path.join(tmpdir(), 'lanekeeper-disk-'))
  const folder = path.join(place, 'disk')
  mkdirSync(folder)
  t.teardown(async () => {
    await tried('umount', '-l', folder)
    await rm(place, { recursive: true, force: true })
  })
  return place
}

/** A filesystem in memory of its own, gone after the test; null where mounting is not permitted. */
export async function tmpfs(t: Test, sizeKiB: number): Promise<string | null> {
  const folder = path.join(placeFor(t), 'disk')
  if (!(await tried('mount', '-t', 'tmpfs', '-o', `size=${sizeKiB}k`, 'tmpfs', folder))) return null
  return folder
}

/** A small ext4 in a file, which turns read-only at its first error; null where that is not permitted. */
export async function ext4(
  t: Test,
  sizeMiB: number,
): Promise<{ folder: string; fail: () => Promise<void>; replace: () => Promise<void> } | null> {
  const place = placeFor(t)
  const folder = path.join(place, 'disk')
  const image = path.join(place, 'image')
  await writeFile(image, Buffer.alloc(sizeMiB * 1024 * 1024))
  const before = new Set(errorTriggers())
  if (!(await tried('mkfs.ext4', '-q', image))) return null
  if (!(await tried('mount', '-o', 'loop,errors=remount-ro', image, folder))) return null
  const trigger = errorTriggers().find((file) => !before.has(file))
  if (!trigger) return null
  return {
    folder,
    fail: () => writeFile(trigger, 'a test of read-only'),
    replace: async () => {
      // The failed one stays with whoever still has files open on it; a repaired copy takes its place.
      await run('cp', [image, `${image}2`])
      await run('e2fsck', ['-f', '-y', `${image}2`]).catch(() => undefined)
      await run('umount', ['-l', folder])
      await run('mount', ['-o', 'loop', `${image}2`, folder])
    },
  }
}

function errorTriggers(): string[] {
  try {
    return readdirSync('/sys/fs/ext4')
      .filter((name) => name.startsWith('loop'))
      .map((name) => `/sys/fs/ext4/${name}/trigger_fs_error`)
  } catch {
    return []
  }
}
