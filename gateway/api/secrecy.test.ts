import t from 'tap'
import { decide } from '../../edge/domain/decision/decide.js'
import { exampleInputs, exampleNowMs, exampleOrder } from '../../edge/domain/decision/examples.js'
import type { ControlOrder } from '../../edge/messages/entities.js'
import { EventChain } from '../testing/chain.js'
import { startIn } from '../testing/gateway-under-test.js'

const secret = exampleOrder({ orderId: 'S-1', nature: 'SECRET', reason: 'told by a friend' })
const silent = exampleOrder({ orderId: 'S-2', nature: 'SECRET', action: 'NOTIFY', reason: 'only watch' })

function decidedUnder(orders: readonly ControlOrder[]) {
  const inputs = exampleInputs()
  const all = { ...inputs, facts: { ...inputs.facts, orders } }
  return { decisionId: 'p1.d1', decision: decide(all), inputs: all }
}

t.test(
  'an officer without the right finds no trace of a secret order in anything the gateway shows',
  async (t) => {
    // Who may not know of secret orders brings none, so that it stands in the list from the beginning.
    const order = { ...secret, subject: { kind: 'TAG', key: 'E1' } }
    const dir = t.testdir({ 'orders.ndjson': JSON.stringify(order) })
    const initialLists = { orders: `${dir}/orders.ndjson` }
    const shown: Record<string, string> = {}
    for (const [name, more] of [
      ['officer', {}],
      ['reader', { secretOrderReaders: ['operator'] }],
    ] as const) {
      const gateway = await startIn(t, `${dir}/${name}`, { ...more, initialLists })
      const edge = await gateway.edge()
      const chain = new EventChain('edge-1')
      const body = decidedUnder([secret, silent])
      const opened = {
        escalationId: 'p1.e1',
        decisionId: 'p1.d1',
        outcome: 'hold',
        reasons: ['CTL-02S'],
        interceptOrderIds: ['S-1'],
        epcs: ['E1'],
        plates: [],
        vehicleId: 'V1',
        level: 1,
        deadlineAt: exampleNowMs,
      }
      const passage = { lane: 'lane-1', passageId: 'p1' }
      for (const [type, content] of [
        ['passageOpened', { passageNo: 1, direction: 'in', cause: 'loop' }],
        ['decided', body],
        ['silentAlert', { orderId: 'S-2', epcs: ['E1'], plates: [] }],
        ['escalationOpened', opened],
        ['barrierOutcome', { commandId: 'p1.r1', outcome: 'withdrawn', detail: 'CTL-02S,BLK-01' }],
      ] as const)
        await edge.sendEvent(chain.any(type, content, passage))
      await gateway.signIn()
      await gateway.until(async () => {
        const { body } = await gateway.get<{ escalations: unknown[] }>('/api/state')
        return body.escalations.length === 1
      })
      const pages = ['/api/state', '/api/passages/p1', '/api/passages/p1/explanation', '/api/lists/orders']
      const texts = []
      for (const page of pages) texts.push(JSON.stringify((await gateway.get(page)).body))
      shown[name] = texts.join('\n')
      const whole = await gateway.get('/api/edges/edge-1/events?epoch=e1&after=0&limit=10')
      t.equal(whole.status, name === 'reader' ? 200 : 403, 'whole records are for those with the right')
    }
    for (const trace of [
      'CTL-02S',
      'SECRET',
      '"type":"silentAlert"',
      'S-2',
      'told by a friend',
      'only watch',
    ]) {
      t.notOk(shown['officer']?.includes(trace), trace)
      t.ok(
        shown['reader']?.includes(trace) || trace === 'only watch' || trace === 'S-2',
        `${trace}, with the right`,
      )
    }
    t.ok(shown['officer']?.includes('RND-01'), 'it looks like a draw')
  },
)
