import type { TextValues } from '../../../edge/messages/text/catalogue.js'
import { answerWithinMs, errorKey } from './api.js'

export interface Problem {
  /** A place in what was sent; empty: the whole of it. */
  readonly path: string
  /** In English. */
  readonly message: string
  /** The text in either language is `lineProblem.<code>`. */
  readonly code?: string
  readonly values?: TextValues
}

/** Why something was not done: a key of the catalogue, and the places of what was sent that are wrong. */
export interface Failure {
  readonly error: string
  readonly problems: readonly Problem[]
}

export type Sent<T> = { readonly is: 'taken'; readonly body: T } | ({ readonly is: 'failed' } & Failure)

/** Sends something of which the answer is not needed; null: taken. Never rejects. */
export async function sendStep(address: string, body: unknown): Promise<Failure | null> {
  const answer = await send<unknown>(address, body)
  return answer.is === 'taken' ? null : { error: answer.error, problems: answer.problems }
}

/** Sends something and takes the answer. Never rejects; without an answer it is unknown whether it was done. */
export function send<T>(address: string, body: unknown): Promise<Sent<T>> {
  return sent<T>(address, JSON.stringify(body), 'application/json', answerWithinMs)
}

/** Sends a file as it is. A gateway takes one within 30 s or refuses it, so the page waits a little longer. */
export function sendFile<T>(address: string, file: Blob): Promise<Sent<T>> {
  return sent<T>(address, file, 'application/octet-stream', 35_000)
}

async function sent<T>(address: string, body: BodyInit, type: string, withinMs: number): Promise<Sent<T>> {
  try {
    const response = await fetch(address, {
      method: 'POST',
      headers: { 'content-type': type },
      body,
      signal: AbortSignal.timeout(withinMs),
    })
    const answer: unknown = await response.json().catch(() => null)
    if (response.ok) return { is: 'taken', body: answer as T }
    return { is: 'failed', error: errorKey(response.status, answer), problems: problemsIn(answer) }
  } catch {
    return { is: 'failed', error: 'api.unreachable', problems: [] }
  }
}

function problemsIn(answer: unknown): Problem[] {
  if (typeof answer !== 'object' || answer === null || !('problems' in answer)) return []
  return Array.isArray(answer.problems) ? (answer.problems as Problem[]) : []
}
