import type { FaultChange } from '../../edge/base/fault.js'
import { SeededRandom } from '../../edge/base/random.js'
import { profiles } from '../../edge/domain/decision/profiles.js'
import type { LaneSettings } from '../../edge/domain/lane/types.js'
import type { Guidance } from '../../edge/interfaces/barrier.js'
import type { StoredEvent } from '../../edge/interfaces/journal.js'
import { listNames, type ListEntry, type ListName } from '../../edge/messages/entities.js'
import type { VehicleSpec } from '../vehicle/vehicle.js'
import { Checker } from './checker.js'
import { requiredDevices, SimEdge, type FaultyParts } from './edge.js'
import { SimGateway } from './gateway.js'
import { FollowUps } from './gateway-lists.js'
import { Kernel, startWallMs } from './kernel.js'
import { SimLane, type PlcModel } from './lane.js'
import { SimLink } from './link.js'
import { ListData, ListPublisher, type ListChange } from './lists.js'
import { SimOperator } from './operator.js'
import { PlcLane } from '../plc/model.js'
import type { WallClock } from './boot.js'

/** What may be watched from outside. */
export interface SiteWatcher {
  durable?(row: StoredEvent, lane: SimLane | null): void
  point?(lane: SimLane, point: string): void
  accepted?(lane: SimLane, commandId: string): void
  scanned?(lane: SimLane): void
  left?(lane: SimLane, vehicle: VehicleSpec, how: 'through' | 'backwards'): void
  fault?(change: FaultChange, lane: SimLane | null): void
  guidance?(lane: SimLane, guidance: Guidance): void
}

export interface SiteOptions {
  readonly seed: number
  readonly lanes: number
  readonly settings?: (settings: LaneSettings, index: number) => LaneSettings
  /** Lanes that have a sprayer, by number; absent: none. */
  readonly sprayers?: ReadonlySet<number>
  readonly parts?: FaultyParts
  /** Puts another PLC in the place of the honest one. */
  readonly wrapPlc?: (plc: PlcLane) => PlcModel
}

/** One edge with its lanes, its gateway and the people there, in virtual time. */
export class Site {
  readonly kernel = new Kernel()
  readonly wall: WallClock = { offsetMs: startWallMs, quality: 'synchronised' }
  readonly publisher = new ListPublisher()
  readonly lists = new ListData()
  readonly followUps = new FollowUps(this.publisher)
  readonly checker: Checker
  readonly gateway: SimGateway
  readonly link: SimLink
  readonly operator: SimOperator
  readonly lanes: readonly SimLane[]
  readonly settings: readonly LaneSettings[]
  readonly edge: SimEdge
  /** Faults that are raised now, `code source`. */
  readonly faults = new Set<string>()
  readonly watchers: SiteWatcher[] = []
  readonly #forgets: number
  #listsWanted = false

  constructor(options: SiteOptions) {
    const stream = (which: number): SeededRandom =>
      new SeededRandom(Math.imul(options.seed, 0x9e3779b1) + which * 7_919)
    const { kernel } = this
    const nowMs = (): number => kernel.nowMs
    const standard = Array.from({ length: options.lanes }, (_, index) => settingsOf(`lane-${index + 1}`))
    this.settings = options.settings ? standard.map(options.settings) : standard
    const policy = this.settings[0]?.decision
    this.checker = new Checker(
      this.lists,
      { ordersMs: policy?.ordersStaleOtherMs ?? 0, registryMs: policy?.registryStaleMs ?? 0 },
      nowMs,
    )
    this.link = new SimLink(kernel, stream(1))
    this.gateway = new SimGateway(kernel, stream(2))
    this.lanes = Array.from(
      { length: options.lanes },
      (_, index) =>
        new SimLane(index + 1, {
          kernel,
          random: stream(10 + index),
          plc: honestOr(
            options.wrapPlc,
            new PlcLane({
              id: `lane-${index + 1}`,
              bootId: `lane-${index + 1}-boot-0`,
              sprayer: options.sprayers?.has(index + 1) ?? false,
            }),
          ),
          watcher: {
            accepted: (lane, commandId) => {
              this.checker.raiseAccepted(lane.id, commandId)
              for (const watcher of this.watchers) watcher.accepted?.(lane, commandId)
              this.#point(lane, 'accepted')
            },
            scanned: (lane) => {
              this.#scanned(lane)
            },
            left: (lane, vehicle, how) => {
              this.checker.load.gone(vehicle.id)
              for (const watcher of this.watchers) watcher.left?.(lane, vehicle, how)
            },
            told: (_lane, vehicleId, sensed) => {
              this.checker.load.told(vehicleId, sensed)
            },
            sprays: (lane) => {
              this.#point(lane, 'sprays')
            },
          },
        }),
    )
    for (const lane of this.lanes)
      lane.neighbours = this.lanes.filter((other) => Math.abs(other.number - lane.number) === 1)
    this.edge = new SimEdge('edge-1', {
      kernel,
      random: stream(3),
      lanes: this.lanes,
      settings: this.settings,
      checker: this.checker,
      gateway: this.gateway,
      link: this.link,
      lists: this.lists,
      wall: this.wall,
      parts: options.parts ?? {},
      onFault: (change, lane) => {
        this.#fault(change, lane)
      },
      onDurable: (row, lane) => {
        for (const watcher of this.watchers) watcher.durable?.(row, lane)
        if (lane) this.#point(lane, row.type)
      },
      onPoint: (lane, point) => {
        this.#point(lane, point)
      },
      onGuidance: (lane, guidance) => {
        for (const watcher of this.watchers) watcher.guidance?.(lane, guidance)
      },
    })
    this.operator = new SimOperator(
      { kernel, random: stream(4), checker: this.checker, wall: this.wall },
      (message) => {
        this.link.send('down', () => {
          this.#down(message)
        })
      },
    )
    this.#forgets = options.parts?.gatewayForgets ?? 0
    this.#wire()
  }

  wallMs(): number {
    return Math.floor(this.wall.offsetMs + this.kernel.nowMs)
  }

  lane(number: number): SimLane {
    const lane = this.lanes[number - 1]
    if (!lane) throw new RangeError(`there is no lane ${number}`)
    return lane
  }

  /** Everything begins; the lists are as they were entered so far. */
  start(): void {
    this.lists.startFrom(this.publisher, this.wallMs())
    this.edge.start()
    for (const lane of this.lanes) lane.scanSoon()
    const everyTenSeconds = (): void => {
      this.gateway.acknowledge()
      this.syncLists()
      this.#lookAtFaults()
      this.kernel.after(10_000, 'gateway.clockwork', everyTenSeconds)
    }
    everyTenSeconds()
  }

  put(entry: ListEntry): void {
    this.#publish(this.publisher.put(entry))
  }

  remove(list: ListName, key: string): void {
    this.#publish(this.publisher.remove(list, key))
  }

  /** An officer unlocks a container at the gateway; null, or the word of its refusal. */
  unlock(container: string): string | null {
    const done = this.followUps.unlock(container)
    if (typeof done === 'string') return done
    this.#publish(done)
    return null
  }

  /** The gateway tells the edge what its newest lists are, and sends what is missing. */
  syncLists(): void {
    if (!this.gateway.alive) return
    this.link.send('down.lists', () => {
      if (!this.edge.alive) return
      for (const list of listNames) {
        const changes = this.publisher.changes[list]
        for (const change of changes.slice(this.lists.versions[list])) this.edge.takeList(change)
        if (this.lists.versions[list] === changes.length) this.lists.confirm(list, this.wallMs())
      }
    })
  }

  killEdge(): void {
    this.edge.kill()
    this.faults.clear()
  }

  startEdge(): void {
    if (this.edge.alive) return
    this.edge.start()
    this.afterConnect()
  }

  killGateway(): void {
    this.gateway.crash()
    this.gateway.forget(this.#forgets)
    this.link.setUp(false)
  }

  startGateway(): void {
    this.gateway.start()
    this.link.setUp(true)
  }

  /** What a fresh connection brings: the acknowledged mark and the newest lists. */
  afterConnect(): void {
    if (!this.link.health.up) return
    this.edge.uplink?.connected()
    this.gateway.acknowledge()
    this.syncLists()
  }

  /** A device of a lane goes or comes back. */
  setReader(lane: SimLane, down: boolean): void {
    if (lane.health.readerDown === down) return
    lane.health.readerDown = down
    this.edge.deviceFault(lane, {
      is: down ? 'raised' : 'cleared',
      code: 'reader.disconnected',
      source: requiredDevices(lane)[0] ?? lane.id,
    })
    if (!down) lane.wakeReader()
  }

  #wire(): void {
    this.gateway.onStored = (event) => {
      const row = this.edge.disk.rows[event.sequence - 1]
      if (row?.hash !== event.hash) {
        this.checker.breach(
          'exactlyOnceInOrder',
          event.lane,
          `the gateway stored ${event.sequence}, which the journal does not have`,
        )
      }
      for (const change of this.followUps.of(event)) this.#publish(change)
      this.operator.see(event)
    }
    this.gateway.sendAck = (epoch, upTo) => {
      this.link.send('down.ack', () => this.edge.uplink?.acknowledged(epoch, upTo))
    }
    this.link.onChange((up) => {
      if (up) this.afterConnect()
    })
  }

  /** Some conditions end only when a person has looked: the people at the gateway see them, too. */
  #lookAtFaults(): void {
    if (!this.operator.answers) return
    for (const lane of this.lanes) {
      const waits = ['lane.violation', 'lane.previousNotClosed'].some((code) =>
        this.faults.has(`${code} ${lane.id}`),
      )
      if (waits) this.operator.closePassage(lane.id)
    }
  }

  #publish(change: ListChange): void {
    // What is entered before everything begins is there from the start.
    if (!this.gateway.alive || !this.edge.alive) return
    this.link.send('down.list', () => {
      // A change that does not follow on what is in force makes the edge ask for everything between.
      if (!this.edge.takeList(change) && !this.#listsWanted) {
        this.#listsWanted = true
        this.kernel.after(200, 'lists.ask', () => {
          this.#listsWanted = false
          this.syncLists()
        })
      }
    })
  }

  #down(message: Parameters<ConstructorParameters<typeof SimOperator>[1]>[0]): void {
    const { retained } = message
    const to = 'verdict' in message ? message.verdict.lane : message.command.lane
    const lane = this.lanes.find((one) => one.id === to)
    if (!lane) return
    if ('verdict' in message) this.edge.deliver(lane, { on: 'verdict', verdict: message.verdict, retained })
    else this.edge.deliver(lane, { on: 'command', command: message.command, retained })
    this.kernel.stir()
  }

  #scanned(lane: SimLane): void {
    if (lane.plc.truth.loweredOnVehicle > 0) {
      this.checker.breach(
        'barNeverOnVehicle',
        lane.id,
        `the arm came down on a vehicle at ${lane.plc.armAngle} degrees`,
      )
    }
    for (const watcher of this.watchers) watcher.scanned?.(lane)
    if (lane.plc.armAngle > 10 && lane.plc.armAngle < 80) this.#point(lane, 'armMoving')
  }

  #fault(change: FaultChange, lane: SimLane | null): void {
    const key = `${change.code} ${change.source}`
    if (change.is === 'raised') this.faults.add(key)
    else this.faults.delete(key)
    for (const watcher of this.watchers) watcher.fault?.(change, lane)
  }

  #point(lane: SimLane, point: string): void {
    for (const watcher of this.watchers) watcher.point?.(lane, point)
  }
}

function honestOr(wrap: SiteOptions['wrapPlc'], plc: PlcLane): PlcModel {
  return wrap ? wrap(plc) : plc
}

/** The lanes of the simulation: the product's defaults, with lists that grow old in minutes. */
export function settingsOf(id: string): LaneSettings {
  return {
    id,
    idPrefix: `edge-1.e1.${id}`,
    direction: 'in',
    profile: profiles.roadInNoBoxCar,
    decision: {
      identifyWithinMs: 8_000,
      rereadForMs: 2_000,
      plateConfidenceMin: 0.9,
      tagReadsMin: 2,
      tagMissesMax: 3,
      impossibleTravelMs: 20_000,
      ordersStaleLadenMs: 60_000,
      ordersStaleOtherMs: 90_000,
      registryStaleMs: 120_000,
      sampleTagsMax: 64,
    },
    timing: {
      collectMs: 400,
      plateWithinMs: 1_500,
      approachMs: 3_000,
      departedAfterMs: 1_500,
      raiseWithinMs: 5_000,
      crossWithinMs: 60_000,
      loopStuckMs: 600_000,
      afterglowMs: 2_000,
      leaseTicks: 20,
      escalationDeadlineMs: 60_000,
    },
    initialMode: 'AUTO',
    requiredDevices: requiredDevices({ id }),
  }
}
