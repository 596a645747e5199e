import type { FaultChange, FaultCode } from '../base/fault.js'

/** Remembers which faults of one owner stand, so that each is reported when it comes and when it goes, and not between. */
export class FaultLatch {
  readonly #report: (change: FaultChange) => void
  readonly #standing = new Set<string>()

  constructor(report: (change: FaultChange) => void) {
    this.#report = report
  }

  raise(code: FaultCode, source: string, detail: string): void {
    const key = `${code} ${source}`
    if (this.#standing.has(key)) return
    this.#standing.add(key)
    this.#report({ is: 'raised', code, source, detail })
  }

  clear(code: FaultCode, source: string): void {
    if (this.#standing.delete(`${code} ${source}`)) this.#report({ is: 'cleared', code, source })
  }

  stands(code: FaultCode, source: string): boolean {
    return this.#standing.has(`${code} ${source}`)
  }
}
