import type { Aedes, Client, PublishPacket } from 'aedes'
import { messageOf } from '../../edge/base/error.js'
import type { Logger } from '../../edge/base/log.js'
import {
  downTopic,
  listHeadTopic,
  parseTopic,
  trustTopic,
  type DownKind,
} from '../../edge/messages/topics.js'
import type { Listening } from './rights.js'

export interface DownlinkGiven {
  readonly site: string
  readonly aedes: Aedes
  readonly log: Logger
}

/**
 * What goes down to edges: written to the one it is for, never fanned out, so a frozen edge delays nobody else
 * (reliability.md, 4.1). Knows who is here and what each listens to; nothing is kept for one that is not, but the
 * heads and what proves them, which the broker retains.
 */
export class Downlink {
  readonly counters = { sent: 0, unsent: 0 }
  readonly #given: DownlinkGiven
  readonly #sessions = new Map<string, Client>()
  readonly #listening = new WeakMap<Client, Set<Listening>>()
  /** Payloads that we address ourselves; whatever else the broker would forward is dropped. */
  readonly #addressed = new WeakSet<object>()

  constructor(given: DownlinkGiven) {
    this.#given = given
  }

  isConnected(edgeId: string): boolean {
    return this.#sessions.has(edgeId)
  }

  connected(): string[] {
    return [...this.#sessions.keys()]
  }

  /** The sessions there are, for whoever judges them anew. */
  sessions(): ReadonlyMap<string, Client> {
    return this.#sessions
  }

  came(client: Client): void {
    this.#sessions.set(client.id, client)
  }

  /** False: another session of that edge has taken its place before. */
  left(client: Client): boolean {
    return this.#sessions.get(client.id) === client && this.#sessions.delete(client.id)
  }

  /** What the edge hears from now on and did not before. */
  listens(client: Client, to: readonly Listening[]): Listening[] {
    const listening = this.#listening.get(client) ?? new Set()
    this.#listening.set(client, listening)
    const fresh = [...new Set(to)].filter((one) => !listening.has(one))
    for (const one of fresh) listening.add(one)
    return fresh
  }

  /** It gets nothing more until it subscribes again. */
  listensNoMore(client: Client): void {
    this.#listening.delete(client)
  }

  /** Writes a message to the edge if it is there and listens; false: it is not, and nothing is kept for it. */
  send(edgeId: string, kind: DownKind, message: unknown): boolean {
    return this.#write(edgeId, 'down', downTopic(this.#given.site, edgeId, kind), encoded(message))
  }

  /** The same message to every edge that is here, written out once. */
  sendAll(kind: DownKind, message: unknown): void {
    const payload = encoded(message)
    for (const edgeId of this.#sessions.keys())
      this.#write(edgeId, 'down', downTopic(this.#given.site, edgeId, kind), payload)
  }

  /** Keeps the head for edges that come later, and tells it to those that are here. */
  announceHead(list: string, head: unknown): void {
    this.#announce('heads', listHeadTopic(this.#given.site, list), head)
  }

  /** The same for what proves the heads: roots, delegation, timestamp, snapshot. It may be told to some alone. */
  announceTrust(message: unknown, edgeIds?: readonly string[]): void {
    this.#announce('trust', trustTopic(this.#given.site), message, edgeIds)
  }

  /** Our own messages, and the heads that the broker keeps for a new subscriber. */
  mayForward(client: Client, packet: PublishPacket): boolean {
    if (typeof packet.payload === 'object' && this.#addressed.has(packet.payload)) return true
    const topic = parseTopic(packet.topic)
    const isHead = (topic?.to === 'listHead' || topic?.to === 'trust') && topic.site === this.#given.site
    return packet.retain && isHead && this.#sessions.get(client.id) === client
  }

  #announce(
    needs: Listening,
    topic: string,
    message: unknown,
    edgeIds: Iterable<string> = this.#sessions.keys(),
  ): void {
    const { aedes, log } = this.#given
    const payload = encoded(message)
    aedes.publish({ cmd: 'publish', topic, payload, qos: 1, retain: true, dup: false }, (error) => {
      if (error) log.error({ topic, error: messageOf(error) }, 'not retained')
    })
    for (const edgeId of edgeIds)
      if (this.#listener(edgeId, needs)) this.#write(edgeId, needs, topic, payload)
  }

  #write(edgeId: string, needs: Listening, topic: string, payload: Buffer): boolean {
    const client = this.#listener(edgeId, needs)
    if (!client) {
      this.counters.unsent += 1
      return false
    }
    this.#addressed.add(payload)
    this.counters.sent += 1
    client.publish({ cmd: 'publish', topic, payload, qos: 1, retain: false, dup: false }, () => undefined)
    return true
  }

  #listener(edgeId: string, to: Listening): Client | undefined {
    const client = this.#sessions.get(edgeId)
    return client && this.#listening.get(client)?.has(to) ? client : undefined
  }
}

function encoded(message: unknown): Buffer {
  return Buffer.from(JSON.stringify(message))
}
