import { secretCode } from '../lists/control.js'
import type { Bay } from './types.js'

/** What of a judgement says where the vehicle is to be inspected. */
export interface ToInspect {
  readonly primary: string
  readonly codes: readonly string[]
}

/**
 * The bay for a vehicle that is to be inspected (domain.md 6.1): the first that serves the primary reason, else the
 * first that serves another reason, in their order, else the first that serves any. Nobody tells which bays are
 * free, so the same reasons always lead to the same bay. A secret order leads where a draw does. Null: none fits.
 */
export function bayFor(bays: readonly Bay[] | undefined, { primary, codes }: ToInspect): Bay | null {
  if (bays === undefined) return null
  const shown = [primary, ...codes].map((code) => (code === secretCode ? 'RND-01' : code))
  for (const code of shown) {
    const serves = bays.find(({ reasons }) => reasons?.includes(code))
    if (serves) return serves
  }
  return bays.find(({ reasons }) => reasons === undefined) ?? null
}
