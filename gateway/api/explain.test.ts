import t from 'tap'
import { decide } from '../../edge/domain/decision/decide.js'
import { exampleInputs, exampleOrder } from '../../edge/domain/decision/examples.js'
import { decisionSchema } from '../../edge/messages/events.js'
import { EventChain } from '../testing/chain.js'
import { startIn, type GatewayUnderTest } from '../testing/gateway-under-test.js'
import type { PassageExplanation } from './schemas.js'

const secret = exampleOrder({ orderId: 'S77', nature: 'SECRET' })

/** A truck that was judged twice: clear, and then under a secret order. */
async function judgedTwice(gateway: GatewayUnderTest): Promise<void> {
  const chain = new EventChain('edge-1')
  const at = { lane: 'lane-1', passageId: 'p1' }
  const decided = (no: number, change: Parameters<typeof exampleInputs>[0]) => {
    const inputs = { ...exampleInputs({ passageId: 'p1', ...change }) }
    const decision = decisionSchema.parse(decide(inputs))
    return chain.next('decided', { decisionId: `p1.d${no}`, decision, inputs }, at)
  }
  const edge = await gateway.edge()
  await edge.sendEvents([
    chain.next('passageOpened', { passageNo: 1, direction: 'in', cause: 'loop' }, at),
    decided(1, {}),
    decided(2, { facts: { orders: [secret] } }),
  ])
}

const address = '/api/passages/p1/explanation'
const sentencesOf = ({ decisions }: PassageExplanation) =>
  decisions.flatMap(({ explanation }) => explanation?.sections.flatMap((section) => section.sentences) ?? [])

t.test('why a passage was judged as it was is told newest first, in the language asked for', async (t) => {
  const gateway = await startIn(t, t.testdir())
  await gateway.signIn()
  await judgedTwice(gateway)
  const english = await gateway.get<PassageExplanation>(address)
  t.match(english, { status: 200, body: { passageId: 'p1', language: 'en' } })
  t.match(
    english.body.decisions.map(({ decisionId, explanation }) => [decisionId, explanation?.outcome]),
    [
      ['p1.d2', 'hold'],
      ['p1.d1', 'release'],
    ],
  )
  t.match(sentencesOf(english.body).join('|'), /Tag E1: active, of vehicle V1 \[Tags, version 7/)
  const chinese = await gateway.get<PassageExplanation>(`${address}?lang=zh-CN`)
  t.match(sentencesOf(chinese.body).join('|'), /判定为放行/)
  t.match(await gateway.get(`${address}?lang=fr`), { status: 400, body: { error: 'invalid' } })
  t.match(await gateway.get('/api/passages/p9/explanation'), { status: 404, body: { error: 'notFound' } })
  t.match(await gateway.get(address, { cookie: '' }), { status: 401 })
})

t.test('a secret order is told only to who may know of it', async (t) => {
  const dir = t.testdir({ closed: {}, open: {} })
  const closed = await startIn(t, `${dir}/closed`)
  await closed.signIn()
  await judgedTwice(closed)
  const { body } = await closed.get<PassageExplanation>(address)
  t.match(body.decisions[0], { explanation: { primary: 'RND-01' } })
  t.notMatch(JSON.stringify(body), /CTL-|secret|intercept/i)

  const open = await startIn(t, `${dir}/open`, { secretOrderReaders: ['operator'] })
  await open.signIn()
  await judgedTwice(open)
  const told = await open.get<PassageExplanation>(address)
  t.match(told.body.decisions[0], { explanation: { primary: 'CTL-02S' } })
  t.match(sentencesOf(told.body).join('|'), /Control order S77 \(inspection and quarantine, secret\)/)
})

t.test('a record that cannot be read again is named and costs nothing but itself', async (t) => {
  const gateway = await startIn(t, t.testdir())
  await gateway.signIn()
  const chain = new EventChain('edge-1')
  const at = { lane: 'lane-1', passageId: 'p1' }
  const decision = decisionSchema.parse(decide(exampleInputs()))
  const edge = await gateway.edge()
  await edge.sendEvents([
    chain.next('passageOpened', { passageNo: 1, direction: 'in', cause: 'loop' }, at),
    chain.next('decided', { decisionId: 'p1.d1', decision, inputs: {} }, at),
  ])
  const { status, body } = await gateway.get<PassageExplanation>(address)
  t.equal(status, 200)
  t.match(body.decisions, [{ decisionId: 'p1.d1', explanation: null }])
})
