import {
  closeSync,
  constants,
  mkdirSync,
  openSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeSync,
} from 'node:fs'
import path from 'node:path'
import type { ReadStream } from 'node:tty'
import * as nodePty from '@lydell/node-pty'
import type { Cancel, Clock } from '../../edge/base/clock.js'

declare module '@lydell/node-pty' {
  /** Exported and documented in the sources, missing in the types. */
  export function open(options: { cols?: number; rows?: number; encoding: null }): {
    readonly master: ReadStream
    readonly slave: ReadStream
    readonly ptsName: string
  }
}

/** A real pseudo-terminal: what is written here comes out of the device at `link`. Linux only. */
export interface Pty {
  /** The stable name, as `/dev/serial/by-id/...` has it for a real device. */
  readonly link: string
  /** Bytes that wait because nobody reads the device. */
  readonly waitingBytes: number
  write(bytes: Uint8Array): void
  /** Resolves when all bytes are with the kernel; rejects if the terminal is closed before. */
  writeAll(bytes: Uint8Array): Promise<void>
  /** What the other side writes to the device. */
  onData(take: (bytes: Buffer) => void): void
  /** Takes the device away, as pulling its plug does. Safe to call twice. */
  close(): Promise<void>
}

/**
 * Opens a pseudo-terminal and lets `link` point to it, replacing what was there in one step.
 *
 * The terminal is closed by destroying its master stream. Its own `destroy()` and `kill()` must never
 * be called: a terminal made by `open()` has the process id -1, and the signal would go to every
 * process of the machine.
 */
export function openPty(link: string, clock: Clock): Pty {
  const { master, slave, ptsName } = nodePty.open({ encoding: null })
  master.on('error', () => undefined)
  const held = holdWithoutReading(slave, ptsName)
  point(link, ptsName)
  const writer = new Writer(descriptorOf(master), clock)

  let closed: Promise<void> | undefined
  return {
    link,
    get waitingBytes() {
      return writer.waitingBytes
    },
    write: (bytes) => void writer.write(bytes).catch(() => undefined),
    writeAll: (bytes) => writer.write(bytes),
    onData: (take) => master.on('data', take),
    close: () => {
      writer.close()
      return (closed ??= close(link, ptsName, master, held))
    },
  }
}

async function close(link: string, ptsName: string, master: ReadStream, held: number): Promise<void> {
  // A newer terminal may stand under the same name already.
  if (targetOf(link) === ptsName) rmSync(link, { force: true })
  const gone = new Promise<void>((resolve) => {
    if (master.closed) resolve()
    else master.once('close', () => resolve())
  })
  master.destroy()
  await gone
  closeSync(held)
}

interface Waiting {
  readonly bytes: Uint8Array
  readonly done: (error: Error | null) => void
  from: number
}

const retryMs = 1

/**
 * Writes to the master by hand. The stream would write with a blocking call: once the kernel's
 * buffer is full because nobody reads the device, the whole process would stand still in it.
 */
class Writer {
  waitingBytes = 0
  readonly #fd: number
  readonly #clock: Clock
  #waiting: Waiting[] = []
  #retry: Cancel | undefined
  #closed = false

  constructor(fd: number, clock: Clock) {
    this.#fd = fd
    this.#clock = clock
  }

  write(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      const done = (error: Error | null) => (error ? reject(error) : resolve())
      if (this.#closed) {
        done(new Error('The terminal is closed.'))
        return
      }
      this.waitingBytes += bytes.length
      this.#waiting.push({ bytes, done, from: 0 })
      if (this.#retry === undefined) this.#pump()
    })
  }

  close(): void {
    this.#closed = true
    this.#retry?.()
    this.#fail(new Error('The terminal was closed.'))
  }

  #pump(): void {
    this.#retry = undefined
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      try {
        const written = writeSync(this.#fd, next.bytes, next.from)
        next.from += written
        this.waitingBytes -= written
      } catch (error) {
        if (isFull(error)) this.#retry = this.#clock.after('simulator.pty', retryMs, () => this.#pump())
        else this.#fail(error instanceof Error ? error : new Error(String(error)))
        return
      }
      if (next.from < next.bytes.length) continue
      this.#waiting.shift()
      next.done(null)
    }
  }

  #fail(error: Error): void {
    const waiting = this.#waiting
    this.#waiting = []
    this.waitingBytes = 0
    for (const one of waiting) one.done(error)
  }
}

function isFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EAGAIN'
}

function descriptorOf(stream: ReadStream): number {
  const handle: unknown = Reflect.get(stream, '_handle')
  return handle !== null && typeof handle === 'object' ? Number(Reflect.get(handle, 'fd')) : NaN
}

/**
 * Sets the device end raw and without echo, and keeps it open without a stream on it, so that
 * neither end hangs up when the one who reads the device closes it. A stream there would take
 * bytes that are meant for that reader, even paused: the start of its flow is on its way already.
 *
 * libuv opens a terminal that it is given a second time and uses that; the first descriptor is the
 * one that is kept here.
 */
function holdWithoutReading(slave: ReadStream, ptsName: string): number {
  slave.on('error', () => undefined)
  slave.pause()
  slave.setRawMode(true)
  const used = descriptorOf(slave)
  const spare = readdirSync('/proc/self/fd')
    .map(Number)
    .filter((fd) => fd !== used && targetOf(`/proc/self/fd/${fd}`) === ptsName)
  const held = spare[0] ?? openSync(ptsName, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK)
  slave.destroy()
  return held
}

function point(link: string, target: string): void {
  mkdirSync(path.dirname(link), { recursive: true })
  const fresh = `${link}.${path.basename(target)}.new`
  rmSync(fresh, { force: true })
  symlinkSync(target, fresh)
  renameSync(fresh, link)
}

function targetOf(link: string): string | null {
  try {
    return readlinkSync(link)
  } catch {
    return null
  }
}
