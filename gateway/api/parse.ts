import { z } from 'zod'
import { Refusal } from '../desk/refusal.js'

/** A value of the schema, or a refusal that names every problem with its path. */
export function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.map((issue) => ({
    path: issue.path.map(String).join('.'),
    message: issue.code === 'unrecognized_keys' ? `unknown: ${issue.keys.join(', ')}` : issue.message,
  }))
  throw new Refusal('invalid', 'the request is not what this route takes', problems)
}

/** The JSON Schema of a zod schema for the OpenAPI document. */
export function document(schema: z.ZodType, io: 'input' | 'output' = 'output'): Record<string, unknown> {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' })
  return rest
}
