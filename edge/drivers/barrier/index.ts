import type { BarrierDriver } from '../../interfaces/barrier.js'
import { opcuaSchema, type OpcuaConfig } from './opcua/config.js'
import { createOpcuaDriver } from './opcua/driver.js'

export { ownCertificate, type OwnCertificate } from './opcua/certificates.js'
export type { OpcuaConfig } from './opcua/config.js'

type BarrierDrivers = Readonly<{ opcua: BarrierDriver<OpcuaConfig> }>

/** Every kind of barrier, by the name it has in the configuration. A new one is a line here. */
export function createBarrierDrivers(): BarrierDrivers {
  return { opcua: createOpcuaDriver() }
}

/** The set that an edge process uses. Holds nothing while no barrier is open. */
export const barrierDrivers: BarrierDrivers = createBarrierDrivers()

/** The settings of each kind as they stand in a file, for editors. */
export const barrierSchemas = { opcua: opcuaSchema } as const satisfies Record<keyof BarrierDrivers, unknown>
