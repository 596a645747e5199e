import { setImmediate } from 'node:timers/promises'
import type { ListHead } from '../../edge/messages/down.js'
import type { ListName } from '../../edge/messages/entities.js'
import { Refusal } from '../desk/refusal.js'
import type { HeldEntry } from '../domain/list-change.js'
import type { Sql } from '../store/database.js'
import { loadVersion, LoadUnderWay, MovedOn } from '../store/list-load.js'
import { heldHashes, writeVersion } from '../store/lists.js'
import { audit } from '../store/records.js'
import { isControlList } from './holds.js'
import { LineSorter } from './import.js'
import type { ListsGiven } from './lists.js'
import { keepLocks } from './locked.js'
import { refuseNumbers, refuseWaitingNumbers } from './order-numbers.js'
import { isOnPartOfPlate, refuseTooManyPatterns } from './patterns.js'

/** Entries that are taken in one transaction: some tens of milliseconds for whoever waits behind it. */
const atOnceMax = 4_000
/** How often a long import is begun again because the list moved on meanwhile. */
const triesMax = 3
/** Lines that are read before everybody else gets a turn. */
const linesAtOnce = 500

/** The lines of an NDJSON text, sorted; others get their turn in between. */
export async function sortLines(list: ListName, text: string): Promise<LineSorter> {
  const sorter = new LineSorter(list)
  for (let at = 0, count = 0; at <= text.length; count += 1) {
    const end = text.indexOf('\n', at)
    sorter.take(text.slice(at, end < 0 ? text.length : end))
    if (end < 0) break
    at = end + 1
    if (count % linesAtOnce === linesAtOnce - 1) await setImmediate()
  }
  return sorter
}

export interface LinesGiven {
  readonly given: ListsGiven
  readonly list: ListName
  readonly by: string
  readonly atMs: number
  readonly refusedCount: number
  /** A version was made; more than one where the list never stood still. */
  readonly made: (head: ListHead) => void
}

/**
 * Puts entries in force beside those of the list; returns how many of them are new or changed. Many of them are one
 * version that is stored in pieces (store/list-load.ts). Where the list moves on each time meanwhile, as lists do that
 * change with every crossing, they are short versions one after another: each entry stands by itself, nothing ends by
 * them, and what is in force already is taken once when the same file comes again. Orders and bans are refused as a
 * whole then, because what speaks against one of them speaks against the file. Throws {@link Refusal}.
 */
export async function takeEntries(lines: LinesGiven, offered: readonly HeldEntry[]): Promise<number> {
  const { list } = lines
  if (offered.length <= atOnceMax) return takeAtOnce(lines, offered)
  for (let tries = 0; tries < triesMax; tries += 1) {
    const applied = await takeAsLoad(lines, offered)
    if (applied !== null) return applied
  }
  if (isControlList(list))
    throw new Refusal('conflict', `${list} changes all the time: send it in parts of ${atOnceMax} lines`)
  let applied = 0
  for (let at = 0; at < offered.length; at += atOnceMax)
    applied += await takeAtOnce(lines, offered.slice(at, at + atOnceMax))
  return applied
}

async function takeAtOnce(lines: LinesGiven, offered: readonly HeldEntry[]): Promise<number> {
  const { given, list, by, atMs } = lines
  const done = await given.database.transact(
    async (sql) => {
      const upserts = await changing(lines, sql, offered)
      if (upserts.length === 0) return undefined
      const head = await writeVersion(sql, list, { upserts, deletes: [] }, by, atMs)
      if (upserts.some(isOnPartOfPlate)) await refuseTooManyPatterns(sql)
      await note(lines, sql, head, upserts.length)
      return { head, applied: upserts.length }
    },
    (taken) => {
      if (taken) lines.made(taken.head)
    },
  )
  return done?.applied ?? 0
}

/** Nothing of it changes the list, and no version is made of nothing. */
class Unchanged extends Error {}

/** Null: the list moved on meanwhile. */
async function takeAsLoad(lines: LinesGiven, offered: readonly HeldEntry[]): Promise<number | null> {
  const { given, list, by, atMs } = lines
  let [at, applied] = [0, 0]
  try {
    await loadVersion(given.database, {
      ...{ list, by, atMs, baseVersion: given.memory.head(list)?.version ?? 0 },
      next: async (sql) => {
        if (at >= offered.length) return null
        const upserts = await changing(lines, sql, offered.slice(at, at + atOnceMax))
        at += atOnceMax
        applied += upserts.length
        return { upserts, deletes: [] }
      },
      finish: async (sql, head) => {
        if (applied === 0) throw new Unchanged()
        await refuseWaitingNumbers(sql, head, given.seesSecrets?.(by) ?? false)
        if (offered.some(isOnPartOfPlate)) await refuseTooManyPatterns(sql)
        await note(lines, sql, head, applied)
        return head
      },
      committed: lines.made,
    })
    return applied
  } catch (error) {
    if (error instanceof MovedOn) return null
    if (error instanceof Unchanged) return 0
    if (error instanceof LoadUnderWay) throw new Refusal('conflict', error.message)
    throw error
  }
}

/** Those of the entries that change the list as it is now; refused are those that may not. */
async function changing(
  { given, list, by, atMs }: LinesGiven,
  sql: Sql,
  offered: readonly HeldEntry[],
): Promise<readonly HeldEntry[]> {
  const entries = await keepLocks(sql, list, offered)
  const asked = { upserts: entries.map(({ entry }) => entry), deletes: [] }
  await refuseNumbers(sql, list, asked.upserts, given.seesSecrets?.(by) ?? false)
  await given.refuseAround?.(sql, list, asked, atMs)
  await given.guardHolds?.(sql, list, asked, atMs)
  const keys = entries.map(({ key }) => key)
  const held = await heldHashes(sql, list, keys)
  return entries.filter(({ key, hash }) => held.get(key) !== hash)
}

async function note(
  { list, by, atMs, refusedCount: refused }: LinesGiven,
  sql: Sql,
  { version }: ListHead,
  upserts: number,
): Promise<void> {
  const detail = { version, upserts, refused }
  await audit(sql, { at: atMs, operator: by, action: 'listImport', target: list, detail })
}
