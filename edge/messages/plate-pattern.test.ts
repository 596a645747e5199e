import fc from 'fast-check'
import t from 'tap'
import { blacklistEntrySchema, controlOrderSchema, listEntrySchema } from './entities.js'
import { fixedSignsOf, hasPlatePattern, isPlatePattern } from './plate-pattern.js'

/** A fresh seed each run; `SEED=n` repeats one. */
const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31))
t.comment(`SEED=${seed}`)

const cases: readonly (readonly [plate: string, pattern: string, has: boolean])[] = [
  ['粤B12345', '粤B12*', true],
  ['粤B12345', '粤B123??', true],
  ['粤B12345', '粤B123?', false],
  ['粤B12345', '*345', true],
  ['粤B12345', '?B*4?', true],
  ['粤B12345', '粤B12345*', true],
  ['粤B12345', 'B12345', false],
  ['粤B12345', '粤*2*4*5', true],
  ['粤B12345', '粤*4*2*5', false],
  ['AAAAAB', '*AAB', true],
  ['', '*', true],
  ['', '?', false],
]

t.test('a plate has a pattern when the fixed signs stand where it says', (t) => {
  for (const [plate, pattern, has] of cases)
    t.equal(hasPlatePattern(plate, pattern), has, `${plate} ${pattern}`)
  t.end()
})

t.test('the same is found by a regular expression, whatever plate and pattern are', (t) => {
  const sign = fc.constantFrom('A', 'B', '1', '粤')
  const plates = fc.array(sign, { maxLength: 10 }).map((signs) => signs.join(''))
  const patterns = fc
    .array(fc.oneof(sign, fc.constantFrom('?', '*')), { maxLength: 8 })
    .map((signs) => signs.join(''))
  let met = 0
  fc.assert(
    fc.property(plates, patterns, (plate, pattern) => {
      const expression = new RegExp(`^${pattern.replaceAll('*', '.*').replaceAll('?', '.')}$`, 'u')
      const has = expression.test(plate)
      if (has) met += 1
      return hasPlatePattern(plate, pattern) === has
    }),
    { numRuns: 20_000, seed },
  )
  t.ok(met > 500, `${met} fitted`)
  t.end()
})

t.test('three signs at least are fixed, and there is a wildcard', (t) => {
  t.equal(fixedSignsOf('粤?*1-2'), 3)
  for (const good of ['粤B1*', 'A?B?C', '*123', '？'.normalize('NFKC') + 'ABC'])
    t.ok(isPlatePattern(good), good)
  for (const bad of ['粤B*', '粤B12345', 'ab1*', '粤B 1*', '[AB]12*', '', '*', `${'A'.repeat(32)}*`])
    t.notOk(isPlatePattern(bad), bad)
  t.end()
})

const order = {
  kind: 'order',
  orderId: 'O1',
  agency: 'IQ',
  subject: { kind: 'PLATE_PATTERN', key: '粤B12*' },
  action: 'NOTIFY',
  nature: 'OPEN',
  level: 3,
  reason: '',
  validFrom: 0,
  maxHits: 0,
  issuedBy: 'li.wei',
} as const

t.test('an order on part of a plate notifies, and intercepts only by its mark', (t) => {
  const refusedAt = (change: object) => {
    const parsed = listEntrySchema.safeParse({ ...order, ...change })
    return parsed.success
      ? null
      : parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
  }
  t.equal(refusedAt({}), null)
  t.equal(refusedAt({ action: 'INTERCEPT', patternMayIntercept: true }), null)
  t.equal(refusedAt({ patternMayIntercept: true }), null)
  t.match(refusedAt({ action: 'INTERCEPT' }), [/^patternMayIntercept: .*say patternMayIntercept, or NOTIFY/])
  for (const action of ['LOCK', 'DOCS', 'DISINFECT'])
    t.match(refusedAt({ action, patternMayIntercept: true }), [/^action: .*needs a whole plate/])
  t.match(refusedAt({ subject: { kind: 'PLATE_PATTERN', key: '粤B*' } }), [/^subject.key: 3 signs at least/])
  t.match(refusedAt({ subject: { kind: 'PLATE', key: '粤B12345' }, patternMayIntercept: true }), [
    /^patternMayIntercept: .*leave it out/,
  ])
  t.equal(controlOrderSchema.safeParse({ ...order, patternMayIntercept: false }).success, false)
  t.end()
})

t.test('nobody is blacklisted by part of a plate', (t) => {
  const { subject, agency, reason, validFrom } = order
  const entry = { kind: 'blacklist', entryId: 'B1', level: 'STOP', agency, reason, validFrom }
  t.match(blacklistEntrySchema.safeParse({ ...entry, subject }), {
    success: false,
    error: { issues: [{ path: ['subject', 'kind'], message: /place an order/ }] },
  })
  t.equal(
    blacklistEntrySchema.safeParse({ ...entry, subject: { kind: 'PLATE', key: '粤B12345' } }).success,
    true,
  )
  t.end()
})
