import mqtt, { type IClientOptions, type MqttClient } from 'mqtt'
import type { EdgeIdentity } from '../../edge/interfaces/identity.js'
import type { SentEvent } from '../../edge/messages/envelope.js'
import { edgeSubscriptions, upTopic, type UpKind } from '../../edge/messages/topics.js'

/** The longest a test waits for something that must come. */
const patienceMs = 10_000

export interface Heard {
  readonly topic: string
  readonly kind: string
  readonly retained: boolean
  readonly message: Record<string, unknown>
}

/** An edge's end of the wire over a real MQTT connection. */
export class EdgeClient {
  readonly heard: Heard[] = []
  readonly #site: string
  readonly #edgeId: string
  readonly #client: MqttClient
  #listeners: (() => void)[] = []
  closed = false

  private constructor(site: string, edgeId: string, client: MqttClient) {
    this.#site = site
    this.#edgeId = edgeId
    this.#client = client
    client.on('message', (topic, payload, packet) => {
      const message = JSON.parse(payload.toString('utf8')) as Record<string, unknown>
      this.heard.push({ topic, kind: topic.split('/').at(-1) ?? '', retained: packet.retain, message })
      this.#wake()
    })
    client.on('close', () => {
      this.closed = true
      this.#wake()
    })
    client.on('error', () => undefined)
    // Every publish under way watches for the end of the connection.
    client.setMaxListeners(0)
  }

  /** Connects; rejects if the broker refuses. */
  static async connect(
    url: string,
    site: string,
    edgeId: string,
    identity: EdgeIdentity,
    options: IClientOptions = {},
  ): Promise<EdgeClient> {
    const client = await mqtt.connectAsync(
      url,
      {
        clientId: edgeId,
        key: identity.keyPem,
        cert: identity.certificatePem,
        ca: identity.authorityPem,
        protocolVersion: 4,
        clean: true,
        keepalive: 10,
        reconnectPeriod: 0,
        connectTimeout: patienceMs,
        ...options,
      },
      false,
    )
    return new EdgeClient(site, edgeId, client)
  }

  /** Connects and subscribes as an edge does. */
  static async listening(
    url: string,
    site: string,
    edgeId: string,
    identity: EdgeIdentity,
  ): Promise<EdgeClient> {
    const edge = await EdgeClient.connect(url, site, edgeId, identity)
    await edge.subscribe(edgeSubscriptions(site, edgeId))
    return edge
  }

  /** Granted QoS of each filter; 128: refused. */
  async subscribe(filters: string[]): Promise<number[]> {
    return new Promise((resolve, reject) => {
      this.#client.subscribe(filters, { qos: 1 }, (error, granted, packet) => {
        const codes = packet?.granted.map(Number) ?? granted?.map((one) => one.qos)
        if (codes) resolve(codes)
        else reject(error ?? new Error('no answer to the subscription'))
      })
    })
  }

  /** Resolves with the PUBACK. */
  async sendEvent(event: SentEvent): Promise<void> {
    await this.send('event', JSON.stringify(event))
  }

  /** All at once, as an edge's window does; resolves when all are acknowledged. */
  async sendEvents(events: readonly SentEvent[]): Promise<void> {
    await Promise.all(events.map((event) => this.sendEvent(event)))
  }

  async send(kind: UpKind, payload: string | Buffer, qos: 0 | 1 | 2 = 1): Promise<void> {
    await this.publish(upTopic(this.#site, this.#edgeId, kind), payload, { qos })
  }

  /** Rejects if the connection ends before the acknowledgement. */
  publish(
    topic: string,
    payload: string | Buffer,
    options: { qos: 0 | 1 | 2; retain?: boolean },
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      const onClose = () => {
        reject(new Error('connection closed'))
      }
      this.#client.once('close', onClose)
      this.#client.publish(topic, payload, options, (error) => {
        this.#client.off('close', onClose)
        if (error) reject(error)
        else resolve()
      })
    })
  }

  /** The first message of a kind that fits, heard already or yet to come. */
  async hears(
    kind: string,
    fits: (message: Record<string, unknown>) => boolean = () => true,
  ): Promise<Heard> {
    let found: Heard | undefined
    await this.#until(() => {
      found = this.heard.find((one) => one.kind === kind && fits(one.message))
      return found !== undefined
    }, `${kind} was not heard`)
    if (!found) throw new Error('unreachable')
    return found
  }

  async isClosed(): Promise<void> {
    await this.#until(() => this.closed, 'the connection was not closed')
  }

  async end(): Promise<void> {
    await this.#client.endAsync(true)
  }

  /** Cuts the line without a word, as a dead network does. */
  cut(): void {
    this.#client.stream.destroy()
  }

  /** Stops reading, as a hung program does, with the connection open. */
  freeze(): void {
    this.#client.stream.pause()
  }

  async #until(holds: () => boolean, otherwise: string): Promise<void> {
    if (holds()) return
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new Error(`${otherwise} within ${patienceMs} ms`))
      }, patienceMs)
      const look = () => {
        if (!holds()) return
        clearTimeout(timer)
        this.#listeners = this.#listeners.filter((one) => one !== look)
        resolve()
      }
      this.#listeners.push(look)
    })
  }

  #wake(): void {
    for (const listener of [...this.#listeners]) listener()
  }
}
