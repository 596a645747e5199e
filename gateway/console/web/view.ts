import type { EmergencyState } from '../../api/mode-schemas.js'
import type { EdgeState, EscalationState, GatewayState, PassageState } from '../../api/schemas.js'
import type { LaneSnapshot } from '../../../edge/messages/up.js'
import type { Language } from '../../../edge/messages/text/catalogue.js'
import type { Model } from './model.js'

/** What the page shows, worked out from the model and the time: pure, so that it can be tested without a browser. */

/** Silence after which what is shown counts as old: the gateway speaks at least every 5 s, an edge every 2 s. */
export const staleAfterMs = 7_000

export function gatewayNowMs(model: Model, monoMs: number): number {
  return monoMs + model.gatewayOffsetMs
}

/** Milliseconds since the gateway last said anything; null: it never did. */
export function dataAgeMs(model: Model, monoMs: number): number | null {
  return model.heardMonoMs === null ? null : Math.max(0, monoMs - model.heardMonoMs)
}

/** Whether the page must not be taken for the present. A cut feed is stale at once, not only after a while. */
export function isStale(model: Model, monoMs: number): boolean {
  const ageMs = dataAgeMs(model, monoMs)
  return model.feed === 'cut' || (ageMs !== null && ageMs > staleAfterMs)
}

/** What an edge's own clock shows now: its times are judged by it, whatever the gateway's clock says. */
export function edgeNowMs(model: Model, edgeId: string, monoMs: number): number {
  return gatewayNowMs(model, monoMs) + (model.edgeOffsetsMs[edgeId] ?? 0)
}

/** `live`: heard of lately; `silent`: connected but quiet; `away`: not connected; `never`: no report since the gateway's start. */
export type EdgePresence = 'live' | 'silent' | 'away' | 'never'

export function presenceOf(model: Model, edge: EdgeState, monoMs: number): EdgePresence {
  if (!edge.connected) return edge.health || edge.lastSeenAt !== null ? 'away' : 'never'
  if (!edge.health) return 'never'
  const quietMs = edgeQuietMs(model, edge, monoMs)
  return quietMs !== null && quietMs > staleAfterMs ? 'silent' : 'live'
}

/** Since the gateway last heard of the edge; null: never. */
export function edgeQuietMs(model: Model, edge: EdgeState, monoMs: number): number | null {
  return edge.lastSeenAt === null ? null : Math.max(0, gatewayNowMs(model, monoMs) - edge.lastSeenAt)
}

/** One card of the page. `snapshot` is null where only an escalation tells of the lane. */
export interface LaneView {
  readonly key: string
  readonly edgeId: string
  readonly lane: string
  readonly snapshot: LaneSnapshot | null
  readonly presence: EdgePresence
  readonly quietMs: number | null
  /** Milliseconds since the last tag was heard, by the edge's own clock. */
  readonly lastTagAgeMs: number | null
  /** Open and answered ones, the oldest first; and a closed one while its vehicle still stands there. */
  readonly escalations: readonly EscalationState[]
}

/** Every lane that is known of, always in the same order: people find things by their place. */
export function laneViews(model: Model, monoMs: number): LaneView[] {
  const { state } = model
  if (!state) return []
  const views = state.edges.flatMap((edge) =>
    (edge.health?.lanes ?? []).map((snapshot): LaneView => {
      const tag = snapshot.lastTag
      return {
        key: laneKey(edge.edgeId, snapshot.lane),
        edgeId: edge.edgeId,
        lane: snapshot.lane,
        snapshot,
        presence: presenceOf(model, edge, monoMs),
        quietMs: edgeQuietMs(model, edge, monoMs),
        lastTagAgeMs: tag ? Math.max(0, edgeNowMs(model, edge.edgeId, monoMs) - tag.heardAt) : null,
        escalations: escalationsOf(state, edge.edgeId, snapshot.lane, snapshot.passageId),
      }
    }),
  )
  const known = new Set(views.map((view) => view.key))
  for (const escalation of state.escalations) {
    const key = laneKey(escalation.edgeId, escalation.lane)
    if (escalation.state === 'CLOSED' || known.has(key)) continue
    known.add(key)
    views.push({
      key,
      edgeId: escalation.edgeId,
      lane: escalation.lane,
      snapshot: null,
      presence: 'never',
      quietMs: null,
      lastTagAgeMs: null,
      escalations: escalationsOf(state, escalation.edgeId, escalation.lane, null),
    })
  }
  return views
}

export function laneKey(edgeId: string, lane: string): string {
  return `${edgeId}/${lane}`
}

function escalationsOf(
  state: GatewayState,
  edgeId: string,
  lane: string,
  passageId: string | null,
): EscalationState[] {
  const ofLane = state.escalations.filter((one) => one.edgeId === edgeId && one.lane === lane)
  const waiting = ofLane.filter((one) => one.state !== 'CLOSED').sort((a, b) => a.openedAt - b.openedAt)
  if (waiting.length > 0) return waiting
  const isGone = state.passages.some((one) => one.passageId === passageId && one.endedAt !== null)
  const closed = ofLane.find((one) => passageId !== null && one.passageId === passageId)
  return closed && !isGone ? [closed] : []
}

/** An emergency opening of the lane that may still be confirmed; null: none. */
export function emergencyOf(
  model: Model,
  { edgeId, lane }: Pick<LaneView, 'edgeId' | 'lane'>,
  monoMs: number,
): EmergencyState | null {
  const nowMs = gatewayNowMs(model, monoMs)
  const waiting = model.state?.emergencies ?? []
  return waiting.find((one) => one.edgeId === edgeId && one.lane === lane && one.expiresAt > nowMs) ?? null
}

/** Cases that wait for a person, the most urgent first. */
export function waitingEscalations(model: Model): EscalationState[] {
  const open = model.state?.escalations.filter((one) => one.state === 'OPEN') ?? []
  return open.sort((a, b) => a.deadlineAt - b.deadlineAt)
}

/** Until the deadline, by the edge's clock; negative once it has passed. */
export function remainingMs(model: Model, escalation: EscalationState, monoMs: number): number {
  return escalation.deadlineAt - edgeNowMs(model, escalation.edgeId, monoMs)
}

export function passagesOf(passages: readonly PassageState[], key: string | null): readonly PassageState[] {
  return key === null ? passages : passages.filter((one) => laneKey(one.edgeId, one.lane) === key)
}

/** Where the drawing puts the vehicle, from the loops alone: the page shows no more than is known. */
export type VehiclePlace = 'none' | 'atStopLine' | 'underBar' | 'leaving' | 'unknown'

export function vehiclePlace(lane: Pick<LaneSnapshot, 'entryLoop' | 'exitLoop'>): VehiclePlace {
  if (lane.entryLoop === 'unknown' || lane.exitLoop === 'unknown') {
    return lane.entryLoop === 'occupied' ? 'atStopLine' : lane.exitLoop === 'occupied' ? 'leaving' : 'unknown'
  }
  if (lane.entryLoop === 'occupied') return lane.exitLoop === 'occupied' ? 'underBar' : 'atStopLine'
  return lane.exitLoop === 'occupied' ? 'leaving' : 'none'
}

const ageUnits: Readonly<Record<Language, readonly [string, string, string, string]>> = {
  'zh-CN': [' 秒', ' 分', ' 小时', ' 天'],
  en: [' s', ' min', ' h', ' d'],
}

/** `7 s`, `3 min`, `2 h`, `5 d`: one unit, rounded down, enough to see whether it is old. */
export function ageText(ms: number, language: Language): string {
  const [second, minute, hour, day] = ageUnits[language]
  const seconds = Math.max(0, Math.floor(ms / 1000))
  if (seconds < 120) return `${seconds}${second}`
  if (seconds < 7_200) return `${Math.floor(seconds / 60)}${minute}`
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)}${hour}`
  return `${Math.floor(seconds / 86_400)}${day}`
}

/** `0:07`, `12:30`: for a countdown that is read from across the room. */
export function countdownText(ms: number): string {
  const seconds = Math.ceil(Math.abs(ms) / 1000)
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}

const times: Readonly<Record<Language, Intl.DateTimeFormat>> = {
  'zh-CN': new Intl.DateTimeFormat('zh-CN', { timeStyle: 'medium', hourCycle: 'h23' }),
  en: new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium', hourCycle: 'h23' }),
}

/** Time of day in the viewer's time zone. */
export function timeText(wallMs: number, language: Language): string {
  return times[language].format(wallMs)
}
