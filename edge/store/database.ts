import { rename, rm, stat } from 'node:fs/promises'
import { LanekeeperError } from '../base/error.js'
import type { Logger } from '../base/log.js'
import { Connection, troubleOf } from './sqlite.js'

/** What a database file must be: its pragmas, and its schema step by step. */
export interface DatabaseSpec {
  readonly file: string
  /** Step n brings schema version n to n + 1; steps that have shipped are never changed. */
  readonly migrations: readonly string[]
  /** A larger file is not read through at open: start-up must not grow with the journal. */
  readonly quickCheckMaxBytes: number
}

/** Set and read back at every open: a pragma that did not take would be a durability that is not there. */
const pragmas: readonly (readonly [name: string, set: string, readBack: string | number])[] = [
  ['journal_mode', 'WAL', 'wal'],
  ['synchronous', 'FULL', 2],
  ['foreign_keys', 'ON', 1],
  ['wal_autocheckpoint', '1000', 1000],
  ['journal_size_limit', '67108864', 67_108_864],
  ['cell_size_check', 'ON', 1],
  ['trusted_schema', 'OFF', 0],
  ['busy_timeout', '2000', 2000],
]

async function setPragmas(connection: Connection, file: string): Promise<void> {
  for (const [name, set, expected] of pragmas) {
    await connection.exec(`PRAGMA ${name} = ${set}`)
    const [row] = await connection.all<Record<string, string | number>>(`PRAGMA ${name}`)
    const found = Object.values(row ?? {})[0]
    if (found !== expected)
      throw new LanekeeperError('store.pragma', `${file}: ${name} is ${found}, not ${expected}`)
  }
}

async function migrate(connection: Connection, spec: DatabaseSpec): Promise<void> {
  const [row] = await connection.all<{ user_version: number }>('PRAGMA user_version')
  const found = row?.user_version ?? 0
  if (found > spec.migrations.length) {
    throw new LanekeeperError(
      'store.newerSchema',
      `${spec.file} has schema ${found}, this program knows ${spec.migrations.length}: run the newer program, or move the file away`,
    )
  }
  for (let version = found; version < spec.migrations.length; version += 1) {
    await connection.transaction(async () => {
      await connection.exec(spec.migrations[version] as string)
      await connection.exec(`PRAGMA user_version = ${version + 1}`)
    })
  }
}

/** Opens the file as it stands, with pragmas set; used again after a disk error. */
export async function openConnection(file: string, create: boolean): Promise<Connection> {
  const connection = await Connection.open(file, create)
  try {
    await setPragmas(connection, file)
    return connection
  } catch (error) {
    await connection.close().catch(() => undefined)
    throw error
  }
}

async function openChecked(spec: DatabaseSpec): Promise<Connection> {
  const connection = await openConnection(spec.file, true)
  try {
    if ((await stat(spec.file)).size <= spec.quickCheckMaxBytes) {
      const rows = await connection.all<{ quick_check: string }>('PRAGMA quick_check(5)')
      const found = rows.map((row) => row.quick_check).join('; ')
      if (found !== 'ok') throw corrupt(spec.file, found)
    }
    await migrate(connection, spec)
    return connection
  } catch (error) {
    await connection.close().catch(() => undefined)
    throw error
  }
}

export interface OpeningGiven {
  readonly wallMs: number
  readonly log: Logger
}

/** What opening found: the connection, and where a corrupt predecessor now lies. */
export interface Opened {
  readonly connection: Connection
  readonly movedAside: string | null
}

/** A database whose content contradicts itself; {@link openDatabase} moves such a file aside. */
export function corrupt(file: string, found: string): LanekeeperError {
  return new LanekeeperError('store.corrupt', `${file} is corrupt: ${found}`)
}

function isCorrupt(error: unknown): boolean {
  return (
    troubleOf(error) === 'corrupt' || (error instanceof LanekeeperError && error.code === 'store.corrupt')
  )
}

/**
 * Opens or creates, checks, migrates. A corrupt file is moved aside, never deleted, and a new one
 * takes its place; `verify` may add checks of the content by throwing {@link corrupt}. Other
 * errors (newer schema, no permission, disk) reject: those a person has to mend.
 */
export async function openDatabase(
  spec: DatabaseSpec,
  given: OpeningGiven,
  verify: (connection: Connection) => Promise<void>,
): Promise<Opened> {
  let connection: Connection | null = null
  let movedAside: string
  try {
    connection = await openChecked(spec)
    await verify(connection)
    return { connection, movedAside: null }
  } catch (error) {
    await connection?.close().catch(() => undefined)
    if (!isCorrupt(error)) throw error
    movedAside = await moveAside(spec.file, given.wallMs)
    given.log.error({ file: spec.file, movedAside, error }, 'database is corrupt and was moved aside')
  }
  const fresh = await openChecked(spec)
  await verify(fresh)
  return { connection: fresh, movedAside }
}

/** Renames the file and its companions out of the way; each keeps its ending, so that it can still be opened together. */
async function moveAside(file: string, wallMs: number): Promise<string> {
  const base = `${file}.corrupt-${wallMs}`
  let target = base
  for (let n = 1; await exists(target); n += 1) target = `${base}.${n}`
  for (const ending of ['', '-wal', '-shm']) {
    if (await exists(file + ending)) await rename(file + ending, target + ending)
  }
  return target
}

/** The same for a file that is made anew while the program runs; one such copy is kept, so that a bad disk fills no disk. */
export async function keepDamaged(file: string): Promise<void> {
  for (const ending of ['', '-wal', '-shm']) {
    await rm(`${file}.damaged${ending}`, { force: true })
    if (await exists(file + ending)) await rename(file + ending, `${file}.damaged${ending}`)
  }
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  )
}
