import { randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import type { Cancel, Clock, ClockQuality } from '../base/clock.js'
import { messageOf } from '../base/error.js'
import type { FaultChange } from '../base/fault.js'
import type { Logger } from '../base/log.js'
import type { Journal, Outbox } from '../interfaces/journal.js'
import type { ControlMemory, ListStore } from '../interfaces/list-store.js'
import { laneListNames, type ListName } from '../messages/entities.js'
import { Ballast, type DiskBounds } from './ballast.js'
import { corrupt, openDatabase } from './database.js'
import { FaultLatch } from './faults.js'
import { JournalFile } from './journal-file.js'
import { SqliteJournal, type JournalCounters } from './journal.js'
import { ListFile } from './list-file.js'
import { listMigrations } from './list-schema.js'
import { SqliteListStore } from './list-store.js'
import { lockFolder } from './lock.js'
import type { RetentionBounds } from './retention.js'
import { engineVersion, type Connection } from './sqlite.js'
import { Turns } from './turns.js'

/** All of it configuration; sizes in bytes, times in milliseconds. */
export type StoreBounds = RetentionBounds &
  DiskBounds & {
    /** How often disk, age and size are looked at. */
    readonly maintainEveryMs: number
    /** A database file up to this size is read through at open. */
    readonly quickCheckMaxBytes: number
  }

export const defaultBounds: StoreBounds = {
  acknowledgedForMs: 7 * 24 * 3_600_000,
  maxBytes: 2 * 1024 ** 3,
  ballastBytes: 8 * 1024 ** 2,
  freeMinBytes: 32 * 1024 ** 2,
  maintainEveryMs: 5_000,
  quickCheckMaxBytes: 64 * 1024 ** 2,
}

export interface EdgeStoreOptions {
  /** Folder of this edge alone; made if it is not there. */
  readonly dataDir: string
  readonly edgeId: string
  /** Edge ids are unique within it; absent: lists of another site are told by their edge id alone. */
  readonly site?: string
  readonly clock: Clock
  readonly log: Logger
  readonly onFault: (change: FaultChange) => void
  /** Kept equal to the orders and blacklist in force. */
  readonly control: ControlMemory
  /** Lists whose absence is a fault; absent: those that every lane needs. */
  readonly neededLists?: ReadonlySet<ListName>
  readonly retention?: Partial<StoreBounds>
  /** Without trust in the clock nothing is pruned by age. Absent: the clock is trusted. */
  readonly clockQuality?: () => ClockQuality
  /** Opened before orders and blacklist are in memory ({@link EdgeStore.loaded}); absent: opened is all there. */
  readonly loadsLater?: true
}

export interface EdgeStore {
  readonly journal: Journal & Outbox & { readonly counters: Readonly<JournalCounters> }
  readonly lists: ListStore
  /** Settles when orders and blacklist, as they lay in the file, are in memory; until then both are unknown. */
  readonly loaded: Promise<void>
  /** True when a corrupt journal was moved aside at this start: the epoch is a new one. */
  readonly journalWasCorrupt: boolean
  /** Waits for what is under way, then releases folder and files. */
  close(): Promise<void>
}

/** Short enough to be read aloud, and never the same twice: 50 random bits. */
function newId(): string {
  return [...randomBytes(10)].map((byte) => 'abcdefghjkmnpqrstuvwxyz023456789'.charAt(byte & 31)).join('')
}

/**
 * Opens journal.db and lists.db of one edge. Rejects with `store.inUse`, `store.otherEdge`,
 * `store.newerSchema` or `store.pragma`, or with the engine's error where the disk does not let it;
 * a corrupt file is no reason to reject: it is moved aside, a fault says so, and a new one begins.
 */
export async function openEdgeStore(options: EdgeStoreOptions): Promise<EdgeStore> {
  const { dataDir, clock, log } = options
  const bounds = { ...defaultBounds, ...options.retention }
  const faults = new FaultLatch(options.onFault)
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  const unlock = await lockFolder(dataDir)
  const undo: (() => Promise<void>)[] = [unlock]
  try {
    const { journal, wasCorrupt } = await openJournal(options, bounds, faults)
    undo.push(() => journal.close())
    const lists = await openLists(options, bounds, faults)
    undo.push(() => lists.close())
    if (!options.loadsLater) await lists.loaded
    const upkeep = keepUp(journal, clock, bounds.maintainEveryMs, log)
    undo.push(upkeep.stop)
    await journal.maintain().catch((error: unknown) => {
      log.warn({ error: messageOf(error) }, 'the journal could not be looked after')
    })
    log.info({ dataDir, epoch: journal.epoch, engineVersion, ...journal.status() }, 'store opened')
    const { loaded } = lists
    return { journal, lists, loaded, journalWasCorrupt: wasCorrupt, close: () => closeAll(undo) }
  } catch (error) {
    await closeAll(undo).catch(() => undefined)
    throw error
  }
}

async function closeAll(undo: readonly (() => Promise<void>)[]): Promise<void> {
  const problems: unknown[] = []
  for (const step of [...undo].reverse()) await step().catch((error: unknown) => problems.push(error))
  if (problems.length > 0) throw problems[0]
}

async function openJournal(
  { dataDir, edgeId, clock, clockQuality, log }: EdgeStoreOptions,
  bounds: StoreBounds,
  faults: FaultLatch,
): Promise<{ journal: SqliteJournal; wasCorrupt: boolean }> {
  const { opened, movedAside } = await JournalFile.open(
    { file: path.join(dataDir, 'journal.db'), edgeId, quickCheckMaxBytes: bounds.quickCheckMaxBytes },
    { wallMs: clock.now().wallMs, log, newEpoch: newId },
  )
  if (movedAside)
    faults.raise('journal.corrupt', 'journal', `the old journal is kept as ${path.basename(movedAside)}`)
  const ballast = new Ballast(dataDir, bounds, faults, log)
  const journal = new SqliteJournal(opened, new Turns(), ballast, {
    edgeId,
    bootId: newId(),
    clock,
    clockQuality: clockQuality ?? (() => 'synchronised'),
    log,
    faults,
    retention: bounds,
  })
  return { journal, wasCorrupt: movedAside !== null }
}

async function openLists(
  { dataDir, edgeId, site, clock, log, control, neededLists }: EdgeStoreOptions,
  bounds: StoreBounds,
  faults: FaultLatch,
): Promise<SqliteListStore> {
  const file = path.join(dataDir, 'lists.db')
  const needed = neededLists ?? new Set(laneListNames)
  const own = ownedBy(site === undefined ? edgeId : `${site}/${edgeId}`, file)
  const { connection, movedAside } = await openDatabase(
    { file, migrations: listMigrations, quickCheckMaxBytes: bounds.quickCheckMaxBytes },
    { wallMs: clock.now().wallMs, log },
    own,
  )
  if (movedAside) {
    for (const list of needed)
      faults.raise('controlList.corrupt', list, `the old lists are kept as ${path.basename(movedAside)}`)
  }
  return SqliteListStore.open(await ListFile.open(file, connection), {
    clock,
    log,
    faults,
    control,
    recheckPauseMs: 2,
    // The lanes come first.
    recheckAfterMs: 5_000,
    ...{ needed, own },
  })
}

/** Writes whose lists they are into a file that is nobody's; throws `store.corrupt` for one that was brought from elsewhere. */
function ownedBy(name: string, file: string): (connection: Connection) => Promise<void> {
  return async (connection) => {
    await connection.run('INSERT INTO owner (name) SELECT ?1 WHERE NOT EXISTS (SELECT 1 FROM owner)', [name])
    const [row] = await connection.all<{ name: string }>('SELECT name FROM owner')
    if (row?.name !== name) throw corrupt(file, `these are the lists of ${row?.name ?? 'nobody'}`)
  }
}

/** Runs the upkeep again and again, one at a time, for as long as the store is open. */
function keepUp(
  journal: SqliteJournal,
  clock: Clock,
  everyMs: number,
  log: Logger,
): { stop: () => Promise<void> } {
  let stopped = false
  let running: Promise<void> = Promise.resolve()
  let cancel: Cancel = () => undefined
  const wait = (): void => {
    cancel = clock.after('store upkeep', everyMs, () => {
      running = journal
        .maintain()
        .catch((error: unknown) => {
          log.warn({ error: messageOf(error) }, 'the journal could not be looked after')
        })
        .then(() => {
          if (!stopped) wait()
        })
    })
  }
  wait()
  const stop = async (): Promise<void> => {
    stopped = true
    cancel()
    await running
  }
  return { stop }
}
