import { LanekeeperError, messageOf } from '../base/error.js'
import { firstPreviousHash } from '../messages/envelope.js'
import type { Logger } from '../base/log.js'
import { corrupt, openConnection, openDatabase } from './database.js'
import { insertEventsSql, journalMigrations } from './journal-schema.js'
import { readEvent, type ChainEnd, type EventRow, type RawEvent } from './event-row.js'
import type { Connection, SqlValue } from './sqlite.js'

/** More rows than this go as several statements in one explicit transaction. */
const rowsPerStatement = 32
/** How much of the chain's end is verified at open. */
const verifiedAtOpen = 256

/** What is known of a journal that was opened. */
export interface JournalFacts {
  readonly epoch: string
  readonly end: ChainEnd
  readonly acknowledged: number
  readonly firstKept: number
}

async function metaOf(connection: Connection): Promise<Map<string, string>> {
  const rows = await connection.all<{ key: string; value: string }>('SELECT key, value FROM meta')
  return new Map(rows.map((row) => [row.key, row.value]))
}

async function endOf(connection: Connection): Promise<ChainEnd> {
  const [row] = await connection.all<ChainEnd>(
    'SELECT sequence, hash FROM events ORDER BY sequence DESC LIMIT 1',
  )
  return row ?? { sequence: 0, hash: firstPreviousHash }
}

/** Checks that the newest events hang together; throws `store.corrupt` otherwise. */
async function verifyEnd(connection: Connection, file: string): Promise<void> {
  const rows = await connection.all<RawEvent>(
    'SELECT sequence, hash, envelope FROM events ORDER BY sequence DESC LIMIT ?',
    [verifiedAtOpen],
  )
  const meta = await metaOf(connection)
  let later: ReturnType<typeof readEvent> | null = null
  for (const row of rows) {
    const event = readEvent(row)
    if (event.epoch !== meta.get('epoch') || event.edgeId !== meta.get('edgeId'))
      throw corrupt(file, `event ${row.sequence} is of another edge or epoch than the file`)
    if (event.sequence !== row.sequence)
      throw corrupt(file, `row ${row.sequence} holds event ${event.sequence}`)
    if (later && (later.sequence !== event.sequence + 1 || later.previousHash !== event.hash)) {
      throw corrupt(file, `the chain breaks between ${event.sequence} and ${later.sequence}`)
    }
    later = event
  }
  const [outbox] = await connection.all<{ acknowledged: number }>('SELECT acknowledged FROM outbox')
  const last = rows[0]?.sequence ?? 0
  if (!outbox) throw corrupt(file, 'the acknowledged mark is missing')
  // The gateway cannot have what was never recorded here: this is an older copy of the file, and
  // its next events would carry identities that are already taken.
  if (outbox.acknowledged > last) {
    throw corrupt(file, `event ${outbox.acknowledged} was acknowledged, but ${last} is the last one here`)
  }
}

/**
 * The journal's database file: opened, checked, written in single transactions, and opened again
 * after a disk error. Knows rows and bytes, nothing of lanes or of the gateway.
 */
export class JournalFile {
  readonly file: string
  #connection: Connection
  /** The connection met an error after which nothing it says is believed. */
  #damaged = false
  #dead: LanekeeperError | null = null
  #facts: JournalFacts
  #marked: number

  private constructor(file: string, connection: Connection, facts: JournalFacts) {
    this.file = file
    this.#connection = connection
    this.#facts = facts
    this.#marked = facts.acknowledged
  }

  static async open(
    spec: { readonly file: string; readonly edgeId: string; readonly quickCheckMaxBytes: number },
    given: { readonly wallMs: number; readonly log: Logger; readonly newEpoch: () => string },
  ): Promise<{ readonly opened: JournalFile; readonly movedAside: string | null }> {
    const { connection, movedAside } = await openDatabase(
      { file: spec.file, migrations: journalMigrations, quickCheckMaxBytes: spec.quickCheckMaxBytes },
      given,
      (fresh) => verifyEnd(fresh, spec.file),
    )
    try {
      const facts = await settle(connection, spec, given)
      return { opened: new JournalFile(spec.file, connection, facts), movedAside }
    } catch (error) {
      await connection.close().catch(() => undefined)
      throw error
    }
  }

  get facts(): JournalFacts {
    return this.#facts
  }

  /** Events up to here are known as acknowledged after a restart as well. */
  get marked(): number {
    return this.#marked
  }

  get damaged(): boolean {
    return this.#damaged
  }

  /** The connection, opened again if it has to be. Rejects while the disk does not let it. */
  async connection(): Promise<Connection> {
    if (this.#dead) throw this.#dead
    if (!this.#damaged) return this.#connection
    await this.#connection.close().catch(() => undefined)
    this.#connection = await openConnection(this.file, false)
    await this.#dropUnresolved()
    this.#damaged = false
    return this.#connection
  }

  /** Nothing is believed until the file has been opened and looked at again. */
  distrust(): void {
    this.#damaged = true
  }

  /** All rows or none, durable when it resolves. The rows continue the chain. */
  async insert(rows: readonly EventRow[]): Promise<void> {
    const connection = await this.connection()
    if (rows.length <= rowsPerStatement) await insertRows(connection, rows)
    else {
      await connection.transaction(async () => {
        for (let i = 0; i < rows.length; i += rowsPerStatement)
          await insertRows(connection, rows.slice(i, i + rowsPerStatement))
      })
    }
    const last = rows.at(-1)
    if (last) {
      const { sequence, hash } = last.stored
      this.#facts = { ...this.#facts, end: { sequence, hash } }
    }
  }

  acknowledged(upTo: number): void {
    this.#facts = { ...this.#facts, acknowledged: Math.max(upTo, this.#facts.acknowledged) }
  }

  /** Makes the acknowledged mark durable, if it moved since it was written last. */
  async writeMark(): Promise<void> {
    const { acknowledged } = this.#facts
    if (acknowledged <= this.#marked) return
    const connection = await this.connection()
    await connection.run('UPDATE outbox SET acknowledged = ?1 WHERE acknowledged < ?1', [acknowledged])
    this.#marked = acknowledged
  }

  keptFrom(firstKept: number): void {
    this.#facts = { ...this.#facts, firstKept }
  }

  async close(): Promise<void> {
    if (this.#dead) return
    this.#dead = new LanekeeperError('journal.notWritable', 'the journal is closed')
    await this.#connection.close()
  }

  /**
   * A write that failed may still lie in the WAL and come back when the file is opened anew. Its
   * callers were told that nothing was recorded, nobody was shown it, so it is taken out before
   * its sequence is given again.
   */
  async #dropUnresolved(): Promise<void> {
    const meta = await metaOf(this.#connection)
    const { epoch, end } = this.#facts
    await this.#connection.run('DELETE FROM events WHERE sequence > ?', [end.sequence])
    const found = await endOf(this.#connection)
    if (meta.get('epoch') === epoch && found.sequence === end.sequence && found.hash === end.hash) return
    this.#dead = new LanekeeperError(
      'journal.notWritable',
      `${this.file} no longer ends with event ${end.sequence}: another file is there, or recorded events are gone. Restart the edge`,
    )
    throw this.#dead
  }
}

async function insertRows(connection: Connection, rows: readonly EventRow[]): Promise<void> {
  const values: SqlValue[] = rows.flatMap((row) => row.values)
  await connection.run(insertEventsSql(rows.length), values)
}

/** Gives a new file its identity; checks that an old one is this edge's. */
async function settle(
  connection: Connection,
  spec: { readonly file: string; readonly edgeId: string },
  given: { readonly wallMs: number; readonly newEpoch: () => string },
): Promise<JournalFacts> {
  let meta = await metaOf(connection)
  if (!meta.has('epoch')) {
    await connection.transaction(async () => {
      for (const [key, value] of [
        ['epoch', given.newEpoch()],
        ['edgeId', spec.edgeId],
        ['createdAt', String(given.wallMs)],
      ] as const)
        await connection.run('INSERT INTO meta (key, value) VALUES (?, ?)', [key, value])
    })
    meta = await metaOf(connection)
  }
  const owner = meta.get('edgeId')
  if (owner !== spec.edgeId) {
    throw new LanekeeperError(
      'store.otherEdge',
      `${spec.file} belongs to edge ${owner}, not ${spec.edgeId}: give this edge a data folder of its own`,
    )
  }
  await connection.run('DELETE FROM probe')
  const [first] = await connection.all<{ sequence: number | null }>(
    'SELECT min(sequence) AS sequence FROM events',
  )
  const [outbox] = await connection.all<{ acknowledged: number }>('SELECT acknowledged FROM outbox')
  return {
    epoch: meta.get('epoch') ?? '',
    end: await endOf(connection),
    acknowledged: outbox?.acknowledged ?? 0,
    firstKept: first?.sequence ?? 1,
  }
}

/** The error of every write that cannot be made, with its cause. */
export function notWritable(cause: unknown): LanekeeperError {
  if (cause instanceof LanekeeperError && cause.code === 'journal.notWritable') return cause
  return new LanekeeperError('journal.notWritable', `the journal cannot be written: ${messageOf(cause)}`, {
    cause,
  })
}
