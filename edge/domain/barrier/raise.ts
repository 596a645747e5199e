import type { LaneSignals, RaiseOutcome } from '../../interfaces/barrier.js'
import { answerLease, followLease, type Leased } from './lease.js'

/** By what right a barrier may be asked to rise. One right, one intent. */
export type Right =
  | { readonly by: 'decision'; readonly decisionId: string }
  | { readonly by: 'verdict'; readonly verdictId: string }
  | { readonly by: 'command'; readonly commandId: string }
  /** One request for one vehicle: `no` counts those of its passage. */
  | { readonly by: 'emergency'; readonly commandId: string; readonly no: number }

/** One request to raise and what is known of its fate. It is never sent a second time (law 4). */
export interface Raise extends Leased {
  readonly commandId: string
  readonly right: Right
  /** PLC boot that the request was made for; null: not known when it was asked. */
  readonly plcBootId: string | null
  readonly fate: 'open' | 'accepted' | 'void'
}

/** What the signals newly say of an open request, or null when they say nothing new. */
export type Fate =
  | { readonly is: 'accepted' | 'refused'; readonly detail: string }
  /** Certainly without effect, now and later. */
  | { readonly is: 'notSent'; readonly detail: string }
  /** The PLC that could have told is gone, but the bar is up: taken as accepted. */
  | { readonly is: 'unknown'; readonly detail: string }

export function newRaise(commandId: string, right: Right, leaseTicks: number, signals: LaneSignals): Raise {
  return {
    commandId,
    right,
    leaseTicks,
    plcBootId: signals.plcBootId,
    answered: null,
    leaseEndTick: null,
    fate: 'open',
  }
}

/** The driver's word for the write, with the newest tick known when it came. */
export function answerRaise(raise: Raise, outcome: RaiseOutcome, signals: LaneSignals): Raise {
  if (outcome.is === 'notSent') return raise.fate === 'open' ? { ...raise, fate: 'void' } : raise
  return answerLease(raise, outcome.is, signals.plcTick)
}

/**
 * Reads the fate of a request from the PLC's own words: the id it accepted, the id it refused, a new
 * boot (which accepts nothing of the old one), or its ticks beyond the lease. Time on our side
 * proves nothing: a silent PLC may still take the request.
 */
export function fateOf(raise: Raise, signals: LaneSignals): { raise: Raise; fate: Fate | null } {
  if (raise.fate !== 'open') return { raise, fate: null }
  if (signals.acceptedCommandId === raise.commandId)
    return settled(raise, 'accepted', { is: 'accepted', detail: 'the PLC names the request as accepted' })
  if (signals.refusedCommandId === raise.commandId)
    return settled(raise, 'void', { is: 'refused', detail: signals.refusedWhy ?? 'without a reason' })
  if (signals.plcBootId === null) return { raise, fate: null }
  if (raise.plcBootId !== null && signals.plcBootId !== raise.plcBootId) {
    if (signals.barrier === 'lowered')
      return settled(raise, 'void', { is: 'notSent', detail: 'plcRestarted' })
    if (signals.barrier === 'raised' || signals.barrier === 'moving')
      return settled(raise, 'accepted', { is: 'unknown', detail: 'plcRestarted with the bar up' })
    return { raise, fate: null }
  }
  const { request, isOver } = followLease(raise, signals.plcTick)
  return isOver
    ? settled(request, 'void', { is: 'notSent', detail: 'leaseOver' })
    : { raise: request, fate: null }
}

function settled(raise: Raise, fate: 'accepted' | 'void', word: Fate): { raise: Raise; fate: Fate } {
  return { raise: { ...raise, fate }, fate: word }
}

/** Refusals after which the same vehicle may be decided anew at once; others need a person. */
export function mayTryAgain(fate: Fate): boolean {
  if (fate.is === 'notSent') return true
  return fate.is === 'refused' && ['expired', 'watchdog', 'otherBoot'].includes(fate.detail)
}
