import t, { type Test } from 'tap'
import { ManualClock } from '../base/clock.js'
import { silentLogger } from '../base/log.js'
import { exampleTrip, exampleTruck } from '../domain/decision/cargo-examples.js'
import { exampleNowMs } from '../domain/decision/examples.js'
import { rulesetVersion } from '../domain/decision/ruleset.js'
import { clearSignals, exampleSettings } from '../domain/lane/example-lane.js'
import { MemoryControl } from '../domain/lists/memory-control.js'
import { TagBoard } from '../domain/tag/board.js'
import type { Guidance, LaneSignals } from '../interfaces/barrier.js'
import type { ListStore } from '../interfaces/list-store.js'
import { listNames, listOf, type ListEntry, type ListName } from '../messages/entities.js'
import type { LaneMode } from '../messages/down.js'
import { textOf } from '../messages/text/catalogue.js'
import { headOf, streamed } from '../store/testing/list.contract.js'
import { openTestStore, type TestStore } from '../store/testing/opener.js'
import { heardMax } from './approach.js'
import { LaneRunner } from './runner.js'

/** Vehicle `V<n>` with tag `E<n>`, plate `P<n>`, an inbound trip and the plan of its codes. */
function truck(n: number, ...codes: readonly string[]): ListEntry[] {
  const [vehicleId, tripId] = [`V${n}`, `T${n}`]
  return [
    { kind: 'tag', epc: `E${n}`, state: 'ACTIVE', vehicleId },
    { ...exampleTruck, vehicleId, plates: [{ region: 'CN', text: `P${n}` }] },
    { ...exampleTrip, tripId, vehicleId },
    {
      ...{ kind: 'plan', tripId, vehicleId, outcome: 'hold', primary: codes[0] ?? '', codes: [...codes] },
      ...{ obligations: [], validTo: exampleNowMs + 3_600_000, inputsVersion: 'x' },
    },
  ]
}

class Approach {
  readonly clock = new ManualClock(exampleNowMs)
  readonly sign: Guidance[] = []
  finds = 0
  readonly runner: LaneRunner
  #signals = clearSignals

  constructor(
    readonly store: TestStore,
    mode: LaneMode,
  ) {
    this.runner = new LaneRunner({
      settings: { ...exampleSettings, initialMode: mode },
      clock: this.clock,
      journal: store.journal,
      lists: this.#counted(store.lists),
      barrier: {
        raise: () => Promise.resolve({ is: 'sent', detail: 'written' }),
        guide: (guidance) => this.sign.push(guidance),
        close: () => Promise.resolve(),
      },
      board: new TagBoard(),
      log: silentLogger,
      onFault: () => undefined,
      onAnswer: () => undefined,
      onSnapshot: () => undefined,
      devices: () => ({ 'reader-1': true }),
      clockQuality: () => 'synchronised',
      language: 'zh-CN',
      rulesetVersion,
      configHash: 'example',
    })
  }

  static async open(
    t: Test,
    entries: readonly ListEntry[],
    lists: readonly ListName[] = listNames,
    mode: LaneMode = 'AUTO',
  ): Promise<Approach> {
    const store = await openTestStore(t.testdir(), new MemoryControl())
    t.teardown(() => store.close())
    const approach = new Approach(store, mode)
    await approach.fill(entries, lists)
    await approach.runner.start()
    approach.signals({})
    await approach.runner.settled()
    return approach
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

  /** What stands on the sign. */
  get text(): string {
    return this.sign.at(-1)?.text ?? ''
  }

  signals(change: Partial<LaneSignals>): void {
    this.#signals = { ...this.#signals, ...change }
    this.runner.deliver({ on: 'signals', signals: this.#signals })
  }

  async hear(epc: string): Promise<void> {
    const heardAt = this.clock.now()
    const common = { readerId: 'reader-1', antenna: '1', zone: null, heardAt, readerAtMs: null }
    const rest = { tid: null, rssiDbm: -50, driverId: null, count: 1 }
    this.runner.deliver({ on: 'read', read: { kind: 'tag', epc, ...common, ...rest } })
    await this.runner.settled()
  }

  async see(text: string, confidence = 0.98): Promise<void> {
    const heardAt = this.clock.now()
    const common = { readerId: 'camera-1', antenna: '0', zone: null, heardAt, readerAtMs: null }
    const plate = { region: 'CN', text } as const
    this.runner.deliver({ on: 'read', read: { kind: 'plate', plate, confidence, ...common } })
    await this.runner.settled()
  }

  #counted(lists: ListStore): ListStore {
    const count = () => (this.finds += 1)
    return {
      ...{ ordersOn: (keys) => lists.ordersOn(keys), blacklistOn: (keys) => lists.blacklistOn(keys) },
      inForce: () => lists.inForce(),
      factsOfTag: (epc) => (count(), lists.factsOfTag(epc)),
      factsOfPlate: (plate) => (count(), lists.factsOfPlate(plate)),
      find: (list, by, values) => (count(), lists.find(list, by, values)),
      applyDelta: (delta, judge) => lists.applyDelta(delta, judge),
      applyFull: (head, entries, afterKey, judge) => lists.applyFull(head, entries, afterKey, judge),
      staged: (list) => lists.staged(list),
      confirm: (head, atMs) => lists.confirm(head, atMs),
      onSwitched: (listener) => lists.onSwitched(listener),
    }
  }
}

const idle = textOf('prompt.idle', 'zh-CN')
const office = textOf('prompt.office', 'zh-CN')
const wait = textOf('prompt.wait', 'zh-CN')

t.test('a vehicle heard before the empty lane is shown where to drive, by tag or by plate', async (t) => {
  const lane = await Approach.open(t, truck(1, 'DOC-01'))
  t.equal(lane.text, idle)
  await lane.hear('E1')
  t.equal(lane.text, office)
  t.equal(lane.sign.at(-1)?.voice, 0, 'nothing is spoken')
  t.match(lane.runner.snapshot(), { prompt: 'prompt.idle', approach: { prompt: 'prompt.office' } })
  lane.clock.advance(2_000)
  await lane.hear('E1')
  lane.clock.advance(2_000)
  await lane.runner.settled()
  t.equal(lane.text, office, 'it is still heard')
  lane.clock.advance(1_100)
  t.equal(lane.text, idle, 'and gone approachMs after it was heard last')
  t.equal(lane.runner.snapshot().approach, undefined)
  await lane.see(' p-1 ')
  t.equal(lane.text, office)
  t.equal(lane.runner.state.passage, null)
})

t.test('from tag to sign: three lookups, one write, no record', async (t) => {
  const many = Array.from({ length: 300 }, (_, i) => truck(i + 1, 'DOC-01')).flat()
  const lane = await Approach.open(t, many)
  const before = lane.runner.counters.appends
  const tookMs: number[] = []
  for (let n = 1; n <= 300; n += 1) {
    const [finds, writes] = [lane.finds, lane.sign.length]
    const from = performance.now()
    await lane.hear(`E${n}`)
    tookMs.push(performance.now() - from)
    if (lane.finds - finds !== 3 || lane.sign.length - writes !== 1 || lane.text !== office)
      t.fail(`E${n}: ${lane.finds - finds} lookups, ${lane.sign.length - writes} writes`)
    lane.clock.advance(5_000)
    if (lane.text !== idle) t.fail(`E${n} is not forgotten`)
  }
  t.equal(lane.runner.counters.appends, before, 'nothing waits for the disk')
  t.match(lane.runner.counters.approach, { asked: 300, guided: 300, shed: 0 })
  tookMs.sort((a, b) => a - b)
  t.comment(`tag to sign: p50 ${tookMs[150]?.toFixed(2)} ms, p99 ${tookMs[297]?.toFixed(2)} ms of 300`)
})

t.test('a drawn vehicle, one under a secret order and one that may go see the very same', async (t) => {
  const lane = await Approach.open(t, [
    ...truck(1, 'RND-01'),
    ...truck(2, 'CTL-02S'),
    ...truck(3, 'OK-02'),
    ...truck(4, 'CTL-02S', 'DOC-01'),
  ])
  const writes = lane.sign.length
  for (const epc of ['E1', 'E2', 'E3']) {
    await lane.hear(epc)
    lane.clock.advance(5_000)
  }
  t.equal(lane.sign.length, writes, 'nothing')
  await lane.hear('E4')
  t.equal(lane.text, office, 'for its papers, as without the order')
})

t.test('the sign is the lane’s as soon as a vehicle opens its passage, and after it', async (t) => {
  const lane = await Approach.open(t, [...truck(1, 'DOC-01'), ...truck(2, 'DOC-01')])
  await lane.hear('E1')
  t.equal(lane.text, office)
  lane.signals({ entryLoop: 'occupied', entryCount: 1 })
  await lane.runner.settled()
  t.equal(lane.text, wait)
  t.equal(lane.runner.snapshot().approach, undefined)
  const writes = lane.sign.length
  const { asked } = lane.runner.counters.approach
  await lane.hear('E2')
  t.equal(lane.sign.length, writes, 'whoever waits behind changes nothing for the one at the line')
  t.equal(lane.runner.counters.approach.asked, asked, 'and is not even looked up')
})

t.test('with and without plans a lane decides byte for byte the same', async (t) => {
  const decided: unknown[] = []
  for (const plans of [truck(1, 'DOC-01'), truck(1, 'DOC-01').filter(({ kind }) => kind !== 'plan')]) {
    await t.test(`${plans.length} entries`, async (t) => {
      const lane = await Approach.open(t, plans)
      await lane.hear('E1')
      lane.signals({ entryLoop: 'occupied', entryCount: 1 })
      await lane.hear('E1')
      lane.clock.advance(400)
      await lane.runner.settled()
      const { passage } = lane.runner.state
      t.ok(passage?.judged)
      decided.push(passage)
    })
  }
  t.same(decided[0], decided[1])
})

t.test('of vehicles that are to go different ways, and of too many, nothing is said', async (t) => {
  const crowd = Array.from({ length: heardMax + 2 }, (_, i) => truck(i + 1, 'DOC-01')).flat()
  const lane = await Approach.open(t, [...crowd, ...truck(50, 'INS-01'), ...truck(51, 'OK-02')])
  await lane.hear('E1')
  await lane.hear('E2')
  t.equal(lane.text, office, 'both the same way')
  await lane.hear('E50')
  t.equal(lane.text, idle)
  lane.clock.advance(5_000)
  await lane.hear('E1')
  await lane.hear('E51')
  t.equal(lane.text, idle, 'nor where one of them may go')
  await lane.hear('NOBODY')
  lane.clock.advance(5_000)
  await lane.hear('E1')
  await lane.hear('NOBODY')
  t.equal(lane.text, office, 'a tag of no vehicle is none')
  for (let n = 1; n <= heardMax + 2; n += 1) await lane.hear(`E${n}`)
  t.equal(lane.text, idle)
  t.ok(lane.runner.counters.approach.shed > 0, 'counted')
})

t.test('a list that is not there says nothing, and a new one is asked anew', async (t) => {
  const none = await Approach.open(t, truck(1, 'DOC-01'), ['tags', 'vehicles', 'trips'])
  await none.hear('E1')
  t.equal(none.text, idle)
  t.equal(none.finds, 0, 'without plans nothing is looked up')
  await t.test('an edge without trips', async (t) => {
    const noTrips = await Approach.open(t, truck(1, 'DOC-01'), ['tags', 'vehicles', 'plans'])
    await noTrips.hear('E1')
    t.equal(noTrips.text, idle, 'which trip is meant cannot be told')
  })
  await t.test('plans that change', async (t) => {
    const lane = await Approach.open(t, truck(1, 'DOC-01'))
    await lane.hear('E1')
    t.equal(lane.text, office)
    await lane.fill(truck(1, 'OK-02'), ['plans'], 2)
    lane.runner.deliver({ on: 'listsSwitched' })
    t.equal(lane.text, idle)
    await lane.hear('E1')
    t.equal(lane.text, idle)
  })
})

t.test('a closed lane guides nobody', async (t) => {
  const lane = await Approach.open(t, truck(1, 'DOC-01'), listNames, 'CLOSED')
  await lane.hear('E1')
  t.not(lane.text, office)
  t.equal(lane.finds, 0)
})
