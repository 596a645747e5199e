import { aside, discarded, heard, sample, type Decoded } from '../../common/decoded.js'
import { lengthAllowed, type LineContext, type LineDialect } from '../dialect.js'

/**
 * TransCore Encompass, basic protocol (field.md 2.6): `#<data>`, on request with the reader's time
 * `&HH:MM:SS.hh MM/DD/YY` and auxiliary data `%xx-y-zz-q` appended, where y is the antenna.
 *
 * Tags carry 6-bit characters, so lower case is the reader talking of itself (sign-on, `Done`).
 * `#`, `&` and `%` inside an identity are refused: then no line is the end of another one, and one
 * whose beginning was lost cannot pass for a tag. There is no check value: a character changed to
 * another printable one is not seen, which `epcLengths` narrows and the ECP protocol would mend.
 */
const reportForm =
  /^#([\x20-\x22\x24\x27-\x5f]{1,64})(?:&(\d\d:\d\d:\d\d)\.(\d\d) (\d\d)\/(\d\d)\/(\d\d))?(?:%[0-9A-F]{2}-(\d)-[0-9A-F]{2}-[0-9A-F])?$/

/** The reader's own words: `#Done`, `#Error`, and the sign-on message with model and version. */
const ownWords = /^#(Done|Error|Model )/

export function decode(line: string, context: LineContext): Decoded {
  if (ownWords.test(line)) return aside
  const match = reportForm.exec(line)
  const epc = match?.[1]?.trim()
  if (!match || epc === undefined || epc === '') return discarded(`No Encompass report: "${sample(line)}".`)
  if (!lengthAllowed(epc, context))
    return discarded(`An identity of ${epc.length} characters, which the configuration excludes.`)
  return heard({
    kind: 'tag',
    antenna: match[7] ?? '0',
    zone: null,
    epc,
    tid: null,
    rssiDbm: null,
    driverId: null,
    count: 1,
    readerAtMs: timeOf(match, context.utcOffsetMinutes),
  })
}

function timeOf(match: RegExpExecArray, utcOffsetMinutes: number | null): number | null {
  const [, , time, hundredths, month, day, year] = match
  if (time === undefined || utcOffsetMinutes === null) return null
  const atMs = Date.parse(`20${year}-${month}-${day}T${time}.${hundredths}0Z`)
  return Number.isNaN(atMs) ? null : atMs - utcOffsetMinutes * 60_000
}

export const transcore: LineDialect = { dataBits: 8, parity: 'none', decode }
