import t, { type Test } from 'tap'
import {
  exampleArea,
  exampleBox,
  exampleContainer,
  exampleDeclaration,
  exampleLaden,
  exampleTrip,
} from '../../edge/domain/decision/cargo-examples.js'
import { cargoProfiles } from '../../edge/domain/decision/cargo-profiles.js'
import { decide } from '../../edge/domain/decision/decide.js'
import type { ContainerEntry, DeclarationEntry } from '../../edge/messages/cargo-entities.js'
import type { SentEvent } from '../../edge/messages/envelope.js'
import { listOf, type ListEntry, type ListName } from '../../edge/messages/entities.js'
import type { ContainerLockState, FeeItem, InspectionStep, ShownLock } from '../api/task-schemas.js'
import { EventChain } from '../testing/chain.js'
import { startIn, type GatewayUnderTest } from '../testing/gateway-under-test.js'

async function open(t: Test, entries: readonly ListEntry[]): Promise<GatewayUnderTest> {
  const gateway = await startIn(t, t.testdir(), { predecision: { enabled: false } })
  await gateway.signIn()
  for (const entry of entries) {
    const { status } = await change(gateway, listOf(entry), [entry])
    if (status !== 200) throw new Error(`${listOf(entry)}: ${status}`)
  }
  return gateway
}

const change = (
  gateway: GatewayUnderTest,
  list: ListName,
  upserts: readonly ListEntry[],
  deletes: string[] = [],
) => gateway.post<{ error?: string }>(`/api/lists/${list}/changes`, { upserts, deletes })

const infected: readonly ListEntry[] = [
  exampleTrip,
  exampleDeclaration({ ruling: 'INSPECT' }),
  exampleDeclaration({ declarationNo: 'CUS1', agency: 'CUSTOMS' }),
  exampleContainer,
]

/** As a lane says it of a load from an infected area (QUA-01). */
function lockedAt(chain: EventChain, passageId: string, containers = [exampleBox]): SentEvent[] {
  const at = { lane: 'lane-1', passageId }
  const about = { tripId: 'T1', obligations: ['DISINFECT', 'INSPECT'] }
  return [
    chain.next('passageOpened', { passageNo: 1, direction: 'in', cause: 'loop' }, at),
    chain.next('containerLocked', { containers, declarationNos: [], orderIds: [], ...about }, at),
    chain.next('inspectionAsked', { reasons: ['QUA-01'], containers, ...about }, at),
  ]
}

const entriesOf = async <T extends ListEntry>(gateway: GatewayUnderTest, list: ListName) =>
  (await gateway.get<{ entries: T[] }>(`/api/lists/${list}`)).body.entries

const locksOf = async (gateway: GatewayUnderTest) =>
  (await gateway.get<{ locks: ShownLock[] }>('/api/locks')).body.locks

const unlock = (gateway: GatewayUnderTest, version: number, number = exampleBox) =>
  gateway.post<ContainerLockState & { error?: string; problems?: { path: string }[] }>(
    `/api/containers/${number}/unlock`,
    { version, reason: 'seen and treated' },
  )

async function inspect(gateway: GatewayUnderTest, whats: readonly InspectionStep['what'][], from = 1) {
  for (const [index, what] of whats.entries()) {
    const { status } = await gateway.post('/api/inspections/p1.i1', { version: from + index, what })
    if (status !== 200) throw new Error(`${what.do}: ${status}`)
  }
}

const untilResult: readonly InspectionStep['what'][] = [
  { do: 'assign', inspector: 'operator', remark: '' },
  { do: 'checkIn', bay: '' },
  { do: 'start' },
  { do: 'result', result: 'PASS', remark: '' },
]

t.test(
  'a container from an infected area: locked; inspected, still locked; treated, unlocked, released (scenario 12)',
  async (t) => {
    const gateway = await open(t, infected)
    const edge = await gateway.edge()
    const judgedNow = async () => {
      const declarations = await entriesOf<DeclarationEntry>(gateway, 'declarations')
      const containers = await entriesOf<ContainerEntry>(gateway, 'containers')
      const known = {
        declarations: Object.fromEntries(declarations.map((one) => [one.declarationNo, one])),
        containers: Object.fromEntries(containers.map((one) => [one.number, one])),
        areas: [exampleArea({ areaCode: 'HK', subjects: ['LADEN'] })],
      }
      return decide(exampleLaden({ known }, cargoProfiles.roadInLaden)).outcome
    }
    t.equal(await judgedNow(), 'lock')
    await edge.sendEvents(lockedAt(new EventChain('edge-1'), 'p1'))
    t.match(await entriesOf(gateway, 'containers'), [
      { number: exampleBox, lock: 'LOCKED', originArea: 'HK' },
    ])
    t.match(await locksOf(gateway), [
      { number: exampleBox, version: 1, missing: ['inspectionPass', 'treatment'] },
    ])

    t.match(await unlock(gateway, 1), {
      status: 409,
      body: { error: 'stillLocked', problems: [{ path: 'inspectionPass' }, { path: 'treatment' }] },
    })
    await inspect(gateway, untilResult)
    t.match(await unlock(gateway, 1), { status: 409, body: { problems: [{ path: 'treatment' }] } })
    t.equal(await judgedNow(), 'lock', 'the inspection alone unlocks nothing')
    await inspect(gateway, [{ do: 'treated', remark: 'fumigated' }], 5)
    t.equal(await judgedNow(), 'lock', 'nor do both results, without the officer')
    t.match(await unlock(gateway, 7), { status: 409, body: { error: 'conflict' } })
    t.match(await unlock(gateway, 1), {
      status: 200,
      body: { state: 'UNLOCKED', unlocked: { by: 'operator', reason: 'seen and treated' } },
    })
    t.match(await entriesOf(gateway, 'containers'), [{ lock: 'OPEN', originArea: 'HK' }])
    t.equal(await judgedNow(), 'release')
    t.match(await unlock(gateway, 2), { status: 404 }, 'and once only')
    const audited = (await gateway.get<{ entries: { action: string }[] }>('/api/audit')).body.entries
    t.same(
      audited.map(({ action }) => action).filter((action) => /lock/i.test(action)),
      ['unlock', 'unlockRefused', 'unlockRefused', 'unlockRefused', 'lock'],
      'every try stands in the audit',
    )
    const figures = (await gateway.get<{ text: string }>('/metrics')).body.text
    for (const figure of ['containersLocked 1', 'unlockRefused 4', 'inspectionsAsked 1'])
      t.match(figures, `gateway_tasks_${figure}\n`, 'and in the figures')
  },
)

t.test(
  'a container that nobody has registered is locked too, also under a number that was misread',
  async (t) => {
    const gateway = await open(t, [])
    const edge = await gateway.edge()
    const chain = new EventChain('edge-1')
    const events = lockedAt(chain, 'p1', ['TCLU4265440'])
    await edge.sendEvents(events)
    const [entry] = await entriesOf<ContainerEntry>(gateway, 'containers')
    t.match(entry, { number: 'TCLU4265440', lock: 'LOCKED', originArea: null })
    const version = async () =>
      (await gateway.get<{ list: { version: number } }>('/api/lists/containers')).body.list.version
    const before = await version()
    await edge.sendEvents(events)
    await edge.sendEvents(lockedAt(chain, 'p2', ['TCLU4265440']))
    t.equal(await version(), before, 'locked once')
    // Nothing is declared of it: the inspector's own word has to do, and the treatment that was ordered.
    await inspect(
      gateway,
      untilResult,
      (await gateway.get<{ version: number }>('/api/inspections/p1.i1')).body.version,
    )
    t.match(await unlock(gateway, 1, 'TCLU4265440'), {
      status: 409,
      body: { problems: [{ path: 'treatment' }] },
    })
    const { version: now } = (await gateway.get<{ version: number }>('/api/inspections/p1.i1')).body
    await inspect(gateway, [{ do: 'treated', remark: '' }], now)
    t.equal((await unlock(gateway, 1, 'TCLU4265440')).status, 200)
    // Locked again later: what was passed before counts no more.
    await edge.sendEvents(
      lockedAt(new EventChain('edge-1', 'e2', Date.now() + 60_000), 'p3', ['TCLU4265440']),
    )
    t.match(await locksOf(gateway), [{ version: 3, missing: ['inspectionPass', 'treatment'] }])
  },
)

t.test('no change of a list ends a lock, and a registration keeps it', async (t) => {
  const gateway = await open(t, [exampleContainer])
  const edge = await gateway.edge()
  await edge.sendEvents(lockedAt(new EventChain('edge-1'), 'p1'))
  t.match(await change(gateway, 'containers', [exampleContainer]), {
    status: 409,
    body: { error: 'stillLocked' },
  })
  t.match(await change(gateway, 'containers', [], [exampleBox]), {
    status: 409,
    body: { error: 'stillLocked' },
  })
  const imported = await fetch(`${gateway.url}/api/lists/containers/import`, {
    method: 'POST',
    headers: { cookie: gateway.cookie, origin: gateway.url, 'content-type': 'application/x-ndjson' },
    body: JSON.stringify({ ...exampleContainer, tareKg: 3_900 }),
  })
  t.equal(imported.status, 200)
  t.match(await entriesOf(gateway, 'containers'), [{ number: exampleBox, tareKg: 3_900, lock: 'LOCKED' }])
})

t.test('a declaration that nobody has keeps a container locked', async (t) => {
  const gateway = await open(t, [
    exampleTrip,
    exampleDeclaration({ result: 'PASS', treatmentDone: true }),
    exampleContainer,
  ])
  const edge = await gateway.edge()
  await edge.sendEvents(lockedAt(new EventChain('edge-1'), 'p1'))
  t.match(await locksOf(gateway), [{ missing: ['inspectionPass'] }])
})

t.test(
  'a disinfection is charged once, whether it is told twice or done twice on one trip (scenarios 11, 13)',
  async (t) => {
    const gateway = await open(t, [])
    const edge = await gateway.edge()
    const chain = new EventChain('edge-1')
    const sprayed = (passageId: string, feeFen: number, feeKey = 'disinfection/trip/T1') => [
      chain.next(
        'passageOpened',
        { passageNo: 1, direction: 'in', cause: 'loop' },
        { lane: 'lane-1', passageId },
      ),
      chain.next(
        'disinfected',
        { commandId: `${passageId}.s1`, seconds: 30, feeFen, feeKey },
        { lane: 'lane-1', passageId },
      ),
    ]
    const first = sprayed('p1', 4_000)
    await edge.sendEvents(first)
    await edge.sendEvents(first)
    await edge.sendEvents(sprayed('p2', 4_000))
    await edge.sendEvents(sprayed('p3', 0, 'disinfection/trip/T2'))
    await edge.sendEvents(sprayed('p4', 2_000, 'disinfection/passage/p4'))
    const { fees } = (await gateway.get<{ fees: FeeItem[] }>('/api/fees')).body
    t.same(
      fees.map(({ feeKey, amountFen, state, passageId }) => [feeKey, amountFen, state, passageId]),
      [
        ['disinfection/passage/p4', 2_000, 'CALCULATED', 'p4'],
        ['disinfection/trip/T1', 4_000, 'CALCULATED', 'p1'],
      ],
    )
  },
)
