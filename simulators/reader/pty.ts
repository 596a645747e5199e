import { closeSync, mkdirSync, readdirSync, readlinkSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import type { ReadStream } from 'node:tty'
import * as nodePty from '@lydell/node-pty'

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
 * The terminal is closed by destroying its two streams. Its own `destroy()` and `kill()` must never
 * be called: a terminal made by `open()` has the process id -1, and the signal would go to every
 * process of the machine.
 */
export function openPty(link: string): Pty {
  const terminal = nodePty.open({ encoding: null })
  // Flowing, it would take the bytes that are meant for the one who opens the device.
  terminal.slave.pause()
  terminal.slave.setRawMode(true)
  closeSpareDescriptor(terminal.ptsName, terminal.slave)
  for (const stream of [terminal.master, terminal.slave]) stream.on('error', () => undefined)
  point(link, terminal.ptsName)

  let closed: Promise<void> | undefined
  return {
    link,
    get waitingBytes() {
      return terminal.master.writableLength
    },
    write: (bytes) => {
      if (!terminal.master.destroyed) terminal.master.write(bytes)
    },
    writeAll: (bytes) =>
      new Promise((resolve, reject) => {
        terminal.master.write(bytes, (error) => (error ? reject(error) : resolve()))
      }),
    onData: (take) => terminal.master.on('data', take),
    close: () => (closed ??= close(link, terminal)),
  }
}

async function close(link: string, terminal: ReturnType<typeof nodePty.open>): Promise<void> {
  // A newer terminal may stand under the same name already.
  if (targetOf(link) === terminal.ptsName) rmSync(link, { force: true })
  await Promise.all([terminal.master, terminal.slave].map(destroyed))
}

function destroyed(stream: ReadStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.closed) resolve()
    else stream.once('close', () => resolve())
    stream.destroy()
  })
}

/**
 * libuv opens a terminal it is given a second time and uses that; the first descriptor stays open
 * for ever, and with it the device of a closed terminal.
 */
function closeSpareDescriptor(ptsName: string, slave: ReadStream): void {
  const handle: unknown = Reflect.get(slave, '_handle')
  const used = handle !== null && typeof handle === 'object' ? Number(Reflect.get(handle, 'fd')) : NaN
  const all = readdirSync('/proc/self/fd')
    .map(Number)
    .filter((fd) => targetOf(`/proc/self/fd/${fd}`) === ptsName)
  const spare = all.filter((fd) => fd !== used)
  if (all.length === 2 && spare.length === 1 && spare[0] !== undefined) closeSync(spare[0])
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
