import { createHash } from 'node:crypto'
import { SeededRandom } from '../../edge/base/random.js'
import { actsOf } from '../vehicle/driver.js'
import { defaultDisinfection } from '../../edge/domain/lane/disinfect-fee.js'
import { standardLane } from '../vehicle/geometry.js'
import type { Arrival } from '../scenario/traffic.js'
import type { StoredEvent } from '../../edge/interfaces/journal.js'
import type { Breach, Invariant } from './checker.js'
import { mailboxMax, reserveMax } from '../../edge/lane/intake.js'
import type { FaultyParts } from './edge.js'
import type { SimLane } from './lane.js'
import { ModeChanges } from './modes.js'
import { Arrivals, goodArrival, ladenLaneOf, ladenProfile, trafficOf } from './seed-traffic.js'
import { Site, type SiteOptions } from './site.js'
import { faultNames, Swarm, type FaultName } from './swarm.js'
import { standardUplink } from './uplink.js'

export interface SeedOptions {
  readonly seed: number
  /** Passages to play before the faults stop. */
  readonly passages: number
  readonly lanes: number
  /** Whether the last lane is one for laden trucks; absent: in every second seed. */
  readonly laden?: boolean
  /** Whether people give lanes other modes; absent: in every third seed that draws from all faults. */
  readonly modes?: boolean
  /** Kinds of fault to draw from; absent: all. */
  readonly faults?: readonly FaultName[]
  readonly parts?: FaultyParts
  readonly wrapPlc?: SiteOptions['wrapPlc']
  /** Every event of the journal and every fault, one line each. */
  readonly trace?: (line: string) => void
  /** Every decision that the journal holds, as it was recorded. */
  readonly decided?: (event: StoredEvent) => void
}

export interface SeedResult {
  readonly seed: number
  readonly passages: number
  readonly rawInputs: number
  readonly raises: number
  readonly misidentified: number
  readonly kills: number
  readonly events: number
  readonly virtualMs: number
  readonly faults: readonly FaultName[]
  /** The first breach ends the seed. */
  readonly broken: (Breach & { readonly lastEvents: readonly string[] }) | null
  /** One text for the whole history: equal for equal seeds. */
  readonly digest: string
}

/** Long enough for everything to go wrong in between, and short enough for many trucks. */
const quickDisinfection = { ...defaultDisinfection, minSeconds: 6 }
const longestMs = 4 * 3_600_000
/** A vehicle that stands at the line is decided or escalated by then: identifyWithinMs and 3 s (L1). */
const judgedWithinMs = 8_000 + 3_000 + 1_000
const waitsForMs = 90_000

/** Runs one seed to its end. */
export async function runSeed(options: SeedOptions): Promise<SeedResult> {
  const run = new SeedRun(options)
  return run.run()
}

class SeedRun {
  readonly #options: SeedOptions
  readonly #site: Site
  readonly #random: SeededRandom
  readonly #swarm: Swarm
  /** Of lanes for cars, and of the lane for laden trucks. */
  readonly #cars: Arrivals
  readonly #trucks: Arrivals
  readonly #ladenLane: number | null
  /** Null: every lane is left in AUTO. */
  readonly #modes: ModeChanges | null
  /** In words only when somebody wants to read them. */
  readonly #lastEvents: (() => string)[] = []
  readonly #lateOrders = new Map<string, Arrival>()
  /** Until when a person's answer stands: whoever is told to turn back may have somebody behind him in the way. */
  readonly #answeredUntilMs = new Map<string, number>()
  /** When each lane last decided or escalated. */
  readonly #judgedAtMs = new Map<string, number>()
  readonly #standsSince = new Map<string, { vehicleId: string; sinceMs: number }>()
  #quietSinceMs: number | null = null
  #trafficOver = false
  #escalations = 0

  constructor(options: SeedOptions) {
    this.#options = options
    this.#random = new SeededRandom(Math.imul(options.seed, 0x85ebca6b) + 17)
    const ladenLane = ladenLaneOf(options)
    this.#ladenLane = ladenLane
    this.#site = new Site({
      seed: options.seed,
      lanes: options.lanes,
      settings: (settings, index) =>
        index + 1 === ladenLane
          ? { ...settings, profile: ladenProfile, disinfection: quickDisinfection }
          : settings,
      sprayers: new Set(ladenLane === null ? [] : [ladenLane]),
      ...(options.parts ? { parts: options.parts } : {}),
      ...(options.wrapPlc ? { wrapPlc: options.wrapPlc } : {}),
    })
    const names = options.faults ?? faultNames(ladenLane !== null)
    this.#swarm = new Swarm(this.#site, this.#random, options.faults ? options.faults.length : 4, names)
    const arrivals = (laden: boolean): Arrivals => {
      const { areas, ...traffic } = trafficOf(this.#random, laden, waitsForMs)
      for (const area of areas) this.#site.put(area)
      return new Arrivals(this.#random, traffic, (entry) => {
        this.#site.put(entry)
      })
    }
    this.#cars = arrivals(false)
    this.#trucks = ladenLane === null ? this.#cars : arrivals(true)
    const changesModes = options.modes ?? (options.faults === undefined && options.seed % 3 === 0)
    const stream = new SeededRandom(Math.imul(options.seed, 0x27d4eb2f) + 23)
    this.#modes = changesModes ? new ModeChanges(this.#site, stream) : null
    this.#watch()
  }

  /** A vehicle that has not turned back by then is shown to a person again. */
  get #answerLivesForMs(): number {
    const deadlineMs = this.#site.settings[0]?.timing.escalationDeadlineMs ?? 0
    return deadlineMs + judgedWithinMs
  }

  async run(): Promise<SeedResult> {
    const site = this.#site
    this.#cars.prepare(this.#options.passages)
    if (this.#trucks !== this.#cars) this.#trucks.prepare(Math.ceil(this.#options.passages / 4))
    site.start()
    for (const lane of site.lanes) this.#feed(lane, this.#arrivalsOf(lane).next())
    this.#swarm.start()
    this.#modes?.start()
    const broken = (): boolean => site.checker.breaches.length > 0
    const wanted = this.#options.passages
    await site.kernel.runUntil(longestMs, () => broken() || site.checker.passages >= wanted)
    if (!broken() && site.checker.passages < wanted) {
      site.checker.breach('liveness', null, `only ${site.checker.passages} passages in ${longestMs} ms`)
    }
    if (!broken()) await this.#goQuiet(broken)
    if (!broken()) this.#compareStores()
    this.#judgeBounds()
    return this.#result()
  }

  /**
   * Faults and traffic end; the lanes must come back by themselves and serve two last vehicles each.
   * A person may have to look at the first one, because of what was there before it, but no longer.
   */
  async #goQuiet(broken: () => boolean): Promise<void> {
    const { kernel, lanes } = this.#site
    this.#trafficOver = true
    this.#swarm.end()
    for (const lane of lanes) lane.plc.mend()
    this.#site.startGateway()
    this.#site.startEdge()
    this.#modes?.end()
    this.#quietSinceMs = kernel.nowMs
    const empty = (): boolean => lanes.every((lane) => lane.road.riders.length === 0)
    await kernel.runUntil(kernel.nowMs + 600_000, () => broken() || empty())
    if (!broken() && !empty()) return this.#notLive('a vehicle never left the lane')
    await kernel.runUntil(kernel.nowMs + 40_000, broken)
    this.#site.operator.letsGood = true
    // A plate that is read wrongly calls a person, and rightly so.
    for (const lane of lanes) lane.health.plateWrongShare = 0
    await this.#serveGood('Z')
    if (broken()) return
    const asked = this.#escalations
    await this.#serveGood('Y')
    if (!broken() && this.#escalations > asked)
      return this.#notLive('a lane in which nothing happened asks a person about a good vehicle')
    await kernel.runUntil(kernel.nowMs + 60_000, broken)
    if (broken()) return
    for (const lane of lanes) if (lane.plc.armAngle > 0) this.#notLive(`the arm of ${lane.id} stays up`)
    for (const fault of this.#site.faults) {
      // It tells of the last hour, which is longer than a seed.
      if (fault.startsWith('lane.manualOften')) continue
      this.#notLive(`the fault ${fault} is never cleared`)
    }
  }

  /** A vehicle with nothing against it in each lane. */
  async #serveGood(prefix: string): Promise<void> {
    const { kernel, lanes, checker } = this.#site
    const served = new Set<SimLane>()
    this.#site.watchers.push({
      left: (lane, vehicle, how) => {
        if (how === 'through' && vehicle.id.startsWith(`v${prefix}`)) served.add(lane)
      },
    })
    const isOver = (): boolean => checker.breaches.length > 0 || served.size === lanes.length
    for (const lane of lanes) await this.#enterGood(lane, `${prefix}${lane.number}`)
    await kernel.runUntil(kernel.nowMs + 180_000, isOver)
    if (!isOver()) this.#notLive('a good vehicle after all faults was never let through')
  }

  async #enterGood(lane: SimLane, prefix: string): Promise<void> {
    const good = goodArrival(lane, lane.number === this.#ladenLane, prefix)
    for (const entry of good.lists) this.#site.put(entry)
    await this.#site.kernel.runUntil(this.#site.kernel.nowMs + 12_000)
    lane.enter(good.vehicle, actsOf('stopsAtLine', standardLane, good.vehicle, good.driver))
  }

  /** Something never came; named by its cause where that is seen. */
  #notLive(detail: string): void {
    const { checker, edge, gateway } = this.#site
    const { acknowledged } = edge.disk
    if (acknowledged > gateway.upTo) {
      const what = `${acknowledged} events are acknowledged, the gateway has ${gateway.upTo}`
      checker.breach('exactlyOnceInOrder', null, what)
    } else checker.breach('liveness', null, detail)
  }

  #arrivalsOf(lane: SimLane): Arrivals {
    return lane.number === this.#ladenLane ? this.#trucks : this.#cars
  }

  /** Brings vehicle after vehicle into a lane. */
  #feed(lane: SimLane, arrival: Arrival): void {
    const { kernel } = this.#site
    const isClose = arrival.behaviour === 'tailgates'
    kernel.after(1_000 + (isClose ? 0 : arrival.afterMs), 'traffic', () => {
      const tryToEnter = (): void => {
        if (this.#trafficOver) return
        if (!lane.road.hasRoom(kernel.nowMs) || lane.road.riders.length > 2) {
          kernel.after(1_500, 'traffic.waits', tryToEnter)
          return
        }
        if (arrival.lateOrder) this.#lateOrders.set(arrival.vehicle.id, arrival)
        this.#trace(`${lane.id} ${arrival.vehicle.id} comes (${arrival.kind})`)
        lane.enter(arrival.vehicle, actsOf(arrival.behaviour, standardLane, arrival.vehicle, arrival.driver))
        this.#feed(lane, this.#arrivalsOf(lane).next())
      }
      tryToEnter()
    })
  }

  #watch(): void {
    const { kernel } = this.#site
    this.#site.watchers.push({
      durable: (row, lane) => {
        if (lane && row.type === 'verdictJudged' && row.body['result'] === 'accepted')
          this.#answeredUntilMs.set(lane.id, kernel.nowMs + this.#answerLivesForMs)
        if (lane && row.type === 'passageEnded') this.#answeredUntilMs.delete(lane.id)
        if (lane && (row.type === 'decided' || row.type === 'escalationOpened'))
          this.#judgedAtMs.set(lane.id, kernel.nowMs)
        if (row.type === 'escalationOpened') this.#escalations += 1
        if (row.type === 'decided') this.#options.decided?.(row)
        this.#note(
          () =>
            `${row.lane ?? '-'} ${row.type} ${row.passageId ?? ''} ${JSON.stringify(row.body).slice(0, 160)}`,
        )
      },
      fault: (change) => {
        this.#note(() => `fault ${change.is} ${change.code} ${change.source}`)
      },
      accepted: (lane, commandId) => {
        this.#note(() => `${lane.id} PLC accepted ${commandId}`)
      },
      left: (lane, vehicle, how) => {
        this.#note(() => `${lane.id} ${vehicle.id} left ${how}`)
      },
      scanned: (lane) => {
        this.#scanned(lane)
      },
    })
    if (this.#options.trace) {
      kernel.trace = (name) => {
        if (name.startsWith('fault.') || name.startsWith('mend.') || name === 'kill') this.#trace(name)
      }
    }
  }

  #scanned(lane: SimLane): void {
    const { kernel } = this.#site
    for (const { vehicle, onLoopSinceMs } of lane.road.riders) {
      if (onLoopSinceMs === null) continue
      const late = this.#lateOrders.get(vehicle.id)?.lateOrder
      if (!late) continue
      this.#lateOrders.delete(vehicle.id)
      kernel.after(late.afterLoopMs, 'order', () => {
        this.#site.put(late.order)
      })
    }
    if (this.#quietSinceMs !== null) this.#judgeWaiting(lane, this.#quietSinceMs)
  }

  /** In the quiet at the end, whoever stands at the line is decided or escalated in time (L1). */
  #judgeWaiting(lane: SimLane, quietSinceMs: number): void {
    const { nowMs } = this.#site.kernel
    const vehicle = lane.road.atLine(nowMs)
    const known = this.#standsSince.get(lane.id)
    if (!vehicle || lane.plc.armAngle > 0) {
      this.#standsSince.delete(lane.id)
      return
    }
    if (known?.vehicleId !== vehicle.id) {
      this.#standsSince.set(lane.id, { vehicleId: vehicle.id, sinceMs: nowMs })
      return
    }
    const rider = lane.road.riders.find((one) => one.vehicle === vehicle)
    const sinceMs = Math.max(known.sinceMs, quietSinceMs)
    if (nowMs < (this.#answeredUntilMs.get(lane.id) ?? 0)) return
    const judgedAtMs = this.#judgedAtMs.get(lane.id) ?? -Infinity
    if (nowMs - sinceMs > judgedWithinMs && judgedAtMs < (rider?.onLoopSinceMs ?? 0)) {
      this.#notLive(`${vehicle.id} stands in ${lane.id} for ${nowMs - sinceMs} ms and nobody judges it`)
    }
  }

  #compareStores(): void {
    const { checker, gateway, edge, lists, publisher } = this.#site
    const { rows } = edge.disk
    if (gateway.upTo !== rows.length || gateway.stored.length !== rows.length) {
      checker.breach(
        'exactlyOnceInOrder',
        null,
        `the journal has ${rows.length} events, the gateway ${gateway.upTo}`,
      )
    }
    for (const key of gateway.conflicts)
      checker.breach('exactlyOnceInOrder', null, `two contents under ${key}`)
    if (rows.some((row, index) => gateway.stored[index]?.hash !== row.hash)) {
      checker.breach('exactlyOnceInOrder', null, 'an event at the gateway is not the one of the journal')
    }
    if (edge.disk.acknowledged !== rows.length) {
      checker.breach(
        'liveness',
        null,
        `${rows.length - edge.disk.acknowledged} events are never acknowledged`,
      )
    }
    checker.load.compare(publisher)
    for (const [list, changes] of Object.entries(publisher.changes)) {
      const version = lists.versions[list as keyof typeof lists.versions]
      if (version !== changes.length)
        checker.breach('listsMonotone', null, `${list} stays at ${version} of ${changes.length}`)
    }
  }

  #judgeBounds(): void {
    const { checker, edge } = this.#site
    if (edge.peakMailbox > mailboxMax + reserveMax) {
      checker.breach('bounded', null, `a mailbox held ${edge.peakMailbox}`)
    }
    if (edge.peakInFlight > standardUplink.inFlightMax) {
      checker.breach('bounded', null, `${edge.peakInFlight} events were under way at once`)
    }
  }

  #note(line: () => string): void {
    const { nowMs } = this.#site.kernel
    const text = (): string => `${nowMs.toFixed(1)} ${line()}`
    if (this.#options.trace) this.#options.trace(text())
    this.#lastEvents.push(text)
    if (this.#lastEvents.length > 80) this.#lastEvents.splice(0, 40)
  }

  #trace(line: string): void {
    this.#options.trace?.(`${this.#site.kernel.nowMs.toFixed(1)} ${line}`)
  }

  #result(): SeedResult {
    const { checker, edge, lanes, kernel } = this.#site
    const breach = checker.breaches[0]
    if (breach) for (const lane of lanes) this.#trace(`${lane.id} is ${JSON.stringify(edge.stateOf(lane))}`)
    const facts = [edge.disk.digest(), kernel.ran, checker.raisesAccepted, kernel.nowMs]
    return {
      seed: this.#options.seed,
      passages: checker.passages,
      rawInputs: lanes.reduce((sum, lane) => sum + lane.rawInputs, 0),
      raises: checker.raisesAccepted,
      misidentified: checker.misidentified,
      kills: edge.kills,
      events: edge.disk.rows.length,
      virtualMs: Math.round(kernel.nowMs),
      faults: this.#swarm.kinds,
      broken: breach ? { ...breach, lastEvents: this.#lastEvents.slice(-40).map((line) => line()) } : null,
      digest: createHash('sha256').update(JSON.stringify(facts)).digest('hex'),
    }
  }
}

/** The seed again: a history that is not the same twice breaks the first law of the simulation. */
export async function isSameAgain(options: SeedOptions, first: SeedResult): Promise<Breach | null> {
  const again = await runSeed(options)
  if (again.digest === first.digest) return null
  const invariant: Invariant = 'deterministic'
  return {
    invariant,
    atMs: 0,
    lane: null,
    detail: `${first.digest.slice(0, 12)} is not ${again.digest.slice(0, 12)}`,
  }
}
