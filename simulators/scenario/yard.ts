import type { Cancel, Clock } from '../../edge/base/clock.js'
import type { SeededRandom } from '../../edge/base/random.js'
import type { Light } from '../../edge/interfaces/barrier.js'
import type { Sensed as Found } from '../../edge/messages/sensed.js'
import { voices } from '../../edge/messages/text/prompts.js'
import type { PlcImage, PlcLane } from '../plc/model.js'
import type { SimulatedPlate, SimulatedTag } from '../reader/index.js'
import { goodAntenna, hears, rssiAt, type AntennaSettings } from '../vehicle/antenna.js'
import type { Act } from '../vehicle/driver.js'
import { standardLane, type LaneGeometry } from '../vehicle/geometry.js'
import { Road, type Rider } from '../vehicle/road.js'
import type { VehicleSpec } from '../vehicle/vehicle.js'

/** Where the yard's reads go: a simulated reader on a real wire. */
export interface YardReader {
  hear(tag: SimulatedTag): void
}

export interface YardCamera {
  see(plate: SimulatedPlate): void
}

/** Devices about driver and load of one lane. */
export interface YardDevices {
  find(finding: Found): void
}

/** What happened in the yard, as the world has it and whatever any program believes. */
export type YardEvent = { readonly lane: string; readonly atMs: number } & (
  | { readonly is: 'onLoop'; readonly vehicleId: string }
  | { readonly is: 'left'; readonly vehicleId: string; readonly how: 'through' | 'backwards' }
  /** Which vehicle stood at the line when the PLC took the request; null: none. */
  | { readonly is: 'accepted'; readonly commandId: string; readonly vehicleId: string | null }
  /** The arm passed another tenth of its way; 0 lowered .. 90 raised. */
  | { readonly is: 'armAt'; readonly degrees: number }
  | { readonly is: 'loweredOnVehicle'; readonly total: number }
  /** Where the arm is, told when it gets there or sets off. */
  | { readonly is: 'arm'; readonly position: 'raised' | 'lowered' | 'moving' }
  /** What light, board and voice tell the driver, whenever one of them changes. */
  | { readonly is: 'guidance'; readonly light: Light; readonly text: string; readonly voice: number }
)

export interface YardLaneGiven {
  readonly plc: PlcLane
  readonly reader: YardReader
  readonly camera: YardCamera | null
  /** Absent: the lane has none. */
  readonly devices?: YardDevices
  /** How well the lane's antenna is kept to its lane; absent: {@link goodAntenna}. */
  readonly antenna?: AntennaSettings
  /** Absent: {@link standardLane}. */
  readonly geometry?: LaneGeometry
}

/** How often drivers, arms and sensors move. */
const stepMs = 20
/** One inventory round of a reader. */
const roundMs = 60
const armStepDegrees = 9
/** Where a tag can be heard at all, metres along the lane. */
const field = { fromM: 9, toM: 36 }
/** A camera takes its picture this long after the vehicle came onto the loop. */
const photoAfterMs = 250
const queueMax = 64

interface Waiting {
  readonly vehicle: VehicleSpec
  readonly acts: readonly Act[]
}

/** One lane of the yard: its road, its PLC, and the readers that look at it. */
export class YardLane {
  readonly geometry: LaneGeometry
  readonly road: Road
  readonly plc: PlcLane
  readonly number: number
  readonly antenna: AntennaSettings
  readonly #given: YardLaneGiven
  readonly #random: SeededRandom
  readonly #tell: (event: YardEvent) => void
  readonly #queue: Waiting[] = []
  readonly #onLoop = new Set<string>()
  readonly #photographed = new Set<string>()
  /** Of each vehicle, how many of its findings were told. */
  readonly #found = new Map<string, number>()
  #leftSeen = 0
  #acceptedSeen = 0
  #armStep = 0
  #loweredSeen = 0
  #position: 'raised' | 'lowered' | 'moving' = 'lowered'
  #guidance = ''

  constructor(number: number, given: YardLaneGiven, random: SeededRandom, tell: (event: YardEvent) => void) {
    this.number = number
    this.plc = given.plc
    this.geometry = given.geometry ?? standardLane
    this.road = new Road(this.geometry)
    this.antenna = given.antenna ?? goodAntenna
    this.#given = given
    this.#random = random
    this.#tell = tell
  }

  get id(): string {
    return this.plc.id
  }

  /** Vehicles that are in the lane or wait for room in it. */
  get busy(): number {
    return this.road.riders.length + this.#queue.length
  }

  /** False when too many wait already. */
  enter(vehicle: VehicleSpec, acts: readonly Act[]): boolean {
    if (this.#queue.length >= queueMax) return false
    this.#queue.push({ vehicle, acts })
    return true
  }

  step(nowMs: number): void {
    const next = this.#queue[0]
    if (next && this.road.hasRoom(nowMs)) {
      this.#queue.shift()
      this.road.enter(next.vehicle, next.acts, nowMs)
    }
    const image: PlcImage = this.plc.image()
    const sensed = this.road.advance(nowMs, {
      green: image.lightGreen,
      armDegrees: this.plc.armAngle,
      toldToReturn: image.voicePrompt === voices['prompt.return'],
    })
    this.plc.advance(nowMs, sensed)
    this.#notice(nowMs)
    this.#noticeGuidance(image, nowMs)
  }

  /** One inventory round: every tag in the field of this lane's antenna, whichever lane it is in. */
  listen(lanes: readonly YardLane[], nowMs: number): void {
    for (const lane of lanes) {
      for (const rider of lane.road.riders) this.#hear(rider, Math.abs(lane.number - this.number), nowMs)
    }
  }

  #hear(rider: Rider, lanesAway: number, nowMs: number): void {
    const { vehicle, onLoopSinceMs } = rider
    const frontM = rider.frontM(nowMs)
    for (const tag of vehicle.tags) {
      const atM = frontM - tag.behindFrontM
      if (atM < field.fromM || atM > field.toM) continue
      const silentForMs = tag.silentForMs ?? 0
      if (silentForMs > 0 && (onLoopSinceMs === null || nowMs < onLoopSinceMs + silentForMs)) continue
      const rssiDbm = rssiAt(this.geometry, this.antenna, tag.strengthDbm, atM, lanesAway)
      const heard = hears(this.antenna, rssiDbm, this.#random)
      for (let time = 0; time < (heard?.times ?? 0); time += 1) {
        this.#given.reader.hear({
          epc: tag.epc,
          antenna: '1',
          rssiDbm: heard?.rssiDbm ?? rssiDbm,
          ...(tag.tid === undefined ? {} : { tid: tag.tid }),
        })
      }
    }
  }

  #notice(nowMs: number): void {
    for (const { vehicle, onLoopSinceMs } of this.road.riders) {
      if (onLoopSinceMs === null) continue
      if (!this.#onLoop.has(vehicle.id)) {
        this.#onLoop.add(vehicle.id)
        this.#tell({ is: 'onLoop', lane: this.id, atMs: nowMs, vehicleId: vehicle.id })
      }
      if (nowMs >= onLoopSinceMs + photoAfterMs) this.#photograph(vehicle)
      this.#findOf(vehicle, nowMs - onLoopSinceMs)
    }
    for (; this.#leftSeen < this.road.left.length; this.#leftSeen += 1) {
      const gone = this.road.left[this.#leftSeen]
      if (!gone) continue
      this.#onLoop.delete(gone.vehicle.id)
      this.#photographed.delete(gone.vehicle.id)
      this.#found.delete(gone.vehicle.id)
      this.#tell({ is: 'left', lane: this.id, atMs: gone.atMs, vehicleId: gone.vehicle.id, how: gone.how })
    }
    this.#noticeBarrier(nowMs)
  }

  #noticeBarrier(nowMs: number): void {
    const { truth } = this.plc
    const fresh = Math.min(truth.acceptedTotal - this.#acceptedSeen, truth.accepted.length)
    for (const raise of fresh > 0 ? truth.accepted.slice(-fresh) : []) {
      const vehicleId = this.road.atLine(nowMs)?.id ?? null
      this.#tell({ is: 'accepted', lane: this.id, atMs: raise.atMs, commandId: raise.commandId, vehicleId })
    }
    this.#acceptedSeen = truth.acceptedTotal
    if (truth.loweredOnVehicle > this.#loweredSeen) {
      this.#loweredSeen = truth.loweredOnVehicle
      this.#tell({ is: 'loweredOnVehicle', lane: this.id, atMs: nowMs, total: truth.loweredOnVehicle })
    }
    const armStep = Math.floor(this.plc.armAngle / armStepDegrees)
    if (armStep !== this.#armStep) {
      this.#armStep = armStep
      this.#tell({ is: 'armAt', lane: this.id, atMs: nowMs, degrees: Math.round(this.plc.armAngle) })
    }
    const { armAngle } = this.plc
    const position = armAngle >= 89.5 ? 'raised' : armAngle <= 0.5 ? 'lowered' : 'moving'
    if (position === this.#position) return
    this.#position = position
    this.#tell({ is: 'arm', lane: this.id, atMs: nowMs, position })
  }

  #noticeGuidance({ lightGreen, lightRed, ledText, voicePrompt }: PlcImage, nowMs: number): void {
    const light: Light = lightGreen ? 'green' : lightRed ? 'red' : 'off'
    const guidance = `${light} ${voicePrompt} ${ledText}`
    if (guidance === this.#guidance) return
    this.#guidance = guidance
    this.#tell({ is: 'guidance', lane: this.id, atMs: nowMs, light, text: ledText, voice: voicePrompt })
  }

  /** What a reader of this lane hears of a tag that no vehicle here carries. */
  hear(tag: SimulatedTag): void {
    this.#given.reader.hear(tag)
  }

  /** What the camera of this lane sees of a plate that no vehicle here shows. */
  see(plate: SimulatedPlate): void {
    this.#given.camera?.see(plate)
  }

  /** What a device of this lane finds, whoever stands there. */
  find(finding: Found): void {
    this.#given.devices?.find(finding)
  }

  #findOf({ id, shows }: VehicleSpec, forMs: number): void {
    if (shows === undefined || shows.length === 0) return
    const told = this.#found.get(id) ?? 0
    const due = [...shows].sort((a, b) => a.afterMs - b.afterMs).filter(({ afterMs }) => afterMs <= forMs)
    for (const { sensed } of due.slice(told)) this.find(sensed)
    this.#found.set(id, due.length)
  }

  #photograph(vehicle: VehicleSpec): void {
    if (this.#photographed.has(vehicle.id)) return
    this.#photographed.add(vehicle.id)
    const [plate] = vehicle.plates
    if (!plate || !this.#given.camera) return
    const confidence = 0.91 + this.#random.next() * 0.09
    this.#given.camera.see({ text: plate.text, region: plate.region, confidence, antenna: '0' })
  }
}

/**
 * The hardware of one site in real time: vehicles drive over loops, arms move, antennas hear.
 * The physics is the same as in virtual time; here the clock on the wall drives it and the
 * readers stand on real wires.
 */
export class Yard {
  readonly lanes: readonly YardLane[]
  readonly #clock: Clock
  readonly #onStep: (nowMs: number) => void
  #cancel: Cancel | null = null
  #lastRoundMs = -Infinity

  constructor(given: {
    readonly clock: Clock
    readonly random: SeededRandom
    readonly lanes: readonly YardLaneGiven[]
    readonly onEvent: (event: YardEvent) => void
    /** After each step, so that traffic can be let in. */
    readonly onStep?: (nowMs: number) => void
  }) {
    this.#clock = given.clock
    this.#onStep = given.onStep ?? (() => undefined)
    this.lanes = given.lanes.map((lane, index) => new YardLane(index + 1, lane, given.random, given.onEvent))
  }

  start(): void {
    this.#cancel ??= this.#clock.after('yard', stepMs, () => {
      this.#cancel = null
      this.#step()
      this.start()
    })
  }

  stop(): void {
    this.#cancel?.()
    this.#cancel = null
  }

  #step(): void {
    const nowMs = this.#clock.now().monoMs
    for (const lane of this.lanes) lane.step(nowMs)
    if (nowMs - this.#lastRoundMs >= roundMs) {
      this.#lastRoundMs = nowMs
      for (const lane of this.lanes) lane.listen(this.lanes, nowMs)
    }
    this.#onStep(nowMs)
  }
}
