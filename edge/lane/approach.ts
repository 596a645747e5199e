import type { Cancel, Clock } from '../base/clock.js'
import { guidanceOf, isVacant, type ApproachGuidance } from '../domain/lane/approach.js'
import type { LaneState } from '../domain/lane/state.js'
import type { LaneSettings } from '../domain/lane/types.js'
import { chooseTrip } from '../domain/lists/trip-choice.js'
import { normalisePlate } from '../domain/tag/plate.js'
import type { ListStore } from '../interfaces/list-store.js'
import type { Read } from '../interfaces/reader.js'
import type { PlanEntry, TripEntry } from '../messages/cargo-entities.js'
import type { LaneSnapshot } from '../messages/up.js'
import { rethrow } from './rethrow.js'
import type { Sign } from './sign.js'

/** Tags and plates that are followed before the line at one time; with more the sign says nothing. */
export const heardMax = 16

export interface ApproachGiven {
  readonly settings: LaneSettings
  readonly clock: Clock
  readonly lists: Pick<ListStore, 'inForce' | 'factsOfTag' | 'factsOfPlate' | 'find'>
  /** The lane as it is now. */
  readonly state: () => LaneState
  /** The trip with what this edge knows of its crossing before the list does. */
  readonly tripNow: (trip: TripEntry) => TripEntry
  readonly sign: Pick<Sign, 'showSilently'>
  /** The sign shows something else now. */
  readonly onChanged: () => void
  /** A lookup that failed; the vehicle is then guided nowhere. */
  readonly onFailed: (error: unknown) => void
  /** A lookup begins (1) or has ended (-1). */
  readonly onAsking: (change: 1 | -1) => void
}

export interface ApproachCounters {
  /** Vehicles looked up, times the sign was written, and tags or plates that found no room. */
  readonly asked: number
  readonly guided: number
  readonly shed: number
}

/** What the lists say of one tag or plate. `nobody`: it is registered for no vehicle. */
type Answer =
  | { readonly is: 'awaited' | 'unknown' | 'nobody' }
  | { readonly is: 'vehicle'; readonly vehicleId: string; readonly guidance: ApproachGuidance | null }

interface Heard {
  lastMs: number
  answer: Answer
}

/**
 * Guidance in the approach zone (domain.md 1, A4, and 6.4): whoever is heard before the loop of an empty lane is
 * looked up among the plans, and the sign says where to drive. It has no way to the lane's state, so that no decision
 * can rest on it. It is gone when a vehicle opens its passage, and `approachMs` after the vehicle was last heard;
 * nothing is said while what is heard may be several vehicles that are to go different ways.
 */
export class ApproachGuide {
  readonly #given: ApproachGiven
  readonly #heard = new Map<string, Heard>()
  readonly #counts = { asked: 0, guided: 0, shed: 0 }
  #crowdedUntilMs = -Infinity
  #on: ApproachGuidance | null = null
  #cancel: Cancel | null = null

  constructor(given: ApproachGiven) {
    this.#given = given
  }

  get counters(): ApproachCounters {
    return { ...this.#counts }
  }

  /** The lane as a person should see it, with what is on the sign for whoever drives up. */
  onSnapshot(snapshot: LaneSnapshot): LaneSnapshot {
    if (this.#on === null) return snapshot
    const { prompt, bay } = this.#on
    return { ...snapshot, approach: { prompt, ...(bay && { bay: bay.id }) } }
  }

  /** A read of the lane's devices. */
  hear(read: Read): void {
    const { clock, lists, settings, state } = this.#given
    if (read.kind === 'device' || !isVacant(state())) return
    const key = read.kind === 'tag' ? read.epc : normalisePlate(read.plate.text)
    if (read.kind === 'plate' && read.confidence < settings.decision.plateConfidenceMin) return
    const { monoMs } = clock.now()
    const name = `${read.kind}:${key}`
    const known = this.#heard.get(name)
    if (known) {
      known.lastMs = monoMs
      return
    }
    if (key === '' || isLeaving(state(), key, monoMs)) return
    if (!lists.inForce().some(({ list }) => list === 'plans')) return
    this.#forgetOld(monoMs)
    if (this.#heard.size >= heardMax) {
      this.#counts.shed += 1
      this.#crowdedUntilMs = monoMs + settings.timing.approachMs
      return
    }
    const heard: Heard = { lastMs: monoMs, answer: { is: 'awaited' } }
    this.#heard.set(name, heard)
    this.#ask(heard, read.kind, key)
  }

  /** After each step of the lane; `guided`: the lane has written the sign itself. */
  follow(guided: boolean): void {
    if (this.#on === null && this.#heard.size === 0) return
    if (isVacant(this.#given.state())) {
      this.#settle(guided)
      return
    }
    const wasOn = this.#on !== null
    this.forget()
    if (!wasOn) return
    if (!guided) this.#write(null)
    this.#given.onChanged()
  }

  /** Lists have been switched: who is still there is asked for anew at the next read. */
  askAnew(): void {
    this.#heard.clear()
    this.follow(false)
  }

  forget(): void {
    this.#heard.clear()
    this.#on = null
    this.#cancel?.()
    this.#cancel = null
  }

  #ask(heard: Heard, kind: 'tag' | 'plate', key: string): void {
    const { onAsking, onFailed, state } = this.#given
    this.#counts.asked += 1
    onAsking(1)
    this.#answerTo(kind, key)
      .catch((error: unknown): Answer => {
        onFailed(error)
        return { is: 'unknown' }
      })
      .then((answer) => {
        heard.answer = answer
        // Where a vehicle has come meanwhile the sign is the lane's.
        if (isVacant(state())) this.#settle(false)
        onAsking(-1)
      }, rethrow)
  }

  async #answerTo(kind: 'tag' | 'plate', key: string): Promise<Answer> {
    const { lists, settings, clock, tripNow } = this.#given
    const facts = await (kind === 'tag' ? lists.factsOfTag(key) : lists.factsOfPlate(key))
    if (facts.vehicle === 'unknown') return { is: 'unknown' }
    if (facts.vehicle === null) return { is: 'nobody' }
    const { vehicleId } = facts.vehicle
    const [plans, trips] = await Promise.all([
      lists.find('plans', 'vehicle', [vehicleId]),
      lists.find('trips', 'vehicle', [vehicleId]),
    ])
    if (plans === 'unknown' || trips === 'unknown') return { is: 'unknown' }
    const own = trips.flatMap((entry) => (entry.kind === 'trip' ? [tripNow(entry)] : []))
    const trip = chooseTrip(own, settings.direction, null)
    const isMeant = trip !== null && trip !== 'unknown' && trip.crossedAt === undefined
    const plan = plans.find(
      (one): one is PlanEntry => isMeant && one.kind === 'plan' && one.tripId === trip.tripId,
    )
    const guidance = plan === undefined ? null : guidanceOf(plan, settings.bays, clock.now().wallMs)
    return { is: 'vehicle', vehicleId, guidance }
  }

  #settle(guided: boolean): void {
    if (guided) this.#on = null
    const { monoMs } = this.#given.clock.now()
    this.#forgetOld(monoMs)
    const wanted = this.#wanted(monoMs)
    if (isSame(wanted, this.#on)) return
    this.#on = wanted
    if (wanted !== null) this.#counts.guided += 1
    this.#write(wanted)
    this.#given.onChanged()
    this.#wake(monoMs)
  }

  #write(guidance: ApproachGuidance | null): void {
    const { sign, state } = this.#given
    const { shown } = state()
    if (guidance === null) {
      if (shown !== null) sign.showSilently(shown)
      return
    }
    const { prompt, bay } = guidance
    sign.showSilently({ light: shown?.light ?? 'red', prompt, ...(bay && { bay }) })
  }

  #wanted(monoMs: number): ApproachGuidance | null {
    const answers = [...this.#heard.values()].map(({ answer }) => answer)
    if (monoMs < this.#crowdedUntilMs || answers.some(({ is }) => is === 'unknown')) return null
    // A second tag of the same vehicle must not make the sign flicker.
    if (answers.some(({ is }) => is === 'awaited')) return this.#on
    const vehicles = answers.flatMap((answer) => (answer.is === 'vehicle' ? [answer.guidance] : []))
    const [first = null, ...others] = vehicles
    return others.every((other) => isSame(first, other)) ? first : null
  }

  /** Looks again when the one heard longest ago is due to be forgotten. */
  #wake(monoMs: number): void {
    this.#cancel?.()
    this.#cancel = null
    if (this.#on === null) return
    const dueMs = Math.min(...[...this.#heard.values()].map(({ lastMs }) => lastMs)) + this.#approachMs
    this.#cancel = this.#given.clock.after('approach guidance', Math.max(1, dueMs - monoMs), () => {
      this.#cancel = null
      if (!isVacant(this.#given.state())) return
      this.#settle(false)
      if (this.#cancel === null) this.#wake(this.#given.clock.now().monoMs)
    })
  }

  #forgetOld(monoMs: number): void {
    for (const [name, { lastMs }] of this.#heard)
      if (monoMs - lastMs >= this.#approachMs) this.#heard.delete(name)
  }

  get #approachMs(): number {
    return this.#given.settings.timing.approachMs
  }
}

/** The vehicle that has just left is still heard behind the bar. */
function isLeaving({ recent }: LaneState, key: string, monoMs: number): boolean {
  return recent !== null && monoMs < recent.untilMs && recent.epcs.includes(key)
}

function isSame(a: ApproachGuidance | null, b: ApproachGuidance | null): boolean {
  return a?.prompt === b?.prompt && a?.bay?.id === b?.bay?.id
}
