import t, { type Test } from 'tap'
import {
  exampleBox,
  exampleContainer,
  exampleDeclaration,
  exampleLaden,
  exampleTrip,
} from '../../edge/domain/decision/cargo-examples.js'
import { cargoProfiles } from '../../edge/domain/decision/cargo-profiles.js'
import { decide } from '../../edge/domain/decision/decide.js'
import type { DeclarationEntry, DrawEntry } from '../../edge/messages/cargo-entities.js'
import type { SentEvent } from '../../edge/messages/envelope.js'
import { listOf, type ListEntry, type ListName } from '../../edge/messages/entities.js'
import type { EventBody } from '../../edge/messages/events.js'
import type { InspectionState, InspectionStep } from '../api/task-schemas.js'
import { EventChain } from '../testing/chain.js'
import { startIn, type GatewayUnderTest } from '../testing/gateway-under-test.js'

const papers: readonly ListEntry[] = [
  exampleTrip,
  exampleDeclaration({ ruling: 'INSPECT' }),
  exampleDeclaration({ declarationNo: 'CUS1', agency: 'CUSTOMS' }),
  exampleContainer,
]

async function open(t: Test, more: Record<string, unknown> = {}): Promise<GatewayUnderTest> {
  const gateway = await startIn(t, t.testdir(), { predecision: { enabled: false }, ...more })
  await gateway.signIn()
  for (const entry of papers) {
    const { status } = await gateway.post(`/api/lists/${listOf(entry)}/changes`, {
      upserts: [entry],
      deletes: [],
    })
    if (status !== 200) throw new Error(`${listOf(entry)}: ${status}`)
  }
  return gateway
}

const asked: EventBody<'inspectionAsked'> = {
  reasons: ['INS-01'],
  containers: [exampleBox],
  tripId: 'T1',
  obligations: ['INSPECT'],
}

function held(chain: EventChain, passageId: string, body = asked): SentEvent[] {
  const at = { lane: 'lane-1', passageId }
  return [
    chain.next('passageOpened', { passageNo: 1, direction: 'in', cause: 'loop' }, at),
    chain.next('inspectionAsked', body, at),
  ]
}

const tasksOf = async (gateway: GatewayUnderTest) =>
  (await gateway.get<{ tasks: InspectionState[] }>('/api/inspections')).body.tasks

const stepOn = (gateway: GatewayUnderTest, version: number, what: InspectionStep['what'], taskId = 'p1.i1') =>
  gateway.post<InspectionState & { error?: string }>(`/api/inspections/${taskId}`, { version, what })

const entriesOf = async <T extends ListEntry>(gateway: GatewayUnderTest, list: ListName) =>
  (await gateway.get<{ entries: T[] }>(`/api/lists/${list}`)).body.entries

t.test(
  'a truck that is held for inspection is one task, however often it is said and comes again',
  async (t) => {
    const gateway = await open(t)
    const edge = await gateway.edge()
    const chain = new EventChain('edge-1')
    const events = held(chain, 'p1')
    await edge.sendEvents(events)
    await edge.sendEvents(events)
    await edge.sendEvents([chain.next('inspectionAsked', asked, { lane: 'lane-1', passageId: 'p1' })])
    t.match(await tasksOf(gateway), [
      {
        taskId: 'p1.i1',
        state: 'CREATED',
        tripId: 'T1',
        containers: [exampleBox],
        reasons: ['INS-01'],
        version: 1,
      },
    ])
    // Sent back, and at the line once more before anybody has looked at it.
    await edge.sendEvents(held(chain, 'p2', { ...asked, reasons: ['QUA-05'] }))
    const again = await tasksOf(gateway)
    t.equal(again.length, 1)
    t.match(again[0], { passageIds: ['p1', 'p2'], reasons: ['INS-01', 'QUA-05'], version: 2 })
    await edge.sendEvents(held(chain, 'p3', { reasons: ['INS-01'], containers: [] }))
    t.equal(
      (await tasksOf(gateway)).length,
      2,
      'an edge of an older version names no trip: a task of its own',
    )
    const other = await gateway.edge('edge-2')
    const forged = new EventChain('edge-2')
    await other.sendEvents([forged.next('inspectionAsked', asked, { lane: 'lane-9', passageId: 'p1' })])
    t.match((await gateway.get<InspectionState>('/api/inspections/p1.i1')).body, {
      edgeId: 'edge-1',
      lane: 'lane-1',
    })
  },
)

for (const afterPass of [0, 1]) {
  t.test(`of drawn trips that passed the share ${afterPass} is drawn once more`, async (t) => {
    const gateway = await open(t, { predecision: { drawRates: { otherwise: 1, afterPass } } })
    const edge = await gateway.edge()
    const drawNow = async () => (await entriesOf<DrawEntry>(gateway, 'draws'))[0] ?? null
    await gateway.until(async () => (await drawNow()) !== null)
    await edge.sendEvents(held(new EventChain('edge-1'), 'p1', { ...asked, reasons: ['RND-01'] }))
    const steps: readonly InspectionStep['what'][] = [
      { do: 'assign', inspector: 'operator', remark: '' },
      { do: 'checkIn', bay: 'B4' },
      { do: 'start' },
      { do: 'result', result: 'PASS', remark: 'seen' },
    ]
    for (const [index, what] of steps.entries()) await stepOn(gateway, index + 1, what)
    const draw = await drawNow()
    t.equal(draw?.round, afterPass === 1 ? 2 : undefined)
    t.equal(draw?.result, afterPass === 1 ? undefined : 'PASS')
  })
}

t.test('the PASS of an inspection that a draw asked for lets the drawn trip go', async (t) => {
  const gateway = await open(t, { predecision: { drawRates: { otherwise: 1 } } })
  const edge = await gateway.edge()
  const chain = new EventChain('edge-1')
  const drawNow = async () => (await entriesOf<DrawEntry>(gateway, 'draws'))[0] ?? null
  await gateway.until(async () => (await drawNow()) !== null)
  const atTheLane = async () => decide(exampleLaden({ known: { draw: await drawNow() } }))
  t.match(await atTheLane(), { outcome: 'hold', primary: 'RND-01' })

  const inspected = async (passageId: string, result: 'PASS' | 'RETURN') => {
    await edge.sendEvents(held(chain, passageId, { ...asked, reasons: ['RND-01'] }))
    const steps: readonly InspectionStep['what'][] = [
      { do: 'assign', inspector: 'operator', remark: '' },
      { do: 'checkIn', bay: 'B4' },
      { do: 'start' },
      { do: 'result', result, remark: 'seen' },
    ]
    for (const [index, what] of steps.entries())
      t.equal((await stepOn(gateway, index + 1, what, `${passageId}.i1`)).status, 200, what.do)
  }
  await inspected('p1', 'RETURN')
  t.match(await drawNow(), { selected: true, result: 'RETURN' })
  t.match(await atTheLane(), { outcome: 'hold', primary: 'RND-01' }, 'what was not passed is held')
  await inspected('p2', 'PASS')
  // One in twenty is drawn once more, and then goes at the second PASS.
  if ((await drawNow())?.round === 2) await inspected('p3', 'PASS')
  t.match(await drawNow(), { selected: true, result: 'PASS' })
  t.match(await atTheLane(), { outcome: 'release', primary: 'OK-02' })
})

t.test(
  'IQ inspects and passes: its result stands in the papers, and the next try is released (scenario 20)',
  async (t) => {
    const gateway = await open(t)
    const edge = await gateway.edge()
    await edge.sendEvents(held(new EventChain('edge-1'), 'p1'))
    const judgedNow = async () => {
      const declarations = await entriesOf<DeclarationEntry>(gateway, 'declarations')
      const known = { declarations: Object.fromEntries(declarations.map((one) => [one.declarationNo, one])) }
      return decide(exampleLaden({ known }, cargoProfiles.roadInLaden))
    }
    t.match(await judgedNow(), { outcome: 'hold', primary: 'INS-01' })

    const steps: readonly InspectionStep['what'][] = [
      { do: 'assign', inspector: 'operator', remark: '' },
      { do: 'checkIn', bay: 'B4' },
      { do: 'start' },
      { do: 'result', result: 'PASS', remark: '' },
      { do: 'close' },
    ]
    const states: string[] = []
    for (const [index, what] of steps.entries()) {
      const { status, body } = await stepOn(gateway, index + 1, what)
      t.equal(status, 200, what.do)
      states.push(body.state)
    }
    t.same(states, ['ASSIGNED', 'CHECKED_IN', 'IN_PROGRESS', 'RESULT', 'CLOSED'])
    const declarations = await entriesOf<DeclarationEntry>(gateway, 'declarations')
    t.same(
      declarations.map(({ declarationNo, result }) => [declarationNo, result]),
      [
        ['CUS1', null],
        ['IQ1', 'PASS'],
      ],
      'customs gives its results itself',
    )
    t.equal((await judgedNow()).outcome, 'release')
    await gateway.until(async () => {
      const told = await edge.hears('list', (message) => JSON.stringify(message).includes('"result":"PASS"'))
      return told.message !== undefined
    })
    t.match((await gateway.get('/api/audit')).body, {
      entries: [
        { action: 'inspection', target: 'p1.i1', detail: { do: 'close' } },
        { action: 'receipt', operator: 'operator', detail: { agency: 'IQ', taskId: 'p1.i1' } },
        {
          action: 'inspection',
          operator: 'operator',
          detail: { do: 'result', result: 'PASS', papers: ['IQ1'] },
        },
      ],
    })
  },
)

t.test('a step on an old version, in the wrong order, or by somebody else changes nothing', async (t) => {
  const gateway = await open(t, { inspection: { inspectors: ['wang', 'li', 'zhao'] } })
  const edge = await gateway.edge()
  await edge.sendEvents(held(new EventChain('edge-1'), 'p1'))
  const [task] = await tasksOf(gateway)
  t.match(task, {
    state: 'ASSIGNED',
    inspector: /^(wang|li|zhao)$/,
    drawId: /^\d{4}-\d\d-\d\d-[0-9a-f]{12}$/,
  })
  const refusals = [
    await stepOn(gateway, 9, { do: 'checkIn', bay: '' }),
    await stepOn(gateway, 1, { do: 'start' }),
    await stepOn(gateway, 1, { do: 'checkIn', bay: '' }),
    await stepOn(gateway, 1, { do: 'assign', inspector: 'nobody', remark: 'x' }),
    await stepOn(gateway, 1, {
      do: 'assign',
      inspector: task?.inspector === 'li' ? 'wang' : 'li',
      remark: ' ',
    }),
    await stepOn(gateway, 1, { do: 'checkIn', bay: '' }, 'p9.i1'),
  ].map(({ status, body }) => [status, body.error])
  t.same(refusals, [
    [409, 'conflict'],
    [409, 'wrongState'],
    [403, 'notAllowed'],
    [422, 'notAnInspector'],
    [422, 'needsReason'],
    [404, 'notFound'],
  ])
  t.same(await tasksOf(gateway), [task], 'nothing has changed')
  t.match((await gateway.post('/api/inspections/p1.i1', { version: 1, what: { do: 'start' } }, {})).body, {
    error: 'notSignedIn',
  })
  const foreign = { cookie: gateway.cookie, origin: 'http://elsewhere.example' }
  t.match(
    (await gateway.post('/api/inspections/p1.i1', { version: 1, what: { do: 'start' } }, foreign)).body,
    {
      error: 'foreignOrigin',
    },
  )
})
