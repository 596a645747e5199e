import { appendFileSync, readFileSync } from 'node:fs'
import type { Clock } from '../../edge/base/clock.js'
import type { Logger } from '../../edge/base/log.js'
import { SeededRandom } from '../../edge/base/random.js'
import { PlcLane } from '../plc/model.js'
import { startPlcServer, type PlcServer } from '../plc/server.js'
import { LineReaderSimulator, MqttReaderSimulator } from '../reader/index.js'
import { goodAntenna, type AntennaSettings } from '../vehicle/antenna.js'
import { standardLane } from '../vehicle/geometry.js'
import { arrivalsOf, Gatekeeper } from './arrivals.js'
import type { Arrival } from './traffic.js'
import type { SimConfig } from './yard-config.js'
import { Yard, type YardEvent, type YardLane, type YardLaneGiven } from './yard.js'

/** What whoever supervises the yard can ask for. */
export type YardOrder =
  | { readonly do: 'openTraffic' }
  | { readonly do: 'closeTraffic' }
  | { readonly do: 'unplugReader'; readonly lane: string }
  | { readonly do: 'plugReader'; readonly lane: string }
  | { readonly do: 'stopPlc' }
  | { readonly do: 'restartPlc' }
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
 * Readers on serial lines tell no RSSI, so their antennas are mounted to hear one lane only: the
 * neighbour's tag comes through when it is unusually strong.
 */
const narrowAntenna: AntennaSettings = { ...goodAntenna, crossLossDb: 38 }

interface Reader {
  plug(): void
  unplug(): Promise<void>
  hear: YardLaneGiven['reader']['hear']
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
    camera.switchOn()
    reader.plug()
    cameras.push(camera)
    readers.set(lane.id, reader)
    const antenna = lane.reader.kind === 'line' ? narrowAntenna : goodAntenna
    return { plc: plcLanes[index] as PlcLane, reader, camera, antenna, geometry }
  })

  const gatekeeper = new Gatekeeper(arrivalsOf(config), (lane: YardLane, arrival: Arrival) => {
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
      await carryOut(order, { plc, readers, gatekeeper })
      return order.do === 'status' ? statusOf(yard, gatekeeper) : null
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
    return { plug: () => line.plug(), unplug: () => line.unplug(), hear: (tag) => line.hear(tag) }
  }
  const mqtt = overBus('tags', reader.form)
  return { plug: () => mqtt.switchOn(), unplug: () => mqtt.switchOff(), hear: (tag) => mqtt.hear(tag) }
}

async function carryOut(
  order: YardOrder,
  {
    plc,
    readers,
    gatekeeper,
  }: { plc: PlcServer; readers: ReadonlyMap<string, Reader>; gatekeeper: Gatekeeper },
): Promise<void> {
  switch (order.do) {
    case 'openTraffic':
      gatekeeper.open = true
      return
    case 'closeTraffic':
      gatekeeper.open = false
      return
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
    case 'status':
      return
  }
}

function statusOf(yard: Yard, gatekeeper: Gatekeeper): YardStatus {
  return {
    left: gatekeeper.left,
    busy: yard.lanes.reduce((sum, lane) => sum + lane.busy, 0),
    lanes: yard.lanes.map(({ id, plc }) => ({
      lane: id,
      armDegrees: Math.round(plc.armAngle),
      acceptedTotal: plc.truth.acceptedTotal,
      refusedTotal: plc.truth.refusedTotal,
      loweredOnVehicle: plc.truth.loweredOnVehicle,
      struckByVehicle: plc.truth.struckByVehicle,
      vehiclesPassed: plc.truth.vehiclesPassed,
      minimumClearanceMs: plc.truth.minimumClearanceMs,
    })),
  }
}
