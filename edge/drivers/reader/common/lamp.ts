import type { FaultChange, FaultCode } from '../../../base/fault.js'

/** One fault of one source: tells a change only when there is one, and knows which of the two holds. */
export class FaultLamp {
  readonly #code: FaultCode
  readonly #source: string
  readonly #onFault: (change: FaultChange) => void
  #is: 'unknown' | 'raised' | 'cleared' = 'unknown'

  constructor(code: FaultCode, source: string, onFault: (change: FaultChange) => void) {
    this.#code = code
    this.#source = source
    this.#onFault = onFault
  }

  get raised(): boolean {
    return this.#is === 'raised'
  }

  raise(detail: string): void {
    if (this.#is === 'raised') return
    this.#is = 'raised'
    this.#onFault({ is: 'raised', code: this.#code, source: this.#source, detail })
  }

  /** Clears a raised fault; says nothing where none stood. */
  clear(): void {
    if (this.#is === 'raised') this.#tellCleared()
  }

  /** As `clear`, and says so once at the start as well: who listens cannot know that all is well until told. */
  confirmClear(): void {
    if (this.#is !== 'cleared') this.#tellCleared()
  }

  #tellCleared(): void {
    this.#is = 'cleared'
    this.#onFault({ is: 'cleared', code: this.#code, source: this.#source })
  }
}
