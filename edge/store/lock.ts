import path from 'node:path'
import { LanekeeperError } from '../base/error.js'
import { Connection, troubleOf } from './sqlite.js'

/**
 * Keeps a second edge process out of the same data folder: an exclusive lock on an empty database
 * file, which the kernel lets go when the process ends, however it ends.
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const file = path.join(folder, 'edge.lock')
  const connection = await Connection.open(file, true)
  try {
    await connection.exec('PRAGMA busy_timeout = 0')
    await connection.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    await connection.close().catch(() => undefined)
    if (troubleOf(error) !== 'busy') throw error
    throw new LanekeeperError(
      'store.inUse',
      `${folder} is in use by another edge process: stop that one, or give this one a folder of its own`,
    )
  }
  return () => connection.close()
}
