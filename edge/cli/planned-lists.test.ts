import { writeFileSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { canonicalJson } from '../base/canonical.js'
import { SeededRandom } from '../base/random.js'
import {
  exampleArea,
  exampleBox,
  exampleCompany,
  exampleContainer,
  exampleDeclaration,
  exampleDriver,
  exampleFitness,
  exampleLaden,
  exampleManifest,
  exampleRelease,
  exampleSeal,
  exampleTerminalOrder,
  exampleTrip,
  exampleTruck,
} from '../domain/decision/cargo-examples.js'
import { cargoSubjects } from '../domain/decision/cargo-subjects.js'
import { noCargoFacts, noCargoObservations } from '../domain/decision/cargo.js'
import { decide } from '../domain/decision/decide.js'
import {
  exampleBlacklisted,
  exampleHeard,
  exampleInputs,
  exampleNowMs,
  exampleOrder,
  examplePlate,
  exampleTag,
} from '../domain/decision/examples.js'
import type { DecisionInputs, Facts } from '../domain/decision/types.js'
import { viewOf } from '../domain/decision/view.js'
import { ListsChange } from '../domain/decision/what-if-lists.js'
import { MemoryControl } from '../domain/lists/memory-control.js'
import { subjectKeys } from '../domain/lists/control.js'
import { lookUpCargo } from '../lane/cargo-lookup.js'
import { listKeyOf, listNames, listOf, type CargoListName, type ListEntry } from '../messages/entities.js'
import { looksOf } from '../messages/list-looks.js'
import { readListsChange, underLists } from './planned-lists.js'

/** Lists in memory, complete; what a lane looks up in them is told apart from what a record tells of it. */
class WholeLists {
  readonly entries = new Map<string, ListEntry>()

  put(entry: ListEntry): void {
    this.entries.set(`${listOf(entry)} ${listKeyOf(entry)}`, entry)
  }

  of<K extends ListEntry['kind']>(kind: K): Extract<ListEntry, { kind: K }>[] {
    return [...this.entries.values()]
      .filter((entry): entry is Extract<ListEntry, { kind: K }> => entry.kind === kind)
      .sort((a, b) => (listKeyOf(a) < listKeyOf(b) ? -1 : 1))
  }

  find(list: CargoListName, by: string, values: readonly string[]): Promise<readonly ListEntry[]> {
    const all = [...this.entries.values()].filter((entry) => listOf(entry) === list)
    const found = all.filter((entry) =>
      by === 'key'
        ? values.includes(listKeyOf(entry))
        : looksOf(entry).some((look) => look.by === by && values.includes(look.value)),
    )
    return Promise.resolve(found.sort((a, b) => (listKeyOf(a) < listKeyOf(b) ? -1 : 1)))
  }
}

/** The facts of a passage as a lane freezes them from these lists. */
async function frozen(inputs: DecisionInputs, lists: WholeLists): Promise<DecisionInputs> {
  const tags = lists.of('tag')
  const vehicles = lists.of('vehicle')
  const heard = inputs.observations.tags.map(({ epc }) => epc)
  const shown = inputs.observations.plates.map(({ plate }) => plate.text)
  const tagOf = (epc: string) => tags.find((tag) => tag.epc === epc) ?? null
  const byPlate = (text: string) =>
    vehicles.find(({ plates }) => plates.some((plate) => plate.text === text))?.vehicleId ?? null
  const ids = [...heard.map((epc) => tagOf(epc)?.vehicleId), ...shown.map(byPlate)]
  const idsHere = [...new Set(ids.filter((id) => typeof id === 'string'))]
  const known = idsHere.map((id) => [id, vehicles.find((one) => one.vehicleId === id) ?? null] as const)
  const facts: Facts = {
    tags: Object.fromEntries(heard.map((epc) => [epc, tagOf(epc)])),
    vehicles: Object.fromEntries(known),
    plates: Object.fromEntries(shown.map((text) => [text, byPlate(text)])),
    orders: [],
    blacklist: [],
  }
  const bare: DecisionInputs = { ...inputs, facts }
  const vehicle = viewOf(bare).main?.vehicle ?? null
  const seen = inputs.observations.cargo ?? noCargoObservations
  const ask = {
    direction: 'in',
    vehicleId: vehicle?.vehicleId ?? null,
    companyIds: vehicle?.companyId === undefined ? [] : [vehicle.companyId],
    driverCards: seen.driverCard === null ? [] : [seen.driverCard],
    containers: (seen.containers ?? []).map(({ number }) => number),
    read: (seen.containers ?? []).map(({ number }) => number),
    sealIds: (seen.seals ?? []).map(({ sealId }) => sealId),
    needsArea: inputs.profile.needs?.includes('area') === true,
  } as const
  const cargo = await lookUpCargo(lists, ask, {
    nowMs: inputs.now.wallMs,
    tripNow: (trip) => trip,
    onFailed: (_list, error) => {
      throw error
    },
  })
  const here = known.flatMap(([, one]) => one ?? [])
  const own = subjectKeys({
    // The tags that a plate's vehicle carries are known to the lane, though the record leaves them out.
    epcs: [...heard, ...tags.filter((tag) => idsHere.includes(tag.vehicleId)).map(({ epc }) => epc)],
    plates: [...shown, ...here.flatMap(({ plates }) => plates.map(({ text }) => text))],
    vehicleIds: idsHere,
    companyIds: here.flatMap(({ companyId }) => companyId ?? []),
  })
  const keys = [...own, ...subjectKeys(cargoSubjects(seen, cargo))]
  const control = new MemoryControl()
  control.replaceOrders(lists.of('order'))
  control.replaceBlacklist(lists.of('blacklist'))
  const orders = control.ordersOn(keys)
  return { ...bare, facts: { ...facts, cargo, orders, blacklist: control.blacklistOn(keys) } }
}

const plateA = { region: 'CN', text: '粤Z1234港' } as const
const plateB = { region: 'HK', text: 'AB1234' } as const
const otherBox = 'MSKU1234565'

/** Any entry of a world so small that most of them concern the truck. */
function anyEntry(random: SeededRandom): ListEntry {
  const box = random.pick([exampleBox, exampleBox, otherBox])
  const v = random.pick(['V1', 'V1', 'V2'])
  const key = random.pick(['1', '2'])
  const makers: readonly (() => ListEntry)[] = [
    // One tag a vehicle, as the registry gives them out: of a second one no record tells.
    () => exampleTag({ epc: `E${key}`, vehicleId: `V${key}`, state: random.pick(['ACTIVE', 'STOLEN']) }),
    () => ({
      ...exampleTruck,
      vehicleId: v,
      companyId: random.pick(['C1', 'C2']),
      plates: random.pick([[plateA], [plateB], [plateA, plateB]]),
      carriesTag: random.chance(0.5),
    }),
    () => ({ ...exampleDriver, driverId: `D${key}`, cardNo: random.pick(['K1', 'K2']) }),
    () => ({ ...exampleCompany, companyId: `C${key}`, registration: random.pick(['VALID', 'REVOKED']) }),
    () => ({
      ...exampleTrip,
      ...{ tripId: `T${key}`, vehicleId: v, containers: [box], manifestNo: `M${key}` },
      declarationNos: random.pick([['IQ1'], ['CUS1', 'IQ1'], []]),
      routeAreas: random.pick([['HK'], ['XX'], []]),
      ...(random.chance(0.2) ? { crossedAt: exampleNowMs - 1_000 } : {}),
    }),
    () =>
      exampleDeclaration({
        declarationNo: random.pick(['IQ1', 'CUS1']),
        originArea: random.pick(['HK', 'XX', null]),
        ruling: random.pick(['NO_INSPECTION', 'INSPECT']),
      }),
    () => ({ ...exampleManifest, manifestNo: `M${key}` }),
    () => ({ ...exampleContainer, number: box, lock: random.pick(['OPEN', 'LOCKED']) }),
    () => ({
      ...exampleTerminalOrder,
      ...{ orderNo: `TO${key}`, container: box, state: random.pick(['OPEN', 'DONE']) },
    }),
    () => exampleArea({ areaId: `A${key}`, areaCode: random.pick(['HK', 'XX', '*']) }),
    () => ({ ...exampleSeal, sealId: random.pick(['S1', 'S2']), state: random.pick(['APPLIED', 'VOID']) }),
    () => ({
      ...exampleFitness,
      ...{ certificateNo: `F${key}`, container: box, used: random.chance(0.5) },
    }),
    () =>
      exampleRelease({
        releaseId: `R${key}`,
        subject: random.pick([
          { kind: 'CONTAINER', key: box },
          { kind: 'DECLARATION', key: 'IQ1' },
          { kind: 'TRIP', key: 'T1' },
        ]),
      }),
    () => ({ kind: 'draw', tripId: `T${key}`, drawId: `DR${key}`, selected: random.chance(0.5) }),
    () => exampleOrder({ orderId: `O${key}`, subject: anySubject(random) }),
    () => exampleBlacklisted({ entryId: `B${key}`, subject: anySubject(random) }),
  ]
  return random.pick(makers)()
}

function anySubject(random: SeededRandom) {
  return random.pick([
    { kind: 'TAG', key: random.pick(['E1', 'E2']) },
    { kind: 'PLATE', key: random.pick([plateA.text, plateB.text]) },
    { kind: 'VEHICLE', key: random.pick(['V1', 'V2']) },
    { kind: 'COMPANY', key: random.pick(['C1', 'C2']) },
    { kind: 'DRIVER', key: random.pick(['D1', 'D2']) },
    { kind: 'CONTAINER', key: random.pick([exampleBox, otherBox]) },
    { kind: 'DECLARATION', key: random.pick(['IQ1', 'CUS1']) },
  ] as const)
}

/** A truck as the lane observes it; what the lists say of it comes from the lists. */
function anyTruck(random: SeededRandom): DecisionInputs {
  const plates = [examplePlate(plateA.text), examplePlate(plateB.text)]
  return exampleLaden({
    tags: random.pick([[exampleHeard()], [exampleHeard()], []]),
    plates: random.pick([[], plates.slice(0, 1), plates]),
  })
}

t.test('what the record tells is what the lane would have looked up in the changed lists', async (t) => {
  const seeds = 2_000
  let told = 0
  let changed = 0
  for (let seed = 1; seed <= seeds; seed += 1) {
    const random = new SeededRandom(seed)
    const lists = new WholeLists()
    for (let n = random.int(10, 50); n > 0; n -= 1) lists.put(anyEntry(random))
    const recorded = await frozen(anyTruck(random), lists)
    const change = new ListsChange()
    for (let n = random.int(1, 3); n > 0; n -= 1) {
      const entry = anyEntry(random)
      if (random.chance(0.3)) {
        change.delete(listOf(entry), listKeyOf(entry))
        lists.entries.delete(`${listOf(entry)} ${listKeyOf(entry)}`)
      } else {
        change.put(entry)
        lists.put(entry)
      }
    }
    const under = await underLists(recorded, change)
    if (under.cannotTell.length > 0) continue
    told += 1
    const police = recorded.facts.cargo?.police ?? 'unknown'
    const truth = await frozen(recorded, lists)
    const expected = {
      ...truth,
      facts: { ...truth.facts, cargo: { ...noCargoFacts, ...truth.facts.cargo, police } },
    }
    if (canonicalJson(truth.facts) !== canonicalJson(recorded.facts)) changed += 1
    // Vehicles that nothing names any more may stand in the record; no rule looks at them.
    const same = (['cargo', 'orders', 'blacklist', 'tags', 'plates'] as const).every(
      (name) =>
        canonicalJson(under.inputs.facts[name] ?? null) === canonicalJson(expected.facts[name] ?? null),
    )
    if (!same || canonicalJson(decide(under.inputs)) !== canonicalJson(decide(expected))) {
      t.same(under.inputs.facts, expected.facts, `seed ${seed}`)
      break
    }
  }
  t.ok(told > seeds / 2, `${told} of ${seeds} records tell`)
  t.ok(changed > seeds / 10, `${changed} of them have other facts under the change`)
})

t.test('a planned order stops who it names, though it begins later than the record', async (t) => {
  const change = new ListsChange()
  change.put(exampleOrder({ subject: { kind: 'COMPANY', key: 'C1' }, validFrom: exampleNowMs + 86_400_000 }))
  const { inputs, cannotTell } = await underLists(exampleInputs(), change)
  t.same(cannotTell, [])
  t.match(decide(inputs), { outcome: 'hold', primary: 'CTL-02' })
})

t.test('what was never looked up is named, and not guessed', async (t) => {
  const named = async (inputs: DecisionInputs, ...entries: readonly ListEntry[]) => {
    const change = new ListsChange()
    for (const entry of entries) change.put(entry)
    return (await underLists(inputs, change)).cannotTell
  }
  t.same(await named(exampleInputs(), exampleTag({ vehicleId: 'V9' })), [
    'vehicle V9 was never looked up',
    'orders and blacklist on VEHICLE V9 were never looked up',
  ])
  const byPlate = exampleInputs({ tags: [], facts: { tags: {} } })
  t.match(await named(byPlate, exampleOrder({ subject: { kind: 'TAG', key: 'E7' } })), [
    /whether tag E7 is of vehicle V1, whose tag was not heard/,
  ])
  t.match(await named(exampleLaden(), { ...exampleTrip, manifestNo: 'M9' }), [/manifests of M9 were never/])
  const deleted = new ListsChange()
  deleted.delete('trips', 'T1')
  t.match((await underLists(exampleLaden(), deleted)).cannotTell, [
    /which of trips beside T1 would be chosen/,
  ])
})

t.test(
  'a file of planned entries is taken line by line or as a whole, or every problem has its place',
  (t) => {
    const dir = t.testdir()
    const write = (name: string, text: string) => {
      const file = path.join(dir, name)
      writeFileSync(file, text)
      return readListsChange(file)
    }
    const order = exampleOrder()
    const lines = write('a.ndjson', `${JSON.stringify(order)}\n{"delete":"blacklist","key":"B1"}\n`)
    t.ok(lines.ok)
    if (lines.ok) {
      t.same(lines.value.of('orders', 'O1'), order)
      t.equal(lines.value.of('blacklist', 'B1'), null)
      t.equal(lines.value.of('blacklist', 'B2'), undefined)
    }
    const whole = write(
      'a.json',
      JSON.stringify({ upserts: [order], deletes: [{ list: 'tags', key: 'E1' }] }),
    )
    t.ok(whole.ok && whole.value.of('tags', 'E1') === null)
    t.match(write('b.ndjson', 'x\n{"delete":"papers","key":"1"}\n{"kind":"order"}\n'), {
      ok: false,
      problems: [
        { path: 'line 1' },
        { path: 'line 2', message: /delete/ },
        { path: 'line 3', message: /orderId/ },
      ],
    })
    t.match(write('b.json', '{"upsert":[]}'), { ok: false })
    t.match(readListsChange(path.join(dir, 'none.json')), { ok: false })
    t.ok(listNames.length > 4)
    t.end()
  },
)
