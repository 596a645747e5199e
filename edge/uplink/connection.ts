import mqtt, { type IClientOptions, type MqttClient } from 'mqtt'
import { backoffMs, type BackoffPolicy } from '../base/backoff.js'
import type { Cancel, Clock } from '../base/clock.js'
import { messageOf } from '../base/error.js'
import type { Logger } from '../base/log.js'
import type { Random } from '../base/random.js'
import type { IdentitySource } from '../interfaces/identity.js'

/** A message as the broker delivered it. */
export interface Delivered {
  readonly topic: string
  readonly payload: Uint8Array
  readonly retained: boolean
}

export interface ConnectionGiven {
  readonly url: string
  readonly clientId: string
  /** With what the edge proves itself; read anew for each session. */
  readonly identity: IdentitySource
  readonly keepaliveS: number
  readonly connectTimeoutMs: number
  /** A connection that held for so long starts the waits anew. */
  readonly steadyAfterMs: number
  readonly subscriptions: readonly string[]
  /** Waits after a loss, and while the gateway is away. */
  readonly backoff: BackoffPolicy
  /** Waits after the gateway has refused us. */
  readonly refusedBackoff: BackoffPolicy
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  /** The broker has answered, and nothing of this session has come yet. */
  readonly onOpened: () => void
  /** Subscribed and ready. */
  readonly onUp: () => void
  /** `refused`: the broker is there and does not want us, which waiting alone will not mend. */
  readonly onDown: (why: string, refused: boolean) => void
  /** The broker's acknowledgement of a QoS 1 message goes out when this resolves. */
  readonly onMessage: (message: Delivered) => Promise<void>
}

/** CONNACK codes: bad user name or password, not authorised, client id refused. */
const refusals = new Set([2, 4, 5])

/**
 * One MQTT session after another, for ever: a new client object each time, with waits of our own.
 * The client's own reconnection has no jitter, and its replay of unacknowledged messages needs one
 * round trip each (measured: 51 s for 1,000 of them).
 */
export class Connection {
  readonly #given: ConnectionGiven
  #client: MqttClient | null = null
  #up = false
  #closed = false
  #attempt = 0
  /** Counted apart, so that the first refusal after a long absence is not waited out for long. */
  #refusedAttempt = 0
  #refused = false
  #why = ''
  #cancelWait: Cancel | null = null
  #cancelSteady: Cancel | null = null
  #connects = 0

  constructor(given: ConnectionGiven) {
    this.#given = given
    this.#open()
  }

  /** There is a new identity: a session under the old one ends, and a wait is over. */
  renew(): void {
    if (this.#closed) return
    this.#attempt = 0
    this.#refusedAttempt = 0
    if (this.#client) this.drop('a new certificate')
    else {
      this.#cancelWait?.()
      this.#open()
    }
  }

  get up(): boolean {
    return this.#up
  }

  /** How often a session was established. */
  get connects(): number {
    return this.#connects
  }

  /** QoS 1: resolves at the broker's acknowledgement; rejects when it will not come. */
  publish(topic: string, payload: string): Promise<void> {
    const client = this.#client
    if (!client || !this.#up) return Promise.reject(new Error('not connected'))
    return new Promise((resolve, reject) => {
      client.publish(topic, payload, { qos: 1 }, (error) => {
        if (error) reject(error)
        else resolve()
      })
    })
  }

  /** QoS 0, and dropped where the line is down or does not keep up. True if it was sent. */
  publishLossy(topic: string, payload: string): boolean {
    if (!this.#client || !this.#up || this.#client.stream.writableNeedDrain) return false
    this.#client.publish(topic, payload, { qos: 0 })
    return true
  }

  /** Subscribes once more, so that the broker sends the retained messages of these topics again. */
  askRetained(filters: readonly string[]): void {
    if (!this.#client || !this.#up) return
    this.#client.subscribe([...filters], { qos: 1 }, () => undefined)
  }

  /** Gives the present session up; the next one follows after its wait. */
  drop(why: string): void {
    if (this.#client) this.#fail(this.#client, why, false)
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#cancelWait?.()
    this.#cancelSteady?.()
    const client = this.#client
    this.#client = null
    const wasUp = this.#up
    this.#up = false
    if (!client) return
    // Orderly where the line is up, so that the broker does not take it for a loss; else at once.
    await new Promise<void>((resolve) => {
      const cancel = this.#given.clock.after('uplink close', 1_000, () => {
        client.end(true)
        resolve()
      })
      client.end(!wasUp, {}, () => {
        cancel()
        resolve()
      })
    })
  }

  #open(): void {
    const { url, clientId, identity, keepaliveS, connectTimeoutMs } = this.#given
    const own = identity.current()
    if (!own) {
      this.#wait('this box is not enrolled', false)
      return
    }
    const options: IClientOptions & { readonly minVersion: 'TLSv1.3' } = {
      clientId,
      key: own.keyPem,
      cert: own.certificatePem,
      ca: own.authorityPem,
      minVersion: 'TLSv1.3',
      rejectUnauthorized: true,
      protocolVersion: 4,
      clean: true,
      keepalive: keepaliveS,
      connectTimeout: connectTimeoutMs,
      reconnectPeriod: 0,
      resubscribe: false,
      queueQoSZero: false,
    }
    let client: MqttClient
    try {
      client = mqtt.connect(url, options)
    } catch (error) {
      // Key or certificate that TLS cannot use are thrown here: lanes go on, and the next look may find others.
      this.#wait(messageOf(error), false)
      return
    }
    this.#client = client
    this.#refused = false
    this.#why = ''
    client.on('connect', () => {
      if (client !== this.#client) return
      this.#given.onOpened()
      this.#subscribe(client)
    })
    // The client may report errors after its end; without a listener they would end the process.
    client.on('error', (error) => {
      this.#why = messageOf(error)
      if ('code' in error && refusals.has(Number(error.code))) this.#refused = true
      this.#fail(client, this.#why, this.#refused)
    })
    client.on('close', () => {
      this.#fail(client, this.#why || 'the connection was closed', this.#refused)
    })
    client.handleMessage = (packet, done) => {
      const { topic, payload, retain } = packet
      const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload
      const handled =
        client === this.#client
          ? this.#given.onMessage({ topic, payload: bytes, retained: retain === true })
          : Promise.resolve()
      handled.then(
        () => done(),
        (error: unknown) => {
          // An error here would only leave the message unacknowledged in silence.
          this.#given.log.error({ topic, error: messageOf(error) }, 'a message could not be handled')
          done()
        },
      )
    }
  }

  #subscribe(client: MqttClient): void {
    const { subscriptions, clock, steadyAfterMs, onUp, log } = this.#given
    client.subscribe([...subscriptions], { qos: 1 }, (error, grants) => {
      if (client !== this.#client) return
      const denied = grants?.find((grant) => grant.qos === 128)
      if (error ?? denied) {
        this.#fail(client, `subscription refused: ${denied?.topic ?? messageOf(error)}`, true)
        return
      }
      this.#up = true
      this.#connects += 1
      this.#cancelSteady = clock.after('uplink steady', steadyAfterMs, () => {
        this.#attempt = 0
        this.#refusedAttempt = 0
      })
      log.info({ connects: this.#connects }, 'uplink connected')
      onUp()
    })
  }

  /** Ends this client, once, and lets the next one come after its wait. */
  #fail(client: MqttClient, why: string, refused: boolean): void {
    if (client !== this.#client || this.#closed) return
    this.#client = null
    this.#up = false
    this.#cancelSteady?.()
    client.end(true)
    this.#wait(why, refused)
  }

  #wait(why: string, refused: boolean): void {
    const { backoff, refusedBackoff, random, clock, log, onDown } = this.#given
    const waitMs = refused
      ? backoffMs(refusedBackoff, this.#refusedAttempt++, random)
      : backoffMs(backoff, this.#attempt++, random)
    log.info({ why, refused, waitMs }, 'uplink down')
    onDown(why, refused)
    this.#cancelWait = clock.after('uplink backoff', waitMs, () => this.#open())
  }
}
