import type { CargoObservations, SealObservation } from '../cargo.js'
import { exampleBox, exampleFitness, exampleLaden, exampleSeal, type LadenChange } from '../cargo-examples.js'
import { cargoProfiles } from '../cargo-profiles.js'
import { exampleNowMs } from '../examples.js'
import type { Cases } from './case.js'

const otherBox = 'MSKU1234565'
const laden = (change: LadenChange = {}) => exampleLaden(change)
const out = (change: LadenChange = {}) => exampleLaden(change, cargoProfiles.roadOutLaden)

function seal(change: Partial<SealObservation> = {}): SealObservation {
  return { sealId: 'S1', status: 'CLOSED', openedAt: null, batteryLow: false, ...change }
}

function read(...seals: readonly SealObservation[]): Partial<CargoObservations> {
  return { seals }
}

const unread = (sealTries: number): LadenChange => ({ seen: { seals: [], sealTries } })
const stranger = (record: typeof exampleSeal | null | 'unknown'): LadenChange => ({
  seen: read(seal({ sealId: 'S9' })),
  known: { seals: { S1: exampleSeal, S9: record } },
})

const animals: LadenChange = { trip: { earTags: { declared: 4, ids: ['A1', 'A2', 'A3', 'A4'] } } }
const pigs = (earTags: readonly string[] | null) => out({ ...animals, seen: { earTags } })
const crates = (declared: number, crateLabels: number | null) =>
  out({ trip: { crateLabels: { declared } }, seen: { crateLabels } })
const fitness = (change: Partial<typeof exampleFitness>) =>
  out({ known: { fitness: { [exampleBox]: { ...exampleFitness, ...change } } } })
const fitnessUnknown = out({ known: { fitness: {} } })

export const phase5: Cases = {
  '50a': { yes: laden(unread(2)), no: laden(), unknown: laden({ known: { trip: 'unknown' } }) },
  '50b': { yes: laden(unread(3)), no: laden(), unknown: laden({ known: { trip: 'unknown' } }) },
  '51': {
    yes: laden(stranger({ ...exampleSeal, sealId: 'S9', container: otherBox })),
    no: laden(),
    unknown: laden({ known: { seals: {} } }),
  },
  '52': {
    yes: laden({ seen: read(seal({ status: 'OPENED' })) }),
    no: laden({ seen: read(seal()) }),
    unknown: laden({ seen: read(seal({ status: 'unknown' })) }),
  },
  '53': { yes: laden(stranger(null)), no: laden(), unknown: laden(stranger('unknown')) },
  '54': { yes: laden({ seen: read(seal({ batteryLow: true })) }), no: laden(), unknown: null },
  '56a': {
    yes: pigs(['A1', 'A2', 'A3']),
    no: pigs(['A4', 'A3', 'A2', 'A1', 'A1']),
    unknown: pigs(null),
  },
  '56b': {
    yes: pigs(['A1', 'A2', 'A3', 'A4', 'B1']),
    no: pigs(['A1', 'A2', 'A3', 'A4']),
    unknown: pigs(null),
  },
  '57': { yes: crates(100, 94), no: crates(100, 95), unknown: crates(100, null) },
  '58a': {
    yes: out({ known: { fitness: { [exampleBox]: null } } }),
    no: out(),
    unknown: fitnessUnknown,
  },
  '58b': {
    yes: fitness({ validTo: exampleNowMs - 1 }),
    no: fitness({ validTo: exampleNowMs }),
    unknown: out({ now: { wallMs: exampleNowMs, clockQuality: 'untrusted' } }),
  },
  '58c': { yes: fitness({ container: otherBox }), no: fitness({}), unknown: fitnessUnknown },
}
