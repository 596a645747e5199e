import { randomUUID } from 'node:crypto'
import { createReadStream, createWriteStream, mkdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Clock } from '../../edge/base/clock.js'
import { messageOf } from '../../edge/base/error.js'
import type { Logger } from '../../edge/base/log.js'
import type { ListHead } from '../../edge/messages/down.js'
import type { ListName } from '../../edge/messages/entities.js'
import { lineProblem } from '../../edge/messages/text/line-problem.js'
import { Refusal } from '../desk/refusal.js'
import type { Change } from '../domain/list-change.js'
import type { Database, Sql } from '../store/database.js'
import type { GuardHolds } from './holds.js'
import {
  differencesPage,
  saveImport,
  stagedPages,
  type Difference,
  type DifferenceKind,
} from '../store/imports.js'
import { loadVersion, LoadUnderWay, MovedOn } from '../store/list-load.js'
import type { Memory } from '../store/memory.js'
import { audit } from '../store/records.js'
import { acknowledgementOf, type Acknowledgement } from './formats/acknowledgement.js'
import type { TollingConfig } from './formats/agencies.js'
import { isTolling, type DryRun, type ImportAsk } from './import-record.js'
import { ImportReading } from './import-reading.js'
import { KeptImports, refuseUnlessReady } from './kept-imports.js'
import { refuseMadeHere } from './lists.js'
import { refuseWaitingNumbers } from './order-numbers.js'
import { refuseTooManyPatterns } from './patterns.js'

export interface ImportsGiven {
  readonly database: Database
  readonly memory: Memory
  readonly clock: Clock
  readonly log: Logger
  /** A folder of its own for files that are being read; what is in it at the start is removed. */
  readonly folder: string
  /** Undefined: no files of tolling are taken. */
  readonly tolling: TollingConfig | undefined
  /** Orders are placed and approved one by one (`orders.ts`), and no file brings them. */
  readonly ordersTakeTwo: boolean
  /** Whether a person may know of secret orders; absent: nobody may. */
  readonly seesSecrets?: ((person: string) => boolean) | undefined
  /** Where lists are signed (holds.ts). */
  readonly guardHolds?: GuardHolds | undefined
  /** A version was made: it is in force, and the edges are told. */
  readonly onWritten: (heads: readonly ListHead[]) => void
}

/** Largest file that is taken, bytes, as it comes (packed, if it is). */
const fileMaxBytes = 2 * 1024 ** 3
/** How long the answer to a file waits for the file to be read, so that small ones need no second question. */
const answerWithinMs = 10_000
const pageRows = 4_000

/**
 * Files of lists that come from elsewhere. A file is read into a dry run, which shows what it would change; a
 * person then applies that dry run, and nothing else: where the list has moved on since, it is refused.
 */
export class Imports {
  readonly #given: ImportsGiven
  readonly #kept: KeptImports
  #reading: { readonly record: () => DryRun; readonly done: Promise<void> } | undefined
  #sweeping: Promise<void> = Promise.resolve()
  #applying = false
  #closed = false

  private constructor(given: ImportsGiven) {
    this.#given = given
    this.#kept = new KeptImports(given.database)
  }

  /** Takes up after a start: a file that was being read is gone with the process that read it. */
  static async open(given: ImportsGiven): Promise<Imports> {
    rmSync(given.folder, { recursive: true, force: true })
    mkdirSync(given.folder, { recursive: true, mode: 0o700 })
    const imports = new Imports(given)
    const cut = (await imports.all()).filter(({ state }) => state === 'READING')
    for (const record of cut) {
      await imports.#kept.save({
        ...record,
        state: 'BROKEN',
        fault: { kind: 'format', line: 0, message: 'the gateway was stopped while it read the file' },
      })
    }
    imports.#sweeping = imports.#kept.sweep().catch((error: unknown) => {
      given.log.error({ error: messageOf(error) }, 'rows of imports that are over could not be removed')
    })
    return imports
  }

  /** Stops reading; what was staged is forgotten at the next start. */
  async close(): Promise<void> {
    this.#closed = true
    this.#kept.close()
    await this.#reading?.done
    await this.#sweeping
  }

  /**
   * Takes a file, reads it against the list, and returns what it would change; state READING where that takes
   * longer than 10 s. One file at a time. Throws {@link Refusal}.
   */
  async start(asked: ImportAsk, by: string, source: AsyncIterable<Uint8Array>): Promise<DryRun> {
    const { clock, folder } = this.#given
    this.#refuse(asked)
    if (this.#reading) throw new Refusal('conflict', 'another file is being read: wait for it')
    const importId = randomUUID()
    const file = path.join(folder, importId)
    let record: DryRun = {
      ...{ importId, ...asked, state: 'READING', madeBy: by, madeAt: clock.now().wallMs },
      ...{ baseVersion: this.#head(asked.list).version, read: 0, refusedCount: 0, refused: [] },
      ...{ counts: { added: 0, changed: 0, same: 0, gone: 0 }, head: null, fault: null, applied: null },
    }
    const work = async () => {
      try {
        await pipeline(Readable.from(bounded(source)), createWriteStream(file, { mode: 0o600 }))
        await this.#kept.makeRoom()
        await this.#kept.save(record)
        received()
        record = await this.#read(record, file, (now) => (record = now))
      } finally {
        rmSync(file, { force: true })
        this.#reading = undefined
      }
    }
    let received = (): void => undefined
    const whenReceived = new Promise<void>((resolve) => (received = resolve))
    const done = work()
    this.#reading = { record: () => record, done: done.catch(() => undefined) }
    await Promise.race([whenReceived, done])
    await this.#within(done, answerWithinMs)
    return record
  }

  /** Newest first. */
  all(): Promise<DryRun[]> {
    return this.#kept.all()
  }

  async get(list: ListName, importId: string): Promise<DryRun> {
    const reading = this.#reading?.record()
    if (reading?.importId === importId && reading.list === list) return reading
    const record = await this.#kept.find(importId)
    if (record?.list !== list) throw new Refusal('notFound', `the list ${list} has no import ${importId}`)
    return record
  }

  /** What a dry run would change, in key order. */
  async differences(
    list: ListName,
    importId: string,
    what: DifferenceKind,
    after: string,
    limit: number,
  ): Promise<{ readonly differences: readonly Difference[]; readonly next: string | null }> {
    const record = await this.get(list, importId)
    if (record.state !== 'READY')
      throw new Refusal(
        'wrongState',
        `the import is ${record.state}: differences are shown while it is READY`,
      )
    return this.#given.database.read((sql) => differencesPage(sql, importId, list, what, after, limit))
  }

  /** Puts in force what the dry run showed, as one version. Throws {@link Refusal} where the list has moved on. */
  async apply(list: ListName, importId: string, by: string): Promise<DryRun> {
    if (this.#applying) throw new Refusal('conflict', 'another import is being applied: wait for it')
    this.#applying = true
    try {
      const record = await this.#apply(list, importId, by)
      await this.#kept.forget(importId)
      return record
    } finally {
      this.#applying = false
    }
  }

  async discard(list: ListName, importId: string, by: string): Promise<DryRun> {
    const record = await this.get(list, importId)
    if (record.state !== 'READY')
      throw new Refusal(
        'wrongState',
        `the import is ${record.state}, and only one that is READY is discarded`,
      )
    return this.#kept.discard(record, async (sql) => {
      const at = this.#given.clock.now().wallMs
      await audit(sql, { at, operator: by, action: 'importDiscarded', target: list, detail: { importId } })
    })
  }

  /** The file that tells the other agency what became of its list. Throws {@link Refusal} while nothing has. */
  async acknowledgement(list: ListName, importId: string): Promise<Acknowledgement> {
    const { tolling } = this.#given
    const record = await this.get(list, importId)
    const { format, name, state, fault, head, refusedCount } = record
    if (!tolling || !isTolling(format))
      throw new Refusal('invalid', `a file of the format ${format} is not acknowledged`)
    if (state !== 'BROKEN' && state !== 'APPLIED')
      throw new Refusal('wrongState', `the import is ${state}: apply it first`)
    const outcome = fault?.kind ?? (refusedCount > 0 ? 'detail' : 'good')
    const atMs = record.applied?.at ?? record.madeAt
    const made = acknowledgementOf(tolling, {
      ...{ format, name, outcome, atMs },
      createdAt: head?.createdAt ?? '',
    })
    if (!made) throw new Refusal('invalid', `the name ${name} does not say to whom an acknowledgement goes`)
    return made
  }

  #refuse({ list, format, mode }: ImportAsk): void {
    refuseMadeHere(list)
    if (list === 'orders' && this.#given.ordersTakeTwo)
      throw new Refusal('needsApproval', 'orders are placed one by one, and approved by another person')
    if (mode === 'replace' && (list === 'orders' || list === 'blacklist'))
      throw new Refusal('invalid', `no file ends entries of the list ${list}: they are lifted one by one`, [
        lineProblem('mode', 'noEndByFile'),
      ])
    if (isTolling(format) && list !== 'tags')
      throw new Refusal('invalid', `a file of the format ${format} is a list of tags`, [
        lineProblem('format', 'tagsOnly', { format }),
      ])
    if (isTolling(format) && !this.#given.tolling)
      throw new Refusal('invalid', 'the configuration names no toll agencies (tolling)', [
        lineProblem('format', 'noTollAgencies'),
      ])
  }

  async #read(record: DryRun, file: string, onProgress: (now: DryRun) => void): Promise<DryRun> {
    const { database, log, tolling } = this.#given
    const isClosed = () => this.#closed
    const seesSecrets = this.#given.seesSecrets?.(record.madeBy) ?? false
    const reading = new ImportReading({ database, record, tolling, seesSecrets, isClosed, onProgress })
    let read: DryRun
    try {
      read = await reading.read(createReadStream(file, { highWaterMark: 65_536 }))
    } catch (error) {
      if (this.#closed) return record
      log.error({ importId: record.importId, error: messageOf(error) }, 'a file of a list could not be read')
      const message = 'the gateway failed to read the file; its log says why'
      read = { ...record, state: 'BROKEN', fault: { kind: 'format', line: 0, message } }
    }
    await this.#kept.save(read)
    onProgress(read)
    if (read.state === 'BROKEN') await this.#kept.forget(read.importId)
    return read
  }

  async #apply(list: ListName, importId: string, by: string): Promise<DryRun> {
    const { database, clock, onWritten } = this.#given
    const record = await this.get(list, importId)
    if (record.state !== 'READY') throw new Refusal('wrongState', `the import is ${record.state}`)
    const at = clock.now().wallMs
    const done = async (sql: Sql, version: number): Promise<DryRun> => {
      // Whoever discarded it meanwhile has taken away pages that were to be read.
      await refuseUnlessReady(sql, importId)
      const applied: DryRun = { ...record, state: 'APPLIED', applied: { by, at, version } }
      await saveImport(sql, { ...applied, record: applied })
      const { name, format, mode, refusedCount: refused } = record
      const { added, changed, gone } = record.openCounts ?? record.counts
      const detail = { ...{ importId, version, name, format, mode }, ...{ added, changed, gone, refused } }
      await audit(sql, { at, operator: by, action: 'listImport', target: list, detail })
      return applied
    }
    const { added, changed, gone } = record.counts
    if (added + changed + gone === 0)
      return database.transact(async (sql) => {
        const present = this.#head(list)
        if (present.version !== record.baseVersion) throw movedOn(record, present)
        return done(sql, present.version)
      })
    const pages = stagedPages(importId, pageRows)
    const made = await loadVersion(database, {
      ...{ list, by, atMs: at, baseVersion: record.baseVersion },
      next: async (sql) => {
        if (this.#closed) throw new Refusal('conflict', 'the gateway stops')
        const page = await pages(sql)
        if (page) await this.#guard(sql, list, page, at)
        return page
      },
      finish: async (sql, head) => {
        await refuseWaitingNumbers(sql, head, this.#given.seesSecrets?.(by) ?? false)
        if (list === 'orders') await refuseTooManyPatterns(sql)
        return { head, applied: await done(sql, head.version) }
      },
      committed: ({ head }) => {
        onWritten([head])
      },
    }).catch((error: unknown) => {
      if (error instanceof MovedOn) throw movedOn(record, this.#head(list))
      if (error instanceof LoadUnderWay) throw new Refusal('conflict', error.message)
      throw error
    })
    return made.applied
  }

  async #guard(sql: Sql, list: ListName, page: Change, at: number): Promise<void> {
    const upserts = page.upserts.map(({ entry }) => entry)
    await this.#given.guardHolds?.(sql, list, { upserts, deletes: page.deletes }, at)
  }

  #head(list: ListName): ListHead {
    const head = this.#given.memory.head(list)
    if (!head) throw new Refusal('notFound', `there is no list ${list}`)
    return head
  }

  async #within(done: Promise<void>, ms: number): Promise<void> {
    let cancel = (): void => undefined
    const late = new Promise<void>((resolve) => {
      cancel = this.#given.clock.after('import answer', ms, resolve)
    })
    try {
      await Promise.race([done, late])
    } finally {
      cancel()
    }
  }
}

function movedOn(record: DryRun, present: ListHead): Refusal {
  const message = `${record.list} is at version ${present.version}, and the dry run was made against ${record.baseVersion}: read the file again`
  return new Refusal('listMovedOn', message)
}

async function* bounded(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let bytes = 0
  for await (const chunk of source) {
    bytes += chunk.length
    if (bytes > fileMaxBytes) throw new Refusal('tooLarge', `a file of more than ${fileMaxBytes} bytes`)
    yield chunk
  }
}
