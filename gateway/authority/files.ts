import { chownSync, closeSync, fsyncSync, openSync, renameSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'

/**
 * Writes a file whole or not at all, durably, for the eyes of the folder's owner: a person who runs a
 * command as root must not leave files behind that the gateway's own user cannot read.
 */
export function writeOwned(file: string, content: string): void {
  const folder = path.dirname(file)
  const draft = `${file}.new`
  writeFileSync(draft, content, { mode: 0o600, flush: true })
  const { uid, gid } = statSync(folder)
  if (process.getuid?.() === 0) chownSync(draft, uid, gid)
  renameSync(draft, file)
  const handle = openSync(folder, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
