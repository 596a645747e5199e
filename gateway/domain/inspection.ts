import { hmacSha256Hex } from '../../edge/base/hash.js'
import type { DeclarationEntry } from '../../edge/messages/cargo-entities.js'
import type { InspectionState, InspectionStep, InspectionResult } from '../api/task-schemas.js'
import type { DaySeed } from './draw.js'
import type { KnownEvent } from './judge.js'
import type { PassageRecord } from './passage.js'

/** An inspection task (查验任务, domain.md 5.1 and 5.2) as the gateway keeps it. */
export type InspectionRecord = InspectionState

export type InspectionAsked = KnownEvent & { readonly type: 'inspectionAsked' }

const passagesMax = 16
const reasonsMax = 64

/** The task that an event asks for. One passage is one task, however often its edge says so. */
export function inspectionOf(event: InspectionAsked, passage: PassageRecord | undefined): InspectionRecord {
  const { passageId, edgeId, lane, occurredAt: at, body } = event
  return {
    taskId: `${passageId ?? `${edgeId}.${event.epoch}.${event.sequence}`}.i1`,
    edgeId,
    lane: lane ?? passage?.lane ?? '',
    passageIds: passageId === null ? [] : [passageId],
    vehicleId: passage?.vehicleId ?? null,
    plates: passage?.plates ?? [],
    tripId: body.tripId ?? null,
    containers: body.containers,
    reasons: body.reasons.slice(0, reasonsMax),
    state: 'CREATED',
    version: 1,
    inspector: null,
    drawId: null,
    bay: body.bay ?? null,
    result: null,
    treatment: null,
    receipt: null,
    createdAt: at,
    changedAt: at,
  }
}

/** Whether a trip that is sent to inspection again comes to this task, or needs a new one. */
export function takesMore({ state, tripId }: InspectionRecord, event: InspectionAsked): boolean {
  return tripId !== null && tripId === event.body.tripId && state !== 'RESULT' && state !== 'CLOSED'
}

/** The same trip, at the line again before anybody has looked at it. */
export function askedAgain(before: InspectionRecord, event: InspectionAsked): InspectionRecord {
  const { passageId, body, occurredAt } = event
  if (passageId === null || before.passageIds.includes(passageId)) return before
  return {
    ...before,
    passageIds: [...before.passageIds, passageId].slice(0, passagesMax),
    reasons: [...new Set([...before.reasons, ...body.reasons])].slice(0, reasonsMax),
    containers: [...new Set([...before.containers, ...body.containers])].sort(),
    version: before.version + 1,
    changedAt: Math.max(before.changedAt, occurredAt),
  }
}

/**
 * A task whose vehicle a person released or sent back at the lane: there is nothing left to be inspected. One
 * that has its result stays as it is.
 */
export function cancelledBy(
  before: InspectionRecord,
  why: NonNullable<InspectionRecord['cancelled']>,
): InspectionRecord {
  if (before.state === 'RESULT' || before.state === 'CLOSED') return before
  return { ...before, state: 'CLOSED', cancelled: why, version: before.version + 1, changedAt: why.at }
}

/** The vehicle did not come in time. */
export function missed(before: InspectionRecord, atMs: number): InspectionRecord {
  return {
    ...before,
    missedAt: atMs,
    version: before.version + 1,
    changedAt: Math.max(before.changedAt, atMs),
  }
}

const drawnBits = 48

/**
 * The inspector of a task, drawn as trips are (draw.ts): a function of the day's seed and of the task, so that
 * nobody chooses whom he meets, and everybody can do the sum on the day after. Nobody configured: unchanged.
 */
export function withInspector(
  task: InspectionRecord,
  seed: DaySeed,
  inspectors: readonly string[],
): InspectionRecord {
  const names = [...new Set(inspectors)].sort()
  const mac = hmacSha256Hex(seed.seed, `inspector\n${task.taskId}`)
  const share = Number.parseInt(mac.slice(0, drawnBits / 4), 16) / 2 ** drawnBits
  const inspector = names[Math.floor(share * names.length)]
  if (inspector === undefined) return task
  return { ...task, state: 'ASSIGNED', inspector, drawId: `${seed.day}-${mac.slice(0, 12)}` }
}

export interface StepBy {
  readonly by: string
  /** UTC ms. */
  readonly at: number
  /** Who may inspect; empty: whoever is signed in. */
  readonly inspectors: readonly string[]
}

export type StepRefusal = 'conflict' | 'wrongState' | 'notAllowed' | 'notAnInspector' | 'needsReason'

export type Stepped =
  | { readonly ok: true; readonly task: InspectionRecord }
  | { readonly ok: false; readonly refusal: StepRefusal }

const no = (refusal: StepRefusal): Stepped => ({ ok: false, refusal })

/** What a task is after a step of a person, or why it is not taken. */
export function stepped(before: InspectionRecord, { version, what }: InspectionStep, on: StepBy): Stepped {
  if (version !== before.version) return no('conflict')
  const yes = (change: Partial<InspectionRecord>): Stepped => ({
    ok: true,
    task: { ...before, ...change, version: before.version + 1, changedAt: on.at },
  })
  const { state } = before
  switch (what.do) {
    case 'assign':
      return assigned(before, what, on, yes)
    case 'checkIn':
      if (state !== 'ASSIGNED') return no('wrongState')
      return mine(before, on, () =>
        yes({ state: 'CHECKED_IN', bay: what.bay === '' ? before.bay : what.bay }),
      )
    case 'start':
      if (state !== 'CHECKED_IN') return no('wrongState')
      return mine(before, on, () => yes({ state: 'IN_PROGRESS' }))
    case 'result': {
      if (state !== 'IN_PROGRESS') return no('wrongState')
      const { result: is, remark } = what
      if (is !== 'PASS' && remark.trim() === '') return no('needsReason')
      return mine(before, on, () => yes({ state: 'RESULT', result: { is, remark, by: on.by, at: on.at } }))
    }
    case 'treated':
      return treated(before, what.remark, on, yes)
    case 'close':
      if (state !== 'RESULT') return no('wrongState')
      return mine(before, on, () => yes({ state: 'CLOSED' }))
  }
}

type Yes = (change: Partial<InspectionRecord>) => Stepped

function assigned(
  { state, inspector }: InspectionRecord,
  what: { readonly inspector: string; readonly remark: string },
  { inspectors }: StepBy,
  yes: Yes,
): Stepped {
  if (state !== 'CREATED' && state !== 'ASSIGNED') return no('wrongState')
  if (inspectors.length > 0 && !inspectors.includes(what.inspector)) return no('notAnInspector')
  if (inspector === what.inspector) return no('conflict')
  if (inspector !== null && what.remark.trim() === '') return no('needsReason')
  return yes({ state: 'ASSIGNED', inspector: what.inspector, drawId: null })
}

/** Only the inspector of the task. */
function mine({ inspector }: InspectionRecord, { by }: StepBy, then: () => Stepped): Stepped {
  return inspector === by ? then() : no('notAllowed')
}

/** Whoever treats is not who inspects; it is told once, after a result that it can follow. */
function treated(
  { state, result, treatment }: InspectionRecord,
  remark: string,
  { by, at }: StepBy,
  yes: Yes,
): Stepped {
  const isTreatable = result?.is === 'PASS' || result?.is === 'TREAT'
  if ((state !== 'RESULT' && state !== 'CLOSED') || !isTreatable || treatment !== null)
    return no('wrongState')
  return yes({ treatment: { remark, by, at } })
}

const alive: readonly DeclarationEntry['state'][] = ['SUBMITTED', 'ACCEPTED', 'RELEASED']

/** Inspectors speak for IQ and whoever else is not customs: customs gives its results itself (domain.md A3). */
export function isInspectorsMatter({ agency, state }: DeclarationEntry): boolean {
  return agency !== 'CUSTOMS' && alive.includes(state)
}

/** What a result means in the papers: what is destroyed or detained has failed. */
export const resultInPapers: Readonly<Record<InspectionResult, NonNullable<DeclarationEntry['result']>>> = {
  PASS: 'PASS',
  TREAT: 'TREAT',
  RETURN: 'RETURN',
  DESTROY: 'FAIL',
  DETAIN: 'FAIL',
}

/** A declaration after the step of a task, where it changes; a treatment that is ordered now was not done before. */
export function declarationAfter(
  entry: DeclarationEntry,
  what: InspectionStep['what'],
): DeclarationEntry | null {
  if (!isInspectorsMatter(entry)) return null
  if (what.do === 'treated') return { ...entry, treatmentDone: true }
  if (what.do !== 'result') return null
  const result = resultInPapers[what.result]
  return { ...entry, result, ...(what.result === 'TREAT' ? { treatmentDone: false } : {}) }
}
