import { LanekeeperError } from '../../edge/base/error.js'
import { defaultCargoPolicy } from '../../edge/domain/decision/cargo.js'
import { defaultDisinfection } from '../../edge/domain/lane/disinfect-fee.js'
import type { LaneSettings } from '../../edge/domain/lane/types.js'
import type { ListEntry, ListName } from '../../edge/messages/entities.js'
import { voices } from '../../edge/messages/text/prompts.js'
import { plateOf } from '../scenario/player.js'
import type { Findable } from '../scenario/conditions.js'
import { laneKindOf, type LaneKind, type Scenario } from '../scenario/format.js'
import type {
  Breaking,
  GivenCommand,
  GivenRuleset,
  InjectedFinding,
  InjectedPlate,
  InjectedRead,
  Observed,
  OperatorAnswer,
  World,
} from '../scenario/world.js'
import type { Act } from '../vehicle/driver.js'
import type { VehicleSpec } from '../vehicle/vehicle.js'
import { deviceRead } from './devices.js'
import { healthyDisk } from './disk.js'
import type { FaultyParts } from './edge.js'
import { plateRead, tagRead, type SimLane } from './lane.js'
import { Office } from './office.js'
import type { OpenCase } from './operator.js'
import { profileNamed } from './profile.js'
import { startWallMs } from './kernel.js'
import { Site } from './site.js'

type VirtualScenario = Pick<Scenario, 'lanes' | 'seed' | 'settings' | 'lane'> &
  Partial<Pick<Scenario, 'startsAfter' | 'draws'>>

/** The lanes and their edge come up before the first line of a scenario. */
const warmUpMs = 2_000

/** Plays scenarios in virtual time, with the edge's own runner: the same file that drives real processes. */
export class VirtualWorld implements World {
  readonly kind = 'virtual'
  readonly slackMs = 0
  readonly #site: Site
  readonly #listeners = new Set<(observed: Observed) => void>()
  readonly #armOf = new Map<SimLane, 'raised' | 'lowered' | 'moving'>()
  readonly #lastCase = new Map<string, OpenCase>()
  readonly #office: Office
  readonly #draws: boolean
  readonly #startMs: number
  #begun = false

  constructor(scenario: VirtualScenario, parts: FaultyParts = {}) {
    const numbers = Array.from({ length: scenario.lanes }, (_, index) => index + 1)
    this.#site = new Site({
      seed: scenario.seed,
      lanes: scenario.lanes,
      settings: (settings, index) =>
        withSettings(withKind(settings, laneKindOf(scenario, index + 1)), scenario.settings),
      sprayers: new Set(numbers.filter((number) => laneKindOf(scenario, number)?.sprayer)),
      parts,
    })
    this.#site.wall.offsetMs += scenario.startsAfter ?? 0
    this.#startMs = startWallMs + warmUpMs + (scenario.startsAfter ?? 0)
    this.#draws = scenario.draws === true
    this.#office = new Office(this.#site, scenario.seed)
    this.#site.operator.answers = false
    this.#watch()
  }

  startMs(): number {
    return this.#startMs
  }

  nowMs(): number {
    return this.#begun ? this.#site.kernel.nowMs - warmUpMs : 0
  }

  async goOnUntil(atMs: number): Promise<void> {
    if (!this.#begun) {
      this.#begun = true
      if (this.#draws) this.#office.drawTrips()
      this.#site.start()
      // A scenario says itself what its cameras do not see.
      for (const { health } of this.#site.lanes) {
        health.plateMissShare = 0
        health.plateWrongShare = 0
        health.plateSureMin = 0.91
      }
      await this.#site.kernel.runUntil(warmUpMs)
    }
    await this.#site.kernel.runUntil(atMs + warmUpMs)
  }

  onObserved(listener: (observed: Observed) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  enter(laneNumber: number, vehicle: VehicleSpec, acts: readonly Act[]): Promise<void> {
    const lane = this.#site.lane(laneNumber)
    const { kernel } = this.#site
    const tryToEnter = (): void => {
      if (lane.road.hasRoom(kernel.nowMs)) lane.enter(vehicle, acts)
      else kernel.after(100, 'scenario.waits', tryToEnter)
    }
    tryToEnter()
    return Promise.resolve()
  }

  hear(read: InjectedRead): Promise<void> {
    const lane = this.#site.lane(read.lane)
    for (let time = 0; time < read.times; time += 1) {
      this.#site.kernel.after(time * read.every, 'scenario.tag', () => {
        if (!lane.health.readerDown) lane.hand((at) => tagRead(lane.id, read.tag, null, read.rssiDbm, at))
      })
    }
    return Promise.resolve()
  }

  see(plate: InjectedPlate): Promise<void> {
    const lane = this.#site.lane(plate.lane)
    const { region, text } = plateOf(plate.plate)
    lane.hand((at) => plateRead(lane.id, text, region, plate.confidence, at))
    return Promise.resolve()
  }

  find({ lane: number, sensed }: InjectedFinding): Promise<void> {
    const lane = this.#site.lane(number)
    lane.hand((at) => deviceRead(lane.id, sensed, at, this.#site.kernel.nowMs))
    return Promise.resolve()
  }

  break(what: Breaking): Promise<void> {
    this.#change(what, true)
    return Promise.resolve()
  }

  mend(what: Pick<Breaking, 'break' | 'lane'>): Promise<void> {
    this.#change(what, false)
    return Promise.resolve()
  }

  put(entry: ListEntry): Promise<void> {
    this.#site.put(entry)
    if (this.#begun && this.#draws) this.#office.drawTrips()
    return Promise.resolve()
  }

  remove(list: ListName, key: string): Promise<void> {
    this.#site.remove(list, key)
    return Promise.resolve()
  }

  unlock(container: string): Promise<void> {
    const why = this.#site.unlock(container)
    if (why !== null) this.#tell({ is: 'refusedAtGateway', atMs: this.nowMs(), lane: null, why })
    return Promise.resolve()
  }

  answer(answer: OperatorAnswer): Promise<void> {
    const { operator } = this.#site
    const lane = this.#site.lane(answer.lane).id
    const open = [...operator.open.values()].find((one) => one.lane === lane)
    const on = open ?? (answer.as === 'fresh' ? undefined : this.#lastCase.get(lane))
    if (!on) {
      return Promise.reject(
        new LanekeeperError('scenario.noEscalation', `no escalation of lane ${answer.lane} is open`),
      )
    }
    if (answer.as === 'fresh') operator.answer(on, answer.operator, answer.reason, answer.orderIds)
    else operator.tryMischief(on, answer.as)
    return Promise.resolve()
  }

  command(command: GivenCommand): Promise<void> {
    const lane = this.#site.lane(command.lane).id
    const { operator, edge } = this.#site
    switch (command.command) {
      case 'setMode': {
        const { mode, confirmedBy, for: forMs, reason } = command
        if (mode === undefined) return Promise.reject(new LanekeeperError('scenario.mode', 'which mode?'))
        const second = { ...(confirmedBy && { confirmedBy }), ...(forMs !== undefined && { forMs }) }
        operator.command(lane, { do: 'setMode', mode, ...second }, reason)
        break
      }
      case 'manualRaise': {
        const opened = edge.disk.rows.findLast((row) => row.lane === lane && row.type === 'passageOpened')
        const passageId = opened?.passageId ?? 'none'
        operator.command(lane, { do: 'manualRaise', passageId, orderIds: command.orderIds }, command.reason)
        break
      }
      case 'holdAll':
        operator.command(lane, {
          do: 'holdAll',
          incidentId: command.incidentId ?? 'incident-1',
          on: !command.ends,
        })
        break
      case 'closePassage':
        operator.closePassage(lane)
        break
    }
    return Promise.resolve()
  }

  activate(ruleset: GivenRuleset): Promise<void> {
    this.#office.activate(ruleset)
    return Promise.resolve()
  }

  found(of: Findable, key: string): Promise<object> {
    return Promise.resolve(this.#office.found(of, key))
  }

  listed(list: ListName, key: string): Promise<ListEntry | undefined> {
    return Promise.resolve(this.#site.publisher.newest(list, key))
  }

  isEverythingAtGateway(): Promise<boolean> {
    const { gateway, edge } = this.#site
    const { rows } = edge.disk
    const same = rows.every((row, index) => gateway.stored[index]?.hash === row.hash)
    return Promise.resolve(same && gateway.upTo === rows.length && edge.disk.acknowledged === rows.length)
  }

  complaints(): readonly string[] {
    return this.#site.checker.breaches.map(
      (breach) => `${breach.invariant}: ${breach.detail} (at ${Math.round(breach.atMs - warmUpMs)} ms)`,
    )
  }

  #watch(): void {
    this.#site.watchers.push({
      durable: (row, lane) => {
        const { type, passageId, body } = row
        this.#tell({ is: 'event', atMs: this.nowMs(), lane: lane?.number ?? null, type, passageId, body })
      },
      accepted: (lane, commandId) => {
        this.#tell({ is: 'raiseAccepted', atMs: this.nowMs(), lane: lane.number, commandId })
      },
      fault: (change, lane) => {
        this.#tell({ is: 'fault', atMs: this.nowMs(), lane: lane?.number ?? null, change })
      },
      guidance: (lane, { light, text, voice }) => {
        const prompt = Object.entries(voices).find(([, number]) => number === voice)?.[0] ?? null
        this.#tell({ is: 'guidance', atMs: this.nowMs(), lane: lane.number, light, prompt, text })
      },
      left: (lane, vehicle, how) => {
        this.#tell({ is: 'left', atMs: this.nowMs(), lane: lane.number, vehicleId: vehicle.id, how })
      },
      scanned: (lane) => {
        this.#lookAtArm(lane)
        for (const open of this.#site.operator.open.values()) this.#lastCase.set(open.lane, open)
      },
    })
  }

  #lookAtArm(lane: SimLane): void {
    const degrees = lane.plc.armAngle
    const position = degrees >= 89.5 ? 'raised' : degrees <= 0.5 ? 'lowered' : 'moving'
    const before = this.#armOf.get(lane) ?? 'lowered'
    this.#armOf.set(lane, position)
    if (before !== position) this.#tell({ is: 'arm', atMs: this.nowMs(), lane: lane.number, position })
  }

  #tell(observed: Observed): void {
    // Nobody is interested in how the lanes come up.
    if (observed.atMs < 0) return
    for (const listener of this.#listeners) listener(observed)
  }

  #change(what: Breaking, broken: boolean): void {
    const site = this.#site
    const lanes = what.lane === undefined ? site.lanes : [site.lane(what.lane)]
    switch (what.break) {
      case 'edge':
        return broken ? site.killEdge() : site.startEdge()
      case 'gateway':
      case 'broker':
        return broken ? site.killGateway() : site.startGateway()
      case 'uplink':
        return site.link.setUp(!broken)
      case 'journal':
        return this.#changeDisk(what, broken)
      case 'clock':
        return this.#changeClock(what, broken)
      default:
        for (const lane of lanes) this.#changeLane(lane, what, broken)
    }
  }

  #changeDisk(what: Breaking, broken: boolean): void {
    const { health } = this.#site.edge.disk
    const slow = broken && what.how === 'slow'
    health.broken = broken && what.how !== 'slow'
    health.fastestMs = slow ? (what.much ?? 300) : healthyDisk.fastestMs
    health.slowestMs = slow ? (what.much ?? 300) : healthyDisk.slowestMs
  }

  #changeClock(what: Breaking, broken: boolean): void {
    const { wall } = this.#site
    if (broken && what.how === 'jump') wall.offsetMs += what.much ?? 0
    wall.quality = broken ? (what.how === 'holdover' ? 'holdover' : 'untrusted') : 'synchronised'
  }

  #changeLane(lane: SimLane, what: Breaking, broken: boolean): void {
    switch (what.break) {
      case 'readerLink':
        return this.#site.setReader(lane, broken)
      case 'plc':
        return broken ? lane.stopPlc() : lane.startPlc()
      case 'plcLink':
        return lane.setLine(!broken)
      case 'barrierMotor':
        return lane.plc.fail(
          what.how === 'slow'
            ? { slowFactor: broken ? (what.much ?? 4) : 1 }
            : { stuckAt: broken ? (what.much ?? 0) : null, slowFactor: 1 },
        )
      case 'entryLoop':
      case 'exitLoop': {
        const level = what.how === 'stuckOff' ? 'clear' : 'occupied'
        const stuck = what.break === 'entryLoop' ? ({ entry: level } as const) : ({ exit: level } as const)
        return lane.plc.fail({ loopStuck: broken ? stuck : null })
      }
      case 'sprayer':
        return lane.plc.fail({ sprayerOut: broken })
      case 'people':
        return lane.plc.people(broken, this.#site.kernel.nowMs)
      case 'devices':
        lane.devices.health.missShare = broken ? 1 : 0
        return
      case 'flood':
        lane.health.floodPerSecond = broken ? (what.much ?? 1_000) : 0
        lane.health.floodOfOneTag = what.how !== 'manyTags'
        return lane.wakeReader()
      default:
        throw new LanekeeperError(
          'scenario.notVirtual',
          `${what.break} cannot be broken in virtual time; let the scenario be played in the real world only (worlds: [real])`,
        )
    }
  }
}

/** A lane of the kind that the scenario wants. */
function withKind(settings: LaneSettings, kind: LaneKind | undefined): LaneSettings {
  if (!kind) return settings
  const profile = profileNamed(kind.profile, kind.needs)
  const isInward = profile.crossing === 'RI' || profile.crossing === 'SI'
  const direction = isInward ? 'in' : 'out'
  const decision = { ...settings.decision, cargo: defaultCargoPolicy }
  return { ...settings, profile, direction, decision, disinfection: defaultDisinfection }
}

/** The standard settings with the scenario's differences, by dotted path. */
function withSettings(settings: LaneSettings, differences: Scenario['settings']): LaneSettings {
  let changed: LaneSettings = settings
  for (const [path, value] of Object.entries(differences))
    changed = withValue(changed, path.split('.'), value)
  return changed
}

function withValue<T extends object>(target: T, path: readonly string[], value: unknown): T {
  const [name, ...rest] = path
  if (name === undefined || !(name in target)) {
    throw new LanekeeperError('scenario.setting', `a lane has no setting "${path.join('.')}"`)
  }
  const inner: unknown = Object.entries(target).find(([key]) => key === name)?.[1]
  const next =
    rest.length > 0 && typeof inner === 'object' && inner !== null ? withValue(inner, rest, value) : value
  return { ...target, [name]: next }
}
