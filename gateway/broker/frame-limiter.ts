import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'

/**
 * Reads the lengths of the MQTT frames that pass by. Pure bookkeeping: it keeps at most a header of
 * five bytes in mind, never a frame.
 */
export class FrameMeter {
  readonly #maxBytes: (isFirst: boolean) => number
  #isFirst = true
  /** Bytes of the frame's body still to come; -1: in the header. */
  #left = -1
  #headerBytes = 0
  #length = 0

  constructor(maxBytes: (isFirst: boolean) => number) {
    this.#maxBytes = maxBytes
  }

  /** False as soon as a frame says that it is longer than it may be, or its length makes no sense. */
  accepts(chunk: Uint8Array): boolean {
    let at = 0
    while (at < chunk.length) {
      if (this.#left >= 0) {
        const skipped = Math.min(this.#left, chunk.length - at)
        this.#left -= skipped
        at += skipped
        if (this.#left === 0) this.#endFrame()
        continue
      }
      if (!this.#header(chunk[at] ?? 0)) return false
      at += 1
    }
    return true
  }

  /** One byte of the fixed header: the type, then one to four bytes of length, seven bits each. */
  #header(byte: number): boolean {
    this.#headerBytes += 1
    if (this.#headerBytes === 1) return true
    if (this.#headerBytes > 5) return false
    this.#length += (byte & 0x7f) * 128 ** (this.#headerBytes - 2)
    if (byte & 0x80) return this.#headerBytes < 5
    if (this.#length > this.#maxBytes(this.#isFirst)) return false
    this.#left = this.#length
    if (this.#left === 0) this.#endFrame()
    return true
  }

  #endFrame(): void {
    this.#isFirst = false
    this.#left = -1
    this.#headerBytes = 0
    this.#length = 0
  }
}

/**
 * What is read ahead of a connection while its messages wait for their commit: an edge's window goes
 * into one transaction instead of several.
 */
const readAheadBytes = 128 * 1024

/**
 * A socket that ends itself before an oversized frame is taken in: aedes has no limit of its own and
 * buffers whatever length a client declares (reliability.md, 4.1).
 */
export class LimitedSocket extends Duplex {
  readonly #socket: Socket
  readonly #meter: FrameMeter

  constructor(socket: Socket, meter: FrameMeter, onTooLarge: () => void) {
    super({ autoDestroy: true, emitClose: true, readableHighWaterMark: readAheadBytes })
    this.#socket = socket
    this.#meter = meter
    socket.on('data', (chunk: Buffer) => {
      if (!this.#meter.accepts(chunk)) {
        onTooLarge()
        this.destroy()
      } else if (!this.push(chunk)) {
        socket.pause()
      }
    })
    socket.on('end', () => {
      this.push(null)
    })
    socket.on('error', (error) => {
      this.destroy(error)
    })
    socket.on('close', () => {
      this.destroy()
    })
  }

  override _read(): void {
    this.#socket.resume()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#socket.write(chunk, done)
  }

  override _writev(
    chunks: readonly { readonly chunk: Buffer }[],
    done: (error?: Error | null) => void,
  ): void {
    this.#socket.write(Buffer.concat(chunks.map((one) => one.chunk)), done)
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#socket.end(done)
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#socket.destroy()
    done(error)
  }
}
