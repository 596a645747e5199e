import type { ListClass } from '../../api/list-schemas.js'
import type { EdgeState, GatewayState } from '../../api/schemas.js'

/** How a list stands at an edge, the best first. */
export const copyStates = [
  'good',
  'onItsWay',
  'unknown',
  'behind',
  'refused',
  'oldForLaden',
  'old',
  'missing',
] as const
export type CopyState = (typeof copyStates)[number]

/** One list at one edge. */
export interface Copy {
  readonly edgeId: string
  readonly state: CopyState
  readonly sent: { readonly version: number; readonly at: number } | null
  readonly verified: { readonly version: number; readonly at: number } | null
  /** The version in force there; null: none, or the edge has said nothing since the gateway's start. */
  readonly held: number | null
  /** Since the edge last knew that it has the newest, by its own clock; null: never. */
  readonly ageMs: number | null
  readonly refused: { readonly version: number; readonly why: string } | null
}

export interface CopyGiven {
  readonly newest: GatewayState['lists'][number]
  /** Null: of any age, or not known yet. Then no age is judged. */
  readonly maxAge: ListClass['maxAge']
  /** The gateway's present, UTC ms. */
  readonly nowMs: number
  /** The present of the edge's own clock. */
  readonly edgeNowMs: number
  /** Whether the edge is heard of now. */
  readonly isHere: boolean
}

/** A version takes so long to reach an edge that works; one that is not in force later than that stands out. */
export const onItsWayForMs = 10_000

/** How a list stands at an edge. What is not known is never good. */
export function copyOf(edge: EdgeState, given: CopyGiven): Copy {
  const { list } = given.newest
  const word = (words: EdgeState['listsSent']) => {
    const found = words?.find((one) => one.list === list)
    return found ? { version: found.version, at: found.at } : null
  }
  const held = edge.health?.lists.find((one) => one.list === list)
  const answer = edge.lists?.find((one) => one.list === list && one.result === 'refused')
  const refused =
    answer && answer.version > (held?.version ?? 0)
      ? { version: answer.version, why: answer.why ?? '' }
      : null
  const confirmedAt = held?.confirmedAt ?? null
  const copy = {
    ...{ edgeId: edge.edgeId, sent: word(edge.listsSent), verified: word(edge.listsVerified), refused },
    held: held?.version ?? null,
    ageMs: confirmedAt === null ? null : Math.max(0, given.edgeNowMs - confirmedAt),
  }
  return { ...copy, state: stateOf(copy, given) }
}

function stateOf(
  { held, ageMs, refused }: Pick<Copy, 'held' | 'ageMs' | 'refused'>,
  { newest, maxAge, nowMs, isHere }: CopyGiven,
): CopyState {
  if (!isHere) return 'unknown'
  if (held === null) return 'missing'
  if (maxAge !== null && (ageMs === null || ageMs > maxAge.otherMs)) return 'old'
  if (maxAge !== null && ageMs !== null && ageMs > maxAge.ladenMs) return 'oldForLaden'
  if (held >= newest.version) return 'good'
  if (refused !== null && refused.version >= newest.version) return 'refused'
  return nowMs - newest.publishedAt > onItsWayForMs ? 'behind' : 'onItsWay'
}

/** Whether a person should look at it. An edge that is away is one matter, and not one of each of its lists. */
export function standsOut({ state }: Pick<Copy, 'state'>): boolean {
  return copyStates.indexOf(state) > copyStates.indexOf('unknown')
}

const first: readonly string[] = ['orders', 'blacklist', 'tags', 'vehicles']

/** Lists always in the same order, those first that stop vehicles at every lane: people find things by their place. */
export function inPlace<T extends { readonly list: string }>(lists: readonly T[]): T[] {
  const placeOf = ({ list }: T) => (first.includes(list) ? first.indexOf(list) : first.length)
  return [...lists].sort((a, b) => placeOf(a) - placeOf(b) || (a.list < b.list ? -1 : 1))
}
