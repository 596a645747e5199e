import { backoffMs, quick } from '../../../base/backoff.js'
import type { Cancel, Clock } from '../../../base/clock.js'
import { messageOf } from '../../../base/error.js'
import type { Logger } from '../../../base/log.js'
import type { Random } from '../../../base/random.js'
import { countOf, noReading, textOf, type Reading } from './codec.js'
import type { OpcuaConfig } from './config.js'
import type { Connect } from './connect.js'
import { plcValueNames, type PlcNodes, type PlcValueName } from './nodes.js'
import type { PlcSession, Rates } from './session.js'

/** A lane as its connection sees it. */
export interface LinkedLane {
  /** The PLC is there and its heartbeat moves. */
  onUp(session: PlcSession): Promise<Rates>
  /** Nothing of it is known any more. */
  onDown(why: string): void
  /** Something may have changed: look. */
  refresh(): void
  /** Comes with every heartbeat of ours. */
  onBeat(nowMs: number): void
  onSlow(slow: Rates | null): void
}

type LinkConfig = Pick<
  OpcuaConfig,
  'connectWithinMs' | 'heartbeatEveryMs' | 'tickSilentMs' | 'samplingMaxMs' | 'pollEveryMs'
>

/** What the PLC's own counter says about the present. */
export interface PlcTime {
  readonly bootId: string
  readonly tick: number
}

/** What goes wrong at closing may cost this much time and no more. */
const farewellMs = 1_000
/** A lane that the PLC does not know is asked for again after this long. */
const laneRetryMs = 2_000

/**
 * One connection to one PLC, shared by its lanes. Kept up for ever with fresh objects each time;
 * alive only while the PLC's own heartbeat counter moves, whatever the socket says.
 */
export class PlcLink {
  readonly #config: LinkConfig
  readonly #nodes: PlcNodes
  readonly #connect: Connect
  readonly #clock: Clock
  readonly #random: Random
  readonly #log: Logger
  readonly #lanes = new Set<LinkedLane>()
  #done: Promise<void> | null = null
  #isClosing = false
  #trying: AbortController | null = null
  #wake: () => void = () => undefined
  #session: PlcSession | null = null
  #endLife: (why: string) => void = () => undefined
  #isUp = false
  #values = new Map<PlcValueName, Reading>()
  #tickMovedAtMs = -Infinity
  #beat: number
  #isBeating = false
  #toldWhy: string | null = null

  constructor(given: {
    config: LinkConfig
    nodes: PlcNodes
    connect: Connect
    clock: Clock
    random: Random
    log: Logger
  }) {
    this.#config = given.config
    this.#nodes = given.nodes
    this.#connect = given.connect
    this.#clock = given.clock
    this.#random = given.random
    this.#log = given.log
    // Begins anywhere, so that the PLC sees a change even if its last value came from an earlier life of ours.
    this.#beat = Math.floor(given.random.next() * 0x7fff_ffff)
  }

  get laneCount(): number {
    return this.#lanes.size
  }

  join(lane: LinkedLane): void {
    this.#lanes.add(lane)
    if (this.#session && this.#isUp) void this.#bring(lane, this.#session)
    // Lanes that are opened in one go are there before the connection is.
    this.#done ??= Promise.resolve().then(() => this.#run())
  }

  /** Resolves when the lane hears nothing more, and with the last lane, when nothing is open any more. */
  async leave(lane: LinkedLane): Promise<void> {
    this.#lanes.delete(lane)
    if (this.#lanes.size > 0) return
    this.#isClosing = true
    this.#trying?.abort(new Error('closing'))
    this.#endLife('closing')
    this.#wake()
    await this.#done
  }

  /** The session and the PLC's present, or why there is none. */
  present(): { session: PlcSession; time: PlcTime } | string {
    const session = this.#session
    if (!session?.isUsable || !this.#isUp) return 'not connected to the PLC'
    if (this.#silentForMs() > this.#config.tickSilentMs)
      return 'the heartbeat counter of the PLC stands still'
    const bootId = textOf(this.#values.get('bootId') ?? noReading)
    const tick = countOf(this.#values.get('tick') ?? noReading)
    if (bootId === null || tick === null) return 'boot or heartbeat counter of the PLC are not known'
    return { session, time: { bootId, tick } }
  }

  /** Cuts this connection: whatever still waits in it will never be sent. */
  cut(why: string): void {
    this.#session?.drop()
    this.#endLife(why)
  }

  async #run(): Promise<void> {
    for (let attempt = 0; !this.#isClosing; attempt += 1) {
      const wasUp = await this.#live()
      if (this.#isClosing) return
      if (wasUp) attempt = 0
      await this.#pause(backoffMs(quick, attempt, this.#random))
    }
  }

  /** One connection from its opening to its end; resolves with whether the PLC was alive on it. */
  async #live(): Promise<boolean> {
    let stopBeating: Cancel = () => undefined
    let why = 'closing'
    try {
      const session = await this.#open()
      this.#session = session
      const ended = new Promise<string>((resolve) => {
        this.#endLife = resolve
        void session.lost.then(resolve)
      })
      if (this.#isClosing) this.#endLife('closing')
      this.#values = new Map()
      this.#tickMovedAtMs = this.#clock.now().monoMs
      stopBeating = this.#startBeating(session)
      await untilEnded(this.#watchPlc(session), ended)
      why = await ended
    } catch (error) {
      why = messageOf(error)
    }
    stopBeating()
    const wasUp = this.#isUp
    await this.#end(why)
    return wasUp
  }

  async #open(): Promise<PlcSession> {
    const { connectWithinMs } = this.#config
    const trying = new AbortController()
    this.#trying = trying
    const cancel = this.#clock.after('plc.connect', connectWithinMs, () => {
      trying.abort(new Error(`The PLC did not answer within ${connectWithinMs} ms.`))
    })
    try {
      return await this.#connect(trying.signal)
    } finally {
      cancel()
      this.#trying = null
    }
  }

  /** First nothing is known any more, then the PLC is told, so that it need not keep a session for nobody. */
  async #end(why: string): Promise<void> {
    const session = this.#session
    this.#session = null
    this.#isUp = false
    this.#endLife = () => undefined
    if (!this.#isClosing) {
      // A PLC that stays away is one line, not one a second.
      if (why !== this.#toldWhy) this.#log.warn({ why }, 'no connection to the PLC')
      this.#toldWhy = why
      for (const lane of this.#lanes) lane.onDown(why)
    }
    if (session?.isUsable) await this.#farewell(session)
    session?.drop()
  }

  async #watchPlc(session: PlcSession): Promise<void> {
    const nodeIds = plcValueNames.map((name) => this.#nodes[name])
    const take = (reading: Reading | undefined, index: number) => {
      const name = plcValueNames[index]
      if (name !== undefined && reading && session === this.#session) this.#take(name, reading, session)
    }
    const rates = await session.watch(nodeIds, (index, reading) => {
      take(reading, index)
    })
    if (!this.#isSlow(rates)) return
    // A heartbeat that is told once in five seconds would look like one that stands still.
    let isAsking = false
    this.#poll(session, () => {
      if (isAsking) return
      isAsking = true
      session
        .read(nodeIds)
        .then((readings) => {
          readings.forEach(take)
        })
        // The connection is gone, and says so itself.
        .catch(() => undefined)
        .finally(() => {
          isAsking = false
        })
    })
  }

  #take(name: PlcValueName, reading: Reading, session: PlcSession): void {
    const before = this.#values.get(name)
    this.#values.set(name, reading)
    if (name === 'tick') {
      const was = countOf(before ?? noReading)
      const is = countOf(reading)
      if (is === null || was === null || is === was) return
      this.#tickMovedAtMs = this.#clock.now().monoMs
      if (!this.#isUp) {
        this.#isUp = true
        this.#toldWhy = null
        for (const lane of this.#lanes) void this.#bring(lane, session)
      }
      return
    }
    // Ticks of an earlier boot say nothing about leases in this one.
    if (name === 'bootId' && textOf(before ?? noReading) !== textOf(reading)) this.#values.delete('tick')
    if (before !== undefined) for (const lane of this.#lanes) lane.refresh()
  }

  /** Tells a lane that the PLC is there, and finds out whether the PLC tells changes fast enough. */
  async #bring(lane: LinkedLane, session: PlcSession): Promise<void> {
    try {
      const rates = await lane.onUp(session)
      const isSlow = this.#isSlow(rates)
      lane.onSlow(isSlow ? rates : null)
      if (isSlow)
        this.#poll(session, () => {
          if (this.#lanes.has(lane)) lane.refresh()
        })
    } catch (error) {
      if (session !== this.#session || !this.#lanes.has(lane)) return
      // A node that is missing in one lane is no reason to take the other lanes' connection away.
      lane.onDown(messageOf(error))
      this.#clock.after('plc.lane', laneRetryMs, () => {
        if (session === this.#session && this.#lanes.has(lane)) void this.#bring(lane, session)
      })
    }
  }

  #isSlow(rates: Rates): boolean {
    const { samplingMaxMs } = this.#config
    return rates.samplingMs > samplingMaxMs || rates.publishingMs > 2 * samplingMaxMs
  }

  /** For a PLC that does not tell changes fast enough: it is asked, for as long as this connection lives. */
  #poll(session: PlcSession, ask: () => void): void {
    const again = () => {
      if (session !== this.#session) return
      ask()
      this.#clock.after('plc.poll', this.#config.pollEveryMs, again)
    }
    again()
  }

  /** Our counter goes out, and with the same beat it is looked whether the PLC's still comes in. */
  #startBeating(session: PlcSession): () => void {
    let cancel: Cancel = () => undefined
    const beat = () => {
      cancel = this.#clock.after('plc.heartbeat', this.#config.heartbeatEveryMs, beat)
      const silentForMs = this.#silentForMs()
      if (silentForMs > this.#config.tickSilentMs) {
        this.#endLife(
          `The heartbeat counter of the PLC has not moved for ${Math.round(silentForMs)} ms; check that its program runs.`,
        )
        return
      }
      void this.#sendBeat(session)
      const nowMs = this.#clock.now().monoMs
      for (const lane of this.#lanes) lane.onBeat(nowMs)
    }
    beat()
    return () => {
      cancel()
    }
  }

  async #sendBeat(session: PlcSession): Promise<void> {
    if (this.#isBeating) return
    this.#isBeating = true
    this.#beat = (this.#beat + 1) >>> 0
    try {
      const [answer] = await session.write([{ nodeId: this.#nodes.edgeHeartbeat, value: this.#beat }])
      if (answer?.is !== 'good')
        this.#log.warn({ status: answer?.status }, 'the PLC does not take our heartbeat counter')
    } catch {
      // The connection is gone, and says so itself.
    } finally {
      this.#isBeating = false
    }
  }

  #silentForMs(): number {
    return this.#clock.now().monoMs - this.#tickMovedAtMs
  }

  /** Ends early when the link is closed. */
  #pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#clock.after('plc.reconnect', delayMs, resolve)
      this.#wake = () => {
        cancel()
        resolve()
      }
    })
  }

  async #farewell(session: PlcSession): Promise<void> {
    const said = session.close().catch(() => undefined)
    const late = new Promise<void>((resolve) => {
      const cancel = this.#clock.after('plc.farewell', farewellMs, resolve)
      void said.then(cancel)
    })
    await Promise.race([said, late])
  }
}

/** Rejects when the connection ends before the work does. */
function untilEnded<T>(work: Promise<T>, ended: Promise<string>): Promise<T> {
  return new Promise((resolve, reject) => {
    work.then(resolve, reject)
    void ended.then((why) => {
      reject(new Error(why))
    })
  })
}
