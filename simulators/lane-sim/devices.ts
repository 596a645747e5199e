import type { Instant } from '../../edge/base/clock.js'
import type { SeededRandom } from '../../edge/base/random.js'
import type { DeviceRead } from '../../edge/interfaces/reader.js'
import type { Sensed } from '../../edge/messages/sensed.js'
import type { Rider } from '../vehicle/road.js'
import { startWallMs, type Kernel } from './kernel.js'

/** How the devices about driver and load behave just now; shares of the findings, 0 to 1. */
export interface DeviceHealth {
  /** Nobody hears of it. */
  missShare: number
  /** The device looked, and cannot tell. */
  unsureShare: number
  /** Told a second time. */
  twiceShare: number
  /** At most so much later, in milliseconds. */
  latestMs: number
}

export const healthyDevices: DeviceHealth = { missShare: 0, unsureShare: 0, twiceShare: 0, latestMs: 0 }

export interface DevicesGiven {
  readonly kernel: Kernel
  readonly random: SeededRandom
  /** Who is in the lane. */
  readonly riders: () => readonly Rider[]
  /** Gives a finding to the edge; false with nobody there. */
  readonly hand: (sensed: Sensed, atMs: number) => boolean
  /** The edge was told this of a vehicle. */
  readonly onTold: (vehicleId: string, sensed: Sensed) => void
}

/** Devices of one lane that look at driver and load: each finds once, a while after the vehicle came onto the loop. */
export class Devices {
  readonly health: DeviceHealth = { ...healthyDevices }
  readonly #given: DevicesGiven
  readonly #looked = new Set<string>()

  constructor(given: DevicesGiven) {
    this.#given = given
  }

  /** Whoever has come onto the loop is looked at. */
  look(): void {
    for (const { vehicle, onLoopSinceMs } of this.#given.riders()) {
      const { shows } = vehicle
      if (shows === undefined || shows.length === 0 || onLoopSinceMs === null) continue
      if (this.#looked.has(vehicle.id)) continue
      this.#looked.add(vehicle.id)
      for (const { afterMs, sensed } of shows) this.#find(vehicle.id, sensed, afterMs)
    }
  }

  gone(vehicleId: string): void {
    this.#looked.delete(vehicleId)
  }

  #find(vehicleId: string, sensed: Sensed, afterMs: number): void {
    const { kernel, random, riders, hand, onTold } = this.#given
    const lateMs = this.health.latestMs === 0 ? 0 : random.next() * this.health.latestMs
    kernel.after(afterMs + lateMs, 'device', () => {
      if (!riders().some(({ vehicle }) => vehicle.id === vehicleId)) return
      const { missShare, unsureShare, twiceShare } = this.health
      // Drawn only where something is wrong, so that sound devices cost a seed no number.
      if (missShare > 0 && random.chance(missShare)) return
      const told = unsureShare > 0 && random.chance(unsureShare) ? unsureOf(sensed) : sensed
      const atMs = kernel.nowMs - lateMs
      if (!hand(told, atMs)) return
      onTold(vehicleId, told)
      if (twiceShare > 0 && random.chance(twiceShare)) hand(told, atMs)
    })
  }
}

/** What a device says that looked and cannot tell. */
function unsureOf(sensed: Sensed): Sensed {
  switch (sensed.of) {
    case 'temperature':
    case 'radiation':
      return { of: sensed.of, is: 'unknown' }
    case 'container':
      return { ...sensed, confidence: 0.5 }
    case 'seal':
      return { of: 'sealMissed' }
    case 'weight':
      return { ...sensed, stable: false }
    case 'earTags':
      return { of: 'earTags', ids: [] }
    default:
      return sensed
  }
}

/** `atMs`: when it was found, in virtual time; the device's clock is right. */
export function deviceRead(lane: string, sensed: Sensed, heardAt: Instant, atMs: number): DeviceRead {
  return {
    kind: 'device',
    readerId: `devices-${lane}`,
    antenna: '0',
    zone: null,
    heardAt,
    readerAtMs: startWallMs + Math.round(atMs),
    sensed,
  }
}
