import t from 'tap'
import type { Sensed } from '../../interfaces/reader.js'
import type { ContainerEntry } from '../../messages/cargo-entities.js'
import type { ControlOrder } from '../../messages/entities.js'
import { exampleBox, exampleDriver, exampleLaden, exampleTruck } from '../decision/cargo-examples.js'
import { noCargoFacts, type CargoFacts } from '../decision/cargo.js'
import { cargoProfiles } from '../decision/cargo-profiles.js'
import { ExampleLane, exampleSettings } from './example-lane.js'
import type { LaneView } from './types.js'

const known: CargoFacts = exampleLaden().facts.cargo ?? noCargoFacts
const findings: readonly Sensed[] = [
  { of: 'card', cardNo: 'K1' },
  { of: 'temperature', is: 'normal' },
  { of: 'radiation', is: 'normal' },
  { of: 'container', number: exampleBox, confidence: 0.98 },
  { of: 'seal', sealId: 'S1', status: 'CLOSED', openedAt: null, batteryLow: false },
  { of: 'weight', grossKg: 30_100, stable: true, onScale: true },
]

function box(lock: ContainerEntry['lock']): Partial<CargoFacts> {
  const entry = known.containers[exampleBox]
  if (entry === undefined || entry === null || entry === 'unknown') throw new Error('the example has its box')
  return { containers: { ...known.containers, [exampleBox]: { ...entry, lock } } }
}

/** Truck V1 of the examples comes to a laden lane. */
class Laden extends ExampleLane {
  load: Partial<CargoFacts> = {}
  /** What happens while the intent is made durable. */
  beforeCommand: () => void = () => undefined

  override get view(): LaneView {
    if (this.state.passage?.phase.at === 'releasing') this.beforeCommand()
    return super.view
  }

  static come(load: Partial<CargoFacts>, orders: readonly ControlOrder[] = []): Laden {
    const lane = new Laden({ ...exampleSettings, profile: cargoProfiles.roadInLaden })
    lane.load = load
    lane.facts = (kind, key) => {
      if (key !== 'E1' && key !== 'P1') return { tag: null, vehicle: null }
      const tag = { kind: 'tag', epc: 'E1', state: 'ACTIVE', vehicleId: 'V1' } as const
      const vehicle = { ...exampleTruck, plates: [{ region: 'CN', text: 'P1' } as const] }
      return { tag: kind === 'tag' ? tag : null, vehicle }
    }
    lane.cargoFacts = (ask) =>
      ask.vehicleId === 'V1'
        ? { ...known, drivers: ask.driverCards.includes('K1') ? { K1: exampleDriver } : {}, ...lane.load }
        : noCargoFacts
    lane.control.replaceOrders(orders)
    lane.start()
    lane.sense({})
    lane.sense({ entryLoop: 'occupied' })
    lane.hear('E1')
    lane.hear('E1')
    lane.senseLoad(...findings)
    lane.pass(400)
    return lane
  }

  /** The gateway has changed its lists. */
  switched(load: Partial<CargoFacts>, orders: readonly ControlOrder[] | 'unknown' = []): void {
    this.load = load
    if (orders === 'unknown') this.control.forget('orders')
    else this.control.replaceOrders(orders)
    this.deliver({ on: 'listsSwitched' })
  }

  get newest(): Readonly<Record<string, unknown>> {
    return this.of('escalationOpened').at(-1)?.body ?? {}
  }
}

function order(change: Partial<ControlOrder> = {}): ControlOrder {
  return {
    kind: 'order',
    orderId: 'L1',
    agency: 'IQ',
    subject: { kind: 'CONTAINER', key: exampleBox },
    action: 'LOCK',
    nature: 'OPEN',
    level: 2,
    reason: '',
    validFrom: 0,
    maxHits: 0,
    issuedBy: 'chen',
    ...change,
  }
}

t.test('a locked container is said to the gateway once, and nobody at the lane releases it', (t) => {
  const lane = Laden.come({}, [order()])
  t.equal(lane.newest['outcome'], 'lock')
  t.same(
    lane.of('containerLocked').map(({ body }) => body),
    [{ containers: [exampleBox], declarationNos: [], orderIds: ['L1'] }],
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
    const lane = Laden.come(box('LOCKED'))
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
  const lane = Laden.come({}, [order(), order({ orderId: 'O2', action: 'INTERCEPT' })])
  t.equal(lane.newest['outcome'], 'lock')
  lane.switched({}, [order({ orderId: 'O2', action: 'INTERCEPT' })])
  t.match(lane.newest, { outcome: 'hold', reasons: ['CTL-02'], interceptOrderIds: ['O2'] })
  lane.answer('release', { orderIds: ['O2'], reason: 'looked into' })
  t.equal(lane.raises.length, 1)
  t.same(lane.breaches, [])
  t.end()
})

t.test('a lock that cannot be told any more is still a lock', (t) => {
  const lane = Laden.come({}, [order()])
  lane.switched({}, 'unknown')
  lane.answer('release', { orderIds: ['L1'], reason: 'no list' })
  t.equal(lane.answers.at(-1), 'locked')
  const box1 = Laden.come(box('LOCKED'))
  box1.switched({ containers: { [exampleBox]: 'unknown' } })
  box1.answer('release', { reason: 'no list' })
  t.equal(box1.answers.at(-1), 'locked')
  t.same([...lane.raises, ...box1.raises, ...lane.breaches, ...box1.breaches], [])
  t.end()
})

t.test('a lock under a radiation alarm is a lock all the same', (t) => {
  const lane = Laden.come({}, [order()])
  lane.senseLoad({ of: 'radiation', is: 'alarm' })
  t.equal(lane.newest['outcome'], 'escalate')
  lane.answer('release', { orderIds: ['L1'], reason: 'measured again' })
  t.equal(lane.answers.at(-1), 'locked')
  t.same([...lane.raises, ...lane.breaches], [])
  t.end()
})

t.test('a lock that comes between the release of a person and the command stops it', (t) => {
  const lane = Laden.come({}, [order({ orderId: 'O2', action: 'INTERCEPT' })])
  t.equal(lane.newest['outcome'], 'hold')
  lane.beforeCommand = () => lane.control.replaceOrders([order({ orderId: 'O2' })])
  lane.answer('release', { orderIds: ['O2'], reason: 'looked into' })
  t.same(lane.raises, [], 'the same order says LOCK now')
  t.match(lane.newest, { outcome: 'lock' })
  t.same(lane.breaches, [])
  t.end()
})

t.test('a restart forgets no lock', (t) => {
  const lane = Laden.come(box('LOCKED'))
  lane.restart()
  lane.pass(10_000)
  t.equal(lane.newest['outcome'], 'lock')
  lane.answer('release', { reason: 'after the restart' })
  t.equal(lane.answers.at(-1), 'locked')
  t.same([...lane.raises, ...lane.breaches], [])
  t.end()
})

t.test('a vehicle that is sent to inspection becomes a task, once', (t) => {
  const lane = Laden.come({}, [order({ orderId: 'O2', action: 'INTERCEPT' })])
  t.same(
    lane.of('inspectionAsked').map(({ body }) => body),
    [{ reasons: ['CTL-02'], containers: [exampleBox] }],
  )
  const guide = lane.done.findLast((effect) => effect.do === 'guide')
  t.match(guide, { light: 'red', prompt: 'prompt.inspection' }, 'and the driver sees where to go')
  lane.answer('hold')
  lane.switched({}, [
    order({ orderId: 'O2', action: 'INTERCEPT' }),
    order({ orderId: 'O3', action: 'INTERCEPT' }),
  ])
  t.equal(lane.of('inspectionAsked').length, 1)
  const papers = Laden.come({}, [order({ action: 'DOCS' })])
  t.same(papers.of('inspectionAsked'), [], 'papers are looked at in the office')
  t.same([...lane.breaches, ...papers.breaches], [])
  t.end()
})
