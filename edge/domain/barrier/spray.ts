import type { LaneSignals, RaiseOutcome, SprayCommand } from '../../interfaces/barrier.js'
import { answerLease, followLease, type Leased } from './lease.js'

/** One request to spray and what is known of its fate. It is never sent a second time (law 4). */
export interface Spray extends Leased {
  readonly commandId: string
  /** The decision that wants the vehicle disinfected, and by whose right it is sprayed. One decision, one spray. */
  readonly decisionId: string
  /** By right of this release of a person instead; absent: the decision's own. One verdict, one spray. */
  readonly verdictId?: string
  readonly minSeconds: number
  readonly plcBootId: string | null
  /** `open`: it may still begin, or be under way; `void`: it did not run to its end. */
  readonly fate: 'open' | 'done' | 'void'
}

/** What the signals newly say of an open request. */
export type SprayFate =
  | { readonly is: 'done'; readonly seconds: number }
  /** It began and was broken off. */
  | { readonly is: 'failed'; readonly detail: string }
  | { readonly is: 'refused'; readonly detail: string }
  /** Certainly without effect, now and later. */
  | { readonly is: 'notSent'; readonly detail: string }
  /** The PLC that could have told is gone. */
  | { readonly is: 'unknown'; readonly detail: string }

export function newSpray(
  command: SprayCommand,
  right: Pick<Spray, 'decisionId' | 'verdictId'>,
  signals: LaneSignals,
): Spray {
  const { commandId, leaseTicks, minSeconds } = command
  const { plcBootId } = signals
  return {
    ...{ ...right, commandId, leaseTicks, minSeconds, plcBootId },
    ...{ answered: null, leaseEndTick: null, fate: 'open' },
  }
}

/** The driver's word for the write; null as fate: the PLC's word is waited for. */
export function answerSpray(
  spray: Spray,
  outcome: RaiseOutcome,
  signals: LaneSignals,
): { spray: Spray; fate: SprayFate | null } {
  if (spray.fate !== 'open') return { spray, fate: null }
  if (outcome.is === 'notSent') return settled(spray, { is: 'notSent', detail: outcome.detail })
  return { spray: answerLease(spray, outcome.is, signals.plcTick), fate: null }
}

/**
 * The fate of a request in the PLC's own words. Only its `done` for this very id, in the boot it was
 * asked of, says that the vehicle is disinfected; time on our side proves nothing.
 */
export function sprayFateOf(
  spray: Spray,
  signals: LaneSignals,
): { readonly spray: Spray; readonly fate: SprayFate | null } {
  const { sprayer, plcBootId } = signals
  if (spray.fate !== 'open' || sprayer === undefined || plcBootId === null) return { spray, fate: null }
  const { commandId } = spray
  if (sprayer.doneCommandId === commandId) {
    const seconds = Math.max(spray.minSeconds, sprayer.sprayedSeconds ?? 0)
    return settled(spray, { is: 'done', seconds })
  }
  if (sprayer.failedCommandId === commandId)
    return settled(spray, { is: 'failed', detail: sprayer.failedWhy ?? 'without a reason' })
  if (sprayer.refusedCommandId === commandId)
    return settled(spray, { is: 'refused', detail: sprayer.refusedWhy ?? 'without a reason' })
  if (spray.plcBootId !== plcBootId) return settled(spray, { is: 'unknown', detail: 'plcRestarted' })
  if (sprayer.acceptedCommandId === commandId) return { spray, fate: null }
  const { request, isOver } = followLease(spray, signals.plcTick)
  return isOver ? settled(request, { is: 'notSent', detail: 'leaseOver' }) : { spray: request, fate: null }
}

function settled(spray: Spray, fate: SprayFate): { spray: Spray; fate: SprayFate } {
  return { spray: { ...spray, fate: fate.is === 'done' ? 'done' : 'void' }, fate }
}
