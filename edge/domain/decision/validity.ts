import type { DecisionInputs, Tri } from './types.js'

/**
 * Whether something valid up to and including `validTo` has ended; without an end it never has. By an
 * untrusted clock nobody can tell (law 6): what permits is not valid then, and what objects has not ended.
 */
export function hasEnded(validTo: number | undefined, now: DecisionInputs['now']): Tri {
  if (validTo === undefined) return false
  return now.clockQuality === 'untrusted' ? 'unknown' : now.wallMs > validTo
}
