import { discarded, sample, together, type Decoded } from '../common/decoded.js'

/** One vocabulary of MQTT readers: pure, one message at a time. */
export interface MqttDialect {
  /** `message` is what JSON gave for the payload. */
  decode(message: unknown): Decoded
}

/** Most reports that one array may carry; the rest of a longer one is discarded, and said so. */
export const maxReports = 256

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Decodes a payload, of whatever content: never throws. */
export function decodePayload(dialect: MqttDialect, payload: Uint8Array, maxPayloadBytes: number): Decoded {
  if (payload.length > maxPayloadBytes)
    return discarded(`A message of ${payload.length} bytes; the bound is ${maxPayloadBytes}.`)
  let text: string
  let message: unknown
  try {
    text = utf8.decode(payload)
  } catch {
    return discarded('A message that is no UTF-8.')
  }
  try {
    message = JSON.parse(text)
  } catch {
    return discarded(`A message that is no JSON: "${sample(text)}".`)
  }
  return dialect.decode(message)
}

/** For readers that send one report or an array of them: a bad one costs nothing but itself. */
export function decodeEach(message: unknown, decodeOne: (report: unknown) => Decoded): Decoded {
  if (!Array.isArray(message)) return decodeOne(message)
  const reports: readonly unknown[] = message
  const parts = reports.slice(0, maxReports).map(decodeOne)
  if (reports.length > maxReports)
    parts.push(
      discarded(`${reports.length - maxReports} reports of one message, above the bound of ${maxReports}.`),
    )
  return together(parts)
}

/** UTC ms of an ISO text with any number of decimals, or null: a reader's clock is data only. */
export function readerTime(text: string | undefined): number | null {
  if (text === undefined) return null
  const atMs = Date.parse(text)
  return Number.isNaN(atMs) ? null : atMs
}

/** Hex of a tag's memory in whole bytes, 2 to 64 of them, as upper case; null: it is none. */
export function hexIdentity(text: string): string | null {
  return /^(?:[0-9A-Fa-f]{2}){2,64}$/.test(text) ? text.toUpperCase() : null
}
