import { withoutSecrets } from '../../edge/domain/decision/explain-secret.js'
import { parseDecidedBody } from '../../edge/domain/decision/replay.js'

/**
 * What signed-in people without the right to secret orders are shown: a secret order looks like the random
 * draw it pretends to be, and one that only notifies was never there (domain.md 5.3; rows 20, 21 and 26).
 */
const secretCode = 'CTL-02S'
const drawnCode = 'RND-01'

/** The code under which a rule is shown to everybody. */
export function shownCode(code: string): string {
  return code === secretCode ? drawnCode : code
}

/** Codes as everybody may see them, each once. */
export function shownCodes(codes: readonly string[]): string[] {
  return [...new Set(codes.map(shownCode))]
}

/** A stored event as everybody may see it; null: not at all. It is no evidence any more: its hash is of another text. */
export function shownEvent(raw: unknown): unknown {
  if (!isEvent(raw)) return raw
  if (raw.type === 'silentAlert') return null
  if (raw.type !== 'decided') return replaced(raw)
  const decided = parseDecidedBody(raw.body)
  if (!decided.ok) return { ...raw, body: {} }
  return { ...raw, body: { ...raw.body, ...withoutSecrets(decided.value) } }
}

interface Event {
  readonly type: string
  readonly body: Readonly<Record<string, unknown>>
}

function isEvent(raw: unknown): raw is Event {
  return (
    typeof raw === 'object' &&
    raw !== null &&
    'type' in raw &&
    typeof raw.type === 'string' &&
    'body' in raw &&
    typeof raw.body === 'object' &&
    raw.body !== null
  )
}

/** Codes stand in bodies by themselves, or several of them in one string. */
function replaced(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll(secretCode, drawnCode)
  if (Array.isArray(value)) return value.map(replaced)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, replaced(member)]))
}

/** A list entry that only those with the right may see. */
export function isSecret(entry: unknown): boolean {
  return typeof entry === 'object' && entry !== null && 'nature' in entry && entry.nature === 'SECRET'
}

/** An audit entry as everybody may read it: secret orders that were placed or taken from the list are not named. */
export function shownAudit<T extends { readonly detail: Readonly<Record<string, unknown>> }>(entry: T): T {
  const detail = Object.entries(entry.detail).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.filter((one: unknown) => !isSecret(one)) : value,
  ])
  return { ...entry, detail: Object.fromEntries(detail) as Record<string, unknown> }
}

interface PagesGiven<Row> {
  readonly after: string
  readonly limit: number
  readonly page: (
    after: string,
    limit: number,
  ) => Promise<{ readonly rows: readonly Row[]; readonly next: string | null }>
  readonly isShown: (row: Row) => boolean
  readonly keyOf: (row: Row) => string
}

/** Rows that are read at once to get past those that are not shown. */
const pastAtOnce = 1_000

/**
 * A page of what may be shown, with where to go on: after a row that was shown, never after a secret one, whose key
 * would otherwise stand in the answer.
 */
export async function shownPage<Row>({
  after,
  limit,
  page,
  isShown,
  keyOf,
}: PagesGiven<Row>): Promise<{ readonly rows: readonly Row[]; readonly next: string | null }> {
  for (let from = after, atOnce = limit; ; atOnce = pastAtOnce) {
    const { rows, next } = await page(from, atOnce)
    const shown = rows.filter(isShown)
    const last = shown[Math.min(shown.length, limit) - 1]
    if (last === undefined && next !== null) {
      from = next
      continue
    }
    const isAll = next === null && shown.length <= limit
    return { rows: shown.slice(0, limit), next: isAll || last === undefined ? null : keyOf(last) }
  }
}
