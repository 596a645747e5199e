import { z } from 'zod'

const lengths: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}
const lengthPattern = /^(?:\d+(?:\.\d+)?(?:ms|s|min|h|d))+$/

/** Milliseconds of a text such as `400ms`, `1.5s` or `3d1min`; null for anything else. */
function msOf(text: string): number | null {
  if (!lengthPattern.test(text)) return null
  const parts = text.match(/\d+(?:\.\d+)?[a-z]+/g) ?? []
  return parts.reduce((sum, part) => {
    const [, figure, unit] = /^([\d.]+)([a-z]+)$/.exec(part) ?? []
    return sum + Number(figure) * (lengths[unit ?? ''] ?? 0)
  }, 0)
}

/** A length of time: a number of milliseconds, or a text such as `400ms`, `1.5s`, `2min`. */
export const durationSchema = z.union([z.number().min(0), z.string()]).transform((value, context) => {
  const ms = typeof value === 'number' ? value : msOf(value)
  if (ms !== null) return ms
  context.addIssue({
    code: 'custom',
    message: `"${value}" is no length of time; write 400ms, 1.5s, 2min, 36h or 3d.`,
  })
  return z.NEVER
})

/** UTC ms: a moment that any schema of a time takes, to try one with. */
const someDayMs = Date.UTC(2026, 0, 1)

/**
 * Something with moments in it that count from the beginning of the scenario: `value` has them as they
 * would be if it began at UTC 0, `relative` names the members.
 */
export interface Timed<T> {
  readonly value: T
  readonly relative: readonly string[]
}

/**
 * What a schema describes, where members with these names may also be written as `+3d` or `-72h1min`:
 * so long after the scenario begins, or before it.
 */
export function timed<T extends object>(
  schema: z.ZodType<T>,
  names: readonly string[],
): z.ZodType<Timed<T>, unknown> {
  return z.unknown().transform((raw, context) => {
    const offsets = new Map<string, number>()
    for (const name of names) {
      const text = memberOf(raw, name)
      if (typeof text !== 'string') continue
      const ms = msOf(text.slice(1))
      if (ms === null || !/^[+-]/.test(text)) {
        const message = `"${text}" is no time; write +3d, -48h or -72h1min, counted from the scenario's beginning.`
        context.addIssue({ code: 'custom', path: [name], message })
        return z.NEVER
      }
      offsets.set(name, text.startsWith('-') ? -ms : ms)
    }
    const parsed = schema.safeParse(withMembers(raw, offsets, someDayMs))
    if (!parsed.success) {
      for (const { path, message } of parsed.error.issues) context.addIssue({ code: 'custom', path, message })
      return z.NEVER
    }
    const value = withMembers(parsed.data, offsets, 0)
    return { value, relative: [...offsets.keys()] }
  })
}

/** It, in a scenario that begins at `startMs` UTC. */
export function atStart<T extends object>({ value, relative }: Timed<T>, startMs: number): T {
  const moments = relative.map((name): [string, number] => [
    name,
    Math.round(startMs) + Number(memberOf(value, name)),
  ])
  return { ...value, ...Object.fromEntries(moments) }
}

function withMembers<T>(value: T, offsets: ReadonlyMap<string, number>, fromMs: number): T {
  if (offsets.size === 0 || value === null || typeof value !== 'object') return value
  const moments = [...offsets].map(([name, ms]): [string, number] => [name, fromMs + ms])
  return { ...value, ...Object.fromEntries(moments) }
}

function memberOf(value: unknown, name: string): unknown {
  return Object.entries(value ?? {}).find(([key]) => key === name)?.[1]
}
