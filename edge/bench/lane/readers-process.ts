import net from 'node:net'
import { untilAsked } from '../../cli/exit.js'
import { onSupervisor, tellSupervisor } from '../../cli/supervisor.js'
import { sleep, systemClock, type Cancel } from '../../base/clock.js'
import { messageOf } from '../../base/error.js'
import { SeededRandom } from '../../base/random.js'
import { MqttReaderSimulator } from '../../../simulators/reader/index.js'
import { machineMs } from '../machine-time.js'

/** All readers of the bench in one process of their own: R700 messages, one read each, over real MQTT. */
export interface ReadersSettings {
  readonly url: string
  readonly secret: string
  readonly lanes: readonly string[]
  /** Reads a second a lane. */
  readonly perSecond: number
}

export type ReadersOrder =
  | { readonly do: 'connect' }
  | { readonly do: 'hear'; readonly lane: string; readonly epc: string | null }
  | { readonly do: 'mark' }
  | { readonly do: 'figures' }

/** Since the mark. */
export interface ReadersFigures {
  readonly sent: number
  readonly lost: number
  readonly forMs: number
}

const connectWithinMs = 20_000
/** After a pause the reads that fell due come a little faster, never in one burst. */
const catchUpFactor = 1.4

const settings = JSON.parse(process.argv[2] ?? '{}') as ReadersSettings

/** A reader that hears one tag at a time, at its rate, spread as evenly as a timer can. */
class SteadyReader {
  readonly reader: MqttReaderSimulator
  epc: string | null = null
  #due = 0
  #lastMs = machineMs()

  constructor(lane: string) {
    this.reader = new MqttReaderSimulator({
      url: settings.url,
      username: 'devices',
      password: settings.secret,
      clientId: lane,
      topic: `readers/${lane}/tags`,
      form: 'impinj-r700',
      clock: systemClock,
      random: new SeededRandom(1),
    })
  }

  step(): void {
    const nowMs = machineMs()
    const passedMs = nowMs - this.#lastMs
    this.#lastMs = nowMs
    this.#due = Math.min(this.#due + (passedMs * settings.perSecond) / 1_000, settings.perSecond)
    if (this.epc === null) return
    const atMost = Math.max(1, (catchUpFactor * passedMs * settings.perSecond) / 1_000)
    for (let n = 0; n < atMost && this.#due >= 1; n += 1, this.#due -= 1)
      this.reader.hear({ epc: this.epc, antenna: '1', rssiDbm: -45 - (this.#due % 8) })
  }
}

const readers = new Map(settings.lanes.map((lane) => [lane, new SteadyReader(lane)]))
let cancel: Cancel = () => undefined
let mark = { sent: 0, lost: 0, atMs: machineMs() }

function tally(): { sent: number; lost: number; atMs: number } {
  const tallies = [...readers.values()].map(({ reader }) => reader.tally)
  return {
    sent: tallies.reduce((sum, one) => sum + one.sent, 0),
    lost: tallies.reduce((sum, one) => sum + one.lost, 0),
    atMs: machineMs(),
  }
}

function run(): void {
  cancel = systemClock.after('bench reads', 1, run)
  for (const reader of readers.values()) reader.step()
}

/** Connects as soon as the reader bus listens: what is measured is the edge, and not how long readers wait between tries. */
async function connect(): Promise<void> {
  const untilMs = machineMs() + connectWithinMs
  await Promise.all([...readers.values()].map(({ reader }) => reader.switchOff()))
  while (!(await listens(new URL(settings.url))) && machineMs() < untilMs)
    await sleep(systemClock, 'bench connect', 20)
  for (const { reader } of readers.values()) reader.switchOn()
  while ([...readers.values()].some(({ reader }) => !reader.connected)) {
    if (machineMs() > untilMs) throw new Error('the reader bus takes no readers')
    await sleep(systemClock, 'bench connect', 20)
  }
  cancel()
  run()
}

function listens({ hostname, port }: URL): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(Number(port), hostname)
    socket.once('connect', () => resolve(true))
    socket.once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}

async function obey(order: ReadersOrder): Promise<ReadersFigures | null> {
  switch (order.do) {
    case 'connect':
      await connect()
      return null
    case 'hear': {
      const reader = readers.get(order.lane)
      if (reader) reader.epc = order.epc
      return null
    }
    case 'mark':
      mark = tally()
      return null
    case 'figures': {
      const now = tally()
      return { sent: now.sent - mark.sent, lost: now.lost - mark.lost, forMs: now.atMs - mark.atMs }
    }
  }
}

onSupervisor((message) => {
  const { id, order } = message as { id?: number; order: ReadersOrder }
  obey(order).then(
    (result) => {
      if (id !== undefined) tellSupervisor({ is: 'done', id, result })
    },
    (error: unknown) => {
      if (id !== undefined) tellSupervisor({ is: 'done', id, error: messageOf(error) })
    },
  )
})
tellSupervisor({ is: 'ready', part: 'readers' })
await untilAsked()
cancel()
await Promise.all([...readers.values()].map(({ reader }) => reader.switchOff()))
process.disconnect?.()
