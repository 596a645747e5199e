import t from 'tap'
import type { BlacklistEntry, ControlOrder } from '../../messages/entities.js'
import { exampleBlacklisted, exampleLift, exampleNowMs, exampleOrder } from '../decision/examples.js'
import { effectOf, isEffective, objectionsOn, subjectKeys, type ControlNow } from './control.js'
import { MemoryControl } from './memory-control.js'

const now: ControlNow = { wallMs: exampleNowMs, clockQuality: 'synchronised' }
const tagE1 = subjectKeys({ epcs: ['E1'], plates: [], vehicleIds: [], companyIds: [] })

function controlOf(
  orders: readonly ControlOrder[] | null,
  blacklist: readonly BlacklistEntry[] | null,
): MemoryControl {
  const control = new MemoryControl()
  if (orders) control.replaceOrders(orders)
  if (blacklist) control.replaceBlacklist(blacklist)
  return control
}

t.test('every identity of a passage is a key, each once and in a fixed order', (t) => {
  const keys = subjectKeys({
    epcs: ['E2', 'E1', 'E2'],
    plates: ['P1'],
    vehicleIds: ['V1'],
    companyIds: ['C1', 'C1'],
  })
  t.same(keys, [
    { kind: 'TAG', key: 'E1' },
    { kind: 'TAG', key: 'E2' },
    { kind: 'PLATE', key: 'P1' },
    { kind: 'VEHICLE', key: 'V1' },
    { kind: 'COMPANY', key: 'C1' },
  ])
  t.end()
})

t.test('a truck is known by its driver, containers and declarations too', (t) => {
  const keys = subjectKeys({
    epcs: [],
    plates: [],
    vehicleIds: [],
    companyIds: ['C1'],
    driverIds: ['D2', 'D1', 'D2'],
    containers: ['TCLU4265449'],
    declarationNos: ['IQ1', 'CUS1'],
  })
  t.same(
    keys.map(({ kind, key }) => `${kind} ${key}`),
    ['COMPANY C1', 'DRIVER D1', 'DRIVER D2', 'CONTAINER TCLU4265449', 'DECLARATION CUS1', 'DECLARATION IQ1'],
  )
  t.end()
})

t.test('an order is in force from its first to its last millisecond', (t) => {
  const order = exampleOrder({ validFrom: 1_000, validTo: 2_000 })
  const at = (wallMs: number) => isEffective(order, { wallMs, clockQuality: 'holdover' })
  t.same([999, 1_000, 2_000, 2_001].map(at), [false, true, true, false])
  t.equal(
    isEffective(exampleOrder({ validFrom: 1_000 }), { ...now, wallMs: 9e15 }),
    true,
    'no end: until lifted',
  )
  t.end()
})

t.test('a clock that is not trusted ends no order, and keeps none from beginning', (t) => {
  const over = exampleOrder({ validFrom: 1_000, validTo: 2_000 })
  const untrusted = { wallMs: 3_000, clockQuality: 'untrusted' } as const
  t.equal(isEffective(over, untrusted), true)
  t.equal(isEffective(over, { ...untrusted, wallMs: 0 }), true)
  t.equal(isEffective(exampleBlacklisted({ validFrom: 1_000, validTo: 2_000 }), untrusted), true)
  t.end()
})

t.test('what was lifted holds nobody, whatever the clock is worth', (t) => {
  for (const clockQuality of ['synchronised', 'holdover', 'untrusted'] as const)
    for (const entry of [exampleOrder({ lift: exampleLift }), exampleBlacklisted({ lift: exampleLift })])
      t.equal(isEffective(entry, { ...now, clockQuality }), false, `${entry.kind} ${clockQuality}`)
  const lifted = controlOf(
    [exampleOrder({ lift: exampleLift })],
    [exampleBlacklisted({ subject: { kind: 'TAG', key: 'E1' }, lift: exampleLift })],
  )
  t.same(objectionsOn(lifted, tagE1, now), [])
  lifted.upsert(exampleOrder())
  t.same(
    objectionsOn(lifted, tagE1, now),
    [{ code: 'CTL-02', orderIds: ['O1'] }],
    'and holds again without it',
  )
  t.end()
})

t.test('every action but NOTIFY holds, also one that no rule of this version knows', (t) => {
  const effects = (['INTERCEPT', 'NOTIFY', 'DOCS', 'DISINFECT', 'LOCK'] as const).map((action) =>
    effectOf(exampleOrder({ action, nature: 'SECRET' })),
  )
  t.same(effects, [
    { code: 'CTL-02S', effect: 'hold' },
    { code: 'CTL-03', effect: 'silent' },
    { code: 'CTL-02S', effect: 'hold' },
    { code: 'CTL-02S', effect: 'hold' },
    { code: 'CTL-02S', effect: 'hold' },
  ])
  const open = (['INTERCEPT', 'DOCS', 'DISINFECT', 'LOCK'] as const).map(
    (action) => effectOf(exampleOrder({ action })).code,
  )
  t.same(open, ['CTL-02', 'CTL-04', 'CTL-05', 'CTL-01'], 'in the open each has its own')
  const newer: ControlOrder = JSON.parse(JSON.stringify({ ...exampleOrder(), action: 'WEIGH' }))
  t.same(effectOf(newer), { code: 'CTL-02', effect: 'hold' })
  t.end()
})

t.test('the second look names everything that would hold the vehicle now, and nothing else', (t) => {
  const orders = [
    exampleOrder({ orderId: 'O2' }),
    exampleOrder({ orderId: 'O1' }),
    exampleOrder({ orderId: 'O3', nature: 'SECRET' }),
    exampleOrder({ orderId: 'O4', action: 'NOTIFY' }),
    exampleOrder({ orderId: 'O5', validTo: exampleNowMs - 1 }),
    exampleOrder({ orderId: 'O6', subject: { kind: 'TAG', key: 'E2' } }),
    exampleOrder({ orderId: 'O7', subject: { kind: 'PLATE', key: 'E1' } }),
  ]
  const blacklist = [
    exampleBlacklisted({ entryId: 'B1', subject: { kind: 'TAG', key: 'E1' } }),
    exampleBlacklisted({ entryId: 'B2', subject: { kind: 'TAG', key: 'E1' }, level: 'WATCH' }),
  ]
  t.same(objectionsOn(controlOf(orders, blacklist), tagE1, now), [
    { code: 'BLK-01', orderIds: ['B1'] },
    { code: 'CTL-02', orderIds: ['O1', 'O2'] },
    { code: 'CTL-02S', orderIds: ['O3'] },
  ])
  t.same(objectionsOn(controlOf([], []), tagE1, now), [])
  t.end()
})

t.test('a list that was never complete is no leave to go, and hides no objection of the other', (t) => {
  t.equal(objectionsOn(controlOf(null, []), tagE1, now), 'unknown')
  t.equal(objectionsOn(controlOf([], null), tagE1, now), 'unknown')
  t.same(objectionsOn(controlOf([exampleOrder()], null), tagE1, now), [{ code: 'CTL-02', orderIds: ['O1'] }])
  const control = controlOf([], [])
  control.forget('orders')
  t.equal(objectionsOn(control, tagE1, now), 'unknown', 'nor is one that was found to be corrupt')
  t.end()
})
