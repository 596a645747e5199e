import { readFile } from 'node:fs/promises'
import { connect, type IClientOptions, type MqttClient } from 'mqtt'
import type { Cancel, Clock } from '../../../base/clock.js'
import { LanekeeperError } from '../../../base/error.js'
import type {
  OwnBus,
  OwnBusRequest,
  OwnBusSubscription,
  ReaderDriver,
  ReaderGiven,
} from '../../../interfaces/reader.js'
import { discarded } from '../common/decoded.js'
import { openConnected } from '../common/connection.js'
import type { Intake } from '../common/intake.js'
import type { Session } from '../common/link.js'
import { parseConfig, type MqttReaderConfig } from './config.js'
import { decodePayload, type MqttDialect } from './dialect.js'
import { impinjR700 } from './impinj-r700/codec.js'
import { lanekeeper } from './lanekeeper/codec.js'
import { readSecret } from './secret.js'
import { zebraIotc } from './zebra-iotc/codec.js'

const dialects: Readonly<Record<MqttReaderConfig['dialect'], MqttDialect>> = {
  'impinj-r700': impinjR700,
  'zebra-iotc': zebraIotc,
  lanekeeper,
}

/** A dead link is noticed after one and a half of this; MQTT.js's own default would be blind for 90 s. */
const keepaliveSeconds = 5
const connectWithinMs = 4_000
const endWithinMs = 1_000

/** Readers, base stations and plate cameras that publish what they hear. */
export const mqttReaderDriver: ReaderDriver<MqttReaderConfig> = {
  kind: 'mqtt',
  parseConfig,
  open: (config, given) => {
    const source = new MqttSource(config, given)
    return openConnected(given, config, config.topic, (intake, closing) => source.open(intake, closing))
  },
}

/** What subscriptions are made of: at the edge's own bus, or at another broker. */
class MqttSource {
  readonly #config: MqttReaderConfig
  readonly #given: ReaderGiven
  readonly #dialect: MqttDialect

  constructor(config: MqttReaderConfig, given: ReaderGiven) {
    this.#config = config
    this.#given = given
    this.#dialect = dialects[config.dialect]
  }

  async open(intake: Intake, closing: AbortSignal): Promise<Session> {
    const { ownBus } = this.#given
    if (ownBus?.isAt(this.#config.url)) return this.#openOwn(ownBus, intake)
    const client = connect(this.#config.url, await this.#options())
    client.on('message', (_topic, payload, packet) => this.#take(intake, payload, packet.retain))
    const session = new MqttSession(client, this.#given.clock)
    try {
      await session.ready(this.#config.topic, closing)
    } catch (error) {
      await session.close()
      throw error
    }
    return session
  }

  async #openOwn(ownBus: OwnBus, intake: Intake): Promise<Session> {
    const { username, secretFile, topic } = this.#config
    const secret = await readSecret(secretFile)
    const session = new OwnSession()
    await session.open(ownBus, { username, secret, topic }, (payload) => this.#take(intake, payload, false))
    return session
  }

  async #options(): Promise<IClientOptions> {
    const { username, secretFile, caFile } = this.#config
    return {
      protocolVersion: 4,
      username,
      password: await readSecret(secretFile),
      clientId: `${this.#given.id}-${Math.floor(this.#given.random.next() * 1e9).toString(36)}`,
      clean: true,
      keepalive: keepaliveSeconds,
      connectTimeout: connectWithinMs,
      // Its own reconnection has no jitter and keeps objects we want rid of (reliability.md 4.2).
      reconnectPeriod: 0,
      queueQoSZero: false,
      resubscribe: false,
      ...(caFile === undefined ? {} : { ca: await readFile(caFile) }),
    }
  }

  #take(intake: Intake, payload: Uint8Array, retained: boolean): void {
    // A retained read is one from before we listened: its vehicle may be long gone.
    if (retained) intake.take(discarded('A retained message, which is no read of now.'))
    else intake.take(decodePayload(this.#dialect, payload, this.#config.maxPayloadBytes))
  }
}

/** One subscription at the edge's own bus, in this process. */
class OwnSession implements Session {
  readonly lost: Promise<string>
  #tellLost: (why: string) => void = () => undefined
  #subscription: OwnBusSubscription | null = null
  #proven = false

  constructor() {
    this.lost = new Promise((resolve) => {
      this.#tellLost = resolve
    })
  }

  get proven(): boolean {
    return this.#proven
  }

  /** Resolves when subscribed; rejects with the reason. */
  async open(
    bus: OwnBus,
    request: Pick<OwnBusRequest, 'username' | 'secret' | 'topic'>,
    onMessage: OwnBusRequest['onMessage'],
  ): Promise<void> {
    this.#subscription = await bus.subscribe({
      ...request,
      onMessage: (payload) => {
        this.#proven = true
        onMessage(payload)
      },
      onLost: (why) => this.#tellLost(why),
    })
  }

  async close(): Promise<void> {
    this.#tellLost('Closed.')
    await this.#subscription?.close()
  }
}

/** One connection of one client object. */
class MqttSession implements Session {
  readonly lost: Promise<string>
  readonly #client: MqttClient
  readonly #clock: Clock
  #tellLost: (why: string) => void = () => undefined
  #closed: Promise<void> | undefined
  #proven = false

  constructor(client: MqttClient, clock: Clock) {
    this.#client = client
    this.#clock = clock
    this.lost = new Promise((resolve) => {
      this.#tellLost = resolve
    })
    client.on('message', () => {
      this.#proven = true
    })
    client.on('error', (error) => this.#tellLost(error.message || 'The broker cannot be reached.'))
    client.on('close', () => this.#tellLost('The broker closed the connection.'))
    client.on('offline', () => this.#tellLost('The broker does not answer.'))
  }

  /** Resolves when subscribed; rejects with the reason, at the latest after the bound. */
  async ready(topic: string, closing: AbortSignal): Promise<void> {
    let cancel: Cancel = () => undefined
    const late = new Promise<string>((resolve) => {
      cancel = this.#clock.after('reader.connect', connectWithinMs, () =>
        resolve('No answer from the broker.'),
      )
    })
    const stop = () => this.#tellLost('Closed.')
    closing.addEventListener('abort', stop)
    const why = await Promise.race([this.lost, late, this.#subscribe(topic)])
    closing.removeEventListener('abort', stop)
    cancel()
    if (why !== null) throw new LanekeeperError('reader.notSubscribed', why)
  }

  get proven(): boolean {
    return this.#proven
  }

  close(): Promise<void> {
    this.#closed ??= this.#release()
    return this.#closed
  }

  /** Null: subscribed. The reason why not comes as a value, since it races others that come as values. */
  #subscribe(topic: string): Promise<string | null> {
    return new Promise((resolve) => {
      this.#client.once('connect', () => {
        // QoS 0 for all: aedes loses messages of a client that has both kinds (aedes#994).
        this.#client.subscribe(topic, { qos: 0 }, (error, granted) => {
          const refused = granted === undefined || granted.some((one) => Number(one.qos) > 2)
          if (error) resolve(`Not subscribed to ${topic}: ${error.message}`)
          else resolve(refused ? `The broker does not let this user read ${topic}.` : null)
        })
      })
    })
  }

  #release(): Promise<void> {
    this.#tellLost('Closed.')
    return new Promise((resolve) => {
      const cancel = this.#clock.after('reader.end', endWithinMs, resolve)
      this.#client.end(true, () => {
        cancel()
        resolve()
      })
    })
  }
}
