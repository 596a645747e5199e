import type { LineContext, LineDialect } from '../drivers/reader/line/dialect.js'
import { alien } from '../drivers/reader/line/alien/codec.js'
import { nedap } from '../drivers/reader/line/nedap/codec.js'
import { transcore } from '../drivers/reader/line/transcore/codec.js'
import { decodePayload } from '../drivers/reader/mqtt/dialect.js'
import { impinjR700 } from '../drivers/reader/mqtt/impinj-r700/codec.js'
import { encodeReport, type LineForm } from '../../simulators/reader/line/encode.js'
import { encodeTags } from '../../simulators/reader/mqtt/encode.js'
import { ratioOf, tableOf } from './figures.js'
import { perSecond } from './rate.js'
import type { Bench } from './types.js'

const defaultSeconds = 2
const readerAtMs = Date.UTC(2026, 2, 2)
const epc = 'E28011606000020A6681F23F'
const context: LineContext = { doubtful: false, epcLengths: null, utcOffsetMinutes: 480 }

const lines: readonly (readonly [name: string, form: LineForm, dialect: LineDialect, epc: string])[] = [
  ['transcore', 'transcore', transcore, 'TMBR12345678'],
  ['alien notify', 'alienNotify', alien, epc],
  ['alien terse', 'alienTerse', alien, epc],
  ['nedap', 'nedap', nedap, '1234567890'],
]

/** Reads a second of each codec. The floor of a line is finding that it is text; of a message, `JSON.parse`. */
export const codecBench: Bench = {
  about: 'Reads a second that the codecs decode, lines and R700 messages; floor: ASCII text, JSON.parse.',
  run: (options, say) => {
    const seconds = options.seconds ?? defaultSeconds
    let kept = 0
    const rows = lines.map(([name, form, dialect, identity]) => {
      const report = encodeReport(form, { epc: identity, antenna: '1' }, readerAtMs)
      const parts = report
        .toString('latin1')
        .split('\r\n')
        .filter((line) => line !== '')
      const rate = perSecond(seconds, () => {
        for (const line of parts) kept += dialect.decode(line, context).heard.length
      })
      const floor = perSecond(seconds, () => {
        kept += report.toString('latin1').length
      })
      return { name, readsPerSecond: rate, floorPerSecond: floor, ratio: ratioOf(rate, floor) }
    })
    const message = Buffer.from(
      JSON.stringify(encodeTags('impinj-r700', [{ epc, antenna: '1', rssiDbm: -48 }], readerAtMs)),
    )
    const rate = perSecond(seconds, () => {
      kept += decodePayload(impinjR700, message, 65_536).heard.length
    })
    const floor = perSecond(seconds, () => {
      kept += Object.keys(JSON.parse(message.toString('utf8')) as object).length
    })
    rows.push({
      name: 'impinj-r700',
      readsPerSecond: rate,
      floorPerSecond: floor,
      ratio: ratioOf(rate, floor),
    })
    for (const line of tableOf([
      ['', 'reads a second', 'floor', 'ratio'],
      ...rows.map((row) => [row.name, row.readsPerSecond, row.floorPerSecond, row.ratio]),
    ]))
      say(line)
    return Promise.resolve({ bench: 'codec', codecs: rows, kept })
  },
}
