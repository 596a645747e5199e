import { z } from 'zod'
import { cargoProfiles } from '../domain/decision/cargo-profiles.js'
import { profiles } from '../domain/decision/profiles.js'
import { barrierSchemas } from '../drivers/barrier/index.js'
import { readerSchemas } from '../drivers/reader/index.js'
import { readerBusSchema } from '../reader-bus/config.js'
import { edgeFileSchema } from './schema.js'

type JsonSchema = Readonly<Record<string, unknown>>

/**
 * The JSON Schema of an edge's file for editors: complete, with the settings of every driver. What
 * spans several settings (feeds of lanes that are not there, ids given twice) only `check` knows.
 */
export function edgeJsonSchema(): JsonSchema {
  const file = jsonOf(edgeFileSchema)
  const properties = within(file, 'properties')
  const readers = within(properties, 'readers')
  const lanes = within(properties, 'lanes')
  const lane = within(lanes, 'items')
  const laneProperties = within(lane, 'properties')
  return {
    ...file,
    title: 'Lanekeeper edge',
    properties: {
      ...properties,
      readerBus: partOf(readerBusSchema),
      readers: { ...readers, items: kindsOf(within(readers, 'items'), readerSchemas) },
      lanes: {
        ...lanes,
        items: {
          ...lane,
          properties: {
            ...laneProperties,
            profile: {
              ...within(laneProperties, 'profile'),
              enum: Object.keys({ ...profiles, ...cargoProfiles }),
            },
            barrier: kindsOf(within(laneProperties, 'barrier'), barrierSchemas),
          },
        },
      },
    },
  }
}

/** JSON Schema of what a person writes: settings with a default may be left out. */
export function jsonOf(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, { io: 'input' })
}

/** The same for a part of a file, which does not name its draft again. */
function partOf(schema: z.ZodType): JsonSchema {
  const { $schema: _draft, ...part } = jsonOf(schema)
  return part
}

/** One form for each kind: what all have in common, and what the driver of that kind takes. */
function kindsOf(common: JsonSchema, drivers: Readonly<Record<string, z.ZodType>>): JsonSchema {
  return {
    anyOf: Object.entries(drivers).map(([kind, schema]) => {
      const own = partOf(schema)
      return {
        ...own,
        title: kind,
        properties: { ...within(common, 'properties'), kind: { const: kind }, ...within(own, 'properties') },
        required: [...namesIn(common), ...namesIn(own)],
      }
    }),
  }
}

function within(schema: JsonSchema, member: string): JsonSchema {
  const inner = schema[member]
  if (typeof inner !== 'object' || inner === null) throw new Error(`the schema has no ${member}`)
  return inner as JsonSchema
}

function namesIn(schema: JsonSchema): readonly string[] {
  const required = schema['required']
  return Array.isArray(required) ? required.map(String) : []
}
