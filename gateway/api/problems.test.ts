import t from 'tap'
import { languages, textOf, type TextValues } from '../../edge/messages/text/catalogue.js'
import { startIn } from '../testing/gateway-under-test.js'

const people = [
  { name: 'operator', roles: ['supervisor'] },
  { name: 'wang', roles: ['supervisor', 'maintainer'], agency: 'IQ' },
  { name: 'li', roles: ['supervisor'], agency: 'IQ' },
]
const order = {
  ...{ orderId: 'O-1', agency: 'IQ', subject: { kind: 'PLATE', key: '粤B12345' }, action: 'INTERCEPT' },
  ...{ nature: 'OPEN', level: 3, reason: '检疫', validFrom: 0, maxHits: 0 },
}

interface Refused {
  readonly error: string
  readonly problems: readonly {
    readonly path: string
    readonly message: string
    readonly code: string
    readonly values: TextValues
  }[]
}

/** What is sent where, and the places and codes that are named. */
const sent: readonly (readonly [name: string, at: string, body: object, problems: readonly string[]])[] = [
  ['an order without a subject', 'orders', { ...order, subject: undefined }, ['subject missing']],
  ['an order of level 9', 'orders', { ...order, level: 9 }, ['level tooLarge']],
  ['an order of no known action', 'orders', { ...order, action: 'STOP' }, ['action notOneOf']],
  [
    'an order with a number that is too long and half a hit',
    'orders',
    { ...order, orderId: 'O'.repeat(65), maxHits: 0.5 },
    ['maxHits notInteger', 'orderId textTooLong'],
  ],
  ['an order with a field that nobody knows', 'orders', { ...order, colour: 'red' }, [' unknownFields']],
  [
    'an order on too little of a plate',
    'orders',
    { ...order, action: 'NOTIFY', subject: { kind: 'PLATE_PATTERN', key: '*1' } },
    ['subject.key patternVague'],
  ],
  [
    'an order on what is no part of a plate',
    'orders',
    { ...order, action: 'NOTIFY', subject: { kind: 'PLATE_PATTERN', key: '粤B12345' } },
    ['subject.key notPartOfPlate'],
  ],
  ['an approval with something in it', 'orders/O-0/approve', { why: 'x' }, [' unknownFields']],
  ['a rejection without a reason', 'orders/O-0/reject', { why: '' }, ['why textTooShort']],
  ['a lift without its reason', 'orders/O-0/lift', {}, ['reason missing']],
  [
    'a lift that is signed wrongly',
    'orders/O-0/lift/confirm',
    { passphrase: '' },
    ['passphrase textTooShort'],
  ],
  ['a lift of a ban without a number', 'lists/blacklist/lifts', { reason: '02' }, ['key missing']],
  ['a file of another format', 'lists/tags/imports?format=xls&name=a.xls', {}, ['format notOneOf']],
  [
    'a file that is to end bans',
    'lists/blacklist/imports?format=csv&mode=replace&name=a.csv',
    {},
    ['mode noEndByFile'],
  ],
  [
    'tags of a toll agency for the vehicles',
    'lists/vehicles/imports?format=niop&name=a.btvl',
    {},
    ['format tagsOnly'],
  ],
  ['tags of a toll agency', 'lists/tags/imports?format=niop&name=a.btvl', {}, ['format noTollAgencies']],
]

t.test('what is wrong with what a person sends is named by place and code, in both languages', async (t) => {
  const gateway = await startIn(t, t.testdir(), { people, secretOrderReaders: [] })
  await gateway.signIn('wang')
  await gateway.post('/api/orders', { ...order, orderId: 'O-0', level: 1 })
  for (const [name, at, body, expected] of sent) {
    const { status, body: refused } = await gateway.post<Refused>(`/api/${at}`, body)
    t.equal(status, 400, name)
    t.equal(refused.error, 'invalid', name)
    t.same(
      refused.problems.map(({ path, code }) => `${path} ${code}`),
      expected,
      name,
    )
    for (const { code, values, message } of refused.problems) {
      const [zh, en] = languages.map((language) => textOf(`lineProblem.${code}`, language, values))
      t.equal(en, message, 'the English text stands beside the code')
      t.match(zh, /[\u4e00-\u9fff]/, name)
      t.notMatch(`${zh ?? ''}${en ?? ''}`, /lineProblem|\{\w+\}|Invalid|expected/, name)
    }
  }
})
