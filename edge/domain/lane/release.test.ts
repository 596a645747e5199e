import t from 'tap'
import { parseDecidedBody, redecide } from '../decision/replay.js'
import { ExampleLane, exampleFacts } from './example-lane.js'
import type { ControlOrder } from '../../messages/entities.js'

function intercept(orderId: string, key: string, change: Partial<ControlOrder> = {}): ControlOrder {
  return {
    kind: 'order',
    orderId,
    agency: 'IQ',
    subject: { kind: 'TAG', key },
    action: 'INTERCEPT',
    nature: 'OPEN',
    level: 2,
    reason: '',
    validFrom: 0,
    maxHits: 0,
    issuedBy: 'chen',
    ...change,
  }
}

t.test('a known car is decided, recorded, raised for and seen to leave', (t) => {
  const lane = ExampleLane.started()
  const mark = lane.journal.length
  lane.arrive('E1')
  t.equal(lane.at, 'raising')
  t.equal(lane.raises.length, 1)
  lane.raiseBar()
  t.equal(lane.at, 'raised')
  lane.driveThrough()
  t.equal(lane.at, 'idle')
  t.equal(
    lane.story(mark),
    'passageOpened tagObserved decided:release barrierIntent barrierOutcome:accepted barrierMoved passageEnded:cleared barrierMoved',
  )
  t.same(lane.breaches, [])
  t.end()
})

t.test('the raise waits until the records are durable, and no step both records and raises', (t) => {
  const lane = ExampleLane.started()
  lane.writable = true
  lane.sense({ entryLoop: 'occupied' })
  lane.hear('E1')
  lane.writable = false
  lane.pass(400)
  t.equal(lane.raises.length, 0, 'the disk is full, so nothing is asked for')
  t.equal(lane.at, 'unwritable')
  t.same(lane.breaches, [])
  t.end()
})

t.test('nothing is decided before collectMs, although everything is known', (t) => {
  const lane = ExampleLane.started()
  lane.sense({ entryLoop: 'occupied' })
  lane.hear('E1')
  lane.pass(399)
  t.equal(lane.of('decided').length, 0)
  lane.pass(1)
  t.equal(lane.of('decided').length, 1)
  t.end()
})

t.test('a listed trailer that is heard within collectMs holds the clear tractor', (t) => {
  const lane = ExampleLane.started()
  lane.control.replaceOrders([intercept('O1', 'E2')])
  lane.sense({ entryLoop: 'occupied' })
  lane.hear('E1')
  lane.pass(350)
  lane.hear('E2')
  lane.pass(100)
  t.equal(lane.at, 'escalated')
  t.equal(lane.raises.length, 0)
  t.same(lane.of('escalationOpened').at(-1)?.body['interceptOrderIds'], ['O1'])
  t.end()
})

t.test('facts that are late are waited for; facts that never come end in an escalation', (t) => {
  const lane = ExampleLane.started()
  lane.answersLookups = false
  lane.sense({ entryLoop: 'occupied' })
  lane.hear('E1')
  lane.pass(7_900)
  t.equal(lane.at, 'identifying')
  lane.pass(200)
  t.equal(lane.at, 'escalated')
  t.equal(lane.raises.length, 0)
  lane.deliver({ on: 'facts', of: { kind: 'tag', key: 'E1' }, facts: lane.facts('tag', 'E1') })
  t.equal(lane.at, 'raising', 'mere ignorance is mended by knowledge, as a decision of its own')
  t.equal(lane.of('decided').length, 2)
  t.equal(lane.of('escalationClosed').at(-1)?.body['why'], 'decidedAnew')
  t.same(lane.breaches, [])
  t.end()
})

t.test(
  'a vehicle that shows nothing is handed to a person after identifyWithinMs, and released when its tag is heard',
  (t) => {
    const lane = ExampleLane.started()
    lane.arrive(null)
    lane.pass(7_500)
    t.equal(lane.at, 'identifying')
    lane.pass(100)
    t.equal(lane.at, 'escalated')
    t.ok(String(lane.of('escalationOpened')[0]?.body['reasons']).includes('ID-01'))
    lane.hear('E1')
    t.equal(lane.at, 'raising')
    t.same(lane.breaches, [])
    t.end()
  },
)

t.test('a hold by a control order is never undone by the lane, even when the order is lifted', (t) => {
  const lane = ExampleLane.started()
  lane.control.replaceOrders([intercept('O1', 'E1')])
  lane.arrive('E1')
  t.equal(lane.at, 'escalated')
  lane.control.replaceOrders([])
  lane.deliver({ on: 'listsSwitched' })
  lane.hear('E9')
  lane.pass(10_000)
  t.equal(lane.at, 'escalated')
  t.equal(lane.raises.length, 0)
  t.equal(lane.of('escalationOpened').length, 1, 'and the operator still has to name the order')
  t.end()
})

t.test(
  'whoever follows a vehicle with which an order’s tag was heard is shown to a person, heard again or not',
  (t) => {
    const lane = ExampleLane.started()
    lane.control.replaceOrders([intercept('O1', 'E2')])
    lane.arrive('E1')
    lane.raiseBar()
    lane.hear('E2')
    lane.driveThrough()
    lane.pass(4_000)
    lane.arrive('E3')
    t.equal(lane.at, 'escalated')
    t.equal(lane.raises.length, 1)
    lane.answer('release')
    lane.raiseBar()
    lane.driveThrough()
    lane.pass(16_000)
    lane.arrive('E4')
    t.equal(lane.at, 'raising', 'after a while whoever comes is somebody else')
    t.same(lane.breaches, [])
    t.end()
  },
)

t.test('an order on a tag holds a vehicle of which only the plate is seen', (t) => {
  const lane = ExampleLane.started()
  lane.control.replaceOrders([intercept('O1', 'E1')])
  lane.facts = (kind, key) =>
    kind === 'plate' && key === 'P1'
      ? { tag: exampleFacts('tag', 'E1').tag, vehicle: exampleFacts('tag', 'E1').vehicle }
      : exampleFacts(kind, key)
  lane.see('P1')
  lane.sense({ entryLoop: 'occupied' })
  lane.pass(9_000)
  t.equal(lane.at, 'escalated')
  t.same(lane.of('escalationOpened')[0]?.body['interceptOrderIds'], ['O1'])
  t.end()
})

t.test(
  'a tag that comes into the registry while its vehicle waits releases it, and brings its orders',
  (t) => {
    const lane = ExampleLane.started()
    lane.facts = () => ({ tag: null, vehicle: null })
    lane.arrive('E1')
    t.equal(lane.at, 'escalated')
    lane.facts = exampleFacts
    lane.deliver({ on: 'listsSwitched' })
    t.equal(lane.at, 'raising')
    const held = ExampleLane.started()
    held.facts = () => ({ tag: null, vehicle: null })
    held.arrive('E1')
    held.facts = exampleFacts
    held.control.replaceOrders([intercept('O1', 'E1', { subject: { kind: 'VEHICLE', key: 'V1' } })])
    held.deliver({ on: 'listsSwitched' })
    t.same(held.of('escalationOpened').at(-1)?.body['interceptOrderIds'], ['O1'])
    t.same([...lane.breaches, ...held.breaches], [])
    t.end()
  },
)

t.test('a second order on a held vehicle is shown to the operator as a new escalation', (t) => {
  const lane = ExampleLane.started()
  lane.control.replaceOrders([intercept('O1', 'E1')])
  lane.arrive('E1')
  lane.control.replaceOrders([intercept('O1', 'E1'), intercept('O2', 'E1')])
  lane.deliver({ on: 'listsSwitched' })
  t.equal(lane.of('escalationOpened').length, 2)
  t.same(lane.of('escalationOpened')[1]?.body['interceptOrderIds'], ['O1', 'O2'])
  t.same(lane.breaches, [])
  t.end()
})

t.test('an order that arrives while the decision is being written withdraws the raise (second look)', (t) => {
  const lane = ExampleLane.started()
  lane.sense({ entryLoop: 'occupied' })
  lane.hear('E1')
  lane.pass(399)
  const mark = lane.journal.length
  // The order comes into force between `decided` and `recorded`.
  const before = lane.control.ordersOn.bind(lane.control)
  let looks = 0
  lane.control.ordersOn = (keys) => {
    looks += 1
    if (lane.of('barrierIntent').length > 0) return [intercept('O7', 'E1')]
    return before(keys)
  }
  lane.pass(1)
  t.ok(looks > 0)
  t.equal(lane.raises.length, 0)
  t.equal(lane.at, 'escalated')
  t.equal(
    lane.story(mark),
    'decided:release barrierIntent barrierOutcome:withdrawn decided:hold inspectionAsked escalationOpened:hold',
  )
  t.same(lane.breaches, [])
  t.end()
})

t.test('a tag heard after the raise that is under an order becomes a late objection, once', (t) => {
  const lane = ExampleLane.started()
  lane.control.replaceOrders([intercept('O1', 'E2')])
  lane.arrive('E1')
  lane.raiseBar()
  lane.hear('E2')
  lane.hear('E2')
  lane.deliver({ on: 'listsSwitched' })
  t.equal(lane.at, 'raised', 'nothing calls the vehicle back')
  const late = lane.of('lateObjection')
  t.equal(late.length, 1)
  t.match(late[0]?.body, { epc: 'E2', code: 'CTL-02', orderIds: ['O1'] })
  t.end()
})

t.test('a silent order alerts once and changes nothing that can be seen', (t) => {
  const quiet = ExampleLane.started()
  quiet.arrive('E1')
  const lane = ExampleLane.started()
  lane.control.replaceOrders([intercept('S1', 'E1', { action: 'NOTIFY', nature: 'SECRET' })])
  lane.arrive('E1')
  t.equal(lane.of('silentAlert').length, 1)
  t.same(lane.done, quiet.done, 'light, text, voice and raise are the same')
  t.end()
})

t.test('ATTENDED asks a person to confirm what AUTO would release', (t) => {
  const lane = ExampleLane.started()
  lane.order({ do: 'setMode', mode: 'ATTENDED' })
  lane.arrive('E1')
  t.equal(lane.at, 'escalated')
  t.same(lane.of('escalationOpened')[0]?.body['reasons'], ['LANE-05'])
  lane.answer('release')
  t.equal(lane.at, 'raising')
  t.same(lane.of('barrierIntent')[0]?.body['right'], { by: 'verdict', verdictId: 'verdict-2' })
  t.same(lane.breaches, [])
  t.end()
})

t.test('a lane in CLOSED opens a passage, decides nothing, and judges when it is opened again', (t) => {
  const lane = ExampleLane.started()
  lane.order({ do: 'setMode', mode: 'CLOSED' })
  lane.arrive('E1')
  lane.pass(20_000)
  t.equal(lane.at, 'closed')
  t.equal(lane.of('decided').length, 0)
  t.match(lane.done.at(-1), { do: 'guide', light: 'red', prompt: 'prompt.otherLane' })
  lane.order({ do: 'setMode', mode: 'AUTO' })
  t.equal(lane.at, 'raising')
  t.same(lane.breaches, [])
  t.end()
})

t.test('an emergency order holds everybody, survives a restart, and is ended only by its own number', (t) => {
  const lane = ExampleLane.started()
  lane.order({ do: 'holdAll', incidentId: 'fire-1', on: true })
  lane.restart()
  lane.arrive('E1')
  t.equal(lane.at, 'escalated')
  t.ok(String(lane.of('escalationOpened')[0]?.body['reasons']).includes('LANE-02'))
  lane.answer('release')
  t.equal(lane.answers.at(-1), 'incident')
  lane.order({ do: 'holdAll', incidentId: 'fire-2', on: false })
  t.equal(lane.answers.at(-1), 'otherIncident')
  lane.order({ do: 'holdAll', incidentId: 'fire-1', on: false })
  t.equal(lane.at, 'raising')
  t.same(lane.breaches, [])
  t.end()
})

t.test('a required device that is down calls a person at once, and the lane goes on when it is back', (t) => {
  const lane = ExampleLane.started()
  lane.devices = { 'reader-1': false }
  lane.arrive(null)
  t.equal(lane.at, 'escalated')
  t.ok(String(lane.of('escalationOpened')[0]?.body['reasons']).includes('SYS-01'))
  lane.devices = { 'reader-1': true }
  lane.hear('E1')
  t.equal(lane.at, 'raising')
  t.end()
})

t.test('every decision replays to the same decision, byte for byte', (t) => {
  const lane = ExampleLane.started()
  lane.control.replaceOrders([intercept('O1', 'E2')])
  lane.see('P3')
  lane.arrive('E1')
  lane.raiseBar()
  lane.driveThrough()
  lane.pass(5_000)
  lane.arrive('E2')
  for (const { body } of lane.of('decided')) {
    const read = parseDecidedBody(JSON.parse(JSON.stringify(body)) as Record<string, unknown>)
    t.equal(read.ok && redecide(read.value).same, true)
  }
  t.ok(lane.of('decided').length >= 2)
  t.end()
})

t.test('more tags than a passage may hold hold the vehicle, and the fault is cleared with it', (t) => {
  const lane = ExampleLane.started()
  lane.sense({ entryLoop: 'occupied' })
  for (let i = 0; i < 200; i += 1) lane.hear(`FLOOD${i}`)
  lane.pass(1_000)
  t.equal(lane.at, 'escalated')
  t.equal(lane.of('tagObserved').length, 64)
  t.ok(lane.done.some((effect) => effect.do === 'fault' && effect.change.code === 'lane.tooManyTags'))
  lane.sense({ entryLoop: 'clear' })
  lane.pass(1_100)
  t.same(lane.state.faults, [])
  t.equal(lane.of('passageEnded').at(-1)?.body['readsShed'], 136)
  t.end()
})
