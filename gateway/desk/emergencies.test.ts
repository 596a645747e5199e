import t, { type Test } from 'tap'
import { ManualClock, systemClock, type Clock } from '../../edge/base/clock.js'
import type { EmergencyState } from '../api/mode-schemas.js'
import type { GatewayState, PassageState } from '../api/schemas.js'
import { EventChain } from '../testing/chain.js'
import { everything, startIn, type GatewayUnderTest } from '../testing/gateway-under-test.js'
import { confirmWithinMs } from './emergencies.js'

const lane = '/api/edges/edge-1/lanes/lane-1'
const asked = { reason: 'fire in hall 2', minutes: 30 }

/** Two persons, each with a session of his own. */
async function twoPersons(t: Test, clock?: Clock) {
  const people = ['operator', 'li.wei', 'wang.fang'].map(everything)
  const gateway = await startIn(t, t.testdir(), { people }, clock)
  const edge = await gateway.edge()
  await gateway.signIn('li.wei')
  const first = asPerson(gateway, gateway.cookie)
  await gateway.signIn('wang.fang')
  return { gateway, edge, first, second: asPerson(gateway, gateway.cookie) }
}

function asPerson(gateway: GatewayUnderTest, cookie: string) {
  return <Body = Record<string, unknown>>(address: string, body: unknown = {}) =>
    gateway.post<Body>(address, body, { cookie, origin: gateway.url })
}

const confirmed = ({ requestId }: Pick<EmergencyState, 'requestId'>) =>
  `/api/emergencies/${requestId}/confirm`

t.test('a lane is opened for an emergency by two persons, and the command names both', async (t) => {
  const { gateway, edge, first, second } = await twoPersons(t)
  const request = await first<EmergencyState>(`${lane}/emergency`, asked)
  t.match(request, { status: 202, body: { by: 'li.wei', reason: 'fire in hall 2', minutes: 30 } })
  const { body: state } = await gateway.get<GatewayState>('/api/state')
  t.match(state.emergencies, [{ requestId: request.body.requestId, lane: 'lane-1' }], 'everybody sees it')
  t.match(await first(confirmed(request.body)), { status: 403, body: { error: 'secondPerson' } })
  t.notOk(
    edge.heard.some((one) => one.kind === 'command'),
    'one person opens nothing',
  )
  t.match(await second(confirmed(request.body)), { status: 202, body: { lane: 'lane-1' } })
  const { message } = await edge.hears('command')
  t.match(message, {
    by: 'li.wei',
    reason: 'fire in hall 2',
    what: { do: 'setMode', mode: 'EMERGENCY_OPEN', confirmedBy: 'wang.fang', forMs: 1_800_000 },
  })
  t.match(await second(confirmed(request.body)), { status: 404 }, 'and only once')
  t.same((await gateway.get<GatewayState>('/api/state')).body.emergencies, [])
  const { body: log } = await gateway.get<{ entries: { action: string; operator: string }[] }>('/api/audit')
  t.match(log.entries.slice(0, 2), [
    { action: 'command', operator: 'wang.fang', target: 'edge-1/lane-1' },
    { action: 'emergencyAsked', operator: 'li.wei', target: 'edge-1/lane-1' },
  ])
})

t.test(
  'a request that nobody confirms in time is void, and a newer one takes the place of an older',
  async (t) => {
    const hand = new ManualClock(systemClock.now().wallMs)
    const clock: Clock = {
      now: () => hand.now(),
      after: (name, delayMs, run) => systemClock.after(name, delayMs, run),
    }
    const { edge, first, second } = await twoPersons(t, clock)
    const old = await first<EmergencyState>(`${lane}/emergency`, asked)
    const newer = await first<EmergencyState>(`${lane}/emergency`, { ...asked, minutes: 10 })
    t.match(await second(confirmed(old.body)), { status: 404 })
    hand.advance(confirmWithinMs)
    t.match(await second(confirmed(newer.body)), { status: 404 })
    t.notOk(edge.heard.some((one) => one.kind === 'command'))
  },
)

t.test(
  'an emergency opening needs a reason, an end, a lane that can be told, and no single command gives it',
  async (t) => {
    const { edge, first } = await twoPersons(t)
    t.match(await first(`${lane}/emergency`, { ...asked, reason: '  ' }), { status: 400 })
    t.match(await first(`${lane}/emergency`, { reason: 'fire' }), { status: 400 })
    t.match(await first('/api/edges/edge-9/lanes/lane-1/emergency', asked), { status: 404 })
    t.match(await first('/api/edges/edge-2/lanes/lane-1/emergency', asked), { body: { error: 'edgeAway' } })
    const what = { do: 'setMode', mode: 'EMERGENCY_OPEN' }
    t.match(await first(`${lane}/command`, { reason: 'fire', what }), { status: 400 })
    t.notOk(edge.heard.some((one) => one.kind === 'command'))
  },
)

t.test('any other mode and a manual opening go to the lane with reason and name', async (t) => {
  const { edge, first } = await twoPersons(t)
  for (const mode of ['SHADOW', 'MANUAL', 'MAINTENANCE'] as const) {
    t.match(await first(`${lane}/command`, { reason: 'trial', what: { do: 'setMode', mode } }), {
      status: 202,
    })
    const { message } = await edge.hears('command', (m) => (m.what as { mode?: string }).mode === mode)
    t.match(message, { by: 'li.wei', reason: 'trial' })
  }
  const what = { do: 'manualRaise', passageId: 'p1', orderIds: ['O-1'] }
  t.match(await first(`${lane}/command`, { reason: '', what }), { status: 400 }, 'never without a reason')
  t.match(await first(`${lane}/command`, { reason: 'driver is ill', what }), { status: 202 })
  t.match((await edge.hears('command', (m) => (m.what as { do: string }).do === 'manualRaise')).message, {
    by: 'li.wei',
    reason: 'driver is ill',
    what,
  })
})

t.test('what people let pass is listed for review, after a restart too', async (t) => {
  const dir = t.testdir()
  const gateway = await startIn(t, dir)
  const edge = await gateway.edge()
  const chain = new EventChain('edge-1')
  const opened = (passageId: string, contingency: boolean) =>
    chain.next(
      'passageOpened',
      { passageNo: 1, direction: 'in', cause: 'loop' },
      { lane: 'lane-1', passageId, contingency },
    )
  await edge.sendEvents([
    opened('p1', false),
    opened('p2', true),
    opened('p3', false),
    chain.next(
      'manualRelease',
      { commandId: 'c', by: 'li.wei', reason: 'ill', orderIds: [] },
      { lane: 'lane-1', passageId: 'p3' },
    ),
  ])
  const listed = async (from: GatewayUnderTest, query: string): Promise<string[]> => {
    const { body } = await from.get<{ passages: PassageState[] }>(`/api/passages${query}`)
    return body.passages.map((one) => one.passageId)
  }
  t.equal((await gateway.get('/api/passages')).status, 401)
  await gateway.signIn()
  await gateway.until(async () => (await listed(gateway, '')).length === 3)
  await gateway.until(async () => (await listed(gateway, '?manual=true')).length === 1)
  t.same(await listed(gateway, ''), ['p3', 'p2', 'p1'])
  t.same(await listed(gateway, '?contingency=true'), ['p2'])
  t.same(await listed(gateway, '?manual=true'), ['p3'])
  t.same(await listed(gateway, '?contingency=true&manual=true'), [])
  t.match(await gateway.get('/api/passages?contingency=perhaps'), { status: 400 })
  await gateway.close()
  const again = await startIn(t, dir)
  await again.signIn()
  t.same(await listed(again, '?contingency=true'), ['p2'])
})
