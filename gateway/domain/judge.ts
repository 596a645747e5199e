import { hashOf, sha256Hex } from '../../edge/base/hash.js'
import { sentEventSchema, wireVersion, type SentEvent } from '../../edge/messages/envelope.js'
import { eventBodies, type EventBody, type EventType } from '../../edge/messages/events.js'

interface Head {
  readonly edgeId: string
  readonly epoch: string
  readonly sequence: number
  readonly lane: string | null
  readonly passageId: string | null
  readonly occurredAt: number
  /** Of an emergency opening; absent: it is not. */
  readonly contingency?: boolean
}

/** An event whose body is what its type promises. */
export type KnownEvent = {
  [T in EventType]: Head & { readonly type: T; readonly body: EventBody<T> }
}[EventType]

/** Why a message on `up/event` is not an event of its edge. Stands in the store and in counters. */
export type PoisonWhy = 'notJson' | 'otherVersion' | 'notAnEvent' | 'otherEdge' | 'hashMismatch'

export interface Place {
  readonly epoch: string
  readonly sequence: number
}

export type Judgement =
  | {
      readonly is: 'event'
      readonly event: SentEvent
      readonly raw: string
      /** Null: a type or body that this gateway does not know. It is stored and shown by its name. */
      readonly known: KnownEvent | null
    }
  | {
      readonly is: 'poison'
      readonly why: PoisonWhy
      /** Its place in the sequence as far as it can be read. */
      readonly place: Place | null
      readonly sha: string
      readonly bytes: Uint8Array
    }

const utf8 = new TextDecoder()

/**
 * What a message on `up/event` of the authenticated edge is. Never throws: whatever came is either an
 * event, hash checked, or poison with its bytes kept. Bodies are judged by type, loosely, because an
 * event with a body of another version is still evidence.
 */
export function judge(edgeId: string, payload: Uint8Array): Judgement {
  const raw = utf8.decode(payload)
  const poison = (why: PoisonWhy, place: Place | null): Judgement => ({
    is: 'poison',
    why,
    place,
    sha: sha256Hex(payload),
    bytes: payload,
  })

  let value: unknown
  try {
    value = JSON.parse(raw)
  } catch {
    return poison('notJson', null)
  }
  const parsed = sentEventSchema.safeParse(value)
  if (!parsed.success) {
    const place = placeOf(edgeId, value)
    return poison(isOtherVersion(value) ? 'otherVersion' : 'notAnEvent', place)
  }
  const event = parsed.data
  if (event.edgeId !== edgeId) return poison('otherEdge', null)
  if (hashOfEvent(event) !== event.hash) {
    return poison('hashMismatch', { epoch: event.epoch, sequence: event.sequence })
  }
  return { is: 'event', event, raw, known: knownEvent(event) }
}

/** The hash covers everything but itself and `sentAt` (architecture.md 5). */
export function hashOfEvent(event: SentEvent): string {
  const { sentAt: _sentAt, hash: _hash, ...envelope } = event
  return hashOf(envelope)
}

/** Undefined body or unknown type give null. */
export function knownEvent(event: SentEvent): KnownEvent | null {
  if (!isEventType(event.type)) return null
  const body = eventBodies[event.type].safeParse(event.body)
  if (!body.success) return null
  const { edgeId, epoch, sequence, lane, passageId, occurredAt, type } = event
  const marked = event.contingency ? { contingency: true } : {}
  // Type and body were just matched by the schema of that type, which the compiler cannot follow.
  return {
    ...{ edgeId, epoch, sequence, lane, passageId, occurredAt, type, ...marked },
    body: body.data,
  } as KnownEvent
}

function isEventType(type: string): type is EventType {
  return Object.hasOwn(eventBodies, type)
}

function isOtherVersion(value: unknown): boolean {
  return isObject(value) && value['v'] !== undefined && value['v'] !== wireVersion
}

function placeOf(edgeId: string, value: unknown): Place | null {
  if (!isObject(value)) return null
  const { epoch, sequence } = value
  if (value['edgeId'] !== edgeId || typeof epoch !== 'string' || epoch === '' || epoch.length > 40)
    return null
  if (typeof sequence !== 'number' || !Number.isSafeInteger(sequence) || sequence < 1) return null
  return { epoch, sequence }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
