import { messageOf } from '../../edge/base/error.js'
import {
  listKeyOf,
  listOf,
  plateRegions,
  type ListEntry,
  type ListName,
  type Plate,
} from '../../edge/messages/entities.js'
import { unreachable } from '../../edge/base/assert.js'
import { actsOf } from '../vehicle/driver.js'
import { standardLane } from '../vehicle/geometry.js'
import { carProfile, truckProfile, type VehicleSpec } from '../vehicle/vehicle.js'
import { LanekeeperError } from '../../edge/base/error.js'
import { changedEntry } from './entries.js'
import { findingsOf, type Shown } from './findings.js'
import type { Condition, Deed, Line, Scenario } from './format.js'
import { hasValues, inWords, matches } from './match.js'
import { atStart } from './times.js'
import type { GivenCommand, Observed, World } from './world.js'

/** What became of one line. */
export interface LineResult {
  readonly line: string
  readonly atMs: number
  readonly ok: boolean
  /** When it came true, in ms of the scenario; null: it did not, or there was nothing to wait for. */
  readonly cameTrueMs: number | null
  readonly detail: string
}

export interface ScenarioResult {
  readonly name: string
  readonly world: World['kind']
  readonly ok: boolean
  readonly lines: readonly LineResult[]
  /** What the world itself found broken. */
  readonly complaints: readonly string[]
  /** The last things that came to pass, for whoever looks for the cause. */
  readonly lastObserved: readonly Observed[]
}

interface Waiting {
  readonly line: Line & { kind: 'expect' | 'never' }
  result: LineResult | null
}

const lookMs = 50
const keepObserved = 5_000

/**
 * Plays a scenario in a world: does the doing lines at their time and holds the expecting ones
 * against what comes to pass. One observation satisfies one `expect` line only, so that "the
 * barrier rises twice" can be said; a `never` line looks at all of them.
 */
export class Player {
  readonly #scenario: Scenario
  readonly #world: World
  readonly #observed: { readonly what: Observed; taken: boolean }[] = []
  readonly #waiting: Waiting[] = []
  readonly #triggers: { readonly condition: Condition; readonly line: Line & { kind: 'do' } }[] = []
  readonly #due: (Line & { kind: 'do' })[] = []
  readonly #mends: { readonly atMs: number; readonly deed: Deed & { is: 'break' } }[] = []
  readonly #results: LineResult[] = []
  /** What was told last to a line that waits for something else. */
  readonly #lastFound = new Map<Waiting, string>()
  /** As the scenario itself put them last, by list and key. */
  readonly #put = new Map<string, ListEntry>()

  /** Vehicles that have gone through so far. */
  #through = 0

  constructor(scenario: Scenario, world: World) {
    this.#scenario = scenario
    this.#world = world
  }

  async play(): Promise<ScenarioResult> {
    const stop = this.#world.onObserved((what) => {
      this.#note(what)
    })
    for (const entry of this.#scenario.lists) await this.#putEntry(atStart(entry, this.#world.startMs()))
    // Whatever has to come up first comes up before the first line.
    await this.#world.goOnUntil(0)
    const ahead = [...this.#scenario.lines]
    for (;;) {
      const nowMs = this.#world.nowMs()
      await this.#doDue(nowMs)
      for (let line = ahead[0]; line && line.atMs <= nowMs; line = ahead[0]) {
        ahead.shift()
        await this.#begin(line)
      }
      await this.#judge(nowMs)
      if (this.#isOver(ahead, nowMs)) break
      const stops = [nowMs + lookMs, ahead[0]?.atMs ?? Infinity, ...this.#mends.map((mend) => mend.atMs)]
      await this.#world.goOnUntil(Math.max(nowMs + 1, Math.min(...stops)))
    }
    const complaints = await this.#world.complaints()
    stop()
    return this.#finish(complaints)
  }

  /** Virtual time is cheap and goes on to the last line's end; on the wall's clock nobody waits for what he has seen. */
  #isOver(ahead: readonly Line[], nowMs: number): boolean {
    if (this.#mends.length > 0) return false
    const seen = ahead.length + this.#waiting.length + this.#triggers.length + this.#due.length === 0
    if (seen && this.#world.kind === 'real') return true
    return nowMs > this.#scenario.endMs + this.#world.slackMs
  }

  #note(what: Observed): void {
    if (what.is === 'left' && what.how === 'through') this.#through += 1
    if (this.#observed.length >= keepObserved) this.#observed.shift()
    this.#observed.push({ what, taken: false })
    for (let i = this.#triggers.length - 1; i >= 0; i -= 1) {
      const trigger = this.#triggers[i]
      if (!trigger || !matches(trigger.condition, what)) continue
      this.#triggers.splice(i, 1)
      // A kill has to hit the instant it names, so it does not wait for the player's next look.
      if (trigger.line.deed.is === 'break') this.#startAtOnce(trigger.line)
      else this.#due.push(trigger.line)
    }
    for (const waiting of this.#waiting) this.#hold(waiting, what)
  }

  #startAtOnce(line: Line & { kind: 'do' }): void {
    const done = this.#do(line)
    done.catch((error: unknown) => {
      this.#report(line, false, null, messageOf(error))
    })
  }

  async #doDue(nowMs: number): Promise<void> {
    for (let line = this.#due.shift(); line; line = this.#due.shift()) await this.#doAndReport(line)
    for (const mend of this.#mends.filter((m) => m.atMs <= nowMs)) {
      this.#mends.splice(this.#mends.indexOf(mend), 1)
      await this.#world.mend({ break: mend.deed.break, ...(mend.deed.lane ? { lane: mend.deed.lane } : {}) })
    }
  }

  async #begin(line: Line): Promise<void> {
    if (line.kind === 'do') {
      if (line.on) this.#triggers.push({ condition: line.on, line })
      else await this.#doAndReport(line)
      return
    }
    const waiting: Waiting = { line, result: null }
    this.#waiting.push(waiting)
    // What came to pass shortly before the line begins counts for an expectation, never against a `never`.
    if (line.kind !== 'expect') return
    for (const seen of this.#observed) {
      if (seen.taken || seen.what.atMs < line.sinceMs || !matches(line.condition, seen.what)) continue
      seen.taken = true
      waiting.result = this.#resultOf(line, true, seen.what.atMs, '')
      return
    }
  }

  #hold(waiting: Waiting, what: Observed): void {
    const { line } = waiting
    if (waiting.result || !matches(line.condition, what)) return
    if (line.kind === 'never') {
      if (what.atMs > line.atMs + line.forMs || what.atMs < line.atMs) return
      waiting.result = this.#resultOf(line, false, what.atMs, 'it did come to pass')
      return
    }
    const last = this.#observed[this.#observed.length - 1]
    if (!last || last.taken || what.atMs > line.atMs + line.withinMs + this.#world.slackMs) return
    last.taken = true
    waiting.result = this.#resultOf(line, true, what.atMs, '')
  }

  async #judge(nowMs: number): Promise<void> {
    for (let i = this.#waiting.length - 1; i >= 0; i -= 1) {
      const waiting = this.#waiting[i]
      if (!waiting) continue
      const { line } = waiting
      if (!waiting.result && line.condition.is === 'everythingAtGateway' && line.kind === 'expect') {
        const isEnough = this.#through >= (line.condition.passages ?? 0)
        if (isEnough && (await this.#world.isEverythingAtGateway()))
          waiting.result = this.#resultOf(line, true, nowMs, '')
      }
      if (!waiting.result && line.condition.is === 'found') await this.#find(waiting, line.condition, nowMs)
      if (!waiting.result && line.condition.is === 'listed')
        await this.#lookUp(waiting, line.condition, nowMs)
      const lateMs = line.atMs + (line.kind === 'expect' ? line.withinMs : line.forMs) + this.#world.slackMs
      if (!waiting.result && nowMs > lateMs) {
        waiting.result = this.#resultOf(
          line,
          line.kind === 'never',
          null,
          line.kind === 'never' ? '' : `it did not come to pass${this.#butFound(waiting)}`,
        )
      }
      if (!waiting.result) continue
      this.#results.push(waiting.result)
      this.#waiting.splice(i, 1)
    }
  }

  async #doAndReport(line: Line & { kind: 'do' }): Promise<void> {
    try {
      await this.#do(line)
    } catch (error) {
      this.#report(line, false, null, messageOf(error))
    }
  }

  async #do(line: Line & { kind: 'do' }): Promise<void> {
    const { deed } = line
    const world = this.#world
    switch (deed.is) {
      case 'drives': {
        const vehicle = vehicleOf(this.#scenario, deed.drives, world.startMs(), deed.shows)
        const options = {
          ...(deed.patience === undefined ? {} : { patienceMs: deed.patience }),
          ...(deed.stands === undefined ? {} : { forMs: deed.stands }),
        }
        await world.enter(deed.lane, vehicle, actsOf(deed.how, standardLane, vehicle, options))
        return
      }
      case 'tag':
        await world.hear(deed)
        return
      case 'plate':
        await world.see(deed)
        return
      case 'break':
        if (deed.for !== undefined) this.#mends.push({ atMs: world.nowMs() + deed.for, deed })
        await world.break(deed)
        return
      case 'mend':
        await world.mend({ break: deed.mend, ...(deed.lane ? { lane: deed.lane } : {}) })
        return
      case 'operator':
        await world.answer(deed)
        return
      case 'command':
        await world.command(deed)
        return
      case 'finds':
        await world.find({ lane: deed.lane, sensed: atStart(deed.finds, world.startMs()) })
        return
      case 'put':
        await this.#putEntry(atStart(deed.put, world.startMs()))
        return
      case 'change':
        await this.#putEntry(changedEntry(this.#entry(deed.list, deed.change), deed.to, world.startMs()))
        return
      case 'remove':
        await world.remove(deed.list, deed.remove)
        return
      case 'unlock':
        await world.unlock(deed.unlock, deed.reason)
        return
      case 'incident':
        for (let lane = 1; lane <= this.#scenario.lanes; lane += 1) await world.command(holdAll(lane, deed))
        return
      case 'ruleset':
        await world.activate(deed)
        return
      default:
        unreachable(deed)
    }
  }

  async #putEntry(entry: ListEntry): Promise<void> {
    this.#put.set(`${listOf(entry)} ${listKeyOf(entry)}`, entry)
    await this.#world.put(entry)
  }

  #entry(list: ListName, key: string): ListEntry {
    const entry = this.#put.get(`${list} ${key}`)
    if (entry) return entry
    throw new LanekeeperError('scenario.notPut', `the scenario has put no "${key}" into ${list}`)
  }

  async #lookUp(waiting: Waiting, condition: Condition & { is: 'listed' }, nowMs: number): Promise<void> {
    const entry = await this.#world.listed(condition.list, condition.key)
    if (entry === undefined || !hasValues(entry, condition.where)) return
    const isWanted = waiting.line.kind === 'expect'
    waiting.result = this.#resultOf(waiting.line, isWanted, nowMs, isWanted ? '' : 'it did come to pass')
  }

  #butFound(waiting: Waiting): string {
    const found = this.#lastFound.get(waiting)
    return found === undefined ? '' : `; found ${found}`
  }

  async #find(waiting: Waiting, condition: Condition & { is: 'found' }, nowMs: number): Promise<void> {
    const found = await this.#world.found(condition.of, condition.key)
    if (found !== undefined) this.#lastFound.set(waiting, JSON.stringify(found))
    if (found === undefined || !hasValues(found, condition.where)) return
    const isWanted = waiting.line.kind === 'expect'
    waiting.result = this.#resultOf(waiting.line, isWanted, nowMs, isWanted ? '' : 'it did come to pass')
  }

  #resultOf(line: Line, isOk: boolean, cameTrueMs: number | null, detail: string): LineResult {
    const words =
      line.kind === 'do'
        ? `${line.deed.is} ${JSON.stringify(line.deed)}`
        : `${line.kind} ${inWords(line.condition)}`
    return { line: words, atMs: line.atMs, ok: isOk, cameTrueMs, detail }
  }

  #report(line: Line, isOk: boolean, cameTrueMs: number | null, detail: string): void {
    this.#results.push(this.#resultOf(line, isOk, cameTrueMs, detail))
  }

  #finish(complaints: readonly string[]): ScenarioResult {
    // A line that waits for something that never came was never done: that is a failure too.
    for (const trigger of this.#triggers)
      this.#report(trigger.line, false, null, `waited in vain for ${inWords(trigger.condition)}`)
    const lines = [...this.#results].sort((a, b) => a.atMs - b.atMs)
    return {
      name: this.#scenario.name,
      world: this.#world.kind,
      ok: complaints.length === 0 && lines.every((line) => line.ok),
      lines,
      complaints,
      lastObserved: this.#observed.slice(-60).map((seen) => seen.what),
    }
  }
}

/** The emergency order as one lane gets it. */
function holdAll(lane: number, { incident, reason }: Deed & { is: 'incident' }): GivenCommand {
  return { command: 'holdAll', lane, incidentId: incident, reason, ends: false, orderIds: [] }
}

/** The vehicle of that name as physics wants it. */
export function vehicleOf(
  scenario: Scenario,
  name: string,
  startMs: number,
  instead: readonly Shown[],
): VehicleSpec {
  const described = scenario.vehicles[name]
  if (!described) throw new RangeError(`there is no vehicle "${name}" in "${scenario.name}"`)
  const isTruck = described.kind !== 'CAR'
  return {
    id: name,
    kind: described.kind,
    lengthM: described.lengthM ?? (isTruck ? 12 : 4.5),
    gaps: described.gaps.map(([fromM, toM]) => ({ fromM, toM })),
    tags: described.tags.map((tag) => {
      if (typeof tag === 'string') return { epc: tag, behindFrontM: 1, strengthDbm: -45 }
      const { tid, silentForMs, ...rest } = tag
      return {
        ...rest,
        ...(tid === undefined ? {} : { tid }),
        ...(silentForMs === undefined ? {} : { silentForMs }),
      }
    }),
    plates: described.plates.map(plateOf),
    profile: isTruck ? truckProfile : carProfile,
    shows: findingsOf(described.shows, instead, startMs),
  }
}

/** A plate as a camera names it, with its region by the look of the text. */
export function plateOf(text: string): Plate {
  const [CN, HK, MO, OTHER] = plateRegions
  const first = text.charCodeAt(0)
  if (first >= 0x4e00 && first <= 0x9fff) return { region: CN, text }
  if (/^M[A-Z]\d{4}$/.test(text)) return { region: MO, text }
  return { region: /^[A-Z]{1,2}\d{1,4}$/.test(text) ? HK : OTHER, text }
}
