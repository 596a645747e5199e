import path from 'node:path'
import type { GatewayConfig } from '../../gateway/config.js'
import { besideFile, readYaml } from '../config/load.js'
import type { EdgeConfig } from '../config/parse.js'
import { refuseConfiguration } from './exit.js'

/** The configuration of an edge in a YAML file; null: it does not hold, and every problem was said. */
export async function edgeConfigIn(file: string): Promise<EdgeConfig | null> {
  const { parseEdgeConfig } = await import('../config/parse.js')
  const raw = readYaml(file)
  const config = raw.ok ? parseEdgeConfig(raw.value, (named) => besideFile(file, named)) : raw
  if (config.ok) return config.value
  refuseConfiguration(file, config.problems)
  return null
}

/** The same of a gateway; the files that it names are not looked at. */
export async function gatewayConfigIn(file: string): Promise<GatewayConfig | null> {
  const { parseGatewayConfig } = await import('../../gateway/config.js')
  const raw = readYaml(file)
  const config = raw.ok ? parseGatewayConfig(raw.value, path.resolve(path.dirname(file))) : raw
  if (config.ok) return config.value
  refuseConfiguration(file, config.problems)
  return null
}
