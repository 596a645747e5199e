import { discarded, heard, sample, type Decoded } from '../../common/decoded.js'
import { lengthAllowed, type LineContext, type LineDialect } from '../dialect.js'

/**
 * Nedap TRANSIT, protocol P81 (field.md 2.6): `U` + vehicle 10 + driver 10, `Y` + vehicle 10 + driver
 * card 22 (the published description says 20: both are taken), `X` + vehicle 10 + tachograph card 20.
 *
 * Each form has a letter and a length, so no line is the end of another one. An identity of zeros
 * only is the reader's way to say that there is none.
 */
const forms: readonly RegExp[] = [
  /^U([0-9A-F]{10})([0-9A-F]{10})$/,
  /^Y([0-9A-F]{10})([0-9A-F]{22}|[0-9A-F]{20})$/,
  /^X([0-9A-F]{10})([0-9A-F]{20})$/,
]

export function decode(line: string, context: LineContext): Decoded {
  for (const form of forms) {
    const match = form.exec(line)
    if (match?.[1] !== undefined && match[2] !== undefined) return report(match[1], match[2], context)
  }
  return discarded(`No P81 report: "${sample(line)}".`)
}

function report(vehicle: string, driver: string, context: LineContext): Decoded {
  if (isZero(vehicle)) return discarded('A P81 report without a vehicle identity.')
  if (!lengthAllowed(vehicle, context))
    return discarded(`An identity of ${vehicle.length} characters, which the configuration excludes.`)
  return heard({
    kind: 'tag',
    antenna: '0',
    zone: null,
    epc: vehicle,
    tid: null,
    rssiDbm: null,
    driverId: isZero(driver) ? null : driver,
    count: 1,
    readerAtMs: null,
  })
}

function isZero(identity: string): boolean {
  return /^0+$/.test(identity)
}

export const nedap: LineDialect = { dataBits: 7, parity: 'even', decode }
