import { Mailbox } from '../base/mailbox.js'
import type { LaneEvent } from '../domain/lane/types.js'
import type { Read } from '../interfaces/reader.js'

/** Events a lane may have waiting. */
export const mailboxMax = 512
/** Room on top for what is never shed; the bounds of each kind below add up to less. */
export const reserveMax = 512

const signalsMax = 128
const ordersMax = 64
const faultsMax = 128
const platesMax = 64
const sensedMax = 64

const nothing: readonly LaneEvent[] = []

export interface IntakeCounters {
  /** Raw reads that found no room. */
  readsShed: number
  /** Plates past their bound: a camera reads them again. */
  platesShed: number
  /** Findings of devices past their bound: who waits in the lane is shown to a person for it. */
  sensedShed: number
  /** Process images that a newer one overtook while too many waited; counters in them show what was missed. */
  imagesMerged: number
  /** Verdicts and commands turned away because too many waited. */
  ordersRefused: number
  /** Fault changes that came while too many waited; they only make a lane look again. */
  faultsMerged: number
  /** Most events waiting at once. */
  peak: number
}

/**
 * What waits for a lane, bounded for every kind (law 8). Reads are shed first and counted. A
 * process image is never lost in effect: past its bound only the newest is kept. Ticks and list
 * switches say nothing twice, so one of each waits.
 */
export class Intake {
  readonly counters: IntakeCounters = {
    readsShed: 0,
    platesShed: 0,
    sensedShed: 0,
    imagesMerged: 0,
    ordersRefused: 0,
    faultsMerged: 0,
    peak: 0,
  }
  readonly #box = new Mailbox<LaneEvent>({
    maxItems: mailboxMax,
    reserveItems: reserveMax,
    sheddable: (event) => event.on === 'read' && event.read.kind === 'tag',
  })
  readonly #waiting = { signals: 0, orders: 0, faults: 0, plates: 0, sensed: 0, ticks: 0, switches: 0 }
  #newestImage: LaneEvent | null = null

  get size(): number {
    return this.#box.size + (this.#newestImage === null ? 0 : 1)
  }

  /** False: a verdict or command was turned away, and its sender must be told. */
  put(event: LaneEvent): boolean {
    if (!this.#admit(event)) return event.on !== 'verdict' && event.on !== 'command'
    const what = this.#box.put(event)
    if (what !== 'taken') this.counters.readsShed += 1
    this.counters.peak = Math.max(this.counters.peak, this.size)
    return true
  }

  /** What waits, oldest first: a copy, and cheap when nothing does. */
  peek(): readonly LaneEvent[] {
    if (this.size === 0) return nothing
    return this.#newestImage === null ? this.#box.peek() : [...this.#box.peek(), this.#newestImage]
  }

  next(): LaneEvent | undefined {
    const event = this.#box.next()
    if (event !== undefined) {
      this.#leave(event)
      return event
    }
    const image = this.#newestImage
    this.#newestImage = null
    return image ?? undefined
  }

  #admit(event: LaneEvent): boolean {
    const waiting = this.#waiting
    switch (event.on) {
      case 'signals':
        if (this.#newestImage === null && waiting.signals < signalsMax) waiting.signals += 1
        else {
          if (this.#newestImage !== null) this.counters.imagesMerged += 1
          this.#newestImage = event
          return false
        }
        return true
      case 'verdict':
      case 'command':
        if (waiting.orders >= ordersMax) {
          this.counters.ordersRefused += 1
          return false
        }
        waiting.orders += 1
        return true
      case 'read':
        return this.#admitRead(event.read.kind)
      case 'fault':
        if (waiting.faults >= faultsMax) {
          this.counters.faultsMerged += 1
          return false
        }
        waiting.faults += 1
        return true
      case 'tick':
        return waiting.ticks++ === 0 || this.#already('ticks')
      case 'listsSwitched':
        return waiting.switches++ === 0 || this.#already('switches')
      default:
        return true
    }
  }

  /** A tag is read again and may go for anything; a plate is read seldom, and a finding comes once. */
  #admitRead(kind: Read['kind']): boolean {
    const waiting = this.#waiting
    if (kind === 'plate') {
      if (waiting.plates < platesMax) return (waiting.plates += 1) > 0
      this.counters.platesShed += 1
      return false
    }
    if (kind === 'device') {
      if (waiting.sensed < sensedMax) return (waiting.sensed += 1) > 0
      this.counters.sensedShed += 1
      return false
    }
    return true
  }

  #leaveRead(kind: Read['kind']): void {
    if (kind === 'plate') this.#waiting.plates -= 1
    else if (kind === 'device') this.#waiting.sensed -= 1
  }

  #already(which: 'ticks' | 'switches'): false {
    this.#waiting[which] = 1
    return false
  }

  #leave(event: LaneEvent): void {
    const waiting = this.#waiting
    if (event.on === 'signals') waiting.signals -= 1
    else if (event.on === 'verdict' || event.on === 'command') waiting.orders -= 1
    else if (event.on === 'fault') waiting.faults -= 1
    else if (event.on === 'read') this.#leaveRead(event.read.kind)
    else if (event.on === 'tick') waiting.ticks = 0
    else if (event.on === 'listsSwitched') waiting.switches = 0
  }
}
