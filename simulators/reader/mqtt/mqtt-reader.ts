import { connect, type MqttClient } from 'mqtt'
import { backoffMs, quick } from '../../../edge/base/backoff.js'
import { sleep, type Cancel, type Clock } from '../../../edge/base/clock.js'
import type { SeededRandom } from '../../../edge/base/random.js'
import type { Sensed } from '../../../edge/messages/sensed.js'
import type { SimulatedPlate, SimulatedTag } from '../tag.js'
import { encodeFindings, encodePlates, encodeTags, type MessageForm } from './encode.js'

export interface MqttReaderSettings {
  readonly url: string
  readonly username: string
  readonly password: string
  /** Stays the same over reconnections, as a device's does. */
  readonly clientId: string
  readonly topic: string
  readonly form: MessageForm
  /** 0, as readers have it by default, or 1. */
  readonly qos?: 0 | 1
  readonly clock: Clock
  readonly random: SeededRandom
}

export interface MqttReaderTally {
  /** Messages handed to a connected client. */
  sent: number
  /** Messages that nobody could get: not connected, switched off, or too many waiting. */
  lost: number
}

/** What a reader keeps while its network is slow; the rest is lost, as its makers say. */
const maxWaiting = 256
const floodStepMs = 10

/**
 * A reader, base station or plate camera that publishes over MQTT, with the habits of real ones: a
 * clock that drifts, messages that come twice, a network that goes away.
 */
export class MqttReaderSimulator {
  readonly tally: MqttReaderTally = { sent: 0, lost: 0 }
  readonly #settings: MqttReaderSettings
  #client: MqttClient | undefined
  #retry: Cancel | undefined
  #on = false
  #attempt = 0
  #waiting = 0
  #duplicateShare = 0
  #offsetMs = 0
  #driftPpm = 0
  #driftFromMs = 0

  constructor(settings: MqttReaderSettings) {
    this.#settings = settings
  }

  get connected(): boolean {
    return this.#client?.connected ?? false
  }

  /** Messages that the broker has not answered for, or the socket not taken. */
  get waiting(): number {
    return this.#waiting
  }

  /** Switches the reader on: it connects, and connects again whenever it must. */
  switchOn(): void {
    if (this.#on) return
    this.#on = true
    this.#connect()
  }

  /** Cuts it off without a farewell; resolves when the connection is gone. */
  async switchOff(): Promise<void> {
    this.#on = false
    this.#retry?.()
    const client = this.#client
    this.#client = undefined
    if (client !== undefined) await client.endAsync(true)
  }

  hear(...tags: readonly SimulatedTag[]): void {
    this.#publish(encodeTags(this.#settings.form, tags, this.readerClockMs()))
  }

  see(...plates: readonly SimulatedPlate[]): void {
    this.#publish(encodePlates(plates, this.readerClockMs()))
  }

  find(...findings: readonly Sensed[]): void {
    this.#publish(encodeFindings(findings, this.readerClockMs()))
  }

  /** Exactly this payload, for what no reader should send. */
  sendRaw(payload: string | Buffer, retain = false): void {
    this.#hand(payload, retain)
  }

  /** Share of the messages that are sent twice, 0 to 1. */
  setDuplicates(share: number): void {
    this.#duplicateShare = share
  }

  /** Puts the reader's own clock off by this, and lets it run fast by so many parts in a million. */
  setClock(offsetMs: number, driftPpm = 0): void {
    this.#offsetMs = offsetMs
    this.#driftPpm = driftPpm
    this.#driftFromMs = this.#settings.clock.now().monoMs
  }

  /** UTC ms as this reader believes it to be. */
  readerClockMs(): number {
    const { wallMs, monoMs } = this.#settings.clock.now()
    return wallMs + this.#offsetMs + ((monoMs - this.#driftFromMs) * this.#driftPpm) / 1e6
  }

  /** Reports the tags in turn, one a message, `perSecond` of them, for so long. */
  async flood(tags: readonly SimulatedTag[], perSecond: number, forMs: number): Promise<void> {
    const { clock } = this.#settings
    const fromMs = clock.now().monoMs
    let done = 0
    for (;;) {
      const passedMs = Math.min(forMs, clock.now().monoMs - fromMs)
      for (const due = (passedMs * perSecond) / 1_000; done < due; done += 1) {
        const tag = tags[done % tags.length]
        if (tag !== undefined) this.hear(tag)
      }
      if (passedMs >= forMs) return
      await sleep(clock, 'simulator.flood', floodStepMs)
    }
  }

  #publish(message: unknown): void {
    const payload = JSON.stringify(message)
    this.#hand(payload, false)
    if (this.#settings.random.chance(this.#duplicateShare)) this.#hand(payload, false)
  }

  #hand(payload: string | Buffer, retain: boolean): void {
    const client = this.#client
    if (client === undefined || !client.connected || this.#waiting >= maxWaiting) {
      this.tally.lost += 1
      return
    }
    this.tally.sent += 1
    this.#waiting += 1
    client.publish(this.#settings.topic, payload, { qos: this.#settings.qos ?? 0, retain }, () => {
      this.#waiting -= 1
    })
  }

  #connect(): void {
    const { url, username, password, clientId } = this.#settings
    const client = connect(url, {
      protocolVersion: 4,
      username,
      password,
      clientId,
      clean: true,
      keepalive: 5,
      connectTimeout: 4_000,
      reconnectPeriod: 0,
      queueQoSZero: false,
    })
    this.#client = client
    this.#waiting = 0
    client.on('connect', () => {
      this.#attempt = 0
    })
    client.on('error', () => undefined)
    client.once('close', () => this.#again(client))
  }

  #again(client: MqttClient): void {
    client.end(true)
    if (!this.#on || this.#client !== client) return
    const waitMs = backoffMs(quick, this.#attempt, this.#settings.random)
    this.#attempt += 1
    this.#retry = this.#settings.clock.after('simulator.reconnect', waitMs, () => {
      if (this.#on) this.#connect()
    })
  }
}
