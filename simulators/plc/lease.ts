/** What the PLC says of a request it does not take. The words go over the wire and into journals. */
export const refusals = [
  'malformed',
  'otherBoot',
  'expired',
  'tooFarAhead',
  'used',
  'watchdog',
  'blocked',
] as const
export type Refusal = (typeof refusals)[number]

/** A request to raise, as it stands in the one node that is written. */
export interface RaiseRequest {
  readonly commandId: string
  readonly plcBootId: string
  /** The last tick of the PLC's own counter at which the request may still be taken. */
  readonly validUntilTick: number
}

const requestMaxChars = 200
const idPattern = /^[\w.:-]{1,100}$/

/** Reads `raise;<commandId>;<plcBootId>;<validUntilTick>`; null for anything else. */
export function parseRaiseRequest(raw: string): RaiseRequest | null {
  if (raw.length > requestMaxChars) return null
  const parts = raw.split(';')
  const [word, commandId, plcBootId, validUntil] = parts
  if (parts.length !== 4 || word !== 'raise') return null
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
  objection(request: RaiseRequest, now: { bootId: string; tick: number }): Refusal | null {
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
