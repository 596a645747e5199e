/**
 * The form in which container numbers are compared and stand in lists (ISO 6346): capitals and digits with
 * nothing between them. `tclu 426544-9` and `TCLU4265449` are one. Normalising twice changes nothing.
 */
export function normaliseContainer(text: string): string {
  return text
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[^A-Z0-9]/g, '')
}

/** Owner, category (freight, equipment, trailer, rail) and serial number, and the check digit. */
const marked = /^([A-Z]{3}[JRUZ]\d{6})(\d?)$/

/**
 * What the check digit of a normalised number should be, where it is another one or is missing; null:
 * nothing is wrong. Numbers of another shape have no check digit: boxes of one country are lettered freely.
 */
export function checkDigitInstead(number: string): string | null {
  const [, body, digit] = marked.exec(number) ?? []
  if (body === undefined) return null
  const right = checkDigitOf(body)
  return digit === right ? null : right
}

/** ISO 6346 annex A: values of the signs (11, 22 and 33 are left out) times powers of two, modulo 11, 10 as 0. */
function checkDigitOf(body: string): string {
  let sum = 0
  for (const [place, sign] of [...body].entries()) sum += valueOf(sign) * 2 ** place
  return String((sum % 11) % 10)
}

function valueOf(sign: string): number {
  if (sign >= '0' && sign <= '9') return Number(sign)
  const letter = sign.charCodeAt(0) - 'A'.charCodeAt(0) + 10
  return letter + Math.floor((letter - 1) / 10)
}
