import type { EdgeState, EscalationState, GatewayState, PassageState } from '../../api/schemas.js'
import type { Health, LaneSnapshot } from '../../../edge/messages/up.js'

/** Plain values for tests of the page: one edge with one lane, and time that begins at {@link startMs}. */
export const startMs = Date.UTC(2026, 2, 1, 8)

export function aLane(patch: Partial<LaneSnapshot> = {}): LaneSnapshot {
  return {
    lane: 'lane-1',
    direction: 'in',
    mode: 'AUTO',
    at: 'idle',
    light: 'red',
    barrier: 'lowered',
    entryLoop: 'clear',
    exitLoop: 'clear',
    passageId: null,
    reason: null,
    prompt: 'prompt.idle',
    lastTag: null,
    plate: null,
    ...patch,
  }
}

export function aHealth(patch: Partial<Health> = {}): Health {
  return {
    v: 1,
    edgeId: 'edge-1',
    at: startMs,
    bootId: 'boot-1',
    version: '0.1.0',
    clockQuality: 'synchronised',
    lanes: [aLane()],
    faults: [],
    lists: [],
    outbox: { waiting: 0, epoch: 'e1', lastSequence: 1 },
    rssBytes: 100 * 1_048_576,
    counters: {},
    ...patch,
  }
}

export function anEdge(patch: Partial<EdgeState> = {}): EdgeState {
  return {
    edgeId: 'edge-1',
    site: 'site-1',
    connected: true,
    lastSeenAt: startMs,
    stored: { epoch: 'e1', upTo: 1 },
    health: aHealth(),
    ...patch,
  }
}

export function anEscalation(patch: Partial<EscalationState> = {}): EscalationState {
  return {
    escalationId: 'edge-1.e1.lane-1.1.e1',
    edgeId: 'edge-1',
    lane: 'lane-1',
    passageId: 'edge-1.e1.lane-1.1',
    state: 'OPEN',
    version: 1,
    outcome: 'escalate',
    reasons: ['ID-03'],
    interceptOrderIds: [],
    epcs: ['E2801170'],
    plates: [],
    vehicleId: null,
    level: 1,
    openedAt: startMs,
    deadlineAt: startMs + 60_000,
    verdict: null,
    closedWhy: null,
    ...patch,
  }
}

export function aPassage(patch: Partial<PassageState> = {}): PassageState {
  return {
    passageId: 'edge-1.e1.lane-1.1',
    edgeId: 'edge-1',
    lane: 'lane-1',
    direction: 'in',
    openedAt: startMs,
    endedAt: null,
    how: null,
    outcome: null,
    primary: null,
    epcs: [],
    plates: [],
    vehicleId: null,
    byVerdict: false,
    violation: null,
    ...patch,
  }
}

export function aState(patch: Partial<GatewayState> = {}): GatewayState {
  return {
    site: 'site-1',
    gatewayVersion: '0.1.0',
    at: startMs,
    operator: 'operator',
    edges: [anEdge()],
    escalations: [],
    passages: [],
    lists: [],
    ...patch,
  }
}
