import type { ControlOrder } from '../../edge/messages/entities.js'
import { ordersAfter } from './auto-order.js'
import { closed, escalationAfter, type EscalationRecord } from './escalation.js'
import type { KnownEvent } from './judge.js'
import { passageAfter, passageOfLostEpoch, type PassageRecord } from './passage.js'

/** What a projection may look at: the state before the event, the changes of this batch included. */
export interface World {
  passage(passageId: string): PassageRecord | undefined
  escalation(escalationId: string): EscalationRecord | undefined
  /** Escalations of one passage that are not closed. */
  openEscalationsOf(passageId: string): readonly EscalationRecord[]
}

export interface Projected {
  readonly passages: readonly PassageRecord[]
  readonly escalations: readonly EscalationRecord[]
  readonly orders: readonly ControlOrder[]
}

const nothing: Projected = { passages: [], escalations: [], orders: [] }

/** What one event changes. Applied in the order of the sequence, each event once. */
export function project(world: World, event: KnownEvent): Projected {
  if (event.passageId === null) return nothing
  const before = world.passage(event.passageId)
  // An id is a claim: an edge speaks only about passages and escalations of its own.
  if (before && before.edgeId !== event.edgeId) return nothing
  const after = passageAfter(before, event)
  const escalations = escalationsTouched(world, event)
    .map(([was, is]) => (is && is !== was ? is : undefined))
    .filter((one) => one !== undefined)
  return {
    passages: after && after !== before ? [after] : [],
    escalations,
    orders: ordersAfter(event, after),
  }
}

/** What ends when an edge comes back with a new database: its old passages will never be told the end of. */
export function projectLostEpoch(
  passages: readonly PassageRecord[],
  escalations: readonly EscalationRecord[],
  atMs: number,
): Projected {
  return {
    passages: passages.map((one) => passageOfLostEpoch(one, atMs)),
    escalations: escalations.map((one) => closed(one, 'edgeStartedAnew', atMs)),
    orders: [],
  }
}

/** Ids of what an event speaks about, so that they can be at hand before it is projected. */
export function idsOf(event: KnownEvent): { passageId: string | null; escalationId: string | null } {
  const { passageId } = event
  switch (event.type) {
    case 'escalationOpened':
    case 'escalationRaised':
    case 'verdictJudged':
    case 'escalationClosed':
      return { passageId, escalationId: event.body.escalationId }
    default:
      return { passageId, escalationId: null }
  }
}

type Step = readonly [EscalationRecord | undefined, EscalationRecord | undefined]

function escalationsTouched(world: World, event: KnownEvent): Step[] {
  switch (event.type) {
    case 'escalationOpened':
    case 'escalationRaised':
    case 'verdictJudged':
    case 'escalationClosed': {
      const before = world.escalation(event.body.escalationId)
      if (before && before.edgeId !== event.edgeId) return []
      return [[before, escalationAfter(before, event)]]
    }
    case 'passageEnded':
      return world
        .openEscalationsOf(event.passageId ?? '')
        .filter((one) => one.edgeId === event.edgeId)
        .map((one) => [one, escalationAfter(one, event)])
    default:
      return []
  }
}
