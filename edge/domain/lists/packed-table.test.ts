import fc from 'fast-check'
import t from 'tap'
import { canonicalJson } from '../../base/canonical.js'
import { agencies, type BlacklistEntry, type ControlOrder } from '../../messages/entities.js'
import { exampleBlacklisted, exampleLift, exampleOrder } from '../decision/examples.js'
import { MemoryControl } from './memory-control.js'
import { RowArena } from './row-arena.js'

const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31))
t.comment(`SEED=${seed}`)

const hard = fc.constantFrom(
  '"',
  '\\',
  '\n',
  '',
  '"subject":{"key":"E1","kind":"TAG"}',
  '粤Z1234港',
  '𠮷',
  'null',
)
const text = fc.oneof(
  fc.string({ minLength: 1 }),
  fc.string({ minLength: 1, unit: 'grapheme' }),
  hard.filter((one) => one !== ''),
)
const time = fc.integer({ min: -(2 ** 40), max: 2 ** 52 })
const subject = fc.record({ kind: fc.constantFrom('TAG', 'PLATE', 'COMPANY', 'GOODS_CLASS'), key: text })
const ends = fc.record({ validTo: time }, { requiredKeys: [] })
const lift = fc.constantFrom({}, {}, { lift: exampleLift })
const order = fc
  .tuple(
    fc.record({
      orderId: text,
      subject,
      issuedBy: text,
      agency: fc.constantFrom(...agencies),
      action: fc.constantFrom('INTERCEPT', 'NOTIFY', 'LOCK'),
      nature: fc.constantFrom('OPEN', 'SECRET'),
      level: fc.integer({ min: 1, max: 4 }),
      reason: fc.oneof(text, hard),
      validFrom: time,
      maxHits: fc.nat(),
    }),
    ends,
    lift,
  )
  .map(([must, ...may]) => exampleOrder(Object.assign({}, must, ...may) as Partial<ControlOrder>))
const banned = fc
  .tuple(
    fc.record({
      entryId: text,
      subject,
      agency: fc.constantFrom(...agencies),
      reason: fc.oneof(text, hard),
      validFrom: time,
    }),
    ends,
    lift,
  )
  .map(([must, ...may]) => exampleBlacklisted(Object.assign({}, must, ...may) as Partial<BlacklistEntry>))

t.test('an entry that comes as text is the one that comes as an object, whatever is in it', (t) => {
  let quick = 0
  fc.assert(
    fc.property(fc.array(order, { maxLength: 6 }), fc.array(banned, { maxLength: 6 }), (orders, entries) => {
      const [asText, asObject] = [new MemoryControl(), new MemoryControl()]
      const fills = { orders: asText.fill('orders'), blacklist: asText.fill('blacklist') }
      for (const one of orders) fills.orders.putText(canonicalJson(one))
      for (const one of entries) fills.blacklist.putText(canonicalJson(one))
      fills.orders.use()
      fills.blacklist.use()
      asObject.replaceOrders(orders)
      asObject.replaceBlacklist(entries)
      quick += orders.filter((one) =>
        /^[ !#-[\]-~]*$/.test(one.orderId + one.subject.key + one.reason),
      ).length
      const keys = [...orders, ...entries].map((one) => one.subject)
      const all = (control: MemoryControl) => [
        control.ordersOn(keys),
        control.blacklistOn(keys),
        control.count('orders'),
      ]
      return canonicalJson(all(asText)) === canonicalJson(all(asObject))
    }),
    { numRuns: 2_000, seed },
  )
  t.ok(quick > 100, `${quick} of them need no parsing`)
  t.end()
})

t.test('a text of another list is not taken, and one that is no JSON is an error', (t) => {
  const fill = new MemoryControl().fill('orders')
  t.equal(fill.putText(canonicalJson(exampleBlacklisted())), false)
  t.equal(fill.putText(canonicalJson(exampleOrder())), true)
  t.throws(() => fill.putText('{"action":'))
  t.end()
})

t.test('rows keep their texts, and a list that changes for ever takes no more than twice its room', (t) => {
  const arena = new RowArena()
  const textsOf = (row: number, round: number) => ({
    text: `["${row}",${round},"${'x'.repeat((row * 7 + round) % 90)}"]`,
    reason: round % 3 === 0 ? '' : `布控 ${row}-${round}`,
  })
  const rows = 20_000
  const last = new Map<number, number>()
  for (let row = 0; row < rows; row += 1) arena.put(row, textsOf(row, 0))
  const first = arena.bytes
  for (let round = 1; round <= 12; round += 1)
    for (let row = 0; row < rows; row += 1) {
      if ((row + round) % 3 === 0) continue
      arena.delete(row)
      arena.put(row, textsOf(row, round))
      last.set(row, round)
    }
  const wrong = []
  for (let row = 0; row < rows; row += 1) {
    const { text, reason } = arena.get(row)
    const expected = textsOf(row, last.get(row) ?? 0)
    if (text !== expected.text || reason !== expected.reason) wrong.push(row)
  }
  t.same(wrong, [])
  t.ok(first < 3_000_000, `${first} bytes at first`)
  t.ok(arena.bytes < 6_000_000, `${arena.bytes} bytes after 160,000 changes`)
  t.throws(() => arena.put(rows, { text: 'x'.repeat(2 ** 20 + 1), reason: '' }), RangeError)
  t.end()
})

t.test('one row that changes for ever leaves no block behind', (t) => {
  const arena = new RowArena()
  const text = `["${'x'.repeat(150)}"]`
  arena.put(0, { text, reason: '' })
  for (let round = 0; round < 60_000; round += 1) {
    arena.delete(0)
    arena.put(0, { text, reason: '' })
  }
  t.equal(arena.get(0).text, text)
  t.ok(arena.bytes < 3_000_000, `${arena.bytes} bytes after 60,000 changes`)
  t.end()
})

t.test('a short list takes little', (t) => {
  const arena = new RowArena()
  arena.put(0, { text: '[]', reason: '' })
  t.ok(arena.bytes < 10_000)
  t.end()
})
