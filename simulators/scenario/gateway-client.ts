import { LanekeeperError } from '../../edge/base/error.js'
import type {
  EscalationState,
  GatewayState,
  LaneCommandRequest,
  ListChangeRequest,
  VerdictRequest,
} from '../../gateway/api/schemas.js'
import { listKeyOf, type ListEntry, type ListName } from '../../edge/messages/entities.js'

/** How many of a gateway's events are asked for at once. */
const pageEvents = 1_000
const answerWithinMs = 10_000
const importWithinMs = 280_000

/** A file of a list on its way into force, as the gateway tells of it. */
export interface ImportRun {
  readonly importId: string
  readonly state: 'READING' | 'READY' | 'BROKEN' | 'APPLIED' | 'DISCARDED'
  readonly counts: Readonly<Record<'added' | 'changed' | 'same' | 'gone', number>>
  readonly refusedCount: number
  readonly applied: { readonly version: number } | null
}

export interface StoredEpoch {
  readonly edgeId: string
  readonly epoch: string
  readonly stored: number
  readonly upTo: number
}

/** A signed-in person at a gateway, over the same HTTP API that the console uses. */
export class GatewayClient {
  readonly #origin: string
  readonly #cookie: string

  private constructor(origin: string, cookie: string) {
    this.#origin = origin
    this.#cookie = cookie
  }

  /** Signs in with a one-time operator link. */
  static async signIn(link: string): Promise<GatewayClient> {
    const response = await fetch(link, { redirect: 'manual', signal: AbortSignal.timeout(answerWithinMs) })
    const cookie = response.headers.getSetCookie()[0]?.split(';')[0]
    if (!cookie)
      throw new LanekeeperError('gateway.signIn', `the operator link gave no session (${response.status})`)
    return new GatewayClient(new URL(link).origin, cookie)
  }

  state(): Promise<GatewayState> {
    return this.#ask<GatewayState>('/api/state')
  }

  verdict(
    escalation: Pick<EscalationState, 'escalationId' | 'version'>,
    answer: Omit<VerdictRequest, 'version'>,
  ): Promise<unknown> {
    const path = `/api/escalations/${encodeURIComponent(escalation.escalationId)}/verdict`
    return this.#ask(path, { ...answer, version: escalation.version })
  }

  changeList(list: ListName, change: ListChangeRequest): Promise<unknown> {
    return this.#ask(`/api/lists/${list}/changes`, change)
  }

  /** Sends a file of a list, NDJSON; the dry run, which may still be under way. */
  async importFile(list: ListName, name: string, file: Uint8Array<ArrayBuffer>): Promise<ImportRun> {
    const path = `/api/lists/${list}/imports?format=ndjson&mode=merge&name=${encodeURIComponent(name)}`
    return this.#long<ImportRun>(path, file, 'application/octet-stream')
  }

  importRun(list: ListName, importId: string): Promise<ImportRun> {
    return this.#ask(`/api/lists/${list}/imports/${importId}`)
  }

  /** Puts in force what a dry run showed; takes as long as that takes. */
  applyImport(list: ListName, importId: string): Promise<ImportRun> {
    return this.#long(`/api/lists/${list}/imports/${importId}/apply`, '{}', 'application/json')
  }

  /** As the first person: asks for the lift of a hold, and signs. The reason is 01, the cause is gone. */
  askLift(list: ListName, key: string, passphrase: string): Promise<unknown> {
    return this.#ask(`/api/lists/${list}/lifts`, { key, reason: '01', passphrase })
  }

  /** As the second person. */
  confirmLift(list: ListName, key: string, passphrase: string): Promise<unknown> {
    return this.#ask(`/api/lists/${list}/lifts/confirm`, { key, passphrase })
  }

  /** An entry of a list as it is now; undefined: there is none. */
  async entry(list: ListName, key: string): Promise<ListEntry | undefined> {
    let after = ''
    for (;;) {
      const path = `/api/lists/${list}?limit=1000&after=${encodeURIComponent(after)}`
      const page = await this.#ask<{ entries: ListEntry[]; next: string | null }>(path)
      const found = page.entries.find((entry) => listKeyOf(entry) === key)
      if (found || page.next === null) return found
      after = page.next
    }
  }

  /** Unlocks a container as it is locked now. */
  async unlock(container: string, reason: string): Promise<unknown> {
    const { locks } = await this.#ask<{ locks: { number: string; version: number }[] }>('/api/locks')
    const version = locks.find((lock) => lock.number === container)?.version ?? 0
    return this.#ask(`/api/containers/${container}/unlock`, { version, reason })
  }

  command(edgeId: string, lane: string, request: LaneCommandRequest): Promise<unknown> {
    return this.#ask(`/api/edges/${edgeId}/lanes/${lane}/command`, request)
  }

  async storedEpochs(): Promise<readonly StoredEpoch[]> {
    return (await this.#ask<{ epochs: StoredEpoch[] }>('/api/stored')).epochs
  }

  /** Every stored event of one epoch in order. */
  async *events(edgeId: string, epoch: string): AsyncGenerator<Readonly<Record<string, unknown>>> {
    let after = 0
    for (;;) {
      const path = `/api/edges/${edgeId}/events?epoch=${epoch}&after=${after}&limit=${pageEvents}`
      const { events } = await this.#ask<{ events: Readonly<Record<string, unknown>>[] }>(path)
      yield* events
      const last = events.at(-1)
      if (!last) return
      after = Number(last['sequence'])
    }
  }

  async #long<Answer>(path: string, body: string | Uint8Array<ArrayBuffer>, type: string): Promise<Answer> {
    const response = await fetch(`${this.#origin}${path}`, {
      method: 'POST',
      headers: { cookie: this.#cookie, origin: this.#origin, 'content-type': type },
      signal: AbortSignal.timeout(importWithinMs),
      body,
    })
    return answerOf<Answer>(path, response)
  }

  async #ask<Answer>(path: string, body?: unknown): Promise<Answer> {
    const response = await fetch(`${this.#origin}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        cookie: this.#cookie,
        origin: this.#origin,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      signal: AbortSignal.timeout(answerWithinMs),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return answerOf<Answer>(path, response)
  }
}

async function answerOf<Answer>(path: string, response: Response): Promise<Answer> {
  const text = await response.text()
  if (!response.ok) {
    const why = /"error":"(\w+)"/.exec(text)?.[1] ?? ''
    throw new LanekeeperError('gateway.refused', `${path}: ${response.status} ${text.slice(0, 300)}`, {
      context: { status: response.status, why },
    })
  }
  return JSON.parse(text === '' ? 'null' : text) as Answer
}
