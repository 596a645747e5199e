import t from 'tap'
import { listNames } from '../edge/messages/entities.js'
import type { GatewayState } from './api/schemas.js'
import { startIn, type GatewayUnderTest } from './testing/gateway-under-test.js'

type Edge = GatewayState['edges'][number]

const order = (orderId: string) => ({
  ...{ kind: 'order', orderId, agency: 'IQ', subject: { kind: 'TAG', key: orderId }, action: 'INTERCEPT' },
  ...{ nature: 'OPEN', level: 3, reason: '', validFrom: 0, maxHits: 0, issuedBy: 'wang' },
})

async function edgeOf(gateway: GatewayUnderTest, edgeId = 'edge-1'): Promise<Edge> {
  const { body } = await gateway.get<GatewayState>('/api/state')
  const edge = body.edges.find((one) => one.edgeId === edgeId)
  if (!edge) throw new Error(`${edgeId} is not there`)
  return edge
}

t.test(
  'a person sees of each edge which version was sent, proven, in force or refused, and when',
  async (t) => {
    const gateway = await startIn(t, t.testdir({}))
    await gateway.signIn()
    t.strictSame((await edgeOf(gateway)).listsSent, [], 'nothing goes to who is not there')
    const edge = await gateway.edge()
    await gateway.until(async () => (await edgeOf(gateway)).listsSent?.length === listNames.length)
    const before = Date.now()
    await gateway.post('/api/lists/orders/changes', { upserts: [order('BK-1')], deletes: [] })
    await edge.hears('list')
    const sentOf = async (list: string) => (await edgeOf(gateway)).listsSent?.find((one) => one.list === list)
    await gateway.until(async () => (await sentOf('orders'))?.version === 2)
    t.ok(((await sentOf('orders'))?.at ?? 0) >= before, 'with the time at which it went out')
    t.match(await sentOf('tags'), { version: 1 })
    t.strictSame((await edgeOf(gateway, 'edge-2')).listsSent, [], 'the other one is away')

    const word = (to: string, result: string, why: string | null, at: number) =>
      edge.send('answer', JSON.stringify({ v: 1, edgeId: 'edge-1', to, result, why, at }))
    await word('orders@2', 'accepted', null, 1_000)
    await gateway.until(async () => ((await edgeOf(gateway)).listsVerified?.length ?? 0) > 0)
    t.match(await edgeOf(gateway), { listsVerified: [{ list: 'orders', version: 2, at: 1_000 }], lists: [] })
    await word('orders@2', 'inForce', null, 2_000)
    await word('terminalOrders@1', 'refused', 'listHashMismatch', 3_000)
    await gateway.until(async () => (await edgeOf(gateway)).lists?.length === 2)
    t.match(
      new Map((await edgeOf(gateway)).lists?.map((one) => [one.list, one])),
      new Map([
        ['orders', { version: 2, result: 'inForce', at: 2_000 }],
        ['terminalOrders', { version: 1, result: 'refused', why: 'listHashMismatch', at: 3_000 }],
      ]),
    )
  },
)
