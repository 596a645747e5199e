import t from 'tap'
import type { ListEntry } from '../../edge/messages/entities.js'
import { checkChange, heldEntry } from './list-change.js'
import { normaliseEntry, normaliseKey } from './list-keys.js'

const order = (orderId: string, kind: 'TAG' | 'PLATE' | 'VEHICLE', key: string): ListEntry => ({
  kind: 'order',
  orderId,
  agency: 'IQ',
  subject: { kind, key },
  action: 'INTERCEPT',
  nature: 'OPEN',
  level: 1,
  reason: '',
  validFrom: 0,
  maxHits: 0,
  issuedBy: 'x',
})
const tag = (epc: string): ListEntry => ({ kind: 'tag', epc, state: 'ACTIVE', vehicleId: 'V' })
const none = new Map<string, string>()

t.test('keys are brought to the form in which lanes look them up', (t) => {
  t.match(normaliseEntry(tag(' e200ab ')), { epc: 'E200AB' })
  t.match(normaliseEntry(tag('Lane.Tag-7')), { epc: 'Lane.Tag-7' }, 'a text identity is left as it is')
  t.match(normaliseEntry(order('o', 'TAG', 'e2ff')), { subject: { key: 'E2FF' } })
  t.match(normaliseEntry(order('o', 'PLATE', '粤b·1234 5')), { subject: { key: '粤B12345' } })
  t.match(normaliseEntry(order('o', 'VEHICLE', 'v-1')), { subject: { key: 'v-1' } })
  const vehicle: ListEntry = {
    kind: 'vehicle',
    vehicleId: 'v',
    vehicleKind: 'CAR',
    plates: [{ region: 'CN', text: '粤z·a12 港' }],
    carriesTag: true,
  }
  t.match(normaliseEntry(vehicle), { plates: [{ text: '粤ZA12港' }] })
  t.equal(normaliseKey('tags', 'e2ff'), 'E2FF')
  t.equal(normaliseKey('orders', 'bk-1'), 'bk-1')
  t.end()
})

t.test('a change is taken whole or refused with everything that is wrong', (t) => {
  const held = new Map([['BK-1', 'h']])
  const refused = checkChange(
    'orders',
    {
      upserts: [tag('E1'), order('BK-2', 'TAG', 'E1'), order('BK-2', 'TAG', 'E2')],
      deletes: ['BK-1', 'BK-9'],
    },
    held,
  )
  t.match(refused, {
    ok: false,
    problems: [{ path: 'upserts.0.kind' }, { path: 'upserts.2' }, { path: 'deletes.1' }],
  })
  const taken = checkChange('orders', { upserts: [order('BK-2', 'TAG', 'E1')], deletes: ['BK-1'] }, held)
  t.match(taken, { ok: true, change: { upserts: [{ key: 'BK-2' }], deletes: ['BK-1'] } })
  const both = checkChange('orders', { upserts: [order('BK-1', 'TAG', 'E1')], deletes: ['BK-1'] }, held)
  t.match(both, { ok: false, problems: [{ path: 'deletes.0' }] }, 'to set and to delete one key is no change')
  t.end()
})

t.test('part of a plate is brought to the form of plates, or refused where it is none', (t) => {
  const onPart = (key: string): ListEntry => {
    const entry = order('BK-1', 'PLATE', '')
    if (entry.kind !== 'order') throw new Error('not an order')
    return { ...entry, subject: { kind: 'PLATE_PATTERN', key }, patternMayIntercept: true }
  }
  const taken = (key: string) => checkChange('orders', { upserts: [onPart(key)], deletes: [] }, none)
  t.match(taken('粤b·12**３?'), {
    ok: true,
    change: { upserts: [{ entry: { subject: { key: '粤B12*3?' } } }] },
  })
  for (const [key, said] of [
    ['粤B12345', /a whole plate is a PLATE/],
    ['[AB]12*', /is no part of a plate/],
    ['粤B*', /is no part of a plate/],
  ] as const)
    t.match(taken(key), { ok: false, problems: [{ path: 'upserts.0.subject.key', message: said }] })
  t.end()
})

t.test('an upsert that changes nothing falls away', (t) => {
  const entry = heldEntry(tag('E1'))
  const same = checkChange('tags', { upserts: [tag('e1')], deletes: [] }, new Map([['E1', entry.hash]]))
  t.match(same, { ok: true, change: { upserts: [], deletes: [] } })
  t.match(checkChange('tags', { upserts: [tag('e1')], deletes: [] }, none), { change: { upserts: [entry] } })
  t.end()
})
