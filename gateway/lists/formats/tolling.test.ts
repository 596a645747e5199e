import { zipSync } from 'fflate'
import t from 'tap'
import type { TagEntry } from '../../../edge/messages/entities.js'
import { acknowledgementOf, type TollFormat } from './acknowledgement.js'
import { tollingProblems, tollingSchema, type AckOutcome } from './agencies.js'
import { ctocHeader, ctocLine, ctocTrailer, readCtoc } from './ctoc.js'
import { itagHeader, itagLine, readItag } from './itag.js'
import { niopFooter, niopHeader, niopLine, readNiop } from './niop.js'
import { allOf, bytesOf } from './testing/bytes.js'
import { zipped } from './zip.js'

const config = tollingSchema.parse({
  agencyId: '0099',
  hubId: '9001',
  shortName: 'LK',
  agencies: [
    { agencyId: '0041', shortName: 'TC', epcPrefix: 'E280', serialDigits: 10, serialTo: 0xff_ffff_ffff },
    { agencyId: '0042', homeAgencyId: '0041', epcPrefix: 'E281', serialDigits: 10, serialAs: 'decimal' },
    {
      agencyId: '0050',
      epcPrefix: 'E290',
      serialDigits: 8,
      serialTo: 999,
      states: { Z: 'ACTIVE', '3': 'STOLEN' },
    },
  ],
})
const { agencies } = config
const [first, second, third] = agencies
if (!first || !second || !third) throw new Error('three agencies')

const niopName = '9002_0041_20260427070109.BTVL'
const itagName = '0041_20260427070109.ITAG'
const ctocName = 'tclk_20260427T070109.tag'
const createdAt = '2026-04-27T07:01:09Z'
const tag = (epc: string, vehicleId: string, state: TagEntry['state'] = 'ACTIVE'): TagEntry => ({
  kind: 'tag',
  epc,
  state,
  vehicleId,
})
const tags: readonly [TagEntry, TagEntry, TagEntry] = [
  tag('E2800000000001', 'TOLL-0041-1'),
  tag('E28000000000FF', 'TOLL-0041-255', 'SUSPENDED'),
  tag('E2810000000255', 'TOLL-0042-255'),
]

const niopNames = { hub: '9002', agency: '0041', bulkIdentifier: '12', createdAt }
const niopRecords = [niopLine(first, tags[0]), niopLine(first, tags[1]), niopLine(second, tags[2])].join('')
const niopFile = niopHeader(niopNames, 3) + niopRecords + niopFooter
const itagFile =
  itagHeader('0041', createdAt, 3) +
  [itagLine(first, tags[0]), itagLine(first, tags[1]), itagLine(second, tags[2])].join('')
const ctocNames = {
  from: 'TC',
  to: 'LK',
  sequence: '000007',
  day: '2026/04/27',
  createdAt: '2026-04-27T07:01:09+00:00',
}
const ctocFile =
  ctocHeader(ctocNames) +
  [ctocLine(first, tags[0]), ctocLine(first, tags[1])].join('') +
  ctocTrailer(ctocNames, 2)

const head = { agency: '0041', bulk: true, createdAt }

t.test('what was written for another agency is read back, however the file is cut', async (t) => {
  for (const size of [1, 13, 4_096]) {
    t.same(await allOf(readNiop(bytesOf(niopFile, size), niopName, agencies)), {
      entries: tags,
      refused: [],
      heads: [head],
      fault: null,
    })
    t.same(await allOf(readItag(bytesOf(itagFile, size), itagName, agencies)), {
      entries: tags,
      refused: [],
      heads: [head],
      fault: null,
    })
    t.same(await allOf(readCtoc(bytesOf(ctocFile, size), ctocName, agencies)), {
      entries: tags.slice(0, 2),
      refused: [],
      heads: [{ ...head, createdAt: ctocNames.createdAt }],
      fault: null,
    })
  }
})

t.test('records have the lengths that the other side counts on', (t) => {
  const [header = '', ...details] = itagFile.trimEnd().split('\n')
  t.equal(header.length, 46)
  t.same(
    details.map((line) => line.length),
    [85, 85, 85],
  )
  t.equal(ctocFile.split('\n')[1]?.split(',').length, 8)
  t.end()
})

t.test('the file within an archive is read as it is unpacked', async (t) => {
  const parts: Uint8Array[] = []
  const texts = (async function* chunks() {
    yield await Promise.resolve(niopFile.slice(0, 100))
    yield niopFile.slice(100)
  })()
  for await (const part of zipped(niopName, texts)) parts.push(part)
  const archive = Buffer.concat(parts)
  const zipName = '9002_0041_20260427070109_BTVL.zip'
  const read = await allOf(readNiop(bytesOf(archive, 50), zipName, agencies))
  t.same(read, { entries: tags, refused: [], heads: [head], fault: null })

  const faultOf = async (bytes: Uint8Array) =>
    (await allOf(readNiop(bytesOf(bytes, 50), zipName, agencies))).fault
  t.match(await faultOf(archive.subarray(0, 200)), /^format 0: the archive is damaged or cut off/)
  t.match(await faultOf(Buffer.from('no archive at all, but some text')), /no ZIP archive/)
  const other = zipSync({ 'other.BTVL': Buffer.from(niopFile) })
  t.match(await faultOf(other), /^name 0: the archive holds other.BTVL/)
  const two = zipSync({ [niopName]: Buffer.from(niopFile), more: Buffer.from('x') })
  t.match(await faultOf(two), /several files/)
})

t.test('a list that does not hold together is refused as a whole', async (t) => {
  const niop = async (text: string, name = niopName) =>
    (await allOf(readNiop(bytesOf(text, 64), name, agencies))).fault
  t.match(
    await niop(niopFile.replace('>3</RecordCount>', '>4</RecordCount>')),
    /^count 0: .*announces 4.*has 3/,
  )
  t.match(await niop(niopFile.slice(0, -20)), /^format \d+: no well-formed XML/)
  t.match(await niop(niopFile, '9002_0050_20260427070109.BTVL'), /^header .*HomeAgencyID is not the agency/)
  t.match(await niop(niopFile, '9002_0041_20260427070109.DTVL'), /BulkIndicator/)
  t.match(await niop(niopFile, 'list.xml'), /^name/)
  t.match(await niop(niopFile.replace('?>', '?><!DOCTYPE x>')), /document type/)
  t.match(await niop('<TagValidationList><TVLDetail><TVLTagDetails></TVLTagDetails>'), /before the TVLHeader/)
  t.match(await niop(`<TagValidationList>${' '.repeat(70_000)}`), /no element for 65,536/)
  t.match(await niop(`<TagValidationList>${'<a>'.repeat(9)}`), /nested too deeply/)
  t.match(await niop('<Other/>'), /no TagValidationList/)

  const itag = async (text: string, name = itagName) =>
    (await allOf(readItag(bytesOf(text, 64), name, agencies))).fault
  t.match(await itag(itagFile.replace('0000000003\n', '0000000004\n')), /^count/)
  t.match(await itag(itagFile.slice(86)), /^header 1/)
  t.match(await itag(itagFile.replace('01.60.02', '01.60.03')), /version 01.60.03 is not known/)
  t.match(await itag(itagFile, '0041_20260427070110.ITAG'), /another agency or time/)
  t.match(await itag(itagHeader('0077', createdAt, 0), '0077_20260427070109.ITAG'), /0077 is not configured/)
  t.match(await itag(''), /empty/)

  const ctoc = async (text: string, name = ctocName) =>
    (await allOf(readCtoc(bytesOf(text, 64), name, agencies))).fault
  t.match(await ctoc(ctocFile.replace('00000002', '00000003')), /^count 4: the trailer announces 3/)
  t.match(await ctoc(ctocFile.split('#TRAILER')[0] ?? ''), /there is no trailer/)
  t.match(await ctoc(`${ctocFile}more\n`), /after the trailer/)
  t.match(await ctoc(ctocFile.replace('INIT', 'DIFF')), /^header 1: the action DIFF is not known/)
  t.match(await ctoc(ctocFile.replace('#TRAILER,000007', '#TRAILER,000008')), /another sequence/)
  t.match(await ctoc(ctocFile, 'atlk_20260427T070109.tag'), /names other agencies/)
})

t.test('a record that will not do is refused by its line, and the others are read', async (t) => {
  const bad = niopFile
    .replace(
      '<TagSerialNumber>255</TagSerialNumber><TagStatus>I',
      '<TagSerialNumber>2x</TagSerialNumber><TagStatus>I',
    )
    .replace('<TagAgencyID>0042', '<TagAgencyID>0050')
  const niop = await allOf(readNiop(bytesOf(bad), niopName, agencies))
  t.same(niop.entries, [tags[0]])
  t.same(niop.refused, [
    '4 TagSerialNumber: 2x is not a number of 1 to 10 digits',
    '5 TagAgencyID: 0050 has no tags of 0041: see tolling.agencies',
  ])
  t.equal(niop.fault, null)

  const line = itagLine(third, tag('E290000003E7', 'V', 'STOLEN')) ?? ''
  const outside = line.replace('0000000999', '0000001000')
  const name = '0050_20260427070109.ITAG'
  const itag = await allOf(
    readItag(bytesOf(itagHeader('0050', createdAt, 3) + line + outside + line.slice(0, 40)), name, agencies),
  )
  t.same(itag.entries, [tag('E290000003E7', 'TOLL-0050-999', 'STOLEN')])
  t.same(itag.refused, ['3 serial: 0000001000: outside 0 to 999', '4 : no ITAG record of 85 characters'])

  const ctoc = await allOf(readCtoc(bytesOf(ctocFile.replace(',A,V', ',D,V')), ctocName, agencies))
  t.same(ctoc.refused, ['2 action: D is not known, only A'])
})

t.test('a status that nobody called good does not open a lane', async (t) => {
  const z = niopFile.replace('<TagStatus>V', '<TagStatus>Z')
  const read = await allOf(readNiop(bytesOf(z), niopName, agencies))
  t.match(read.entries[0], { state: 'SUSPENDED' })
  const unknown = await allOf(
    readNiop(bytesOf(niopFile.replace('<TagStatus>V', '<TagStatus>Q')), niopName, agencies),
  )
  t.match(unknown.refused[0], /TagStatus: Q is not known, only V, Z, I/)
})

t.test('two agencies whose tags could be the same are told when the configuration is read', (t) => {
  const agency = (agencyId: string, epcPrefix: string, serialDigits: number) => ({
    agencyId,
    epcPrefix,
    serialDigits,
  })
  const problems = (...agencies: object[]) =>
    tollingProblems(tollingSchema.parse({ agencyId: '0099', agencies }), 'tolling').map(({ path }) => path)
  t.same(problems(agency('0001', 'E2', 10), agency('0002', 'E280', 8)), ['tolling.agencies.1.epcPrefix'])
  t.same(problems(agency('0001', 'E2', 10), agency('0002', 'E280', 10)), [])
  t.same(problems(agency('0001', 'E2', 10), agency('0001', 'E3', 10)), ['tolling.agencies.1.agencyId'])
  t.same(problems({ ...agency('0001', 'E2', 10), serialFrom: 5, serialTo: 4 }), [
    'tolling.agencies.0.serialTo',
  ])
  t.end()
})

t.test('the other agency hears what became of its file, in its own form', (t) => {
  const atMs = Date.UTC(2026, 3, 27, 8)
  const made = (format: TollFormat, name: string, outcome: AckOutcome, at = createdAt) =>
    acknowledgementOf(config, { format, name, outcome, createdAt: at, atMs })
  const niop = made('niop', '9002_0041_20260427070109_BTVL.zip', 'good')
  t.equal(niop?.fileName, '9001_0099_9002_0041_20260427070109_00_BTVL.ACK')
  t.match(niop?.text, '<OrigSubmissionDateTime>2026-04-27T07:01:09Z</OrigSubmissionDateTime>')
  t.match(niop?.text, '<ToAgencyID>0041</ToAgencyID>')
  t.match(made('niop', niopName, 'format', '')?.text, '<OrigSubmissionDateTime>2026-04-27T07:01:09Z')
  t.match(made('niop', niopName, 'format')?.text, '<AckReturnCode>07</AckReturnCode>')

  const itag = made('itag', itagName, 'detail')
  t.equal(itag?.fileName, '0099_0041_20260427070109_ITAG.ACK')
  t.equal(itag?.fileName.length, 33)
  t.equal(itag?.text, `ACK 01.60.0200990041${itagName.padEnd(50)}2026-04-27T08:00:00Z02\n`)
  t.equal(itag?.text.length, 93)

  const ctoc = made('ctoc', ctocName, 'header', ctocNames.createdAt)
  t.equal(ctoc?.fileName, 'lktc_20260427T080000_tclk_20260427T070109.ack')
  t.equal(
    ctoc?.text,
    `ACK,      TAGS,${ctocName.padStart(45)},LK,TC,2026-04-27T07:01:09+00:00,2026-04-27T08:00:00+00:00,01,REV A2.1.1\n`,
  )
  t.equal(made('niop', 'list.xml', 'name'), undefined)
  const agreed = tollingSchema.parse({ agencyId: '0099', returnCodes: { itag: { name: '04' } } })
  t.match(
    acknowledgementOf(agreed, { format: 'itag', name: '0041.x', outcome: 'name', createdAt: '', atMs })?.text,
    /04\n$/,
  )
  t.end()
})
