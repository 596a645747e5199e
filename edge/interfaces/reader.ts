import type { Duplex } from 'node:stream'
import type { Clock, Instant } from '../base/clock.js'
import type { FaultChange } from '../base/fault.js'
import type { Logger } from '../base/log.js'
import type { Random } from '../base/random.js'
import type { Result } from '../base/result.js'
import type { Plate } from '../messages/entities.js'
import type { Sensed } from '../messages/sensed.js'

export type { Sensed } from '../messages/sensed.js'

/** One report of one reader: one tag, one antenna, one instant, as heard. */
export interface TagRead {
  readonly kind: 'tag'
  readonly readerId: string
  /** As the reader names it; `"0"` where it has only one. */
  readonly antenna: string
  /** Zone named by a base station, else null. */
  readonly zone: string | null
  /** Upper-case hex of the EPC, or the text identity of readers that give one. */
  readonly epc: string
  readonly tid: string | null
  readonly rssiDbm: number | null
  /** Driver identity, for readers that send the pair (Nedap). */
  readonly driverId: string | null
  /** How often the reader says it saw the tag in this report, >= 1. */
  readonly count: number
  /** The edge's clock at arrival: all logic orders by it. */
  readonly heardAt: Instant
  /** The reader's own clock, UTC ms: data only, it lies. */
  readonly readerAtMs: number | null
}

/** One plate as a camera read it. */
export interface PlateRead {
  readonly kind: 'plate'
  readonly readerId: string
  readonly antenna: string
  readonly zone: string | null
  readonly plate: Plate
  /** 0 to 1. */
  readonly confidence: number
  readonly heardAt: Instant
  readonly readerAtMs: number | null
}

/** One finding of one device, at one instant. */
export interface DeviceRead {
  readonly kind: 'device'
  readonly readerId: string
  readonly antenna: string
  readonly zone: string | null
  readonly heardAt: Instant
  readonly readerAtMs: number | null
  readonly sensed: Sensed
}

export type Read = TagRead | PlateRead | DeviceRead

/** Counters of one reader, since it was opened. */
export interface ReaderCounters {
  reads: number
  /** Lines or messages that made no sense. */
  discarded: number
  /** Bytes thrown away because no line end came within the bound. */
  discardedBytes: number
  reconnects: number
  /** Reads of a flood that were counted into another read of the same tag and antenna. */
  coalesced?: number
  /** Reads of a flood that were dropped: too many different tags at once. */
  shed?: number
}

export interface OwnBusRequest {
  readonly username: string
  readonly secret: string
  /** Topic or filter. */
  readonly topic: string
  /** Called for each message in the order in which they came; what is retained never comes. */
  readonly onMessage: (payload: Uint8Array) => void
  /** Called once if the bus ends while this is open. */
  readonly onLost: (why: string) => void
}

export interface OwnBusSubscription {
  /** Resolves when nothing more comes. Safe to call twice. */
  close(): Promise<void>
}

/** The edge's own reader bus, for a driver of the same process: the same rights, without a socket between. */
export interface OwnBus {
  /** Whether an address, as a reader's configuration has it, means this bus. */
  isAt(url: string): boolean
  /** Rejects, with a reason a person understands, what a login or subscription over MQTT would be refused for. */
  subscribe(request: OwnBusRequest): Promise<OwnBusSubscription>
}

export interface ReaderGiven {
  readonly id: string
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly onRead: (read: Read) => void
  readonly onFault: (change: FaultChange) => void
  /** What a scanned text says; null: nothing that the edge knows. Absent: no text is understood. */
  readonly judgeText?: (text: string) => Sensed | null
  /** Absent: the edge has none, and every broker is spoken to over the network. */
  readonly ownBus?: OwnBus
}

export interface Reader {
  readonly id: string
  readonly counters: Readonly<ReaderCounters>
  /** Releases everything; resolves when nothing of it is open any more. Safe to call twice. */
  close(): Promise<void>
}

/**
 * A family of readers. `open` returns at once: a reader that is away is a fault, raised and
 * cleared by the driver, which tries again for ever.
 */
export interface ReaderDriver<Config> {
  /** Stands in configuration and journal; never renamed once shipped. */
  readonly kind: string
  parseConfig(raw: unknown): Result<Config>
  open(config: Config, given: ReaderGiven): Reader
}

/** Opens the byte stream of a line reader: a serial line, or a duplex pair in a test. */
export type Connect = () => Promise<Duplex>
