import { open, rename, rm, stat, statfs } from 'node:fs/promises'
import path from 'node:path'
import { messageOf } from '../base/error.js'
import type { Logger } from '../base/log.js'
import type { FaultLatch } from './faults.js'

/** Bounds of the disk the journal lives on, in bytes. */
export interface DiskBounds {
  /** Space kept occupied, to be given back when a write of evidence finds the disk full. 0: none. */
  readonly ballastBytes: number
  /** Less free space than this is a fault, long before anything fails. */
  readonly freeMinBytes: number
}

const step = Buffer.alloc(256 * 1024)

/**
 * The reserve of the journal. Whatever else fills the disk, the journal can still record for some
 * time after the first write that failed, while the fault calls somebody.
 */
export class Ballast {
  readonly #file: string
  /** What a crash during filling leaves. */
  readonly #part: string
  readonly #folder: string
  readonly #bounds: DiskBounds
  readonly #faults: FaultLatch
  readonly #log: Logger
  #present = false

  constructor(folder: string, bounds: DiskBounds, faults: FaultLatch, log: Logger) {
    this.#folder = folder
    this.#file = path.join(folder, 'journal.ballast')
    this.#part = `${this.#file}.part`
    this.#bounds = bounds
    this.#faults = faults
    this.#log = log
  }

  get present(): boolean {
    return this.#present
  }

  /** Gives the reserve back to the disk; true if there was one. */
  async free(): Promise<boolean> {
    if (!this.#present) return false
    this.#present = false
    await rm(this.#file, { force: true }).catch((error: unknown) => {
      this.#log.error({ error }, 'ballast could not be freed')
    })
    this.#faults.raise(
      'journal.diskNearlyFull',
      'journal',
      'the disk is full: the journal writes on its reserve',
    )
    return true
  }

  /** Looks at the disk: raises or clears the fault, and makes the reserve (again) when there is room for it. */
  async check(overBound: string | null): Promise<void> {
    const { ballastBytes, freeMinBytes } = this.#bounds
    try {
      this.#present = await isWhole(this.#file, ballastBytes)
      await rm(this.#part, { force: true })
      let free = await freeBytes(this.#folder)
      if (!this.#present && ballastBytes > 0 && free >= ballastBytes + freeMinBytes) {
        await this.#fill()
        free = await freeBytes(this.#folder)
      }
      const lacking = ballastBytes > 0 && !this.#present
      if (overBound !== null || lacking || free < freeMinBytes) {
        const detail = overBound ?? `${Math.floor(free / 1024)} KiB free${lacking ? ', reserve spent' : ''}`
        this.#faults.raise('journal.diskNearlyFull', 'journal', detail)
      } else if (free >= freeMinBytes * 1.25) {
        this.#faults.clear('journal.diskNearlyFull', 'journal')
      }
    } catch (error) {
      // The append that fails on the same disk is what matters, and it reports itself.
      this.#log.warn({ error: messageOf(error) }, 'free space could not be looked at')
    }
  }

  async #fill(): Promise<void> {
    const part = this.#part
    const handle = await open(part, 'w', 0o600)
    try {
      for (let written = 0; written < this.#bounds.ballastBytes; written += step.length) {
        await handle.write(step, 0, Math.min(step.length, this.#bounds.ballastBytes - written))
      }
      await handle.sync()
    } catch (error) {
      await rm(part, { force: true })
      throw error
    } finally {
      await handle.close()
    }
    await rename(part, this.#file)
    this.#present = true
  }
}

async function isWhole(file: string, bytes: number): Promise<boolean> {
  return stat(file).then(
    (found) => bytes > 0 && found.size === bytes,
    () => false,
  )
}

async function freeBytes(folder: string): Promise<number> {
  const found = await statfs(folder)
  return found.bavail * found.bsize
}
