import type { FaultChange } from '../base/fault.js'
import type { Clock } from '../base/clock.js'
import { clearSignals } from '../domain/lane/example-lane.js'
import type { Barrier, BarrierGiven, LaneSignals } from '../interfaces/barrier.js'
import type { Read, Reader, ReaderGiven } from '../interfaces/reader.js'

/** The barrier, the loops and the one reader of a lane, as a composed edge sees them; nothing of it takes time. */
export class LaneHardware {
  /** Requests to raise, and when they came, monotonic ms. */
  readonly raised: { readonly commandId: string; readonly atMs: number }[] = []
  readonly readerId: string
  readonly #clock: Clock
  #barrier: Pick<BarrierGiven, 'onSignals'> | null = null
  #reader: Pick<ReaderGiven, 'onRead'> | null = null
  #signals = clearSignals

  constructor(clock: Clock, readerId = 'reader-1') {
    this.#clock = clock
    this.readerId = readerId
  }

  readonly openBarrier = (given: BarrierGiven): Barrier => {
    this.#barrier = given
    given.onFault(up('barrier.disconnected', given.laneId))
    this.sense({})
    return {
      raise: ({ commandId }) => {
        this.raised.push({ commandId, atMs: this.#clock.now().monoMs })
        const acceptedCount = (this.#signals.acceptedCount ?? 0) + 1
        this.sense({ acceptedCommandId: commandId, acceptedCount })
        this.sense({ barrier: 'moving' })
        this.sense({ barrier: 'raised' })
        return Promise.resolve({ is: 'sent', detail: 'written' })
      },
      guide: () => undefined,
      close: () => Promise.resolve(),
    }
  }

  readonly openReader = (given: ReaderGiven): Reader => {
    this.#reader = given
    given.onFault(up('reader.disconnected', given.id))
    return {
      id: given.id,
      counters: { reads: 0, discarded: 0, discardedBytes: 0, reconnects: 0 },
      close: () => Promise.resolve(),
    }
  }

  /** A vehicle stands on the entry loop, and its tag is heard. */
  arrive(epc: string): void {
    this.sense({ entryLoop: 'occupied', entryCount: (this.#signals.entryCount ?? 0) + 1 })
    for (let n = 0; n < 3; n += 1) this.hear(epc)
  }

  hear(epc: string, tid: string | null = null): void {
    const { readerId } = this
    const heard = { readerId, antenna: '1', zone: null, heardAt: this.#clock.now(), readerAtMs: null }
    this.read({ kind: 'tag', ...heard, epc, tid, rssiDbm: -50, driverId: null, count: 1 })
  }

  read(read: Read): void {
    this.#reader?.onRead(read)
  }

  /** It drives through, and the bar comes down behind it. */
  driveThrough(): void {
    this.sense({ exitLoop: 'occupied', exitCount: (this.#signals.exitCount ?? 0) + 1 })
    this.sense({ entryLoop: 'clear' })
    this.sense({ exitLoop: 'clear' })
    this.sense({ barrier: 'moving' })
    this.sense({ barrier: 'lowered' })
  }

  /** It goes back where it came from. */
  backOut(): void {
    this.sense({ entryLoop: 'clear' })
  }

  sense(change: Partial<LaneSignals>): void {
    this.#signals = { ...this.#signals, ...change, plcTick: (this.#signals.plcTick ?? 0) + 1 }
    this.#barrier?.onSignals(this.#signals)
  }
}

/** A device's first word: that it is not down. */
function up(code: FaultChange['code'], source: string): FaultChange {
  return { is: 'cleared', code, source }
}
