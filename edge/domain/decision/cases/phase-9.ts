import {
  exampleBox,
  exampleLaden,
  exampleRelease,
  exampleTerminalOrder,
  type LadenChange,
} from '../cargo-examples.js'
import { cargoProfiles, type CargoProfileName } from '../cargo-profiles.js'
import type { Cases } from './case.js'

const at = (profile: CargoProfileName, change: LadenChange = {}) =>
  exampleLaden(change, cargoProfiles[profile])
/** Truck and container as heavy as they are registered. */
const bare: LadenChange = {
  seen: { weight: { grossKg: 12_800, stable: true, onScale: true, tries: 1 }, seals: [] },
  trip: { sealIds: [], needsFitness: false },
}
const noOrder: LadenChange = { known: { terminalOrders: { [exampleBox]: null } } }
const unpaid: LadenChange = {
  known: { terminalOrders: { [exampleBox]: { ...exampleTerminalOrder, paid: false } } },
}

export const phase9: Cases = {
  '74': {
    yes: at('roadInLaden'),
    no: at('roadInLaden', { known: { draw: null } }),
    unknown: null,
  },
  '75': { yes: at('seaInLaden'), no: at('seaInLaden', noOrder), unknown: null },
  '76a': {
    yes: at('seaInEmpty', bare),
    no: at('seaInEmpty', { ...bare, ...unpaid }),
    unknown: null,
  },
  '76b': {
    yes: at('roadInEmpty', bare),
    no: at('roadInEmpty', { ...bare, seen: { ...bare.seen, containers: [] } }),
    unknown: null,
  },
  '76c': {
    yes: at('seaOutEmpty', { ...bare, trip: { sealIds: [], needsFitness: true } }),
    no: at('seaOutEmpty', bare),
    unknown: null,
  },
  '77': {
    yes: at('seaOutLaden'),
    no: at('seaOutLaden', { known: { releases: [exampleRelease()] } }),
    unknown: null,
  },
}
