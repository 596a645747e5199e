import { hashOf } from '../../edge/base/hash.js'
import { firstPreviousHash, type EventEnvelope, type SentEvent } from '../../edge/messages/envelope.js'
import type { EventBody, EventType } from '../../edge/messages/events.js'

interface EventPlace {
  readonly lane?: string | null
  readonly passageId?: string | null
  readonly occurredAt?: number
  readonly contingency?: boolean
}

/** Makes events as an edge's journal would: in sequence, hash-chained. */
export class EventChain {
  readonly edgeId: string
  readonly epoch: string
  #sequence = 0
  #previousHash = firstPreviousHash

  readonly #startMs: number

  /** `startMs`: when the first event happened; by default now, since what is long past is not shown. */
  constructor(edgeId: string, epoch = 'e1', startMs = Date.now()) {
    this.edgeId = edgeId
    this.epoch = epoch
    this.#startMs = startMs
  }

  get sequence(): number {
    return this.#sequence
  }

  next<T extends EventType>(type: T, body: EventBody<T>, more: EventPlace = {}): SentEvent {
    return this.any(type, body, more)
  }

  /** An event of any type and body, for those that the gateway does not know. */
  any(type: string, body: Record<string, unknown>, more: EventPlace = {}): SentEvent {
    this.#sequence += 1
    const envelope: EventEnvelope = {
      v: 1,
      type,
      edgeId: this.edgeId,
      epoch: this.epoch,
      sequence: this.#sequence,
      lane: more.lane ?? null,
      passageId: more.passageId ?? null,
      occurredAt: more.occurredAt ?? this.#startMs + this.#sequence,
      recordedAt: this.#startMs + this.#sequence,
      bootId: 'boot-1',
      monoMs: this.#sequence,
      clockQuality: 'synchronised',
      captured: 'auto',
      contingency: more.contingency ?? false,
      previousHash: this.#previousHash,
      body,
    }
    const hash = hashOf(envelope)
    this.#previousHash = hash
    return { ...envelope, hash, sentAt: this.#startMs + 60_000 }
  }

  fault(n = 1): SentEvent[] {
    return Array.from({ length: n }, (_, i) =>
      this.next('faultChanged', {
        is: i % 2 === 0 ? 'raised' : 'cleared',
        code: 'reader.silent',
        source: 'r1',
      }),
    )
  }

  /** A passage up to its open escalation: what an operator is asked about. */
  escalated(
    passageId: string,
    more: { lane?: string; interceptOrderIds?: string[]; deadlineAt?: number; vehicleId?: string } = {},
  ): SentEvent[] {
    const at = { lane: more.lane ?? 'lane-1', passageId }
    return [
      this.next('passageOpened', { passageNo: 1, direction: 'in', cause: 'loop' }, at),
      this.next(
        'tagObserved',
        {
          epc: 'E200AA',
          tid: null,
          readerId: 'r1',
          antenna: '1',
          rssiDbm: -50,
          count: 3,
          claim: 'mine',
        },
        at,
      ),
      this.next(
        'escalationOpened',
        {
          escalationId: `${passageId}.e1`,
          decisionId: `${passageId}.d1`,
          outcome: 'escalate',
          reasons: ['ID-03'],
          interceptOrderIds: more.interceptOrderIds ?? [],
          epcs: ['E200AA'],
          plates: [],
          vehicleId: more.vehicleId ?? null,
          level: 1,
          deadlineAt: more.deadlineAt ?? 4_000_000_000_000,
        },
        at,
      ),
    ]
  }

  verdictJudged(
    verdict: {
      verdictId: string
      escalationId: string
      answer: 'release' | 'hold' | 'return'
      passageId: string
    },
    result: 'accepted' | 'refused',
    why: string | null = null,
  ): SentEvent {
    const { verdictId, escalationId, answer, passageId } = verdict
    return this.next(
      'verdictJudged',
      { verdictId, escalationId, answer, by: 'operator', reason: '', orderIds: [], result, why },
      { lane: 'lane-1', passageId },
    )
  }
}
