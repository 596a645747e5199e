import {
  closeSync,
  fchownSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'

/**
 * Writes a file whole or not at all, durably, for the eyes of the folder's owner: a person who runs a
 * command as root must not leave files behind that the gateway's own user cannot read.
 */
export function writeOwned(file: string, content: string): void {
  const folder = path.dirname(file)
  const draft = `${file}.new`
  const { uid, gid } = statSync(folder)
  // One that a cut left may have another mode, and a link in its place would lead root elsewhere.
  rmSync(draft, { force: true })
  const written = openSync(draft, 'wx', 0o600)
  try {
    writeFileSync(written, content)
    if (process.getuid?.() === 0) fchownSync(written, uid, gid)
    fsyncSync(written)
  } finally {
    closeSync(written)
  }
  renameSync(draft, file)
  const handle = openSync(folder, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
