import { z } from 'zod'
import { listEntrySchema, listKinds, type ListName } from '../../../edge/messages/entities.js'

/** One column of a CSV file of a list: a member of the entry, or of an object in it (`subject.key`). */
export interface Column {
  readonly name: string
  readonly path: readonly string[]
  readonly as: 'string' | 'number' | 'boolean' | 'json'
  /** What an empty cell says. */
  readonly empty: 'absent' | 'null' | 'text'
}

const propertySchema = z.looseObject({
  type: z.string().optional(),
  get anyOf() {
    return z.array(propertySchema).optional()
  },
  get properties() {
    return z.record(z.string(), propertySchema).optional()
  },
  required: z.array(z.string()).optional(),
})
type Property = z.infer<typeof propertySchema>

/** The columns of a list in the order of its schema, without `kind`, which the list says. */
export function columnsOf(list: ListName): readonly Column[] {
  const option = listEntrySchema.options.find((one) => one.shape.kind.value === listKinds[list])
  if (!option) throw new Error(`no entry of the list ${list}`)
  const schema = propertySchema.parse(z.toJSONSchema(option))
  return columnsIn(schema, []).filter(({ name }) => name !== 'kind')
}

function columnsIn(schema: Property, path: readonly string[], within = true): Column[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]): Column[] => {
    const at = [...path, name]
    const required = within && (schema.required?.includes(name) ?? false)
    const options = property.anyOf?.filter(({ type }) => type !== 'null') ?? [property]
    const nullable = property.anyOf !== undefined && options.length < property.anyOf.length
    const [one] = options
    if (path.length === 0 && options.length === 1 && one?.properties && !nullable)
      return columnsIn(one, at, required)
    const as = cellKind(options)
    const empty = !required ? 'absent' : nullable ? 'null' : as === 'string' ? 'text' : 'absent'
    return [{ name: at.join('.'), path: at, as, empty }]
  })
}

function cellKind(options: readonly Property[]): Column['as'] {
  const types = new Set(options.map(({ type }) => (type === 'integer' ? 'number' : type)))
  const [type] = types
  return types.size === 1 && (type === 'string' || type === 'number' || type === 'boolean') ? type : 'json'
}

/** What a cell says; undefined: nothing. Text that is no number or no JSON stays text, and the schema says so. */
export function valueOf(column: Column, cell: string): unknown {
  if (cell === '') return column.empty === 'absent' ? undefined : column.empty === 'null' ? null : ''
  switch (column.as) {
    case 'string':
      return unguarded(cell)
    case 'number':
      return /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(cell.trim()) ? Number(cell) : cell
    case 'boolean':
      return cell.trim() === 'true' ? true : cell.trim() === 'false' ? false : cell
    case 'json':
      return json(cell)
  }
}

/** The text of a cell, before quoting. */
export function cellOf(column: Column, value: unknown): string {
  if (value === undefined || value === null) return ''
  if (column.as === 'string' && typeof value === 'string') return guarded(value)
  if (column.as !== 'json' && (typeof value === 'number' || typeof value === 'boolean')) return String(value)
  return JSON.stringify(value)
}

/**
 * Spreadsheets run a cell that begins like a formula, and what a person wrote into a reason must not run
 * at another's desk: an apostrophe stands before it, and is taken away when the file is read.
 */
const formula = /^[=+\-@'\t\r]/

function guarded(text: string): string {
  return formula.test(text) ? `'${text}` : text
}

function unguarded(cell: string): string {
  return cell.startsWith("'") && formula.test(cell.slice(1)) ? cell.slice(1) : cell
}

function json(cell: string): unknown {
  try {
    const value: unknown = JSON.parse(cell)
    return value
  } catch {
    return cell
  }
}
