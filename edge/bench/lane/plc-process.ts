import { untilAsked } from '../../cli/exit.js'
import { onSupervisor, tellSupervisor } from '../../cli/supervisor.js'
import { systemClock } from '../../base/clock.js'
import { messageOf } from '../../base/error.js'
import { SeededRandom } from '../../base/random.js'
import { PlcLane } from '../../../simulators/plc/model.js'
import { startPlcServer } from '../../../simulators/plc/server.js'
import { machineMs } from '../machine-time.js'
import { DrivenLane, type Passed } from './driven-lane.js'
import { floorLane } from './names.js'

/** A PLC over OPC UA as a process of its own, which stamps each request when it arrives. */
export interface PlcSettings {
  readonly port: number
  readonly pkiDir: string
  readonly edgeCertificateFile: string
  readonly lanes: readonly string[]
  readonly seed: number
}

export type PlcOrder =
  | { readonly do: 'drive'; readonly passages: number; readonly firstVehicle: number }
  | { readonly do: 'arrivals' }

/** Arrival of each request to raise, by command id, in milliseconds of the machine's clock. */
export type Arrivals = Readonly<Record<string, number>>

/** The tag that a lane's antenna hears from now on; null: none. */
export interface HeardNotice {
  readonly is: 'heard'
  readonly lane: string
  readonly vehicle: number | null
}

/** A short arm, so that hundreds of passages take a minute; nothing of what is measured waits for it. */
const quickArm = { travelMs: 300, clearForMs: 200 }

/** So many vehicles in vain, and there is nothing left to be measured. */
const givenUpMax = 8

const settings = JSON.parse(process.argv[2] ?? '{}') as PlcSettings
const arrivals: Record<string, number> = {}
const bootId = `boot-${settings.seed}`
const nowMs = () => systemClock.now().monoMs
const plcLanes = [...settings.lanes, floorLane].map(
  (id) =>
    new PlcLane({
      id,
      bootId,
      nowMs: nowMs(),
      settings: quickArm,
      onTruth: (entry) => {
        if ((entry.is === 'accepted' || entry.is === 'refused') && entry.commandId !== null)
          arrivals[entry.commandId] = machineMs()
      },
    }),
)
const server = await startPlcServer({
  lanes: plcLanes,
  port: settings.port,
  pkiDir: settings.pkiDir,
  trustedCertificateFiles: [settings.edgeCertificateFile],
  clock: systemClock,
})

/** Every lane drives its share; they take turns only by chance, as real ones do. */
async function drive(passages: number, firstVehicle: number): Promise<Passed[]> {
  const drivenLanes = plcLanes.filter((lane) => lane.id !== floorLane)
  const passed: Passed[] = []
  let next = firstVehicle
  const end = firstVehicle + passages
  await Promise.all(
    drivenLanes.map(async (plc, index) => {
      const lane = new DrivenLane(plc, {
        clock: systemClock,
        random: new SeededRandom(settings.seed + firstVehicle + index),
        onHeard: (vehicle) => process.send?.({ is: 'heard', lane: plc.id, vehicle } satisfies HeardNotice),
      })
      while (next < end && passed.filter((one) => one.gaveUp).length < givenUpMax)
        passed.push(await lane.pass(next++))
    }),
  )
  return passed
}

onSupervisor((message) => {
  const { id, order } = message as { id: number; order: PlcOrder }
  const work = order.do === 'drive' ? drive(order.passages, order.firstVehicle) : Promise.resolve(arrivals)
  work.then(
    (result) => tellSupervisor({ is: 'done', id, result }),
    (error: unknown) => tellSupervisor({ is: 'done', id, error: messageOf(error) }),
  )
})
tellSupervisor({ is: 'ready', part: 'plc', endpoint: server.endpoint, bootId })
await untilAsked()
await server.stop()
process.disconnect?.()
