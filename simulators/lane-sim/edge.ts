import type { FaultChange } from '../../edge/base/fault.js'
import { silentLogger } from '../../edge/base/log.js'
import type { SeededRandom } from '../../edge/base/random.js'
import { rulesetVersion } from '../../edge/domain/decision/ruleset.js'
import type { Tri } from '../../edge/domain/decision/types.js'
import type { LaneEvent, LaneSettings } from '../../edge/domain/lane/types.js'
import { TagBoard } from '../../edge/domain/tag/board.js'
import type { Barrier, Guidance } from '../../edge/interfaces/barrier.js'
import type { Journal, StoredEvent } from '../../edge/interfaces/journal.js'
import type { ListStore } from '../../edge/interfaces/list-store.js'
import { ConsumedBoard } from '../../edge/domain/lists/consumed.js'
import { keepConsumed } from '../../edge/lane/keep-consumed.js'
import { LaneRunner } from '../../edge/lane/runner.js'
import { SimBarrier } from './barrier.js'
import { Boot, type WallClock } from './boot.js'
import type { Checker } from './checker.js'
import { SimDisk, SimJournal, type JournalOptions } from './disk.js'
import type { SimGateway } from './gateway.js'
import type { Kernel } from './kernel.js'
import type { SimLane } from './lane.js'
import type { SimLink } from './link.js'
import { SimListStore, type ListData, type ListHealth } from './lists.js'
import { SimUplink, standardUplink, type UplinkOptions } from './uplink.js'

/** Parts that the checker's own tests replace by broken ones; an honest edge has none of them. */
export interface FaultyParts {
  readonly journal?: JournalOptions
  readonly uplink?: Partial<UplinkOptions>
  /** Events that the gateway's store loses in a crash although it had acknowledged them. */
  readonly gatewayForgets?: number
  readonly wrapLists?: (lists: ListStore) => ListStore
  readonly wrapBarrier?: (barrier: Barrier, lane: SimLane) => Barrier
  readonly wrapJournal?: (journal: Journal) => Journal
  /** Changes what a lane is told, before it is told. */
  readonly changeEvent?: (event: LaneEvent, lane: SimLane) => LaneEvent | null
}

export interface EdgeGiven {
  readonly kernel: Kernel
  readonly random: SeededRandom
  readonly lanes: readonly SimLane[]
  readonly settings: readonly LaneSettings[]
  readonly checker: Checker
  readonly gateway: SimGateway
  readonly link: SimLink
  readonly lists: ListData
  readonly wall: WallClock
  readonly parts: FaultyParts
  readonly onFault: (change: FaultChange, lane: SimLane | null) => void
  /** A row is durable. */
  readonly onDurable: (row: StoredEvent, lane: SimLane | null) => void
  /** A point at which a kill is worth while was reached. */
  readonly onPoint: (lane: SimLane, point: string) => void
  readonly onGuidance: (lane: SimLane, guidance: Guidance) => void
}

interface Life {
  readonly boot: Boot
  readonly journal: SimJournal
  readonly lists: SimListStore
  readonly uplink: SimUplink
  readonly runners: ReadonlyMap<string, LaneRunner>
  readonly devices: Map<string, Tri>
  readonly consumed: ConsumedBoard
}

/** The edge: the product's own runner, step and decide on simulated disk, lines and clock. */
export class SimEdge {
  readonly disk: SimDisk
  readonly listHealth: ListHealth = { lookupFails: false, slowestMs: 1.5 }
  kills = 0
  readonly #given: EdgeGiven
  #life: Life | null = null
  /** What the lanes are judged by from the next start on, where that was changed. */
  #judgedBy: { readonly settings: readonly LaneSettings[]; readonly rulesetVersion: string } | null = null
  #boots = 0
  #peakMailbox = 0
  #peakInFlight = 0

  constructor(edgeId: string, given: EdgeGiven) {
    this.#given = given
    this.disk = new SimDisk(edgeId, 'e1')
    this.disk.onDurable = (row) => {
      const lane = given.lanes.find((one) => one.id === row.lane)
      given.checker.durable(row, lane?.road.atLine(given.kernel.nowMs) ?? null)
      given.onDurable(row, lane ?? null)
    }
  }

  get alive(): boolean {
    return this.#life !== null
  }

  get peakMailbox(): number {
    this.#notePeaks()
    return this.#peakMailbox
  }

  get peakInFlight(): number {
    this.#notePeaks()
    return this.#peakInFlight
  }

  get uplink(): SimUplink | null {
    return this.#life?.uplink ?? null
  }

  activate(settings: readonly LaneSettings[], version: string): void {
    this.#judgedBy = { settings, rulesetVersion: version }
  }

  start(): void {
    const { kernel, lanes, parts, random, checker } = this.#given
    this.#boots += 1
    const boot = new Boot(kernel, `boot-${this.#boots}`, this.#given.wall)
    const journal = new SimJournal(this.disk, boot, kernel, random, parts.journal)
    const lists = new SimListStore(this.#given.lists, boot, random, this.listHealth)
    const uplink = new SimUplink(
      { boot, disk: this.disk, link: this.#given.link, gateway: this.#given.gateway },
      { ...standardUplink, ...parts.uplink },
      (upTo) => {
        if (upTo > this.#given.gateway.upTo) {
          checker.breach(
            'pruneSafety',
            null,
            `row ${upTo} was freed, the gateway has ${this.#given.gateway.upTo}`,
          )
        }
      },
    )
    journal.onAppended(() => {
      uplink.pump()
    })
    const devices = new Map<string, Tri>()
    const runners = new Map<string, LaneRunner>()
    const life: Life = { boot, journal, lists, uplink, runners, devices, consumed: new ConsumedBoard() }
    this.#life = life
    const board = new TagBoard()
    lanes.forEach((lane, index) => {
      const settings = (this.#judgedBy ?? this.#given).settings[index]
      if (settings) runners.set(lane.id, this.#openLane(lane, settings, board, life))
    })
    lists.onSwitched((list) => {
      checker.listInForce(list.list, list.version)
      for (const lane of lanes) this.deliver(lane, { on: 'listsSwitched' })
    })
    uplink.connected()
    this.#startLanes(life)
    kernel.stir()
  }

  /** No lane judges before what was used up is known again. */
  #startLanes({ consumed, journal, lists, runners }: Life): void {
    const { lanes, checker } = this.#given
    const laneIds = lanes.map((lane) => lane.id)
    keepConsumed(consumed, { journal, lists, laneIds, log: silentLogger })
      .then(() => Promise.all([...runners.values()].map((runner) => runner.start())))
      .catch((error: unknown) => {
        checker.breach('liveness', null, `the lanes did not start: ${String(error)}`)
      })
  }

  /** Power off: whatever was not durable is gone. */
  kill(): void {
    const life = this.#life
    if (!life) return
    this.#notePeaks()
    this.kills += 1
    life.journal.die()
    life.boot.alive = false
    this.#life = null
    for (const lane of this.#given.lanes) {
      lane.listener = null
      lane.forgetTold()
      lane.edgeLives = false
    }
  }

  /** Something happens to a lane, if its edge lives. */
  deliver(lane: SimLane, event: LaneEvent): void {
    const change = this.#given.parts.changeEvent
    const changed = change ? change(event, lane) : event
    if (!changed) return
    this.#life?.runners.get(lane.id)?.deliver(changed)
  }

  /** A device of the lane fails or comes back, and its driver says so. */
  deviceFault(lane: SimLane, change: FaultChange): void {
    this.#life?.devices.set(change.source, change.is === 'cleared')
    this.#given.onFault(change, lane)
    this.deliver(lane, { on: 'fault', change })
  }

  /** True if the edge knows of a required device of this lane that it is not there. */
  knowsDeviceDown(lane: SimLane): boolean {
    return requiredDevices(lane).some((source) => this.#life?.devices.get(source) === false)
  }

  /** The lane's own state, for whoever looks for the cause of a breach. */
  stateOf(lane: SimLane): unknown {
    return this.#life?.runners.get(lane.id)?.state ?? null
  }

  takeList(change: Parameters<SimListStore['take']>[0]): boolean {
    return this.#life?.lists.take(change) ?? false
  }

  #openLane(lane: SimLane, settings: LaneSettings, board: TagBoard, life: Life): LaneRunner {
    const { kernel, random, parts, wall } = this.#given
    const { boot, devices } = life
    devices.set(`reader-${lane.id}`, lane.health.readerDown ? false : true)
    devices.set(`barrier-${lane.id}`, 'unknown')
    const simBarrier = new SimBarrier(
      {
        boot,
        kernel,
        random,
        source: `barrier-${lane.id}`,
        onSignals: (signals) => {
          this.deliver(lane, { on: 'signals', signals })
        },
        onFault: (change) => {
          this.deviceFault(lane, change)
        },
      },
      lane.line,
      lane,
    )
    const watched = this.#watched(simBarrier, lane, boot, settings)
    const lists = parts.wrapLists ? parts.wrapLists(life.lists) : life.lists
    const runner = new LaneRunner({
      settings,
      clock: boot.clock,
      journal: parts.wrapJournal ? parts.wrapJournal(life.journal) : life.journal,
      lists,
      barrier: parts.wrapBarrier ? parts.wrapBarrier(watched, lane) : watched,
      board,
      consumed: life.consumed,
      log: silentLogger,
      onFault: (change) => {
        this.#given.onFault(change, lane)
      },
      onAnswer: () => undefined,
      onSnapshot: () => undefined,
      devices: () =>
        Object.fromEntries(
          settings.requiredDevices.map((source) => [source, devices.get(source) ?? 'unknown']),
        ),
      clockQuality: () => wall.quality,
      language: 'zh-CN',
      rulesetVersion: this.#judgedBy?.rulesetVersion ?? rulesetVersion,
      configHash: 'simulated',
    })
    lane.edgeLives = true
    lane.listener = {
      now: () => boot.now(),
      read: (read) => {
        this.deliver(lane, { on: 'read', read })
      },
      image: (image) => {
        simBarrier.hear(image)
      },
      lineDown: () => {
        simBarrier.lineDown()
      },
    }
    if (lane.health.readerDown) {
      this.deliver(lane, {
        on: 'fault',
        change: { is: 'raised', code: 'reader.disconnected', source: `reader-${lane.id}` },
      })
    }
    return runner
  }

  /** Every request passes the checker first. */
  #watched(barrier: SimBarrier, lane: SimLane, boot: Boot, settings: LaneSettings): Barrier {
    const { checker, kernel, wall } = this.#given
    return {
      raise: (command) => {
        // A dead process asks for nothing, however far its code had got.
        if (!boot.alive) return new Promise(() => undefined)
        this.#given.onPoint(lane, 'raiseAsked')
        const vehicle = lane.road.atLine(kernel.nowMs)
        const told = vehicle && lane.toldOf(vehicle.id, settings.timing.approachMs)
        checker.raiseAsked(lane.id, command.commandId, {
          vehicle,
          heardEpcs: told?.epcs ?? new Set(),
          seenPlates: told?.plates ?? new Set(),
          deviceDown: this.knowsDeviceDown(lane),
          clockQuality: wall.quality,
          wallMs: Math.floor(wall.offsetMs + kernel.nowMs),
          clockOffsetMs: wall.offsetMs,
          needs: settings.profile.needs ?? [],
        })
        return barrier.raise(command)
      },
      spray: (command) => {
        if (!boot.alive) return new Promise(() => undefined)
        this.#given.onPoint(lane, 'sprayAsked')
        checker.sprayAsked(lane.id, command.commandId)
        return barrier.spray(command)
      },
      guide: (guidance) => {
        if (!boot.alive) return
        this.#given.onGuidance(lane, guidance)
        barrier.guide(guidance)
      },
      close: () => barrier.close(),
    }
  }

  #notePeaks(): void {
    this.#peakInFlight = Math.max(this.#peakInFlight, this.#life?.uplink.peakInFlight ?? 0)
    for (const runner of this.#life?.runners.values() ?? []) {
      this.#peakMailbox = Math.max(this.#peakMailbox, runner.counters.mailbox.peak)
    }
  }
}

export function requiredDevices(lane: { readonly id: string }): readonly string[] {
  return [`reader-${lane.id}`, `barrier-${lane.id}`]
}
