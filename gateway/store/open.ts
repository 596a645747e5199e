import { mkdirSync } from 'node:fs'
import path from 'node:path'
import type { Logger } from '../../edge/base/log.js'
import type { GatewayConfig } from '../config.js'
import { Database, type Sql } from './database.js'
import { Memory } from './memory.js'
import { migrate } from './migrations.js'

/**
 * The store of the configuration's data folder, and what of it is held in memory. `reloads` run, after the memory's
 * own, whenever the file had to be opened again. Throws like {@link Database.open}; nothing stays open then.
 */
export async function openStore(
  config: GatewayConfig,
  log: Logger,
  reloads: readonly ((sql: Sql) => Promise<void>)[],
): Promise<{ readonly database: Database; readonly memory: Memory }> {
  // Records name vehicles and people: the folder is for the gateway's own user.
  mkdirSync(config.dataDir, { recursive: true, mode: 0o700 })
  const memory = new Memory()
  const database = await Database.open({
    file: path.join(config.dataDir, 'gateway.db'),
    log,
    prepare: migrate,
    reload: async (sql) => {
      await memory.load(sql)
      for (const reload of reloads) await reload(sql)
    },
  })
  try {
    await database.read((sql) => memory.load(sql))
  } catch (error) {
    await database.close()
    throw error
  }
  return { database, memory }
}
