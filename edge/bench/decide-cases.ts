import type { SeededRandom } from '../base/random.js'
import {
  exampleBox,
  exampleCompany,
  exampleContainer,
  exampleDeclaration,
  exampleDraw,
  exampleDriver,
  exampleLaden,
  exampleManifest,
  exampleTrip,
  type LadenChange,
} from '../domain/decision/cargo-examples.js'
import {
  exampleBlacklisted,
  exampleHeard,
  exampleInputs,
  exampleNowMs,
  exampleOrder,
  examplePlate,
  exampleTag,
} from '../domain/decision/examples.js'
import type { DecisionInputs } from '../domain/decision/types.js'

/**
 * Laden trucks on their way in by road, with every fact present and nothing unknown: clear ones, and such as
 * one or two things speak against. What a busy lane judges, and what the plain chain of ifs can judge too.
 */
const order = (change: Parameters<typeof exampleOrder>[0]): LadenChange => ({
  facts: { orders: [exampleOrder(change)] },
})
const weighed = (grossKg: number, tries: number): LadenChange => ({
  seen: { weight: { grossKg, stable: true, onScale: true, tries } },
})
const iq = (change: Parameters<typeof exampleDeclaration>[0]): LadenChange => ({
  known: {
    declarations: {
      CUS1: exampleDeclaration({ declarationNo: 'CUS1', agency: 'CUSTOMS' }),
      IQ1: exampleDeclaration(change),
    },
  },
})

export const differences: Readonly<Record<string, LadenChange>> = {
  closed: { mode: 'MAINTENANCE' },
  emergency: { incidentId: 'I1' },
  intrusion: { senses: { intrusion: true } },
  previousOpen: { senses: { previousClosed: false } },
  radiation: { seen: { radiation: 'alarm' } },
  fever: { seen: { temperature: 'fever' } },
  sick: { known: { drivers: { K1: { ...exampleDriver, declaredSick: true } } } },
  suspendedTag: { facts: { tags: { E1: exampleTag({ state: 'SUSPENDED' }) } } },
  stolenTag: { facts: { tags: { E1: exampleTag({ state: 'STOLEN' }) } } },
  otherPlate: { plates: [examplePlate('ZZ9')], facts: { plates: { ZZ9: null } } },
  impossibleTravel: {
    tags: [
      exampleHeard({
        elsewhere: [
          {
            lane: 'lane-9',
            count: 3,
            bestRssiDbm: -70,
            lastHeardAgoMs: 20_000,
            loopOccupiedForMs: null,
            passedAgoMs: 20_000,
          },
        ],
      }),
    ],
  },
  revokedPermit: { truck: { permit: 'REVOKED' } },
  revokedCompany: { known: { companies: { C1: { ...exampleCompany, registration: 'REVOKED' } } } },
  suspendedDriver: { known: { drivers: { K1: { ...exampleDriver, state: 'SUSPENDED' } } } },
  police: { known: { police: 'NO' } },
  orderLock: order({ action: 'LOCK', subject: { kind: 'CONTAINER', key: exampleBox } }),
  orderIntercept: order({}),
  orderSecret: order({ nature: 'SECRET' }),
  orderNotify: order({ action: 'NOTIFY' }),
  orderDocs: order({ action: 'DOCS' }),
  orderExpired: order({ validTo: exampleNowMs - 1 }),
  blacklisted: { facts: { blacklist: [exampleBlacklisted()] } },
  drawn: { known: { draw: { ...exampleDraw, selected: true } } },
  crossed: { trip: { crossedAt: exampleNowMs - 60_000 } },
  rejected: iq({ state: 'REJECTED' }),
  manifestLate: { known: { manifest: { ...exampleManifest, sentAt: exampleNowMs - 1_000 } } },
  customsHolds: { known: { customs: { is: 'answered', result: 'HOLD', hint: '' } } },
  lockedBox: { known: { containers: { [exampleBox]: { ...exampleContainer, lock: 'LOCKED' } } } },
  openedSeal: {
    seen: { seals: [{ sealId: 'S1', status: 'OPENED', openedAt: exampleNowMs - 1_000, batteryLow: false }] },
  },
  weightOnce: weighed(34_000, 1),
  weightTwice: weighed(34_000, 2),
  overweight: weighed(52_000, 1),
  staleLists: { lists: exampleInputs().lists.map((list) => ({ ...list, ageMs: 3_600_000 })) },
  deviceDown: { devices: { 'reader-1': false, barrier: true } },
  notWritable: { journalWritable: false },
}

/** A truck with some of the differences; one of two that say something of the same thing wins. */
export function truckWith(names: readonly string[]): DecisionInputs {
  let all: LadenChange = {}
  for (const name of names) all = merged(all, differences[name] ?? {})
  return exampleLaden({ ...all, trip: { ...exampleTrip, ...all.trip } })
}

function merged(a: LadenChange, b: LadenChange): LadenChange {
  return {
    ...a,
    ...b,
    senses: { ...a.senses, ...b.senses },
    seen: { ...a.seen, ...b.seen },
    known: { ...a.known, ...b.known },
    facts: { ...a.facts, ...b.facts },
    truck: { ...a.truck, ...b.truck },
    trip: { ...a.trip, ...b.trip },
  }
}

/** Two of three trucks are clear; the others differ in one or two things. */
export function anyTruck(random: SeededRandom): DecisionInputs {
  const names = Object.keys(differences)
  if (random.chance(2 / 3)) return truckWith([])
  return truckWith(random.chance(0.5) ? [random.pick(names)] : [random.pick(names), random.pick(names)])
}
