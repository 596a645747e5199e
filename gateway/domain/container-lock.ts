import type { ContainerEntry, DeclarationEntry } from '../../edge/messages/cargo-entities.js'
import type { ContainerLockState, UnlockNeed } from '../api/task-schemas.js'
import { isInspectorsMatter, type InspectionRecord } from './inspection.js'
import type { KnownEvent } from './judge.js'

export type ContainerLocked = KnownEvent & { readonly type: 'containerLocked' }

/** The lock of a container (domain.md 5.2) as the gateway keeps it, beside the word in the list. */
export type LockRecord = ContainerLockState

const namesMax = 64

/**
 * What a lane's word makes of a lock. Said of a container that is locked already it changes nothing, but for
 * what is new: another order, a treatment that is to be done as well.
 */
export function lockAfter(
  before: LockRecord | undefined,
  number: string,
  event: ContainerLocked,
): LockRecord {
  const { edgeId, passageId, occurredAt: lockedAt, body } = event
  const { declarationNos, orderIds, obligations = [], tripId = null } = body
  const treatmentOrdered = obligations.includes('DISINFECT')
  if (before?.state !== 'LOCKED') {
    const version = (before?.version ?? 0) + 1
    const about = { declarationNos, orderIds, treatmentOrdered, lockedAt, unlocked: null }
    return { number, state: 'LOCKED', version, edgeId, passageId, tripId, ...about }
  }
  const after: LockRecord = {
    ...before,
    tripId: before.tripId ?? tripId,
    declarationNos: merged(before.declarationNos, declarationNos),
    orderIds: merged(before.orderIds, orderIds),
    treatmentOrdered: before.treatmentOrdered || treatmentOrdered,
  }
  return isSame(before, after) ? before : { ...after, version: before.version + 1 }
}

/** A container that nobody has registered yet: all that is known of it is that it is locked. */
export function lockedEntry(before: ContainerEntry | undefined, number: string): ContainerEntry {
  const unknown: ContainerEntry = {
    kind: 'container',
    number,
    originArea: null,
    lastPorts: [],
    lock: 'LOCKED',
  }
  return before === undefined ? unknown : { ...before, lock: 'LOCKED' }
}

/** A lock that stands in the list without any lane having set it. */
export function importedLock(number: string): LockRecord {
  return {
    number,
    state: 'LOCKED',
    version: 0,
    edgeId: null,
    passageId: null,
    tripId: null,
    declarationNos: [],
    orderIds: [],
    treatmentOrdered: false,
    lockedAt: 0,
    unlocked: null,
  }
}

export interface LockPapers {
  /** Declarations that the container crosses on. */
  readonly declarations: readonly DeclarationEntry[]
  /** False: a trip with it names a declaration that nobody has. */
  readonly isComplete: boolean
  /** Tasks about it. */
  readonly inspections: readonly InspectionRecord[]
}

/**
 * What an officer lacks to unlock: an inspection that was passed, and, where one is ordered, the treatment
 * (domain.md 5.2; scenario 12). The declarations say both where there are any, else the tasks since the lock.
 */
export function missingToUnlock(lock: LockRecord, of: LockPapers): UnlockNeed[] {
  const papers = of.declarations.filter(isInspectorsMatter)
  const tasks = of.inspections.filter(
    ({ containers, result }) => containers.includes(lock.number) && (result?.at ?? 0) >= lock.lockedAt,
  )
  const looked = papers.length > 0 ? papers.map(({ result }) => result) : [newestResult(tasks)]
  const isPassed = of.isComplete && looked.every((result) => result === 'PASS' || result === 'TREAT')
  const isOrdered = lock.treatmentOrdered || looked.includes('TREAT')
  const isTreated =
    papers.length > 0
      ? papers.every(({ treatmentDone }) => treatmentDone)
      : tasks.some(({ treatment }) => treatment !== null)
  return [
    ...(isPassed ? [] : (['inspectionPass'] as const)),
    ...(isOrdered && !isTreated ? (['treatment'] as const) : []),
  ]
}

/** The newest word counts: a container that failed after it had passed has failed. */
function newestResult(tasks: readonly InspectionRecord[]): string | null {
  const results = tasks.flatMap(({ result }) => (result === null ? [] : [result]))
  return results.sort((a, b) => b.at - a.at)[0]?.is ?? null
}

export function unlocked(before: LockRecord, by: string, reason: string, at: number): LockRecord {
  return { ...before, state: 'UNLOCKED', version: before.version + 1, unlocked: { by, reason, at } }
}

function merged(known: readonly string[], more: readonly string[]): string[] {
  return [...new Set([...known, ...more])].slice(0, namesMax)
}

function isSame(a: LockRecord, b: LockRecord): boolean {
  return (
    a.tripId === b.tripId &&
    a.treatmentOrdered === b.treatmentOrdered &&
    a.declarationNos.length === b.declarationNos.length &&
    a.orderIds.length === b.orderIds.length
  )
}
