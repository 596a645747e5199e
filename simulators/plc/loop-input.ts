/** Period of a chattering contact. */
const chatterMs = 20

/**
 * One presence input of the PLC: what it reports of what is physically there, with the ways in
 * which it can lie. Counts rising edges since the PLC's boot.
 */
export class LoopInput {
  stuck: 'occupied' | 'clear' | null = null
  /** After each change the contact chatters for this long. */
  bounceForMs = 0
  #isThere = false
  #changedAtMs = -Infinity
  #output = false
  #count = 0
  #clearSinceMs: number

  constructor(nowMs: number) {
    this.#clearSinceMs = nowMs
  }

  get isOccupied(): boolean {
    return this.#output
  }

  get count(): number {
    return this.#count
  }

  /** Since when it reports clear; Infinity while it reports a vehicle. */
  get clearSinceMs(): number {
    return this.#output ? Infinity : this.#clearSinceMs
  }

  sense(isThere: boolean, nowMs: number): void {
    if (isThere === this.#isThere) return
    this.#isThere = isThere
    this.#changedAtMs = nowMs
  }

  /** The PLC reads its input. */
  scan(nowMs: number): void {
    const value = this.#valueAt(nowMs)
    if (value === this.#output) return
    this.#output = value
    if (value) this.#count += 1
    else this.#clearSinceMs = nowMs
  }

  /** The PLC starts: counters begin again, and what was clear before counts as clear from now on. */
  reboot(nowMs: number): void {
    this.#count = 0
    this.#output = this.#valueAt(nowMs)
    this.#clearSinceMs = nowMs
  }

  /** When the input changes by itself; Infinity if it does not. */
  nextChangeAtMs(nowMs: number): number {
    const sinceMs = nowMs - this.#changedAtMs
    if (this.stuck !== null || sinceMs >= this.bounceForMs) return Infinity
    const next = this.#changedAtMs + (Math.floor(sinceMs / chatterMs + 1e-9) + 1) * chatterMs
    return Math.min(next, this.#changedAtMs + this.bounceForMs)
  }

  #valueAt(nowMs: number): boolean {
    if (this.stuck !== null) return this.stuck === 'occupied'
    const sinceMs = nowMs - this.#changedAtMs
    if (sinceMs >= this.bounceForMs) return this.#isThere
    return Math.floor(sinceMs / chatterMs + 1e-9) % 2 === 0 ? this.#isThere : !this.#isThere
  }
}
