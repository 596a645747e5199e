import type { ControlOrder } from '../../../messages/entities.js'
import { exampleBox, exampleDraw, exampleLaden } from '../cargo-examples.js'
import type { Fact } from '../cargo.js'
import { exampleOrder } from '../examples.js'
import type { DrawEntry } from '../../../messages/cargo-entities.js'
import type { Cases } from './case.js'

const under = (orders: readonly ControlOrder[] | 'unknown') => exampleLaden({ facts: { orders } })
const drawn = (draw: Fact<DrawEntry>) => exampleLaden({ known: { draw } })

/** Rows 18a and 26; the other control rows need no load, and have their cases with the car. */
export const phase2: Cases = {
  '18a': {
    yes: under([exampleOrder({ action: 'LOCK', subject: { kind: 'CONTAINER', key: exampleBox } })]),
    no: under([exampleOrder({ action: 'DOCS', subject: { kind: 'CONTAINER', key: exampleBox } })]),
    unknown: under('unknown'),
  },
  '26': {
    yes: drawn({ ...exampleDraw, drawId: 'O1', selected: true }),
    no: drawn(exampleDraw),
    unknown: drawn(null),
  },
}
