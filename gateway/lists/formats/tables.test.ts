import fc from 'fast-check'
import t from 'tap'
import { agencies, listEntrySchema, plateRegions } from '../../../edge/messages/entities.js'
import { columnsOf } from './columns.js'
import { csvHeader, csvLine, readCsv } from './csv.js'
import { readJsonArray, readNdjson } from './json.js'
import { allOf, bytesOf } from './testing/bytes.js'

const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31)

const text = fc.string({ maxLength: 40, unit: fc.constantFrom(...'aZ9 ,"\n\r=+-@\'\t检疫{}[]\\') })
const key = fc.string({ minLength: 1, maxLength: 12, unit: fc.constantFrom(...'AB12=,"\'') })

const order = fc.record(
  {
    kind: fc.constant('order' as const),
    orderId: key,
    agency: fc.constantFrom(...agencies),
    subject: fc.record({ kind: fc.constantFrom('TAG' as const, 'PLATE' as const), key }),
    action: fc.constantFrom('INTERCEPT' as const, 'NOTIFY' as const),
    nature: fc.constantFrom('OPEN' as const, 'SECRET' as const),
    level: fc.integer({ min: 1, max: 4 }),
    reason: text,
    validFrom: fc.integer({ min: -5, max: 2_000_000_000_000 }),
    validTo: fc.integer({ min: 0, max: 2_000_000_000_000 }),
    maxHits: fc.nat(9),
    issuedBy: key,
  },
  {
    requiredKeys: [
      'kind',
      'orderId',
      'agency',
      'subject',
      'action',
      'nature',
      'level',
      'reason',
      'validFrom',
      'maxHits',
      'issuedBy',
    ],
  },
)
const vehicle = fc.record({
  kind: fc.constant('vehicle' as const),
  vehicleId: key,
  vehicleKind: fc.constantFrom('TRUCK' as const, 'TRAILER' as const),
  plates: fc.array(fc.record({ region: fc.constantFrom(...plateRegions), text: key }), {
    minLength: 1,
    maxLength: 3,
  }),
  carriesTag: fc.boolean(),
  tareKg: fc.integer({ min: 0, max: 90_000 }),
})
const account = fc.record({
  kind: fc.constant('account' as const),
  companyId: key,
  balanceFen: fc.integer({ min: -1_000, max: 1_000 }),
  debit: fc.constantFrom('SETTLED' as const, 'PENDING' as const),
  arrearsFen: fc.nat(100),
  arrearsSince: fc.option(fc.nat(1_000)),
})

t.test('entries that are written as CSV are read back as they were, however the file is cut', async (t) => {
  t.comment(`SEED=${seed}`)
  const lists = [
    { list: 'orders' as const, entry: order },
    { list: 'vehicles' as const, entry: vehicle },
    { list: 'accounts' as const, entry: account },
  ]
  for (const { list, entry } of lists) {
    const columns = columnsOf(list)
    await fc.assert(
      fc.asyncProperty(
        fc.array(entry as fc.Arbitrary<object>, { maxLength: 5 }),
        fc.integer({ min: 1, max: 60 }),
        async (entries, partBytes) => {
          const file = csvHeader(list) + entries.map((one) => csvLine(columns, one)).join('')
          const read = await allOf(readCsv(bytesOf(file, partBytes), list))
          t.same(read, { entries, refused: [], heads: [], fault: null })
          return entries.every((one) => listEntrySchema.safeParse(one).success)
        },
      ),
      { seed, numRuns: 60 },
    )
  }
})

t.test('a JSON array is cut into its entries, however it is laid out and however it comes', async (t) => {
  t.comment(`SEED=${seed}`)
  await fc.assert(
    fc.asyncProperty(
      fc.array(order, { maxLength: 4 }),
      fc.constantFrom(0, 2),
      fc.integer({ min: 1, max: 60 }),
      async (entries, indent, partBytes) => {
        const read = await allOf(readJsonArray(bytesOf(JSON.stringify(entries, null, indent), partBytes)))
        t.same(read, { entries, refused: [], heads: [], fault: null })
      },
    ),
    { seed, numRuns: 60 },
  )
})

t.test('a reason that begins like a formula does not run in a spreadsheet', (t) => {
  const line = csvLine(columnsOf('orders'), { reason: '=1+1' })
  t.match(line, /'=1\+1/)
  t.notMatch(line, /,=1/)
  t.end()
})

t.test('a bad line of NDJSON is refused by its number, and the next one is read', async (t) => {
  const read = await allOf(readNdjson(bytesOf(`{"a":1}\n{"a":\n\n{"a":2}\r\n${'x'.repeat(70_000)}\n{"a":3}`)))
  t.same(read.entries, [{ a: 1 }, { a: 2 }, { a: 3 }])
  t.same(read.refused, ['2 : not JSON (write one entry a line)', '5 : longer than 65536 bytes'])
  const notUtf8 = await allOf(readNdjson(bytesOf(new Uint8Array([0x7b, 0xff, 0x0a]))))
  t.same(notUtf8.refused, ['1 : not UTF-8: save it as UTF-8'])
})

t.test('a JSON array whose end is missing gives nothing that may be believed', async (t) => {
  t.match((await allOf(readJsonArray(bytesOf('[{"a":1},\n{"a":2}')))).fault, /^format 2: .*cut off/)
  t.match((await allOf(readJsonArray(bytesOf('{"a":1}')))).fault, /not an array/)
  t.match(
    (await allOf(readJsonArray(bytesOf(`[{"a":"${'x'.repeat(70_000)}"}]`, 9_000)))).fault,
    /larger than/,
  )
})

t.test('a CSV file says what is wrong with it and where', async (t) => {
  const faultOf = async (file: string) => (await allOf(readCsv(bytesOf(file), 'tags'))).fault
  t.match(await faultOf(''), /^header 1: the file is empty/)
  t.match(await faultOf('epc,colour\n'), /^header 1: unknown columns: colour; this list has: epc, tid/)
  t.match(await faultOf('epc,epc\n'), /named twice/)
  t.match(await faultOf('epc,state\n"A,ACTIVE\nB,ACTIVE\n'), /^format 2: a quotation mark is never closed/)
  t.match(await faultOf('epc,state\nA"B,ACTIVE\n'), /^format 2: a quotation mark within/)
  t.match(await faultOf(`epc,state\n"${'A'.repeat(70_000)}`), /longer than/)
  const read = await allOf(readCsv(bytesOf('epc,state,vehicleId\nE2,ACTIVE\nE3,ACTIVE,V3\n'), 'tags'))
  t.same(read.refused, ['2 : 2 cells, and the first line names 3'])
  t.same(read.entries, [{ kind: 'tag', epc: 'E3', state: 'ACTIVE', vehicleId: 'V3' }])
})
