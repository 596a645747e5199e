import type { LaneSnapshot } from '../../messages/up.js'
import { secretCode } from '../lists/control.js'
import { atOf, type LaneState } from './state.js'
import type { LaneView } from './types.js'

/** The lane as a person should see it. */
export function snapshotOf(state: LaneState, view: Pick<LaneView, 'settings' | 'now'>): LaneSnapshot {
  const { passage, signals, shown, lastRead } = state
  const tag = lastRead?.kind === 'tag' ? lastRead : null
  const reason = passage?.phase.at === 'escalated' ? (passage.phase.escalation.reasons[0] ?? null) : null
  return {
    lane: view.settings.id,
    direction: view.settings.direction,
    mode: state.writable ? state.mode : 'CLOSED',
    ...(state.writable && state.emergency !== null && { modeUntil: Math.round(state.emergency.endsAt) }),
    at: atOf(state),
    light: shown?.light ?? 'off',
    barrier: signals.barrier,
    entryLoop: signals.entryLoop,
    exitLoop: signals.exitLoop,
    passageId: passage?.id ?? null,
    reason: reason === null ? null : asSampling(decisiveReason(state) ?? reason),
    prompt: shown?.prompt ?? null,
    ...(shown?.bay && { bay: shown.bay.id }),
    lastTag: tag === null ? null : { epc: tag.epc, heardAt: tag.heardAt.wallMs, rssiDbm: tag.rssiDbm },
    plate: passage?.plates[0]?.plate.text ?? null,
  }
}

/** Whoever sees the lane sees a secret order as the draw that it looks like; the journal has its own code. */
function asSampling(code: string): string {
  return code === secretCode ? 'RND-01' : code
}

/** The reason that decided, where several stand in an escalation. */
function decisiveReason(state: LaneState): string | null {
  const phase = state.passage?.phase
  const primary = state.passage?.judged?.primary
  if (phase?.at !== 'escalated' || primary === undefined) return null
  return phase.escalation.reasons.includes(primary) ? primary : null
}
