import t from 'tap'
import { systemClock, type Clock } from '../../edge/base/clock.js'
import { exampleDeclaration, exampleTrip } from '../../edge/domain/decision/cargo-examples.js'
import type { PlanEntry } from '../../edge/messages/cargo-entities.js'
import { startIn } from '../testing/gateway-under-test.js'

/** The clock of the machine, and for what timers were ever set on it. */
function named(): { clock: Clock; timers: ReadonlySet<string> } {
  const timers = new Set<string>()
  const after: Clock['after'] = (name, delayMs, run) => {
    timers.add(name)
    return systemClock.after(name, delayMs, run)
  }
  return { clock: { ...systemClock, after }, timers }
}

t.test(
  'a trip that a person enters is planned within seconds, and its seed is a secret of the day',
  async (t) => {
    const { clock, timers } = named()
    const gateway = await startIn(t, t.testdir(), { predecision: { drawRates: { otherwise: 1 } } }, clock)
    t.equal((await gateway.get('/api/draws/seeds')).status, 401, 'not for whoever comes by')
    await gateway.signIn()
    const put = async (list: string, entry: unknown) => {
      const answer = await gateway.post(`/api/lists/${list}/changes`, { upserts: [entry], deletes: [] })
      t.equal(answer.status, 200, JSON.stringify(answer.body))
    }
    const now = Date.now()
    const window = { validFrom: now - 86_400_000, validTo: now + 86_400_000 }
    await put('declarations', exampleDeclaration({ ...window, state: 'ACCEPTED', ruling: null }))
    await put('trips', { ...exampleTrip, declarationNos: ['IQ1'] })
    t.ok(timers.has('predecision'), 'planning is due')
    const planOf = async () => {
      const { body } = await gateway.get<{ entries: PlanEntry[] }>('/api/lists/plans')
      return body.entries[0]
    }
    await gateway.until(async () => (await planOf()) !== undefined)
    const plan = await planOf()
    t.equal(plan?.outcome, 'hold', 'a vehicle that nobody knows, and drawn')
    t.ok(plan?.codes.includes('RND-01'), plan?.codes.join() ?? '')
    const { body } = await gateway.get<{ seeds: { seed: string | null; commitment: string }[] }>(
      '/api/draws/seeds',
    )
    t.equal(body.seeds.length, 1)
    t.equal(body.seeds[0]?.seed, null)
    t.match(body.seeds[0]?.commitment, /^[0-9a-f]{64}$/)
    const again = { kind: 'draw', tripId: 'T1', drawId: 'mine', selected: false }
    const refused = await gateway.post('/api/lists/draws/changes', { upserts: [again], deletes: [] })
    t.match(refused, { status: 400, body: { message: /made by the gateway itself/ } })
  },
)

t.test('where the configuration wants none, nothing is planned', async (t) => {
  const { clock, timers } = named()
  const gateway = await startIn(t, t.testdir(), { predecision: { enabled: false } }, clock)
  await gateway.signIn()
  await gateway.post('/api/lists/trips/changes', { upserts: [exampleTrip], deletes: [] })
  // Planning is due by the time in which a change is answered; without it there is nothing to wait for.
  t.notOk(timers.has('predecision'), 'no planning is due')
  const { body } = await gateway.get<{ entries: unknown[] }>('/api/lists/plans')
  t.same(body.entries, [])
})
