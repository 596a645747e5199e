import { z } from 'zod'
import { Refusal } from '../desk/refusal.js'
import { issueProblem } from '../../edge/messages/text/issue-problem.js'

/**
 * A value of the schema, or a refusal that names every problem: its path, and a code whose text is
 * `lineProblem.<code>` in either language, with the values in it.
 */
export function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.map((issue) => issueProblem(issue, value))
  throw new Refusal('invalid', 'the request is not what this route takes', problems)
}

/** The JSON Schema of a zod schema for the OpenAPI document. */
export function document(schema: z.ZodType, io: 'input' | 'output' = 'output'): Record<string, unknown> {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' })
  return rest
}
