import type { ListEntry, ListName } from '../../edge/messages/entities.js'
import { platePatternsMax } from '../../edge/messages/plate-pattern.js'
import { Refusal } from '../desk/refusal.js'
import { countPlatePatterns } from '../store/list-names.js'
import type { Sql } from '../store/database.js'

/**
 * After a change was written, inside its transaction: refuses it if it put more orders on parts of plates in force
 * than lanes are measured with. Throws {@link Refusal}, and nothing of the change stands.
 */
export async function refuseTooManyPatterns(
  sql: Sql,
  list: ListName,
  upserts: readonly { readonly entry: ListEntry }[],
  max: number = platePatternsMax,
): Promise<void> {
  const isAny = upserts.some(({ entry }) => entry.kind === 'order' && entry.subject.kind === 'PLATE_PATTERN')
  if (list !== 'orders' || !isAny) return
  const count = await countPlatePatterns(sql)
  if (count <= max) return
  const message = `${count} orders would be on parts of plates, and ${max} may be: lift some, or name whole plates`
  throw new Refusal('invalid', 'the change was not applied', [{ path: 'upserts', message }])
}
