import { assert } from '../../edge/base/assert.js'
import type { Guidance } from '../../edge/interfaces/barrier.js'
import type { Sensed } from '../vehicle/geometry.js'
import { Arm } from './arm.js'
import { dark, positionOf, withExtras, type PlcImage, type PlcOutputs } from './image.js'
import {
  LeaseJudge,
  parseRaiseRequest,
  type RaiseRequest,
  type Refusal,
  type SprayRefusal,
  type SprayRequest,
} from './lease.js'
import { LoopInput } from './loop-input.js'
import {
  defaultPlcSettings,
  soundPlc,
  type PlcFailure,
  type PlcLaneGiven,
  type PlcSettings,
} from './settings.js'
import { Sprayer, type SprayerSees } from './sprayer.js'
import { Truth, type TruthDetail, type TruthEntry } from './truth.js'
import { Witness } from './witness.js'

export type { PlcImage } from './image.js'
export { defaultPlcSettings, type PlcFailure, type PlcSettings } from './settings.js'

const limitChatterMs = 40

/**
 * One lane of a PLC with its barrier: program and physics, pure in time. Reads no clock: every
 * call brings the present, which never goes backwards (an earlier time is taken as the newest
 * known). `truth` is kept by the physics; the program cannot touch it.
 */
export class PlcLane {
  readonly id: string
  readonly settings: PlcSettings
  readonly truth = new Truth()
  readonly #onTruth: (entry: TruthEntry) => void
  readonly #witness: Witness
  readonly #arm: Arm
  readonly #judge: LeaseJudge
  readonly #entry: LoopInput
  readonly #exit: LoopInput
  /** The light curtain below the bar. Built to fail safe, so it has no failures here. */
  readonly #zone: LoopInput
  readonly #sprayer: Sprayer | null
  #failure: PlcFailure = soundPlc
  #nowMs: number

  #atEndSinceMs: number

  // The program's memory: lost with the power.
  #powered = true
  #bootId: string
  #bootAtMs: number
  #frozenTick: number | null = null
  #acceptedId: string | null = null
  #acceptedCount = 0
  #refusedId: string | null = null
  #refusedWhy: string | null = null
  #beat: { counter: number; atMs: number } | null = null
  #tripped = true
  /** After a start nothing moves until the edge's heartbeat is seen. */
  #awaitsEdge = false
  #cycle: { owed: number; deadlineMs: number } | null = null
  #someoneInZone = false
  #pullsInVainSinceMs: number | null = null
  #blocked = false
  #outputs: PlcOutputs = dark

  constructor(given: PlcLaneGiven) {
    this.id = given.id
    this.settings = { ...defaultPlcSettings, ...given.settings }
    this.#onTruth = given.onTruth ?? (() => undefined)
    this.#nowMs = this.#bootAtMs = this.#atEndSinceMs = given.nowMs ?? 0
    this.#bootId = given.bootId
    this.#arm = new Arm(given.armAngle ?? 0, this.settings)
    const tell = (detail: TruthDetail) => {
      this.#tell(detail)
    }
    this.#witness = new Witness(this.truth, tell)
    this.#judge = new LeaseJudge(this.settings)
    this.#entry = new LoopInput(this.#nowMs)
    this.#exit = new LoopInput(this.#nowMs)
    this.#zone = new LoopInput(this.#nowMs)
    this.#sprayer = given.sprayer ? new Sprayer(this.settings, this.truth.spray, tell) : null
    this.#awaitsEdge = !this.#arm.isLowered
    this.#tell({ is: 'started' })
  }

  /** Angle of the bar, 0 lowered .. 90 raised. */
  get armAngle(): number {
    return this.#arm.angle
  }

  get isPowered(): boolean {
    return this.#powered
  }

  get bootId(): string {
    return this.#bootId
  }

  /** The PLC's heartbeat counter, from 0 at its start. */
  get tick(): number {
    return Math.floor((this.#nowMs - this.#bootAtMs) / this.settings.tickMs)
  }

  /** Lets time go on; `sensed` is what lies in the lane from now on, absent: the same as before. */
  advance(nowMs: number, sensed?: Sensed): void {
    this.#catchUp(nowMs)
    if (!sensed) return
    this.#entry.sense(sensed.entryOccupied, this.#nowMs)
    this.#exit.sense(sensed.exitOccupied, this.#nowMs)
    this.#zone.sense(sensed.zoneOccupied, this.#nowMs)
    this.#witness.zone(sensed.zoneOccupied, this.#arm, this.#nowMs)
    this.#control()
  }

  /** The next instant at which something changes by itself; null: nothing will. For virtual time. */
  nextChangeMs(): number | null {
    const at = this.#nextAtMs()
    return at === Infinity ? null : at
  }

  /** A request to raise arrives, as text from the wire or already read. */
  request(raw: string | RaiseRequest, nowMs: number): 'accepted' | { readonly refused: Refusal | 'off' } {
    this.#catchUp(nowMs)
    if (!this.#powered) return { refused: 'off' }
    const request = typeof raw === 'string' ? parseRaiseRequest(raw) : raw
    const why = request === null ? 'malformed' : this.#objection(request)
    if (request === null || why !== null) {
      this.#refusedId = request?.commandId ?? null
      this.#refusedWhy = why
      this.truth.refusedTotal += 1
      const refused = why ?? 'malformed'
      this.#tell({ is: 'refused', commandId: this.#refusedId, why: refused, tick: this.tick })
      return { refused }
    }
    this.#judge.use(request.commandId)
    this.#acceptedId = request.commandId
    this.#acceptedCount += 1
    this.truth.accept({ commandId: request.commandId, atMs: this.#nowMs, bootId: this.#bootId })
    this.#tell({ is: 'accepted', commandId: request.commandId, tick: this.tick })
    this.#cycle = {
      owed: (this.#cycle?.owed ?? 0) + 1,
      deadlineMs: this.#nowMs + this.settings.lowerWithoutPassageMs,
    }
    this.#awaitsEdge = false
    if (!this.#arm.isRaised || this.#arm.drive === 'down') this.#arm.order('up')
    this.#control()
    return 'accepted'
  }

  /** A request to spray arrives. Without a sprayer it is nothing to this lane. */
  spray(
    raw: string | SprayRequest,
    nowMs: number,
  ): 'accepted' | { readonly refused: SprayRefusal | 'off' | 'none' } {
    this.#catchUp(nowMs)
    if (!this.#sprayer) return { refused: 'none' }
    if (!this.#powered) return { refused: 'off' }
    return this.#sprayer.request(raw, this.#sprayerSees(), this.#nowMs)
  }

  /** Somebody comes near the vehicle, or nobody is near any more. */
  people(areNear: boolean, nowMs: number): void {
    this.#catchUp(nowMs)
    this.#sprayer?.people(areNear)
    this.#control()
  }

  /** The edge's counter arrives; any change of it feeds the watchdog. */
  edgeHeartbeat(counter: number, nowMs: number): void {
    this.#catchUp(nowMs)
    if (!this.#powered || this.#beat?.counter === counter) return
    this.#beat = { counter, atMs: this.#nowMs }
    this.#tripped = false
    this.#awaitsEdge = false
    this.#control()
  }

  /** What the driver of the vehicle is shown. Lost with the power and when the watchdog trips. */
  guide(guidance: Guidance, nowMs: number): void {
    const { light, text, voice } = guidance
    this.show(
      { lightGreen: light === 'green', lightRed: light === 'red', ledText: text, voicePrompt: voice },
      nowMs,
    )
  }

  /** Lamps, board and loudspeaker one by one, as their nodes are written. */
  show(outputs: Partial<PlcOutputs>, nowMs: number): void {
    this.#catchUp(nowMs)
    if (this.#powered) this.#outputs = { ...this.#outputs, ...outputs }
  }

  /** Power goes: the program stops, the brake holds the bar where it comes to rest. */
  powerOff(nowMs: number): void {
    this.#catchUp(nowMs)
    if (!this.#powered) return
    this.#powered = false
    this.#arm.order('none')
    this.#sprayer?.cut()
    this.#tell({ is: 'poweredOff' })
  }

  /** A start of the PLC: everything it remembered is gone, the bar stands where it stands. */
  restart(nowMs: number, newBootId: string): void {
    this.powerOff(nowMs)
    this.#powered = true
    this.#bootId = newBootId
    this.#bootAtMs = this.#nowMs
    this.#frozenTick = this.#failure.tickFrozen ? 0 : null
    this.#acceptedId = this.#refusedId = this.#refusedWhy = null
    this.#acceptedCount = 0
    this.#judge.forget()
    this.#sprayer?.reboot()
    this.#beat = null
    this.#tripped = true
    this.#awaitsEdge = true
    this.#cycle = null
    this.#someoneInZone = false
    this.#pullsInVainSinceMs = null
    this.#blocked = false
    this.#outputs = dark
    for (const input of [this.#entry, this.#exit, this.#zone]) input.reboot(this.#nowMs)
    this.#tell({ is: 'started' })
    this.#control()
  }

  /** Breaks something from the newest known time on, beside what is broken already. */
  fail(failure: Partial<PlcFailure>): void {
    this.#failure = { ...this.#failure, ...failure }
    const { stuckAt, slowFactor, tornOff, loopStuck, loopBounceMs, tickFrozen } = this.#failure
    this.#arm.failure = { stuckAt, slowFactor, tornOff }
    this.#entry.stuck = loopStuck?.entry ?? null
    this.#exit.stuck = loopStuck?.exit ?? null
    this.#entry.bounceForMs = this.#exit.bounceForMs = loopBounceMs
    this.#frozenTick = tickFrozen ? (this.#frozenTick ?? this.tick) : null
    if (stuckAt === null && !tornOff) this.#blocked = false
    if (this.#sprayer) this.#sprayer.isOut = this.#failure.sprayerOut
    this.#control()
  }

  /** Everything is sound again. The opening that was interrupted is not resumed: that would be a late one. */
  mend(): void {
    this.fail(soundPlc)
  }

  /** What the PLC publishes now. */
  image(): PlcImage {
    const chatters =
      this.#nowMs - this.#atEndSinceMs < this.#failure.armBounceMs &&
      Math.floor((this.#nowMs - this.#atEndSinceMs) / limitChatterMs) % 2 === 1
    const moves = this.#arm.speed !== 0 || this.#arm.isJammed
    const blocked = this.#blocked || this.#failure.tornOff
    const bits = {
      raised: !blocked && this.#arm.isRaised && !chatters,
      lowered: !blocked && this.#arm.isLowered && !chatters,
      moving: !blocked && (chatters || (moves && !this.#arm.isRaised && !this.#arm.isLowered)),
      blocked,
    }
    const { lightGreen, lightRed, ledText, voicePrompt } = this.#outputs
    const sprayer = this.#sprayer?.image()
    // Written out: an object that begins with a spread costs ten times as much, and this is made at every look.
    const image: PlcImage = {
      raised: bits.raised,
      lowered: bits.lowered,
      moving: bits.moving,
      blocked: bits.blocked,
      entryLoop: this.#entry.isOccupied ? 'occupied' : 'clear',
      exitLoop: this.#exit.isOccupied ? 'occupied' : 'clear',
      entryCount: this.#entry.count,
      exitCount: this.#exit.count,
      barrier: positionOf(bits),
      acceptedCommandId: this.#acceptedId,
      acceptedCount: this.#acceptedCount,
      refusedCommandId: this.#refusedId,
      refusedWhy: this.#refusedWhy,
      plcBootId: this.#bootId,
      plcTick: this.#frozenTick ?? this.tick,
      watchdogTripped: this.#tripped,
      lightGreen,
      lightRed,
      ledText,
      voicePrompt,
    }
    return withExtras(image, sprayer, this.settings.hasBattery ? this.#failure.mainsOut : undefined)
  }

  #sprayerSees(): SprayerSees {
    return {
      vehicleStands: this.#entry.isOccupied,
      tripped: this.#tripped,
      bootId: this.#bootId,
      tick: this.tick,
    }
  }

  #objection(request: RaiseRequest): Refusal | null {
    const lease = this.#judge.objection(request, { bootId: this.#bootId, tick: this.tick })
    if (lease !== null) return lease
    if (this.#tripped) return 'watchdog'
    if (this.#sprayer?.isRunning) return 'spraying'
    return this.#blocked || this.#failure.tornOff ? 'blocked' : null
  }

  #catchUp(untilMs: number): void {
    for (let steps = 0; this.#nowMs < untilMs; steps += 1) {
      assert(steps < 1_000_000, 'the PLC model does not get on in time')
      const nextMs = Math.min(untilMs, this.#nextAtMs())
      const forMs = nextMs - this.#nowMs
      const wasAtEnd = this.#arm.isRaised || this.#arm.isLowered
      this.#witness.movement(this.#arm, this.#nowMs)
      this.#arm.move(forMs)
      this.#sprayer?.flow(forMs)
      this.#nowMs = nextMs
      if (!wasAtEnd && (this.#arm.isRaised || this.#arm.isLowered)) {
        this.#atEndSinceMs = nextMs
        this.#tell({ is: this.#arm.isRaised ? 'raised' : 'lowered' })
      }
      this.#control()
    }
  }

  #nextAtMs(): number {
    const { clearForMs, watchdogTicks, tickMs, blockedAfterMs } = this.settings
    let next = this.#nowMs + this.#arm.steadyForMs
    if (!this.#powered) return next
    const consider = (atMs: number) => {
      if (atMs > this.#nowMs && atMs < next) next = atMs
    }
    consider(this.#entry.nextChangeAtMs(this.#nowMs))
    consider(this.#exit.nextChangeAtMs(this.#nowMs))
    if (this.#sprayer) consider(this.#sprayer.doneAtMs)
    if (!this.#tripped && this.#beat) consider(this.#beat.atMs + watchdogTicks * tickMs)
    if (this.#pullsInVainSinceMs !== null) consider(this.#pullsInVainSinceMs + blockedAfterMs)
    if (!this.#arm.isLowered) {
      consider(this.#exit.clearSinceMs + clearForMs)
      consider(this.#zone.clearSinceMs + clearForMs)
      if (this.#cycle) consider(this.#cycle.deadlineMs)
    }
    return next
  }

  /** One scan of the PLC's program. */
  #control(): void {
    if (!this.#powered) return
    for (const input of [this.#entry, this.#exit, this.#zone]) input.scan(this.#nowMs)
    this.#watchEdge()
    this.#sprayer?.scan(this.#sprayerSees(), this.#nowMs)
    this.#countPassage()
    this.#watchDrive()
    this.#interlock()
    if (this.#mayLower()) {
      this.#witness.startsLowering(this.#nowMs)
      this.#arm.order('down')
    }
  }

  #watchEdge(): void {
    const { watchdogTicks, tickMs } = this.settings
    if (this.#tripped || !this.#beat || this.#nowMs - this.#beat.atMs < watchdogTicks * tickMs) return
    this.#tripped = true
    this.#outputs = { ...dark, lightRed: true }
  }

  /** Someone has passed when the zone was occupied and zone and loop are clear again. */
  #countPassage(): void {
    if (this.#zone.isOccupied) this.#someoneInZone = true
    else if (this.#someoneInZone && !this.#exit.isOccupied) {
      this.#someoneInZone = false
      if (this.#cycle) this.#cycle.owed = Math.max(0, this.#cycle.owed - 1)
    }
  }

  #watchDrive(): void {
    if (this.#arm.drive === 'up' && this.#arm.isRaised && this.#arm.speed === 0) this.#arm.order('none')
    if (this.#arm.drive === 'down' && this.#arm.isLowered && this.#arm.speed === 0) {
      this.#arm.order('none')
      this.#cycle = null
    }
    if (!this.#arm.isJammed) {
      this.#pullsInVainSinceMs = null
      return
    }
    this.#pullsInVainSinceMs ??= this.#nowMs
    if (this.#nowMs - this.#pullsInVainSinceMs < this.settings.blockedAfterMs) return
    this.#blocked = true
    this.#cycle = null
    this.#pullsInVainSinceMs = null
    this.#arm.order('none')
  }

  #interlock(): void {
    if (this.#arm.drive === 'down' && (this.#exit.isOccupied || this.#zone.isOccupied)) this.#arm.order('up')
  }

  #mayLower(): boolean {
    const clearSinceMs = Math.max(this.#exit.clearSinceMs, this.#zone.clearSinceMs)
    return (
      this.#arm.drive === 'none' &&
      !this.#arm.isLowered &&
      !this.#blocked &&
      !this.#failure.tornOff &&
      !this.#awaitsEdge &&
      this.#nowMs >= clearSinceMs + this.settings.clearForMs &&
      (this.#cycle === null || this.#cycle.owed === 0 || this.#nowMs >= this.#cycle.deadlineMs)
    )
  }

  #tell(what: TruthDetail): void {
    const armDegrees = Math.round(this.#arm.angle * 10) / 10
    this.#onTruth({ atMs: this.#nowMs, lane: this.id, bootId: this.#bootId, armDegrees, ...what })
  }
}
