import type { Instant } from '../../edge/base/clock.js'
import type { SeededRandom } from '../../edge/base/random.js'
import type { Guidance, LaneSignals } from '../../edge/interfaces/barrier.js'
import type { PlateRead, Read, TagRead } from '../../edge/interfaces/reader.js'
import type { Sensed } from '../../edge/messages/sensed.js'
import { voices } from '../../edge/messages/text/prompts.js'
import { goodAntenna, hears, rssiAt, type AntennaSettings } from '../vehicle/antenna.js'
import type { PlcImage, PlcLane } from '../plc/model.js'
import type { Act } from '../vehicle/driver.js'
import { standardLane } from '../vehicle/geometry.js'
import { Road, type Rider } from '../vehicle/road.js'
import type { VehicleSpec } from '../vehicle/vehicle.js'
import { healthyPlcLink, type PlcEnd, type PlcLinkHealth, type PlcRequest } from './barrier.js'
import { deviceRead, Devices } from './devices.js'
import type { Kernel } from './kernel.js'

/** What this simulation uses of a PLC; tests put a broken one in its place. */
export type PlcModel = Pick<
  PlcLane,
  | 'advance'
  | 'request'
  | 'spray'
  | 'people'
  | 'image'
  | 'armAngle'
  | 'edgeHeartbeat'
  | 'guide'
  | 'powerOff'
  | 'restart'
  | 'fail'
  | 'mend'
  | 'nextChangeMs'
  | 'truth'
>

/** How reader and camera of a lane behave just now. */
export interface LaneHealth {
  /** The reader is away, and the edge knows. */
  readerDown: boolean
  antenna: AntennaSettings
  /** Reads of a tag that no vehicle carries, a second; one tag, or always another. */
  floodPerSecond: number
  floodOfOneTag: boolean
  /** Share of the plates that the camera reads wrongly, and of those it does not read. */
  plateWrongShare: number
  plateMissShare: number
  /** Least confidence of a plate that is read rightly, 0 to 1. */
  plateSureMin: number
}

/** The edge's side of a lane; nobody there while the edge is dead. */
export interface LaneListener {
  /** The edge's clock: reads are stamped when they arrive. */
  now(): Instant
  read(read: Read): void
  image(image: LaneSignals): void
  lineDown(): void
}

/** What a lane tells whoever watches it. */
export interface LaneWatcher {
  accepted(lane: SimLane, commandId: string): void
  scanned(lane: SimLane): void
  left(lane: SimLane, vehicle: VehicleSpec, how: 'through' | 'backwards'): void
  /** The PLC took a request to spray. */
  sprays?(lane: SimLane, commandId: string): void
  /** A device told the edge this of a vehicle. */
  told?(lane: SimLane, vehicleId: string, sensed: Sensed): void
}

/** Nothing happening, the PLC's image is read this often all the same: its tick goes on. */
const scanMs = 1_000
/** One inventory round of the reader while something moves in its field. */
export const roundMs = 200
/** A tag that stands still keeps quiet for a while after it was read (Gen2 sessions): one round in this many. */
const standingRounds = 4
/** Where a tag can be heard at all, metres along the lane. */
const field = { fromM: 9, toM: 36 }

/** One physical lane: road, PLC, barrier, reader, camera. It knows nothing of edges or decisions. */
export class SimLane implements PlcEnd {
  readonly number: number
  readonly id: string
  readonly road = new Road(standardLane)
  readonly plc: PlcModel
  readonly line: PlcLinkHealth = { ...healthyPlcLink }
  readonly health: LaneHealth
  readonly devices: Devices
  readonly #heard = new Map<string, Map<string, number>>()
  readonly #seen = new Map<string, Map<string, number>>()
  listener: LaneListener | null = null
  neighbours: readonly SimLane[] = []
  rawInputs = 0
  readonly #kernel: Kernel
  readonly #random: SeededRandom
  readonly #watcher: LaneWatcher
  readonly #photographed = new Set<string>()
  #image: PlcImage
  #heartbeat = 0
  #restarts = 0
  #wake: (() => void) | null = null
  #reading = false
  #rounds = 0
  #leftSeen = 0
  #floods = 0
  #edgeLives = false

  constructor(
    number: number,
    given: { kernel: Kernel; random: SeededRandom; plc: PlcModel; watcher: LaneWatcher },
  ) {
    this.number = number
    this.id = `lane-${number}`
    this.#kernel = given.kernel
    this.#random = given.random
    this.plc = given.plc
    this.#image = given.plc.image()
    this.#watcher = given.watcher
    this.devices = new Devices({
      kernel: given.kernel,
      random: given.random,
      riders: () => this.road.riders,
      hand: (sensed, atMs) => this.hand((at) => deviceRead(this.id, sensed, at, atMs)),
      onTold: (vehicleId, sensed) => {
        given.watcher.told?.(this, vehicleId, sensed)
      },
    })
    this.health = {
      readerDown: false,
      antenna: goodAntenna,
      floodPerSecond: 0,
      floodOfOneTag: true,
      plateWrongShare: 0.01,
      plateMissShare: 0.1,
      plateSureMin: 0.85,
    }
  }

  /** The edge lives and its heartbeat reaches the PLC, or not. */
  set edgeLives(lives: boolean) {
    this.#edgeLives = lives
  }

  enter(vehicle: VehicleSpec, acts: readonly Act[]): void {
    this.road.enter(vehicle, acts, this.#kernel.nowMs)
    this.scanSoon()
    this.#startReading()
  }

  arrive(request: PlcRequest): void {
    if (!this.line.up) return
    this.#advance()
    const { nowMs } = this.#kernel
    if ('minSeconds' in request) {
      if (this.plc.spray(request, nowMs) === 'accepted') this.#watcher.sprays?.(this, request.commandId)
    } else if (this.plc.request(request, nowMs) === 'accepted')
      this.#watcher.accepted(this, request.commandId)
    this.scanSoon()
  }

  show(guidance: Guidance): void {
    this.plc.guide(guidance, this.#kernel.nowMs)
    this.scanSoon()
  }

  setLine(up: boolean): void {
    this.line.up = up
    if (up) this.scanSoon()
    else this.listener?.lineDown()
  }

  /** The PLC loses its power and is not heard any more. */
  stopPlc(): void {
    this.setLine(false)
    this.plc.powerOff(this.#kernel.nowMs)
  }

  /** It starts again: what it remembered is lost, the arm stays where it is. */
  startPlc(): void {
    this.#restarts += 1
    this.plc.restart(this.#kernel.nowMs, `${this.id}-boot-${this.#restarts}`)
    this.setLine(true)
  }

  /**
   * What the edge was told of one vehicle since it came onto the loop, and in the `approachMs` before:
   * reads from further back belong to whoever stood there then.
   */
  toldOf(
    vehicleId: string,
    approachMs: number,
  ): { readonly epcs: Set<string>; readonly plates: Set<string> } {
    const rider = this.road.riders.find((one) => one.vehicle.id === vehicleId)
    const sinceMs = (rider?.onLoopSinceMs ?? this.#kernel.nowMs) - approachMs
    const since = (told: Map<string, number> | undefined): Set<string> =>
      new Set([...(told ?? [])].filter(([, atMs]) => atMs >= sinceMs).map(([what]) => what))
    return { epcs: since(this.#heard.get(vehicleId)), plates: since(this.#seen.get(vehicleId)) }
  }

  /** The edge that was told is dead, and what it heard died with it. */
  forgetTold(): void {
    this.#heard.clear()
    this.#seen.clear()
  }

  /** Looks at everything now, and from then on again by itself. */
  scanSoon(): void {
    this.#wake?.()
    this.#wake = this.#kernel.after(0, this.id, () => {
      this.scan()
    })
  }

  scan(): void {
    this.#wake?.()
    this.#wake = null
    const { nowMs } = this.#kernel
    this.#advance()
    this.#photograph()
    this.devices.look()
    this.#tellWhoLeft()
    if (this.line.up && this.listener) {
      this.rawInputs += 1
      this.listener.image(this.#image)
    }
    this.#watcher.scanned(this)
    const roadMs = this.road.nextChangeMs(nowMs) ?? Infinity
    const plcMs = this.plc.nextChangeMs() ?? Infinity
    const nextMs = Math.min(nowMs + scanMs, roadMs, plcMs)
    this.#wake = this.#kernel.after(Math.max(0.1, nextMs - nowMs), this.id, () => {
      this.scan()
    })
  }

  #advance(): void {
    const { nowMs } = this.#kernel
    this.plc.advance(nowMs)
    const sensed = this.road.advance(nowMs, {
      green: this.#image.lightGreen,
      armDegrees: this.plc.armAngle,
      toldToReturn: this.#image.voicePrompt === voices['prompt.return'],
    })
    if (this.line.up && this.#edgeLives) this.plc.edgeHeartbeat((this.#heartbeat += 1), nowMs)
    this.plc.advance(nowMs, sensed)
    this.#image = this.plc.image()
  }

  #tellWhoLeft(): void {
    for (; this.#leftSeen < this.road.left.length; this.#leftSeen += 1) {
      const gone = this.road.left[this.#leftSeen]
      if (!gone) continue
      this.#heard.delete(gone.vehicle.id)
      this.#seen.delete(gone.vehicle.id)
      this.#photographed.delete(gone.vehicle.id)
      this.devices.gone(gone.vehicle.id)
      this.#watcher.left(this, gone.vehicle, gone.how)
    }
  }

  /** The camera takes one picture of each vehicle, a little after it came onto the loop. */
  #photograph(): void {
    const { nowMs } = this.#kernel
    for (const { vehicle, onLoopSinceMs } of this.road.riders) {
      if (onLoopSinceMs === null || nowMs < onLoopSinceMs + 250 || this.#photographed.has(vehicle.id))
        continue
      this.#photographed.add(vehicle.id)
      const [plate] = vehicle.plates
      if (!plate || this.#random.chance(this.health.plateMissShare)) continue
      const isWrong = this.#random.chance(this.health.plateWrongShare)
      const text = isWrong ? `${plate.text.slice(0, -1)}${this.#random.int(0, 9)}` : plate.text
      const { plateSureMin } = this.health
      const drawn = this.#random.next()
      const sure = isWrong ? 0.4 + drawn * 0.55 : plateSureMin + drawn * (1 - plateSureMin)
      const taken = this.hand((at) => plateRead(this.id, text, plate.region, sure, at))
      if (taken && sure >= 0.9 && text === plate.text) noteIn(this.#seen, vehicle.id, text, nowMs)
    }
  }

  /** Rounds go on while something is in the field; `afterMs` is the time to the next one. */
  #startReading(afterMs = roundMs): void {
    if (this.#reading) return
    this.#reading = true
    this.#kernel.after(afterMs, `${this.id}.reader`, () => {
      this.#round()
    })
  }

  /** Starts the reader again where something but a vehicle gives it work. */
  wakeReader(): void {
    this.#startReading()
  }

  /** One inventory round: every tag in the field of this lane's antenna, whichever lane it is in. */
  #round(): void {
    this.#reading = false
    let somebody = this.#flood()
    if (!this.health.readerDown) {
      for (const rider of this.road.riders) somebody = this.#listen(rider, 0) || somebody
      for (const lane of this.neighbours) {
        const away = Math.abs(lane.number - this.number)
        for (const rider of lane.road.riders) somebody = this.#listen(rider, away) || somebody
      }
    } else somebody ||= this.road.riders.length > 0
    this.#rounds += 1
    if (somebody) this.#startReading(this.#moves() ? roundMs : roundMs * standingRounds)
  }

  #moves(): boolean {
    if (this.health.floodPerSecond > 0) return true
    const { nowMs } = this.#kernel
    return this.road.isMoving(nowMs) || this.neighbours.some((lane) => lane.road.isMoving(nowMs))
  }

  #listen(rider: Rider, lanesAway: number): boolean {
    const { nowMs } = this.#kernel
    const { vehicle, onLoopSinceMs } = rider
    if (!rider.isMoving(nowMs) && this.#moves() && this.#rounds % standingRounds !== 0) return true
    const frontM = rider.frontM(nowMs)
    for (const tag of vehicle.tags) {
      const atM = frontM - tag.behindFrontM
      if (atM < field.fromM || atM > field.toM) continue
      if (
        tag.silentForMs !== undefined &&
        (onLoopSinceMs === null || nowMs < onLoopSinceMs + tag.silentForMs)
      )
        continue
      const { antenna } = this.health
      const heard = hears(
        antenna,
        rssiAt(standardLane, antenna, tag.strengthDbm, atM, lanesAway),
        this.#random,
      )
      if (!heard) continue
      for (let time = 0; time < heard.times; time += 1) {
        const taken = this.hand((at) => tagRead(this.id, tag.epc, tag.tid ?? null, heard.rssiDbm, at))
        if (taken && lanesAway === 0) noteIn(this.#heard, vehicle.id, tag.epc, nowMs)
      }
    }
    return true
  }

  #flood(): boolean {
    const { floodPerSecond, floodOfOneTag } = this.health
    if (floodPerSecond === 0) return false
    const reads = Math.ceil((floodPerSecond * roundMs) / 1_000)
    for (let i = 0; i < reads; i += 1) {
      this.#floods += 1
      const epc = floodOfOneTag
        ? 'F100D0000000000000000000'
        : `F1${this.#floods.toString(16).padStart(22, '0')}`
      this.hand((at) => tagRead(this.id, epc.toUpperCase(), null, -70, at))
    }
    return true
  }

  /** Gives a read to the edge; false with nobody there. */
  hand(readOf: (heardAt: Instant) => Read): boolean {
    if (!this.listener) return false
    this.rawInputs += 1
    this.listener.read(readOf(this.listener.now()))
    return true
  }
}

export function tagRead(
  lane: string,
  epc: string,
  tid: string | null,
  rssiDbm: number | null,
  heardAt: Instant,
): TagRead {
  return {
    kind: 'tag',
    readerId: `reader-${lane}`,
    antenna: '1',
    zone: null,
    epc,
    tid,
    rssiDbm,
    driverId: null,
    count: 1,
    heardAt,
    readerAtMs: null,
  }
}

export function plateRead(
  lane: string,
  text: string,
  region: PlateRead['plate']['region'],
  confidence: number,
  heardAt: Instant,
): PlateRead {
  return {
    kind: 'plate',
    readerId: `camera-${lane}`,
    antenna: '0',
    zone: null,
    plate: { region, text },
    confidence,
    heardAt,
    readerAtMs: null,
  }
}

function noteIn(map: Map<string, Map<string, number>>, key: string, value: string, nowMs: number): void {
  const known = map.get(key)
  if (known) known.set(value, nowMs)
  else map.set(key, new Map([[value, nowMs]]))
}
