import { existsSync } from 'node:fs'
import { appendFile, open, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import t from 'tap'
import { ManualClock, sleep, systemClock } from '../base/clock.js'
import { hasCode } from '../base/error.js'
import type { FaultChange } from '../base/fault.js'
import { MemoryControl } from '../domain/lists/memory-control.js'
import { Connection } from './sqlite.js'
import { chainProblem, draft, readAll } from './testing/journal.contract.js'
import { headOf, order, streamed } from './testing/list.contract.js'
import { ext4, tmpfs, tried } from './testing/disks.js'
import { openTestStore, type TestStore } from './testing/opener.js'

const kib = 1024

/** Waits for a condition with a bound; false when it did not come. */
async function eventually(condition: () => boolean, boundMs = 20_000): Promise<boolean> {
  const endMs = systemClock.now().monoMs + boundMs
  while (!condition()) {
    if (systemClock.now().monoMs > endMs) return false
    await sleep(systemClock, 'test', 5)
  }
  return true
}

const stands = (faults: readonly FaultChange[], code: string): boolean =>
  faults.filter((change) => change.code === code).at(-1)?.is === 'raised'

/** Takes whatever room the disk has left. */
async function fillDisk(folder: string): Promise<string> {
  const file = path.join(folder, 'somebody-elses-file')
  const handle = await open(file, 'w')
  for (const step of [64 * kib, 4 * kib]) {
    try {
      for (;;) await handle.write(Buffer.alloc(step, 1))
    } catch {
      // Full, to the size of a step.
    }
  }
  await handle.close()
  return file
}

/** Appends until one is rejected; the sequences that were resolved. */
async function appendUntilRejected(store: TestStore, atMost: number): Promise<[number, unknown]> {
  let last = store.journal.status().lastSequence
  for (let n = 0; n < atMost; n += 1) {
    try {
      const events = await store.journal.append([draft({ body: { n, text: 'x'.repeat(900) } }), draft()])
      last = events.at(-1)?.sequence ?? last
    } catch (error) {
      return [last, error]
    }
  }
  return [last, null]
}

t.test(
  'on a full disk evidence goes on over the reserve, then stops, and comes back by itself',
  async (t) => {
    const folder = await tmpfs(t, 8 * kib)
    if (!folder) return t.plan(0, 'mounting a filesystem is not permitted here')
    const dataDir = path.join(folder, 'edge')
    const clock = new ManualClock()
    const retention = { ballastBytes: 1024 * kib, freeMinBytes: 256 * kib, maintainEveryMs: 1_000 }
    const store = await openTestStore(dataDir, new MemoryControl(), { clock, retention })
    const ballast = path.join(dataDir, 'journal.ballast')
    t.equal((await stat(ballast)).size, 1024 * kib)
    t.notOk(stands(store.faults, 'journal.diskNearlyFull'))

    const filler = await fillDisk(folder)
    const [overReserve, error] = await appendUntilRejected(store, 5_000)
    t.ok(hasCode(error, 'journal.notWritable'), 'in the end an append is rejected by name')
    t.ok(overReserve > 50, `the reserve carried ${overReserve} events`)
    t.notOk(existsSync(ballast), 'the reserve was given back to the disk')
    t.ok(stands(store.faults, 'journal.diskNearlyFull'))
    await t.rejects(store.journal.probe(), { code: 'journal.notWritable' })
    t.equal(chainProblem(await readAll(store.journal)), null)
    t.equal(store.journal.status().lastSequence, overReserve)

    await rm(filler)
    await store.journal.probe()
    const [after] = await store.journal.append([draft()])
    t.equal(after?.sequence, overReserve + 1, 'no gap after the rejected ones')
    clock.advance(1_000)
    t.ok(await eventually(() => !stands(store.faults, 'journal.diskNearlyFull')), 'the fault is cleared')
    t.equal((await stat(ballast)).size, 1024 * kib, 'the reserve is there again')
    await store.close()

    const again = await openTestStore(dataDir, new MemoryControl(), { retention })
    const events = await readAll(again.journal)
    t.equal(chainProblem(events), null)
    t.equal(events.length, overReserve + 1)
    await again.close()
  },
)

t.test(
  'a filesystem that turns read-only stops the journal; when it is mended the journal goes on',
  async (t) => {
    const disk = await ext4(t, 16)
    if (!disk) return t.plan(0, 'mounting a filesystem is not permitted here')
    const store = await openTestStore(disk.folder, new MemoryControl())
    const first = [order('O1', 'E1')]
    await store.lists.applyFull(headOf('orders', 1, first), streamed(first))
    await store.journal.append([draft(), draft()])
    await disk.fail()
    const [last, error] = await appendUntilRejected(store, 10)
    t.ok(hasCode(error, 'journal.notWritable'))
    await t.rejects(store.journal.append([draft()]), { code: 'journal.notWritable' })
    await t.rejects(store.journal.probe(), { code: 'journal.notWritable' })

    const orders = [order('O1', 'E1'), order('O2', 'E2')]
    const head = headOf('orders', 2, orders)
    t.notOk((await store.lists.applyFull(head, streamed(orders))).ok, 'no list can be stored either')
    t.strictSame(store.lists.ordersOn([{ kind: 'TAG', key: 'E1' }]), [orders[0]], 'the old one stays')

    await disk.replace()
    await store.journal.probe()
    let taken = await store.lists.applyFull(head, streamed(orders))
    for (let n = 0; n < 50 && !taken.ok; n += 1) {
      await sleep(systemClock, 'test', 100)
      taken = await store.lists.applyFull(head, streamed(orders))
    }
    t.strictSame(taken.ok ? [] : taken.problems, [], 'lists can be stored again')
    t.strictSame(store.lists.ordersOn([{ kind: 'TAG', key: 'E2' }]), [orders[1]])
    const [next] = await store.journal.append([draft()])
    t.equal(next?.sequence, last + 1)
    t.equal(chainProblem(await readAll(store.journal)), null)
    await store.close()
  },
)

t.test('writes that the kernel refuses are rejected and leave nothing, and later ones work', async (t) => {
  const dataDir = t.testdir()
  const store = await openTestStore(dataDir, new MemoryControl())
  await store.journal.append([draft()])
  const files = ['journal.db', 'journal.db-wal'].map((name) => path.join(dataDir, name))
  if (!(await tried('chattr', '+i', ...files))) {
    await store.close()
    return t.plan(0, 'files cannot be made immutable here')
  }
  t.teardown(() => tried('chattr', '-i', ...files))
  for (let n = 0; n < 3; n += 1) {
    await t.rejects(store.journal.append([draft(), draft()]), { code: 'journal.notWritable' })
  }
  await tried('chattr', '-i', ...files)
  const [next] = await store.journal.append([draft({ body: { after: true } })])
  t.equal(next?.sequence, 2)
  const events = await readAll(store.journal)
  t.equal(chainProblem(events), null)
  t.equal(events.length, 2)
  await store.close()
})

t.test(
  'rows of a rejected append that come back from the WAL are taken out before their numbers are used again',
  async (t) => {
    const dataDir = t.testdir()
    const store = await openTestStore(dataDir, new MemoryControl())
    await store.journal.append([draft()])
    const wal = path.join(dataDir, 'journal.db-wal')
    if (!(await tried('chattr', '+i', wal))) {
      await store.close()
      return t.plan(0, 'files cannot be made immutable here')
    }
    t.teardown(() => tried('chattr', '-i', wal))
    await t.rejects(store.journal.append([draft(), draft()]), { code: 'journal.notWritable' })
    await tried('chattr', '-i', wal)
    // As after an fsync that failed though its bytes arrived.
    const connection = await Connection.open(path.join(dataDir, 'journal.db'), false)
    await connection.exec(
      `INSERT INTO events SELECT sequence + 1, recorded_at, lane, passage_id, mark, mark_value, hash, envelope FROM events`,
    )
    await connection.close()
    const [next] = await store.journal.append([draft({ body: { after: true } })])
    t.equal(next?.sequence, 2)
    const events = await readAll(store.journal)
    t.equal(chainProblem(events), null)
    t.equal(events.length, 2)
    await store.close()
  },
)

t.test('a journal file that was exchanged under the edge is not written to', async (t) => {
  const dataDir = t.testdir({ other: {} })
  const other = await openTestStore(path.join(dataDir, 'other'), new MemoryControl())
  await other.journal.append([draft()])
  await other.close()
  const store = await openTestStore(dataDir, new MemoryControl())
  await store.journal.append([draft(), draft()])
  // Any disk error makes the journal look at its file again; here it finds another one.
  const file = path.join(dataDir, 'journal.db')
  if (!(await tried('chattr', '+i', `${file}-wal`))) {
    await store.close()
    return t.plan(0, 'files cannot be made immutable here')
  }
  t.teardown(() => tried('chattr', '-i', `${file}-wal`))
  await t.rejects(store.journal.append([draft()]), { code: 'journal.notWritable' })
  await tried('chattr', '-i', `${file}-wal`)
  await Promise.all(['', '-wal', '-shm'].map((end) => rm(file + end, { force: true })))
  await tried('cp', path.join(dataDir, 'other', 'journal.db'), file)
  await t.rejects(store.journal.append([draft()]), /Restart the edge/)
  await t.rejects(store.journal.probe(), /Restart the edge/)
  await store.close()
})

t.test('a disk that is nearly full is a fault before anything fails', async (t) => {
  const folder = await tmpfs(t, 4 * kib)
  if (!folder) return t.plan(0, 'mounting a filesystem is not permitted here')
  const clock = new ManualClock()
  const retention = { ballastBytes: 0, freeMinBytes: 1024 * kib, maintainEveryMs: 1_000 }
  const store = await openTestStore(folder, new MemoryControl(), { clock, retention })
  t.notOk(stands(store.faults, 'journal.diskNearlyFull'))
  const file = path.join(folder, 'log')
  await appendFile(file, Buffer.alloc(3200 * kib, 1))
  clock.advance(1_000)
  t.ok(await eventually(() => stands(store.faults, 'journal.diskNearlyFull')))
  await store.journal.append([draft()])
  await rm(file)
  clock.advance(1_000)
  t.ok(await eventually(() => !stands(store.faults, 'journal.diskNearlyFull')))
  await store.close()
})
