import path from 'node:path'
import { setImmediate } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { ManualClock } from '../base/clock.js'
import type { FaultChange } from '../base/fault.js'
import { silentLogger } from '../base/log.js'
import { MemoryControl } from '../domain/lists/memory-control.js'
import { FaultLatch } from './faults.js'
import { openDatabase } from './database.js'
import { ListFile } from './list-file.js'
import { listMigrations } from './list-schema.js'
import { SqliteListStore } from './list-store.js'
import type { Connection } from './sqlite.js'
import { delta, headOf, streamed, tag, trip, vehicle } from './testing/list.contract.js'

/** A store whose lookups meet what the test lets happen between the question and its statement. */
async function lookupBench(t: Test, folder = t.testdir({})) {
  const faults: FaultChange[] = []
  const { connection } = await openDatabase(
    { file: path.join(folder, 'lists.db'), migrations: listMigrations, quickCheckMaxBytes: 0 },
    { wallMs: 0, log: silentLogger },
    () => Promise.resolve(),
  )
  const file = await ListFile.open(path.join(folder, 'lists.db'), connection)
  const given = { faults: new FaultLatch((change) => faults.push(change)), control: new MemoryControl() }
  const clock = new ManualClock()
  const store = await SqliteListStore.open(file, {
    ...{ ...given, clock, log: silentLogger, recheckPauseMs: 1, recheckAfterMs: 0 },
    own: () => Promise.resolve(),
    needed: new Set(['tags', 'vehicles'] as const),
  })
  let closing: Promise<void> | null = null
  const close = (): Promise<void> => (closing ??= store.close())
  t.teardown(close)
  const meets: (() => Promise<void>)[] = []
  let statements = 0
  const lookup = file.lookup.bind(file)
  file.lookup = async <T>(job: (connection: Connection) => Promise<T>): Promise<T> => {
    statements += 1
    await meets.shift()?.()
    return lookup(job)
  }
  /** Until nothing of the generations that are no longer used is left in the file. */
  const freed = async (entries: number): Promise<void> => {
    for (;;) {
      const [row] = await file.background((one) =>
        one.all<{ n: number }>('SELECT count(*) AS n FROM entries'),
      )
      if (row?.n === entries) return
    }
  }
  return { store, close, clock, meets, freed, faults, statements: () => statements }
}

t.test(
  'a lookup that meets a switch of its list is asked again, and finds what is in force now',
  async (t) => {
    const b = await lookupBench(t)
    const old = [tag('E1', 'V1'), tag('E2', 'V2')]
    const next = [tag('E1', 'V9'), tag('E3', 'V3')]
    await b.store.applyFull(headOf('tags', 1, old), streamed(old))
    await b.store.applyFull(headOf('vehicles', 1, []), streamed([]))
    b.meets.push(async () => {
      t.ok((await b.store.applyFull(headOf('tags', 2, next), streamed(next))).ok)
      await b.freed(next.length)
    })
    t.strictSame(
      (await b.store.factsOfTag('E1')).tag,
      next[0],
      'the freed content would have said that there is no such tag',
    )
    t.equal(b.statements(), 2)
    t.strictSame((await b.store.factsOfTag('E2')).tag, null)
    t.equal(b.statements(), 3, 'without a switch one statement is enough')
    t.strictSame(
      b.faults.filter(({ code }) => code === 'controlList.corrupt'),
      [],
    )
  },
)

t.test(
  'a lookup by plate and one by another name are asked again as often as their list is switched',
  async (t) => {
    const b = await lookupBench(t)
    const vehicles = (version: number) => [vehicle('V1', 'P1'), vehicle('V2', `P${version + 1}`)]
    const trips = (version: number) => [trip('T1', 'V1'), trip(`T${version + 1}`, 'V2')]
    const bring = async (version: number): Promise<void> => {
      await b.store.applyFull(headOf('vehicles', version, vehicles(version)), streamed(vehicles(version)))
      await b.store.applyFull(headOf('trips', version, trips(version)), streamed(trips(version)))
      await b.freed(4)
    }
    await bring(1)
    b.meets.push(
      () => bring(2),
      () => bring(3),
    )
    t.strictSame((await b.store.factsOfPlate('P1')).vehicle, vehicles(3)[0])
    t.equal(b.statements(), 3)
    b.meets.push(
      () => bring(4),
      () => bring(5),
    )
    t.strictSame(await b.store.find('trips', 'vehicle', ['V2']), [trips(5)[1]])
    t.equal(b.statements(), 6)
  },
)

t.test(
  'the check at the start, met by one change after the other, does not call a good list corrupt',
  async (t) => {
    const folder = t.testdir({})
    const of = (version: number) =>
      Array.from({ length: 1_200 }, (_, n) => vehicle(`V${n}`, `P${version}-${n}`))
    const before = await lookupBench(t, folder)
    await before.store.applyFull(headOf('vehicles', 1, of(1)), streamed(of(1)))
    await before.close()

    const b = await lookupBench(t, folder)
    // The check has read its first page of version 1, and waits. Version 2 begins to come.
    let open: () => void = () => undefined
    const gate = new Promise<void>((resolve) => (open = resolve))
    const slow = async function* () {
      yield* of(2).slice(0, 1)
      await gate
      yield* of(2).slice(1)
    }
    const second = b.store.applyFull(headOf('vehicles', 2, of(2)), slow())
    let checked = false
    void b.store.rechecked.then(() => (checked = true))
    for (let n = 0; n < 80; n += 1) {
      b.clock.advance(1)
      await b.freed(1_200)
    }
    // It has found that its reading is worth nothing, and waits for version 2; version 3 stands in line behind that.
    const [from, to] = [
      { version: 2, entries: of(2) },
      { version: 3, entries: of(3).slice(1) },
    ]
    const third = b.store.applyDelta(delta('vehicles', from, to))
    open()
    t.ok((await second).ok)
    t.ok((await third).ok)
    while (!checked) {
      b.clock.advance(1)
      await setImmediate()
    }
    t.strictSame(
      b.faults.filter(({ code }) => code === 'controlList.corrupt'),
      [],
    )
    t.equal(b.store.inForce()[0]?.version, 3)
    t.strictSame((await b.store.factsOfPlate('P3-7')).vehicle, of(3)[7])
  },
)
