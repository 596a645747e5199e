import type { FaultCode } from '../base/fault.js'
import type { FaultRegistry } from './faults.js'

/** Whether each device of the edge is up, by its faults. */
export class DeviceBoard {
  readonly #faults: FaultRegistry
  readonly #ids: { readonly readers: readonly string[]; readonly barriers: readonly string[] }
  /** Devices that have said once how they are; before that nothing is known of them. */
  readonly #heardOf = new Set<string>()
  #now: Readonly<Record<string, boolean | 'unknown'>> | null = null

  constructor(faults: FaultRegistry, ids: { readers: readonly string[]; barriers: readonly string[] }) {
    this.#faults = faults
    this.#ids = ids
  }

  /** A fault of this source was raised or cleared. */
  changed(source: string): void {
    this.#heardOf.add(source)
    this.#now = null
  }

  /** A device is up when it has said so and no fault says otherwise; before its first word nothing is known. */
  now(): Readonly<Record<string, boolean | 'unknown'>> {
    const { readers, barriers } = this.#ids
    this.#now ??= Object.fromEntries([
      ...readers.map((id) => [id, this.#isUp(id, 'reader.disconnected', 'reader.silent')] as const),
      ...barriers.map((id) => [id, this.#isUp(id, 'barrier.disconnected', 'plc.watchdog')] as const),
    ])
    return this.#now
  }

  #isUp(id: string, ...downBy: readonly FaultCode[]): boolean | 'unknown' {
    if (downBy.some((code) => this.#faults.stands(code, id))) return false
    return this.#heardOf.has(id) ? true : 'unknown'
  }
}
