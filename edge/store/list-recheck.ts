import { canonicalJson } from '../base/canonical.js'
import { sleep, type Clock } from '../base/clock.js'
import { LanekeeperError, messageOf } from '../base/error.js'
import { sha256Hex } from '../base/hash.js'
import type { Logger } from '../base/log.js'
import { listKeyOf, type ListEntry } from '../messages/entities.js'
import { BranchMaker, leafNode, leafOf, type ListContent } from '../messages/list-hash.js'
import { problemOf } from './list-content.js'
import type { ListFile, ListRow } from './list-file.js'
import { namesOf } from './list-rows.js'
import { leafRanges } from './list-tree.js'
import { troubleOf, type Connection } from './sqlite.js'

/** Entries whose rows are read, hashed and looked up in one go, in the lanes' own thread. */
const checkedRows = 100

/** What the head of a list is sealed with: a flipped bit in it would make a list newer, younger or another one. */
export function sealOf(row: Omit<ListRow, 'seal'>): string {
  const { list, generation, version, content_hash, count, confirmed_at } = row
  return sha256Hex(canonicalJson([list, generation, version, content_hash, count, confirmed_at]))
}

export function isSealed(row: ListRow): boolean {
  return row.seal === null || row.seal === sealOf(row)
}

/**
 * What the engine itself finds wrong in the file, a row out of its order among it: a lookup passes by such a row though
 * it is there, and what is wrong beside every list yet spreads with the next write. Null: nothing, or it could not look.
 */
export async function engineProblem(file: ListFile, log: Logger): Promise<LanekeeperError | null> {
  try {
    const found = await file.check.damage()
    return found === null
      ? null
      : new LanekeeperError('store.corrupt', `the lists file is malformed: ${found}`)
  } catch (error) {
    if (troubleOf(error) === 'corrupt') return new LanekeeperError('store.corrupt', messageOf(error))
    log.warn({ error: messageOf(error) }, 'the lists file could not be checked')
    return null
  }
}

/** What speaks against a list at the start; null: it is believed. */
export async function startProblem(file: ListFile, row: ListRow): Promise<string | null> {
  if (!isSealed(row)) return 'the head of the list is not what was written'
  try {
    return await problemOf(file, row)
  } catch (error) {
    return messageOf(error)
  }
}

/** What was found of a list: its content over the bytes of its entries, and the first thing that is wrong beside them. */
export interface Rechecked {
  readonly content: ListContent
  readonly problem: string | null
}

interface Row {
  readonly leaf: number
  readonly key: string
  readonly hash: string
  readonly ref: string | null
  readonly refLeaf: number | null
  readonly body: string
}

/** What has to be found, each by the way that a lookup takes. */
interface Names {
  readonly entries: (readonly [leaf: number, key: string])[]
  readonly plates: (readonly [plate: string, key: string, leaf: number])[]
  readonly looks: (readonly [look: string, key: string, leaf: number])[]
}

/**
 * Reads a list as it lies in the database and holds everything that a lookup goes by against the bytes of its entries:
 * key, leaf, hash, reference, plates and other names, each found by its own index. Pauses after each page, because
 * nobody waits for it and the lanes share its thread.
 */
export async function recheckContent(
  file: ListFile,
  { generation, count }: { readonly generation: number; readonly count: number },
  given: { readonly clock: Clock; readonly recheckPauseMs: number },
  stopped: () => boolean,
): Promise<Rechecked> {
  const maker = new BranchMaker()
  const named = { plates: 0, looks: 0 }
  let problem: string | null = null
  for (const range of leafRanges(count, checkedRows)) {
    const rows = await file.background((connection) => rowsOf(connection, generation, range))
    for (const [leaf, hashes] of leavesOf(rows)) maker.add(leafNode(leaf, hashes.length, hashes.join('\n')))
    problem ??= rowProblem(rows)
    if (problem === null) {
      const names = namesIn(rows)
      named.plates += names.plates.length
      named.looks += names.looks.length
      problem = await file.background((connection) => seekProblem(connection, generation, names))
    }
    if (stopped()) break
    await sleep(given.clock, 'list recheck', given.recheckPauseMs)
  }
  problem ??= await file.background((connection) => strangerProblem(connection, generation, named))
  return { content: maker.finish(), problem }
}

function rowsOf(
  connection: Connection,
  generation: number,
  [from, to]: readonly [number, number],
): Promise<Row[]> {
  return connection.all<Row>(
    `SELECT leaf, key, lower(hex(hash)) AS hash, ref, ref_leaf AS refLeaf, body FROM entries
     WHERE generation = ? AND leaf BETWEEN ? AND ? ORDER BY leaf, key`,
    [generation, from, to],
  )
}

function leavesOf(rows: readonly Row[]): ReadonlyMap<number, readonly string[]> {
  const leaves = new Map<number, string[]>()
  for (const { leaf, body } of rows) {
    const hashes = leaves.get(leaf)
    if (hashes) hashes.push(sha256Hex(body))
    else leaves.set(leaf, [sha256Hex(body)])
  }
  return leaves
}

/** An entry that lies under another key, leaf or hash than its bytes have. */
function rowProblem(rows: readonly Row[]): string | null {
  for (const { leaf, key, hash, ref, refLeaf, body } of rows) {
    const entry = JSON.parse(body) as ListEntry
    if (listKeyOf(entry) !== key || leafOf(key) !== leaf)
      return 'an entry lies under a key that is not its own'
    if (sha256Hex(body) !== hash) return 'the hash beside an entry is not its own'
    const own = namesOf(entry).ref
    if (ref !== own || refLeaf !== (own === null ? null : leafOf(own)))
      return 'an entry refers to another one than its bytes say'
  }
  return null
}

function namesIn(rows: readonly Row[]): Names {
  const names: Names = { entries: [], plates: [], looks: [] }
  for (const { leaf, key, body } of rows) {
    const own = namesOf(JSON.parse(body) as ListEntry)
    names.entries.push([leaf, key])
    for (const plate of own.plates) names.plates.push([plate, key, leaf])
    for (const look of own.looks) names.looks.push([look, key, leaf])
  }
  return names
}

const seeks = {
  entries: `SELECT count(*) AS n FROM json_each(?2) AS j CROSS JOIN entries AS e
    ON e.generation = ?1 AND e.leaf = j.value ->> 0 AND e.key = j.value ->> 1`,
  plates: `SELECT count(*) AS n FROM json_each(?2) AS j CROSS JOIN plates AS p
    ON p.generation = ?1 AND p.plate = j.value ->> 0 AND p.key = j.value ->> 1 AND p.leaf = j.value ->> 2`,
  looks: `SELECT count(*) AS n FROM json_each(?2) AS j CROSS JOIN looks AS l
    ON l.generation = ?1 AND l.look = j.value ->> 0 AND l.key = j.value ->> 1 AND l.leaf = j.value ->> 2`,
} as const satisfies Record<keyof Names, string>

/** Whether each entry is found by everything that it is looked up by. */
async function seekProblem(connection: Connection, generation: number, names: Names): Promise<string | null> {
  for (const by of ['entries', 'plates', 'looks'] as const) {
    if (names[by].length === 0) continue
    const [row] = await connection.all<{ n: number }>(seeks[by], [generation, JSON.stringify(names[by])])
    if (row?.n !== names[by].length)
      return `${names[by].length} entries are to be found by ${by}, ${row?.n ?? 0} are`
  }
  return null
}

/** A name that no entry has would show somebody else's entry: all that belong were found, so there must be no more. */
async function strangerProblem(
  connection: Connection,
  generation: number,
  named: { readonly plates: number; readonly looks: number },
): Promise<string | null> {
  for (const table of ['plates', 'looks'] as const) {
    const [row] = await connection.all<{ n: number }>(
      `SELECT count(*) AS n FROM ${table} WHERE generation = ?`,
      [generation],
    )
    if (row?.n !== named[table]) return `${row?.n ?? 0} ${table} stand there, entries have ${named[table]}`
  }
  return null
}
