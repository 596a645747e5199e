import { randomBytes } from 'node:crypto'
import type { Clock } from '../../edge/base/clock.js'
import { sha256Hex } from '../../edge/base/hash.js'
import type { ListHead } from '../../edge/messages/down.js'
import type { DrawEntry } from '../../edge/messages/cargo-entities.js'
import type { ListEntry, ListName } from '../../edge/messages/entities.js'
import type { InspectionStep, ReceiptRequest, ReceiptState } from '../api/task-schemas.js'
import { Refusal } from '../desk/refusal.js'
import { feeOf, type Disinfected } from '../domain/fee.js'
import {
  askedAgain,
  cancelledBy,
  declarationAfter,
  inspectionOf,
  resultInPapers,
  stepped,
  takesMore,
  withInspector,
  type InspectionAsked,
  type InspectionRecord,
  type StepRefusal,
} from '../domain/inspection.js'
import { drawAfter } from '../domain/draw.js'
import { newestVersions, type ControlVersions } from '../store/control-history.js'
import { isOnOldLists, recheckPassage } from './recheck.js'
import type { FollowedUp, LetGo, WentThrough } from '../domain/follow-up.js'
import type { PassageRecord } from '../domain/passage.js'
import type { PlaceOrders } from '../inbox/overlay.js'
import { endReferral, saveReferral } from '../store/alerts.js'
import { subjectOf } from '../domain/receipt.js'
import { seedOf } from '../predecision/seeds.js'
import type { Database, Sql } from '../store/database.js'
import { entriesByKey } from '../store/list-names.js'
import { audit } from '../store/records.js'
import {
  findInspection,
  inspectionsOfPassage,
  inspectionsOfTrip,
  saveFee,
  saveInspection,
  saveReceipt,
} from '../store/tasks.js'
import type { ReceiptKey } from './receipts.js'
import { tellSecretPassed } from './secret-passed.js'
import type { ContainerLocks } from './locks.js'
import { declarationsOfTrip } from './papers.js'

export interface TasksGiven {
  readonly database: Database
  readonly clock: Clock
  /** Names under which inspectors sign in; empty: whoever is signed in may take a task. */
  readonly inspectors: readonly string[]
  /** Receipts are signed with it, and say this site. */
  readonly receiptKey: ReceiptKey
  readonly site: string
  /** How long a receipt is good, ms. */
  readonly receiptForMs: number
  /** Who may issue receipts by hand. */
  readonly receiptIssuers: readonly string[]
  /** The next version of a list, inside the transaction; undefined: nothing changes. */
  readonly write: (
    sql: Sql,
    list: ListName,
    change: { readonly upserts: readonly ListEntry[]; readonly deletes: readonly string[] },
    by: string,
  ) => Promise<ListHead | undefined>
  /** Share of drawn trips that passed which are drawn once more, 0 to 1; absent: {@link drawnAgainShare}. */
  readonly drawnAgainShare?: number
  /** How long a vehicle may take from the lane to its inspection, ms. */
  readonly checkInWithinMs: number
  readonly placeOrders: PlaceOrders
  readonly locks: Pick<ContainerLocks, 'lock'>
  /** Called right after the commit: the versions are in force, and the edges are to be told. */
  readonly onWritten: (heads: readonly ListHead[]) => void
}

const receiptIdBytes = 8

/**
 * What follows from a lane's verdicts behind the lane (domain.md 5.2): inspections and fees; containers in locks.ts.
 * What an event asks for is done inside the transaction that stores it, so that it happens once.
 */
export class Tasks {
  readonly counters = {
    inspectionsAsked: 0,
    feesMade: 0,
    feesSaidAgain: 0,
    inspectionsCancelled: 0,
    /** Passages on the newest lists, and those that were looked at again. */
    passagesOnNewest: 0,
    passagesRechecked: 0,
    passedOffline: 0,
  }
  readonly #given: TasksGiven

  constructor(given: TasksGiven) {
    this.#given = given
  }

  /** Does what events ask for; returns the list versions that it made. */
  async followUp(sql: Sql, asked: readonly FollowedUp[]): Promise<readonly ListHead[]> {
    const heads: ListHead[] = []
    // The same for every passage until one of them makes a version itself.
    let newest: ControlVersions | undefined
    let made = 0
    for (const { event, passage } of asked) {
      switch (event.type) {
        case 'inspectionAsked':
          await this.#inspect(sql, event, passage)
          break
        case 'containerLocked':
          heads.push(...(await this.#given.locks.lock(sql, event)))
          break
        case 'disinfected':
          await this.#charge(sql, event, passage)
          break
        case 'verdictJudged':
        case 'manualRelease':
          await this.#cancel(sql, event)
          break
        case 'passageEnded':
          if (!newest || made !== heads.length) newest = await newestVersions(sql)
          made = heads.length
          heads.push(...(await this.#recheck(sql, event, passage, newest)))
          break
      }
    }
    return heads
  }

  /** One step of a task by a person. Throws {@link Refusal}. */
  async step(taskId: string, step: InspectionStep, by: string): Promise<InspectionRecord> {
    const { database, clock, inspectors, write, onWritten } = this.#given
    const at = clock.now().wallMs
    const done = await database.transact(
      async (sql) => {
        const before = await findInspection(sql, taskId)
        if (!before) throw new Refusal('notFound', `there is no inspection ${taskId}`)
        const result = stepped(before, step, { by, at, inspectors })
        if (!result.ok) throw new Refusal(result.refusal, whyNotStepped[result.refusal])
        const task = await this.#withReceipt(sql, result.task, by, at)
        await saveInspection(sql, task)
        if (step.what.do === 'result') await tellSecretPassed(sql, task, at)
        if (task.state !== 'CREATED' && task.state !== 'ASSIGNED') await endReferral(sql, taskId)
        const declarations = await declarationsOfTrip(sql, task.tripId)
        const upserts = declarations
          .map((entry) => declarationAfter(entry, step.what))
          .filter((one) => one !== null)
        const head = await write(sql, 'declarations', { upserts, deletes: [] }, by)
        const draws = await this.#answerDraw(sql, task, step.what, at)
        const drawHead = await write(sql, 'draws', { upserts: draws, deletes: [] }, by)
        const papers = upserts.map(({ declarationNo }) => declarationNo)
        const detail = { ...step.what, version: task.version, papers }
        await audit(sql, { at, operator: by, action: 'inspection', target: taskId, detail })
        return { task, heads: [head, drawHead].filter((made) => made !== undefined) }
      },
      ({ heads }) => {
        onWritten(heads)
      },
    )
    return done.task
  }

  /** A receipt by hand: a release in the name of an agency. Throws {@link Refusal}. */
  issue(asked: ReceiptRequest, by: string): Promise<ReceiptState> {
    const { database, clock, receiptIssuers } = this.#given
    if (!receiptIssuers.includes(by))
      throw new Refusal('notAllowed', 'the configuration does not name you among those who issue receipts')
    const receiptId = `RC-${randomBytes(receiptIdBytes).toString('hex')}`
    return database.transact((sql) =>
      this.#issue(sql, { ...asked, receiptId, taskId: null }, by, clock.now().wallMs),
    )
  }

  /** A task that is closed after a PASS gives a receipt: the truck may go before every message has come. */
  async #withReceipt(sql: Sql, task: InspectionRecord, by: string, at: number): Promise<InspectionRecord> {
    const subject = subjectOf(task)
    if (task.state !== 'CLOSED' || task.result?.is !== 'PASS' || task.receipt !== null || subject === null)
      return task
    const { taskId } = task
    const receiptId = `RC-${sha256Hex(taskId).slice(0, receiptIdBytes * 2)}`
    const about = { receiptId, taskId, agency: 'IQ', subject, reason: task.result.remark } as const
    const { text } = await this.#issue(sql, about, by, at)
    return { ...task, receipt: { receiptId, text } }
  }

  async #issue(
    sql: Sql,
    about: ReceiptRequest & Pick<ReceiptState, 'receiptId' | 'taskId'>,
    by: string,
    at: number,
  ): Promise<ReceiptState> {
    const { receiptKey, site, receiptForMs } = this.#given
    const { receiptId, agency, subject, taskId, reason } = about
    const validFrom = Math.round(at)
    const says = { receiptId, agency, site, subject, validFrom, validTo: validFrom + receiptForMs }
    const text = receiptKey.textOf(says)
    const receipt: ReceiptState = {
      ...says,
      text,
      taskId,
      issuedBy: by,
      issuedAt: validFrom,
      reason,
      used: null,
    }
    await saveReceipt(sql, receipt)
    const detail = { agency, subject, taskId, reason }
    await audit(sql, { at, operator: by, action: 'receipt', target: receiptId, detail })
    return receipt
  }

  /** The draw of the trip with what its inspection found, where that changes it. */
  async #answerDraw(
    sql: Sql,
    { taskId, tripId, reasons }: InspectionRecord,
    what: InspectionStep['what'],
    at: number,
  ): Promise<DrawEntry[]> {
    if (what.do !== 'result' || tripId === null) return []
    const [draw] = await entriesByKey<DrawEntry>(sql, 'draws', [tripId])
    if (draw === undefined) return []
    const found = { taskId, tripId, reasons, result: resultInPapers[what.result] }
    const after = drawAfter(draw, found, await seedOf(sql, at), this.#given.drawnAgainShare)
    return after === null ? [] : [after]
  }

  async #inspect(sql: Sql, event: InspectionAsked, passage: FollowedUp['passage']): Promise<void> {
    const { tripId = null } = event.body
    const fresh = inspectionOf(event, passage)
    if (await findInspection(sql, fresh.taskId)) return
    const ofTrip = tripId === null ? [] : await inspectionsOfTrip(sql, tripId)
    const open = ofTrip.find((task) => takesMore(task, event))
    if (open) {
      await this.#awaitVehicle(sql, open.taskId)
      const after = askedAgain(open, event)
      if (after !== open) await saveInspection(sql, after)
      return
    }
    const { clock, inspectors } = this.#given
    const seed = await seedOf(sql, clock.now().wallMs)
    await saveInspection(sql, withInspector(fresh, seed, inspectors))
    await this.#awaitVehicle(sql, fresh.taskId)
    this.counters.inspectionsAsked += 1
  }

  /** The vehicle is to come within its time, by this clock: what an edge tells late cannot have been kept to. */
  #awaitVehicle(sql: Sql, taskId: string): Promise<void> {
    return saveReferral(sql, taskId, this.#given.clock.now().wallMs + this.#given.checkInWithinMs)
  }

  /** Whom a person released or sent back at the lane needs not come to inspection any more. */
  async #cancel(sql: Sql, event: LetGo): Promise<void> {
    const { passageId, occurredAt: at, body } = event
    if (passageId === null) return
    const why = event.type === 'verdictJudged' && event.body.answer === 'return' ? 'returned' : 'released'
    for (const before of await inspectionsOfPassage(sql, passageId)) {
      const task = cancelledBy(before, { why, remark: body.reason.slice(0, 500), by: body.by, at })
      if (task === before || before.edgeId !== event.edgeId) continue
      await saveInspection(sql, task)
      await endReferral(sql, task.taskId)
      this.counters.inspectionsCancelled += 1
      const detail = { do: 'cancel', why, passageId, version: task.version }
      await audit(sql, { at, operator: body.by, action: 'inspection', target: task.taskId, detail })
    }
  }

  /** A lane that was cut off let it go by old lists: the gateway looks at it by its own (domain.md 7). */
  async #recheck(
    sql: Sql,
    event: WentThrough,
    passage: PassageRecord | undefined,
    newest: ControlVersions,
  ): Promise<readonly ListHead[]> {
    if (passage === undefined) return []
    if (!isOnOldLists(newest, passage)) {
      this.counters.passagesOnNewest += 1
      return []
    }
    this.counters.passagesRechecked += 1
    const { clock, placeOrders } = this.#given
    const about = { kind: 'passedOffline', passage, passedAt: event.occurredAt } as const
    const done = await recheckPassage(sql, about, { nowMs: clock.now().wallMs, placeOrders })
    this.counters.passedOffline += done.alerts
    return done.heads
  }

  async #charge(sql: Sql, event: Disinfected, passage: FollowedUp['passage']): Promise<void> {
    const fee = feeOf(event, passage)
    if (fee === null) return
    if (await saveFee(sql, fee)) this.counters.feesMade += 1
    else this.counters.feesSaidAgain += 1
  }
}

const whyNotStepped: Readonly<Record<StepRefusal, string>> = {
  conflict: 'the task has changed, or is this inspector’s already: look at it again',
  wrongState: 'the task does not stand where this step begins',
  notAllowed: 'only the inspector of this task may do this',
  notAnInspector: 'the configuration does not name this inspector',
  needsReason: 'this step needs a remark that says why',
}
