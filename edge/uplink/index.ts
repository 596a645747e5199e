import { brisk, slow, type BackoffPolicy } from '../base/backoff.js'
import type { Cancel, Clock } from '../base/clock.js'
import { messageOf } from '../base/error.js'
import type { FaultChange, FaultCode } from '../base/fault.js'
import type { Logger } from '../base/log.js'
import type { Random } from '../base/random.js'
import type { IdentitySource } from '../interfaces/identity.js'
import type { Outbox, StoredEvent } from '../interfaces/journal.js'
import type { ListStore } from '../interfaces/list-store.js'
import type { Downlink, Uplink } from '../interfaces/uplink.js'
import { wireVersion, type SentEvent } from '../messages/envelope.js'
import { edgeSubscriptions, trustTopic, upTopic } from '../messages/topics.js'
import { trustedLists } from '../messages/trust/judge.js'
import type { Answer, Health } from '../messages/up.js'
import { Connection, type Delivered } from './connection.js'
import { Drain, defaultDrainBounds, type DrainBounds, type DrainCounters } from './drain.js'
import { parseInbound, type BadMessage } from './inbound.js'
import { ListHttp, defaultDownloadBounds, type DownloadBounds } from './list-http.js'
import { ListSync, type ListSyncCounters } from './list-sync.js'
import { Resync } from './resync.js'
import { ListTrust, type ListTrustCounters } from './list-trust.js'
import type { TrustFiles } from './trust-file.js'

/** All of it configuration; milliseconds unless the name says otherwise. */
export interface UplinkBounds extends DrainBounds {
  readonly keepaliveS: number
  readonly connectTimeoutMs: number
  readonly steadyAfterMs: number
  /** How often the gateway is asked anew which list versions are the newest. */
  readonly headCheckMs: number
  readonly deltaGraceMs: number
  /** A message is acknowledged to the broker after so long, whatever became of it. */
  readonly handleWithinMs: number
  /** After a connection lanes wait so long for the newest orders before they go on as without one. */
  readonly resyncWithinMs: number
  /** More unacknowledged events than this are a fault. */
  readonly backlogEvents: number
}

export const defaultUplinkBounds: UplinkBounds = {
  ...defaultDrainBounds,
  keepaliveS: 5,
  connectTimeoutMs: 10_000,
  steadyAfterMs: 10_000,
  headCheckMs: 30_000,
  deltaGraceMs: 250,
  handleWithinMs: 5_000,
  resyncWithinMs: 5_000,
  backlogEvents: 10_000,
}

/** How lists are dealt with where no root is known. */
export type UntrustedLists = 'unsigned' | 'noRoot'

export interface UplinkOptions {
  readonly site: string
  readonly edgeId: string
  /** `mqtts://`. */
  readonly mqttUrl: string
  /** Where lists are fetched: the gateway's listener for edges, `https://`. */
  readonly httpUrl: string
  /** What the edge proves itself with, and knows the gateway by. */
  readonly identity: IdentitySource
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly outbox: Outbox
  readonly lists: ListStore
  /**
   * Everything that came down, parsed. Acks, deltas and heads are already being dealt with. The
   * broker is told that a message arrived when the returned promise settles.
   */
  readonly onDownlink: (downlink: Downlink) => void | Promise<void>
  readonly onFault: (change: FaultChange) => void
  /** `resyncLeftMs` became 0 before its time: lanes need not wait for the newest orders any longer. */
  readonly onResynced?: () => void
  /**
   * What lists must be proven by (trust-file.ts). `unsigned`: they are taken on the word of the gateway; `noRoot`: none
   * is taken, since nobody is known who could prove one.
   */
  readonly trust: (Pick<TrustFiles, 'state' | 'keep'> & Partial<Pick<TrustFiles, 'damaged'>>) | UntrustedLists
  /** Waits while the gateway is away; absent: {@link brisk}. */
  readonly backoff?: BackoffPolicy
  /** Waits after the gateway refused us, or a list could not be fetched; absent: {@link slow}. */
  readonly refusedBackoff?: BackoffPolicy
  readonly bounds?: Partial<UplinkBounds>
  readonly download?: Partial<DownloadBounds>
}

/** Figures since the uplink was opened. */
export interface UplinkCounters extends DrainCounters, ListSyncCounters, ListTrustCounters {
  connects: number
  received: number
  /** Messages that made no sense, or were not for us. */
  badMessages: number
  answersDropped: number
  healthDropped: number
}

/** An uplink whose figures can be shown. */
export interface EdgeUplink extends Uplink {
  readonly counters: Readonly<UplinkCounters>
  /** Whether a root has ever answered for the lists in force; true where they are unsigned by configuration. */
  readonly listsProven: boolean
  /** How long lanes still wait for the newest orders after a connection, in milliseconds; 0: not. */
  readonly resyncLeftMs: number
}

/**
 * The edge's only way out. Opens at once and for ever: a gateway that is away is a fault, raised
 * and cleared here, and costs the lanes nothing.
 */
export function openUplink(options: UplinkOptions): EdgeUplink {
  return new MqttUplink(options)
}

class MqttUplink implements EdgeUplink {
  readonly #options: UplinkOptions
  readonly #bounds: UplinkBounds
  readonly #connection: Connection
  readonly #drain: Drain
  readonly #http: ListHttp
  readonly #sync: ListSync
  readonly #trust: ListTrust | null
  readonly #resync: Resync
  readonly #standing = new Set<FaultCode>()
  readonly #counts = { received: 0, badMessages: 0, answersDropped: 0, healthDropped: 0 }
  readonly #stopListening: () => void
  readonly #stopIdentity: () => void
  #cancelHeads: Cancel | null = null
  #closed = false

  constructor(options: UplinkOptions) {
    this.#options = options
    this.#bounds = { ...defaultUplinkBounds, ...options.bounds }
    const { site, edgeId, clock, random, log, outbox, lists, identity } = options
    const { backoff = brisk, refusedBackoff = slow } = options
    const bounds = this.#bounds
    const onFault = (change: FaultChange): void => options.onFault(change)
    this.#drain = new Drain({
      outbox,
      clock,
      log,
      bounds,
      publish: (event) => this.#connection.publish(upTopic(site, edgeId, 'event'), this.#sent(event)),
      onStuck: (why) => this.#connection.drop(why),
      onMarked: () => this.#watchBacklog(),
      onGap: (upTo) => {
        if (upTo === null) this.#clear('outbox.gap')
        else this.#raise('outbox.gap', `the gateway lacks events up to ${upTo}, which are no longer kept`)
      },
    })
    this.#http = new ListHttp({
      url: options.httpUrl,
      identity,
      clock,
      bounds: { ...defaultDownloadBounds, ...options.download },
      bytesOf: (head) => this.#trust?.bytesOf(head),
    })
    const signed = typeof options.trust === 'string' ? null : options.trust
    this.#trust = signed
      ? new ListTrust({
          ...signed,
          ...{ clock, log, onFault },
          fetchRoots: (from) => this.#http.trustRoots(from),
          onHeads: (heads, isFresh) => this.#sync.trusted(heads, isFresh),
        })
      : null
    const trust = this.#trust
    this.#resync = new Resync({
      ...{ clock, log, onFault, withinMs: bounds.resyncWithinMs },
      onEnded: () => options.onResynced?.(),
    })
    this.#sync = new ListSync({
      ...(trust && { isNamed: (head) => trust.isNamed(head), judgeHold: trust.judgeHold }),
      ...(options.trust === 'noRoot' && { isNamed: () => false }),
      lists,
      resync: this.#resync,
      http: this.#http,
      clock,
      random,
      log,
      backoff: refusedBackoff,
      deltaGraceMs: bounds.deltaGraceMs,
      onFault,
      answer: (list, version, result, why) => {
        const at = clock.now().wallMs
        this.publishAnswer({ v: wireVersion, edgeId, to: `${list}@${version}`, result, why, at })
      },
    })
    if (signed) this.#sync.seenBefore(trustedLists(signed.state) ?? {})
    this.#stopListening = outbox.onAppended(() => this.#watchBacklog())
    this.#raise('uplink.disconnected', 'not connected yet')
    this.#watchBacklog()
    this.#connection = new Connection({
      url: options.mqttUrl,
      clientId: edgeId,
      identity,
      keepaliveS: bounds.keepaliveS,
      connectTimeoutMs: bounds.connectTimeoutMs,
      steadyAfterMs: bounds.steadyAfterMs,
      subscriptions: edgeSubscriptions(site, edgeId, this.#trust !== null),
      backoff,
      refusedBackoff,
      clock,
      random,
      log,
      onOpened: () => this.#resync.opened(trust?.settled() ?? Promise.resolve()),
      onUp: () => this.#up(),
      onDown: (why, refused) => this.#down(why, refused),
      onMessage: (message) => this.#receive(message),
    })
    this.#stopIdentity = identity.onChanged(() => this.#connection.renew())
  }

  get connected(): boolean {
    return this.#connection.up
  }

  get resyncLeftMs(): number {
    return this.#resync.leftMs
  }

  get listsProven(): boolean {
    return this.#trust?.hasProof ?? this.#options.trust === 'unsigned'
  }

  get counters(): UplinkCounters {
    const connects = this.#connection.connects
    const trust = this.#trust?.counters ?? { trustTaken: 0, trustRefused: 0 }
    return { ...this.#counts, ...this.#drain.counters, ...this.#sync.counters, ...trust, connects }
  }

  publishHealth(health: Health): void {
    const { site, edgeId } = this.#options
    if (!this.#connection.publishLossy(upTopic(site, edgeId, 'health'), JSON.stringify(health)))
      this.#counts.healthDropped += 1
  }

  publishAnswer(answer: Answer): void {
    const { site, edgeId } = this.#options
    this.#connection.publish(upTopic(site, edgeId, 'answer'), JSON.stringify(answer)).catch(() => {
      this.#counts.answersDropped += 1
    })
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#stopListening()
    this.#stopIdentity()
    this.#cancelHeads?.()
    this.#resync.close()
    this.#drain.close()
    this.#http.close()
    await this.#trust?.close()
    await this.#sync.close()
    await this.#connection.close()
  }

  #sent(event: StoredEvent): string {
    const sent: SentEvent = { ...event, sentAt: this.#options.clock.now().wallMs }
    return JSON.stringify(sent)
  }

  #up(): void {
    this.#clear('uplink.disconnected')
    this.#clear('uplink.refused')
    this.#drain.connected()
    this.#sync.connected()
    this.#askHeads()
  }

  #down(why: string, refused: boolean): void {
    this.#cancelHeads?.()
    this.#resync.closed()
    this.#drain.disconnected()
    this.#raise('uplink.disconnected', why)
    if (refused) this.#raise('uplink.refused', why)
  }

  /** The retained heads come once with the subscription; asked again they say whether ours still are the newest. */
  #askHeads(): void {
    const { clock, site } = this.#options
    this.#cancelHeads?.()
    this.#cancelHeads = clock.after('list heads', this.#bounds.headCheckMs, () => {
      this.#connection.askRetained(
        edgeSubscriptions(site, this.#options.edgeId, this.#trust !== null).slice(1),
      )
      this.#askHeads()
    })
  }

  async #receive(message: Delivered): Promise<void> {
    const { site, edgeId, log } = this.#options
    this.#counts.received += 1
    if (this.#trust && message.topic === trustTopic(site)) {
      this.#trust.take(message.payload)
      return
    }
    const inbound = parseInbound(message.topic, message.payload, message.retained, { site, edgeId })
    if (!inbound.ok) {
      this.#refuse(message.topic, inbound.bad)
      return
    }
    const { downlink } = inbound
    if (downlink.is === 'ack') this.#drain.acknowledged(downlink.ack)
    else if (downlink.is === 'delta') this.#sync.delta(downlink.delta)
    // A bare head proves nothing: the signed message names the versions.
    else if (downlink.is === 'listHead' && this.#options.trust === 'unsigned') this.#sync.head(downlink.head)
    try {
      await this.#within(this.#options.onDownlink(downlink))
    } catch (error) {
      log.error({ is: downlink.is, error: messageOf(error) }, 'a message from the gateway failed')
    }
  }

  /** Settles with the work, or when a message behind it has waited long enough. */
  #within(work: void | Promise<void>): void | Promise<void> {
    if (!(work instanceof Promise)) return
    return new Promise((resolve, reject) => {
      const cancel = this.#options.clock.after('uplink handle', this.#bounds.handleWithinMs, resolve)
      work.then(resolve, reject).finally(cancel)
    })
  }

  #refuse(topic: string, { why, detail, answerTo }: BadMessage): void {
    const { edgeId, log, clock } = this.#options
    this.#counts.badMessages += 1
    // Counted each time, told now and then: a flood of nonsense must not fill the log.
    if (this.#counts.badMessages <= 10 || this.#counts.badMessages % 1_000 === 0) {
      log.warn({ topic: topic.slice(0, 120), why, detail, count: this.#counts.badMessages }, 'bad message')
    }
    if (answerTo === null) return
    const at = clock.now().wallMs
    this.publishAnswer({ v: wireVersion, edgeId, to: answerTo, result: 'refused', why, at })
  }

  #watchBacklog(): void {
    const { waiting } = this.#options.outbox.status()
    const { backlogEvents } = this.#bounds
    if (waiting > backlogEvents) this.#raise('outbox.backlog', `${waiting} events wait for the gateway`)
    else if (waiting <= backlogEvents / 2) this.#clear('outbox.backlog')
  }

  #raise(code: FaultCode, detail: string): void {
    if (this.#standing.has(code)) return
    this.#standing.add(code)
    this.#options.onFault({ is: 'raised', code, source: 'uplink', detail })
  }

  #clear(code: FaultCode): void {
    if (this.#standing.delete(code)) this.#options.onFault({ is: 'cleared', code, source: 'uplink' })
  }
}
