import t from 'tap'
import { exampleArea, exampleBox } from '../decision/cargo-examples.js'
import { box, ExampleLaden, order } from './example-laden.js'

t.test('a locked container is said to the gateway once, and nobody at the lane releases it', (t) => {
  const lane = ExampleLaden.come({}, [order()])
  t.equal(lane.newest['outcome'], 'lock')
  t.same(
    lane.of('containerLocked').map(({ body }) => body),
    [{ containers: [exampleBox], declarationNos: [], orderIds: ['L1'], tripId: 'T1', obligations: [] }],
  )
  lane.answer('release', { orderIds: ['L1'], reason: 'known shipper' })
  t.equal(lane.answers.at(-1), 'locked')
  lane.answer('hold')
  t.equal(lane.answers.at(-1), 'accepted')
  lane.answer('release', { orderIds: ['L1'], reason: 'known shipper' })
  t.equal(lane.answers.at(-1), 'locked', 'held or not')
  t.equal(lane.of('containerLocked').length, 1)
  lane.answer('return')
  t.equal(lane.answers.at(-1), 'accepted')
  t.equal(lane.at, 'returning')
  t.same(lane.raises, [])
  t.same(lane.breaches, [])
  t.end()
})

t.test('an officer unlocks at the gateway: a person is asked anew, and may release', (t) => {
  for (const isHeld of [false, true]) {
    const lane = ExampleLaden.come(box('LOCKED'))
    t.match(lane.newest, { outcome: 'lock', reasons: ['QUA-02'] })
    t.same(lane.of('containerLocked')[0]?.body['containers'], [exampleBox])
    if (isHeld) lane.answer('hold')
    lane.switched(box('OPEN'))
    t.match(lane.newest, { outcome: 'release' })
    t.same(lane.raises, [], 'never by the lane itself')
    lane.answer('release')
    t.equal(lane.answers.at(-1), 'accepted')
    t.equal(lane.raises.length, 1)
    t.same(lane.breaches, [])
  }
  t.end()
})

t.test('an order that is lifted leaves what else there is', (t) => {
  const lane = ExampleLaden.come({}, [order(), order({ orderId: 'O2', action: 'INTERCEPT' })])
  t.equal(lane.newest['outcome'], 'lock')
  lane.switched({}, [order({ orderId: 'O2', action: 'INTERCEPT' })])
  t.match(lane.newest, { outcome: 'hold', reasons: ['CTL-02'], interceptOrderIds: ['O2'] })
  lane.answer('release', { orderIds: ['O2'], reason: 'looked into' })
  t.equal(lane.raises.length, 1)
  t.same(lane.breaches, [])
  t.end()
})

t.test('a lock that cannot be told any more is still a lock', (t) => {
  const lane = ExampleLaden.come({}, [order()])
  lane.switched({}, 'unknown')
  lane.answer('release', { orderIds: ['L1'], reason: 'no list' })
  t.equal(lane.answers.at(-1), 'locked')
  const box1 = ExampleLaden.come(box('LOCKED'))
  box1.switched({ containers: { [exampleBox]: 'unknown' } })
  box1.answer('release', { reason: 'no list' })
  t.equal(box1.answers.at(-1), 'locked')
  t.same([...lane.raises, ...box1.raises, ...lane.breaches, ...box1.breaches], [])
  t.end()
})

t.test('a lock under a radiation alarm is a lock all the same', (t) => {
  const lane = ExampleLaden.come({}, [order()])
  lane.senseLoad({ of: 'radiation', is: 'alarm' })
  t.equal(lane.newest['outcome'], 'escalate')
  lane.answer('release', { orderIds: ['L1'], reason: 'measured again' })
  t.equal(lane.answers.at(-1), 'locked')
  t.same([...lane.raises, ...lane.breaches], [])
  t.end()
})

t.test('a lock that comes between the release of a person and the command stops it', (t) => {
  const lane = ExampleLaden.come({}, [order({ orderId: 'O2', action: 'INTERCEPT' })])
  t.equal(lane.newest['outcome'], 'hold')
  lane.beforeCommand = () => lane.control.replaceOrders([order({ orderId: 'O2' })])
  lane.answer('release', { orderIds: ['O2'], reason: 'looked into' })
  t.same(lane.raises, [], 'the same order says LOCK now')
  t.match(lane.newest, { outcome: 'lock' })
  t.same(lane.breaches, [])
  t.end()
})

t.test('a restart forgets no lock', (t) => {
  const lane = ExampleLaden.come(box('LOCKED'))
  lane.restart()
  lane.pass(10_000)
  t.equal(lane.newest['outcome'], 'lock')
  lane.answer('release', { reason: 'after the restart' })
  t.equal(lane.answers.at(-1), 'locked')
  t.same([...lane.raises, ...lane.breaches], [])
  t.end()
})

t.test('a vehicle that is sent to inspection becomes a task, once', (t) => {
  const lane = ExampleLaden.come({}, [order({ orderId: 'O2', action: 'INTERCEPT' })])
  t.same(
    lane.of('inspectionAsked').map(({ body }) => body),
    [{ reasons: ['CTL-02'], containers: [exampleBox], tripId: 'T1', obligations: ['INSPECT'] }],
  )
  const guide = lane.done.findLast((effect) => effect.do === 'guide')
  t.match(guide, { light: 'red', prompt: 'prompt.inspection' }, 'and the driver sees where to go')
  lane.answer('hold')
  lane.switched({}, [
    order({ orderId: 'O2', action: 'INTERCEPT' }),
    order({ orderId: 'O3', action: 'INTERCEPT' }),
  ])
  t.equal(lane.of('inspectionAsked').length, 1)
  const papers = ExampleLaden.come({}, [order({ action: 'DOCS' })])
  t.same(papers.of('inspectionAsked'), [], 'papers are looked at in the office')
  t.same([...lane.breaches, ...papers.breaches], [])
  t.end()
})

t.test('a load from an infected area is locked, and is a task for the inspectors at once', (t) => {
  const lane = ExampleLaden.come({ areas: [exampleArea({ areaCode: 'HK' })] })
  t.match(lane.newest, { outcome: 'lock', reasons: ['QUA-01'] })
  const about = { tripId: 'T1', obligations: ['DISINFECT', 'INSPECT'] }
  t.match(lane.of('containerLocked')[0]?.body, { containers: [exampleBox], ...about })
  t.match(lane.of('inspectionAsked')[0]?.body, { reasons: ['QUA-01'], containers: [exampleBox], ...about })
  t.same(lane.breaches, [])
  t.end()
})
