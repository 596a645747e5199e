import type { Clock, ClockQuality } from '../base/clock.js'
import { isSignedBy } from '../base/signature.js'
import type { Sensed } from '../interfaces/reader.js'
import { parseReceiptText } from '../messages/receipt-text.js'

export interface ReceiptCheck {
  /** Public keys of the gateway, one line each: the present one, and one that is on its way out. */
  readonly keys: readonly string[]
  readonly site: string
  /** UTC ms. */
  readonly wallMs: number
  readonly clockQuality: ClockQuality
}

/** The gateway's clock may be this much ahead of ours. */
const aheadMs = 60_000

/**
 * What a scanned text says; null: it is no receipt at all. A receipt of another site or another time is as
 * good as one with a bad signature. Without a key, or by a clock that nobody trusts, nobody can tell. Whether it
 * was used is known to the lane and to the list of releases.
 */
export function receiptSensed(text: string, on: ReceiptCheck): Sensed | null {
  const parsed = parseReceiptText(text)
  if (parsed === null) return null
  const { receiptId, agency, subject } = parsed.receipt
  return { of: 'receipt', receiptId, agency, subject, signatureValid: isGood(parsed, on), used: false }
}

function isGood(
  { receipt, signed, signature }: NonNullable<ReturnType<typeof parseReceiptText>>,
  { keys, site, wallMs, clockQuality }: ReceiptCheck,
): boolean | 'unknown' {
  if (keys.length === 0) return 'unknown'
  if (!keys.some((key) => isSignedBy(key, signed, signature)) || receipt.site !== site) return false
  if (clockQuality === 'untrusted') return 'unknown'
  return receipt.validFrom <= wallMs + aheadMs && wallMs < receipt.validTo
}

/** What an edge makes of the texts that its scanners read. */
export function receiptJudge(
  { receiptKeys: keys = [], site }: { readonly receiptKeys?: readonly string[]; readonly site: string },
  clock: Clock,
  clockQuality: () => ClockQuality,
): (text: string) => Sensed | null {
  return (text) =>
    receiptSensed(text, { keys, site, wallMs: clock.now().wallMs, clockQuality: clockQuality() })
}
