import type { DriverEntry } from '../../../messages/cargo-entities.js'
import { exampleCompany, exampleDriver, exampleLaden, type LadenChange } from '../cargo-examples.js'
import { exampleNowMs } from '../examples.js'
import type { Cases } from './case.js'

const laden = (change: LadenChange = {}) => exampleLaden(change)
const drivenBy = (change: Partial<DriverEntry>, more: LadenChange = {}) =>
  laden({ ...more, known: { drivers: { K1: { ...exampleDriver, ...change } } } })
const untrusted: LadenChange = { now: { wallMs: exampleNowMs, clockQuality: 'untrusted' } }

/** Rows 15 to 17. */
export const phase1: Cases = {
  '15a': {
    yes: laden({ truck: { permit: 'REVOKED' } }),
    no: laden(),
    unknown: laden({ known: { companies: { C1: 'unknown' } } }),
  },
  '15b': {
    yes: laden({
      known: { companies: { C1: { ...exampleCompany, registrationValidTo: exampleNowMs - 1 } } },
    }),
    no: laden({ truck: { permitValidTo: exampleNowMs } }),
    unknown: laden(untrusted),
  },
  '16a': {
    yes: drivenBy({ vehicleIds: ['V2'] }),
    no: laden(),
    unknown: laden({ known: { drivers: { K1: 'unknown' } } }),
  },
  '16b': {
    yes: drivenBy({ licenceValidTo: exampleNowMs - 1 }),
    no: drivenBy({ licenceValidTo: exampleNowMs }),
    unknown: drivenBy({}, untrusted),
  },
  '16c': {
    yes: laden({ seen: { driverCard: null }, senses: { presentForMs: 8_000 } }),
    no: laden({ senses: { presentForMs: 8_000 } }),
    unknown: laden({ seen: { driverCard: null }, senses: { presentForMs: 7_999 } }),
  },
  '17': {
    yes: laden({ known: { police: 'NO' } }),
    no: laden({ known: { police: 'OK' } }),
    unknown: laden({ known: { police: 'unknown' } }),
  },
}
