/** What the PLC says of a request it does not take. The words go over the wire and into journals. */
export const refusals = [
  'malformed',
  'otherBoot',
  'expired',
  'tooFarAhead',
  'used',
  'watchdog',
  'blocked',
  'spraying',
] as const
export type Refusal = (typeof refusals)[number]

/** What it says of a spray that it does not take. */
export type SprayRefusal =
  LeaseRefusal | 'malformed' | 'running' | 'people' | 'noVehicle' | 'watchdog' | 'device'
type LeaseRefusal = 'otherBoot' | 'expired' | 'tooFarAhead' | 'used'

/** A request to raise, as it stands in the one node that is written. */
export interface RaiseRequest {
  readonly commandId: string
  readonly plcBootId: string
  /** The last tick of the PLC's own counter at which the request may still be taken. */
  readonly validUntilTick: number
}

/** A request to spray. */
export interface SprayRequest extends RaiseRequest {
  /** It is done after so many seconds without a break. */
  readonly minSeconds: number
}

const requestMaxChars = 200
const sprayMaxSeconds = 600
const idPattern = /^[\w.:-]{1,100}$/

/** Reads `raise;<commandId>;<plcBootId>;<validUntilTick>`; null for anything else. */
export function parseRaiseRequest(raw: string): RaiseRequest | null {
  const parts = wordsOf(raw, 'raise')
  return parts?.length === 3 ? leaseOf(parts) : null
}

/** Reads `spray;<commandId>;<plcBootId>;<validUntilTick>;<minSeconds>`; null for anything else. */
export function parseSprayRequest(raw: string): SprayRequest | null {
  const parts = wordsOf(raw, 'spray')
  const seconds = parts?.[3]
  if (parts?.length !== 4 || seconds === undefined || !/^\d{1,3}$/.test(seconds)) return null
  const minSeconds = Number(seconds)
  const lease = leaseOf(parts)
  return lease === null || minSeconds < 1 || minSeconds > sprayMaxSeconds ? null : { ...lease, minSeconds }
}

function wordsOf(raw: string, verb: string): string[] | null {
  if (raw.length > requestMaxChars) return null
  const [word, ...parts] = raw.split(';')
  return word === verb ? parts : null
}

function leaseOf([commandId, plcBootId, validUntil]: readonly string[]): RaiseRequest | null {
  if (commandId === undefined || !idPattern.test(commandId)) return null
  if (plcBootId === undefined || !idPattern.test(plcBootId)) return null
  if (validUntil === undefined || !/^\d{1,10}$/.test(validUntil)) return null
  return { commandId, plcBootId, validUntilTick: Number(validUntil) }
}

/**
 * The PLC's judgement over leases (law 4): counted in its own ticks, bound to its own boot, each
 * id taken once. It remembers the newest `idsMax` ids; older ones are safe to forget, because a
 * lane gives no id twice and an old request has an expired lease.
 */
export class LeaseJudge {
  readonly #maxLeaseTicks: number
  readonly #idsMax: number
  readonly #used = new Set<string>()

  constructor(given: { maxLeaseTicks: number; idsMax: number }) {
    this.#maxLeaseTicks = given.maxLeaseTicks
    this.#idsMax = given.idsMax
  }

  /** What the lease itself says, whatever the barrier does; null: nothing against it. */
  objection(request: RaiseRequest, now: { bootId: string; tick: number }): LeaseRefusal | null {
    if (request.plcBootId !== now.bootId) return 'otherBoot'
    if (now.tick > request.validUntilTick) return 'expired'
    if (request.validUntilTick - now.tick > this.#maxLeaseTicks) return 'tooFarAhead'
    if (this.#used.has(request.commandId)) return 'used'
    return null
  }

  use(commandId: string): void {
    this.#used.add(commandId)
    const [oldest] = this.#used
    if (this.#used.size > this.#idsMax && oldest !== undefined) this.#used.delete(oldest)
  }

  forget(): void {
    this.#used.clear()
  }
}
