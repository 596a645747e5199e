import type { Difference } from '../../api/list-schemas.js'

/** What differs, field by field; `null` where an entry or a field is not there. Fields that stay are left out. */
export function fieldsChanged({
  before,
  after,
}: Pick<Difference, 'before' | 'after'>): { field: string; before: string | null; after: string | null }[] {
  const [was, is] = [fieldsOf(before), fieldsOf(after)]
  return [...new Set([...was.keys(), ...is.keys()])]
    .map((field) => ({ field, before: was.get(field) ?? null, after: is.get(field) ?? null }))
    .filter((one) => one.before !== one.after && one.field !== 'kind')
}

function fieldsOf(entry: Difference['before']): Map<string, string> {
  return new Map(
    Object.entries(entry ?? {}).map(([field, value]) => [
      field,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  )
}
