import { readFile, stat } from 'node:fs/promises'
import { LanekeeperError, messageOf } from '../../../base/error.js'

/**
 * Reads a secret at the time of its use, so that a changed one is taken with the next connection.
 * A file that others may read is refused: a secret that everybody has is none.
 */
export async function readSecret(file: string): Promise<string> {
  let mode: number
  let text: string
  try {
    mode = (await stat(file)).mode
    text = (await readFile(file, 'utf8')).trim()
  } catch (error) {
    throw new LanekeeperError('reader.noSecret', `The secret file cannot be read: ${messageOf(error)}`, {
      cause: error,
    })
  }
  if ((mode & 0o077) !== 0)
    throw new LanekeeperError('reader.openSecret', `Others may read ${file}. Run: chmod 600 ${file}`)
  if (text === '') throw new LanekeeperError('reader.noSecret', `The secret file ${file} is empty.`)
  return text
}
