import type { ListHead } from '../../edge/messages/down.js'
import { firstPreviousHash } from '../../edge/messages/envelope.js'
import { listNames, type ListName } from '../../edge/messages/entities.js'
import type { EscalationRecord } from '../domain/escalation.js'
import type { PassageRecord } from '../domain/passage.js'
import type { Sql } from './database.js'
import { highestStored, type HighestStored } from './events.js'
import { listHead } from './lists.js'

/** How far the gateway has an epoch of an edge. */
export interface Mark {
  readonly edgeId: string
  readonly epoch: string
  /** Rises with every new epoch of an edge; the highest is the newest. */
  readonly orderNo: number
  /** Contiguous high-water mark: everything up to here is stored. 0: nothing. */
  readonly upTo: number
  /** Hash of the event at `upTo`; null: that place holds none, so the next link cannot be checked. */
  readonly lastHash: string | null
  readonly firstAt: number
  readonly lastAt: number
  /** Places beyond the mark that are taken already: stored events, or skipped ones. */
  readonly ahead: ReadonlySet<number>
}

export interface ListAnswer {
  readonly list: string
  readonly version: number
  readonly result: 'inForce' | 'refused'
  readonly why: string | null
  readonly at: number
}

const passagesKept = 2_000
const escalationsKept = 1_000

/**
 * What the gateway holds in memory of its store: marks, open and recent passages and escalations, list
 * heads. Changed only after a commit, read back when the file had to be opened again.
 */
export class Memory {
  readonly #marks = new Map<string, Mark>()
  readonly #newest = new Map<string, Mark>()
  readonly #highest = new Map<string, number>()
  readonly #passages = new Map<string, PassageRecord>()
  readonly #escalations = new Map<string, EscalationRecord>()
  readonly #openEscalations = new Map<string, EscalationRecord>()
  /** Newest passage of each lane, by opening in the order of the events. */
  readonly #current = new Map<string, string>()
  readonly #heads = new Map<ListName, ListHead>()
  readonly #listAnswers = new Map<string, Map<string, ListAnswer>>()

  async load(sql: Sql): Promise<void> {
    this.#marks.clear()
    this.#newest.clear()
    this.#highest.clear()
    this.#passages.clear()
    this.#escalations.clear()
    this.#openEscalations.clear()
    this.#current.clear()
    this.#heads.clear()
    this.#listAnswers.clear()
    await this.#loadMarks(sql)
    await this.#loadRecords(sql)
    for (const list of listNames) {
      const head = await listHead(sql, list)
      if (head) this.#heads.set(list, head)
    }
    const answers = await sql.all<ListAnswer & { edge_id: string }>('SELECT * FROM list_answers')
    for (const { edge_id, list, version, result, why, at } of answers) {
      this.setListAnswer(edge_id, { list, version, result, why, at })
    }
  }

  mark(edgeId: string, epoch: string): Mark | undefined {
    return this.#marks.get(keyOf(edgeId, epoch))
  }

  newestMark(edgeId: string): Mark | undefined {
    return this.#newest.get(edgeId)
  }

  setMark(mark: Mark): void {
    this.#marks.set(keyOf(mark.edgeId, mark.epoch), mark)
    const newest = this.#newest.get(mark.edgeId)
    if (!newest || mark.orderNo >= newest.orderNo) this.#newest.set(mark.edgeId, mark)
  }

  /** The highest place of an epoch that is in the store, by the events themselves and not by the mark. */
  highestStored(edgeId: string, epoch: string): number {
    return this.#highest.get(keyOf(edgeId, epoch)) ?? 0
  }

  setHighestStored({ edgeId, epoch, highest }: HighestStored): void {
    this.#highest.set(keyOf(edgeId, epoch), highest)
  }

  passage(passageId: string): PassageRecord | undefined {
    return this.#passages.get(passageId)
  }

  /** The newest passage of a lane, ended or not. */
  currentPassage(edgeId: string, lane: string): PassageRecord | undefined {
    const id = this.#current.get(keyOf(edgeId, lane))
    return id === undefined ? undefined : this.#passages.get(id)
  }

  passages(): IterableIterator<PassageRecord> {
    return this.#passages.values()
  }

  setPassage(passage: PassageRecord): void {
    const fresh = !this.#passages.has(passage.passageId)
    this.#passages.set(passage.passageId, passage)
    if (fresh && passage.endedAt === null) {
      this.#current.set(keyOf(passage.edgeId, passage.lane), passage.passageId)
    }
    trim(this.#passages, passagesKept, (old) => old.endedAt !== null)
  }

  escalation(escalationId: string): EscalationRecord | undefined {
    return this.#escalations.get(escalationId)
  }

  escalations(): IterableIterator<EscalationRecord> {
    return this.#escalations.values()
  }

  /** Those that are not closed. */
  openEscalations(): IterableIterator<EscalationRecord> {
    return this.#openEscalations.values()
  }

  setEscalation(escalation: EscalationRecord): void {
    this.#escalations.set(escalation.escalationId, escalation)
    if (escalation.state === 'CLOSED') this.#openEscalations.delete(escalation.escalationId)
    else this.#openEscalations.set(escalation.escalationId, escalation)
    trim(this.#escalations, escalationsKept, (old) => old.state === 'CLOSED')
  }

  head(list: ListName): ListHead | undefined {
    return this.#heads.get(list)
  }

  heads(): ListHead[] {
    return [...this.#heads.values()]
  }

  setHead(head: ListHead): void {
    this.#heads.set(head.list, head)
  }

  listAnswers(edgeId: string): ListAnswer[] {
    return [...(this.#listAnswers.get(edgeId)?.values() ?? [])]
  }

  setListAnswer(edgeId: string, answer: ListAnswer): void {
    const answers = this.#listAnswers.get(edgeId) ?? new Map<string, ListAnswer>()
    answers.set(answer.list, answer)
    this.#listAnswers.set(edgeId, answers)
  }

  async #loadMarks(sql: Sql): Promise<void> {
    const rows = await sql.all<MarkRow>('SELECT * FROM marks ORDER BY order_no')
    for (const row of rows) {
      const ahead = await sql.all<{ sequence: number }>(
        `SELECT sequence FROM events WHERE edge_id = ? AND epoch = ? AND sequence > ?
         UNION SELECT sequence FROM skips WHERE edge_id = ? AND epoch = ? AND sequence > ?`,
        [row.edge_id, row.epoch, row.up_to, row.edge_id, row.epoch, row.up_to],
      )
      this.setMark({
        edgeId: row.edge_id,
        epoch: row.epoch,
        orderNo: row.order_no,
        upTo: row.up_to,
        lastHash: row.last_hash,
        firstAt: row.first_at,
        lastAt: row.last_at,
        ahead: new Set(ahead.map((one) => one.sequence)),
      })
    }
    for (const one of await highestStored(sql, [...this.#marks.values()])) this.setHighestStored(one)
  }

  async #loadRecords(sql: Sql): Promise<void> {
    const passages = await sql.all<{ record: string }>(
      `SELECT record FROM (
         SELECT * FROM passages WHERE ended_at IS NULL
         UNION SELECT * FROM (SELECT * FROM passages ORDER BY opened_at DESC LIMIT ${passagesKept / 2}))
       ORDER BY opened_at`,
    )
    for (const row of passages) this.setPassage(JSON.parse(row.record) as PassageRecord)
    const escalations = await sql.all<{ record: string }>(
      `SELECT record FROM (
         SELECT * FROM escalations WHERE state <> 'CLOSED'
         UNION SELECT * FROM (SELECT * FROM escalations ORDER BY changed_at DESC LIMIT ${escalationsKept / 2}))
       ORDER BY opened_at`,
    )
    for (const row of escalations) this.setEscalation(JSON.parse(row.record) as EscalationRecord)
  }
}

export function freshMark(edgeId: string, epoch: string, orderNo: number, atMs: number): Mark {
  return {
    edgeId,
    epoch,
    orderNo,
    upTo: 0,
    lastHash: firstPreviousHash,
    firstAt: atMs,
    lastAt: atMs,
    ahead: new Set(),
  }
}

interface MarkRow {
  readonly edge_id: string
  readonly epoch: string
  readonly order_no: number
  readonly up_to: number
  readonly last_hash: string | null
  readonly first_at: number
  readonly last_at: number
}

function keyOf(edgeId: string, part: string): string {
  return `${edgeId}/${part}`
}

/** Drops the oldest that may go while there are too many; what is open stays whatever it costs. */
function trim<T>(records: Map<string, T>, keep: number, mayGo: (record: T) => boolean): void {
  if (records.size <= keep) return
  for (const [id, record] of records) {
    if (records.size <= keep) return
    if (mayGo(record)) records.delete(id)
  }
}
