import type { z } from 'zod'
import type { Problem, Result } from '../../../base/result.js'

/** All problems of a configuration at once, with their place; the remedy is the schema's own message. */
export function parseWith<T>(schema: z.ZodType<T>, raw: unknown): Result<T> {
  const parsed = schema.safeParse(raw)
  if (parsed.success) return { ok: true, value: parsed.data }
  return { ok: false, problems: parsed.error.issues.map(problemOf) }
}

function problemOf(issue: z.core.$ZodIssue): Problem {
  const path = issue.path.map(String).join('.')
  if (issue.code === 'unrecognized_keys')
    return {
      path,
      message: `Unknown: ${issue.keys.join(', ')}.`,
      remedy: 'Remove it, or mend its spelling; the README of the driver names all settings.',
    }
  return { path, message: issue.message }
}
