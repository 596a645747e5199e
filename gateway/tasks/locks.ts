import type { Clock } from '../../edge/base/clock.js'
import type { ListHead } from '../../edge/messages/down.js'
import type { ListEntry } from '../../edge/messages/entities.js'
import type { ShownLock, UnlockNeed, UnlockRequest } from '../api/task-schemas.js'
import { Refusal, type RefusalCode } from '../desk/refusal.js'
import { autoIssuer } from '../domain/auto-order.js'
import {
  importedLock,
  lockAfter,
  lockedEntry,
  missingToUnlock,
  unlocked,
  type ContainerLocked,
  type LockRecord,
} from '../domain/container-lock.js'
import { heldEntry } from '../domain/list-change.js'
import type { Database, Sql } from '../store/database.js'
import { heldHashes, writeVersion } from '../store/lists.js'
import { audit } from '../store/records.js'
import { findLock, listLocks, saveLock } from '../store/tasks.js'
import { containerOf, papersOfLock } from './papers.js'

export interface ContainerLocksGiven {
  readonly database: Database
  readonly clock: Clock
  /** Called right after the commit: the versions are in force, and the edges are to be told. */
  readonly onWritten: (heads: readonly ListHead[]) => void
}

const locksShown = 100
const keyMax = 64

/** Containers that a lane locked (domain.md 5.2): from the event to the officer who unlocks them. */
export class ContainerLocks {
  readonly counters = { containersLocked: 0, unlockRefused: 0 }
  readonly #given: ContainerLocksGiven

  constructor(given: ContainerLocksGiven) {
    this.#given = given
  }

  /** Locks what an event names, inside its transaction; returns the list versions that it made. */
  async lock(sql: Sql, event: ContainerLocked): Promise<readonly ListHead[]> {
    const at = this.#given.clock.now().wallMs
    const entries: ListEntry[] = []
    const numbers = [...new Set(event.body.containers)]
    for (const number of numbers.filter((one) => one !== '' && one.length <= keyMax)) {
      const before = await findLock(sql, number)
      const lock = lockAfter(before, number, event)
      if (lock !== before) await saveLock(sql, lock)
      const entry = await containerOf(sql, number)
      if (entry?.lock === 'LOCKED') continue
      entries.push(lockedEntry(entry, number))
      this.counters.containersLocked += 1
      const detail = { ...event.body, edgeId: event.edgeId, passageId: event.passageId }
      await audit(sql, { at, operator: autoIssuer, action: 'lock', target: number, detail })
    }
    return putContainers(sql, entries, autoIssuer, at)
  }

  /** Unlocks a container where nothing is missing; every try stands in the audit. Throws {@link Refusal}. */
  async unlock(number: string, request: UnlockRequest, by: string): Promise<LockRecord> {
    const { database, clock, onWritten } = this.#given
    const at = clock.now().wallMs
    const done = await database.transact(
      async (sql) => {
        const entry = await containerOf(sql, number)
        const found = await findLock(sql, number)
        const before = found?.state === 'LOCKED' || entry?.lock !== 'LOCKED' ? found : importedLock(number)
        if (before?.state !== 'LOCKED') return { refused: 'notFound', missing: [] } as const
        const refuse = async (refused: RefusalCode, missing: readonly UnlockNeed[]) => {
          const detail = { refused, missing, reason: request.reason }
          await audit(sql, { at, operator: by, action: 'unlockRefused', target: number, detail })
          return { refused, missing } as const
        }
        if (before.version !== request.version) return refuse('conflict', [])
        const missing = missingToUnlock(before, await papersOfLock(sql, before))
        if (missing.length > 0) return refuse('stillLocked', missing)
        const lock = unlocked(before, by, request.reason, at)
        await saveLock(sql, lock)
        const heads =
          entry === undefined ? [] : await putContainers(sql, [{ ...entry, lock: 'OPEN' }], by, at)
        const detail = { reason: request.reason, version: lock.version, orderIds: lock.orderIds }
        await audit(sql, { at, operator: by, action: 'unlock', target: number, detail })
        return { refused: null, lock, heads } as const
      },
      (outcome) => {
        if (outcome.refused === null) onWritten(outcome.heads)
      },
    )
    if (done.refused === null) return done.lock
    this.counters.unlockRefused += 1
    if (done.refused === 'notFound') throw new Refusal('notFound', `the container ${number} is not locked`)
    const problems = done.missing.map((need) => ({ path: need, message: whatIsMissing[need] }))
    throw new Refusal(done.refused, `the container ${number} stays locked`, problems)
  }

  /** What is locked now, and what each lacks. */
  shown(): Promise<ShownLock[]> {
    return this.#given.database.read(async (sql) => {
      const shown: ShownLock[] = []
      for (const lock of await listLocks(sql, locksShown)) {
        shown.push({ ...lock, missing: missingToUnlock(lock, await papersOfLock(sql, lock)) })
      }
      return shown
    })
  }
}

/**
 * Without asking for check digits, unlike a person's change: a lock on a number that was misread is better
 * than none, and it must be possible to end it.
 */
async function putContainers(
  sql: Sql,
  entries: readonly ListEntry[],
  by: string,
  at: number,
): Promise<readonly ListHead[]> {
  const upserts = entries.map(heldEntry)
  const held = await heldHashes(
    sql,
    'containers',
    upserts.map(({ key }) => key),
  )
  const changed = upserts.filter(({ key, hash }) => held.get(key) !== hash)
  if (changed.length === 0) return []
  return [await writeVersion(sql, 'containers', { upserts: changed, deletes: [] }, by, at)]
}

const whatIsMissing: Readonly<Record<UnlockNeed, string>> = {
  inspectionPass: 'it has not been inspected and passed',
  treatment: 'the treatment that was ordered is not done',
}
