import { exampleLaden } from '../cargo-examples.js'
import type { CustomsAnswer } from '../cargo.js'
import type { ListUsed } from '../types.js'
import type { Cases } from './case.js'

const asked = (customs: CustomsAnswer) => exampleLaden({ known: { customs } })

const withLists = (change: (list: ListUsed) => ListUsed | null) => {
  const inputs = exampleLaden()
  return { ...inputs, lists: inputs.lists.flatMap((list) => change(list) ?? []) }
}
const aged = (name: string, ageMs: number) =>
  withLists((list) => (list.list === name ? { ...list, ageMs } : list))

/** Of rows 69 and 71 what concerns a load; the rest of phase 8 has its cases with the car. */
export const phase8: Cases = {
  '69c': {
    yes: aged('trips', 600_001),
    no: aged('declarations', 600_000),
    unknown: withLists((list) => (list.list === 'releases' ? null : list)),
  },
  '71': {
    yes: asked({ is: 'waiting', forMs: 3_000, tries: 2 }),
    no: asked({ is: 'answered', result: 'LIFT', hint: '' }),
    unknown: asked({ is: 'waiting', forMs: 2_999, tries: 2 }),
  },
}
