import type { Random } from './random.js'

/** A named way of waiting between tries. */
export interface BackoffPolicy {
  readonly firstMs: number
  readonly factor: number
  readonly maxMs: number
  /** Share of the wait that is random, 0 to 1: without it 500 edges come back in the same instant. */
  readonly jitter: number
}

/** For a link that a waiting vehicle depends on (reader, PLC): 100 ms up to 2 s, so that a device is back within 5 s. */
export const quick: BackoffPolicy = { firstMs: 100, factor: 2, maxMs: 2_000, jitter: 0.5 }

/**
 * For a link that many share: 500 ms up to 4 s, so that it is back within 5 s of its other end, and
 * spread so widely that a thousand edges come back over three seconds and not in one instant.
 */
export const brisk: BackoffPolicy = { firstMs: 500, factor: 2, maxMs: 4_000, jitter: 0.8 }

/** For what waiting alone will not mend, such as a refusal: 500 ms up to 30 s, spread widely. */
export const slow: BackoffPolicy = { firstMs: 500, factor: 2, maxMs: 30_000, jitter: 0.8 }

/** The wait before try number `attempt` (0 = first repeat), in milliseconds. */
export function backoffMs(policy: BackoffPolicy, attempt: number, random: Random): number {
  const full = Math.min(policy.maxMs, policy.firstMs * policy.factor ** Math.min(attempt, 32))
  return Math.round(full * (1 - policy.jitter * random.next()))
}
