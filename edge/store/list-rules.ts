import { bad, ok, type Result } from '../base/result.js'
import type { ListInForce } from '../interfaces/list-store.js'
import type { ListDelta, ListHead } from '../messages/down.js'
import { listKeyOf, listKinds } from '../messages/entities.js'
import type { ListRow } from './list-file.js'

/**
 * Whether a head may come into force (law 6). Null: go on. A result: the answer without doing
 * anything. `floor` is the highest version that ever was in force, believed or not.
 */
export function judgeHead(
  head: ListHead,
  held: ListInForce | undefined,
  floor: number,
): Result<ListInForce> | null {
  if (head.version < floor) {
    return bad(
      head.list,
      `version ${head.version} is older than ${floor}, which was in force (listVersionBack)`,
      'Publish a version above the highest one that any edge has seen.',
    )
  }
  if (!held || head.version > held.version) return null
  if (head.contentHash === held.contentHash && head.count === held.count) return ok(held)
  return bad(
    head.list,
    `version ${head.version} is in force with another content (listSameVersionOtherContent)`,
    'Publish the changed content under a new version.',
  )
}

/** What is wrong with a delta in itself, before its base is looked at. */
export function deltaProblem({ list, head, upserts, deletes }: ListDelta): string | null {
  if (head.list !== list) return `the head is of list ${head.list} (listOtherHead)`
  const wrong = upserts.find((entry) => entry.kind !== listKinds[list])
  if (wrong) return `an entry is a ${wrong.kind}, which does not belong here (listWrongKind)`
  const keys = [...upserts.map(listKeyOf), ...deletes]
  if (new Set(keys).size !== keys.length) return 'a key is changed twice (listDuplicateKey)'
  return null
}

/** Whether a row of the lists is the head of this content. */
export function isHeadOf(
  row: Pick<ListRow, 'list' | 'generation' | 'content_hash'>,
  held: { readonly list: string; readonly generation: number; readonly contentHash: string },
): boolean {
  return row.list === held.list && row.generation === held.generation && row.content_hash === held.contentHash
}

/** Whether a delta starts from what is in force; null: it does. */
export function baseProblem(
  { baseVersion, baseHash }: ListDelta,
  base: { readonly version: number; readonly contentHash: string },
): string | null {
  if (baseVersion === base.version && baseHash === base.contentHash) return null
  return `delta starts from version ${baseVersion}, in force is ${base.version} (listBaseMismatch)`
}

/** What is found against what the head announces; null: the same. */
export function contentProblem(head: ListHead, found: { count: number; contentHash: string }): string | null {
  if (found.count !== head.count) {
    return `${head.count} entries were announced, ${found.count} would be there (listCountMismatch)`
  }
  if (found.contentHash !== head.contentHash) return 'the content hash is another one (listHashMismatch)'
  return null
}

/** Rolls a change back whose result is not what its head announces. */
export class Mismatch extends Error {}
