import { performance } from 'node:perf_hooks'
import t from 'tap'
import { ManualClock } from '../../edge/base/clock.js'
import { silentLogger } from '../../edge/base/log.js'
import {
  exampleCompany,
  exampleContainer,
  exampleDeclaration,
  exampleManifest,
  exampleTrip,
  exampleTruck,
} from '../../edge/domain/decision/cargo-examples.js'
import { exampleNowMs } from '../../edge/domain/decision/examples.js'
import type { DeclarationEntry } from '../../edge/messages/cargo-entities.js'
import { listOf, type ListEntry, type ListName } from '../../edge/messages/entities.js'
import { defaultDrawRates } from '../domain/draw.js'
import { defaultVettingPolicy } from '../domain/predecision.js'
import { Lists } from '../lists/lists.js'
import { entriesByKey } from '../store/list-names.js'
import { Predecision } from './service.js'
import { storeIn } from '../testing/store-in.js'

/**
 * The stated mix of a road port: of a hundred laden trips 20 are of firms of class 1, 50 of class 2, 30 of
 * class 3. Papers of class 1 agree; of each other class one trip in ten has a fault (wood not told, a
 * container that is not on the truck), and a quarter of the goods carry a special risk.
 */
const trips = 1_000
const riskGoods = ['FRESH']

function classOf(n: number): 1 | 2 | 3 {
  return n % 10 < 2 ? 1 : n % 10 < 7 ? 2 : 3
}

function declarationOf(n: number): DeclarationEntry {
  const faulty = classOf(n) !== 1 && Math.floor(n / 10) % 10 === 0
  const goodsClass = Math.floor(n / 10) % 4 === 1 ? 'FRESH' : 'TOYS'
  return exampleDeclaration({
    declarationNo: `IQ${n}`,
    state: 'ACCEPTED',
    ruling: null,
    goodsClass,
    containers: [`BOX${n}`],
    ...(faulty && (n % 2 === 0 ? { woodPacking: 'unknown' } : { containers: [`BOX${n + trips}`] })),
  })
}

function entriesOf(n: number): ListEntry[] {
  const number = `BOX${n}`
  return [
    {
      ...exampleTruck,
      vehicleId: `V${n}`,
      companyId: `C${classOf(n)}`,
      plates: [{ region: 'CN', text: `P${n}` }],
    },
    { ...exampleContainer, number },
    {
      ...exampleManifest,
      manifestNo: `M${n}`,
      lines: [{ lineNo: 1, container: number, declarationNo: `IQ${n}` }],
    },
    declarationOf(n),
    {
      ...exampleTrip,
      tripId: `T${n}`,
      vehicleId: `V${n}`,
      containers: [number],
      declarationNos: [`IQ${n}`],
      manifestNo: `M${n}`,
    },
  ]
}

t.test(
  'on the stated mix every trip of class 1 and six in ten of class 2 are ruled without a person',
  async (t) => {
    const { memory, database } = await storeIn(t.testdir())
    const clock = new ManualClock(exampleNowMs)
    t.teardown(() => database.close())
    const lists = new Lists({ database, memory, clock, log: silentLogger, onVersion: () => undefined })
    await lists.prepare({})
    const byList = new Map<ListName, ListEntry[]>()
    const all = [
      ...([1, 2, 3] as const).map((managedClass) => ({
        ...exampleCompany,
        companyId: `C${managedClass}`,
        managedClass,
      })),
      ...Array.from({ length: trips }, (_, n) => entriesOf(n)).flat(),
    ]
    for (const entry of all) byList.set(listOf(entry), [...(byList.get(listOf(entry)) ?? []), entry])
    for (const [list, upserts] of byList) await lists.change(list, { upserts, deletes: [] }, 'wang')

    const predecision = new Predecision({
      database,
      clock,
      log: silentLogger,
      policy: { site: 'road', rates: defaultDrawRates, vetting: { ...defaultVettingPolicy, riskGoods } },
      write: (...given) => lists.write(...given),
      onWritten: (heads) => lists.written(heads),
    })
    const from = performance.now()
    await predecision.run()
    const allMs = performance.now() - from

    const numbers = Array.from({ length: trips }, (_, n) => n)
    const ruled = await database.read((sql) =>
      entriesByKey<DeclarationEntry>(
        sql,
        'declarations',
        numbers.map((n) => `IQ${n}`),
      ),
    )
    const byClass = { 1: { trips: 0, auto: 0 }, 2: { trips: 0, auto: 0 }, 3: { trips: 0, auto: 0 } }
    for (const { declarationNo, ruling } of ruled) {
      const of = byClass[classOf(Number(declarationNo.slice(2)))]
      of.trips += 1
      if (ruling === 'NO_INSPECTION') of.auto += 1
    }
    t.comment(`${JSON.stringify(byClass)}; ${trips} trips in ${Math.round(allMs)} ms`)
    t.equal(byClass[1].auto, byClass[1].trips)
    t.ok(byClass[2].auto >= 0.6 * byClass[2].trips)
    t.equal(byClass[3].auto, 0, 'class 3 always meets a person')
    t.equal(predecision.counters.planned, trips)
    t.equal(predecision.counters.runsFailed, 0)
  },
)
