import path from 'node:path'
import t from 'tap'
import { ManualClock } from '../base/clock.js'
import { silentLogger } from '../base/log.js'
import {
  exampleAccount,
  exampleBox,
  exampleCompany,
  exampleContainer,
  exampleDeclaration,
  exampleDraw,
  exampleDriver,
  exampleManifest,
  exampleRelease,
  exampleSeal,
  exampleTrip,
  exampleTruck,
} from '../domain/decision/cargo-examples.js'
import { cargoProfiles } from '../domain/decision/cargo-profiles.js'
import { exampleNowMs } from '../domain/decision/examples.js'
import { rulesetVersion } from '../domain/decision/ruleset.js'
import { clearSignals, exampleSettings } from '../domain/lane/example-lane.js'
import { ConsumedBoard } from '../domain/lists/consumed.js'
import { MemoryControl } from '../domain/lists/memory-control.js'
import { TagBoard } from '../domain/tag/board.js'
import type { LaneSignals } from '../interfaces/barrier.js'
import type { Read, Sensed } from '../interfaces/reader.js'
import { listNames, listOf, type ListEntry, type ListName } from '../messages/entities.js'
import { headOf, streamed } from '../store/testing/list.contract.js'
import { openTestStore, type TestStore } from '../store/testing/opener.js'
import { keepConsumed } from './keep-consumed.js'
import { LaneRunner } from './runner.js'

const everything: readonly ListEntry[] = [
  { kind: 'tag', epc: 'E1', state: 'ACTIVE', vehicleId: 'V1' },
  exampleTruck,
  exampleAccount,
  exampleCompany,
  exampleContainer,
  exampleDeclaration(),
  exampleDeclaration({ declarationNo: 'CUS1', agency: 'CUSTOMS' }),
  exampleDraw,
  exampleDriver,
  exampleManifest,
  exampleRelease(),
  exampleSeal,
  exampleTrip,
]
/** All of the laden lane but the border police's word, which no list carries. */
const profile = {
  ...cargoProfiles.roadInLaden,
  needs: (cargoProfiles.roadInLaden.needs ?? []).filter((need) => need !== 'police'),
}

const findings: readonly Sensed[] = [
  { of: 'card', cardNo: 'K1' },
  { of: 'temperature', is: 'normal' },
  { of: 'container', number: exampleBox, confidence: 0.98 },
  { of: 'seal', sealId: 'S1', status: 'CLOSED', openedAt: null, batteryLow: false },
  { of: 'weight', grossKg: 30_100, stable: true, onScale: true },
]

/** One edge over a folder: a real store, and as many lanes as are asked for. */
class Edge {
  readonly raised: string[] = []
  readonly clock = new ManualClock(exampleNowMs)

  constructor(
    readonly store: TestStore,
    readonly consumed: ConsumedBoard,
  ) {}

  static async open(folder: string): Promise<Edge> {
    const store = await openTestStore(folder, new MemoryControl())
    const consumed = new ConsumedBoard()
    const laneIds = ['lane-1', 'lane-2']
    await keepConsumed(consumed, { journal: store.journal, lists: store.lists, laneIds, log: silentLogger })
    return new Edge(store, consumed)
  }

  async fill(
    entries: readonly ListEntry[],
    lists: readonly ListName[] = listNames,
    version = 1,
  ): Promise<void> {
    for (const list of lists) {
      const own = entries.filter((entry) => listOf(entry) === list)
      const head = headOf(list, version, own)
      const done = await this.store.lists.applyFull(head, streamed(own))
      if (!done.ok) throw new Error(`${list}: ${done.problems[0]?.message ?? ''}`)
      await this.store.lists.confirm(head, exampleNowMs)
    }
  }

  async lane(id: string): Promise<Line> {
    const line = new Line(this, id)
    await line.runner.start()
    line.signals({})
    await line.runner.settled()
    return line
  }
}

class Line {
  readonly runner: LaneRunner
  #signals = clearSignals

  constructor(
    readonly edge: Edge,
    readonly id: string,
  ) {
    this.runner = new LaneRunner({
      settings: { ...exampleSettings, id, idPrefix: `edge-1.k3f9.${id}`, profile },
      clock: edge.clock,
      journal: edge.store.journal,
      lists: edge.store.lists,
      barrier: {
        raise: ({ commandId }) => {
          edge.raised.push(commandId)
          return Promise.resolve({ is: 'sent', detail: 'written' })
        },
        guide: () => undefined,
        close: () => Promise.resolve(),
      },
      // The same tag in both lanes at once is another matter (row 13).
      board: new TagBoard(),
      consumed: edge.consumed,
      log: silentLogger,
      onFault: () => undefined,
      onAnswer: () => undefined,
      onSnapshot: () => undefined,
      devices: () => ({ 'reader-1': true }),
      clockQuality: () => 'synchronised',
      language: 'en',
      rulesetVersion,
      configHash: 'example',
    })
  }

  signals(change: Partial<LaneSignals>): void {
    this.#signals = { ...this.#signals, ...change }
    this.runner.deliver({ on: 'signals', signals: this.#signals })
  }

  read(
    read: Pick<Extract<Read, { kind: 'device' }>, 'kind' | 'sensed'> | { kind: 'tag'; epc: string },
  ): void {
    const common = {
      readerId: 'reader-1',
      antenna: '1',
      zone: null,
      heardAt: this.edge.clock.now(),
      readerAtMs: null,
    }
    const tag = { tid: null, rssiDbm: -50, driverId: null, count: 1 }
    this.runner.deliver({
      on: 'read',
      read: read.kind === 'tag' ? { ...common, ...tag, ...read } : { ...common, ...read },
    })
  }

  async come(): Promise<void> {
    this.signals({ entryLoop: 'occupied', entryCount: (this.#signals.entryCount ?? 0) + 1 })
    for (let i = 0; i < 3; i += 1) this.read({ kind: 'tag', epc: 'E1' })
    for (const sensed of findings) this.read({ kind: 'device', sensed })
    await this.runner.settled()
    for (let i = 0; i < 40; i += 1) {
      this.edge.clock.advance(250)
      await this.runner.settled()
    }
  }

  async goThrough(): Promise<void> {
    const commandId = this.edge.raised.at(-1) ?? null
    this.signals({ acceptedCommandId: commandId, acceptedCount: 1, barrier: 'raised' })
    this.signals({ exitLoop: 'occupied', exitCount: 1 })
    this.signals({ entryLoop: 'clear' })
    this.signals({ exitLoop: 'clear', barrier: 'lowered' })
    await this.runner.settled()
  }
}

t.test(
  'a laden truck goes by the lists of the edge alone, and its papers serve nobody else, after a restart either',
  async (t) => {
    const folder = t.testdir()
    const edge = await Edge.open(folder)
    await edge.fill(everything)
    const first = await edge.lane('lane-1')
    const second = await edge.lane('lane-2')
    await first.come()
    t.equal(edge.raised.length, 1, JSON.stringify(first.runner.state.passage?.judged))
    t.equal(first.runner.counters.lookupsFailed, 0)
    await second.come()
    t.equal(edge.raised.length, 1, 'while the first is on its way')
    t.same(second.runner.state.passage?.judged?.codes, ['CUS-01', 'DOC-04'])
    await first.goThrough()
    t.equal(first.runner.state.passage, null)
    await first.come()
    t.equal(edge.raised.length, 1, 'nor when it has gone')
    first.runner.close()
    second.runner.close()
    await edge.store.close()

    const again = await Edge.open(folder)
    const lane = await again.lane('lane-2')
    await lane.come()
    t.equal(again.raised.length, 0)
    t.same(lane.runner.state.passage?.judged?.codes, ['CUS-01', 'DOC-04'])
    lane.runner.close()
    await again.store.close()
  },
)

t.test('a list that is switched while the truck stands there lets it go, or holds it', async (t) => {
  const folders = t.testdir({ one: {}, other: {} })
  const edge = await Edge.open(path.join(folders, 'one'))
  await edge.fill(everything.filter(({ kind }) => kind !== 'seal'))
  const line = await edge.lane('lane-1')
  edge.store.lists.onSwitched(() => line.runner.deliver({ on: 'listsSwitched' }))
  await line.come()
  t.equal(line.runner.state.passage?.judged?.primary, 'SEAL-04', 'nobody has issued it')
  t.equal(edge.raised.length, 0)

  const other = await Edge.open(path.join(folders, 'other'))
  await other.fill(
    everything.filter(({ kind }) => kind !== 'driver'),
    listNames.filter((list) => list !== 'drivers'),
  )
  const waiting = await other.lane('lane-1')
  other.store.lists.onSwitched(() => waiting.runner.deliver({ on: 'listsSwitched' }))
  await waiting.come()
  t.equal(waiting.runner.state.passage?.judged?.outcome, 'escalate', 'the list of drivers is not there')
  await other.fill(everything, ['drivers'])
  await waiting.runner.settled()
  t.equal(other.raised.length, 1)
  line.runner.close()
  waiting.runner.close()
  await edge.store.close()
  await other.store.close()
})
