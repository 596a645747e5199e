import t from 'tap'
import { ManualClock, type Cancel, type ClockQuality } from '../base/clock.js'
import type { EventDraft } from '../interfaces/journal.js'
import { MemoryControl } from '../domain/lists/memory-control.js'
import { chainProblem, draft, readAll } from './testing/journal.contract.js'
import { openTestStore, type TestStore } from './testing/opener.js'

const hour = 3_600_000
const everyMs = 1_000

const opened = (passageNo: number): EventDraft =>
  draft({ type: 'passageOpened', passageId: `p${passageNo}`, body: { passageNo } })
const ended = (passageNo: number): EventDraft =>
  draft({ type: 'passageEnded', passageId: `p${passageNo}`, body: { how: 'cleared' } })

/** Knows whether the upkeep waits for its time, as it does whenever it is through with its work. */
class StoreClock extends ManualClock {
  #waits = false
  #tell: () => void = () => undefined

  override after(name: string, delayMs: number, run: () => void): Cancel {
    if (name !== 'store upkeep') return super.after(name, delayMs, run)
    this.#waits = true
    this.#tell()
    return super.after(name, delayMs, () => {
      this.#waits = false
      run()
    })
  }

  async upkeepWaits(): Promise<void> {
    if (!this.#waits) await new Promise<void>((resolve) => (this.#tell = resolve))
  }
}

/** Lets the upkeep run until it has nothing more to do. */
async function upkeep(clock: StoreClock, store: TestStore): Promise<void> {
  for (let same = 0, before = -1; same < 2;) {
    await clock.upkeepWaits()
    clock.advance(everyMs)
    await clock.upkeepWaits()
    const now = store.journal.counters.pruned
    same = now === before ? same + 1 : 0
    before = now
  }
}

async function open(
  folder: string,
  clock: StoreClock,
  over: { maxBytes?: number; clockQuality?: () => ClockQuality } = {},
): Promise<TestStore> {
  const { clockQuality, ...bounds } = over
  return openTestStore(folder, new MemoryControl(), {
    clock,
    retention: { acknowledgedForMs: 10 * hour, maintainEveryMs: everyMs, ...bounds },
    ...(clockQuality ? { clockQuality } : {}),
  })
}

t.test('what the gateway has goes after its time; what it lacks never goes', async (t) => {
  const folder = t.testdir()
  const clock = new StoreClock()
  const store = await open(folder, clock)
  await store.journal.append(Array.from({ length: 700 }, () => draft()))
  await store.journal.acknowledge(store.journal.epoch, 600)
  await upkeep(clock, store)
  t.equal(store.journal.status().firstKept, 1, 'acknowledged, but young')
  clock.advance(11 * hour)
  await upkeep(clock, store)
  t.strictSame(store.journal.status(), { waiting: 100, lastSequence: 700, acknowledged: 600, firstKept: 601 })
  await store.journal.acknowledge(store.journal.epoch, 700)
  await upkeep(clock, store)
  t.equal(store.journal.status().firstKept, 700, 'the newest stays: it carries the end of the chain')
  await store.journal.append([draft()])
  await store.close()
  const again = await open(folder, clock)
  t.notOk(again.journalWasCorrupt)
  t.equal(again.journal.status().firstKept, 701, 'the next newest now carries it')
  t.equal(chainProblem(await readAll(again.journal), 701), null)
  await again.close()
})

t.test('a lane forgets nothing that it needs when its events go', async (t) => {
  const folder = t.testdir()
  const clock = new StoreClock()
  const store = await open(folder, clock)
  await store.journal.append([
    draft({ type: 'laneMode', body: { to: 'AUTO' } }),
    draft({ type: 'laneMode', body: { to: 'CLOSED' } }),
    opened(1),
    draft({ type: 'verdictJudged', passageId: 'p1', body: { verdictId: 'v1', result: 'accepted' } }),
    ended(1),
    opened(2),
    ended(2),
    draft({ lane: null }),
  ])
  await store.journal.acknowledge(store.journal.epoch, 8)
  const before = await store.journal.memoryOf('lane-1')
  clock.advance(11 * hour)
  await upkeep(clock, store)
  t.equal(store.journal.counters.pruned, 7)
  const after = await store.journal.memoryOf('lane-1')
  t.equal(before.endedPassage.length, 2)
  t.strictSame(after, { ...before, endedPassage: [] }, 'only the story of a passage that is long over')
  t.strictSame(after, {
    lastPassageNo: 2,
    openPassage: [],
    endedPassage: [],
    usedIds: ['v1'],
    lastMode: { to: 'CLOSED' },
  })
  await store.close()
})

t.test('an open passage is kept whole beyond its time, though not for ever', async (t) => {
  const clock = new StoreClock()
  const store = await open(t.testdir(), clock)
  await store.journal.append([draft(), opened(1), draft({ passageId: 'p1' })])
  clock.advance(11 * hour)
  await store.journal.append([draft({ lane: 'lane-2' }), draft({ lane: 'lane-2' })])
  await store.journal.acknowledge(store.journal.epoch, 5)
  await upkeep(clock, store)
  t.equal(store.journal.status().firstKept, 2)
  t.equal((await store.journal.memoryOf('lane-1')).openPassage.length, 2)
  clock.advance(40 * hour)
  await upkeep(clock, store)
  t.equal(store.journal.status().firstKept, 5)
  t.equal((await store.journal.memoryOf('lane-1')).lastPassageNo, 1)
  await store.close()
})

t.test('while the clock is not trusted nothing goes by age', async (t) => {
  const clock = new StoreClock()
  let quality: ClockQuality = 'untrusted'
  const store = await open(t.testdir(), clock, { clockQuality: () => quality })
  await store.journal.append([draft(), draft()])
  await store.journal.acknowledge(store.journal.epoch, 2)
  clock.jumpWall(365 * 24 * hour)
  await upkeep(clock, store)
  t.equal(store.journal.status().firstKept, 1)
  quality = 'holdover'
  await upkeep(clock, store)
  t.equal(store.journal.status().firstKept, 2)
  await store.close()
})

t.test(
  'above its bound in bytes the journal lets acknowledged events go early, and says when none are left',
  async (t) => {
    const clock = new StoreClock()
    const store = await open(t.testdir(), clock, { maxBytes: 256 * 1024 })
    const pad = 'x'.repeat(1_000)
    await store.journal.append(Array.from({ length: 1_000 }, () => draft({ body: { pad } })))
    await store.journal.acknowledge(store.journal.epoch, 900)
    await upkeep(clock, store)
    t.equal(store.journal.status().firstKept, 901, 'young or not')
    await store.journal.append(Array.from({ length: 400 }, () => draft({ body: { pad } })))
    await upkeep(clock, store)
    const last = store.faults.filter((change) => change.code === 'journal.diskNearlyFull').at(-1)
    t.equal(last?.is, 'raised')
    t.match(last?.detail, /256|262144/)
    t.equal(store.journal.status().waiting, 500)
    await store.close()
  },
)
