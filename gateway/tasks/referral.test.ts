import t, { type Test } from 'tap'
import { ManualClock, systemClock } from '../../edge/base/clock.js'
import type { ControlOrder } from '../../edge/messages/entities.js'
import type { AlertState } from '../api/alert-schemas.js'
import type { InspectionState } from '../api/task-schemas.js'
import { ordersOfMissed, referralAt } from '../domain/referral.js'
import { EventChain } from '../testing/chain.js'
import { startIn, type GatewayUnderTest } from '../testing/gateway-under-test.js'

const minute = 60_000
const asked = { reasons: ['INS-01'], containers: [], tripId: null, obligations: ['INSPECT'] }

/** A truck that is held, sent to inspection, and leaves the lane. */
function heldTruck(chain: EventChain, passageId: string, endedAt: number | null, vehicleId = 'V-1') {
  const at = { lane: 'lane-1', passageId }
  const stands = [...chain.escalated(passageId, { vehicleId }), chain.next('inspectionAsked', asked, at)]
  if (endedAt === null) return stands
  return [
    ...stands,
    chain.next(
      'passageEnded',
      { how: 'backedOut', outcome: 'hold', readsHeard: 3, readsShed: 0, durationMs: 20_000 },
      { ...at, occurredAt: endedAt },
    ),
  ]
}

const alertsOf = async (gateway: GatewayUnderTest) =>
  (await gateway.get<{ alerts: AlertState[] }>('/api/alerts')).body.alerts
const ordersOf = async (gateway: GatewayUnderTest) =>
  (await gateway.get<{ entries: ControlOrder[] }>('/api/lists/orders')).body.entries
const taskOf = async (gateway: GatewayUnderTest, taskId = 'p1.i1') =>
  (await gateway.get<InspectionState>(`/api/inspections/${taskId}`)).body

async function open(t: Test, dir = t.testdir(), clock = new ManualClock(systemClock.now().wallMs)) {
  const gateway = await startIn(t, dir, { predecision: { enabled: false } }, clock)
  await gateway.signIn()
  return { gateway, clock, dir }
}

/** Lets the gateway look once more, and waits until it holds. */
async function looked(gateway: GatewayUnderTest, clock: ManualClock, holds: () => Promise<boolean>) {
  await gateway.until(async () => {
    clock.advance(5_000)
    return holds()
  })
}

t.test(
  'a truck that is sent to inspection and does not come is sought at every exit, once, over a restart',
  async (t) => {
    const { gateway, clock, dir } = await open(t)
    const edge = await gateway.edge()
    const startMs = clock.now().wallMs
    await edge.sendEvents(heldTruck(new EventChain('edge-1', 'e1', startMs), 'p1', startMs))
    clock.advance(14 * minute)
    t.same(await alertsOf(gateway), [], 'it still has a minute')
    await gateway.close()

    const later = new ManualClock(startMs + 16 * minute)
    const { gateway: again } = await open(t, dir, later)
    await looked(again, later, async () => (await alertsOf(again)).length > 0)
    const [alert] = await alertsOf(again)
    t.match(alert, {
      kind: 'referralMissed',
      taskId: 'p1.i1',
      lane: 'lane-1',
      vehicleId: 'V-1',
      settled: null,
    })
    const orders = await ordersOf(again)
    t.equal(orders.length, 1)
    t.match(orders[0], {
      action: 'INTERCEPT',
      nature: 'OPEN',
      subject: { kind: 'VEHICLE', key: 'V-1' },
      issuedBy: 'lanekeeper',
    })
    t.same(alert?.placedOrderIds, [orders[0]?.orderId])
    t.type((await taskOf(again)).missedAt, 'number')
    for (let n = 0; n < 4; n += 1) later.advance(10 * minute)
    await again.get('/api/stored')
    t.equal((await alertsOf(again)).length, 1, 'it is told once')
    t.equal((await ordersOf(again)).length, 1)

    // It comes after all: the task goes on, and the order stays until a person lifts it.
    const step = (version: number, what: object) => again.post('/api/inspections/p1.i1', { version, what })
    t.match(await step(2, { do: 'assign', inspector: 'operator', remark: '' }), { status: 200 })
    t.match(await step(3, { do: 'checkIn', bay: 'B1' }), { status: 200, body: { state: 'CHECKED_IN' } })
    t.equal((await ordersOf(again)).length, 1)
    const settle = (reason: string) => again.post(`/api/alerts/${alert?.alertId ?? ''}/settle`, { reason })
    t.match(await settle(' '), { status: 400 })
    t.match(await settle('came by another road'), {
      status: 200,
      body: { settled: { by: 'operator', reason: 'came by another road' } },
    })
    t.match(await settle('again'), { status: 409, body: { error: 'closed' } })
    t.equal((await ordersOf(again)).length, 1, 'settling lifts nothing')
  },
)

t.test('whoever checks in within his time, or stands in the lane still, is not sought', async (t) => {
  const { gateway, clock } = await open(t)
  const edge = await gateway.edge()
  const startMs = clock.now().wallMs
  const chain = new EventChain('edge-1', 'e1', startMs)
  await edge.sendEvents(heldTruck(chain, 'p1', startMs))
  await edge.sendEvents(heldTruck(chain, 'p2', null, 'V-2'))
  await gateway.post('/api/inspections/p1.i1', {
    version: 1,
    what: { do: 'assign', inspector: 'operator', remark: '' },
  })
  await gateway.post('/api/inspections/p1.i1', { version: 2, what: { do: 'checkIn', bay: '' } })
  clock.advance(20 * minute)
  await looked(gateway, clock, async () =>
    Promise.resolve((gateway.gateway.figures()['referrals_stillInLane'] ?? 0) > 0),
  )
  t.same(await alertsOf(gateway), [])
  t.same(await ordersOf(gateway), [])
  const ended = { how: 'backedOut', outcome: 'hold', readsHeard: 3, readsShed: 0, durationMs: 1 } as const
  const leftAt = clock.now().wallMs
  const lost = new EventChain('edge-1', 'e2', leftAt)
  // The edge lost its database: the passage ends when it tells of a new one.
  await edge.sendEvents([lost.next('passageEnded', ended, { lane: 'lane-1', passageId: 'p9' })])
  clock.advance(16 * minute)
  await looked(gateway, clock, async () => (await alertsOf(gateway)).length > 0)
  t.match(await alertsOf(gateway), [{ taskId: 'p2.i1' }], 'its time ran from when it left')
})

t.test(
  'an officer who releases or returns the vehicle ends its open task, and nobody seeks it',
  async (t) => {
    const { gateway, clock } = await open(t)
    const edge = await gateway.edge()
    const startMs = clock.now().wallMs
    const chain = new EventChain('edge-1', 'e1', startMs)
    for (const [passageId, answer] of [
      ['p1', 'release'],
      ['p2', 'return'],
      ['p3', 'hold'],
    ] as const) {
      const events = heldTruck(chain, passageId, null, `V-${passageId}`)
      const verdict = { verdictId: `v-${passageId}`, escalationId: `${passageId}.e1`, answer, passageId }
      await edge.sendEvents([...events, chain.verdictJudged(verdict, 'accepted')])
    }
    const refused = heldTruck(chain, 'p4', null, 'V-p4')
    const verdict = { verdictId: 'v4', escalationId: 'p4.e1', answer: 'release', passageId: 'p4' } as const
    await edge.sendEvents([...refused, chain.verdictJudged(verdict, 'refused', 'locked')])
    t.match(await taskOf(gateway, 'p1.i1'), {
      state: 'CLOSED',
      result: null,
      receipt: null,
      cancelled: { why: 'released', by: 'operator' },
    })
    t.match(await taskOf(gateway, 'p2.i1'), { state: 'CLOSED', cancelled: { why: 'returned' } })
    for (const stays of ['p3.i1', 'p4.i1']) {
      const task = await taskOf(gateway, stays)
      t.equal(task.state, 'CREATED', stays)
      t.notOk(task.cancelled)
    }
    const { body } = await gateway.get('/api/audit')
    t.match(body, { entries: [{ action: 'inspection', target: 'p2.i1', detail: { do: 'cancel' } }, {}] })
  },
)

t.test('a vehicle of which nobody knows whether it left its lane counts as gone', (t) => {
  const at = { nowMs: 1_000_000, withinMs: 900_000 }
  const task = { state: 'ASSIGNED', taskId: 'p1.i1', edgeId: 'edge-1', lane: 'lane-1' } as InspectionState
  const passage = { ...({} as Parameters<typeof ordersOfMissed>[1]), endedAt: null } as NonNullable<
    Parameters<typeof ordersOfMissed>[1]
  >
  const now = (more: object) => referralAt(task, { ...at, passage, isConnected: true, ...more }).is
  t.equal(now({}), 'later', 'it stands in its lane')
  t.equal(now({ isConnected: false }), 'missed')
  t.equal(now({ passage: undefined }), 'missed')
  t.equal(now({ passage: { ...passage, endedAt: 100_000 } }), 'missed', 'to the millisecond')
  t.equal(now({ passage: { ...passage, endedAt: 100_001 } }), 'later')
  t.equal(referralAt({ ...task, state: 'CHECKED_IN' }, { ...at, passage, isConnected: false }).is, 'over')
  const unknown = { ...task, vehicleId: null, plates: ['粤Z1234港'] }
  t.same(
    ordersOfMissed(unknown, { ...passage, vehicleId: null, epcs: ['E2'] }, 5).map(({ subject }) => subject),
    [
      { kind: 'TAG', key: 'E2' },
      { kind: 'PLATE', key: '粤Z1234港' },
    ],
    'an unknown vehicle is sought by what was read of it',
  )
  t.end()
})
