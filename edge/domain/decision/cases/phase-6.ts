import type { WeightObservation } from '../cargo.js'
import { exampleCompany, exampleLaden, exampleTruck, type LadenChange } from '../cargo-examples.js'
import { cargoProfiles } from '../cargo-profiles.js'
import type { Cases } from './case.js'

const laden = (change: LadenChange = {}) => exampleLaden(change)
const empty = (change: LadenChange = {}) => exampleLaden(change, cargoProfiles.roadInEmpty)

const scale = (change: Partial<WeightObservation>): LadenChange => ({
  seen: { weight: { grossKg: 30_000, stable: true, onScale: true, tries: 1, ...change } },
})

const { tareKg, legalGrossKg, ...unweighed } = exampleTruck
const untared = { facts: { vehicles: { V1: { ...unweighed, legalGrossKg } } } } as const

export const phase6: Cases = {
  '59a': {
    yes: laden(scale({ stable: false })),
    no: laden(),
    unknown: laden({ seen: { weight: null } }),
  },
  '59b': {
    yes: laden(scale({ onScale: false, tries: 2 })),
    no: laden(scale({ tries: 2 })),
    unknown: laden(scale({ stable: 'unknown', tries: 2 })),
  },
  '60a': {
    yes: laden(scale({ grossKg: 32_400 })),
    no: laden(scale({ grossKg: 30_900 })),
    unknown: laden({ trip: { expectedGrossKg: undefined } }),
  },
  '60b': {
    yes: laden(scale({ grossKg: 32_400, tries: 2, earlierKg: [32_380] })),
    no: laden(scale({ grossKg: 29_100, tries: 2 })),
    unknown: laden({ known: { trip: 'unknown' } }),
  },
  '61': {
    yes: empty(scale({ grossKg: 13_700 })),
    no: empty(scale({ grossKg: 12_900 })),
    unknown: empty({ ...scale({ grossKg: 12_900 }), known: { containers: {} } }),
  },
  '62': {
    yes: laden(scale({ grossKg: 49_001 })),
    no: laden(scale({ grossKg: 49_000 })),
    unknown: laden({ facts: { vehicles: { V1: { ...unweighed, tareKg } } } }),
  },
  '63a': { yes: laden(untared), no: laden(), unknown: empty({ known: { containers: {} } }) },
  '63b': {
    yes: laden({
      ...untared,
      known: { companies: { C1: { ...exampleCompany, managedClass: 1 } } },
    }),
    no: laden(),
    unknown: null,
  },
}
