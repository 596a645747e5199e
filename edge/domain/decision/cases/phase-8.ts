import { exampleLaden } from '../cargo-examples.js'
import type { CustomsAnswer } from '../cargo.js'
import type { Cases } from './case.js'

const asked = (customs: CustomsAnswer) => exampleLaden({ known: { customs } })

/** Row 71; the other rows of phase 8 need no load, and have their cases with the car. */
export const phase8: Cases = {
  '71': {
    yes: asked({ is: 'waiting', forMs: 3_000, tries: 2 }),
    no: asked({ is: 'answered', result: 'LIFT', hint: '' }),
    unknown: asked({ is: 'waiting', forMs: 2_999, tries: 2 }),
  },
}
