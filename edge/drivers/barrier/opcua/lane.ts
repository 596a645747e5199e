import type { Clock } from '../../../base/clock.js'
import { messageOf } from '../../../base/error.js'
import type { FaultCode } from '../../../base/fault.js'
import type {
  Barrier,
  BarrierGiven,
  Guidance,
  LaneSignals,
  RaiseCommand,
  RaiseOutcome,
  SprayCommand,
} from '../../../interfaces/barrier.js'
import { encodeRaise, encodeSpray, isNews, unknownOf, type Lease } from '../common/words.js'
import { noReading, onBatteryOf, signalsOf, sprayerOf, type Reading } from './codec.js'
import type { LinkedLane, PlcLink } from './link.js'
import {
  batteryValueNames,
  laneValueNames,
  plcValueNames,
  sprayerValueNames,
  type ImageName,
  type LaneNodes,
  type PlcNodes,
  type SprayerNodes,
} from './nodes.js'
import type { PlcSession, Rates, WriteItem } from './session.js'

/** The PLC's watchdog may still be tripped for a moment after we come: it has to see us first. */
const watchdogGraceMs = 1_000

/** One lane's barrier on a shared connection. */
export class OpcuaBarrier implements Barrier, LinkedLane {
  readonly #link: PlcLink
  readonly #nodes: LaneNodes
  readonly #sprayer: SprayerNodes | null
  readonly #battery: string | null
  /** What is read in one go, and the node of each. */
  readonly #imageNames: readonly ImageName[]
  readonly #imageIds: readonly string[]
  readonly #raiseWithinMs: number
  readonly #clock: Clock
  readonly #given: BarrierGiven
  readonly #raised = new Set<FaultCode>()
  #session: PlcSession | null = null
  #signals: LaneSignals
  #lastBootId: string | null = null
  /** The image is that of the present, from a PLC whose heartbeat moves. */
  #isKnown = false
  #isReading = false
  #isDirty = false
  #trippedSinceMs: number | null = null
  #wanted: Guidance | null = null
  #shown: Guidance | null = null
  #isShowing = false
  #closed = false

  constructor(
    link: PlcLink,
    nodes: { lane: LaneNodes; plc: PlcNodes; sprayer: SprayerNodes | null; battery: string | null },
    raiseWithinMs: number,
    given: BarrierGiven,
  ) {
    this.#link = link
    this.#nodes = nodes.lane
    this.#sprayer = nodes.sprayer
    this.#battery = nodes.battery
    this.#signals = this.#unknown()
    this.#imageNames = [
      ...laneValueNames,
      ...plcValueNames,
      ...(nodes.sprayer === null ? [] : sprayerValueNames),
      ...(nodes.battery === null ? [] : batteryValueNames),
    ]
    this.#imageIds = [
      ...laneValueNames.map((name) => nodes.lane[name]),
      ...plcValueNames.map((name) => nodes.plc[name]),
      ...sprayerIds(nodes.sprayer),
      ...(nodes.battery === null ? [] : [nodes.battery]),
    ]
    this.#raiseWithinMs = raiseWithinMs
    this.#clock = given.clock
    this.#given = given
  }

  raise(command: RaiseCommand): Promise<RaiseOutcome> {
    return this.#ask(command, this.#nodes.commandRequest, encodeRaise)
  }

  spray(command: SprayCommand): Promise<RaiseOutcome> {
    if (!this.#sprayer) return Promise.resolve({ is: 'notSent', detail: 'the lane has no sprayer' })
    const { minSeconds } = command
    return this.#ask(command, this.#sprayer.sprayRequest, (lease) => encodeSpray({ ...lease, minSeconds }))
  }

  guide(guidance: Guidance): void {
    if (this.#closed) return
    this.#wanted = guidance
    void this.#show()
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#session = null
    await this.#link.leave(this)
  }

  async onUp(session: PlcSession): Promise<Rates> {
    const watched = [
      ...laneValueNames.map((name) => this.#nodes[name]),
      ...sprayerIds(this.#sprayer),
      ...(this.#battery === null ? [] : [this.#battery]),
    ]
    this.#session = session
    const rates = await session.watch(watched, () => {
      if (session === this.#session) this.refresh()
    })
    this.#shown = null
    this.refresh()
    void this.#show()
    return rates
  }

  onDown(why: string): void {
    this.#session = null
    this.#isKnown = false
    this.#shown = null
    this.#trippedSinceMs = null
    if (this.#closed) return
    this.#raiseFault('barrier.disconnected', why)
    this.#clearFault('plc.watchdog')
    this.#deliver(this.#unknown())
  }

  onSlow(slow: Rates | null): void {
    if (!slow) this.#clearFault('barrier.signalsSlow')
    else
      this.#raiseFault(
        'barrier.signalsSlow',
        `The PLC samples every ${slow.samplingMs} ms and tells it every ${slow.publishingMs} ms, too slow for loops: its values are polled. Set the sampling of these nodes to 50 ms or less.`,
      )
  }

  onBeat(nowMs: number): void {
    if (this.#signals.watchdogTripped !== true) {
      this.#trippedSinceMs = null
      this.#clearFault('plc.watchdog')
      return
    }
    this.#trippedSinceMs ??= nowMs
    if (nowMs - this.#trippedSinceMs >= watchdogGraceMs)
      this.#raiseFault(
        'plc.watchdog',
        'The PLC does not see our heartbeat counter move; check the node id of edgeHeartbeat and its rights.',
      )
  }

  /** Reads the lane's image anew; what changes meanwhile is read again after it, never beside it. */
  refresh(): void {
    this.#isDirty = true
    if (!this.#isReading) void this.#readOn()
  }

  async #readOn(): Promise<void> {
    this.#isReading = true
    try {
      while (this.#isDirty && this.#session?.isUsable) {
        this.#isDirty = false
        const session = this.#session
        const readings = await session.read(this.#imageIds)
        // An answer of a connection that is gone, or that came after the PLC fell silent, is history.
        if (session === this.#session) this.#take(readings)
      }
    } catch {
      // The connection is gone, and says so itself.
    } finally {
      this.#isReading = false
    }
  }

  #take(readings: readonly Reading[]): void {
    if (this.#closed) return
    const read = (name: ImageName) => readings[this.#imageNames.indexOf(name)] ?? noReading
    const signals: LaneSignals = {
      ...signalsOf(read),
      ...(this.#sprayer && { sprayer: sprayerOf(read) }),
      ...(this.#battery === null ? {} : { onBattery: onBatteryOf(read) }),
    }
    const before = this.#signals
    const { plcBootId } = signals
    if (!this.#isKnown) {
      this.#isKnown = true
      // Said at the first time as well: who listens cannot know that all is well until told.
      this.#raised.delete('barrier.disconnected')
      this.#given.onFault({ is: 'cleared', code: 'barrier.disconnected', source: this.#given.laneId })
    }
    if (plcBootId !== null && plcBootId !== this.#lastBootId) {
      if (this.#lastBootId !== null) this.#tellRestart(this.#lastBootId, plcBootId)
      this.#lastBootId = plcBootId
    }
    this.#deliver(signals)
    // A start puts the lamps out, and a watchdog that tripped puts them to red.
    const lampsWereLost =
      before.plcBootId !== plcBootId || (before.watchdogTripped === true && signals.watchdogTripped !== true)
    if (lampsWereLost) {
      this.#shown = null
      void this.#show()
    }
  }

  #tellRestart(from: string, to: string): void {
    const source = this.#given.laneId
    const detail = `The PLC started anew (boot ${from} -> ${to}); what was asked of it before is void.`
    this.#given.onFault({ is: 'raised', code: 'plc.restarted', source, detail })
    this.#given.onFault({ is: 'cleared', code: 'plc.restarted', source })
  }

  #unknown(): LaneSignals {
    const unknown = unknownOf(this.#sprayer !== null)
    return this.#battery === null ? unknown : { ...unknown, onBattery: 'unknown' }
  }

  #deliver(signals: LaneSignals): void {
    const isNew = isNews(this.#signals, signals)
    this.#signals = signals
    if (isNew) this.#given.onSignals(signals)
  }

  /** A request bound to the PLC's boot and newest tick, or none at all. */
  async #ask(
    { commandId, leaseTicks }: RaiseCommand,
    nodeId: string,
    encode: (lease: Lease) => string | null,
  ): Promise<RaiseOutcome> {
    if (this.#closed) return { is: 'notSent', detail: 'the barrier is closed' }
    const present = this.#link.present()
    if (typeof present === 'string') return { is: 'notSent', detail: present }
    if (!this.#isKnown || this.#session !== present.session)
      return { is: 'notSent', detail: 'the state of the lane is not known' }
    const { bootId: plcBootId, tick } = present.time
    const value = encode({ commandId, plcBootId, validUntilTick: tick + leaseTicks })
    if (value === null) return { is: 'notSent', detail: 'the command cannot be written in one line' }
    return this.#write(present.session, { nodeId, value })
  }

  /**
   * One write, one deadline. After the deadline the connection is cut: a request that still waits
   * somewhere inside must not leave any more, and one that left is judged by the PLC's lease.
   */
  #write(session: PlcSession, item: WriteItem): Promise<RaiseOutcome> {
    return new Promise((resolve) => {
      const cancel = this.#clock.after('plc.raise', this.#raiseWithinMs, () => {
        resolve({ is: 'unknown', detail: `no answer within ${this.#raiseWithinMs} ms` })
        this.#link.cut(`The PLC did not answer a request within ${this.#raiseWithinMs} ms.`)
      })
      const settle = (outcome: RaiseOutcome) => {
        cancel()
        resolve(outcome)
      }
      session.write([item]).then(
        ([answer]) => {
          const status = answer?.status ?? 'no status'
          if (answer?.is === 'good') settle({ is: 'sent', detail: status })
          else settle({ is: answer?.is === 'refused' ? 'notSent' : 'unknown', detail: status })
        },
        (error: unknown) => {
          settle({ is: 'unknown', detail: messageOf(error).slice(0, 200) })
        },
      )
    })
  }

  /** Brings lamps, board and voice to what was wanted last; what was wanted in between is skipped. */
  async #show(): Promise<void> {
    if (this.#isShowing) return
    this.#isShowing = true
    try {
      while (this.#isKnown && this.#session?.isUsable && this.#wanted && this.#wanted !== this.#shown) {
        const wanted = this.#wanted
        const session = this.#session
        const answers = await session.write(this.#guidanceItems(wanted))
        if (session === this.#session) this.#shown = wanted
        const failed = answers.filter((answer) => answer.is !== 'good')
        if (failed.length > 0)
          this.#given.log.warn(
            { lane: this.#given.laneId, status: failed[0]?.status },
            'the PLC does not take what the driver should be shown; set nodes it does not have to null',
          )
      }
    } catch {
      // The connection is gone, and says so itself; the next one shows it again.
    } finally {
      this.#isShowing = false
    }
  }

  #guidanceItems(guidance: Guidance): WriteItem[] {
    const { lightGreen, lightRed, ledText, voicePrompt } = this.#nodes
    const items: [string | null, WriteItem['value']][] = [
      [lightGreen, guidance.light === 'green'],
      [lightRed, guidance.light === 'red'],
      [ledText, guidance.text],
      [voicePrompt, guidance.voice],
    ]
    return items.flatMap(([nodeId, value]) => (nodeId === null ? [] : [{ nodeId, value }]))
  }

  #raiseFault(code: FaultCode, detail: string): void {
    if (this.#closed || this.#raised.has(code)) return
    this.#raised.add(code)
    this.#given.onFault({ is: 'raised', code, source: this.#given.laneId, detail: detail.slice(0, 500) })
  }

  #clearFault(code: FaultCode): void {
    if (this.#raised.delete(code) && !this.#closed)
      this.#given.onFault({ is: 'cleared', code, source: this.#given.laneId })
  }
}

function sprayerIds(nodes: SprayerNodes | null): string[] {
  return nodes === null ? [] : sprayerValueNames.map((name) => nodes[name])
}
