import type { SprayerSignals } from '../../edge/interfaces/barrier.js'
import { LeaseJudge, parseSprayRequest, type SprayRefusal, type SprayRequest } from './lease.js'
import { acceptedMax, type SprayTruth, type TruthDetail } from './truth.js'

/** What the sprayer needs to know of the lane at one instant. */
export interface SprayerSees {
  readonly vehicleStands: boolean
  /** The watchdog on the edge's heartbeat has tripped. */
  readonly tripped: boolean
  readonly bootId: string
  readonly tick: number
}

/** Why a spray is broken off. */
export type SprayFailure = 'people' | 'noVehicle' | 'watchdog' | 'device'

/**
 * Disinfection sprayer of one lane: valve, people scanner and the part of the PLC's program that
 * keeps them. Sprays only while nobody is near, a vehicle stands and the edge is alive; whatever ends, it
 * never takes up again by itself. The scanner stands for a device built to fail safe, so it has no failures.
 */
export class Sprayer {
  readonly #truth: SprayTruth
  readonly #tell: (detail: TruthDetail) => void
  readonly #judge: LeaseJudge
  /** The pump gives nothing, or says so. */
  isOut = false
  #peopleNear = false
  #isCounted = false
  #running: { readonly commandId: string; readonly sinceMs: number; readonly forMs: number } | null = null
  #sprayedMs: number | null = null
  #acceptedId: string | null = null
  #doneId: string | null = null
  #failedId: string | null = null
  #failedWhy: SprayFailure | null = null
  #refusedId: string | null = null
  #refusedWhy: string | null = null

  constructor(
    lease: { maxLeaseTicks: number; idsMax: number },
    truth: SprayTruth,
    tell: (detail: TruthDetail) => void,
  ) {
    this.#judge = new LeaseJudge(lease)
    this.#truth = truth
    this.#tell = tell
  }

  get isRunning(): boolean {
    return this.#running !== null
  }

  /** When the running one is done; Infinity: none runs. */
  get doneAtMs(): number {
    return this.#running === null ? Infinity : this.#running.sinceMs + this.#running.forMs
  }

  people(areNear: boolean): void {
    this.#peopleNear = areNear
  }

  /** The physics: whatever the program believes, this much came out, and on whom. */
  flow(forMs: number): void {
    if (this.#running === null) {
      this.#isCounted = false
      return
    }
    this.#truth.sprayedMs += forMs
    this.#sprayedMs = (this.#sprayedMs ?? 0) + forMs
    if (!this.#peopleNear || forMs <= 0 || this.#isCounted) return
    this.#isCounted = true
    this.#truth.sprayedOnPeople += 1
    this.#tell({ is: 'sprayedOnPeople' })
  }

  request(
    raw: string | SprayRequest,
    sees: SprayerSees,
    nowMs: number,
  ): 'accepted' | { refused: SprayRefusal } {
    const request = typeof raw === 'string' ? parseSprayRequest(raw) : raw
    const why = request === null ? 'malformed' : this.#objection(request, sees)
    if (request === null || why !== null) {
      this.#refusedId = request?.commandId ?? null
      this.#refusedWhy = why ?? 'malformed'
      const refused = why ?? 'malformed'
      this.#tell({ is: 'sprayRefused', commandId: this.#refusedId, why: refused, tick: sees.tick })
      return { refused }
    }
    const { commandId } = request
    this.#judge.use(commandId)
    this.#acceptedId = commandId
    this.#sprayedMs = 0
    this.#running = { commandId, sinceMs: nowMs, forMs: request.minSeconds * 1_000 }
    this.#truth.accepted.push(commandId)
    if (this.#truth.accepted.length > acceptedMax) this.#truth.accepted.shift()
    this.#tell({ is: 'sprayAccepted', commandId, tick: sees.tick })
    return 'accepted'
  }

  /** One scan of the program. */
  scan(sees: SprayerSees, nowMs: number): void {
    if (this.#running === null) return
    const { commandId } = this.#running
    const why = this.#unsafe(sees)
    if (why !== null) {
      this.#running = null
      this.#failedId = commandId
      this.#failedWhy = why
      this.#tell({ is: 'sprayStopped', commandId, why })
    } else if (nowMs >= this.doneAtMs) {
      this.#running = null
      this.#doneId = commandId
      this.#tell({ is: 'sprayDone', commandId })
    }
  }

  /** Power goes: the valve shuts by its spring. */
  cut(): void {
    if (this.#running !== null)
      this.#tell({ is: 'sprayStopped', commandId: this.#running.commandId, why: 'power' })
    this.#running = null
  }

  /** A start of the PLC: the program knows nothing any more. */
  reboot(): void {
    this.cut()
    this.#judge.forget()
    this.#sprayedMs = null
    this.#acceptedId = this.#doneId = this.#failedId = this.#refusedId = null
    this.#failedWhy = this.#refusedWhy = null
  }

  image(): SprayerSignals {
    const isDone = this.#doneId !== null && this.#doneId === this.#acceptedId
    return {
      state: this.isOut ? 'failed' : this.isRunning ? 'running' : isDone ? 'done' : 'ready',
      peopleClear: !this.#peopleNear,
      acceptedCommandId: this.#acceptedId,
      doneCommandId: this.#doneId,
      failedCommandId: this.#failedId,
      failedWhy: this.#failedWhy,
      refusedCommandId: this.#refusedId,
      refusedWhy: this.#refusedWhy,
      sprayedSeconds: this.#sprayedMs === null ? null : Math.floor(this.#sprayedMs / 1_000 + 1e-6),
    }
  }

  #objection(request: SprayRequest, sees: SprayerSees): SprayRefusal | null {
    const lease = this.#judge.objection(request, sees)
    if (lease !== null) return lease
    return this.isRunning ? 'running' : this.#unsafe(sees)
  }

  #unsafe(sees: SprayerSees): SprayFailure | null {
    if (this.#peopleNear) return 'people'
    if (!sees.vehicleStands) return 'noVehicle'
    if (sees.tripped) return 'watchdog'
    return this.isOut ? 'device' : null
  }
}
