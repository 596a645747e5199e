import { cpSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { ManualClock } from '../base/clock.js'
import { MemoryControl } from '../domain/lists/memory-control.js'
import { Connection } from './sqlite.js'
import { draft } from './testing/journal.contract.js'
import { openTestStore } from './testing/opener.js'

/** What another process finds in the files as they lie on the disk now. */
async function markOnDisk(dataDir: string): Promise<number> {
  const connection = await Connection.openReadOnly(path.join(dataDir, 'journal.db'))
  const [row] = await connection.all<{ acknowledged: number }>('SELECT acknowledged FROM outbox')
  await connection.close()
  return row?.acknowledged ?? -1
}

t.test('events that are still in memory are the very ones that lie on the disk', async (t) => {
  const dataDir = t.testdir({})
  const store = await openTestStore(dataDir, new MemoryControl())
  for (let n = 0; n < 30; n += 1) await store.journal.append([draft(), draft({ lane: 'lane-2' })])
  const fromMemory = await store.journal.batch(0, 100)
  t.equal(fromMemory.length, 60)
  t.same(
    (await store.journal.batch(17, 5)).map((event) => event.sequence),
    [18, 19, 20, 21, 22],
  )
  await store.journal.acknowledge(store.journal.epoch, 60)
  t.strictSame(await store.journal.batch(0, 100), fromMemory, 'read back, since they are let go')
  await store.close()
  const again = await openTestStore(dataDir, new MemoryControl())
  t.strictSame(await again.journal.batch(0, 100), fromMemory)
  await again.close()
})

t.test('what does not fit into memory while the gateway is away is read from the disk', async (t) => {
  const store = await openTestStore(t.testdir({}), new MemoryControl())
  const body = { filling: 'x'.repeat(20_000) }
  for (let n = 0; n < 30; n += 1)
    await store.journal.append(Array.from({ length: 20 }, () => draft({ body })))
  const seen: number[] = []
  for (let after = 0; after < 600; after = seen.at(-1) ?? 600) {
    const page = await store.journal.batch(after, 64)
    t.ok(page.length > 0 && page.length <= 64)
    seen.push(...page.map((event) => event.sequence))
  }
  t.same(
    seen,
    Array.from({ length: 600 }, (_, n) => n + 1),
    'every one, in order, whether from memory or disk',
  )
  await store.close()
})

t.test(
  'an acknowledgement counts at once, and a kill takes it back to the last upkeep, never further',
  async (t) => {
    const folder = t.testdir({ live: {}, killed: {} })
    const live = path.join(folder, 'live')
    const killed = path.join(folder, 'killed')
    const clock = new ManualClock()
    const retention = { maintainEveryMs: 5_000 }
    const store = await openTestStore(live, new MemoryControl(), { clock, retention })
    await store.journal.append(Array.from({ length: 10 }, () => draft()))
    await store.journal.acknowledge(store.journal.epoch, 6)
    t.equal(store.journal.status().acknowledged, 6)
    t.equal(await markOnDisk(live), 0, 'no commit of its own')
    clock.advance(5_000)
    while ((await markOnDisk(live)) !== 6) await new Promise((resolve) => setImmediate(resolve))
    await store.journal.acknowledge(store.journal.epoch, 9)
    cpSync(live, killed, { recursive: true })
    const after = await openTestStore(killed, new MemoryControl())
    t.match(
      after.journal.status(),
      { acknowledged: 6, lastSequence: 10 },
      'what is sent again is known there',
    )
    await after.close()
    await store.close()
    t.equal(await markOnDisk(live), 9, 'an orderly end keeps it')
  },
)
