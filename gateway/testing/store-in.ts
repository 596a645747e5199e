import path from 'node:path'
import { silentLogger } from '../../edge/base/log.js'
import { Database } from '../store/database.js'
import { Memory } from '../store/memory.js'
import { migrate } from '../store/migrations.js'

/** The store of a gateway below a folder, new or as it lies there, and what it holds in memory. */
export async function storeIn(dir: string): Promise<{ memory: Memory; database: Database }> {
  const memory = new Memory()
  const database = await Database.open({
    file: path.join(dir, 'gateway.db'),
    log: silentLogger,
    prepare: migrate,
    reload: (sql) => memory.load(sql),
  })
  await database.read((sql) => memory.load(sql))
  return { memory, database }
}
