import fc from 'fast-check'
import t, { type Test } from 'tap'
import { ManualClock } from '../../edge/base/clock.js'
import { silentLogger } from '../../edge/base/log.js'
import type { SentEvent } from '../../edge/messages/envelope.js'
import type { Database } from '../store/database.js'
import { rawEvents } from '../store/events.js'
import type { Memory } from '../store/memory.js'
import { EventChain } from '../testing/chain.js'
import type { Notice } from './batch.js'
import { Inbox, type Committed } from './inbox.js'
import { storeIn } from '../testing/store-in.js'

interface Bench {
  readonly inbox: Inbox
  readonly database: Database
  readonly memory: Memory
  readonly notices: Notice[]
  readonly committed: Committed[]
  /** Sequences of the stored events of an epoch. */
  stored(epoch?: string): Promise<number[]>
  upTo(epoch?: string): number
}

async function openIn(dir: string): Promise<Bench> {
  const { memory, database } = await storeIn(dir)
  const notices: Notice[] = []
  const committed: Committed[] = []
  const inbox = new Inbox({
    database,
    memory,
    clock: new ManualClock(),
    log: silentLogger,
    placeOrders: () => Promise.resolve([]),
    consume: () => Promise.resolve([]),
    followUp: () => Promise.resolve([]),
    noteHits: () => Promise.resolve(),
    onCommitted: (one) => {
      committed.push(one)
    },
    onFault: () => undefined,
    onNotice: (notice) => {
      notices.push(notice)
    },
  })
  const stored = (epoch = 'e1') =>
    database.read(async (sql) => {
      const rows = await sql.all<{ sequence: number }>(
        'SELECT sequence FROM events WHERE epoch = ? ORDER BY sequence',
        [epoch],
      )
      return rows.map((row) => row.sequence)
    })
  const upTo = (epoch = 'e1') => memory.mark('edge-1', epoch)?.upTo ?? 0
  return { inbox, database, memory, notices, committed, stored, upTo }
}

async function open(t: Test): Promise<Bench> {
  const bench = await openIn(t.testdir())
  t.teardown(() => bench.database.close())
  return bench
}

const bytes = (value: unknown) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value))
const offer = ({ inbox }: Bench, ...events: readonly (SentEvent | string | object)[]) =>
  Promise.all(events.map((event) => inbox.offer('edge-1', bytes(event))))

t.test(
  'what is offered in the moment in which the one before is answered waits for nothing else',
  async (t) => {
    const bench = await open(t)
    const [first, second] = new EventChain('edge-1').fault(2)
    if (!first || !second) throw new Error('unreachable')
    // As the broker does: the next packet of a connection is read within the answer to the one before.
    await bench.inbox.offer('edge-1', bytes(first)).then(() => bench.inbox.offer('edge-1', bytes(second)))
    t.same(await bench.stored(), [1, 2])
  },
)

t.test('what arrives together is stored together, in one transaction', async (t) => {
  const bench = await open(t)
  await offer(bench, ...new EventChain('edge-1').fault(200))
  t.equal(bench.inbox.counters.transactions, 1)
  t.equal((await bench.stored()).length, 200)
  t.equal(bench.upTo(), 200)
})

t.test('each message is kept as it came, of whatever length and in whatever script', async (t) => {
  const bench = await open(t)
  const chain = new EventChain('edge-1')
  const reasons = ['', '活畜', 'x', '口岸🚛', '\u0000\"', 'é'.repeat(900)]
  const events = reasons.map((detail) =>
    chain.next('faultChanged', { is: 'raised', code: 'reader.silent', source: '读写器', detail }),
  )
  await offer(bench, ...events)
  const raw = await bench.database.read((sql) => rawEvents(sql, 'edge-1', 'e1', 0, 100))
  t.same(
    raw.map((one) => one.raw),
    events.map((event) => JSON.stringify(event)),
  )
})

t.test('an event sent again is stored once', async (t) => {
  const bench = await open(t)
  const events = new EventChain('edge-1').fault(5)
  await offer(bench, ...events, ...events)
  await offer(bench, ...events.map((event) => ({ ...event, sentAt: event.sentAt + 1 })))
  t.same(await bench.stored(), [1, 2, 3, 4, 5])
  t.match(bench.inbox.counters, { stored: 5, duplicates: 10, reused: 0, poison: 0 })
})

t.test(
  'whatever is repeated, mixed up and cut into batches: stored once, in order, up to the end',
  async (t) => {
    const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31)
    t.comment(`SEED=${seed}`)
    const bench = await open(t)
    let round = 0
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat({ max: 29 }), { minLength: 1, maxLength: 80 }),
        fc.integer({ min: 1, max: 20 }),
        async (order, size) => {
          round += 1
          const epoch = `e${round}`
          const events = new EventChain('edge-1', epoch).fault(30)
          const sending = [...order, ...events.keys()].map((index) => events[index] as SentEvent)
          for (let at = 0; at < sending.length; at += size) {
            await offer(bench, ...sending.slice(at, at + size))
          }
          const stored = await bench.stored(epoch)
          return stored.length === 30 && bench.upTo(epoch) === 30
        },
      ),
      { seed, numRuns: 40 },
    )
    t.equal(bench.inbox.counters.stored, round * 30)
    t.equal(bench.inbox.counters.chainBroken, 0)
  },
)

t.test(
  'a gap holds the acknowledgement back, not the storing, and what waits is told when it closes',
  async (t) => {
    const bench = await open(t)
    const chain = new EventChain('edge-1')
    const [first, second, third] = chain.escalated('p1')
    await offer(bench, third as SentEvent, second as SentEvent)
    t.equal(bench.upTo(), 0)
    t.same(await bench.stored(), [2, 3])
    t.same([...bench.memory.escalations()], [], 'nothing is told out of order')
    await offer(bench, first as SentEvent)
    t.equal(bench.upTo(), 3)
    t.match([...bench.memory.escalations()], [{ escalationId: 'p1.e1', state: 'OPEN' }])
  },
)

t.test('another event under a used key is kept apart and never overwrites', async (t) => {
  const bench = await open(t)
  await offer(bench, ...new EventChain('edge-1', 'e1', 1).fault(3))
  const forged = new EventChain('edge-1', 'e1', 2).fault(3)
  await offer(bench, ...forged)
  t.match(bench.inbox.counters, { stored: 3, reused: 3 })
  t.match(bench.notices[0], { code: 'gateway.eventQuarantined', source: 'edge-1' })
  const kept = await bench.database.read((sql) =>
    sql.all<{ why: string; bytes: Buffer }>('SELECT why, bytes FROM quarantine ORDER BY sequence'),
  )
  t.same(
    kept.map((row) => row.why),
    ['sequenceReused', 'sequenceReused', 'sequenceReused'],
  )
  t.same(JSON.parse(kept[0]?.bytes.toString() ?? ''), forged[0])
})

t.test('a broken chain is stored and reported', async (t) => {
  const bench = await open(t)
  const chain = new EventChain('edge-1', 'e1', 1)
  await offer(bench, ...chain.fault(2))
  const other = new EventChain('edge-1', 'e1', 2)
  const [, , third] = other.fault(3)
  await offer(bench, third as SentEvent)
  t.equal(bench.upTo(), 3)
  t.equal(bench.inbox.counters.chainBroken, 1)
  t.match(bench.notices, [{ code: 'gateway.chainBroken', detail: 'chainBroken at e1/3' }])
})

t.test('poison with a readable place does not hold up what follows it', async (t) => {
  const bench = await open(t)
  const [first, second, third] = new EventChain('edge-1').fault(3)
  await offer(bench, first as SentEvent, { ...second, extra: 1 }, third as SentEvent)
  t.equal(bench.upTo(), 3)
  t.same(await bench.stored(), [1, 3])
  t.equal(bench.inbox.counters.poison, 1)
  await offer(bench, second as SentEvent)
  t.same(await bench.stored(), [1, 2, 3], 'if the true event comes after all, it is kept')
})

t.test('bytes without a place are given the only missing one at their third try', async (t) => {
  const bench = await open(t)
  const [first, , third] = new EventChain('edge-1').fault(3)
  for (let attempt = 1; attempt <= 2; attempt += 1) {
    await offer(bench, first as SentEvent, 'noise{', third as SentEvent)
    t.equal(bench.upTo(), 1, `try ${attempt}`)
  }
  await offer(bench, first as SentEvent, 'noise{', third as SentEvent)
  t.equal(bench.upTo(), 3)
  const row = await bench.database.read((sql) =>
    sql.one<{ bytes: Buffer; tries: number }>('SELECT bytes, tries FROM quarantine'),
  )
  t.equal(row?.bytes.toString(), 'noise{')
  t.equal(row?.tries, 3)
})

t.test('noise alone moves no mark', async (t) => {
  const bench = await open(t)
  await offer(bench, ...new EventChain('edge-1').fault(1))
  for (let attempt = 1; attempt <= 5; attempt += 1) await offer(bench, 'noise{')
  t.equal(bench.upTo(), 1)
})

t.test('poison is kept within its bound and counted beyond it', async (t) => {
  const bench = await open(t)
  for (let at = 0; at < 1_100; at += 100) {
    await offer(bench, ...Array.from({ length: 100 }, (_, i) => `noise ${at + i}`))
  }
  const row = await bench.database.read((sql) =>
    sql.one<{ n: number }>('SELECT count(*) AS n FROM quarantine'),
  )
  t.equal(row?.n, 1_000)
  t.equal(bench.inbox.counters.poison, 1_100)
})

t.test('an event far beyond the mark is not taken, so that it will be sent again', async (t) => {
  const bench = await open(t)
  const far = { ...new EventChain('edge-1').fault(1)[0], sequence: 20_000 }
  const { sentAt: _sentAt, hash: _hash, ...envelope } = far
  const { hashOf } = await import('../../edge/base/hash.js')
  await offer(bench, { ...far, hash: hashOf(envelope) })
  t.match(bench.inbox.counters, { stored: 0, tooFarAhead: 1 })
  t.same(await bench.stored(), [])
})

t.test('an edge that invents epochs fills no memory', async (t) => {
  const bench = await open(t)
  for (let n = 0; n < 300; n += 1) await offer(bench, ...new EventChain('edge-1', `e${n}`).fault(1))
  t.equal(bench.inbox.counters.stored, 256)
  t.equal(bench.inbox.counters.poison, 44)
})

t.test('a new epoch ends what the old one left open', async (t) => {
  const bench = await open(t)
  await offer(bench, ...new EventChain('edge-1', 'e1').escalated('p1'))
  await offer(bench, ...new EventChain('edge-1', 'e2').fault(1))
  t.match(bench.memory.passage('p1'), { how: null })
  t.not(bench.memory.passage('p1')?.endedAt, null)
  t.match(bench.memory.escalation('p1.e1'), { state: 'CLOSED', closedWhy: 'edgeStartedAnew' })
})

t.test('a restart remembers marks, gaps, passages and escalations', async (t) => {
  const dir = t.testdir()
  const before = await openIn(dir)
  const chain = new EventChain('edge-1')
  const events = chain.escalated('p1')
  const [gap, behind] = chain.fault(2)
  await offer(before, ...events, behind as SentEvent)
  await before.database.close()
  const after = await openIn(dir)
  t.teardown(() => after.database.close())
  t.equal(after.upTo(), 3)
  t.match(after.memory.escalation('p1.e1'), { state: 'OPEN' })
  t.match(after.memory.currentPassage('edge-1', 'lane-1'), { passageId: 'p1' })
  await offer(after, gap as SentEvent)
  t.equal(after.upTo(), 5, 'what had waited behind the gap is still there')
  t.equal(after.inbox.counters.chainBroken, 0)
})

t.test('an event of a passage that memory let go is still told of it', async (t) => {
  const bench = await open(t)
  const chain = new EventChain('edge-1')
  const at = { lane: 'lane-1', passageId: 'old' }
  const end = { how: 'cleared', outcome: 'release', readsHeard: 0, readsShed: 0, durationMs: 1 } as const
  await offer(bench, chain.next('passageOpened', { passageNo: 1, direction: 'in', cause: 'loop' }, at))
  await offer(bench, chain.next('passageEnded', end, at))
  for (let n = 0; n < 2_100; n += 100) {
    const events = Array.from({ length: 100 }, (_, i) => {
      const one = { lane: 'lane-1', passageId: `p${n + i}` }
      return [
        chain.next('passageOpened', { passageNo: n + i, direction: 'in', cause: 'loop' }, one),
        chain.next('passageEnded', end, one),
      ]
    }).flat()
    await offer(bench, ...events)
  }
  t.equal(bench.memory.passage('old'), undefined, 'memory has let it go')
  await offer(bench, chain.next('violation', { kind: 'runThrough', detail: 'late' }, at))
  t.match(bench.memory.passage('old'), { violation: 'runThrough', how: 'cleared' })
})

t.test('when the store cannot write, nobody is told that it did', async (t) => {
  const bench = await open(t)
  const chain = new EventChain('edge-1')
  await offer(bench, ...chain.fault(1))
  await bench.database.transact((sql) =>
    sql.run('CREATE TRIGGER full BEFORE INSERT ON events BEGIN SELECT RAISE(ABORT, "disk full"); END'),
  )
  const events = chain.fault(2)
  await t.rejects(offer(bench, ...events), /disk full/)
  t.equal(bench.upTo(), 1)
  t.equal(bench.committed.length, 1)
  await bench.database.transact((sql) => sql.run('DROP TRIGGER full'))
  await offer(bench, ...events)
  t.equal(bench.upTo(), 3)
})
