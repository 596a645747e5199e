import t from 'tap'
import type { ControlOrder, ListEntry } from '../../edge/messages/entities.js'
import type { TripEntry } from '../../edge/messages/cargo-entities.js'
import { affectedBy } from './affected.js'
import { normaliseEntry } from './list-keys.js'
import { namesOf } from './names.js'

const order = (kind: ControlOrder['subject']['kind'], key: string): ListEntry => ({
  ...{
    kind: 'order',
    orderId: 'o',
    agency: 'IQ',
    subject: { kind, key },
    action: 'INTERCEPT',
    nature: 'OPEN',
  },
  ...{ level: 1, reason: '', validFrom: 0, maxHits: 0, issuedBy: 'x' },
})

t.test('a new order leads to the trips that it concerns by a name that they bear', (t) => {
  const trip: TripEntry = {
    ...{ kind: 'trip', tripId: 'T1', vehicleId: 'V1', driverId: 'D1', direction: 'in', load: 'L' },
    ...{ containers: ['CSQU3054383'], declarationNos: ['N1'], sealIds: ['L1'], routeAreas: [] },
    ...{ needsFitness: false, straightRelease: false },
  }
  const names = new Set(namesOf(trip).map(({ by, value }) => `${by} ${value}`))
  for (const [kind, key] of [
    ['VEHICLE', 'V1'],
    ['DRIVER', 'D1'],
    ['CONTAINER', 'CSQU3054383'],
    ['DECLARATION', 'N1'],
    ['SEAL', 'L1'],
  ] as const) {
    const [affected] = affectedBy(order(kind, key))
    t.equal(affected?.trips, 'name', kind)
    if (affected?.trips === 'name') t.ok(names.has(`${affected.name} ${affected.values[0]}`), kind)
  }
  t.end()
})

t.test(
  'an order on goods or on where they come from concerns every trip, since none bears their name',
  (t) => {
    for (const kind of ['GOODS_CLASS', 'ORIGIN_AREA'] as const)
      t.same(affectedBy(order(kind, 'x')), [{ trips: 'all' }])
    t.end()
  },
)

t.test('whom an order holds stands in the form in which lanes look it up', (t) => {
  const keyOf = (kind: ControlOrder['subject']['kind'], key: string) => {
    const entry = normaliseEntry(order(kind, key))
    return entry.kind === 'order' ? entry.subject.key : undefined
  }
  t.equal(keyOf('ORIGIN_AREA', ' cn-gd '), 'CN-GD')
  t.equal(keyOf('CONTAINER', 'csqu 305438-3'), 'CSQU3054383')
  t.equal(keyOf('PLATE_PATTERN', '粤b**·23'), '粤B*23')
  t.equal(keyOf('COMPANY', ' C1 '), 'C1')
  t.end()
})
