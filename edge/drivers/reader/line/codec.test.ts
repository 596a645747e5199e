import { readFileSync } from 'node:fs'
import path from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { encodeReport, type LineForm } from '../../../../simulators/reader/line/encode.js'
import type { HeardTag } from '../common/decoded.js'
import { alien } from './alien/codec.js'
import type { LineContext, LineDialect } from './dialect.js'
import { nedap } from './nedap/codec.js'
import { transcore } from './transcore/codec.js'

const dialects: Readonly<Record<string, LineDialect>> = { transcore, alien, nedap }
const plain: LineContext = { doubtful: false, epcLengths: null, utcOffsetMinutes: null }

function tagOf(dialect: LineDialect, line: string, context = plain): HeardTag | undefined {
  const one = dialect.decode(line, context).heard[0]
  return one?.kind === 'tag' ? one : undefined
}

interface Frame {
  readonly dialect: string
  readonly line: string
  readonly epc?: string
  readonly antenna?: string
  readonly count?: number
  readonly driverId?: string | null
  readonly readerAt?: string | null
  readonly utcOffsetMinutes?: number
  readonly doubtful?: boolean
  readonly aside?: boolean
  readonly why?: string
}

t.test('each line of our fixtures means what stands beside it', (t) => {
  const file = path.resolve('fixtures/frames/line-readers.json')
  const { frames } = JSON.parse(readFileSync(file, 'utf8')) as { frames: readonly Frame[] }
  t.ok(frames.length > 30)
  for (const frame of frames) {
    const dialect = dialects[frame.dialect]
    if (dialect === undefined) throw new Error(`no dialect ${frame.dialect}`)
    const decoded = dialect.decode(frame.line, {
      doubtful: frame.doubtful ?? false,
      epcLengths: null,
      utcOffsetMinutes: frame.utcOffsetMinutes ?? null,
    })
    const kinds = { heard: decoded.heard.length, asides: decoded.asides, discarded: decoded.discarded.length }
    if (frame.aside) t.same(kinds, { heard: 0, asides: 1, discarded: 0 }, `aside: ${frame.line}`)
    else if (frame.epc === undefined)
      t.same(kinds, { heard: 0, asides: 0, discarded: 1 }, `discarded, ${frame.why}: ${frame.line}`)
    else {
      const readerAt = frame.readerAt === undefined ? {} : { readerAtMs: timeOf(frame.readerAt) }
      t.match(
        decoded.heard[0],
        {
          kind: 'tag',
          epc: frame.epc,
          antenna: frame.antenna ?? '0',
          count: frame.count ?? 1,
          ...(frame.driverId === undefined ? {} : { driverId: frame.driverId }),
          ...readerAt,
        },
        `heard: ${frame.line}`,
      )
    }
  }
  t.end()
})

function timeOf(text: string | null): number | null {
  return text === null ? null : Date.parse(text)
}

const captures = process.env['CAPTURES_DIR']
t.test(
  'the captured lines of these families mean the tags they carry',
  { skip: captures ? false : 'CAPTURES_DIR is not set: the captured lines are not checked' },
  (t) => {
    const file = path.join(captures ?? '', 'reader-frames.json')
    const { ascii_readers: frames } = JSON.parse(readFileSync(file, 'utf8')) as {
      ascii_readers: readonly { text: string; family: string }[]
    }
    const meaning: Readonly<Record<string, Partial<HeardTag>>> = {
      '#KING 1302': { epc: 'KING 1302', antenna: '0', count: 1 },
      'Tag:8000 8004 0000 003B, Disc:2003/12/04 15:08:59, Last:2003/12/04 15:08:59, Count:4, Ant:0': {
        epc: '800080040000003B',
        count: 4,
        antenna: '0',
      },
      '8000 8004 0000 003B,4,0': { epc: '800080040000003B', count: 4, antenna: '0' },
      U00000001230007100944: { epc: '0000000123', driverId: '0007100944' },
      Y000000012300000000000000E4947C46: { epc: '0000000123', driverId: '00000000000000E4947C46' },
    }
    t.equal(frames.length, Object.keys(meaning).length, 'each captured line has its meaning here')
    for (const { text, family } of frames) {
      t.ok(text.endsWith('\r\n'), `${family} ends its lines with CR LF`)
      const line = text.slice(0, -2)
      const name = family.split(' ')[0]?.toLowerCase() ?? ''
      const dialect = dialects[name]
      if (dialect === undefined) throw new Error(`no dialect for ${family}`)
      t.match(tagOf(dialect, line), meaning[line] ?? { epc: 'no meaning given' }, `${family}: ${line}`)
    }
    t.end()
  },
)

const hex = (words: number) =>
  fc
    .array(fc.constantFrom(...'0123456789ABCDEF'), { minLength: words * 4, maxLength: words * 4 })
    .map((digits) => digits.join(''))
const ids: Readonly<Record<LineForm, fc.Arbitrary<string>>> = {
  transcore: fc
    .array(fc.constantFrom(...'ABCXYZ 0123456789'), { minLength: 1, maxLength: 20 })
    .map((letters) => letters.join('').trim())
    .filter((text) => text !== ''),
  alienNotify: fc.oneof(hex(4), hex(6), hex(8)),
  alienTerse: fc.oneof(hex(4), hex(6), hex(8)),
  nedap: fc.integer({ min: 1, max: 9_999_999_999 }).map((id) => String(id).padStart(10, '0')),
}
const forms: readonly [LineForm, LineDialect][] = [
  ['transcore', transcore],
  ['alienNotify', alien],
  ['alienTerse', alien],
  ['nedap', nedap],
]

t.test('what a simulated reader writes is what the codec hears', (t) => {
  for (const [form, dialect] of forms) {
    fc.assert(
      fc.property(
        ids[form],
        fc.integer({ min: 1, max: 500 }),
        fc.integer({ min: 0, max: 3 }),
        (epc, count, ant) => {
          const tag = { epc, count, antenna: String(ant) }
          const lines = encodeReport(form, tag, Date.UTC(2026, 2, 2))
            .toString('latin1')
            .split('\r\n')
            .slice(0, -1)
          const heard = lines.flatMap((line) => dialect.decode(line, plain).heard)
          const discarded = lines.flatMap((line) => dialect.decode(line, plain).discarded)
          const carries = form.startsWith('alien')
          const [read] = heard
          return (
            heard.length === 1 &&
            discarded.length === 0 &&
            read?.kind === 'tag' &&
            read.epc === epc &&
            (!carries || (read.count === count && read.antenna === String(ant)))
          )
        },
      ),
      { verbose: 1 },
    )
    t.pass(form)
  }
  t.end()
})

t.test('the end of a line, its beginning lost, is never a tag', (t) => {
  for (const [form, dialect] of forms) {
    fc.assert(
      fc.property(ids[form], (epc) => {
        const lines = encodeReport(form, { epc, count: 12 }, 0).toString('latin1').split('\r\n').slice(0, -1)
        return lines.every((line) => {
          for (let cut = 1; cut < line.length; cut += 1) {
            if (dialect.decode(line.slice(cut), { ...plain, doubtful: true }).heard.length > 0) return false
          }
          return true
        })
      }),
      { verbose: 1 },
    )
    t.pass(form)
  }
  t.end()
})

t.test('the beginning of a line, its end lost, is never another tag where the form can tell', (t) => {
  for (const [form, dialect] of forms) {
    // Encompass carries no length and no check: only the configured lengths can tell (README).
    const lengths = form === 'transcore'
    fc.assert(
      fc.property(ids[form], (epc) => {
        const context = lengths ? { ...plain, epcLengths: [epc.length] } : plain
        const lines = encodeReport(form, { epc, antenna: '1' }, 0)
          .toString('latin1')
          .split('\r\n')
          .slice(0, -1)
        return lines.every((line) => {
          for (let cut = 0; cut < line.length; cut += 1) {
            const [read] = dialect.decode(line.slice(0, cut), context).heard
            if (read?.kind === 'tag' && read.epc !== epc) return false
          }
          return true
        })
      }),
      { verbose: 1 },
    )
    t.pass(form)
  }
  t.end()
})

t.test(
  'with the lengths configured, a longest terse line is believed even where its beginning is in doubt',
  (t) => {
    const doubtful: LineContext = { ...plain, doubtful: true, epcLengths: [16, 24] }
    t.equal(tagOf(alien, 'E200 6803 0000 0000 0000 004F,4,0', doubtful)?.epc, 'E2006803000000000000004F')
    t.equal(tagOf(alien, '0000 0000 0000 004F,4,0', doubtful), undefined, 'the end of the one above')
    t.end()
  },
)

t.test('lengths that the configuration excludes are no identities', (t) => {
  const only24: LineContext = { ...plain, epcLengths: [24] }
  t.equal(tagOf(alien, '8000 8004 0000 003B,4,0', only24), undefined)
  t.equal(tagOf(alien, 'E200 6803 0000 0000 0000 004F,4,0', only24)?.epc, 'E2006803000000000000004F')
  t.equal(tagOf(transcore, '#KING 1302', only24), undefined)
  t.equal(tagOf(nedap, 'U00000001230007100944', only24), undefined)
  t.end()
})

t.test('no printable line of any kind makes a codec throw', (t) => {
  fc.assert(
    fc.property(fc.string({ maxLength: 120 }), fc.constantFrom('', '#', 'Tag:', 'U', 'Y'), (rest, head) => {
      for (const dialect of Object.values(dialects)) {
        const { heard, asides, discarded } = dialect.decode(head + rest, { ...plain, utcOffsetMinutes: 480 })
        if (heard.length + asides + discarded.length !== 1) return false
      }
      return true
    }),
    { numRuns: 2_000, verbose: 1 },
  )
  t.end()
})
