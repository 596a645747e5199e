import { Transform, type TransformCallback } from 'node:stream'
import type { Cancel, Clock } from '../../../base/clock.js'

export interface LineGuardOptions {
  readonly clock: Clock
  /** The line end of the device, one or two bytes. */
  readonly lineEnd: Buffer
  /** Most bytes of one line, its end included. */
  readonly maxLineBytes: number
  /** A pause so long inside a line ends it: the device stopped in the middle. */
  readonly interByteMs: number
  /**
   * A connection before this one was lost, perhaps in the middle of a line of which we never saw the
   * beginning: the kernel drops what is unread when a device goes.
   */
  readonly afterLoss: boolean
  /** The line grew past its bound. Told once a line, while it still runs. */
  readonly onOverlong: () => void
  /** Bytes that were thrown away, as they come. */
  readonly onDiscardedBytes: (bytes: number) => void
  /** The device fell silent in the middle of a line, whose beginning was thrown away. */
  readonly onHalfLine: () => void
}

/** A timer that fires later than this tells of our own stall, not of the device's silence. */
const stallMs = 25

/**
 * Stands between a serial line and `ReadlineParser`, which has no bound and takes quadratic time on
 * noise without a line end (reliability.md 4.3). It passes whole, non-empty lines of bounded length
 * and nothing else, in time linear in the bytes; what stands unfinished when the stream ends is dropped.
 *
 * One guard serves one opening of the device: two openings must not share a buffer, or half a frame
 * before an unplugging and the first frame after it become one tag (reliability.md, fact 11).
 */
export class LineGuard extends Transform {
  /**
   * Whether the first line passed on may lack its beginning: it was running when we opened, or it
   * may be the rest of a line in which the connection before was lost. Settled with that line.
   */
  firstLineDoubtful = true
  readonly #options: LineGuardOptions
  readonly #line: Buffer
  #length = 0
  #overlong = false
  #passedOne = false
  #quietTimer: Cancel | undefined
  #quietDueMs = 0
  #lastByteMs: number

  constructor(options: LineGuardOptions) {
    super()
    this.#options = options
    this.#line = Buffer.alloc(options.maxLineBytes)
    this.#lastByteMs = options.clock.now().monoMs
    this.#watchForQuiet()
  }

  /** Whether a line stands unfinished. */
  get insideLine(): boolean {
    return this.#length > 0 || this.#overlong
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#lastByteMs = this.#options.clock.now().monoMs
    const whole = this.#split(chunk)
    if (this.insideLine) this.#watchForQuiet()
    else this.#stopWatching()
    if (whole.length > 0) this.push(whole.length === 1 ? whole[0] : Buffer.concat(whole))
    done()
  }

  override _flush(done: TransformCallback): void {
    this.#dropLine()
    this.#stopWatching()
    done()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#stopWatching()
    done(error)
  }

  /** One pass over the bytes; calls into native code for each line end would cost more than the loop. */
  #split(chunk: Buffer): Buffer[] {
    const { lineEnd } = this.#options
    const endsWith = lineEnd[lineEnd.length - 1]
    const endsBefore = lineEnd.length > 1 ? lineEnd[0] : undefined
    const whole: Buffer[] = []
    let discardedBytes = 0
    let previous = this.#length > 0 ? this.#line[this.#length - 1] : undefined
    for (let at = 0; at < chunk.length; at += 1) {
      const byte = chunk[at] as number
      const isEnd = byte === endsWith && (endsBefore === undefined || previous === endsBefore)
      previous = byte
      if (this.#overlong) {
        discardedBytes += 1
        // The last byte stays at hand, so that a two-byte line end is seen across chunks.
        this.#line[0] = byte
        this.#length = 1
        if (isEnd) this.#beginLine()
      } else if (isEnd) {
        if (this.#length + 1 > lineEnd.length) whole.push(this.#takeLine(byte))
        this.#beginLine()
      } else if (this.#length + 1 >= this.#line.length) {
        discardedBytes += this.#length + 1
        this.#overlong = true
        this.#line[0] = byte
        this.#length = 1
        this.#options.onOverlong()
      } else {
        this.#line[this.#length] = byte
        this.#length += 1
      }
    }
    if (discardedBytes > 0) this.#options.onDiscardedBytes(discardedBytes)
    return whole
  }

  #takeLine(lastByte: number): Buffer {
    this.#passedOne = true
    this.#line[this.#length] = lastByte
    return Buffer.from(this.#line.subarray(0, this.#length + 1))
  }

  /** What comes next is the beginning of a line, beyond doubt. */
  #beginLine(): void {
    this.#overlong = false
    this.#length = 0
    if (!this.#passedOne) this.firstLineDoubtful = false
  }

  #watchForQuiet(): void {
    this.#quietTimer ??= this.#after(this.#options.interByteMs)
  }

  #stopWatching(): void {
    this.#quietTimer?.()
    this.#quietTimer = undefined
  }

  #after(delayMs: number): Cancel {
    this.#quietDueMs = this.#options.clock.now().monoMs + delayMs
    return this.#options.clock.after('reader.interByte', delayMs, () => this.#lookForQuiet())
  }

  /**
   * The pause counts only if this timer came in time: after a stall of our own process the rest of
   * the line waits unread in the kernel, and dropping its beginning would make a cut-off tag of it.
   */
  #lookForQuiet(): void {
    this.#quietTimer = undefined
    const nowMs = this.#options.clock.now().monoMs
    const leftMs = this.#lastByteMs + this.#options.interByteMs - nowMs
    const late = nowMs - this.#quietDueMs > stallMs
    if (late || leftMs > 0) this.#quietTimer = this.#after(Math.max(leftMs, 2 * stallMs))
    else if (this.insideLine) this.#dropLine()
    else if (!this.#passedOne && !this.#options.afterLoss) this.firstLineDoubtful = false
  }

  #dropLine(): void {
    if (!this.insideLine) return
    if (!this.#overlong) this.#options.onDiscardedBytes(this.#length)
    this.#options.onHalfLine()
    this.#beginLine()
  }
}
