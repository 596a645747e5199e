import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { edgeJsonSchema, jsonOf } from '../config/json-schema.js'
import { gatewayFileSchema } from '../../gateway/config.js'
import { simFileSchema } from '../../simulators/scenario/yard-config.js'

/** The JSON Schemas of config/, by file name, as they have to stand there. */
export function schemaFiles(): Readonly<Record<string, string>> {
  const schemas = {
    'edge.schema.json': edgeJsonSchema(),
    'gateway.schema.json': { ...jsonOf(gatewayFileSchema), title: 'Lanekeeper gateway' },
    'sim.schema.json': { ...jsonOf(simFileSchema), title: 'Lanekeeper simulated hardware' },
  }
  return Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => [name, `${JSON.stringify(schema, null, 2)}\n`]),
  )
}

/** `node dist/edge/cli/write-schemas.js [FOLDER]`: writes them; without a folder, into config/. */
if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const folder = process.argv[2] ?? 'config'
  for (const [name, content] of Object.entries(schemaFiles())) {
    writeFileSync(path.join(folder, name), content)
    process.stdout.write(`${path.join(folder, name)}\n`)
  }
}
