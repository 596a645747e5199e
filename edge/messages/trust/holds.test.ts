import t from 'tap'
import type { BlacklistEntry, ControlOrder } from '../entities.js'
import { endedHoldStaysForMs, judgeHoldChange, lifted, type HoldEntry, type HoldGiven } from './holds.js'
import { day, delegationRecord, keys, nowMs } from './testing/site.js'

const given: HoldGiven = { site: 'site-1', delegation: delegationRecord(), signedTimeMs: nowMs }
const lift = { reason: '02', at: nowMs } as const

const order: ControlOrder = {
  kind: 'order',
  orderId: 'O1',
  agency: 'CUSTOMS',
  subject: { kind: 'PLATE', key: 'B12345' },
  action: 'INTERCEPT',
  nature: 'OPEN',
  level: 2,
  reason: 'look at it',
  validFrom: nowMs - day,
  validTo: nowMs + day,
  maxHits: 0,
  issuedBy: 'anna',
}
const banned: BlacklistEntry = {
  kind: 'blacklist',
  entryId: 'B1',
  subject: { kind: 'COMPANY', key: 'C1' },
  level: 'STOP',
  agency: 'CUSTOMS',
  reason: 'unpaid',
  validFrom: nowMs - day,
}

const said = (before: HoldEntry | null, after: HoldEntry | null, by: HoldGiven = given): string =>
  judgeHoldChange(by, before, after)?.reason ?? 'may'
const becomes = (changes: Partial<ControlOrder>): string => said(order, { ...order, ...changes })
const two = [keys.anna, keys.bo]

t.test('a hold is added with one key: nothing more is asked', (t) => {
  t.equal(said(null, order), 'may')
  t.equal(said(null, banned), 'may')
  t.end()
})

t.test('hold vanished: an order or a ban that goes without a lift is refused', (t) => {
  t.equal(said(order, null), 'listHoldVanished')
  t.equal(said(banned, null), 'listHoldVanished')
  t.end()
})

t.test('hold vanished: its own end by signed time lets it go, but only long after', (t) => {
  const atMs = (signedTimeMs: number) => said(order, null, { ...given, signedTimeMs })
  t.equal(atMs(nowMs + day + endedHoldStaysForMs), 'listHoldVanished')
  t.equal(atMs(nowMs + day + endedHoldStaysForMs + 1), 'may')
  t.equal(
    said(banned, null, { ...given, signedTimeMs: nowMs + 1e12 }),
    'listHoldVanished',
    'without an end never',
  )
  t.end()
})

t.test('hold weakened: each way to let its vehicle pass is refused', (t) => {
  const { validTo: _end, ...endless } = order
  for (const [how, changes] of Object.entries({
    'another subject': { subject: { kind: 'PLATE', key: 'B99999' } },
    'a lesser action': { action: 'NOTIFY' },
    'another action': { action: 'DOCS' },
    'an earlier end': { validTo: nowMs },
    'a later begin': { validFrom: nowMs },
    'another agency': { agency: 'PORT' },
    'a lower level': { level: 3 },
    'fewer hits': { maxHits: 1 },
  } satisfies Record<string, Partial<ControlOrder>>))
    t.equal(becomes(changes), 'listHoldWeakened', how)
  const onPart = {
    ...order,
    subject: { kind: 'PLATE_PATTERN', key: 'B1?34*' },
    patternMayIntercept: true,
  } as const
  const { patternMayIntercept: _mark, ...unmarked } = onPart
  t.equal(said(onPart, unmarked), 'listHoldWeakened', 'without the leave to intercept by part of a plate')
  t.equal(said(unmarked, onPart), 'may')
  t.equal(said(endless, order), 'listHoldWeakened', 'an end where there was none')
  t.equal(said(banned, { ...banned, level: 'WATCH' }), 'listHoldWeakened', 'watched instead of stopped')
  t.end()
})

t.test('a hold that grows stronger, or only reads otherwise, needs no lift', (t) => {
  t.equal(becomes({ action: 'LOCK', level: 1, validTo: nowMs + 2 * day }), 'may')
  t.equal(becomes({ reason: 'read again', nature: 'SECRET' }), 'may')
  t.equal(said({ ...banned, level: 'WATCH' }, banned), 'may')
  t.equal(said({ ...order, action: 'NOTIFY' }, order), 'may')
  t.end()
})

t.test('two persons lift a hold; afterwards it may leave the list, or hold again', (t) => {
  const after = lifted('site-1', order, lift, two)
  t.equal(said(order, after), 'may')
  t.equal(said(banned, lifted('site-1', banned, lift, two)), 'may')
  t.equal(said(after, null), 'may')
  t.equal(said(after, order), 'may')
  t.end()
})

t.test('lift by one person: neither alone, nor twice, nor with two keys of one person', (t) => {
  for (const by of [[keys.anna], [keys.anna, keys.anna], [keys.bo, keys.boAgain]])
    t.equal(said(order, lifted('site-1', order, lift, by)), 'liftNotProven')
  t.end()
})

t.test('lift by the gateway: its online keys and strangers are no persons', (t) => {
  for (const other of [keys.hold, keys.snapshot, keys.timestamp, keys.delegation, keys.stranger])
    t.equal(said(order, lifted('site-1', order, lift, [keys.anna, other])), 'liftNotProven')
  t.end()
})

t.test('lift replayed: for another entry, site, reason or time it counts for nothing', (t) => {
  const good = lifted('site-1', order, lift, two)
  const other = { ...order, orderId: 'O2' }
  t.equal(said(other, { ...good, orderId: 'O2' } as HoldEntry), 'liftNotProven', 'another entry')
  t.equal(said(order, lifted('port-2', order, lift, two)), 'liftNotProven', 'another site')
  const proof = good.lift
  t.ok(proof)
  if (!proof) return
  t.equal(said(order, { ...order, lift: { ...proof, reason: '99' } }), 'liftNotProven', 'another reason')
  t.equal(said(order, { ...order, lift: { ...proof, at: nowMs + 1 } }), 'liftNotProven', 'another time')
  t.end()
})

t.test(
  'lift replayed: an order that was placed anew under its old number is not lifted by the old proof',
  (t) => {
    const { lift: proof } = lifted('site-1', order, lift, two)
    const anew = { ...order, validTo: nowMs + 30 * day }
    t.ok(proof)
    if (proof) t.equal(said(anew, { ...anew, lift: proof }), 'liftNotProven')
    t.end()
  },
)

t.test('lift as a cover: an entry that is lifted and changed at once is refused', (t) => {
  const changed = { ...order, subject: { kind: 'PLATE', key: 'B99999' } } as const
  t.equal(said(order, lifted('site-1', changed, lift, two)), 'listHoldWeakened')
  t.end()
})

t.test('lift by a revoked person: who was taken out of the delegation lifts nothing any more', (t) => {
  const record = delegationRecord()
  const lifts = { ...record.roles.lift, keyIds: [keys.bo.keyId, keys.boAgain.keyId] }
  const delegation = { ...record, roles: { ...record.roles, lift: lifts } }
  t.equal(said(order, lifted('site-1', order, lift, two), { ...given, delegation }), 'liftNotProven')
  t.equal(said(order, lifted('site-1', order, lift, two), { ...given, delegation: null }), 'liftNotProven')
  t.end()
})

t.test('an entry that arrives lifted without proof is refused, also where none was before', (t) => {
  t.equal(said(null, lifted('site-1', order, lift, [keys.anna])), 'liftNotProven')
  t.end()
})
