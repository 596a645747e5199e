/**
 * Part of a plate as a subject of control orders (domain.md 5.3, partial-plate pattern): letters and digits of
 * a normalised plate, `?` for any one sign, `*` for any number of signs, none among them.
 */

/** So many signs must be fixed, or the pattern is half the traffic. */
export const platePatternFixedMin = 3

/** Patterns in force at one time; the gateway refuses more, and lanes stay as fast as measured with so many. */
export const platePatternsMax = 10_000

const fixedSign = /[\p{L}\p{N}]/u
const normalised = /^[\p{Lu}\p{Lo}\p{N}?*]{1,32}$/u

/** Signs of the pattern that stand for themselves. */
export function fixedSignsOf(pattern: string): number {
  return [...pattern].filter((sign) => fixedSign.test(sign)).length
}

/** Whether it is a pattern as lanes look for it: normalised, with a wildcard and enough fixed signs. */
export function isPlatePattern(pattern: string): boolean {
  return normalised.test(pattern) && /[?*]/.test(pattern) && fixedSignsOf(pattern) >= platePatternFixedMin
}

/**
 * Whether a normalised plate has the pattern. Goes back to the last `*` only, so it takes at most the product of
 * both lengths, whatever the pattern is.
 */
export function hasPlatePattern(plate: string, pattern: string): boolean {
  let at = 0
  let signAt = 0
  let starAt = -1
  let resumeAt = 0
  while (signAt < plate.length) {
    const wanted = pattern[at]
    if (wanted === '*') {
      starAt = at
      resumeAt = signAt
      at += 1
    } else if (wanted === '?' || wanted === plate[signAt]) {
      at += 1
      signAt += 1
    } else {
      if (starAt < 0) return false
      resumeAt += 1
      at = starAt + 1
      signAt = resumeAt
    }
  }
  while (pattern[at] === '*') at += 1
  return at === pattern.length
}
