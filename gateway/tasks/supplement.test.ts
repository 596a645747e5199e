import t, { type Test } from 'tap'
import sqlite3 from 'sqlite3'
import path from 'node:path'
import { ManualClock, systemClock } from '../../edge/base/clock.js'
import {
  exampleBox,
  exampleContainer,
  exampleDeclaration,
  exampleTrip,
} from '../../edge/domain/decision/cargo-examples.js'
import type { DeclarationEntry, TripEntry } from '../../edge/messages/cargo-entities.js'
import { listOf, type ControlOrder, type ListEntry } from '../../edge/messages/entities.js'
import type { AlertState } from '../api/alert-schemas.js'
import type { PassageState } from '../api/schemas.js'
import type { Entered, OutageState, PaperEntry, Supplement } from '../api/supplement-schemas.js'
import { EventChain } from '../testing/chain.js'
import { everything, startIn, type GatewayUnderTest } from '../testing/gateway-under-test.js'

const minute = 60_000
const plate = '粤Z1234港'

const order = (subject: ControlOrder['subject']): ControlOrder => ({
  ...{ kind: 'order', orderId: 'O-1', agency: 'IQ', subject, action: 'INTERCEPT', nature: 'OPEN', level: 2 },
  ...{ reason: 'x', validFrom: 1, maxHits: 0, issuedBy: 'iq' },
})

async function open(t: Test, entries: readonly ListEntry[] = []) {
  const clock = new ManualClock(systemClock.now().wallMs)
  const dir = t.testdir()
  const people = [everything('operator'), { name: 'li.wei', roles: ['officer'] }]
  const gateway = await startIn(t, dir, { predecision: { enabled: false }, people }, clock)
  await gateway.signIn()
  for (const entry of entries) {
    const { status, body } = await gateway.post(`/api/lists/${listOf(entry)}/changes`, {
      upserts: [entry],
      deletes: [],
    })
    if (status !== 200) throw new Error(JSON.stringify(body))
  }
  return { gateway, clock, dir }
}

async function outage(gateway: GatewayUnderTest, clock: ManualClock): Promise<string> {
  const from = Math.round(clock.now().wallMs)
  clock.advance(10 * minute)
  const { status, body } = await gateway.post<OutageState>('/api/outages', {
    ...{ edgeId: 'edge-1', from, reason: 'power cut at the gate' },
  })
  if (status !== 200) throw new Error(JSON.stringify(body))
  return body.outageId
}

async function enter(gateway: GatewayUnderTest, outageId: string, lines: readonly unknown[]) {
  const response = await fetch(`${gateway.url}/api/outages/${outageId}/entries`, {
    method: 'POST',
    headers: { cookie: gateway.cookie, origin: gateway.url, 'content-type': 'application/x-ndjson' },
    body: lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'),
  })
  return { status: response.status, body: (await response.json()) as Entered & { error?: string } }
}

const paper = (clock: ManualClock, more: Partial<PaperEntry> = {}) => ({
  ...{
    paperNo: 'P-0001',
    lane: 'lane-1',
    direction: 'in',
    openedAt: Math.round(clock.now().wallMs) - minute,
  },
  ...{ plates: ['粤Z·1234港'], decided: 'released', officer: 'zhao' },
  ...more,
})

const passagesOf = async (gateway: GatewayUnderTest, query = '') =>
  (await gateway.get<{ passages: PassageState[] }>(`/api/passages${query}`)).body.passages
const supplementsOf = async (gateway: GatewayUnderTest, passageId: string) =>
  (await gateway.get<{ supplements: Supplement[] }>(`/api/passages/${passageId}/supplements`)).body
    .supplements
const alertsOf = async (gateway: GatewayUnderTest) =>
  (await gateway.get<{ alerts: AlertState[] }>('/api/alerts')).body.alerts
const entriesOf = async <T extends ListEntry>(gateway: GatewayUnderTest, list: string) =>
  (await gateway.get<{ entries: T[] }>(`/api/lists/${list}`)).body.entries

const ended = { how: 'cleared', outcome: 'release', readsHeard: 3, readsShed: 0, durationMs: 1 } as const

t.test(
  'a passage is corrected when it is over: both stand, with who and why, and nothing is overwritten',
  async (t) => {
    const { gateway, dir } = await open(t)
    const edge = await gateway.edge()
    const chain = new EventChain('edge-1')
    const at = { lane: 'lane-1', passageId: 'p1' }
    await edge.sendEvents(chain.escalated('p1', { vehicleId: 'V-1' }))
    const correct = (seen: number, is: object, reason = 'camera was dirty, seen by eye') =>
      gateway.post<Supplement & { error?: string }>('/api/passages/p1/corrections', { seen, is, reason })
    t.match(
      await correct(0, { plates: [plate] }),
      { status: 409, body: { error: 'wrongState' } },
      'not while it lasts',
    )
    await edge.sendEvents([chain.next('passageEnded', ended, at)])
    t.match(await correct(0, {}), { status: 400 }, 'a correction says something')
    t.match(await correct(0, { vehicleId: 'V-1' }), { status: 400 }, 'and something else than before')
    t.match(await correct(0, { plates: [plate] }, ' '), { status: 400 }, 'with a reason')
    t.match(await correct(0, { plates: ['粤Z·1234港'], vehicleId: 'V-2' }), {
      status: 200,
      body: {
        ...{ kind: 'correction', no: 1, by: 'operator', was: { plates: [], vehicleId: 'V-1' } },
        ...{ is: { plates: [plate], vehicleId: 'V-2' } },
      },
    })
    t.match(
      await correct(0, { direction: 'out' }),
      { status: 409, body: { error: 'conflict' } },
      'on what one saw',
    )
    t.match(await correct(1, { vehicleId: null }), {
      status: 200,
      body: { no: 2, was: { vehicleId: 'V-2' } },
    })
    const [passage] = await passagesOf(gateway)
    t.match(passage, { passageId: 'p1', vehicleId: 'V-1', plates: [], corrected: true }, 'the record stands')
    t.equal((await supplementsOf(gateway, 'p1')).length, 2)
    t.match((await gateway.get('/api/audit')).body, {
      entries: [
        { action: 'correction', target: 'p1' },
        { action: 'correction', operator: 'operator' },
      ],
    })
    await gateway.close()
    const error = await new Promise<Error | null>((resolve) => {
      const file = new sqlite3.Database(path.join(dir, 'data', 'gateway.db'), () => {
        file.run(`UPDATE supplements SET record = '{}'`, (failed) => {
          file.close(() => {
            resolve(failed)
          })
        })
      })
    })
    t.match(error?.message, /never changed/, 'the file itself refuses to change one')
  },
)

t.test('a correction that makes it a wanted vehicle is an alert, and the vehicle is sought', async (t) => {
  const { gateway } = await open(t, [order({ kind: 'VEHICLE', key: 'V-2' })])
  const edge = await gateway.edge()
  const chain = new EventChain('edge-1')
  await edge.sendEvents([
    ...chain.escalated('p1', { vehicleId: 'V-1' }),
    chain.next('passageEnded', ended, { lane: 'lane-1', passageId: 'p1' }),
  ])
  t.same(await alertsOf(gateway), [])
  const correction = { seen: 0, is: { vehicleId: 'V-2' }, reason: 'x' }
  t.match(await gateway.post('/api/passages/p1/corrections', correction), { status: 200 })
  t.match(await alertsOf(gateway), [{ kind: 'enteredLate', orderIds: ['O-1'], vehicleId: 'V-2' }])
  t.match(await entriesOf<ControlOrder>(gateway, 'orders'), [
    { issuedBy: 'lanekeeper', subject: { kind: 'VEHICLE', key: 'V-2' } },
    { orderId: 'O-1' },
  ])
})

const vehicle: ListEntry = {
  ...{ kind: 'vehicle', vehicleId: exampleTrip.vehicleId, vehicleKind: 'TRUCK', carriesTag: true },
  plates: [{ region: 'CN', text: plate }],
}

t.test('papers of an announced outage become passages once, and use up what stood for them', async (t) => {
  const papers = [exampleTrip, exampleDeclaration(), exampleContainer, vehicle]
  const { gateway, clock } = await open(t, papers)
  const outageId = await outage(gateway, clock)
  const line = paper(clock, { containers: exampleTrip.containers })
  const first = await enter(gateway, outageId, [line])
  t.match(first, { status: 200, body: { taken: 1, unchanged: 0, refused: [] } })
  const [passage] = await passagesOf(gateway, '?contingency=true')
  t.match(passage, {
    ...{ captured: 'backoffice', paperNo: 'P-0001', contingency: true, manual: true, how: 'cleared' },
    ...{ vehicleId: exampleTrip.vehicleId, plates: [plate], lane: 'lane-1', outcome: null },
  })
  t.match(await supplementsOf(gateway, passage?.passageId ?? ''), [
    { kind: 'entry', by: 'operator', officer: 'zhao', decided: 'released', paperNo: 'P-0001', outageId },
  ])
  const [trip] = await entriesOf<TripEntry>(gateway, 'trips')
  t.type(trip?.crossedAt, 'number', 'the trip has gone')
  const used = (await entriesOf<DeclarationEntry>(gateway, 'declarations')).filter(
    ({ state }) => state === 'CROSSED',
  )
  t.ok(used.length > 0, 'and so have its papers')

  const again = await enter(gateway, outageId, [line])
  t.match(
    again.body,
    { taken: 0, unchanged: 1, refused: [], differences: [] },
    'the same paper again is nothing',
  )
  const other = await enter(gateway, outageId, [{ ...line, decided: 'held' }])
  t.match(
    other.body,
    { taken: 0, refused: [{ line: 1, path: 'paperNo' }] },
    'other content under its number is refused',
  )
  t.equal((await passagesOf(gateway)).length, 1)

  const second = await enter(gateway, outageId, [{ ...line, paperNo: 'P-0002', tripId: exampleTrip.tripId }])
  t.match(second.body, { taken: 1, differences: [{ paperNo: 'P-0002', kind: 'tripCrossed' }, {}] })
  t.match((await gateway.get<{ outages: OutageState[] }>('/api/outages')).body.outages, [
    { outageId, entered: 2 },
  ])
})

t.test(
  'lines that are no papers, or not of this outage, are named, and the good ones are taken',
  async (t) => {
    const { gateway, clock } = await open(t)
    const outageId = await outage(gateway, clock)
    const at = Math.round(clock.now().wallMs)
    const { status, body } = await enter(gateway, outageId, [
      paper(clock),
      'not json',
      paper(clock, { paperNo: 'P-3', openedAt: at - 11 * minute }),
      paper(clock, { paperNo: 'P-4', plates: [] }),
      { ...paper(clock, { paperNo: 'P-5' }), decided: 'waved' },
      paper(clock),
      paper(clock, { paperNo: 'P-7', endedAt: at + minute }),
    ])
    t.equal(status, 200)
    t.equal(body.taken, 1)
    t.match(
      body.refused.map(({ line, path }) => [line, path]),
      [
        [2, ''],
        [3, 'openedAt'],
        [4, 'plates'],
        [5, 'decided'],
        [6, 'paperNo'],
        [7, 'endedAt'],
      ],
    )
    t.match(body.differences, [{ paperNo: 'P-0001', kind: 'vehicleUnknown' }])
    t.match(await enter(gateway, 'out-none', [paper(clock)]), { status: 404 })
    const many = Array.from({ length: 501 }, (_, n) => paper(clock, { paperNo: `M-${n}` }))
    t.match(await enter(gateway, outageId, many), { status: 413 })
    const ahead = { edgeId: 'edge-1', from: at + minute, reason: 'x' }
    t.match(await gateway.post('/api/outages', ahead), { status: 400, body: { error: 'invalid' } })
    t.match(await gateway.post(`/api/outages/${outageId}/end`, {}), {
      status: 200,
      body: { endedBy: 'operator' },
    })
    t.match(await gateway.post(`/api/outages/${outageId}/end`, {}), { status: 409 })
    clock.advance(minute)
    const late = paper(clock, { paperNo: 'P-9', openedAt: at + 1 })
    t.match((await enter(gateway, outageId, [late])).body.refused, [{ path: 'openedAt' }], 'after its end')
    await gateway.signIn('li.wei')
    t.match(await gateway.post('/api/outages', { ...ahead, from: at }), {
      body: { error: 'needsSupervisor' },
    })
    t.match((await enter(gateway, outageId, [paper(clock, { paperNo: 'P-10', openedAt: at - 1 })])).body, {
      taken: 1,
    })
  },
)

t.test('a truck that was let go on paper under an order is an alert; one that was held is not', async (t) => {
  const { gateway, clock } = await open(t, [
    exampleTrip,
    vehicle,
    order({ kind: 'CONTAINER', key: exampleBox }),
  ])
  const outageId = await outage(gateway, clock)
  await enter(gateway, outageId, [paper(clock, { decided: 'held' })])
  t.same(await alertsOf(gateway), [])
  const [trip] = await entriesOf<TripEntry>(gateway, 'trips')
  t.equal(trip?.crossedAt, undefined, 'and what was held uses nothing up')
  await enter(gateway, outageId, [paper(clock, { paperNo: 'P-2' })])
  t.match(await alertsOf(gateway), [
    { kind: 'enteredLate', orderIds: ['O-1'], vehicleId: exampleTrip.vehicleId },
  ])
})
