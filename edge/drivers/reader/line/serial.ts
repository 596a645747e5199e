import { stat } from 'node:fs/promises'
import type { Duplex } from 'node:stream'
import { SerialPort } from 'serialport'
import { LanekeeperError, hasCode, messageOf } from '../../../base/error.js'
import type { Clock } from '../../../base/clock.js'
import { endAtHangup } from './hangup.js'

/** An open device. The stream may vanish without a word: whoever uses it watches `stillThere` as well. */
export interface OpenDevice {
  readonly stream: Duplex
  /** False once the path leads nowhere or to another device than the one that was opened. */
  stillThere(): Promise<boolean>
  /** Resolves when it is released, or after a bound. Never rejects. */
  close(): Promise<void>
}

/** How to open a device; a test hands in its own. */
export type OpenDeviceWay = () => Promise<OpenDevice>

export interface SerialSettings {
  readonly path: string
  readonly baudRate: number
  readonly dataBits: 7 | 8
  readonly parity: 'none' | 'even' | 'odd'
  readonly stopBits: 1 | 2
}

/** A device that opens or closes slower than this is treated as failed. */
const answerWithinMs = 1_500

/**
 * Opens a serial line with a new object, exclusively, and throws away what waited in its buffers:
 * a tag from before we listened must not be heard as if its vehicle stood here now.
 */
export async function openSerial(settings: SerialSettings, clock: Clock): Promise<OpenDevice> {
  const opened = await identify(settings.path)
  if (opened === null)
    throw new LanekeeperError('reader.absent', `There is no device at ${settings.path}. Is it plugged in?`)
  const port = new SerialPort({ ...settings, lock: true, autoOpen: false })
  // Without a listener a late error of a lost port would end the process.
  port.on('error', () => undefined)
  await open(port, clock)
  try {
    await within(clock, 'flush', (done) => port.flush(done))
  } catch (error) {
    await close(port, clock)
    throw error
  }
  endAtHangup(port)
  return {
    stream: port,
    // A port that came back under the same name between two looks has another change time.
    stillThere: async () => port.isOpen && (await identify(settings.path)) === opened,
    close: () => close(port, clock),
  }
}

async function open(port: SerialPort, clock: Clock): Promise<void> {
  try {
    await within(clock, 'open', (done) => port.open(done))
  } catch (error) {
    // One that opens after we stopped waiting would hold the lock against every later try.
    if (hasCode(error, 'reader.slowDevice')) port.once('open', () => port.close(() => undefined))
    const why = messageOf(error)
    const hint = /lock/i.test(why) ? ' Another program, or another reader of this configuration, has it.' : ''
    throw new LanekeeperError('reader.notOpened', `${why}.${hint}`, { cause: error })
  }
}

async function close(port: SerialPort, clock: Clock): Promise<void> {
  if (!port.isOpen) return
  try {
    await within(clock, 'close', (done) => port.close(done))
  } catch {
    // It is lost either way; what keeps it from closing is told by the next opening that fails.
  }
}

/** What the path leads to, as one comparable text; null: nothing. */
async function identify(path: string): Promise<string | null> {
  try {
    const found = await stat(path)
    return `${found.dev}:${found.ino}:${found.rdev}:${found.ctimeMs}`
  } catch {
    return null
  }
}

function within(clock: Clock, what: string, start: (done: (error: Error | null) => void) => void) {
  return new Promise<void>((resolve, reject) => {
    const cancel = clock.after(`reader.${what}`, answerWithinMs, () =>
      reject(new LanekeeperError('reader.slowDevice', `No answer to ${what} within ${answerWithinMs} ms`)),
    )
    start((error) => {
      cancel()
      if (error) reject(error)
      else resolve()
    })
  })
}
