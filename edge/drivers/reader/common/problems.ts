import type { z } from 'zod'
import type { Result } from '../../../base/result.js'
import { settingProblems } from '../../../messages/text/issue-problem.js'

/** All problems of a configuration at once, with their place. */
export function parseWith<T>(schema: z.ZodType<T>, raw: unknown): Result<T> {
  const parsed = schema.safeParse(raw)
  if (parsed.success) return { ok: true, value: parsed.data }
  return { ok: false, problems: settingProblems(parsed.error, raw) }
}
