import { isEntry } from './cargo-view.js'
import { missingForRelease } from './release-needs.js'
import { no, yes, type Finding, type Rule } from './rule.js'
import type { View } from './view.js'

/** Code of the default deny: nothing objects, and yet not everything is known that a release needs. */
export const incomplete = 'SYS-06'

const released = {
  outcome: 'release',
  // What is not positively so is not so: the default deny speaks instead.
  unknown: null,
  otherwise: true,
  prompt: 'prompt.pass',
  when: complete,
} as const

/** Phase 9: nobody objects. Release needs every condition of the profile to be positively met. */
export const otherwise: readonly Rule[] = [
  {
    ...released,
    id: '73',
    row: 73,
    code: 'OK-01',
    condition: 'no container; vehicle identified as the profile asks, everything known, nothing objects',
    conditionZh: '无集装箱；车辆已按通道要求识别，所需信息齐全，无异议',
    crossings: 'all',
    loads: ['V'],
    prompt: 'prompt.release',
    source: 'domain.md 6.1 (default deny), 6.2 row 73',
  },
  {
    ...released,
    id: '74',
    row: 74,
    code: 'OK-02',
    condition: 'laden by road: valid trip, rulings of all agencies of the profile, seals and weight in order',
    conditionZh: '公路重车：车次有效，通道所需各机构均已放行或免验，签封、重量相符',
    crossings: ['RI', 'RO'],
    loads: ['L'],
    source: 'domain.md 6.2 row 74',
  },
  {
    ...released,
    id: '75',
    row: 75,
    code: 'OK-03',
    condition: 'laden to the ship: declaration, terminal order, seals and weight in order',
    conditionZh: '海港重车进港：申报、码头指令、签封、重量相符',
    crossings: ['SI'],
    loads: ['L'],
    source: 'domain.md 6.2 row 75',
  },
  {
    ...released,
    id: '76a',
    row: 76,
    code: 'OK-04',
    condition: 'an empty container at a sea gate: terminal order, and not from an infected area',
    conditionZh: '海港空箱：有码头指令，非疫区空箱',
    crossings: ['SI', 'SO'],
    loads: ['E'],
    source: 'domain.md 6.2 row 76',
  },
  {
    ...released,
    id: '76b',
    row: 76,
    code: 'OK-04',
    condition: 'an empty container by road: on the trip, as heavy as its tare, and not from an infected area',
    conditionZh: '公路空箱：在车次内，重量与自重相符，非疫区空箱',
    crossings: ['RI', 'RO'],
    loads: ['E'],
    source: 'domain.md 6.3 (road, empty); 6.2 row 76',
  },
  {
    id: '76c',
    row: 76,
    code: 'FIT-03',
    condition: 'an empty container that is to carry food: its fitness is to be checked',
    conditionZh: '拟装出口食品的空箱：须做适载检验',
    crossings: ['SI', 'SO'],
    loads: ['E'],
    outcome: 'none',
    unknown: null,
    obligation: 'FITNESS_CHECK',
    prompt: 'prompt.pass',
    source: 'domain.md 6.2 row 76 (fitness check task)',
    when: ({ cargo: { trip } }) => (isEntry(trip) && trip.needsFitness ? yes({ trip: trip.tripId }) : no),
  },
  {
    ...released,
    id: '77',
    row: 77,
    code: 'OK-05',
    condition: 'laden from the ship: released by inspection, customs and terminal',
    conditionZh: '海港重车出港：检验检疫、海关、码头均有放行指令',
    crossings: ['SO'],
    loads: ['L'],
    source: 'domain.md 6.2 row 77',
  },
]

function complete(view: View): Finding {
  return missingForRelease(view).length === 0 ? yes(evidenceOf(view)) : no
}

function evidenceOf({ main, cargo: { trip } }: View): Readonly<Record<string, string>> {
  return {
    ...(main === null ? {} : { vehicle: main.vehicle.vehicleId, by: main.by }),
    ...(isEntry(trip) ? { trip: trip.tripId } : {}),
  }
}
