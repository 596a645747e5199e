import t, { type Test } from 'tap'
import {
  exampleAccount,
  exampleArea,
  exampleBox,
  exampleCompany,
  exampleContainer,
  exampleDeclaration,
  exampleDraw,
  exampleDriver,
  exampleFitness,
  exampleLaden,
  exampleManifest,
  exampleRelease,
  exampleSeal,
  exampleTerminalOrder,
  exampleTrip,
} from '../domain/decision/cargo-examples.js'
import { noCargoFacts, type CargoFacts } from '../domain/decision/cargo.js'
import { exampleNowMs } from '../domain/decision/examples.js'
import type { CargoAsk } from '../domain/lane/cargo-inputs.js'
import { ConsumedBoard } from '../domain/lists/consumed.js'
import { MemoryControl } from '../domain/lists/memory-control.js'
import type { ListStore } from '../interfaces/list-store.js'
import { listOf, type CargoListName, type ListEntry, type ListName } from '../messages/entities.js'
import { headOf, streamed } from '../store/testing/list.contract.js'
import { openTestStore } from '../store/testing/opener.js'
import { factsMaxCharacters, lookUpCargo, type CargoLookupGiven } from './cargo-lookup.js'
import { keepConsumed, sweepConsumed } from './keep-consumed.js'
import { silentLogger } from '../base/log.js'

const releases = [
  exampleRelease(),
  exampleRelease({ releaseId: 'R2', agency: 'IQ', subject: { kind: 'DECLARATION', key: 'IQ1' } }),
  exampleRelease({ releaseId: 'R3', agency: 'PORT', subject: { kind: 'CONTAINER', key: exampleBox } }),
]
const everything: readonly ListEntry[] = [
  exampleAccount,
  exampleCompany,
  exampleContainer,
  exampleDeclaration(),
  exampleDeclaration({ declarationNo: 'CUS1', agency: 'CUSTOMS' }),
  exampleDraw,
  exampleDriver,
  exampleFitness,
  exampleManifest,
  ...releases,
  exampleSeal,
  exampleTerminalOrder,
  exampleTrip,
  exampleArea({ areaId: 'A1', areaCode: 'XX' }),
  exampleArea({ areaId: 'A2', areaCode: 'HK' }),
  exampleArea({ areaId: 'A3', areaCode: '*' }),
]
const cargoLists: readonly CargoListName[] = [
  ...([
    'drivers',
    'companies',
    'trips',
    'declarations',
    'manifests',
    'containers',
    'terminalOrders',
  ] as const),
  ...(['areas', 'seals', 'fitness', 'releases', 'accounts', 'draws'] as const),
]

const ask: CargoAsk = {
  direction: 'in',
  vehicleId: 'V1',
  companyIds: ['C1'],
  driverCards: ['K1'],
  containers: [exampleBox],
  read: [exampleBox],
  sealIds: ['S1'],
  needsArea: true,
}

function given(change: Partial<CargoLookupGiven> = {}): CargoLookupGiven {
  return { nowMs: exampleNowMs, tripNow: (trip) => trip, onFailed: () => undefined, ...change }
}

async function filled(t: Test, entries: readonly ListEntry[] = everything, left: readonly ListName[] = []) {
  const store = await openTestStore(t.testdir(), new MemoryControl())
  t.teardown(() => store.close())
  let version = 0
  const put = async (
    all: readonly ListEntry[],
    only: readonly CargoListName[] = cargoLists,
  ): Promise<void> => {
    version += 1
    for (const list of only.filter((name) => !left.includes(name))) {
      const own = all.filter((entry) => listOf(entry) === list)
      const done = await store.lists.applyFull(headOf(list, version, own), streamed(own))
      if (!done.ok) throw new Error(`${list}: ${done.problems[0]?.message ?? ''}`)
    }
  }
  await put(entries)
  return { store, lists: store.lists, put }
}

t.test('one question finds everything that the lists hold of driver and load', async (t) => {
  const { lists } = await filled(t)
  const found = await lookUpCargo(lists, ask, given())
  const expected: CargoFacts = {
    ...(exampleLaden().facts.cargo ?? noCargoFacts),
    police: 'unknown',
    customs: null,
    releases,
    areas: [exampleArea({ areaId: 'A2', areaCode: 'HK' }), exampleArea({ areaId: 'A3', areaCode: '*' })],
  }
  t.strictSame(found, expected)
})

t.test('what nobody has is not there, and what a list cannot tell is unknown', async (t) => {
  const { lists } = await filled(t, [exampleTrip], ['declarations', 'drivers'])
  const found = await lookUpCargo(lists, ask, given())
  t.same(found.trip, exampleTrip)
  t.same(found.declarations, { CUS1: 'unknown', IQ1: 'unknown' })
  t.same(found.drivers, { K1: 'unknown' })
  t.equal(found.areas, 'unknown', 'the goods may come from anywhere')
  t.same(found.containers, { [exampleBox]: null })
  t.same(found.seals, { S1: null })
  t.equal(found.manifest, null)
  t.equal(found.draw, null)
  t.equal(found.account, null)
  t.same(found.releases, [])
})

t.test(
  'without a trip its papers are not there; of everywhere an area still speaks, where none is needed',
  async (t) => {
    const { lists } = await filled(
      t,
      everything.filter(({ kind }) => kind !== 'trip'),
    )
    const found = await lookUpCargo(lists, ask, given())
    t.equal(found.trip, null)
    t.same([found.manifest, found.draw, found.declarations], [null, null, {}])
    t.equal(found.areas, 'unknown')
    const needless = await lookUpCargo(lists, { ...ask, needsArea: false }, given())
    t.match(needless.areas, [{ areaId: 'A2' }, { areaId: 'A3' }], 'that of the container read, and of all')
    const unread = await lookUpCargo(lists, { ...ask, vehicleId: null }, given())
    t.equal(unread.trip, 'unknown', 'nobody knows whose trip to look for')
    t.equal(unread.releases, 'unknown')
  },
)

t.test('an area of a country concerns a container that was last in one of its ports', async (t) => {
  const box = { ...exampleContainer, originArea: 'CN', lastPorts: ['SGSIN'] }
  const { lists } = await filled(t, [exampleTrip, box, exampleArea({ areaCode: 'SG' })])
  t.match((await lookUpCargo(lists, ask, given())).areas, [{ areaCode: 'SG' }])
})

t.test('a lookup that fails leaves its own answer unknown, and nothing else', async (t) => {
  const { lists } = await filled(t)
  for (const bad of cargoLists) {
    const failed: string[] = []
    const broken: Pick<ListStore, 'find'> = {
      find: (list, by, values) =>
        list === bad ? Promise.reject(new Error('disk')) : lists.find(list, by, values),
    }
    const found = await lookUpCargo(broken, ask, given({ onFailed: (list) => failed.push(list) }))
    t.ok(failed.length > 0 && failed.every((list) => list === bad), bad)
    t.match(JSON.stringify(found), /"unknown"/)
    t.same(found.trip, bad === 'trips' ? 'unknown' : exampleTrip)
  }
})

t.test('two trips that fit equally well are none; the containers read tell them apart', async (t) => {
  const other = { ...exampleTrip, tripId: 'T2', containers: ['MSCU1234566'] }
  const { lists } = await filled(t, [...everything, other])
  t.match((await lookUpCargo(lists, ask, given())).trip, { tripId: 'T1' })
  t.match((await lookUpCargo(lists, { ...ask, read: ['MSCU1234566'] }, given())).trip, { tripId: 'T2' })
  t.equal((await lookUpCargo(lists, { ...ask, read: null }, given())).trip, 'unknown')
  const board = new ConsumedBoard()
  board.consume({ ...noConsumption, tripId: 'T1' }, 7)
  const left = await lookUpCargo(
    lists,
    { ...ask, read: null },
    given({ tripNow: (trip) => board.tripNow('p2', trip) }),
  )
  t.match(left.trip, { tripId: 'T2' }, 'the one that was used is not meant')
})

const noConsumption = {
  tripId: null,
  declarationNos: [],
  releaseIds: [],
  certificateNos: [],
  sealIds: [],
  containers: [],
  receiptId: null,
}

t.test('more than a record could hold is not known, rather than not recorded', async (t) => {
  const ids = Array.from({ length: 2_000 }, (_, i) => `${i}`.padStart(64, '0'))
  const { lists } = await filled(t, [{ ...exampleTrip, earTags: { declared: 2_000, ids } }])
  t.ok(JSON.stringify(ids).length > factsMaxCharacters)
  t.strictSame(await lookUpCargo(lists, ask, given()), noCargoFacts)
})

t.test('what was used up is read back after a restart, and forgotten when its list shows it', async (t) => {
  const { store, lists, put } = await filled(t)
  const body = { ...noConsumption, tripId: 'T1', declarationNos: ['IQ1'], releaseIds: ['R1'] }
  await store.journal.append(
    (['passageOpened', 'consumed', 'passageEnded'] as const).map((type) => ({
      type,
      lane: 'lane-1',
      passageId: 'p1',
      occurredAt: exampleNowMs,
      monoMs: 5,
      clockQuality: 'synchronised',
      captured: 'auto',
      contingency: false,
      body: type === 'consumed' ? body : { passageNo: 1 },
    })),
  )
  const board = new ConsumedBoard()
  const stop = await keepConsumed(board, { ...store, laneIds: ['lane-1', 'lane-2'], log: silentLogger })
  t.teardown(stop)
  const facts = await lookUpCargo(lists, ask, given())
  t.match(board.overlay('p2', facts).trip, { crossedAt: exampleNowMs })
  await sweepConsumed(board, lists)
  t.equal(board.size, 3, 'the lists do not show it yet')
  const shown = everything.map((entry): ListEntry => {
    if (entry.kind === 'trip') return { ...entry, crossedAt: exampleNowMs }
    if (entry.kind === 'declaration') return { ...entry, state: 'CROSSED' }
    return entry
  })
  await put(shown, ['trips', 'declarations'])
  await sweepConsumed(board, lists)
  t.same(board.remembered('trip', 9), [])
  t.same(board.remembered('declaration', 9), [])
  t.same(board.remembered('release', 9), ['R1'])
  await put(
    everything.filter(({ kind }) => kind !== 'release'),
    ['releases'],
  )
  await sweepConsumed(board, lists)
  t.equal(board.size, 0, 'a release that is on no list any more releases nobody')
})
