import type { ListEntry } from '../../edge/messages/entities.js'
import { platePatternsMax } from '../../edge/messages/plate-pattern.js'
import { lineProblem } from '../../edge/messages/text/line-problem.js'
import { Refusal } from '../desk/refusal.js'
import { countPlatePatterns } from '../store/list-names.js'
import type { Sql } from '../store/database.js'

/** Whether an entry is an order on part of a plate. */
export function isOnPartOfPlate({ entry }: { readonly entry: ListEntry }): boolean {
  return entry.kind === 'order' && entry.subject.kind === 'PLATE_PATTERN'
}

/**
 * After a change that brings such orders was written, inside its transaction: refuses it if it put more of them in
 * force than lanes are measured with. Throws {@link Refusal}, and nothing of the change stands.
 */
export async function refuseTooManyPatterns(sql: Sql): Promise<void> {
  const count = await countPlatePatterns(sql)
  if (count <= platePatternsMax) return
  throw new Refusal('invalid', 'the change was not applied', [
    lineProblem('upserts', 'tooManyPatterns', { count, limit: platePatternsMax }),
  ])
}
