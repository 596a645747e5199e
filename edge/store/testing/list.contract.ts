import fc from 'fast-check'
import type { Test } from 'tap'
import { canonicalJson } from '../../base/canonical.js'
import { systemRandom } from '../../base/random.js'
import type { FaultChange } from '../../base/fault.js'
import { describeProblems, type Result } from '../../base/result.js'
import type { ListInForce, ListStore } from '../../interfaces/list-store.js'
import { listWireVersion, type ListDelta, type ListHead } from '../../messages/down.js'
import { listEntrySchema, listKeyOf, type ListEntry, type ListName } from '../../messages/entities.js'
import { contentOf } from '../../messages/list-hash.js'

/** A list store under test over one folder; opened again after `close` it holds the same lists. */
export interface ListsUnderTest {
  readonly lists: ListStore
  readonly faults: readonly FaultChange[]
  close(): Promise<void>
}

export type ListsOpener = (folder: string) => Promise<ListsUnderTest>

/** The content hash of these entries; its definition has a test of its own (list-hash.test.ts). */
export function hashOfContent(entries: readonly ListEntry[]): string {
  return contentOf(entries).contentHash
}

export function headOf(list: ListName, version: number, entries: readonly ListEntry[]): ListHead {
  const contentHash = hashOfContent(entries)
  return {
    v: listWireVersion,
    list,
    version,
    count: entries.length,
    contentHash,
    publishedAt: 1_767_225_600_000,
  }
}

/** The entries one at a time, as a download gives them. */
export async function* streamed(entries: Iterable<ListEntry>): AsyncIterable<ListEntry> {
  for (const entry of entries) yield await Promise.resolve(entry)
}

export const tag = (epc: string, vehicleId = `V-${epc}`): ListEntry => {
  return { kind: 'tag', epc, state: 'ACTIVE', vehicleId }
}
export const vehicle = (vehicleId: string, ...plates: string[]): ListEntry => ({
  kind: 'vehicle',
  vehicleId,
  vehicleKind: 'TRUCK',
  plates: plates.map((text) => ({ region: 'CN', text })),
  carriesTag: true,
})
export const order = (orderId: string, epc: string, reason = 'look at it'): ListEntry => ({
  kind: 'order',
  orderId,
  agency: 'CUSTOMS',
  subject: { kind: 'TAG', key: epc },
  action: 'INTERCEPT',
  nature: 'OPEN',
  level: 2,
  reason,
  validFrom: 0,
  maxHits: 0,
  issuedBy: 'li',
})

export function delta(
  list: ListName,
  from: { version: number; entries: readonly ListEntry[] },
  to: { version: number; entries: readonly ListEntry[] },
): ListDelta {
  const before = new Map(from.entries.map((entry) => [listKeyOf(entry), canonicalJson(entry)]))
  const after = new Set(to.entries.map(listKeyOf))
  return {
    v: listWireVersion,
    list,
    baseVersion: from.version,
    baseHash: hashOfContent(from.entries),
    head: headOf(list, to.version, to.entries),
    upserts: to.entries.filter((entry) => before.get(listKeyOf(entry)) !== canonicalJson(entry)),
    deletes: [...before.keys()].filter((key) => !after.has(key)),
  }
}

const codeOf = (result: Result<ListInForce>): string =>
  result.ok ? 'ok' : (/\((\w+)\)/.exec(describeProblems(result.problems))?.[1] ?? 'no code')

const onTag = (key: string): { kind: 'TAG'; key: string }[] => [{ kind: 'TAG', key }]

/** What any list store of an edge must do, whatever engine it stands on. */
export function listContract(t: Test, open: ListsOpener): void {
  void t.test('before the first version everything is unknown, not absent', async (t) => {
    const { lists, faults, close } = await open(t.testdir())
    t.strictSame(lists.inForce(), [])
    t.strictSame(await lists.factsOfTag('E1'), { tag: 'unknown', vehicle: 'unknown' })
    t.strictSame(await lists.factsOfPlate('B1'), { tag: 'unknown', vehicle: 'unknown' })
    t.equal(lists.ordersOn(onTag('E1')), 'unknown')
    t.equal(lists.blacklistOn(onTag('E1')), 'unknown')
    t.equal(faults.filter((change) => change.code === 'controlList.missing').length, 4)
    await close()
  })

  void t.test(
    'a full load is in force at once, found by tag and by any plate, and after a restart',
    async (t) => {
      const folder = t.testdir()
      let { lists, faults, close } = await open(folder)
      const switched: number[] = []
      lists.onSwitched((list) => switched.push(list.version))
      const tags = [tag('E2', 'V2'), tag('E1', 'V1'), tag('E0', 'V1')]
      const vehicles = [vehicle('V1', '粤Z1234港', 'AB1234'), vehicle('V2', '粤B0001')]
      t.ok((await lists.applyFull(headOf('tags', 3, tags), streamed(tags))).ok)
      t.strictSame((await lists.factsOfTag('E1')).vehicle, 'unknown', 'the other list is still missing')
      t.ok((await lists.applyFull(headOf('vehicles', 9, vehicles), streamed(vehicles))).ok)
      t.strictSame(switched, [3, 9])
      for (const restarted of [false, true]) {
        if (restarted) {
          await close()
          ;({ lists, faults, close } = await open(folder))
        }
        t.strictSame(await lists.factsOfTag('E2'), { tag: tags[0], vehicle: vehicles[1] })
        t.strictSame(await lists.factsOfTag('E9'), { tag: null, vehicle: null })
        t.strictSame(await lists.factsOfPlate('AB1234'), { tag: tags[2], vehicle: vehicles[0] })
        t.strictSame(await lists.factsOfPlate('粤B0001'), { tag: tags[0], vehicle: vehicles[1] })
        t.strictSame(await lists.factsOfPlate('X'), { tag: null, vehicle: null })
        t.equal(lists.inForce().length, 2)
      }
      t.notOk(faults.some((change) => change.code === 'controlList.corrupt'))
      await close()
    },
  )

  void t.test('a load that is not what its head announces leaves the old list in force', async (t) => {
    const { lists, close } = await open(t.testdir())
    const good = [order('O1', 'E1'), order('O2', 'E2')]
    t.equal(codeOf(await lists.applyFull(headOf('orders', 5, good), streamed(good))), 'ok')
    const next = [...good, order('O3', 'E3')]
    const head = headOf('orders', 6, next)
    async function* breaking(): AsyncIterable<ListEntry> {
      yield* streamed(good)
      throw new Error('line cut')
    }
    const tries: [string, ListHead, AsyncIterable<ListEntry>][] = [
      ['listCountMismatch', head, streamed(good)],
      ['listTooLong', head, streamed([...next, order('O4', 'E4')])],
      ['listHashMismatch', head, streamed([...good, order('O3', 'E3', 'altered')])],
      ['listDuplicateKey', head, streamed([...good, order('O1', 'E1')])],
      ['listWrongKind', head, streamed([...good, tag('E9')])],
      ['listIncomplete', head, breaking()],
      ['listVersionBack', headOf('orders', 4, next), streamed(next)],
      ['listSameVersionOtherContent', headOf('orders', 5, next), streamed(next)],
    ]
    for (const [code, tried, entries] of tries) {
      t.equal(codeOf(await lists.applyFull(tried, entries)), code)
      t.equal(lists.inForce()[0]?.version, 5, `${code}: version 5 stays`)
      t.strictSame(lists.ordersOn(onTag('E2')), [good[1]], `${code}: its orders stay`)
    }
    t.equal(codeOf(await lists.applyFull(headOf('orders', 5, good), streamed([]))), 'ok', 'the same again')
    t.equal(codeOf(await lists.applyFull(head, streamed(next))), 'ok', 'and the right one is taken')
    await close()
  })

  deltaContract(t, open)
  findContract(t, open)

  void t.test(
    'a confirmation counts for the version in force only, never backwards, and lasts',
    async (t) => {
      const folder = t.testdir()
      const first = await open(folder)
      const entries = [tag('E1')]
      const head = headOf('tags', 2, entries)
      await first.lists.applyFull(head, streamed(entries))
      const confirmedAt = (): number | null | undefined => first.lists.inForce()[0]?.confirmedAt
      t.equal(confirmedAt(), null)
      await first.lists.confirm(headOf('tags', 3, entries), 50)
      t.equal(confirmedAt(), null, 'the gateway has a newer one: ours is not confirmed')
      await first.lists.confirm(head, 1_000)
      await first.lists.confirm(head, 900)
      t.equal(confirmedAt(), 1_000)
      await first.lists.applyDelta(delta('tags', { version: 2, entries }, { version: 3, entries: [] }))
      t.equal(confirmedAt(), 1_000, 'a newer version does not make the knowledge older or newer')
      await first.close()
      const again = await open(folder)
      t.equal(again.lists.inForce()[0]?.confirmedAt, 1_000)
      await again.close()
    },
  )

  void t.test('lists that are confirmed at once keep their ages, each its last', async (t) => {
    const folder = t.testdir()
    const first = await open(folder)
    const heads = (['tags', 'vehicles', 'orders'] as const).map((list) => headOf(list, 1, []))
    for (const head of heads) await first.lists.applyFull(head, streamed([]))
    const all = (atMs: number) => heads.map((head, n) => first.lists.confirm(head, atMs + n))
    await Promise.all([...all(1_000), ...all(2_000)])
    await Promise.all(all(3_000))
    await first.close()
    const again = await open(folder)
    const ages = new Map(again.lists.inForce().map(({ list, confirmedAt }) => [list, confirmedAt]))
    t.same([...ages].sort(), [
      ['orders', 3_002],
      ['tags', 3_000],
      ['vehicles', 3_001],
    ])
    await again.close()
  })
}

export const driver = (driverId: string, cardNo: string): ListEntry => ({
  kind: 'driver',
  driverId,
  cardNo,
  state: 'ACTIVE',
  vehicleIds: [],
  declaredSick: false,
})

export const trip = (tripId: string, vehicleId: string, more: object = {}): ListEntry =>
  listEntrySchema.parse({
    kind: 'trip',
    tripId,
    vehicleId,
    direction: 'in',
    load: 'L',
    containers: [],
    declarationNos: [],
    sealIds: [],
    routeAreas: [],
    needsFitness: false,
    straightRelease: false,
    ...more,
  })

export const release = (releaseId: string, kind: string, key: string): ListEntry =>
  listEntrySchema.parse({
    kind: 'release',
    releaseId,
    agency: 'IQ',
    subject: { kind, key },
    state: 'ACTIVE',
    usesLeft: 1,
  })

/** Lists about driver and load: found by key and by their other names, and never half an answer. */
function findContract(t: Test, open: ListsOpener): void {
  void t.test('a list about the load is unknown until it is there, and then empty', async (t) => {
    const { lists, faults, close } = await open(t.testdir())
    t.equal(await lists.find('trips', 'vehicle', ['V1']), 'unknown')
    t.ok((await lists.applyFull(headOf('trips', 1, []), streamed([]))).ok)
    t.strictSame(await lists.find('trips', 'vehicle', ['V1']), [])
    t.strictSame(await lists.find('trips', 'key', ['T1']), [])
    t.notOk(
      faults.some((change) => change.source === 'trips'),
      'nobody needs it here, so that its absence was no fault',
    )
    await close()
  })

  void t.test('entries are found by key and by each other name, sorted, once, after a restart', async (t) => {
    const folder = t.testdir()
    let { lists, close } = await open(folder)
    const trips = [trip('T3', 'V1'), trip('T1', 'V1'), trip('T2', 'V2')]
    const drivers = [driver('D1', 'C-1'), driver('D2', 'C-2')]
    const releases = [release('R1', 'CONTAINER', 'X'), release('R2', 'TRIP', 'X')]
    for (const [list, entries] of [
      ['trips', trips],
      ['drivers', drivers],
      ['releases', releases],
    ] as const)
      t.ok((await lists.applyFull(headOf(list, 1, entries), streamed(entries))).ok, list)
    for (const restarted of [false, true]) {
      if (restarted) {
        await close()
        ;({ lists, close } = await open(folder))
      }
      t.strictSame(await lists.find('trips', 'vehicle', ['V1']), [trips[1], trips[0]])
      t.strictSame(await lists.find('trips', 'vehicle', ['V2', 'V1', 'V2']), [trips[1], trips[2], trips[0]])
      t.strictSame(await lists.find('trips', 'key', ['T3', 'T9', 'T3']), [trips[0]])
      t.strictSame(await lists.find('drivers', 'card', ['C-2']), [drivers[1]])
      t.strictSame(await lists.find('drivers', 'card', ['D2']), [], 'a key is no card')
      t.strictSame(await lists.find('releases', 'TRIP', ['X']), [releases[1]], 'kinds are kept apart')
      t.strictSame(await lists.find('releases', 'CONTAINER', []), [])
    }
    await close()
  })

  void t.test('half an answer is none: too many entries or values, or a name the list has not', async (t) => {
    const { lists, close } = await open(t.testdir())
    const many = Array.from({ length: 257 }, (_, n) => trip(`T${n}`, n < 256 ? 'V1' : 'V2'))
    t.ok((await lists.applyFull(headOf('trips', 1, many), streamed(many))).ok)
    t.equal((await lists.find('trips', 'vehicle', ['V1'])).length, 256)
    t.equal(await lists.find('trips', 'vehicle', ['V1', 'V2']), 'unknown')
    t.equal(await lists.find('trips', 'driver', ['D1']), 'unknown')
    const values = Array.from({ length: 257 }, (_, n) => `V${n}`)
    t.equal(await lists.find('trips', 'vehicle', values), 'unknown')
    await close()
  })

  void t.test('a delta that changes another name takes the entry away from the old one', async (t) => {
    const { lists, close } = await open(t.testdir())
    const v1 = { version: 1, entries: [trip('T1', 'V1'), trip('T2', 'V1')] }
    const v2 = { version: 2, entries: [trip('T1', 'V2')] }
    t.equal(codeOf(await lists.applyDelta(delta('trips', { version: 0, entries: [] }, v1))), 'ok')
    t.equal((await lists.find('trips', 'vehicle', ['V1'])).length, 2)
    t.equal(codeOf(await lists.applyDelta(delta('trips', v1, v2))), 'ok')
    t.strictSame(await lists.find('trips', 'vehicle', ['V1']), [])
    t.strictSame(await lists.find('trips', 'vehicle', ['V2']), v2.entries)
    await close()
  })
}

function deltaContract(t: Test, open: ListsOpener): void {
  void t.test(
    'a delta applies on exactly its base, once, and the result is checked before it counts',
    async (t) => {
      const { lists, close } = await open(t.testdir())
      const v1 = { version: 1, entries: [order('O1', 'E1'), order('O2', 'E2')] }
      const v2 = { version: 2, entries: [order('O1', 'E1', 'changed'), order('O3', 'E3')] }
      const v3 = { version: 3, entries: [order('O3', 'E3')] }
      t.equal(codeOf(await lists.applyDelta(delta('orders', v1, v2))), 'listBaseMismatch', 'nothing is there')
      await lists.applyFull(headOf('orders', 1, v1.entries), streamed(v1.entries))
      t.equal(codeOf(await lists.applyDelta(delta('orders', v2, v3))), 'listBaseMismatch', 'out of order')
      const right = delta('orders', v1, v2)
      t.equal(codeOf(await lists.applyDelta({ ...right, deletes: [] })), 'listCountMismatch')
      const wrongResult = { ...right, upserts: [order('O1', 'E1', 'forged'), order('O3', 'E3')] }
      t.equal(codeOf(await lists.applyDelta(wrongResult)), 'listHashMismatch')
      t.equal(codeOf(await lists.applyDelta({ ...right, upserts: [tag('E1')] })), 'listWrongKind')
      t.strictSame(lists.ordersOn(onTag('E2')), [v1.entries[1]], 'nothing of the refused ones took effect')

      t.equal(codeOf(await lists.applyDelta(right)), 'ok')
      t.strictSame(lists.ordersOn(onTag('E2')), [], 'O2 is gone')
      t.strictSame(lists.ordersOn(onTag('E1')), [v2.entries[0]])
      t.equal(codeOf(await lists.applyDelta(right)), 'ok', 'the same again changes nothing')
      t.equal(codeOf(await lists.applyDelta(delta('orders', v2, v3))), 'ok')
      t.equal(codeOf(await lists.applyDelta(right)), 'listVersionBack', 'replayed')
      t.equal(lists.inForce()[0]?.contentHash, hashOfContent(v3.entries))
      await close()
    },
  )

  void t.test('the very first version may be a delta on the empty list', async (t) => {
    const { lists, close } = await open(t.testdir())
    const v1 = { version: 1, entries: [order('O1', 'E1')] }
    t.equal(codeOf(await lists.applyDelta(delta('orders', { version: 0, entries: [] }, v1))), 'ok')
    t.strictSame(lists.ordersOn(onTag('E1')), v1.entries)
    await close()
  })

  void t.test(
    'a chain of random deltas gives the same list as loading the last version in full',
    async (t) => {
      const seed = Number(process.env.SEED ?? Math.floor(systemRandom.next() * 2 ** 31))
      t.comment(`SEED=${seed}`)
      const folder = t.testdir({})
      let run = 0
      // Keys beyond the basic plane too: their order by code point is not that of JavaScript strings.
      const key = fc.constantFrom('A', 'B', 'a', 'Z9', '粤', '\uffee', '😀', '𠀀', 'AA', 'A-')
      const content = fc
        .uniqueArray(fc.tuple(key, fc.integer({ min: 0, max: 3 })), { selector: ([k]) => k })
        .map((pairs) => pairs.map(([k, n]) => vehicle(k, `P${n}`, `Q${k}`)))
      await fc.assert(
        fc.asyncProperty(fc.array(content, { minLength: 1, maxLength: 6 }), async (versions) => {
          run += 1
          const chained = await open(`${folder}/chain-${run}`)
          let from: { version: number; entries: readonly ListEntry[] } = { version: 0, entries: [] }
          for (const [i, entries] of versions.entries()) {
            const to = { version: from.version + 1 + (i % 2), entries }
            const result = await chained.lists.applyDelta(delta('vehicles', from, to))
            if (!result.ok) throw new Error(describeProblems(result.problems))
            from = to
          }
          for (const text of ['P0', 'P1', 'P2', 'P3', 'Q粤', 'Q😀']) {
            const shown = from.entries.filter(
              (e) => e.kind === 'vehicle' && e.plates.some((p) => p.text === text),
            )
            const lowest = [...shown].sort((a, b) =>
              Buffer.compare(Buffer.from(listKeyOf(a)), Buffer.from(listKeyOf(b))),
            )[0]
            const { vehicle: found } = await chained.lists.factsOfPlate(text)
            if (canonicalJson(found) !== canonicalJson(lowest ?? null)) throw new Error(`plate ${text}`)
          }
          await chained.close()
        }),
        { seed, numRuns: 25 },
      )
    },
  )
}
