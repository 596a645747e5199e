import t from 'tap'
import { ManualClock } from '../base/clock.js'
import type { FaultChange } from '../base/fault.js'
import { silentLogger } from '../base/log.js'
import type { Tri } from '../domain/decision/types.js'
import { rulesetVersion } from '../domain/decision/ruleset.js'
import { clearSignals, exampleFacts, exampleSettings } from '../domain/lane/example-lane.js'
import { MemoryControl } from '../domain/lists/memory-control.js'
import { TagBoard } from '../domain/tag/board.js'
import type { Barrier, Guidance, LaneSignals } from '../interfaces/barrier.js'
import type { EventDraft, Journal, StoredEvent } from '../interfaces/journal.js'
import type { IdentityFacts, ListStore } from '../interfaces/list-store.js'
import type { LaneSnapshot } from '../messages/up.js'
import { openTestStore } from '../store/testing/opener.js'
import { LaneRunner } from './runner.js'

/** A journal in memory whose promises are as slow, or as broken, as a test wants. */
class TestJournal implements Journal {
  readonly epoch = 'k3f9'
  readonly bootId = 'boot-1'
  readonly drafts: EventDraft[] = []
  appends = 0
  works = true
  gate: Promise<void> = Promise.resolve()

  async append(drafts: readonly EventDraft[]): Promise<readonly StoredEvent[]> {
    await this.gate
    if (!this.works) throw new Error('SQLITE_FULL')
    this.appends += 1
    this.drafts.push(...drafts)
    return []
  }

  memoryOf(): Promise<{
    lastPassageNo: number
    openPassage: []
    endedPassage: []
    usedIds: []
    lastMode: null
  }> {
    return Promise.resolve({
      lastPassageNo: 0,
      openPassage: [],
      endedPassage: [],
      usedIds: [],
      lastMode: null,
    })
  }

  async *read(): AsyncIterable<StoredEvent> {
    await Promise.resolve()
    yield* []
  }

  probe(): Promise<void> {
    return this.works ? Promise.resolve() : Promise.reject(new Error('SQLITE_FULL'))
  }
}

class Bench {
  readonly clock = new ManualClock()
  readonly control = new MemoryControl()
  readonly board = new TagBoard()
  readonly raised: string[] = []
  readonly guided: Guidance[] = []
  readonly faults: FaultChange[] = []
  readonly answers: { to: string; result: string; why: string | null }[] = []
  readonly snapshots: LaneSnapshot[] = []
  readonly order: string[] = []
  lookup: (epc: string) => Promise<IdentityFacts> = (epc) => Promise.resolve(exampleFacts('tag', epc))
  devices: Record<string, Tri> = { 'reader-1': true }
  readonly runner: LaneRunner

  constructor(journal: Journal, id = 'lane-1', board?: TagBoard) {
    this.control.replaceOrders([])
    this.control.replaceBlacklist([])
    const barrier: Barrier = {
      raise: ({ commandId }) => {
        this.raised.push(commandId)
        this.order.push(`raise ${commandId}`)
        return Promise.resolve({ is: 'sent', detail: 'written' })
      },
      guide: (guidance) => this.guided.push(guidance),
      close: () => Promise.resolve(),
    }
    this.runner = new LaneRunner({
      settings: { ...exampleSettings, id, idPrefix: `edge-1.k3f9.${id}` },
      clock: this.clock,
      journal,
      lists: this.#lists(),
      barrier,
      board: board ?? this.board,
      log: silentLogger,
      onFault: (change) => this.faults.push(change),
      onAnswer: (answer) => this.answers.push(answer),
      onSnapshot: (snapshot) => this.snapshots.push(snapshot),
      devices: () => this.devices,
      clockQuality: () => 'synchronised',
      language: 'zh-CN',
      rulesetVersion,
      configHash: 'example',
    })
  }

  signals(change: Partial<LaneSignals>): void {
    this.runner.deliver({ on: 'signals', signals: { ...clearSignals, ...change } })
  }

  hear(epc: string): void {
    this.runner.deliver({
      on: 'read',
      read: {
        kind: 'tag',
        readerId: 'reader-1',
        antenna: '1',
        zone: null,
        epc,
        tid: null,
        rssiDbm: -50,
        driverId: null,
        count: 1,
        heardAt: this.clock.now(),
        readerAtMs: null,
      },
    })
  }

  async arrive(epc: string): Promise<void> {
    this.signals({ entryLoop: 'occupied', entryCount: 1 })
    this.hear(epc)
    await this.runner.settled()
    this.clock.advance(400)
    await this.runner.settled()
  }

  #lists(): ListStore {
    const { control } = this
    const no = () => Promise.reject(new Error('a lane changes no lists'))
    return {
      ordersOn: (keys) => control.ordersOn(keys),
      blacklistOn: (keys) => control.blacklistOn(keys),
      inForce: () =>
        (['blacklist', 'orders', 'tags', 'vehicles'] as const).map((list) => ({
          list,
          version: 1,
          contentHash: '0'.repeat(64),
          count: 0,
          confirmedAt: this.clock.now().wallMs,
        })),
      factsOfTag: (epc) => this.lookup(epc),
      factsOfPlate: (plate) => Promise.resolve(exampleFacts('plate', plate)),
      find: () => Promise.resolve('unknown' as const),
      applyDelta: no,
      applyFull: no,
      staged: () => Promise.resolve(null),
      confirm: no,
      onSwitched: () => () => undefined,
    }
  }
}

async function started(journal: Journal = new TestJournal()): Promise<Bench> {
  const bench = new Bench(journal)
  await bench.runner.start()
  bench.signals({})
  await bench.runner.settled()
  return bench
}

t.test('the decision stands in the journal on disk before the barrier is told anything', async (t) => {
  const store = await openTestStore(t.testdir(), new MemoryControl())
  t.teardown(() => store.close())
  const bench = new Bench(store.journal)
  const order: string[] = bench.order
  store.journal.onAppended(() => order.push(`durable ${store.journal.status().lastSequence}`))
  await bench.runner.start()
  bench.signals({})
  await bench.arrive('E1')
  t.same(bench.raised, ['edge-1.k3f9.lane-1.1.r1'])
  const stored: StoredEvent[] = []
  for await (const event of store.journal.read(0)) stored.push(event)
  const intent = stored.find((event) => event.type === 'barrierIntent')
  t.ok(intent)
  const durable = order.indexOf(`durable ${intent?.sequence ?? -1}`)
  t.ok(durable >= 0 && durable < order.indexOf('raise edge-1.k3f9.lane-1.1.r1'), order.join(', '))
  bench.runner.close()
  const memory = await store.journal.memoryOf('lane-1')
  t.equal(memory.lastPassageNo, 1)
  t.ok(memory.openPassage.some((event) => event.type === 'decided'))
  const again = new Bench(store.journal)
  await again.runner.start()
  again.signals({ entryLoop: 'occupied', entryCount: 1, acceptedCommandId: bench.raised[0] ?? null })
  await again.runner.settled()
  t.equal(again.runner.state.passage?.id, 'edge-1.k3f9.lane-1.1', 'the restarted lane goes on with it')
  t.same(again.raised, [], 'and sends no old request')
  again.runner.close()
})

t.test('a journal that fails closes the lane, and a probe that works opens it again', async (t) => {
  const journal = new TestJournal()
  const bench = await started(journal)
  journal.works = false
  await bench.arrive('E1')
  t.same(bench.raised, [])
  t.equal(bench.runner.snapshot().mode, 'CLOSED')
  t.match(bench.faults.at(-1), { is: 'raised', code: 'journal.notWritable', source: 'lane-1' })
  bench.clock.advance(5_000)
  await bench.runner.settled()
  t.equal(bench.runner.snapshot().at, 'unwritable')
  journal.works = true
  for (let i = 0; i < 3 && bench.runner.snapshot().at === 'unwritable'; i += 1) {
    bench.clock.advance(1_000)
    await Promise.resolve()
    await Promise.resolve()
    await bench.runner.settled()
  }
  t.match(bench.faults.at(-1), { is: 'cleared', code: 'journal.notWritable' })
  bench.hear('E1')
  await bench.runner.settled()
  bench.clock.advance(500)
  await bench.runner.settled()
  t.equal(bench.raised.length, 1)
})

t.test(
  'what comes while a record is being written waits its turn, and stops a raise that it speaks against',
  async (t) => {
    const journal = new TestJournal()
    const bench = await started(journal)
    bench.signals({ entryLoop: 'occupied', entryCount: 1 })
    bench.hear('E1')
    await bench.runner.settled()
    let open = (): void => undefined
    journal.gate = new Promise((resolve) => (open = resolve))
    bench.clock.advance(400)
    bench.hear('E2')
    bench.signals({ entryLoop: 'clear', entryCount: 1 })
    open()
    await bench.runner.settled()
    t.same(bench.raised, [])
    const outcome = journal.drafts.find((draft) => draft.type === 'barrierOutcome')
    t.match(outcome?.body, { outcome: 'withdrawn', detail: 'heardMeanwhile' })
  },
)

t.test('a flood of reads is shed, counted and reported; loops and verdicts are not lost in it', async (t) => {
  const journal = new TestJournal()
  const bench = await started(journal)
  let open = (): void => undefined
  journal.gate = new Promise((resolve) => (open = resolve))
  bench.signals({ entryLoop: 'occupied', entryCount: 1 })
  for (let i = 0; i < 20_000; i += 1) bench.hear(`E${i % 7}`)
  for (let i = 0; i < 2_000; i += 1) bench.signals({ entryLoop: 'occupied', entryCount: 1, plcTick: i })
  for (let i = 0; i < 200; i += 1) {
    bench.runner.deliver({
      on: 'command',
      retained: false,
      command: {
        v: 1,
        commandId: `c${i}`,
        lane: 'lane-1',
        by: 'li.wei',
        reason: '',
        issuedAt: 0,
        expiresAt: bench.clock.now().wallMs + 1_000,
        what: { do: 'setMode', mode: 'CLOSED' },
      },
    })
    bench.runner.deliver({ on: 'listsSwitched' })
    bench.runner.deliver({ on: 'tick' })
    bench.runner.deliver({
      on: 'fault',
      change: { is: 'raised', code: 'reader.flooding', source: 'reader-1' },
    })
  }
  const { mailbox } = bench.runner.counters
  t.ok(mailbox.peak <= 512 + 512, `at most ${mailbox.peak} waited`)
  t.ok(mailbox.readsShed > 19_000)
  t.ok(mailbox.imagesMerged > 1_800)
  t.equal(mailbox.ordersRefused, 136)
  t.match(bench.faults[0], { is: 'raised', code: 'lane.mailboxFull' })
  open()
  await bench.runner.settled()
  t.match(bench.faults.at(-1), { is: 'cleared', code: 'lane.mailboxFull' })
  t.equal(bench.runner.state.signals.plcTick, 1_999, 'the newest image is the one that counts')
  t.equal(bench.runner.state.mode, 'CLOSED')
  t.equal(bench.answers.length, 200, 'everybody who gave an order was told what became of it')
})

t.test('a lookup that fails leaves the facts unknown, and unknown is not released', async (t) => {
  const bench = await started()
  bench.lookup = () => Promise.reject(new Error('SQLITE_IOERR'))
  await bench.arrive('E1')
  bench.clock.advance(10_000)
  await bench.runner.settled()
  t.same(bench.raised, [])
  t.equal(bench.runner.snapshot().at, 'escalated')
  t.equal(bench.runner.counters.lookupsFailed, 1)
})

t.test('the driver reads Chinese on the board and hears the voice of the prompt', async (t) => {
  const bench = await started()
  await bench.arrive('E1')
  t.same(bench.guided.at(-1), { light: 'green', text: '您好，请通行', voice: 2 })
  t.equal(bench.snapshots.at(-1)?.light, 'green')
})

t.test('thousands of reads of one tag cost no append, no promise and no snapshot each', async (t) => {
  const journal = new TestJournal()
  const bench = await started(journal)
  await bench.arrive('E1')
  const { appends } = journal
  const shown = bench.snapshots.length
  for (let i = 0; i < 10_000; i += 1) bench.hear('E1')
  t.equal(bench.runner.counters.events > 10_000, true, 'done at once, in the call itself')
  t.equal(journal.appends, appends)
  t.equal(bench.snapshots.length, shown)
})

t.test('two lanes of one edge share what they hear', async (t) => {
  const board = new TagBoard()
  const one = new Bench(new TestJournal(), 'lane-1', board)
  const two = new Bench(new TestJournal(), 'lane-2', board)
  for (const bench of [one, two]) {
    await bench.runner.start()
    bench.signals({})
  }
  one.signals({ entryLoop: 'occupied', entryCount: 1 })
  one.hear('E1')
  two.hear('E1')
  await one.runner.settled()
  await two.runner.settled()
  const [seen] = board.elsewhere('lane-2', 'E1', one.clock.now().monoMs)
  t.match(seen, { lane: 'lane-1', count: 1, loopOccupiedForMs: 0 })
})

t.test('a closed lane takes nothing and keeps no timer', async (t) => {
  const bench = await started()
  bench.signals({ entryLoop: 'occupied', entryCount: 1 })
  await bench.runner.settled()
  bench.runner.close()
  t.equal(bench.clock.nextDueMs(), undefined)
  bench.hear('E1')
  await bench.runner.settled()
  t.same(bench.raised, [])
})
