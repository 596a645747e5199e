import type {
  CorrectionRequest,
  Entered,
  OutageRequest,
  OutageState,
  PaperEntry,
} from '../../api/supplement-schemas.js'
import type { Language } from '../../../edge/messages/text/catalogue.js'
import { answerWithinMs, errorKey, get, post } from './api.js'

/** Announced outages, newest first. Never rejects; null: they could not be had. */
export async function fetchOutages(): Promise<readonly OutageState[] | null> {
  return (await get<{ outages: OutageState[] }>('/api/outages?limit=20'))?.outages ?? null
}

/** Null: announced, else a key of the catalogue. Never rejects. */
export function postOutage(request: OutageRequest): Promise<string | null> {
  return post('/api/outages', request)
}

/** Null: over, else a key of the catalogue. Never rejects. */
export function postOutageEnd(outageId: string): Promise<string | null> {
  return post(`/api/outages/${encodeURIComponent(outageId)}/end`, {})
}

/** Null: added, else a key of the catalogue. Never rejects. */
export function postCorrection(passageId: string, request: CorrectionRequest): Promise<string | null> {
  return post(`/api/passages/${encodeURIComponent(passageId)}/corrections`, request)
}

export type PaperAnswered =
  | { readonly is: 'answered'; readonly entered: Entered }
  /** `error` is a key of the catalogue. */
  | { readonly is: 'failed'; readonly error: string }

/** Enters one paper. Never rejects; sent again it is the same passage, because its number is the same. */
export async function postPaper(outageId: string, entry: PaperEntry): Promise<PaperAnswered> {
  try {
    const response = await fetch(`/api/outages/${encodeURIComponent(outageId)}/entries`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson' },
      body: `${JSON.stringify(entry)}\n`,
      signal: AbortSignal.timeout(answerWithinMs),
    })
    const body: unknown = await response.json().catch(() => null)
    if (response.ok) return { is: 'answered', entered: body as Entered }
    return { is: 'failed', error: errorKey(response.status, body) }
  } catch {
    return { is: 'failed', error: 'api.unreachable' }
  }
}

/** Words as people part them, at most `max`. */
export function wordsOf(text: string, max: number): string[] {
  return text
    .split(/[\s,，;；、]+/)
    .filter((word) => word !== '')
    .slice(0, max)
}

/** Day and time of this desk; an outage may be of last week. */
export function dayText(ms: number, language: Language): string {
  return new Date(ms).toLocaleString(language, { dateStyle: 'short', timeStyle: 'short' })
}

/** UTC ms of what a field for date and time holds, which is in the time of this desk; null: empty or no time. */
export function timeOf(local: string): number | null {
  const ms = local === '' ? NaN : new Date(local).getTime()
  return Number.isFinite(ms) ? ms : null
}
