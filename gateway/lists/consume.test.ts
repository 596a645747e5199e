import t, { type Test } from 'tap'
import {
  exampleBox,
  exampleDeclaration,
  exampleDraw,
  exampleFitness,
  exampleLaden,
  exampleRelease,
  exampleSeal,
  exampleTrip,
} from '../../edge/domain/decision/cargo-examples.js'
import { cargoProfiles } from '../../edge/domain/decision/cargo-profiles.js'
import { decide } from '../../edge/domain/decision/decide.js'
import type { SentEvent } from '../../edge/messages/envelope.js'
import type { EventBody } from '../../edge/messages/events.js'
import { listOf, type ListEntry, type ListName } from '../../edge/messages/entities.js'
import type { DeclarationEntry, ReleaseEntry, TripEntry } from '../../edge/messages/cargo-entities.js'
import { EventChain } from '../testing/chain.js'
import { startIn, type GatewayUnderTest } from '../testing/gateway-under-test.js'

const used: EventBody<'consumed'> = {
  tripId: 'T1',
  declarationNos: ['CUS1', 'IQ1'],
  releaseIds: ['R1', 'R2'],
  certificateNos: ['F1'],
  sealIds: ['S1'],
  containers: [exampleBox],
  receiptId: null,
}

const papers: readonly ListEntry[] = [
  exampleTrip,
  exampleDeclaration(),
  exampleDeclaration({ declarationNo: 'CUS1', agency: 'CUSTOMS' }),
  exampleRelease(),
  exampleRelease({ releaseId: 'R2', usesLeft: 3 }),
  exampleFitness,
  exampleSeal,
]

async function open(t: Test, entries = papers): Promise<GatewayUnderTest> {
  const gateway = await startIn(t, t.testdir(), { predecision: { enabled: false } })
  await gateway.signIn()
  for (const entry of entries) {
    const { status } = await gateway.post(`/api/lists/${listOf(entry)}/changes`, {
      upserts: [entry],
      deletes: [],
    })
    if (status !== 200) throw new Error(`${listOf(entry)}: ${status}`)
  }
  return gateway
}

interface Page {
  readonly list: { readonly version: number }
  readonly entries: readonly ListEntry[]
}

const pageOf = async (gateway: GatewayUnderTest, list: ListName) =>
  (await gateway.get<Page>(`/api/lists/${list}`)).body

/** A passage that was released and cleared. */
function crossing(
  chain: EventChain,
  passageId: string,
  body: EventBody<'consumed'> = used,
  type: 'consumed' | 'perhapsConsumed' = 'consumed',
): SentEvent[] {
  const at = { lane: 'lane-1', passageId, occurredAt: 1_767_225_600_000 }
  return [
    chain.next('passageOpened', { passageNo: 1, direction: 'in', cause: 'loop' }, at),
    chain.next(type, body, at),
  ]
}

t.test('what a crossing used up is used up in the lists, and the edges hear of it', async (t) => {
  const gateway = await open(t)
  const edge = await gateway.edge()
  await edge.sendEvents(crossing(new EventChain('edge-1'), 'p1'))
  t.match((await pageOf(gateway, 'trips')).entries, [{ tripId: 'T1', crossedAt: 1_767_225_600_000 }])
  t.match((await pageOf(gateway, 'declarations')).entries, [
    { declarationNo: 'CUS1', state: 'CROSSED' },
    { declarationNo: 'IQ1', state: 'CROSSED' },
  ])
  t.match((await pageOf(gateway, 'releases')).entries, [
    { releaseId: 'R1', usesLeft: 0, state: 'CONSUMED' },
    { releaseId: 'R2', usesLeft: 2, state: 'ACTIVE' },
  ])
  t.match((await pageOf(gateway, 'fitness')).entries, [{ used: true }])
  t.match((await pageOf(gateway, 'seals')).entries, [{ state: 'VERIFIED' }])
  t.match((await gateway.get('/api/audit')).body, {
    entries: [{ action: 'consumed', target: 'p1', detail: { edgeId: 'edge-1', used: { tripId: 'T1' } } }],
  })
})

t.test('a second passage with the same release is refused by the list', async (t) => {
  const gateway = await open(t)
  const edge = await gateway.edge()
  const factsNow = async () => {
    const trip = (await pageOf(gateway, 'trips')).entries[0] as TripEntry
    const declarations = (await pageOf(gateway, 'declarations')).entries as readonly DeclarationEntry[]
    const releases = (await pageOf(gateway, 'releases')).entries as readonly ReleaseEntry[]
    return {
      trip,
      declarations: Object.fromEntries(declarations.map((one) => [one.declarationNo, one])),
      releases,
    }
  }
  const inputs = async (change: object = {}) =>
    exampleLaden({ known: { ...(await factsNow()), customs: null, ...change } }, cargoProfiles.roadInLaden)
  t.equal(decide(await inputs()).outcome, 'release', 'the first may go')
  await edge.sendEvents(crossing(new EventChain('edge-1'), 'p1', { ...used, releaseIds: ['R1', 'R2'] }))
  const again = decide(await inputs())
  t.equal(again.outcome, 'hold')
  t.ok(again.reasons.some(({ code }) => code === 'DOC-04'))
  // Another trip, with papers of its own, on the release that is used up.
  const fresh = {
    trip: { ...exampleTrip, tripId: 'T2' },
    draw: { ...exampleDraw, tripId: 'T2' },
    declarations: exampleLaden().facts.cargo?.declarations,
  }
  const other = decide(await inputs(fresh))
  t.same(
    other.reasons.map(({ code }) => code),
    ['OK-02'],
    'R2 has uses left',
  )
  const onlyUsedUp = (await factsNow()).releases.filter(({ releaseId }) => releaseId === 'R1')
  const refused = decide(await inputs({ ...fresh, releases: onlyUsedUp }))
  t.equal(refused.outcome, 'hold')
  t.ok(refused.reasons.some(({ code }) => code === 'CUS-01'))
})

t.test('an event that comes again, and a crossing that is told twice, use up nothing more', async (t) => {
  const gateway = await open(t)
  const edge = await gateway.edge()
  const chain = new EventChain('edge-1')
  const events = crossing(chain, 'p1')
  await edge.sendEvents(events)
  const after = await pageOf(gateway, 'releases')
  await edge.sendEvents(events)
  const at = { lane: 'lane-1', passageId: 'p1' }
  await edge.sendEvents([chain.next('consumed', used, at), chain.next('perhapsConsumed', used, at)])
  t.same(await pageOf(gateway, 'releases'), after)
  await gateway.until(async () => (await gateway.get('/api/stored')).body.epochs !== undefined)
  const { body } = await gateway.get<{ entries: { action: string }[] }>('/api/audit')
  t.equal(body.entries.filter(({ action }) => action === 'consumed').length, 1)
})

t.test(
  'two crossings in one batch each use up one, and another edge cannot speak for this one',
  async (t) => {
    const gateway = await open(t)
    const edge = await gateway.edge()
    const chain = new EventChain('edge-1')
    const second = { ...used, tripId: 'T2', declarationNos: [], certificateNos: [], sealIds: [] }
    await edge.sendEvents([...crossing(chain, 'p1'), ...crossing(chain, 'p2', second)])
    t.match((await pageOf(gateway, 'releases')).entries, [{ usesLeft: 0 }, { usesLeft: 1 }])
    const foreign = await gateway.edge('edge-2')
    const claim = { lane: 'lane-1', passageId: 'p1' }
    await foreign.sendEvents([new EventChain('edge-2').next('consumed', used, claim)])
    t.match((await pageOf(gateway, 'releases')).entries, [{ usesLeft: 0 }, { usesLeft: 1 }])
  },
)

t.test('what may have crossed counts as used, and a person gives it back', async (t) => {
  const gateway = await open(t)
  const edge = await gateway.edge()
  await edge.sendEvents(crossing(new EventChain('edge-1'), 'p1', used, 'perhapsConsumed'))
  t.match((await pageOf(gateway, 'trips')).entries, [{ crossedAt: 1_767_225_600_000 }])
  t.match((await gateway.get('/api/audit')).body, { entries: [{ action: 'perhapsConsumed', target: 'p1' }] })
  const { status } = await gateway.post('/api/lists/trips/changes', { upserts: [exampleTrip], deletes: [] })
  t.equal(status, 200)
  t.notOk((await pageOf(gateway, 'trips')).entries.some((entry) => 'crossedAt' in entry))
})

t.test('a document for several trucks: each that comes counts for those that follow', async (t) => {
  const trucks = { total: 3, arrived: 0 }
  const onDocument = (tripId: string): ListEntry => ({
    ...exampleTrip,
    tripId,
    vehicleId: `V-${tripId}`,
    declarationNos: ['CUS1'],
    documentTrucks: trucks,
  })
  const other: ListEntry = { ...exampleTrip, tripId: 'T9', declarationNos: ['CUS9'], documentTrucks: trucks }
  const gateway = await open(t, [onDocument('T1'), onDocument('T2'), onDocument('T3'), other])
  const edge = await gateway.edge()
  const chain = new EventChain('edge-1')
  const crossedAs = (tripId: string) => ({ ...used, tripId, declarationNos: [], releaseIds: [] })
  await edge.sendEvents([
    ...crossing(chain, 'p1', crossedAs('T1')),
    ...crossing(chain, 'p2', crossedAs('T2')),
  ])
  const arrived = (await pageOf(gateway, 'trips')).entries.map((entry) =>
    entry.kind === 'trip' ? [entry.tripId, entry.documentTrucks?.arrived, entry.crossedAt !== undefined] : [],
  )
  t.same(arrived, [
    ['T1', 0, true],
    ['T2', 1, true],
    ['T3', 2, false],
    ['T9', 0, false],
  ])
})
