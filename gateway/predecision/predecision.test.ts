import t, { type Test } from 'tap'
import { ManualClock } from '../../edge/base/clock.js'
import { silentLogger } from '../../edge/base/log.js'
import {
  exampleAccount,
  exampleArea,
  exampleCompany,
  exampleContainer,
  exampleDeclaration,
  exampleDriver,
  exampleFitness,
  exampleManifest,
  exampleRelease,
  exampleSeal,
  exampleTrip,
  exampleTruck,
} from '../../edge/domain/decision/cargo-examples.js'
import { exampleNowMs, exampleOrder, exampleTag } from '../../edge/domain/decision/examples.js'
import type { PlanEntry } from '../../edge/messages/cargo-entities.js'
import { listOf, type ListEntry, type ListName } from '../../edge/messages/entities.js'
import { commitmentOf, defaultDrawRates } from '../domain/draw.js'
import { defaultVettingPolicy } from '../domain/predecision.js'
import { Lists } from '../lists/lists.js'
import { backfillNames, entriesByKey } from '../store/list-names.js'
import { publishedSeeds, seedOf } from './seeds.js'
import { Predecision } from './service.js'
import { storeIn } from '../testing/store-in.js'

/** Of the truck's tag; written in small letters, as some who issue tags do. */
const tid = 'e28011606000020612345678'
const day = 86_400_000
const nobody = { byClass: { 1: 0, 2: 0, 3: 0 }, otherwise: 0, byGoods: {}, watched: 1 }

/**
 * On nobody here. The first version of a list concerns every trip, and what a run writes itself concerns its own: the
 * tests that use it run twice first, so that the order is all that is new.
 */
const earlier = exampleOrder({ orderId: 'O0', subject: { kind: 'VEHICLE', key: 'V0' } })

async function open(t: Test, rates = nobody) {
  const { memory, database } = await storeIn(t.testdir())
  const clock = new ManualClock(exampleNowMs)
  t.teardown(() => database.close())
  const told: ListName[] = []
  const lists = new Lists({
    database,
    memory,
    clock,
    log: silentLogger,
    onVersion: (head) => told.push(head.list),
  })
  await lists.prepare({})
  const given = {
    database,
    clock,
    log: silentLogger,
    policy: { site: 'road', rates, vetting: defaultVettingPolicy },
    write: (...given: Parameters<Lists['write']>) => lists.write(...given),
    onWritten: (heads: Parameters<Lists['written']>[0]) => lists.written(heads),
  } as const
  const put = async (...entries: readonly ListEntry[]) => {
    for (const entry of entries) await lists.change(listOf(entry), { upserts: [entry], deletes: [] }, 'wang')
  }
  const planOf = (tripId = 'T1'): Promise<PlanEntry | undefined> =>
    database.read(async (sql) => (await entriesByKey<PlanEntry>(sql, 'plans', [tripId]))[0])
  return { database, lists, clock, told, put, planOf, given, start: () => new Predecision(given) }
}

/** Everything of the clear laden trip, with the declaration to IQ not ruled yet. */
const papers: readonly ListEntry[] = [
  { ...exampleTag(), tid },
  exampleTruck,
  exampleDriver,
  exampleCompany,
  exampleAccount,
  exampleDeclaration({ declarationNo: 'CUS1', agency: 'CUSTOMS' }),
  exampleDeclaration({ state: 'ACCEPTED', ruling: null }),
  exampleManifest,
  exampleContainer,
  exampleSeal,
  exampleFitness,
  exampleRelease(),
  exampleTrip,
]

t.test(
  'a trip is vetted, drawn and planned before the truck is there, and anew with each change',
  async (t) => {
    const { put, planOf, start, lists, told, database } = await open(t)
    const predecision = start()
    await put(...papers)
    await predecision.run()
    t.match(await planOf(), { outcome: 'release', primary: 'OK-02' })
    const ruled = await database.read((sql) => entriesByKey(sql, 'declarations', ['IQ1']))
    t.match(ruled, [{ ruling: 'NO_INSPECTION' }], 'ruled without a person: class 2, everything agrees')
    t.ok(told.includes('plans'), 'the edges are told')

    const steps: [string, ListEntry, string, ListEntry | null][] = [
      ['area', exampleArea({ areaCode: 'HK', measure: 'INSPECT' }), 'QUA-05', null],
      ['area of its last port', exampleArea({ areaCode: 'HKHKG', measure: 'INSPECT' }), 'QUA-05', null],
      ['order on the tag', exampleOrder({ subject: { kind: 'TAG', key: 'E1' } }), 'CTL-02', null],
      [
        'order on the TID of the tag',
        exampleOrder({ subject: { kind: 'TAG', key: tid.toUpperCase() } }),
        'CTL-02',
        null,
      ],
      ['order on the plate', exampleOrder({ subject: { kind: 'PLATE', key: 'AB1234' } }), 'CTL-02', null],
      [
        'order on part of the plate',
        exampleOrder({
          subject: { kind: 'PLATE_PATTERN', key: 'AB?2*' },
          patternMayIntercept: true,
        }),
        'CTL-02',
        null,
      ],
      ['order on the company', exampleOrder({ subject: { kind: 'COMPANY', key: 'C1' } }), 'CTL-02', null],
      ['order on the driver', exampleOrder({ subject: { kind: 'DRIVER', key: 'D1' } }), 'CTL-02', null],
      ['account', { ...exampleAccount, debit: 'PENDING' }, '', exampleAccount],
      ['permit', { ...exampleTruck, permit: 'REVOKED' }, 'ID-09', exampleTruck],
      ['licence', { ...exampleDriver, licenceValidTo: exampleNowMs - 1 }, 'ID-10', exampleDriver],
      ['box', { ...exampleContainer, originArea: null }, 'QUA-08', exampleContainer],
      ['result', exampleDeclaration({ result: 'FAIL' }), 'INS-03', exampleDeclaration()],
      ['release', exampleRelease({ state: 'REVOKED' }), 'CUS-01', exampleRelease()],
    ]
    for (const [name, entry, code, back] of steps) {
      const before = await planOf()
      await put(entry)
      await predecision.run()
      const plan = await planOf()
      t.not(plan?.inputsVersion, before?.inputsVersion, `${name}: planned anew`)
      if (code !== '') t.ok(plan?.codes.includes(code), `${name}: ${plan?.codes.join()}`)
      if (back) await put(back)
      else {
        const key = entry.kind === 'area' ? entry.areaId : 'O1'
        await lists.change(listOf(entry), { upserts: [], deletes: [key] }, 'wang')
      }
      await predecision.run()
      t.equal((await planOf())?.outcome, 'release', `${name}: and back`)
    }
    const { runsFailed } = predecision.counters
    t.equal(runsFailed, 0)

    await put({ ...exampleTrip, crossedAt: exampleNowMs })
    await predecision.run()
    t.equal(await planOf(), undefined, 'a trip that went through has no plan')
  },
)

t.test('an order on the tag of the trailer is found before the truck is there', async (t) => {
  const { put, planOf, start } = await open(t)
  await put(earlier, ...papers, exampleTag({ epc: 'E9', vehicleId: 'V9' }), {
    ...exampleTrip,
    trailerVehicleId: 'V9',
  })
  const predecision = start()
  await predecision.run()
  await predecision.run()
  t.not((await planOf())?.outcome, 'hold')
  await put(exampleOrder({ subject: { kind: 'TAG', key: 'E9' } }))
  await predecision.run()
  t.match(await planOf(), { outcome: 'hold', primary: 'CTL-02' })
})

t.test('an order on the TID of a tag that an older program wrote finds its trip as well', async (t) => {
  const { put, planOf, start, database } = await open(t)
  await put(earlier, ...papers)
  await database.transact(async (sql) => {
    await sql.run(`DELETE FROM list_names_all WHERE name = 'TID'`)
    await backfillNames(sql, 'list_names_all')
  })
  const predecision = start()
  await predecision.run()
  await predecision.run()
  t.equal((await planOf())?.outcome, 'release')
  await put(exampleOrder({ subject: { kind: 'TAG', key: tid } }))
  await predecision.run()
  t.equal((await planOf())?.outcome, 'hold')
})

t.test('what changed while the gateway was away is planned when it is back', async (t) => {
  const { put, planOf, start } = await open(t)
  const first = start()
  await put(...papers)
  await first.run()
  await first.close()
  await put(exampleOrder({ subject: { kind: 'CONTAINER', key: exampleTrip.containers[0] ?? '' } }))
  t.equal((await planOf())?.outcome, 'release')
  const second = start()
  await second.run()
  t.equal((await planOf())?.outcome, 'hold')
  const { planned } = second.counters
  t.equal(planned, 1)
  await second.run()
  t.equal(second.counters.planned, 1, 'nothing changed, nothing is planned')
})

t.test('a change of a list starts the planning by itself, once for many', async (t) => {
  const { put, planOf, start, clock } = await open(t)
  const predecision = start()
  for (const list of ['trips', 'declarations', 'trips', 'tags'] as const) predecision.changed(list)
  await put(...papers)
  clock.advance(200)
  await predecision.settled()
  t.equal((await planOf())?.outcome, 'release')
  t.equal(predecision.counters.runs, 1)
})

t.test('a draw stands, whatever comes, and can be checked when its day is over', async (t) => {
  const { put, planOf, start, clock, database } = await open(t, { ...defaultDrawRates, otherwise: 1 })
  const predecision = start()
  await put(...papers.filter((entry) => entry.kind !== 'company'))
  await predecision.run()
  const drawOf = () => database.read(async (sql) => (await entriesByKey(sql, 'draws', ['T1']))[0])
  const drawn = await drawOf()
  t.match(drawn, { selected: true })
  t.ok((await planOf())?.codes.includes('RND-01'))
  await put(exampleCompany, { ...exampleTrip, expectedGrossKg: 30_001 })
  clock.advance(day)
  await predecision.run()
  t.same(await drawOf(), drawn, 'another class and another day do not roll it again')

  const seeds = await database.transact(async (sql) => {
    await seedOf(sql, clock.now().wallMs)
    return publishedSeeds(sql, clock.now().wallMs, 10)
  })
  t.equal(seeds.length, 2)
  t.equal(seeds[0]?.seed, null, "today's seed is a secret")
  const { seed, commitment } = seeds[1] ?? {}
  t.equal(commitmentOf({ day: '', seed: seed ?? '' }), commitment)
})

t.test('a ruling given by a person meanwhile is not overwritten', async (t) => {
  const { put, given, database, lists } = await open(t)
  await put(...papers)
  const slow = new Predecision({
    ...given,
    write: async (sql, list, change, by) => {
      t.notOk(list === 'declarations' && change.upserts.length > 0, 'nothing is ruled')
      return lists.write(sql, list, change, by)
    },
  })
  const read = database.read.bind(database)
  let reads = 0
  database.read = async (work) => {
    const result = await read(work)
    reads += 1
    if (reads === 2) await put(exampleDeclaration({ state: 'ACCEPTED', ruling: 'INSPECT' }))
    return result
  }
  await slow.run()
  database.read = read
  t.match(await read((sql) => entriesByKey(sql, 'declarations', ['IQ1'])), [{ ruling: 'INSPECT' }])
  await slow.run()
  const plan = await read(async (sql) => (await entriesByKey<PlanEntry>(sql, 'plans', ['T1']))[0])
  t.equal(plan?.outcome, 'hold', 'and it is planned anew with what the person ruled')
})
