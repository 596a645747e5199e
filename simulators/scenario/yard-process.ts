import { appendFileSync, readFileSync } from 'node:fs'
import type { Clock } from '../../edge/base/clock.js'
import { LanekeeperError, messageOf } from '../../edge/base/error.js'
import type { Logger } from '../../edge/base/log.js'
import { SeededRandom } from '../../edge/base/random.js'
import { PlcLane } from '../plc/model.js'
import { startPlcServer, type PlcServer } from '../plc/server.js'
import { LineReaderSimulator, MqttReaderSimulator, type SimulatedTag } from '../reader/index.js'
import { goodAntenna, type AntennaSettings } from '../vehicle/antenna.js'
import { standardLane } from '../vehicle/geometry.js'
import { arrivalsOf, Gatekeeper } from './arrivals.js'
import type { Arrival } from './traffic.js'
import type { SimConfig } from './yard-config.js'
import { carryOutScripted, type ScriptedOrder } from './yard-script.js'
import { Yard, type YardEvent, type YardLane, type YardLaneGiven } from './yard.js'

/** What whoever supervises the yard can ask for. */
export type YardOrder =
  | { readonly do: 'openTraffic' }
  | { readonly do: 'closeTraffic' }
  /** Lets one of the drawn arrivals into a lane, whether traffic is open or not. */
  | { readonly do: 'enter'; readonly lane: string; readonly number: number }
  /** Beside the vehicles: reads of so many different tags in turn, begun at once and not waited for. */
  | {
      readonly do: 'flood'
      readonly lane: string
      readonly tags: number
      readonly perSecond: number
      readonly forMs: number
    }
  /** Bytes without a line end on a serial line; done when the last of them is with the kernel. */
  | { readonly do: 'noise'; readonly lane: string; readonly bytes: number }
  /** The first half of a report of a drawn arrival's tag, on a serial line. */
  | { readonly do: 'halfReport'; readonly lane: string; readonly number: number }
  | { readonly do: 'unplugReader'; readonly lane: string }
  | { readonly do: 'plugReader'; readonly lane: string }
  | { readonly do: 'stopPlc' }
  | { readonly do: 'restartPlc' }
  | ScriptedOrder
  | { readonly do: 'status' }

export interface YardStatus {
  readonly left: number
  readonly busy: number
  readonly lanes: readonly {
    readonly lane: string
    readonly armDegrees: number
    readonly acceptedTotal: number
    readonly refusedTotal: number
    readonly loweredOnVehicle: number
    readonly struckByVehicle: number
    readonly vehiclesPassed: number
    readonly minimumClearanceMs: number | null
    /** Vehicles in the lane or waiting for room in it. */
    readonly busy: number
    /** Reports that its reader put on the wire, and those that nobody could get. */
    readonly reportsSent: number
    readonly reportsLost: number
  }[]
}

/** Something that came to pass in the yard, for its supervisor. */
export type YardNotice =
  | YardEvent
  | {
      readonly is: 'entered'
      readonly lane: string
      readonly atMs: number
      readonly number: number
      readonly kind: string
      readonly vehicleId: string
    }

export interface RunningYard {
  readonly plcEndpoint: string
  obey(order: YardOrder): Promise<YardStatus | null>
  close(): Promise<void>
}

/**
 * Antennas of a well-built lane hear one lane only, the more so where the reader tells no RSSI: the
 * neighbour's tag comes through when it is unusually strong.
 */
const narrowAntenna: AntennaSettings = { ...goodAntenna, crossLossDb: 38 }

interface Reader {
  readonly tally: { readonly sent: number; readonly lost: number }
  /** Null for readers that have no serial line. */
  readonly line: LineReaderSimulator | null
  plug(): void
  unplug(): Promise<void>
  hear: YardLaneGiven['reader']['hear']
  flood(tags: readonly SimulatedTag[], perSecond: number, forMs: number): Promise<void>
}

/**
 * Simulated hardware of one site as a process of its own: a PLC that speaks OPC UA, readers on
 * pseudo-terminals and MQTT, and vehicles that drive when the bar is up and the light is green.
 */
export async function startYard(
  config: SimConfig,
  given: { readonly clock: Clock; readonly log: Logger; readonly onNotice: (notice: YardNotice) => void },
): Promise<RunningYard> {
  const { clock, log, onNotice } = given
  const random = new SeededRandom(config.arrivals.seed + 1)
  const bootId = `boot-${Math.round(clock.now().wallMs).toString(36)}`
  const plcLanes = config.lanes.map(
    (lane) =>
      new PlcLane({
        id: lane.id,
        bootId,
        nowMs: clock.now().monoMs,
        sprayer: lane.sprayer,
        // Synchronous on purpose: ground truth must survive whatever is killed next.
        onTruth: (entry) => appendFileSync(config.truthFile, `${JSON.stringify(entry)}\n`),
      }),
  )
  const plc: PlcServer = await startPlcServer({
    lanes: plcLanes,
    port: config.plc.port,
    pkiDir: config.plc.pkiDir,
    trustedCertificateFiles: [config.plc.edgeCertificateFile],
    clock,
    log,
  })
  const readers = new Map<string, Reader>()
  const cameras: MqttReaderSimulator[] = []
  const geometry = { ...standardLane, startM: config.arrivals.startM ?? standardLane.startM }
  const lanes = config.lanes.map((lane, index): YardLaneGiven => {
    const password = readFileSync(lane.secretFile, 'utf8').trim()
    const overBus = (name: string, form: 'lanekeeper' | 'impinj-r700' | 'zebra-iotc') =>
      new MqttReaderSimulator({
        url: config.bus,
        username: `${lane.id}-devices`,
        password,
        clientId: name,
        topic: `readers/${lane.id}/${name}`,
        form,
        clock,
        random,
      })
    const reader = readerOf(lane.reader, overBus, { clock, random })
    const camera = overBus('plates', 'lanekeeper')
    const devices = overBus('devices', 'lanekeeper')
    for (const one of [camera, devices]) one.switchOn()
    reader.plug()
    cameras.push(camera, devices)
    readers.set(lane.id, reader)
    return { plc: plcLanes[index] as PlcLane, reader, camera, devices, antenna: narrowAntenna, geometry }
  })

  const arrivals = arrivalsOf(config)
  const gatekeeper = new Gatekeeper(arrivals, (lane: YardLane, arrival: Arrival) => {
    onNotice({
      is: 'entered',
      lane: lane.id,
      atMs: clock.now().monoMs,
      number: arrival.number,
      kind: arrival.kind,
      vehicleId: arrival.vehicle.id,
    })
  })
  gatekeeper.open = false
  const yard = new Yard({
    clock,
    random,
    lanes,
    onEvent: onNotice,
    onStep: (nowMs) => gatekeeper.step(yard.lanes, nowMs),
  })
  yard.start()
  log.info({ plc: plc.endpoint, lanes: plcLanes.length }, 'the yard is open')

  return {
    plcEndpoint: plc.endpoint,
    obey: async (order) => {
      await carryOut(order, { plc, readers, gatekeeper, yard, arrivals, clock, log })
      return order.do === 'status' ? statusOf(yard, gatekeeper, readers) : null
    },
    close: async () => {
      yard.stop()
      await Promise.all([...readers.values()].map((reader) => reader.unplug()))
      await Promise.all(cameras.map((camera) => camera.switchOff()))
      await plc.stop()
    },
  }
}

function readerOf(
  reader: SimConfig['lanes'][number]['reader'],
  overBus: (name: string, form: 'impinj-r700' | 'zebra-iotc' | 'lanekeeper') => MqttReaderSimulator,
  given: { readonly clock: Clock; readonly random: SeededRandom },
): Reader {
  if (reader.kind === 'line') {
    const line = new LineReaderSimulator({ link: reader.wire, form: reader.form, ...given })
    return {
      tally: line.tally,
      line,
      plug: () => line.plug(),
      unplug: () => line.unplug(),
      hear: (tag) => line.hear(tag),
      flood: (tags, perSecond, forMs) => line.flood(tags, perSecond, forMs),
    }
  }
  const mqtt = overBus('tags', reader.form)
  return {
    tally: mqtt.tally,
    line: null,
    plug: () => mqtt.switchOn(),
    unplug: () => mqtt.switchOff(),
    hear: (tag) => mqtt.hear(tag),
    flood: (tags, perSecond, forMs) => mqtt.flood(tags, perSecond, forMs),
  }
}

/** Tags that belong to no vehicle of the yard. */
function strayTags(count: number): SimulatedTag[] {
  return Array.from({ length: count }, (_, index) => ({
    epc: `F1${index.toString(16).toUpperCase().padStart(22, '0')}`,
    antenna: '1',
    rssiDbm: -50,
  }))
}

interface YardParts {
  readonly plc: PlcServer
  readonly readers: ReadonlyMap<string, Reader>
  readonly gatekeeper: Gatekeeper
  readonly yard: Yard
  readonly arrivals: readonly Arrival[]
  readonly clock: Clock
  readonly log: Logger
}

async function carryOut(order: YardOrder, parts: YardParts): Promise<void> {
  const { plc, readers, gatekeeper, log } = parts
  switch (order.do) {
    case 'openTraffic':
      gatekeeper.open = true
      return
    case 'closeTraffic':
      gatekeeper.open = false
      return
    case 'enter':
      parts.gatekeeper.admit(laneOf(parts.yard, order.lane), arrivalOf(parts.arrivals, order.number))
      return
    case 'flood':
      readerOfLane(readers, order.lane)
        .flood(strayTags(order.tags), order.perSecond, order.forMs)
        .catch((error: unknown) => log.warn({ error: messageOf(error) }, 'the flood ended early'))
      return
    case 'noise':
      await lineOfLane(readers, order.lane).sendNoise(order.bytes)
      return
    case 'halfReport': {
      const [tag] = arrivalOf(parts.arrivals, order.number).vehicle.tags
      if (tag) lineOfLane(readers, order.lane).sendHalf({ epc: tag.epc, antenna: '1' })
      return
    }
    case 'unplugReader':
      await readers.get(order.lane)?.unplug()
      return
    case 'plugReader':
      readers.get(order.lane)?.plug()
      return
    case 'stopPlc':
      await plc.stop()
      return
    case 'restartPlc':
      await plc.restart()
      return
    case 'drive':
    case 'hear':
    case 'see':
    case 'find':
    case 'people':
    case 'fail':
      carryOutScripted(order, laneOf(parts.yard, order.lane), parts.clock)
      return
    case 'status':
      return
  }
}

function laneOf(yard: Yard, id: string): YardLane {
  return found(
    yard.lanes.find((lane) => lane.id === id),
    `lane ${id}`,
  )
}

function arrivalOf(arrivals: readonly Arrival[], number: number): Arrival {
  return found(
    arrivals.find((arrival) => arrival.number === number),
    `arrival ${number}`,
  )
}

function readerOfLane(readers: ReadonlyMap<string, Reader>, lane: string): Reader {
  return found(readers.get(lane), `reader of ${lane}`)
}

function lineOfLane(readers: ReadonlyMap<string, Reader>, lane: string): LineReaderSimulator {
  return found(readerOfLane(readers, lane).line, `serial line of ${lane}`)
}

function found<Thing>(thing: Thing | null | undefined, name: string): Thing {
  if (thing === null || thing === undefined) throw new LanekeeperError('yard.unknown', `there is no ${name}`)
  return thing
}

function statusOf(yard: Yard, gatekeeper: Gatekeeper, readers: ReadonlyMap<string, Reader>): YardStatus {
  return {
    left: gatekeeper.left,
    busy: yard.lanes.reduce((sum, lane) => sum + lane.busy, 0),
    lanes: yard.lanes.map(({ id, plc, busy }) => ({
      lane: id,
      armDegrees: Math.round(plc.armAngle),
      acceptedTotal: plc.truth.acceptedTotal,
      refusedTotal: plc.truth.refusedTotal,
      loweredOnVehicle: plc.truth.loweredOnVehicle,
      struckByVehicle: plc.truth.struckByVehicle,
      vehiclesPassed: plc.truth.vehiclesPassed,
      minimumClearanceMs: plc.truth.minimumClearanceMs,
      busy,
      reportsSent: readers.get(id)?.tally.sent ?? 0,
      reportsLost: readers.get(id)?.tally.lost ?? 0,
    })),
  }
}
