import { canonicalJson } from '../base/canonical.js'
import { LanekeeperError } from '../base/error.js'
import { sha256Hex } from '../base/hash.js'
import { describeProblems } from '../base/result.js'
import type { EventDraft, StoredEvent } from '../interfaces/journal.js'
import { envelopeSchema, messageMaxBytes, wireVersion, type EventEnvelope } from '../messages/envelope.js'
import type { SqlValue } from './sqlite.js'

/** What the sender adds around the envelope: `sentAt`, `hash` and their names. */
const frameBytes = 256

/** Where the next event stands in the chain. */
export interface ChainEnd {
  readonly sequence: number
  readonly hash: string
}

export interface EventIdentity {
  readonly edgeId: string
  readonly epoch: string
  readonly bootId: string
}

export interface EventRow {
  readonly stored: StoredEvent
  /** Of its text, which is what a message to the gateway carries. */
  readonly bytes: number
  readonly values: readonly SqlValue[]
}

/** A row that a lane must find again at start, and under what value; nulls for the others. */
export type Mark = readonly [mark: 'passage' | 'mode' | 'used' | 'consumed' | null, value: string | null]

/**
 * Only accepted ids are used ids: a refused one cannot take effect later, and remembering those
 * too would let a stream of refused messages push the accepted ones out of the bounded memory.
 */
export function markOf(type: string, body: Readonly<Record<string, unknown>>): Mark {
  if (type === 'passageOpened') return ['passage', String(body.passageNo)]
  if (type === 'consumed' || type === 'perhapsConsumed') return ['consumed', null]
  if (type === 'laneMode') return ['mode', null]
  const id = type === 'verdictJudged' ? body.verdictId : type === 'commandJudged' ? body.commandId : undefined
  return typeof id === 'string' && body.result === 'accepted' ? ['used', id] : [null, null]
}

/**
 * Gives a draft its place in the chain. Throws `journal.badEvent` for one that the wire's schema
 * would refuse, or that is too large for one message: it could never reach the gateway, and would
 * stand in the way of all that follow.
 */
export function eventRow(
  draft: EventDraft,
  identity: EventIdentity,
  after: ChainEnd,
  recordedAt: number,
): EventRow {
  const { correctionOf, ...rest } = draft
  const envelope: EventEnvelope = {
    v: wireVersion,
    ...identity,
    ...rest,
    ...(correctionOf === undefined ? {} : { correctionOf }),
    sequence: after.sequence + 1,
    recordedAt,
    previousHash: after.hash,
    body: { ...draft.body },
  }
  const parsed = envelopeSchema.safeParse(envelope)
  if (!parsed.success) {
    const problems = parsed.error.issues.map((i) => ({ path: i.path.join('.'), message: i.message }))
    throw new LanekeeperError('journal.badEvent', `event ${draft.type}: ${describeProblems(problems)}`)
  }
  const text = canonicalJson(envelope)
  const bytes = Buffer.byteLength(text)
  if (bytes > messageMaxBytes - frameBytes) {
    throw new LanekeeperError(
      'journal.badEvent',
      `event ${draft.type} has ${bytes} bytes; one message carries ${messageMaxBytes - frameBytes}`,
    )
  }
  const hash = sha256Hex(text)
  const stored: StoredEvent = { ...envelope, hash }
  const [mark, markValue] = markOf(draft.type, draft.body)
  return {
    stored,
    bytes,
    values: [stored.sequence, recordedAt, draft.lane, draft.passageId, mark, markValue, hash, text],
  }
}

/** A row as it lies in the database. */
export interface RawEvent {
  readonly sequence: number
  readonly hash: string
  readonly envelope: string
}

/** The event again. Throws `store.corrupt` when the bytes are not those that were hashed. */
export function readEvent(raw: RawEvent): StoredEvent {
  if (sha256Hex(raw.envelope) !== raw.hash)
    throw new LanekeeperError('store.corrupt', `event ${raw.sequence} is not what was recorded`)
  return { ...(JSON.parse(raw.envelope) as EventEnvelope), hash: raw.hash }
}
