import { ReadlineParser } from '@serialport/parser-readline'
import type { Cancel } from '../../../base/clock.js'
import type { Reader, ReaderDriver, ReaderGiven } from '../../../interfaces/reader.js'
import { discarded, sample } from '../common/decoded.js'
import { openConnected } from '../common/connection.js'
import type { Intake } from '../common/intake.js'
import type { Session } from '../common/link.js'
import { alien } from './alien/codec.js'
import { lineEnds, parseConfig, type LineReaderConfig } from './config.js'
import { isPrintable, type LineContext, type LineDialect } from './dialect.js'
import { LineGuard } from './line-guard.js'
import { nedap } from './nedap/codec.js'
import { openSerial, type OpenDevice, type OpenDeviceWay } from './serial.js'
import { transcore } from './transcore/codec.js'

const dialects: Readonly<Record<LineReaderConfig['dialect'], LineDialect>> = { transcore, alien, nedap }

/** Readers that send lines of text over a serial line. */
export const lineReaderDriver: ReaderDriver<LineReaderConfig> = {
  kind: 'line',
  parseConfig,
  open: (config, given) => openLineReader(config, given),
}

/**
 * Opens a line reader. It is back within 5 s of its device coming back, tells its connection by
 * `reader.disconnected`, and never lets two openings share a byte.
 *
 * @param openDevice how to open the device; absent: the serial line of the configuration
 */
export function openLineReader(
  config: LineReaderConfig,
  given: ReaderGiven,
  openDevice: OpenDeviceWay = () => openSerial(serialSettings(config), given.clock),
): Reader {
  const source = new LineSource(config, given, openDevice)
  return openConnected(given, config, config.path, (intake) => source.open(intake))
}

function serialSettings(config: LineReaderConfig) {
  const { path, baudRate, stopBits } = config
  const byDefault = dialects[config.dialect]
  return {
    path,
    baudRate,
    stopBits,
    dataBits: config.dataBits ?? byDefault.dataBits,
    parity: config.parity ?? byDefault.parity,
  }
}

/** What one opening of the line is made of; what must outlast it stays here. */
class LineSource {
  readonly #config: LineReaderConfig
  readonly #given: ReaderGiven
  readonly #dialect: LineDialect
  readonly #openDevice: OpenDeviceWay
  #afterLoss = false

  constructor(config: LineReaderConfig, given: ReaderGiven, openDevice: OpenDeviceWay) {
    this.#config = config
    this.#given = given
    this.#dialect = dialects[config.dialect]
    this.#openDevice = openDevice
  }

  async open(intake: Intake): Promise<Session> {
    const device = await this.#openDevice()
    const guard = this.#guard(intake)
    const parser = new ReadlineParser({ delimiter: lineEnds[this.#config.lineEnd], encoding: 'latin1' })
    let lines = 0
    parser.on('data', (line: string) => {
      lines += 1
      this.#takeLine(intake, line, lines === 1 && guard.firstLineDoubtful)
    })
    const session = new LineSession(device, guard, {
      ...this.#given,
      watchMs: this.#config.watchMs,
      reopenAfterMs: this.#config.heartbeatMs === null ? null : 2 * this.#config.heartbeatMs,
      onEnd: () => {
        this.#afterLoss = true
        device.stream.unpipe(guard)
        guard.destroy()
        parser.destroy()
      },
    })
    device.stream.on('data', () => intake.signOfLife())
    device.stream.pipe(guard).pipe(parser)
    return session
  }

  #guard(intake: Intake): LineGuard {
    const { lineEnd, maxLineBytes, interByteMs } = this.#config
    return new LineGuard({
      clock: this.#given.clock,
      lineEnd: Buffer.from(lineEnds[lineEnd], 'latin1'),
      maxLineBytes,
      interByteMs,
      afterLoss: this.#afterLoss,
      onOverlong: () => intake.garbage(`A line without an end within ${maxLineBytes} bytes.`),
      onDiscardedBytes: (bytes) => intake.garbageBytes(bytes),
      onHalfLine: () => intake.lostQuietly(),
    })
  }

  #takeLine(intake: Intake, line: string, doubtful: boolean): void {
    const { epcLengths, utcOffsetMinutes } = this.#config
    const context: LineContext = { doubtful, epcLengths, utcOffsetMinutes }
    if (!isPrintable(line)) {
      if (doubtful) intake.lostQuietly()
      else intake.take(discarded(`Bytes that are no text: "${sample(line)}".`))
      return
    }
    const decoded = this.#dialect.decode(line, context)
    // The end of a line that was running when we opened is no fault of anybody.
    if (doubtful && decoded.discarded.length > 0) intake.lostQuietly()
    else intake.take(decoded)
  }
}

interface SessionGiven extends Pick<ReaderGiven, 'clock'> {
  readonly watchMs: number
  /** A line that is mute for so long is opened anew: some adapters hang and heal by it. */
  readonly reopenAfterMs: number | null
  readonly onEnd: () => void
}

/** One opening of the device, with the watch that notices when it has gone without a word. */
class LineSession implements Session {
  readonly lost: Promise<string>
  readonly #device: OpenDevice
  readonly #given: SessionGiven
  #tellLost: (why: string) => void = () => undefined
  #watch: Cancel | undefined
  #closed: Promise<void> | undefined
  #lastByteMs: number
  #proven = false

  constructor(device: OpenDevice, guard: LineGuard, given: SessionGiven) {
    this.#device = device
    this.#given = given
    this.#lastByteMs = given.clock.now().monoMs
    device.stream.on('data', () => {
      this.#lastByteMs = given.clock.now().monoMs
      this.#proven = true
    })
    this.lost = new Promise((resolve) => {
      this.#tellLost = resolve
    })
    device.stream.on('close', () => this.#tellLost('The device closed.'))
    device.stream.on('end', () => this.#tellLost('The device ended the stream.'))
    device.stream.on('error', (error) => this.#tellLost(`The device failed: ${error.message}`))
    guard.on('error', (error) => this.#tellLost(`The line guard failed: ${error.message}`))
    this.#scheduleLook()
  }

  get proven(): boolean {
    return this.#proven
  }

  close(): Promise<void> {
    this.#closed ??= this.#release()
    return this.#closed
  }

  async #release(): Promise<void> {
    this.#watch?.()
    this.#watch = undefined
    this.#given.onEnd()
    this.#tellLost('Closed.')
    await this.#device.close()
  }

  #scheduleLook(): void {
    this.#watch = this.#given.clock.after('reader.watch', this.#given.watchMs, () => void this.#look())
  }

  async #look(): Promise<void> {
    const there = await this.#device.stillThere()
    if (this.#closed !== undefined) return
    const muteForMs = this.#given.clock.now().monoMs - this.#lastByteMs
    const { reopenAfterMs } = this.#given
    if (!there) this.#tellLost('The device is gone from its path, or another one took its place.')
    else if (reopenAfterMs !== null && muteForMs > reopenAfterMs)
      this.#tellLost(`Nothing came for ${reopenAfterMs} ms; the line is opened anew.`)
    else this.#scheduleLook()
  }
}
