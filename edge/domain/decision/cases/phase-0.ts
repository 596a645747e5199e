import { exampleDriver, exampleLaden, type LadenChange } from '../cargo-examples.js'
import { cargoProfiles } from '../cargo-profiles.js'
import type { CargoObservations } from '../cargo.js'
import type { Cases } from './case.js'

const fromShip = (seen: Partial<CargoObservations>, presentForMs = 400) =>
  exampleLaden({ seen, senses: { presentForMs } }, cargoProfiles.seaOutLaden)
const laden = (change: LadenChange) => exampleLaden(change)
const sick = { ...exampleDriver, declaredSick: true }

/** Rows 5 and 6. */
export const phase0: Cases = {
  '5a': {
    // Also in a lane that asks for no measurement: whoever measured it.
    yes: laden({ seen: { radiation: 'alarm' } }),
    no: fromShip({ radiation: 'normal' }),
    unknown: fromShip({ radiation: 'unknown' }),
  },
  '5b': {
    yes: fromShip({ radiation: null }, 8_000),
    no: laden({ seen: { radiation: null }, senses: { presentForMs: 8_000 } }),
    unknown: fromShip({ radiation: null }, 7_999),
  },
  '6a': {
    yes: laden({ seen: { temperature: 'fever' } }),
    no: laden({ seen: { temperature: 'normal' } }),
    unknown: laden({ seen: { temperature: 'unknown' } }),
  },
  '6b': {
    yes: laden({ known: { drivers: { K1: sick } } }),
    no: laden({}),
    unknown: laden({ known: { drivers: { K1: 'unknown' } } }),
  },
  '6c': {
    yes: laden({ seen: { temperature: null }, senses: { presentForMs: 8_000 } }),
    no: laden({ senses: { presentForMs: 8_000 } }),
    unknown: laden({ seen: { temperature: null }, senses: { presentForMs: 7_999 } }),
  },
}
