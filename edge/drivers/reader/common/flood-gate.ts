import type { Cancel, Clock } from '../../../base/clock.js'
import type { Read } from '../../../interfaces/reader.js'

/** How many reads one reader may put through, and what becomes of the rest. */
export interface FloodPolicy {
  /** Reads a second that pass one by one; the bucket holds one second's worth. */
  readonly readsPerSecond: number
  /** Above that, reads of one tag at one antenna become one read with their count, once in this time. */
  readonly coalesceMs: number
  /** Different tags kept in one such time; further ones are shed and counted. */
  readonly maxWaiting: number
  /** The flood is over when nothing was coalesced for this long. */
  readonly clearAfterMs: number
}

export const defaultFlood: FloodPolicy = {
  readsPerSecond: 2_000,
  coalesceMs: 50,
  maxWaiting: 64,
  clearAfterMs: 5_000,
}

/**
 * Keeps one chattering reader from taking the lanes' time (reliability.md F10, F11): a token
 * bucket, and behind it one waiting read a tag and antenna, which keeps counts and best signal.
 * At most `readsPerSecond + maxWaiting * 1000 / coalesceMs` reads a second come out.
 */
export class FloodGate {
  /** Reads that were counted into another one. */
  coalesced = 0
  /** Reads that were dropped, because too many different tags waited. */
  shed = 0
  readonly #clock: Clock
  readonly #policy: FloodPolicy
  readonly #out: (read: Read) => void
  readonly #waiting = new Map<string, Read>()
  #tokens: number
  #refilledMs: number
  #lastOverMs = -Infinity
  #cancel: Cancel | undefined

  constructor(clock: Clock, policy: FloodPolicy, out: (read: Read) => void) {
    this.#clock = clock
    this.#policy = policy
    this.#out = out
    this.#tokens = policy.readsPerSecond
    this.#refilledMs = clock.now().monoMs
  }

  flooding(monoMs: number): boolean {
    return monoMs - this.#lastOverMs < this.#policy.clearAfterMs
  }

  offer(read: Read): void {
    const nowMs = read.heardAt.monoMs
    const rate = this.#policy.readsPerSecond
    this.#tokens = Math.min(rate, this.#tokens + (Math.max(0, nowMs - this.#refilledMs) * rate) / 1_000)
    this.#refilledMs = nowMs
    // While reads wait, later ones queue behind them: a read must not overtake an older one of its tag.
    if (this.#waiting.size === 0 && this.#tokens >= 1) {
      this.#tokens -= 1
      this.#out(read)
      return
    }
    this.#lastOverMs = nowMs
    this.#wait(read)
  }

  /** Lets out what waits, and stops the timer. */
  close(): void {
    this.#flush()
  }

  #wait(read: Read): void {
    const key = keyOf(read)
    const before = this.#waiting.get(key)
    if (before === undefined && this.#waiting.size >= this.#policy.maxWaiting) {
      this.shed += 1
      return
    }
    if (before !== undefined) this.coalesced += 1
    this.#waiting.set(key, before === undefined ? read : merge(before, read))
    this.#cancel ??= this.#clock.after('reader.coalesce', this.#policy.coalesceMs, () => this.#flush())
  }

  #flush(): void {
    this.#cancel?.()
    this.#cancel = undefined
    const waiting = [...this.#waiting.values()]
    this.#waiting.clear()
    for (const read of waiting) this.#out(read)
  }
}

function keyOf(read: Read): string {
  const place = `${read.antenna}\n${read.zone ?? ''}\n`
  if (read.kind === 'plate') return `p${place}${read.plate.region}\n${read.plate.text}`
  // Only findings that say the very same are one: what differs is never counted into another.
  if (read.kind === 'device') return `d${place}${JSON.stringify(read.sensed)}`
  return `t${place}${read.epc}\n${read.tid ?? ''}\n${read.driverId ?? ''}`
}

/** The newer read, with the sum of the counts and the best signal or confidence of both. */
function merge(before: Read, read: Read): Read {
  if (read.kind === 'device') return read
  if (read.kind === 'plate') {
    const confidence =
      before.kind === 'plate' ? Math.max(before.confidence, read.confidence) : read.confidence
    return { ...read, confidence }
  }
  if (before.kind !== 'tag') return read
  return { ...read, count: before.count + read.count, rssiDbm: best(before.rssiDbm, read.rssiDbm) }
}

function best(one: number | null, other: number | null): number | null {
  if (one === null) return other
  return other === null ? one : Math.max(one, other)
}
