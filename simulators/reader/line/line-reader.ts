import { sleep, type Clock } from '../../../edge/base/clock.js'
import type { SeededRandom } from '../../../edge/base/random.js'
import { openPty, type Pty } from '../pty.js'
import type { SimulatedTag } from '../tag.js'
import { encodeReport, type LineForm } from './encode.js'

export interface LineReaderSettings {
  /** Where the device appears: a symbolic link that stays the same over unplugging. */
  readonly link: string
  readonly form: LineForm
  readonly clock: Clock
  readonly random: SeededRandom
}

export interface LineReaderTally {
  /** Reports that went to the wire whole. */
  sent: number
  /** Reports that nobody could get: unplugged, silent, or the line full. */
  lost: number
}

/** What a reader keeps beside the kernel's buffer while nobody listens: what does not fit is lost. */
const lineHoldsBytes = 4_096
/** How often a flood writes: smaller than what an edge could notice as a pause. */
const floodStepMs = 10

/**
 * A serial reader on a real pseudo-terminal. It knows nothing of lanes: it reports the tags it is
 * told to hear, and can be made to fail in the ways that readers do.
 */
export class LineReaderSimulator {
  readonly link: string
  readonly tally: LineReaderTally = { sent: 0, lost: 0 }
  readonly #settings: LineReaderSettings
  #pty: Pty | undefined
  #silent = false

  constructor(settings: LineReaderSettings) {
    this.#settings = settings
    this.link = settings.link
  }

  get plugged(): boolean {
    return this.#pty !== undefined
  }

  /** Lets the device appear; nothing changes where it is there already. */
  plug(): void {
    this.#pty ??= openPty(this.link, this.#settings.clock)
  }

  /** Takes the device away; resolves when it is gone. */
  async unplug(): Promise<void> {
    const pty = this.#pty
    this.#pty = undefined
    await pty?.close()
  }

  hear(tag: SimulatedTag): void {
    this.#send(encodeReport(this.#settings.form, tag, this.#settings.clock.now().wallMs))
  }

  /** Mute with the line open: the reader hangs. */
  setSilent(silent: boolean): void {
    this.#silent = silent
  }

  /** The beginning of a report, without its end: `share` of its bytes, at least one, never all. */
  sendHalf(tag: SimulatedTag, share = 0.5): void {
    const whole = encodeReport(this.#settings.form, tag, this.#settings.clock.now().wallMs)
    const bytes = Math.min(whole.length - 1, Math.max(1, Math.round(whole.length * share)))
    this.#pty?.write(whole.subarray(0, bytes))
  }

  /** Exactly these bytes. */
  sendRaw(bytes: Uint8Array): Promise<void> {
    return this.#pty === undefined ? Promise.resolve() : this.#pty.writeAll(bytes)
  }

  /** Random bytes, as a broken cable or a wrong speed gives them; no line end among them. */
  sendNoise(bytes: number): Promise<void> {
    const noise = Buffer.alloc(bytes)
    for (let at = 0; at < bytes; at += 1) {
      const byte = this.#settings.random.int(0, 255)
      noise[at] = byte === 0x0a ? 0 : byte
    }
    return this.sendRaw(noise)
  }

  /** Reports the tags in turn, `perSecond` of them, for so long. */
  async flood(tags: readonly SimulatedTag[], perSecond: number, forMs: number): Promise<void> {
    const { clock } = this.#settings
    const fromMs = clock.now().monoMs
    let done = 0
    for (;;) {
      const passedMs = Math.min(forMs, clock.now().monoMs - fromMs)
      for (const due = (passedMs * perSecond) / 1_000; done < due; done += 1) {
        const tag = tags[done % tags.length]
        if (tag !== undefined) this.hear(tag)
      }
      if (passedMs >= forMs) return
      await sleep(clock, 'simulator.flood', floodStepMs)
    }
  }

  #send(bytes: Buffer): void {
    const pty = this.#pty
    if (pty === undefined || this.#silent || pty.waitingBytes + bytes.length > lineHoldsBytes) {
      this.tally.lost += 1
      return
    }
    this.tally.sent += 1
    pty.write(bytes)
  }
}
