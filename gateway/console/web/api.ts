import type { AlertState, SettleRequest } from '../../api/alert-schemas.js'
import type { EmergencyRequest } from '../../api/mode-schemas.js'
import type {
  EscalationState,
  GatewayState,
  LaneCommandRequest,
  PassageExplanation,
  PassageState,
  VerdictRequest,
} from '../../api/schemas.js'
import type { Supplement } from '../../api/supplement-schemas.js'
import type { InspectionState, InspectionStep, ShownLock, UnlockRequest } from '../../api/task-schemas.js'
import { catalogue, type Language } from '../../../edge/messages/text/catalogue.js'

/** Longer than any answer of a healthy gateway; after it the page says that it does not know. */
export const answerWithinMs = 8_000

export type StateAnswer =
  | { readonly is: 'state'; readonly state: GatewayState }
  | { readonly is: 'signedOut' }
  | { readonly is: 'failed' }

/** The whole picture, as the live feed's snapshot has it. Never rejects. */
export async function fetchState(): Promise<StateAnswer> {
  try {
    const response = await fetch('/api/state', {
      signal: AbortSignal.timeout(answerWithinMs),
      cache: 'no-store',
    })
    if (response.status === 401) return { is: 'signedOut' }
    if (!response.ok) return { is: 'failed' }
    return { is: 'state', state: (await response.json()) as GatewayState }
  } catch {
    return { is: 'failed' }
  }
}

export type VerdictAnswered =
  | { readonly is: 'taken'; readonly escalation: EscalationState | null }
  | { readonly is: 'signedOut' }
  /** `error` is a key of the catalogue. */
  | { readonly is: 'failed'; readonly error: string }

/** Gives an answer. Never rejects; without a word from the gateway it is unknown whether it was taken. */
export async function postVerdict(escalationId: string, request: VerdictRequest): Promise<VerdictAnswered> {
  try {
    const response = await fetch(`/api/escalations/${encodeURIComponent(escalationId)}/verdict`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(request),
      signal: AbortSignal.timeout(answerWithinMs),
    })
    if (response.status === 401) return { is: 'signedOut' }
    const body: unknown = await response.json().catch(() => null)
    if (response.ok) return { is: 'taken', escalation: escalationIn(body) }
    return { is: 'failed', error: errorKey(response.status, body) }
  } catch {
    return { is: 'failed', error: 'api.unreachable' }
  }
}

/** Why a passage was judged as it was. Never rejects; null: it could not be had. */
export function fetchExplanation(
  passageId: string,
  language: Language,
  signal: AbortSignal,
): Promise<PassageExplanation | null> {
  return get<PassageExplanation>(
    `/api/passages/${encodeURIComponent(passageId)}/explanation?lang=${language}`,
    signal,
  )
}

/** What is to be done behind the lanes. */
export interface TaskBoard {
  readonly tasks: readonly InspectionState[]
  readonly inspectors: readonly string[]
  readonly locks: readonly ShownLock[]
}

/** The tasks as they are now. Never rejects; null: they could not be had. */
export async function fetchTasks(signal: AbortSignal): Promise<TaskBoard | null> {
  const [board, found] = await Promise.all([
    get<Pick<TaskBoard, 'tasks' | 'inspectors'>>('/api/inspections?limit=50', signal),
    get<Pick<TaskBoard, 'locks'>>('/api/locks', signal),
  ])
  return board === null || found === null ? null : { ...board, ...found }
}

/** One step of an inspection; null: taken, else a key of the catalogue. Never rejects. */
export function postStep(taskId: string, step: InspectionStep): Promise<string | null> {
  return post(`/api/inspections/${encodeURIComponent(taskId)}`, step)
}

/** Open alerts, the newest first. Never rejects; null: they could not be had. */
export async function fetchAlerts(signal: AbortSignal): Promise<readonly AlertState[] | null> {
  return (await get<{ alerts: AlertState[] }>('/api/alerts?open=true&limit=50', signal))?.alerts ?? null
}

/** Settles an alert; null: done, else a key of the catalogue. Never rejects. */
export function postSettle(alertId: string, request: SettleRequest): Promise<string | null> {
  return post(`/api/alerts/${encodeURIComponent(alertId)}/settle`, request)
}

/** Unlocks a container; null: done, else a key of the catalogue. Never rejects. */
export function postUnlock(number: string, request: UnlockRequest): Promise<string | null> {
  return post(`/api/containers/${encodeURIComponent(number)}/unlock`, request)
}

/** The first person's word for an emergency opening; null: it waits for the second, else a key of the catalogue. */
export function postEmergency(
  edgeId: string,
  lane: string,
  request: EmergencyRequest,
): Promise<string | null> {
  return post(`${laneAddress(edgeId, lane)}/emergency`, request)
}

/** The second person's word; null: the lane is told, else a key of the catalogue. */
export function postConfirm(requestId: string): Promise<string | null> {
  return post(`/api/emergencies/${encodeURIComponent(requestId)}/confirm`, {})
}

export type Commanded =
  { readonly is: 'taken'; readonly commandId: string } | { readonly is: 'failed'; readonly error: string }

/** Orders something of a lane. Never rejects. */
export async function postCommand(
  edgeId: string,
  lane: string,
  request: LaneCommandRequest,
): Promise<Commanded> {
  try {
    const response = await fetch(`${laneAddress(edgeId, lane)}/command`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(request),
      signal: AbortSignal.timeout(answerWithinMs),
    })
    const body = (await response.json().catch(() => null)) as { commandId?: string } | null
    if (response.ok && body?.commandId !== undefined) return { is: 'taken', commandId: body.commandId }
    return { is: 'failed', error: errorKey(response.status, body) }
  } catch {
    return { is: 'failed', error: 'api.unreachable' }
  }
}

export interface CommandWord {
  /** Null: no word of the lane yet. */
  readonly result: 'accepted' | 'refused' | null
  readonly why: string | null
}

/** What became of an order. Never rejects; null: it could not be had. */
export function fetchCommand(commandId: string): Promise<CommandWord | null> {
  return get<CommandWord>(`/api/commands/${encodeURIComponent(commandId)}`)
}

/** What people let pass, the newest first. Never rejects; null: it could not be had. */
export async function fetchReview(
  which: 'contingency' | 'manual' | 'offline',
): Promise<readonly PassageState[] | null> {
  const found = await get<{ passages: PassageState[] }>(`/api/passages?${which}=true&limit=100`)
  return found?.passages ?? null
}

/** What was added to a passage afterwards. Never rejects; null: it could not be had. */
export async function fetchSupplements(passageId: string): Promise<readonly Supplement[] | null> {
  const address = `/api/passages/${encodeURIComponent(passageId)}/supplements`
  return (await get<{ supplements: Supplement[] }>(address))?.supplements ?? null
}

function laneAddress(edgeId: string, lane: string): string {
  return `/api/edges/${encodeURIComponent(edgeId)}/lanes/${encodeURIComponent(lane)}`
}

/** Null: it could not be had, or nobody wants it any more (`signal`). Never rejects. */
export async function get<T>(address: string, signal?: AbortSignal): Promise<T | null> {
  const late = AbortSignal.timeout(answerWithinMs)
  try {
    const response = await fetch(address, {
      signal: signal === undefined ? late : AbortSignal.any([signal, late]),
      cache: 'no-store',
    })
    return response.ok ? ((await response.json()) as T) : null
  } catch {
    return null
  }
}

/** Sends something; null: taken, else a key of the catalogue. Never rejects. */
export async function post(address: string, body: unknown): Promise<string | null> {
  try {
    const response = await fetch(address, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(answerWithinMs),
    })
    if (response.ok) return null
    return errorKey(response.status, await response.json().catch(() => null))
  } catch {
    return 'api.unreachable'
  }
}

function escalationIn(body: unknown): EscalationState | null {
  if (typeof body !== 'object' || body === null) return null
  const inner: unknown = 'escalation' in body ? body.escalation : body
  const is = typeof inner === 'object' && inner !== null && 'escalationId' in inner && 'version' in inner
  return is ? (inner as EscalationState) : null
}

/** The key of the catalogue for a refusal. */
export function errorKey(status: number, body: unknown): string {
  if (typeof body === 'object' && body !== null && 'error' in body) {
    const key = `api.${String(body.error)}`
    if (Object.hasOwn(catalogue, key)) return key
  }
  return status === 409 ? 'api.conflict' : 'api.other'
}
