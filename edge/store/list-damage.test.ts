import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { SeededRandom, systemRandom } from '../base/random.js'
import { systemClock, type Clock } from '../base/clock.js'
import { canonicalJson } from '../base/canonical.js'
import { MemoryControl } from '../domain/lists/memory-control.js'
import { type ListEntry, type ListName } from '../messages/entities.js'
import { SqliteListStore } from './list-store.js'
import { Connection } from './sqlite.js'
import { delta, headOf, order, release, streamed, tag, trip, vehicle } from './testing/list.contract.js'
import { openTestStore, type TestStore } from './testing/opener.js'

// `SEED=n RUNS=m` repeats flips, or tries more of them. Each flip is an edge that starts, and the machine may be busy.
t.setTimeout(110_000)

/** Mending and checking without their pauses; whatever else is timed keeps its time. */
const hasty: Clock = {
  now: () => systemClock.now(),
  after: (name, delayMs, run) =>
    systemClock.after(name, name === 'lists reopen' || name === 'list recheck' ? 1 : delayMs, run),
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, n) => n)
const contents: Partial<Record<ListName, ListEntry[]>> = {
  tags: numbers(60).map((n) => ({ ...tag(`E${n}`), vehicleId: `V${n}` })),
  vehicles: numbers(60).map((n) => vehicle(`V${n}`, `P${n}`, `Q${n}`)),
  trips: numbers(40).map((n) => trip(`T${n}`, `V${n}`)),
  releases: numbers(30).map((n) => release(`R${n}`, 'CONTAINER', `C${n}`)),
  orders: numbers(20).map((n) => order(`O${n}`, `E${n * 3}`)),
  blacklist: [],
}
const names = Object.keys(contents) as ListName[]
const version = 7
const confirmedAt = Date.UTC(2026, 5, 1)

async function fill(store: TestStore, lists: readonly ListName[]): Promise<boolean> {
  for (const list of lists) {
    const entries = contents[list] ?? []
    const head = headOf(list, version, entries)
    if (!(await store.lists.applyFull(head, streamed(entries))).ok) return false
    await store.lists.confirm(head, confirmedAt)
  }
  return true
}

async function checked(store: TestStore): Promise<void> {
  if (store.lists instanceof SqliteListStore) await store.lists.rechecked
}

/** Everything a lane could ask of these lists, and what it must be told, or else that it is not known. */
async function wrongAnswers(store: TestStore): Promise<string[]> {
  const wrong: string[] = []
  const { lists } = store
  const hold = (what: string, found: unknown, right: unknown): void => {
    if (found !== 'unknown' && canonicalJson(found ?? null) !== canonicalJson(right ?? null))
      wrong.push(`${what}: ${canonicalJson(found ?? null).slice(0, 120)}`)
  }
  for (const n of numbers(62)) {
    const byTag = await lists.factsOfTag(`E${n}`)
    hold(`tag E${n}`, byTag.tag, contents.tags?.[n])
    if (byTag.tag !== 'unknown') hold(`vehicle of E${n}`, byTag.vehicle, contents.vehicles?.[n])
    for (const plate of [`P${n}`, `Q${n}`]) {
      const byPlate = await lists.factsOfPlate(plate)
      hold(`plate ${plate}`, byPlate.vehicle, contents.vehicles?.[n])
      if (byPlate.vehicle !== 'unknown') hold(`tag of ${plate}`, byPlate.tag, contents.tags?.[n])
    }
    const of = (list: ListName, at: number): ListEntry[] => (contents[list] ?? []).slice(at, at + 1)
    hold(`trips of V${n}`, await lists.find('trips', 'vehicle', [`V${n}`]), of('trips', n))
    hold(`releases of C${n}`, await lists.find('releases', 'CONTAINER', [`C${n}`]), of('releases', n))
    hold(`release R${n}`, await lists.find('releases', 'key', [`R${n}`]), of('releases', n))
    const orders = lists.ordersOn([{ kind: 'TAG', key: `E${n}` }])
    hold(`orders on E${n}`, orders, n % 3 === 0 ? of('orders', n / 3) : [])
  }
  for (const held of lists.inForce()) {
    hold(`age of ${held.list}`, held.confirmedAt, confirmedAt)
    hold(`version of ${held.list}`, held.version, version)
  }
  return wrong
}

function lay(dataDir: string, bytes: Buffer | null, wal: Buffer | null = null): void {
  for (const name of readdirSync(dataDir))
    if (name.startsWith('lists.db')) rmSync(path.join(dataDir, name), { force: true })
  if (bytes) writeFileSync(path.join(dataDir, 'lists.db'), bytes)
  if (wal) writeFileSync(path.join(dataDir, 'lists.db-wal'), wal)
}

async function good(dataDir: string): Promise<Buffer> {
  const store = await openTestStore(dataDir, new MemoryControl())
  if (!(await fill(store, names))) throw new Error('the lists could not be filled')
  await store.close()
  return readFileSync(path.join(dataDir, 'lists.db'))
}

/** Opens what lies there, holds its answers, brings what is not in force once more, and holds them again. */
async function survives(
  dataDir: string,
): Promise<{ readonly wrong: readonly string[]; readonly refused: number }> {
  const store = await openTestStore(dataDir, new MemoryControl(), { clock: hasty })
  await checked(store)
  const wrong = await wrongAnswers(store)
  const missing = (): ListName[] =>
    names.filter((list) => !store.lists.inForce().some((held) => held.list === list))
  const refused = missing().length
  if (refused === 0) {
    await store.close()
    return { wrong, refused }
  }
  for (let tries = 0; tries < 20 && missing().length > 0; tries += 1) {
    if (await fill(store, missing())) continue
    await new Promise((resolve) => systemClock.after('test', 10, () => resolve(null)))
  }
  if (missing().length > 0) wrong.push(`${missing().join()} could not be brought again`)
  wrong.push(...(await wrongAnswers(store)))
  await store.close()
  const again = await openTestStore(dataDir, new MemoryControl(), { clock: hasty })
  await checked(again)
  if (again.lists.inForce().length < names.length) wrong.push('not whole after the next start')
  wrong.push(...(await wrongAnswers(again)))
  await again.close()
  return { wrong, refused }
}

t.test('flipped bits in the lists at rest: what was there, or unknown and fetched again', async (t) => {
  const seed = Number(process.env['SEED'] ?? Math.floor(systemRandom.next() * 2 ** 31))
  const flips = Number(process.env['RUNS'] ?? 60)
  const random = new SeededRandom(seed)
  t.comment(`seed ${seed}`)
  const dataDir = t.testdir({})
  const bytes = await good(dataDir)
  // Half of them anywhere, the rest in what rows hold: keys, plates, other names, bodies, hashes, heads.
  const marks = ['P1', 'Q2', 'V3', 'T1', 'E2', 'O1', 'R4', 'vehicle:V', 'CONTAINER:C', 'tags', 'orders']
  const spots = marks.flatMap((mark) => occurrences(bytes, mark))
  let refused = 0
  const wrong: string[] = []
  for (let n = 0; n < flips; n += 1) {
    const near = spots[random.int(0, spots.length - 1)] ?? 0
    const at = n % 2 === 0 ? random.int(0, bytes.length - 1) : near + random.int(-8, 8)
    const flipped = Buffer.from(bytes)
    flipped[at] = (flipped[at] ?? 0) ^ (1 << random.int(0, 7))
    lay(dataDir, flipped)
    const found = await survives(dataDir)
    if (found.refused > 0) refused += 1
    for (const what of found.wrong.slice(0, 3)) wrong.push(`flip ${n} at ${at}: ${what}`)
  }
  t.strictSame(wrong, [])
  t.comment(`${refused} of ${flips} flips were found and fetched again, the others changed nothing`)
  t.ok(refused > flips / 10, 'the flips are no blanks')
})

t.test('a row out of its order is not passed by: nothing of the file is believed', async (t) => {
  const dataDir = t.testdir({})
  lay(dataDir, outOfOrder(await good(dataDir)))
  const { wrong, refused } = await survives(dataDir)
  t.strictSame(wrong, [])
  t.equal(refused, names.length)
})

for (const way of ['in full', 'as a delta'] as const)
  t.test(
    `what comes ${way} while a damaged file is begun anew does not count, and comes again`,
    async (t) => {
      const dataDir = t.testdir({})
      lay(dataDir, outOfOrder(await good(dataDir)))
      let beginAnew: (() => void) | null = null
      const store = await openTestStore(dataDir, new MemoryControl(), {
        clock: {
          now: () => systemClock.now(),
          after: (name, delayMs, run) => {
            if (name !== 'lists reopen')
              return systemClock.after(name, name === 'list recheck' ? 1 : delayMs, run)
            beginAnew ??= run
            return () => undefined
          },
        },
      })
      await checked(store)
      t.ok(beginAnew, 'the damage was found')
      t.ok(await fill(store, ['orders']))
      const old = { version, entries: contents.orders ?? [] }
      const next = { version: version + 1, entries: [order('O0', 'E0', 'changed'), ...old.entries.slice(1)] }
      const head = headOf('orders', next.version, next.entries)
      const judge = (): null => {
        beginAnew?.()
        beginAnew = null
        return null
      }
      const result = await (way === 'in full'
        ? store.lists.applyFull(head, streamed(next.entries), undefined, judge)
        : store.lists.applyDelta(delta('orders', old, next), judge))
      t.equal(beginAnew, null, 'the file was begun anew meanwhile')
      t.equal(result.ok, false)
      t.strictSame(store.lists.inForce(), [], 'nothing of an empty file is in force')
      t.equal(store.lists.ordersOn([{ kind: 'TAG', key: 'E0' }]), 'unknown')
      t.ok((await store.lists.applyFull(head, streamed(next.entries))).ok, 'the same version comes again')
      t.match(store.lists.ordersOn([{ kind: 'TAG', key: 'E0' }]), [{ reason: 'changed' }])
      await store.close()
    },
  )

/** Two names change their places in the index, each of them whole. */
function outOfOrder(bytes: Buffer): Buffer {
  const swapped = Buffer.from(bytes)
  const [one, other] = ['CONTAINER:C11', 'CONTAINER:C12'].map((name) => swapped.indexOf(name))
  if (one === undefined || other === undefined || one < 0 || other < 0) throw new Error('no such names')
  swapped.write('CONTAINER:C12', one)
  swapped.write('CONTAINER:C11', other)
  return swapped
}

function occurrences(bytes: Buffer, mark: string): number[] {
  const found: number[] = []
  for (let at = bytes.indexOf(mark); at >= 0; at = bytes.indexOf(mark, at + 1)) found.push(at)
  return found
}

const damages: readonly (readonly [what: string, sql: string])[] = [
  ['a plate that is another one', `UPDATE plates SET plate = 'X1' WHERE plate = 'P1'`],
  ['a plate that leads to another vehicle', `UPDATE plates SET key = 'V9' WHERE plate = 'P1'`],
  [
    'a plate too many',
    `INSERT INTO plates SELECT generation, 'X2', key, leaf FROM plates WHERE plate = 'P2'`,
  ],
  ['a name that is gone', `DELETE FROM looks WHERE look = 'vehicle:V3'`],
  ['a name that is another one', `UPDATE looks SET look = 'vehicle:V999' WHERE look = 'vehicle:V3'`],
  ['an entry under another key', `UPDATE entries SET key = 'T7x' WHERE key = 'T7'`],
  ['a tag that refers to another vehicle', `UPDATE entries SET ref = 'V8' WHERE key = 'E7'`],
  ['a version that is higher', `UPDATE lists SET version = 70 WHERE list = 'tags'`],
  ['an age that is younger', `UPDATE lists SET confirmed_at = confirmed_at + 4194304 WHERE list = 'orders'`],
]

t.test('damages beside the content are found at the start as well, each by itself', async (t) => {
  const dataDir = t.testdir({})
  const bytes = await good(dataDir)
  for (const [what, sql] of damages) {
    lay(dataDir, bytes)
    const connection = await Connection.open(path.join(dataDir, 'lists.db'), false)
    await connection.exec(sql)
    await connection.close()
    const { wrong, refused } = await survives(dataDir)
    t.strictSame(wrong, [], what)
    t.equal(refused, 1, `${what}: that list is fetched again, and no other`)
  }
})

t.test('a lists file that was emptied, cut or lost its log is fetched again', async (t) => {
  const dataDir = t.testdir({})
  const bytes = await good(dataDir)
  for (const [what, left] of [
    ['emptied', Buffer.alloc(0)],
    ['cut in the middle of a page', bytes.subarray(0, Math.floor(bytes.length / 2) + 100)],
    ['gone', null],
  ] as const) {
    lay(dataDir, left)
    const { wrong, refused } = await survives(dataDir)
    t.strictSame(wrong, [], what)
    t.ok(refused > 0, what)
  }
  // As after a power cut: a file and the log behind it; then without the log.
  const store = await openTestStore(dataDir, new MemoryControl())
  const snapshot = (name: string): Buffer => readFileSync(path.join(dataDir, name))
  const changed = headOf('trips', 8, (contents.trips ?? []).slice(1))
  t.ok((await store.lists.applyFull(changed, streamed((contents.trips ?? []).slice(1)))).ok)
  const torn = snapshot('lists.db')
  const wal = snapshot('lists.db-wal')
  await store.close()
  t.ok(wal.length > 0)
  lay(dataDir, torn)
  const { wrong } = await survives(dataDir)
  t.strictSame(
    wrong.filter((text) => !text.startsWith('version of trips')),
    [],
    'the log removed',
  )
})

t.test('the lists of another edge are not taken for its own, whatever their versions', async (t) => {
  const dir = t.testdir({ mine: {}, other: {} })
  const [mine, other] = [path.join(dir, 'mine'), path.join(dir, 'other')]
  await good(mine)
  mkdirSync(path.join(dir, 'brought'))
  const brought = path.join(dir, 'brought')
  const store = await openTestStore(other, new MemoryControl(), { edgeId: 'edge-2' })
  t.ok(await fill(store, names))
  await store.close()
  copyFileSync(path.join(other, 'lists.db'), path.join(brought, 'lists.db'))
  const found = await openTestStore(brought, new MemoryControl())
  t.strictSame(found.lists.inForce(), [])
  t.match(found.faults, [{ is: 'raised', code: 'controlList.corrupt' }])
  t.ok(await fill(found, names), 'its own are fetched')
  t.strictSame(await wrongAnswers(found), [])
  await found.close()
  t.ok(
    readdirSync(brought).some((name) => name.startsWith('lists.db.corrupt-')),
    'the other file is kept aside',
  )
})
