import type { Plate } from '../../messages/entities.js'

/** Blanks, dots and middle dots of every script, dashes: what cameras and clerks put between the signs. */
const separators = /[\s.\u00b7\u0387\u2022\u2024\u2027\u2219\u22c5\u30fb\u3002\p{Pd}_]/gu

/**
 * The form in which plates are compared and stand in lists: full-width signs made narrow, upper
 * case, separators dropped. `粤Z·1234港` and ` 粤z 1234 港` are one plate. Normalising twice changes nothing.
 */
export function normalisePlate(text: string): string {
  const plain = text.normalize('NFKC').toUpperCase().normalize('NFKC').replace(separators, '')
  // Signs that stood apart may have become one.
  return plain.normalize('NFKC')
}

/** Province sign, office letter, five or six signs, the last of which may be a class (GA 36-2018); no I, no O. */
const mainland = /^[\u4e00-\u9fff][A-HJ-NP-Z][A-HJ-NP-Z0-9]{4,5}[A-HJ-NP-Z0-9港澳学警挂领使]$/u
const macauWithDashes = /^M[A-Z]?-\d\d-\d\d$/
const macau = /^M[A-Z]?\d{4}$/
/** Two letters and up to four digits, or letters alone followed by at most four digits (personalised). */
const hongKong = /^[A-HJ-NPR-Z]{2}\d{1,4}$/

/**
 * Where a plate is from, by its shape (domain.md 3.10). `粤Z…港` is a mainland plate. `MA1234`
 * without its dashes may be from Hong Kong as well; it is given to Macau. Matching never depends on
 * this: plates are compared by their normalised text alone. Anything else is `OTHER`, personalised
 * Hong Kong plates among them, because they have no shape.
 */
export function plateRegionOf(text: string): Plate['region'] {
  if (macauWithDashes.test(text.normalize('NFKC').toUpperCase().trim())) return 'MO'
  const plain = normalisePlate(text)
  if (mainland.test(plain)) return 'CN'
  if (macau.test(plain)) return 'MO'
  return hongKong.test(plain) ? 'HK' : 'OTHER'
}
