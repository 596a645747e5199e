import { verdictSchema, type Verdict } from '../../../edge/messages/down.js'
import type { EdgeIdentity } from '../../../edge/interfaces/identity.js'
import type { EventBody, EventType } from '../../../edge/messages/events.js'
import type { Health, LaneSnapshot } from '../../../edge/messages/up.js'
import { EventChain } from '../../testing/chain.js'
import { EdgeClient } from '../../testing/edge-client.js'
import { aHealth, aLane } from './samples.js'

interface EdgePlayerConfig {
  readonly mqttUrl: string
  readonly site: string
  readonly edgeId: string
  readonly identity: EdgeIdentity
}

/**
 * Says on the wire what an edge would say of its lanes, word for word as a test wants it, over a real
 * MQTT connection: events in sequence with their hash chain, health, and what came down.
 */
export class EdgePlayer {
  readonly #client: EdgeClient
  readonly #chain: EventChain

  private constructor(client: EdgeClient, edgeId: string) {
    this.#client = client
    this.#chain = new EventChain(edgeId)
  }

  static async connect({ mqttUrl, site, edgeId, identity }: EdgePlayerConfig): Promise<EdgePlayer> {
    return new EdgePlayer(await EdgeClient.listening(mqttUrl, site, edgeId, identity), edgeId)
  }

  /** Resolves when the gateway has stored the event (PUBACK follows its commit). */
  async event<T extends EventType>(
    type: T,
    lane: string,
    passageId: string,
    body: EventBody<T>,
  ): Promise<void> {
    await this.#client.sendEvent(this.#chain.next(type, body, { lane, passageId, occurredAt: Date.now() }))
  }

  async health(lanes: readonly Partial<LaneSnapshot>[], patch: Partial<Health> = {}): Promise<void> {
    const health = aHealth({ edgeId: this.#chain.edgeId, at: Date.now(), lanes: lanes.map(aLane), ...patch })
    await this.#client.send('health', JSON.stringify(health), 0)
  }

  /** Every verdict that came down, oldest first. */
  get verdicts(): Verdict[] {
    return this.#client.heard
      .filter((one) => one.kind === 'verdict')
      .map((one) => verdictSchema.parse(one.message))
  }

  /** The verdict on a passage, at once or when it comes; rejects when it does not. */
  async verdictOn(passageId: string): Promise<Verdict> {
    const heard = await this.#client.hears('verdict', (message) => message['passageId'] === passageId)
    return verdictSchema.parse(heard.message)
  }

  async close(): Promise<void> {
    await this.#client.end()
  }
}

interface HeldTruck {
  readonly lane: string
  readonly passageId: string
  readonly reasons: readonly string[]
  readonly interceptOrderIds?: readonly string[]
  readonly plates?: readonly string[]
  readonly vehicleId?: string | null
  /** A decision as the lane would record it, with its inputs; absent: one that nobody can explain. */
  readonly recorded?: Pick<EventBody<'decided'>, 'decision' | 'inputs'>
}

/** A truck comes, is judged and stands before the bar. */
export async function holdTruck(edge: EdgePlayer, truck: HeldTruck): Promise<void> {
  const { lane, passageId, reasons } = truck
  const [primary = 'ID-03'] = reasons
  const interceptOrderIds = [...(truck.interceptOrderIds ?? [])]
  const outcome = interceptOrderIds.length > 0 ? 'hold' : 'escalate'
  await edge.event('passageOpened', lane, passageId, { passageNo: 1, direction: 'in', cause: 'loop' })
  for (const plate of truck.plates ?? []) {
    await edge.event('plateObserved', lane, passageId, {
      plate,
      region: 'CN',
      confidence: 0.99,
      readerId: 'camera-1',
    })
  }
  await edge.event('decided', lane, passageId, {
    decisionId: `${passageId}.d1`,
    inputs: truck.recorded?.inputs ?? {},
    decision: truck.recorded?.decision ?? {
      outcome,
      primary,
      reasons: reasons.map((code, i) => ({ row: i + 1, code, outcome, safety: false, evidence: {} })),
      advisories: [],
      obligations: [],
      silentAlerts: [],
      interceptOrderIds,
      prompt: 'prompt.wait',
      vehicleId: truck.vehicleId ?? null,
      rulesetVersion: 'test',
    },
  })
  await edge.event('escalationOpened', lane, passageId, {
    escalationId: `${passageId}.e1`,
    decisionId: `${passageId}.d1`,
    outcome,
    reasons: [...reasons],
    interceptOrderIds,
    epcs: ['E28011700000020F1A2B3C4D'],
    plates: [...(truck.plates ?? [])],
    vehicleId: truck.vehicleId ?? null,
    level: 1,
    deadlineAt: Date.now() + 60_000,
  })
}

/** What the lane does with a verdict: takes it, raises, and the truck drives through. */
export async function obey(edge: EdgePlayer, verdict: Verdict): Promise<void> {
  const { lane, passageId, escalationId, verdictId, answer, by, reason, orderIds } = verdict
  await edge.event('verdictJudged', lane, passageId, {
    verdictId,
    escalationId,
    answer,
    by,
    reason,
    orderIds,
    result: 'accepted',
    why: null,
  })
  if (answer === 'hold') return
  await edge.event('escalationClosed', lane, passageId, { escalationId, why: 'verdict' })
  if (answer === 'release') {
    const commandId = `${passageId}.r1`
    await edge.event('barrierIntent', lane, passageId, {
      commandId,
      right: { by: 'verdict', verdictId },
      leaseTicks: 20,
    })
    await edge.event('barrierOutcome', lane, passageId, { commandId, outcome: 'accepted', detail: '' })
    await edge.event('barrierMoved', lane, passageId, { position: 'raised' })
  }
}

export async function endPassage(
  edge: EdgePlayer,
  lane: string,
  passageId: string,
  how: EventBody<'passageEnded'>['how'],
): Promise<void> {
  await edge.event('passageEnded', lane, passageId, {
    how,
    outcome: 'escalate',
    readsHeard: 12,
    readsShed: 0,
    durationMs: 20_000,
  })
}
