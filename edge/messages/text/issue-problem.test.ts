import fc from 'fast-check'
import t from 'tap'
import { z } from 'zod'
import { listEntrySchema } from '../entities.js'
import { textOf } from './catalogue.js'
import { lineProblem } from './line-problem.js'
import { issueProblem, settingProblems } from './issue-problem.js'

const tag = { kind: 'tag', epc: 'E1', state: 'ACTIVE', vehicleId: 'V1' }
const truck = { kind: 'vehicle', vehicleId: 'V1', vehicleKind: 'TRUCK', carriesTag: true, plates: [] }
const plates = [{ region: 'CN', text: '粤A1' }]
const order = {
  ...{ kind: 'order', orderId: 'o1', agency: 'IQ', subject: { kind: 'PLATE_PATTERN', key: '粤A12*' } },
  ...{ action: 'NOTIFY', nature: 'OPEN', level: 3, reason: '', validFrom: 0, maxHits: 0, issuedBy: 'wang' },
}

function problemOf(value: unknown) {
  const parsed = listEntrySchema.safeParse(value)
  return parsed.success ? null : issueProblem(parsed.error.issues[0], value)
}

/** A value that is no entry, and what a person is told of it: place, and text in English and Chinese. */
const told: readonly (readonly [value: unknown, path: string, en: RegExp, zh: RegExp])[] = [
  [7, '', /^must be an object/, /^应为对象/],
  [{}, 'kind', /^missing/, /^缺少此字段/],
  [{ ...tag, kind: 'car' }, 'kind', /^must be one of: tag, vehicle, order/, /^只能是：tag, vehicle/],
  [{ ...tag, state: undefined }, 'state', /^missing/, /^缺少此字段/],
  [{ ...tag, state: 'GOOD' }, 'state', /^must be one of: ISSUED, ACTIVE/, /^只能是：ISSUED/],
  [{ ...tag, epc: 1 }, 'epc', /^must be text/, /^应为文本/],
  [{ ...tag, epc: '' }, 'epc', /^must have 1 characters at least/, /^至少 1 个字符/],
  [{ ...tag, epc: 'E'.repeat(129) }, 'epc', /^must have 128 characters at most/, /^最多 128 个字符/],
  [{ ...tag, validTo: 1.5 }, 'validTo', /^must be a whole number/, /^应为整数/],
  [{ ...tag, validTo: 'x' }, 'validTo', /^must be a number/, /^应为数字/],
  [{ ...tag, colour: 1, size: 2 }, '', /^unknown: colour, size; take it out/, /^未知字段：colour, size/],
  [truck, 'plates', /^must have 1 items at least/, /^至少 1 项/],
  [{ ...truck, plates, carriesTag: 'yes' }, 'carriesTag', /^must be true or false/, /^应为 true 或 false/],
  [{ ...truck, plates, tareKg: -1 }, 'tareKg', /^must be 0 at least/, /^不得小于 0/],
  [{ ...truck, plates, tareKg: 2e6 }, 'tareKg', /^must be 1000000 at most/, /^不得大于 1000000/],
  [{ ...truck, plates: [{ region: 'CN' }] }, 'plates.0.text', /^missing/, /^缺少此字段/],
  [{ ...truck, plates: 'x' }, 'plates', /^must be an array/, /^应为数组/],
  [
    { ...order, subject: { kind: 'PLATE_PATTERN', key: 'A*' } },
    'subject.key',
    /name more of the plate than A\*/,
    /请补充 A\*/,
  ],
  [{ ...order, action: 'LOCK' }, 'action', /LOCK needs a whole plate/, /LOCK 须用完整车牌/],
  [{ ...order, action: 'INTERCEPT' }, 'patternMayIntercept', /or NOTIFY$/, /或改用 NOTIFY$/],
  [
    { ...order, subject: { kind: 'TAG', key: 'E1' }, patternMayIntercept: true },
    'patternMayIntercept',
    /leave it out$/,
    /请删除$/,
  ],
  [
    {
      ...{ kind: 'blacklist', entryId: 'b', subject: order.subject, level: 'STOP', agency: 'IQ' },
      ...{ reason: '', validFrom: 0 },
    },
    'subject.kind',
    /place an order/,
    /请改用布控指令/,
  ],
]

for (const [value, path, en, zh] of told) {
  t.test(`a line with ${JSON.stringify(value).slice(0, 60)} is told in both languages`, (t) => {
    const problem = problemOf(value)
    t.equal(problem?.path, path)
    t.match(problem?.message, en)
    t.match(textOf(`lineProblem.${problem?.code ?? ''}`, 'zh-CN', problem?.values), zh)
    t.end()
  })
}

/** Settings that are wrong in a usual way, and what a person is told of each, once. */
const site = z.strictObject({
  name: z.string(),
  roles: z.array(z.string()).min(1).max(5),
  stopBits: z.union([z.literal(1), z.literal(2)]),
  address: z.url(),
  states: z.record(z.string().regex(/^[A-Z]$/, 'one capital letter'), z.string()),
  wait: z.union([z.literal('never'), z.number()]),
})
const rightSite = { name: 'a', roles: ['x'], stopBits: 1, address: 'https://a.b', states: {}, wait: 1 }
const settings: readonly (readonly [wrong: object, path: string, said: RegExp])[] = [
  [{ name: null }, 'name', /^missing, and it must be there $/],
  [{ name: undefined }, 'name', /^missing, and it must be there $/],
  [{ name: 99 }, 'name', /^must be text Put it in quotes/],
  [{ name: true }, 'name', /^must be text Put it in quotes/],
  [{ name: [] }, 'name', /^must be text $/],
  [{ roles: 'supervisor' }, 'roles', /^must be an array \[ \] $/],
  [{ roles: [] }, 'roles', /^must have 1 items at least $/],
  [{ stopBits: 3 }, 'stopBits', /^must be one of: 1, 2 $/],
  [{ wait: 'soon' }, 'wait', /^is not of the agreed form/],
  [{ address: 'a.b' }, 'address', /^this is no address\. Write it whole, as https:/],
  [{ states: { zz: 'x' } }, 'states.zz', /^one capital letter $/],
  [{ colour: 'red' }, '', /^unknown: colour; .* shows the settings/],
]

for (const [wrong, path, said] of settings)
  t.test(`a setting ${JSON.stringify(wrong)} is told once, with its place and what to do`, (t) => {
    const raw = { ...rightSite, ...wrong }
    const parsed = site.safeParse(raw)
    const problems = parsed.success ? [] : settingProblems(parsed.error, raw)
    t.equal(problems.length, 1)
    t.equal(problems[0]?.path, path)
    t.match(`${problems[0]?.message} ${problems[0]?.remedy ?? ''}`, said)
    t.end()
  })

t.test('whatever stands in a line, the text in either language has no word of the program in it', (t) => {
  const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31)
  t.comment(`SEED=${seed}`)
  const field = fc.oneof(
    fc.string(),
    fc.integer(),
    fc.double(),
    fc.boolean(),
    fc.constant(null),
    fc.array(fc.nat(), { maxLength: 3 }),
  )
  const whole = fc.constantFrom(tag, { ...truck, plates }, order)
  let refused = 0
  fc.assert(
    fc.property(whole, fc.nat(20), fc.option(field, { nil: undefined }), (base, at, value) => {
      const names = Object.keys(base)
      const name = names[at % names.length] ?? ''
      const problem = problemOf({ ...base, [name]: value })
      if (problem === null) return
      refused += 1
      for (const language of ['en', 'zh-CN'] as const) {
        const text = textOf(`lineProblem.${problem.code}`, language, problem.values)
        if (/lineProblem|\{\w+\}|undefined|Invalid input/.test(text)) throw new Error(text)
      }
      if (problem.path.split('.')[0] !== name && name !== 'action' && name !== 'subject')
        throw new Error(`${problem.path} is not ${name}`)
    }),
    { seed, numRuns: 500 },
  )
  t.ok(refused > 50, `${refused} lines were refused`)
  t.end()
})

t.test('what was found in a line is cut, so that a line of a megabyte is no answer of one', (t) => {
  t.equal(lineProblem('', 'twice', { key: 'E'.repeat(1_000) }).values.key, `${'E'.repeat(64)}…`)
  t.end()
})
