import type { FaultChange, FaultCode } from '../base/fault.js'
import type { ActiveFault } from '../messages/up.js'

/** More standing faults than this are counted, not kept: a health message must stay small. */
const activeMax = 200
const detailMaxChars = 500

/** The faults that stand now, by code and source. Owners raise and clear; listeners hear real changes only. */
export class FaultRegistry {
  readonly #active = new Map<string, ActiveFault>()
  readonly #nowMs: () => number
  readonly #listeners = new Set<(change: FaultChange) => void>()
  /** Faults that were not kept because too many stood. */
  overflowed = 0

  /** `nowMs`: UTC ms, for "since". */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs
  }

  change(change: FaultChange): void {
    const key = `${change.code}\n${change.source}`
    if (change.is === 'cleared') {
      if (!this.#active.delete(key)) return
    } else {
      if (this.#active.has(key)) return
      if (this.#active.size >= activeMax) {
        this.overflowed += 1
        return
      }
      const { code, source, detail } = change
      const since = Math.round(this.#nowMs())
      this.#active.set(key, {
        code,
        source: source.slice(0, 80),
        since,
        ...(detail === undefined ? {} : { detail: detail.slice(0, detailMaxChars) }),
      })
    }
    for (const listener of this.#listeners) listener(change)
  }

  stands(code: FaultCode, source: string): boolean {
    return this.#active.has(`${code}\n${source}`)
  }

  active(): readonly ActiveFault[] {
    return [...this.#active.values()]
  }

  /** Returns how to stop. */
  onChange(listener: (change: FaultChange) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}
