import { readFileSync } from 'node:fs'
import path from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { encodePlates, encodeTags, messageForms } from '../../../../simulators/reader/mqtt/encode.js'
import { sensedKinds, type Sensed } from '../../../messages/sensed.js'
import type { Decoded } from '../common/decoded.js'
import { Intake } from '../common/intake.js'
import { Listener } from '../testing/listener.js'
import { decodePayload, type MqttDialect } from './dialect.js'
import { impinjR700 } from './impinj-r700/codec.js'
import { findingsMessageSchema, lanekeeper, readsMessageSchema } from './lanekeeper/codec.js'
import { zebraIotc } from './zebra-iotc/codec.js'

const dialects: Readonly<Record<string, MqttDialect>> = {
  'impinj-r700': impinjR700,
  'zebra-iotc': zebraIotc,
  lanekeeper,
}

function decode(name: string, message: unknown): Decoded {
  const dialect = dialects[name]
  if (dialect === undefined) throw new Error(`no dialect ${name}`)
  return decodePayload(dialect, Buffer.from(JSON.stringify(message)), 65_536)
}

interface Frame {
  readonly dialect: string
  readonly json: unknown
  readonly reads?: readonly (Record<string, unknown> & { readonly readerAt?: string | null })[]
  readonly asides?: number
  readonly discarded?: number
}

t.test('each message of our fixtures means what stands beside it', (t) => {
  const file = path.resolve('fixtures/frames/mqtt-readers.json')
  const { frames } = JSON.parse(readFileSync(file, 'utf8')) as { frames: readonly Frame[] }
  t.ok(frames.length > 10)
  for (const [index, frame] of frames.entries()) {
    const decoded = decode(frame.dialect, frame.json)
    const name = `frame ${index}, ${frame.dialect}`
    const reads = (frame.reads ?? []).map(({ readerAt, ...read }) =>
      readerAt === undefined
        ? read
        : { ...read, readerAtMs: readerAt === null ? null : Date.parse(readerAt) },
    )
    t.equal(decoded.heard.length, reads.length, `${name}: reads`)
    t.match(decoded.heard, reads, name)
    t.equal(decoded.asides, frame.asides ?? 0, `${name}: asides`)
    t.equal(decoded.discarded.length, frame.discarded ?? 0, `${name}: ${decoded.discarded.join(' ')}`)
  }
  t.end()
})

const captures = process.env['CAPTURES_DIR']
t.test(
  'the captured messages of these families mean the tags they carry',
  { skip: captures ? false : 'CAPTURES_DIR is not set: the captured messages are not checked' },
  (t) => {
    const file = path.join(captures ?? '', 'reader-frames.json')
    const { mqtt_readers: frames } = JSON.parse(readFileSync(file, 'utf8')) as {
      mqtt_readers: readonly { family: string; json: unknown }[]
    }
    const json = (family: string) => frames.find((frame) => frame.family.startsWith(family))?.json
    const r700 = decode('impinj-r700', json('Impinj R700'))
    t.match(r700.heard, [
      {
        epc: 'E28011606000020A6681F23F',
        antenna: '1',
        rssiDbm: null,
        readerAtMs: Date.parse('2021-02-02T22:18:35.658Z'),
      },
      { epc: 'E28011606000020A66846D40', antenna: '1', readerAtMs: Date.parse('2021-02-02T22:18:35.908Z') },
    ])
    t.same(r700.discarded, [])
    const fx = decode('zebra-iotc', json('Zebra'))
    t.match(fx.heard, [
      {
        epc: 'E2003411B802011383257C3D',
        antenna: '2',
        rssiDbm: -47,
        count: 1,
        readerAtMs: Date.parse('2026-09-11T10:00:00.000Z'),
      },
    ])
    t.equal(fx.heard.length, 1)

    t.test('and the base64url form of an EPC is the same tag as its hex form', (t) => {
      const events = json('Impinj R700') as readonly { tagInventoryEvent: { epc: string; epcHex: string } }[]
      for (const { tagInventoryEvent } of events) {
        const { heard } = decode('impinj-r700', { tagInventoryEvent: { epc: tagInventoryEvent.epc } })
        t.match(heard, [{ epc: tagInventoryEvent.epcHex }])
      }
      t.ok(events.length > 0)
      t.end()
    })
    t.end()
  },
)

const epcs = fc
  .array(fc.constantFrom(...'0123456789ABCDEF'), { minLength: 24, maxLength: 24 })
  .map((digits) => digits.join(''))

t.test('what a simulated reader publishes is what the codec hears, one read or many', (t) => {
  for (const form of messageForms) {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            epc: epcs,
            rssiDbm: fc.integer({ min: -80, max: -30 }),
            antenna: fc.constantFrom('1', '2'),
          }),
          {
            minLength: 1,
            maxLength: 20,
          },
        ),
        (tags) => {
          const { heard, discarded } = decode(form, encodeTags(form, tags, Date.UTC(2026, 2, 2)))
          return (
            discarded.length === 0 &&
            heard.length === tags.length &&
            heard.every((read, index) => {
              const tag = tags[index]
              return (
                read.kind === 'tag' &&
                read.epc === tag?.epc &&
                read.rssiDbm === tag.rssiDbm &&
                read.antenna === tag.antenna &&
                read.readerAtMs === Date.UTC(2026, 2, 2)
              )
            })
          )
        },
      ),
      { verbose: 1 },
    )
    t.pass(form)
  }
  const message = encodePlates([{ text: '粤Z·1234港', region: 'HK', confidence: 0.8, zone: 'in-1' }], 5)
  t.equal(readsMessageSchema.safeParse(message).success, true, 'the documented form')
  t.match(decode('lanekeeper', message).heard, [
    {
      kind: 'plate',
      plate: { region: 'HK', text: '粤Z·1234港' },
      confidence: 0.8,
      zone: 'in-1',
      readerAtMs: 5,
    },
  ])
  t.end()
})

t.test('a message of any content costs nothing but itself', (t) => {
  const valid = JSON.stringify(encodeTags('impinj-r700', [{ epc: 'E2006803000000000000004F' }], 0))
  for (const dialect of Object.values(dialects)) {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string(), fc.constant(valid)), fc.nat(300), (text, cut) => {
        const { heard, asides, discarded } = decodePayload(dialect, Buffer.from(text.slice(0, cut)), 4_096)
        return heard.length + asides + discarded.length >= 0
      }),
      { numRuns: 500, verbose: 1 },
    )
    t.match(decodePayload(dialect, Buffer.from([0xff, 0xfe, 0x7b]), 4_096).discarded, [/UTF-8/])
    t.match(decodePayload(dialect, Buffer.from('{"v":1'), 4_096).discarded, [/JSON/])
    t.match(decodePayload(dialect, Buffer.alloc(5_000, 0x20), 4_096).discarded, [/5000 bytes/])
  }
  t.end()
})

t.test('a message with more reports than the bound keeps those within it and says so', (t) => {
  const many = Array.from({ length: 300 }, (_, index) => ({
    tagInventoryEvent: { epcHex: index.toString(16).padStart(24, '0') },
  }))
  const { heard, discarded } = decode('impinj-r700', many)
  t.equal(heard.length, 256)
  t.match(discarded, [/44 reports/])
  t.equal(decode('lanekeeper', { v: 1, type: 'reads', reads: Array(257).fill({}) }).heard.length, 0)
  t.end()
})

t.test('a text that was scanned is what the edge makes of it; one that says nothing is discarded', (t) => {
  const listener = new Listener('scanner-1')
  const sensed: Sensed = { of: 'card', cardNo: 'K1' }
  const judgeText = (text: string) => (text === 'LK1.good' ? sensed : null)
  const findings = [
    { of: 'text', text: 'https://example.org/menu' },
    { of: 'text', text: '' },
    { of: 'text', text: 'LK1.good', antenna: '2', zone: 'in-1', at: 1_000 },
  ]
  const decoded = decode('lanekeeper', { v: 1, type: 'findings', findings })
  for (const given of [listener.given, { ...listener.given, judgeText }]) {
    const intake = new Intake(given, { heartbeatMs: null })
    intake.take(decoded)
    const isJudged = given !== listener.given
    t.match(intake.counters, { reads: isJudged ? 1 : 0, discarded: isJudged ? 2 : 3 })
    intake.close()
  }
  t.match(listener.reads, [
    { kind: 'device', readerId: 'scanner-1', antenna: '2', zone: 'in-1', readerAtMs: 1_000, sensed },
  ])
  t.equal(listener.reads.length, 1)
  t.end()
})

t.test('a message of another version is refused with its version, never guessed at', (t) => {
  t.match(decode('lanekeeper', { v: 3, type: 'reads', reads: [] }).discarded, [/version 3/])
  t.match(decode('lanekeeper', { v: '1', type: 'reads', reads: [] }).discarded, [/unreadable/])
  t.end()
})

t.test(
  'a finding that makes no sense is refused with where it stands and why, and costs only itself',
  (t) => {
    const findings = [
      { of: 'temperature', is: 'warm' },
      { of: 'weight', grossKg: -1, stable: true, onScale: true },
      { of: 'smell', is: 'bad' },
      { of: 'container', number: '----', confidence: 1 },
      { of: 'card', cardNo: 'K1' },
    ]
    const { heard, discarded } = decode('lanekeeper', { v: 1, type: 'findings', findings })
    t.match(heard, [{ kind: 'device', sensed: { of: 'card', cardNo: 'K1' } }])
    t.match(discarded, [
      /findings\.0: is:/,
      /findings\.1: grossKg:/,
      /findings\.2: of:/,
      /findings\.3: number: A number/,
    ])
    t.end()
  },
)

t.test(
  'the message of our documents is one that the schema takes, and every kind of finding is in it',
  (t) => {
    const readme = readFileSync(path.resolve('edge/drivers/reader/mqtt/README.md'), 'utf8')
    const [, , text] = readme.match(/```json\n([\s\S]*?)```/g) ?? []
    const [example = ''] = (readme.match(/```json\n([\s\S]*?)```/g) ?? []).filter((one) =>
      one.includes('findings'),
    )
    t.equal(text, undefined, 'there are two')
    const message = findingsMessageSchema.parse(JSON.parse(example.replace(/```(json)?/g, '')))
    t.same([...new Set(message.findings.map(({ of }) => of))].sort(), [...sensedKinds, 'text'].sort())
    t.end()
  },
)
