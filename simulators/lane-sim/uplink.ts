import type { StoredEvent } from '../../edge/interfaces/journal.js'
import type { Boot } from './boot.js'
import type { SimDisk } from './disk.js'
import type { SimGateway } from './gateway.js'
import type { SimLink } from './link.js'

export interface UplinkOptions {
  /** Events under way without an acknowledgement, at most. */
  readonly inFlightMax: number
  /** Nothing acknowledged for this long: what is under way is sent again. */
  readonly resendAfterMs: number
  /** A broken uplink that frees rows when the broker has them: only the checker's own tests set it. */
  readonly prunesOnBrokerAck?: boolean
}

export const standardUplink: UplinkOptions = { inFlightMax: 64, resendAfterMs: 2_000 }

/**
 * The way up of one life of the edge: oldest first, a bounded window, sent again until the
 * gateway has said that it has them (the gateway's word, never the broker's).
 */
export class SimUplink {
  peakInFlight = 0
  readonly #boot: Boot
  readonly #disk: SimDisk
  readonly #link: SimLink
  readonly #gateway: SimGateway
  readonly #options: UplinkOptions
  readonly #onAcknowledged: (upTo: number) => void
  #nextSequence: number
  #lastProgressMs = 0
  #watching = false

  constructor(
    given: { boot: Boot; disk: SimDisk; link: SimLink; gateway: SimGateway },
    options: UplinkOptions,
    onAcknowledged: (upTo: number) => void,
  ) {
    this.#boot = given.boot
    this.#disk = given.disk
    this.#link = given.link
    this.#gateway = given.gateway
    this.#options = options
    this.#onAcknowledged = onAcknowledged
    this.#nextSequence = this.#disk.acknowledged + 1
  }

  /** The connection is there again: everything not acknowledged goes out anew. */
  connected(): void {
    this.#nextSequence = this.#disk.acknowledged + 1
    this.pump()
  }

  /** Sends what the window allows. */
  pump(): void {
    if (!this.#boot.alive || !this.#link.health.up) return
    const rows = this.#disk.rows
    const first = this.#disk.acknowledged + 1
    this.#nextSequence = Math.max(this.#nextSequence, first)
    while (this.#nextSequence <= rows.length && this.#nextSequence - first < this.#options.inFlightMax) {
      const row = rows[this.#nextSequence - 1]
      if (!row) break
      this.#nextSequence += 1
      this.#send(row)
    }
    this.peakInFlight = Math.max(this.peakInFlight, this.#nextSequence - first)
    if (this.#nextSequence > first) this.#watch()
  }

  /** `down/ack` of the gateway. */
  acknowledged(epoch: string, upTo: number): void {
    if (!this.#boot.alive || epoch !== this.#disk.epoch || upTo <= this.#disk.acknowledged) return
    if (upTo > this.#disk.rows.length) return
    this.#disk.acknowledged = upTo
    this.#lastProgressMs = this.#boot.now().monoMs
    this.#onAcknowledged(upTo)
    this.pump()
  }

  #send(row: StoredEvent): void {
    this.#link.send('up.event', () => {
      this.#gateway.ingest(row)
      if (this.#options.prunesOnBrokerAck) this.acknowledged(row.epoch, row.sequence)
    })
  }

  #watch(): void {
    if (this.#watching) return
    this.#watching = true
    this.#lastProgressMs = this.#boot.now().monoMs
    this.#boot.after('uplink.resend', this.#options.resendAfterMs, () => {
      this.#watching = false
      const idleMs = this.#boot.now().monoMs - this.#lastProgressMs
      if (idleMs >= this.#options.resendAfterMs) this.#nextSequence = this.#disk.acknowledged + 1
      this.pump()
    })
  }
}
