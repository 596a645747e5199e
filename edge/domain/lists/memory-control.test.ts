import fc from 'fast-check'
import t from 'tap'
import type { ControlOrder } from '../../messages/entities.js'
import { exampleBlacklisted, exampleLift, exampleOrder } from '../decision/examples.js'
import { hasPlatePattern } from '../../messages/plate-pattern.js'
import { MemoryControl } from './memory-control.js'

t.test('a list is unknown until it was once complete, and single changes do not make it so', (t) => {
  const control = new MemoryControl()
  t.equal(control.ordersOn([]), 'unknown')
  t.equal(control.upsert(exampleOrder()), false)
  t.equal(control.delete('orders', 'O1'), false)
  t.equal(control.ordersOn([{ kind: 'TAG', key: 'E1' }]), 'unknown')
  t.equal(control.count('orders'), null)
  control.replaceOrders([])
  t.same(control.ordersOn([{ kind: 'TAG', key: 'E1' }]), [])
  t.equal(control.blacklistOn([]), 'unknown', 'the other list is another matter')
  t.equal(control.count('orders'), 0)
  t.end()
})

t.test('an entry comes back as it went in, signs of every script among it', (t) => {
  const control = new MemoryControl()
  const order = exampleOrder({
    reason: '布控 "报检" \\ \n 𠮷 é',
    validTo: 9,
    subject: { kind: 'PLATE', key: '粤Z1234港' },
  })
  const entry = exampleBlacklisted()
  control.replaceOrders([order])
  control.replaceBlacklist([entry])
  t.same(control.ordersOn([{ kind: 'PLATE', key: '粤Z1234港' }]), [order])
  t.same(control.blacklistOn([{ kind: 'COMPANY', key: 'C1' }]), [entry])
  t.same(control.ordersOn([{ kind: 'TAG', key: '粤Z1234港' }]), [], 'a tag is not a plate of the same text')
  t.same(control.ordersOn([{ kind: 'TAG', key: 'PLATE:粤Z1234港' }]), [])
  t.end()
})

t.test('a lift comes back with its proof, with and without the mark of orders on parts of plates', (t) => {
  const control = new MemoryControl()
  const onPart = { subject: { kind: 'PLATE_PATTERN', key: 'P?1*' }, patternMayIntercept: true } as const
  const orders = [
    exampleOrder({ orderId: 'O1', subject: { kind: 'PLATE', key: 'PA12' }, lift: exampleLift }),
    exampleOrder({ orderId: 'O2', ...onPart, lift: exampleLift }),
    exampleOrder({ orderId: 'O3', ...onPart }),
  ]
  const entry = exampleBlacklisted({ lift: exampleLift })
  control.replaceOrders(orders)
  control.replaceBlacklist([entry])
  t.strictSame(control.ordersOn([{ kind: 'PLATE', key: 'PA12' }]), orders)
  t.strictSame(control.blacklistOn([{ kind: 'COMPANY', key: 'C1' }]), [entry])
  t.end()
})

t.test('an order that changes its subject leaves no trace at the old one', (t) => {
  const control = new MemoryControl()
  control.replaceOrders([exampleOrder(), exampleOrder({ orderId: 'O2' })])
  control.upsert(exampleOrder({ subject: { kind: 'VEHICLE', key: 'V1' } }))
  t.same(
    control.ordersOn([
      { kind: 'VEHICLE', key: 'V1' },
      { kind: 'TAG', key: 'E1' },
    ]),
    [exampleOrder({ subject: { kind: 'VEHICLE', key: 'V1' } }), exampleOrder({ orderId: 'O2' })],
  )
  t.equal(control.count('orders'), 2)
  t.equal(control.delete('orders', 'O2'), true)
  t.equal(control.delete('orders', 'O2'), false)
  t.same(control.ordersOn([{ kind: 'TAG', key: 'E1' }]), [])
  t.end()
})

t.test('a complete list takes the place of the one before it', (t) => {
  const control = new MemoryControl()
  control.replaceOrders([exampleOrder()])
  control.replaceOrders([exampleOrder({ orderId: 'O2' })])
  t.same(control.ordersOn([{ kind: 'TAG', key: 'E1' }]), [exampleOrder({ orderId: 'O2' })])
  t.end()
})

const name: fc.Arbitrary<string> = fc.constantFrom('A', 'B', 'C', '__proto__', 'constructor')

t.test('after any changes it finds what a plain list finds', (t) => {
  const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31))
  t.comment(`SEED=${seed}`)
  const change = fc.record({ does: fc.constantFrom('put', 'put', 'delete', 'replace'), id: name, key: name })
  fc.assert(
    fc.property(fc.array(change, { maxLength: 30 }), fc.array(name), (changes, asked) => {
      const control = new MemoryControl()
      control.replaceOrders([])
      let plain: ControlOrder[] = []
      for (const { does, id, key } of changes) {
        const order = exampleOrder({ orderId: id, subject: { kind: 'TAG', key } })
        const others = plain.filter((each) => each.orderId !== id)
        plain = does === 'put' ? [...others, order] : does === 'delete' ? others : [order]
        if (does === 'put') control.upsert(order)
        if (does === 'delete') control.delete('orders', id)
        if (does === 'replace') control.replaceOrders([order])
      }
      const found = control.ordersOn(asked.map((key) => ({ kind: 'TAG', key })))
      const expected = plain
        .filter((order) => asked.includes(order.subject.key))
        .sort((a, b) => (a.orderId < b.orderId ? -1 : 1))
      if (JSON.stringify(found) !== JSON.stringify(expected)) throw new Error('finds something else')
      if (control.count('orders') !== plain.length) throw new Error('counts something else')
    }),
    { numRuns: 2_000, seed },
  )
  t.end()
})

t.test('two subjects, or two orders, of one hash are not taken for each other', (t) => {
  // Found by search: the pairs share all 32 bits.
  const [one, other] = ['E997382', 'E1468690']
  const control = new MemoryControl()
  control.replaceOrders([
    exampleOrder({ orderId: 'O299499', subject: { kind: 'TAG', key: one } }),
    exampleOrder({ orderId: 'O1003200', subject: { kind: 'TAG', key: other } }),
  ])
  const idsOn = (key: string) => {
    const found = control.ordersOn([{ kind: 'TAG', key }])
    return found === 'unknown' ? found : found.map((order) => order.orderId)
  }
  t.same(idsOn(one), ['O299499'])
  t.same(idsOn(other), ['O1003200'])
  t.equal(control.delete('orders', 'O299499'), true)
  t.same(idsOn(one), [])
  t.same(idsOn(other), ['O1003200'])
  t.end()
})

t.test('five thousand orders, half of them lifted and put again, are all found', (t) => {
  const order = (i: number) => exampleOrder({ orderId: `O${i}`, subject: { kind: 'VEHICLE', key: `V${i}` } })
  const control = new MemoryControl()
  control.replaceOrders(Array.from({ length: 5_000 }, (_, i) => order(i)))
  for (let i = 0; i < 5_000; i += 2) control.delete('orders', `O${i}`)
  t.equal(control.count('orders'), 2_500)
  for (let i = 0; i < 5_000; i += 4) control.upsert(order(i))
  t.equal(control.count('orders'), 3_750)
  const wrong = Array.from({ length: 5_000 }, (_, i) => i).filter((i) => {
    const found = control.ordersOn([{ kind: 'VEHICLE', key: `V${i}` }])
    const there = i % 2 === 1 || i % 4 === 0
    return found === 'unknown' || found.length !== (there ? 1 : 0) || (there && found[0]?.orderId !== `O${i}`)
  })
  t.same(wrong, [])
  t.end()
})

t.test('one company may have ten thousand orders', (t) => {
  const control = new MemoryControl()
  const company = { kind: 'COMPANY', key: 'C1' } as const
  control.replaceOrders(
    Array.from({ length: 10_000 }, (_, i) => exampleOrder({ orderId: `O${i}`, subject: company })),
  )
  t.equal(control.ordersOn([company]).length, 10_000)
  t.equal(control.delete('orders', 'O0'), true)
  t.equal(control.ordersOn([company]).length, 9_999)
  t.end()
})

t.test('words beyond the room for them are kept in the rows', (t) => {
  const control = new MemoryControl()
  const order = (i: number) =>
    exampleOrder({ orderId: `O${i}`, issuedBy: `officer-${i}`, subject: { kind: 'TAG', key: `E${i}` } })
  control.replaceOrders(Array.from({ length: 4_200 }, (_, i) => order(i)))
  t.same(control.ordersOn([{ kind: 'TAG', key: 'E4199' }]), [order(4_199)])
  t.same(control.ordersOn([{ kind: 'TAG', key: 'E0' }]), [order(0)])
  t.end()
})

t.test('an order on part of a plate is found by every plate that has it, and by no other', (t) => {
  const onPart = (orderId: string, key: string, change: Partial<ControlOrder> = {}) =>
    exampleOrder({ orderId, action: 'NOTIFY', subject: { kind: 'PLATE_PATTERN', key }, ...change })
  const control = new MemoryControl()
  const marked = onPart('O1', '粤B12*', { action: 'INTERCEPT', patternMayIntercept: true })
  control.replaceOrders([marked, onPart('O2', '*3?5'), onPart('O3', 'A?B?C*')])
  const on = (...plates: readonly string[]) => {
    const orders = control.ordersOn(plates.map((key) => ({ kind: 'PLATE', key })))
    return orders === 'unknown' ? orders : orders.map((order) => order.orderId)
  }
  t.same(on('粤B12345'), ['O1', 'O2'])
  t.same(on('粤B12345', 'A1B2C'), ['O1', 'O2', 'O3'])
  t.same(on('粤B21345', 'AABBC'), ['O2', 'O3'])
  t.same(on('粤B2134'), [])
  t.same(control.ordersOn([{ kind: 'TAG', key: '粤B12345' }]), [], 'a tag is no plate')
  t.same(control.ordersOn([{ kind: 'PLATE', key: '粤B12' }]), [marked], 'it comes back as it went in')
  control.upsert(onPart('O1', '*99'))
  t.same(on('粤B12345'), ['O2'], 'changed, it leaves no trace')
  t.same(on('粤B12399'), ['O1'])
  control.delete('orders', 'O2')
  t.same(on('粤B12345'), [])
  control.forget('orders')
  t.same(on('粤B12345'), 'unknown')
  t.end()
})

t.test(
  'of any patterns, those are found that a plate has, whatever was put in, changed and taken out',
  (t) => {
    const sign = fc.constantFrom('A', 'B', '1', '粤')
    const pattern = fc
      .array(fc.oneof(sign, sign, fc.constantFrom('?', '*')), { maxLength: 7 })
      .map((signs) => signs.join(''))
    const plate = fc.array(sign, { maxLength: 8 }).map((signs) => signs.join(''))
    const changes = fc.array(fc.record({ id: fc.nat(9), pattern: fc.option(pattern) }), { maxLength: 40 })
    let found = 0
    fc.assert(
      fc.property(changes, fc.array(plate, { maxLength: 5 }), (done, plates) => {
        const control = new MemoryControl()
        control.replaceOrders([])
        const now = new Map<string, string>()
        for (const { id, pattern: key } of done) {
          const orderId = `O${id}`
          if (key === null) control.delete('orders', orderId)
          else control.upsert(exampleOrder({ orderId, subject: { kind: 'PLATE_PATTERN', key } }))
          if (key === null) now.delete(orderId)
          else now.set(orderId, key)
        }
        const on = control.ordersOn(plates.map((key) => ({ kind: 'PLATE', key })))
        const wanted = [...now].filter(([, key]) => plates.some((one) => hasPlatePattern(one, key)))
        found += wanted.length
        const ids = on === 'unknown' ? [] : on.map((order) => order.orderId)
        return (
          ids.join() ===
          wanted
            .map(([id]) => id)
            .sort()
            .join()
        )
      }),
    )
    t.ok(found > 20, `${found} were found`)
    t.end()
  },
)
