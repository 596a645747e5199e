import { aside, discarded, heard, sample, type Decoded } from '../../common/decoded.js'
import { lengthAllowed, type LineContext, type LineDialect } from '../dialect.js'

/**
 * Alien ALR readers (field.md 2.6): notifications, whose block is `#` lines around one `Tag:` line
 * a tag, and the terse form `<tag>,<count>,<antenna>`.
 *
 * An EPC is at least 64 bits long here. The terse form does not show where it begins: the end of
 * such a line looks like a shorter tag, so a line of it that may lack its beginning is not believed,
 * unless its EPC has the greatest length that the configuration allows.
 */
const epcForm = /^[0-9A-F]{4}(?: ?[0-9A-F]{4}){3,30}$/i
const localTimeForm = /^(\d{4})\/(\d\d)\/(\d\d) (\d\d:\d\d:\d\d)(\.\d{1,3})?$/
const numberForm = /^\d{1,9}$/

/** Lines of a notification block that are not a tag, and the answer of a reader that hears nothing. */
const headerForm = /^#[A-Za-z ]{2,60}(?::.*)?$/
const noTags = '(No Tags)'

export function decode(line: string, context: LineContext): Decoded {
  if (line.startsWith('Tag:')) return decodeTagLine(line, context)
  if (line === noTags || headerForm.test(line)) return aside
  return decodeTerse(line, context)
}

function decodeTagLine(line: string, context: LineContext): Decoded {
  const fields = new Map<string, string>()
  for (const part of line.split(', ')) {
    const at = part.indexOf(':')
    const name = part.slice(0, at)
    if (at < 1 || !/^[A-Za-z]+$/.test(name) || fields.has(name))
      return discarded(`A Tag line with a broken field: "${sample(line)}".`)
    fields.set(name, part.slice(at + 1))
  }
  // All fields of the manual's form are asked for: a line that was cut off ends before the last one.
  if (!fields.has('Disc')) return discarded(`A Tag line without Disc: "${sample(line)}".`)
  return report(
    line,
    {
      tag: fields.get('Tag'),
      last: fields.get('Last'),
      count: fields.get('Count'),
      antenna: fields.get('Ant'),
    },
    context,
  )
}

function decodeTerse(line: string, context: LineContext): Decoded {
  const fields = line.split(',')
  if (fields.length !== 3) return discarded(`Neither a notification nor a terse line: "${sample(line)}".`)
  const decoded = report(line, { tag: fields[0], last: null, count: fields[1], antenna: fields[2] }, context)
  return context.doubtful && !isLongest(decoded, context)
    ? discarded(`A terse line whose beginning may be missing, after opening: "${sample(line)}".`)
    : decoded
}

function isLongest({ heard: [one] }: Decoded, { epcLengths }: LineContext): boolean {
  return epcLengths !== null && one?.kind === 'tag' && one.epc.length === Math.max(...epcLengths)
}

interface Fields {
  readonly tag: string | undefined
  readonly last: string | null | undefined
  readonly count: string | undefined
  readonly antenna: string | undefined
}

function report(line: string, fields: Fields, context: LineContext): Decoded {
  const { tag, last, count, antenna } = fields
  if (tag === undefined || !epcForm.test(tag)) return discarded(`No EPC in hex words: "${sample(line)}".`)
  if (count === undefined || !numberForm.test(count) || Number(count) < 1)
    return discarded(`No count: "${sample(line)}".`)
  if (antenna === undefined || !/^\d{1,3}$/.test(antenna)) return discarded(`No antenna: "${sample(line)}".`)
  const atMs = last === null ? null : timeOf(last ?? '', context.utcOffsetMinutes)
  if (atMs === undefined) return discarded(`No time in Last: "${sample(line)}".`)
  const epc = tag.replaceAll(' ', '').toUpperCase()
  if (!lengthAllowed(epc, context))
    return discarded(`An EPC of ${epc.length} hex characters, which the configuration excludes.`)
  return heard({
    kind: 'tag',
    antenna,
    zone: null,
    epc,
    tid: null,
    rssiDbm: null,
    driverId: null,
    count: Number(count),
    readerAtMs: atMs,
  })
}

/** Undefined: not a time. Null: a time, but nobody told of which zone. */
function timeOf(text: string, utcOffsetMinutes: number | null): number | null | undefined {
  const match = localTimeForm.exec(text)
  if (!match) return undefined
  const atMs = Date.parse(`${match[1]}-${match[2]}-${match[3]}T${match[4]}${match[5] ?? ''}Z`)
  if (Number.isNaN(atMs)) return undefined
  return utcOffsetMinutes === null ? null : atMs - utcOffsetMinutes * 60_000
}

export const alien: LineDialect = { dataBits: 8, parity: 'none', decode }
