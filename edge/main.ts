import type { Clock } from './base/clock.js'
import { messageOf } from './base/error.js'
import { IdentityKeeper } from './enrol/keeper.js'
import type { FaultChange } from './base/fault.js'
import type { Logger } from './base/log.js'
import type { Random } from './base/random.js'
import { isFed } from './config/feeds.js'
import type { EdgeConfig, ReaderSettings } from './config/parse.js'
import { neededLists } from './domain/decision/needed-lists.js'
import { rulesetVersion } from './domain/decision/ruleset.js'
import { ConsumedBoard } from './domain/lists/consumed.js'
import { MemoryControl } from './domain/lists/memory-control.js'
import { TagBoard } from './domain/tag/board.js'
import { ClockWatch } from './health/clock-watch.js'
import { DeviceBoard } from './health/devices.js'
import { namedCounters } from './health/named-counters.js'
import { FaultRegistry } from './health/faults.js'
import { kernelClockSays } from './health/kernel-clock.js'
import { HealthReporter, listHealth } from './health/reporter.js'
import type { Barrier, BarrierGiven } from './interfaces/barrier.js'
import type { EventDraft, Journal } from './interfaces/journal.js'
import type { OwnBus, Reader } from './interfaces/reader.js'
import type { Downlink } from './interfaces/uplink.js'
import { keepConsumed } from './lane/keep-consumed.js'
import { receiptJudge } from './lane/receipt-check.js'
import { LaneRunner } from './lane/runner.js'
import { ShadowJournal } from './lane/shadow.js'
import { wireVersion } from './messages/envelope.js'
import type { Health } from './messages/up.js'
import { openReaderBus } from './reader-bus/index.js'
import { openEdgeStore, type EdgeStore } from './store/index.js'
import type { EdgeUplink } from './uplink/index.js'
import { provenLists } from './uplink/proven-lists.js'
import { openRootedUplink } from './uplink/rooted.js'

/** Wrappers around adapters, for tests that stop the process at a chosen point. The program has none. */
export interface EdgeDecorators {
  readonly journal?: (journal: Journal) => Journal
  readonly openBarrier?: (open: (given: BarrierGiven) => Barrier, given: BarrierGiven) => Barrier
}

export interface EdgeGiven {
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly version: string
  readonly decorate?: EdgeDecorators
}

export interface Edge {
  /** Where MQTT readers connect; null without a reader bus. */
  readonly readerBusUrl: string | null
  health(): Health
  /** Stops hearing, finishes what is being recorded, and releases everything. Safe to call twice. */
  close(): Promise<void>
}

const dayMs = 86_400_000

/**
 * Builds one edge from its configuration and starts it; the only place that builds adapters.
 * Rejects when store or reader bus cannot be opened; readers, barriers and the gateway may be
 * away, that is a fault each and no reason not to start.
 */
export async function startEdge(config: EdgeConfig, given: EdgeGiven): Promise<Edge> {
  const edge = new RunningEdge(config, given)
  try {
    await edge.start()
    return edge
  } catch (error) {
    await edge.close()
    throw error
  }
}

class RunningEdge implements Edge {
  readonly #config: EdgeConfig
  readonly #given: EdgeGiven
  readonly #faults: FaultRegistry
  readonly #clockWatch: ClockWatch
  readonly #control = new MemoryControl()
  readonly #board = new TagBoard()
  readonly #consumed = new ConsumedBoard()
  readonly #lanes = new Map<string, LaneRunner>()
  readonly #readers: Reader[] = []
  readonly #closers: (() => Promise<void> | void)[] = []
  #store: EdgeStore | null = null
  #journal: Journal | null = null
  #shadow: ShadowJournal | null = null
  #uplink: EdgeUplink | null = null
  #identity: IdentityKeeper | null = null
  #reporter: HealthReporter | null = null
  readonly #devices: DeviceBoard
  #ownBus: OwnBus | null = null
  readerBusUrl: string | null = null

  constructor(config: EdgeConfig, given: EdgeGiven) {
    this.#config = config
    this.#given = given
    this.#faults = new FaultRegistry(() => given.clock.now().wallMs)
    this.#devices = new DeviceBoard(this.#faults, {
      readers: config.readers.map(({ id }) => id),
      barriers: config.lanes.map(({ settings }) => settings.id),
    })
    this.#clockWatch = new ClockWatch({
      clock: given.clock,
      kernelSays: kernelClockSays,
      onFault: (change) => this.#onFault(change),
    })
    this.#closers.push(() => this.#clockWatch.close())
  }

  async start(): Promise<void> {
    const store = await this.#openStore()
    await this.#openBus()
    await this.#record('edgeStarted', {
      version: this.#given.version,
      configHash: this.#config.configHash,
      lanes: this.#config.lanes.map((lane) => lane.settings.id),
      rulesetVersion: this.#config.rulesetVersion ?? rulesetVersion,
      timeOriginMs: performance.timeOrigin,
    })
    // From here on faults are recorded as well; those that stood before are told now.
    this.#closers.push(this.#faults.onChange((change) => this.#recordFault(change)))
    for (const fault of this.#faults.active()) {
      const { source, detail } = fault
      const code = fault.code as FaultChange['code']
      this.#recordFault({ is: 'raised', code, source, ...(detail !== undefined && { detail }) })
    }
    this.#uplink = await this.#openUplink(store)
    await this.#startLanes(store)
    for (const reader of this.#config.readers) this.#openReader(reader)
    this.#reporter = new HealthReporter(
      this.#given.clock,
      () => this.health(),
      (health) => this.#uplink?.publishHealth(health),
    )
    this.#closers.push(() => this.#reporter?.close())
  }

  health(): Health {
    const { clock, version } = this.#given
    const outbox = this.#store?.journal.status()
    return {
      v: wireVersion,
      edgeId: this.#config.edge,
      at: Math.round(clock.now().wallMs),
      bootId: this.#store?.journal.bootId ?? '',
      version,
      clockQuality: this.#clockWatch.quality(),
      lanes: [...this.#lanes.values()].map((lane) => lane.snapshot()),
      faults: [...this.#faults.active()],
      lists: listHealth(this.#store?.lists.inForce() ?? []),
      outbox: {
        waiting: outbox?.waiting ?? 0,
        epoch: this.#store?.journal.epoch ?? '',
        lastSequence: outbox?.lastSequence ?? 0,
      },
      rssBytes: process.memoryUsage.rss(),
      counters: this.#counters(),
    }
  }

  async close(): Promise<void> {
    for (const close of this.#closers.splice(0).reverse()) {
      try {
        await close()
      } catch (error) {
        this.#given.log.warn({ error: messageOf(error) }, 'a part did not close')
      }
    }
  }

  async #openStore(): Promise<EdgeStore> {
    const { clock, log, decorate } = this.#given
    const { keepDays, maxMegabytes } = this.#config.journal
    const store = await openEdgeStore({
      dataDir: this.#config.dataDir,
      ...{ edgeId: this.#config.edge, site: this.#config.site },
      clock,
      log,
      onFault: (change) => this.#onFault(change),
      control: this.#control,
      retention: { acknowledgedForMs: keepDays * dayMs, maxBytes: maxMegabytes * 1024 ** 2 },
      clockQuality: () => this.#clockWatch.quality(),
      loadsLater: true,
      neededLists: neededLists(this.#config.lanes.map((lane) => lane.settings.profile)),
    })
    this.#store = store
    const journal = decorate?.journal?.(store.journal) ?? store.journal
    const { shadow } = this.#config
    this.#shadow = shadow ? new ShadowJournal(journal, { ruleset: shadow, clock, log }) : null
    this.#journal = this.#shadow ?? journal
    this.#closers.push(() => store.close())
    this.#closers.push(() => this.#shadow?.close())
    this.#closers.push(
      store.lists.onSwitched(({ list, version, contentHash, count }) => {
        this.#lookAgain()
        void this.#recordOrSay('listSwitched', { list, version, contentHash, count })
        this.#reporter?.changed()
      }),
    )
    return store
  }

  async #openBus(): Promise<void> {
    const { readerBus } = this.#config
    if (!readerBus) return
    const { clock, log } = this.#given
    const bus = await openReaderBus(readerBus, { clock, log, onFault: (change) => this.#onFault(change) })
    this.readerBusUrl = bus.url
    this.#ownBus = bus.own
    this.#closers.push(() => bus.close())
  }

  async #openUplink(store: EdgeStore): Promise<EdgeUplink> {
    const { gateway, site, edge, dataDir } = this.#config
    const { clock, random, log } = this.#given
    const onFault = (change: FaultChange): void => this.#onFault(change)
    const url = gateway.http
    const identity = new IdentityKeeper({ edgeId: edge, dataDir, url, clock, random, log, onFault })
    this.#closers.push(() => identity.close())
    this.#identity = identity
    const uplink = await openRootedUplink(this.#config, {
      ...{ site, edgeId: edge, mqttUrl: gateway.mqtt, httpUrl: url },
      ...{ identity, clock, random, log, outbox: store.journal, lists: store.lists },
      onDownlink: (downlink) => this.#onDownlink(downlink),
      onFault: identity.watching(onFault),
      onResynced: () => this.#lookAgain(),
      bounds: { resyncWithinMs: gateway.resyncWithinMs },
    })
    this.#closers.push(() => uplink.close())
    return uplink
  }

  async #startLanes(store: EdgeStore): Promise<void> {
    const { clock, random, log, decorate } = this.#given
    const lists = provenLists(store.lists, () => this.#uplink?.listsProven === true)
    for (const { settings, openBarrier } of this.#config.lanes) {
      const id = settings.id
      const barrierGiven: BarrierGiven = {
        laneId: id,
        clock,
        random,
        log,
        onSignals: (signals) => this.#lanes.get(id)?.deliver({ on: 'signals', signals }),
        onFault: (change) => this.#onFault(change),
      }
      const barrier = decorate?.openBarrier?.(openBarrier, barrierGiven) ?? openBarrier(barrierGiven)
      const runner = new LaneRunner({
        settings: { ...settings, idPrefix: `${this.#config.edge}.${store.journal.epoch}.${id}` },
        clock,
        journal: this.#journal ?? store.journal,
        lists,
        barrier,
        board: this.#board,
        consumed: this.#consumed,
        log,
        onFault: (change) => this.#onFault(change),
        onAnswer: (answer) => {
          const at = Math.round(clock.now().wallMs)
          this.#uplink?.publishAnswer({ v: wireVersion, edgeId: this.#config.edge, at, ...answer })
        },
        onSnapshot: () => this.#reporter?.changed(),
        devices: () => this.#devices.now(),
        clockQuality: () => this.#clockWatch.quality(),
        resyncLeftMs: () => this.#uplink?.resyncLeftMs ?? 0,
        language: this.#config.language,
        rulesetVersion: this.#config.rulesetVersion ?? rulesetVersion,
        configHash: this.#config.configHash,
      })
      this.#lanes.set(id, runner)
      this.#closers.push(async () => {
        runner.close()
        await barrier.close()
      })
    }
    // Before any lane judges: what one of them used up before the restart is used up for all.
    const laneIds = this.#config.lanes.map(({ settings }) => settings.id)
    this.#closers.push(
      await keepConsumed(this.#consumed, { journal: store.journal, lists: store.lists, laneIds, log }),
    )
    // The barriers connect meanwhile; a lane that knows no orders would call a person for everybody.
    await store.loaded
    await Promise.all([...this.#lanes.values()].map((lane) => lane.start()))
  }

  #openReader({ id, feeds, open }: ReaderSettings): void {
    const { clock, random, log } = this.#given
    const reader = open({
      id,
      clock,
      random,
      log,
      onRead: (read) => {
        for (const feed of feeds)
          if (isFed(read, feed)) this.#lanes.get(feed.lane)?.deliver({ on: 'read', read })
      },
      onFault: (change) => this.#onFault(change),
      judgeText: receiptJudge(this.#config, clock, () => this.#clockWatch.quality()),
      ...(this.#ownBus && { ownBus: this.#ownBus }),
    })
    this.#readers.push(reader)
    this.#closers.push(() => reader.close())
  }

  #onDownlink(downlink: Downlink): void {
    switch (downlink.is) {
      case 'verdict':
        this.#deliverDown(downlink.verdict.lane, downlink.verdict.verdictId, {
          on: 'verdict',
          verdict: downlink.verdict,
          retained: downlink.retained,
        })
        return
      case 'command':
        this.#deliverDown(downlink.command.lane, downlink.command.commandId, {
          on: 'command',
          command: downlink.command,
          retained: downlink.retained,
        })
        return
      case 'ack':
        this.#clockWatch.heard(downlink.ack.at)
        return
      case 'delta':
      case 'listHead':
        return
    }
  }

  #deliverDown(lane: string, id: string, event: Parameters<LaneRunner['deliver']>[0]): void {
    const runner = this.#lanes.get(lane)
    if (runner) {
      runner.deliver(event)
      return
    }
    const at = Math.round(this.#given.clock.now().wallMs)
    const answer = { v: wireVersion, edgeId: this.#config.edge, to: id, at } as const
    this.#uplink?.publishAnswer({ ...answer, result: 'refused', why: 'otherLane' })
    void this.#recordOrSay('commandJudged', {
      commandId: id,
      what: { for: event.on, lane },
      by: 'gateway',
      result: 'refused',
      why: 'otherLane',
    })
  }

  /** What lanes may judge by has changed. */
  #lookAgain(): void {
    for (const lane of this.#lanes.values()) lane.deliver({ on: 'listsSwitched' })
  }

  #onFault(change: FaultChange): void {
    this.#faults.change(change)
    this.#devices.changed(change.source)
    for (const { settings } of this.#config.lanes) {
      if (settings.requiredDevices.includes(change.source)) {
        this.#lanes.get(settings.id)?.deliver({ on: 'fault', change })
      }
    }
    this.#reporter?.changed()
  }

  /** Into the log as well: at a box without its gateway, as one that is not enrolled or was revoked, nothing else tells. */
  #recordFault(change: FaultChange): void {
    const { is, code, source } = change
    const detail = is === 'raised' && { detail: change.detail?.slice(0, 500) }
    this.#given.log[is === 'raised' ? 'warn' : 'info']({ code, source, ...detail }, `fault ${is}`)
    void this.#recordOrSay('faultChanged', { ...change })
  }

  async #recordOrSay(type: string, body: Readonly<Record<string, unknown>>): Promise<void> {
    try {
      await this.#record(type, body)
    } catch (error) {
      // The lanes have the same trouble with their own records, and close for it.
      this.#given.log.warn({ type, error: messageOf(error) }, 'an event of the edge could not be recorded')
    }
  }

  async #record(type: string, body: Readonly<Record<string, unknown>>): Promise<void> {
    const { wallMs, monoMs } = this.#given.clock.now()
    const draft: EventDraft = {
      type,
      lane: null,
      passageId: null,
      occurredAt: Math.round(wallMs),
      monoMs,
      clockQuality: this.#clockWatch.quality(),
      captured: 'auto',
      contingency: false,
      body,
    }
    await this.#journal?.append([draft])
  }

  #counters(): Record<string, number> {
    return Object.fromEntries([
      ...[...this.#lanes].flatMap(([id, lane]) => namedCounters(id, lane.counters)),
      ...this.#readers.flatMap((reader) => namedCounters(reader.id, reader.counters)),
      ...namedCounters('journal', this.#store?.journal.counters ?? {}),
      ...namedCounters('shadow', this.#shadow?.counters ?? {}),
      ...namedCounters('uplink', this.#uplink?.counters ?? {}),
      ...namedCounters('identity', this.#identity?.counters ?? {}),
    ])
  }
}
