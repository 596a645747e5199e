import type { SeededRandom } from '../base/random.js'
import { laneListNames } from '../messages/entities.js'
import { defaultCargoPolicy, needNames } from '../domain/decision/cargo.js'
import {
  exampleAccount,
  exampleArea,
  exampleBox,
  exampleCompany,
  exampleContainer,
  exampleDeclaration,
  exampleDraw,
  exampleDriver,
  exampleFitness,
  exampleManifest,
  exampleRelease,
  exampleSeal,
  exampleTerminalOrder,
  exampleTruck,
  type LadenChange,
} from '../domain/decision/cargo-examples.js'
import {
  exampleBlacklisted,
  exampleHeard,
  exampleNowMs,
  exampleOrder,
  examplePlate,
  exampleTag,
} from '../domain/decision/examples.js'
import { cargoListsFor } from '../domain/decision/needed-lists.js'
import { isApplicable } from '../domain/decision/rule.js'
import { rules } from '../domain/decision/ruleset.js'
import { viewOf } from '../domain/decision/view.js'
import { defaultPolicy } from '../domain/decision/profiles.js'
import type { DecisionInputs } from '../domain/decision/types.js'
import { clearOf, kindNames, type KindName } from './decide-kinds.js'

/**
 * Vehicles of every lane and load of the table, with every fact present: clear ones, and such as one or two
 * things speak against. What busy lanes judge, and what a plain chain of ifs can judge too.
 */
const hourMs = 3_600_000
const order = (change: Parameters<typeof exampleOrder>[0]): LadenChange => ({
  facts: { orders: [exampleOrder(change)] },
})
const weighed = (grossKg: number, tries: number): LadenChange => ({
  seen: { weight: { grossKg, stable: true, onScale: true, tries } },
})
const papers = (
  iq: Parameters<typeof exampleDeclaration>[0],
  customs: Parameters<typeof exampleDeclaration>[0] = {},
): LadenChange => ({
  known: {
    declarations: {
      CUS1: exampleDeclaration({ declarationNo: 'CUS1', agency: 'CUSTOMS', ...customs }),
      IQ1: exampleDeclaration(iq),
    },
  },
})
const driver = (change: Partial<typeof exampleDriver>): LadenChange => ({
  known: { drivers: { K1: { ...exampleDriver, ...change } } },
})
const area = (change: Parameters<typeof exampleArea>[0]): LadenChange => ({
  known: { areas: [exampleArea({ areaCode: 'HK', ...change })] },
})
const box = (change: Partial<typeof exampleContainer>): LadenChange => ({
  known: { containers: { [exampleBox]: { ...exampleContainer, ...change } } },
})
const certificate = (change: Partial<typeof exampleFitness> | null): LadenChange => ({
  known: { fitness: { [exampleBox]: change === null ? null : { ...exampleFitness, ...change } } },
})
const sealRead = (sealId: string, status: 'CLOSED' | 'OPENED' = 'CLOSED') => ({
  sealId,
  status,
  openedAt: null,
  batteryLow: false,
})
const released = (agency: 'CUSTOMS' | 'IQ' | 'PORT', state: 'ACTIVE' | 'REVOKED' | null): LadenChange => {
  const all = [
    exampleRelease(),
    exampleRelease({ releaseId: 'R2', agency: 'IQ', subject: { kind: 'DECLARATION', key: 'IQ1' } }),
    exampleRelease({ releaseId: 'R3', agency: 'PORT', subject: { kind: 'CONTAINER', key: exampleBox } }),
  ]
  const kept = all.flatMap((one) => (one.agency !== agency ? one : state === null ? [] : { ...one, state }))
  return { known: { releases: kept } }
}
const { permit: _permit, tareKg: _tareKg, ...bareTruck } = exampleTruck

/** On a vehicle of any kind. */
export const differences: Readonly<Record<string, LadenChange>> = {
  closed: { mode: 'MAINTENANCE' },
  emergency: { incidentId: 'I1' },
  intrusion: { senses: { intrusion: true } },
  previousOpen: { senses: { previousClosed: false } },
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
  orderLock: order({ action: 'LOCK', subject: { kind: 'CONTAINER', key: exampleBox } }),
  orderIntercept: order({}),
  orderSecret: order({ nature: 'SECRET' }),
  orderNotify: order({ action: 'NOTIFY' }),
  orderDocs: order({ action: 'DOCS' }),
  orderExpired: order({ validTo: exampleNowMs - 1 }),
  blacklisted: { facts: { blacklist: [exampleBlacklisted()] } },
  staleLists: {
    lists: [...laneListNames, ...cargoListsFor(needNames)].map((list) => ({
      list,
      version: 7,
      contentHash: 'a'.repeat(64),
      ageMs: 3_600_000,
    })),
  },
  deviceDown: { devices: { 'reader-1': false, barrier: true } },
  notWritable: { journalWritable: false },
  barrierBlocked: { senses: { barrier: 'blocked' } },
  endedTag: { facts: { tags: { E1: exampleTag({ validTo: exampleNowMs - 1 }) } } },
  clonedTag: { tags: [exampleHeard({ tid: 'T9' })] },
  strangeTag: { facts: { tags: { E1: null } } },
  noTag: { tags: [] },
  noTagAgain: { tags: [], tagMissesBefore: 5 },
  noTagOtherPlate: { tags: [], plates: [examplePlate('ZZ9')], facts: { plates: { ZZ9: null } } },
  orderLockOfTag: order({ action: 'LOCK' }),
  orderDisinfect: order({ action: 'DISINFECT' }),
  watched: { facts: { blacklist: [exampleBlacklisted({ level: 'WATCH' })] } },
}

/** On a vehicle whose lane asks for driver and load. */
export const loadDifferences: Readonly<Record<string, LadenChange>> = {
  radiation: { seen: { radiation: 'alarm' } },
  fever: { seen: { temperature: 'fever' } },
  sick: { known: { drivers: { K1: { ...exampleDriver, declaredSick: true } } } },
  revokedPermit: { truck: { permit: 'REVOKED' } },
  revokedCompany: { known: { companies: { C1: { ...exampleCompany, registration: 'REVOKED' } } } },
  suspendedDriver: { known: { drivers: { K1: { ...exampleDriver, state: 'SUSPENDED' } } } },
  police: { known: { police: 'NO' } },
  drawn: { known: { draw: { ...exampleDraw, selected: true } } },
  crossed: { trip: { crossedAt: exampleNowMs - 60_000 } },
  rejected: papers({ state: 'REJECTED' }),
  manifestLate: { known: { manifest: { ...exampleManifest, sentAt: exampleNowMs - 1_000 } } },
  customsHolds: { known: { customs: { is: 'answered', result: 'HOLD', hint: '' } } },
  lockedBox: { known: { containers: { [exampleBox]: { ...exampleContainer, lock: 'LOCKED' } } } },
  openedSeal: {
    seen: { seals: [{ sealId: 'S1', status: 'OPENED', openedAt: exampleNowMs - 1_000, batteryLow: false }] },
  },
  weightOnce: weighed(34_000, 1),
  weightTwice: weighed(34_000, 2),
  overweight: weighed(52_000, 1),
  noPermit: { facts: { vehicles: { V1: { ...bareTruck, tareKg: 9_000 } } } },
  endedPermit: { truck: { permitValidTo: exampleNowMs - 1 } },
  strangeCompany: { known: { companies: { C1: null } } },
  endedCompany: {
    known: { companies: { C1: { ...exampleCompany, registrationValidTo: exampleNowMs - 1 } } },
  },
  trustedCompany: { known: { companies: { C1: { ...exampleCompany, managedClass: 1 } } } },
  strangeCard: { known: { drivers: { K1: null } } },
  endedLicence: driver({ licenceValidTo: exampleNowMs - 1 }),
  otherDriversTruck: driver({ vehicleIds: ['V2'] }),
  otherDriver: { trip: { driverId: 'D9' } },
  endedHealth: driver({ healthCertificateValidTo: exampleNowMs - 1 }),
  drawnAndPassed: { known: { draw: { ...exampleDraw, selected: true, result: 'PASS' } } },
  otherDirection: { trip: { direction: 'out' } },
  otherVehicle: { trip: { vehicleId: 'V2' } },
  strangeBox: {
    seen: { containers: [exampleBox, 'MSKU1234565'].map((number) => ({ number, confidence: 0.98 })) },
    known: {
      containers: {
        [exampleBox]: exampleContainer,
        MSKU1234565: { ...exampleContainer, number: 'MSKU1234565' },
      },
      terminalOrders: { [exampleBox]: exampleTerminalOrder, MSKU1234565: null },
    },
  },
  boxUnread: { seen: { containers: [] }, senses: { presentForMs: 9_000 } },
  undeclared: papers({ containers: [] }),
  manifestLine: {
    known: {
      manifest: { ...exampleManifest, lines: [{ lineNo: 1, container: exampleBox, declarationNo: null }] },
    },
  },
  endedPaper: papers({ validTo: exampleNowMs - 1 }),
  earlyPaper: papers({}, { validFrom: exampleNowMs + 1 }),
  noManifest: { known: { manifest: null } },
  manifestSoon: { known: { manifest: { ...exampleManifest, sentAt: exampleNowMs - 0.9 * hourMs } } },
  inspect: papers({ ruling: 'INSPECT' }),
  inspectPassed: papers({ ruling: 'INSPECT', result: 'PASS' }),
  straightRelease: { trip: { straightRelease: true }, ...papers({ ruling: 'INSPECT' }) },
  docs: papers({ ruling: 'DOCS' }),
  noRuling: papers({ ruling: null }),
  failed: papers({ result: 'FAIL' }),
  toTreat: papers({ result: 'TREAT' }),
  ruledLock: papers({ ruling: 'LOCK' }),
  iqTookBack: released('IQ', 'REVOKED'),
  customsTookBack: released('CUSTOMS', 'REVOKED'),
  portTookBack: released('PORT', 'REVOKED'),
  noWordOfPort: released('PORT', null),
  noWordOfCustoms: { known: { ...released('CUSTOMS', null).known, customs: null } },
  receiptOfCustoms: {
    known: { ...released('CUSTOMS', null).known, customs: { is: 'answered', result: 'LIFT', hint: '' } },
    seen: {
      receipt: {
        receiptId: 'Q1',
        agency: 'CUSTOMS',
        subject: { kind: 'CONTAINER', key: exampleBox },
        signatureValid: true,
        used: false,
      },
    },
  },
  customsLocks: { known: { customs: { is: 'answered', result: 'LOCK', hint: '' } } },
  customsSilent: { known: { customs: { is: 'waiting', forMs: 9_000, tries: 2 } } },
  customsDocs: papers({}, { ruling: 'DOCS' }),
  notAvailable: {
    known: { terminalOrders: { [exampleBox]: { ...exampleTerminalOrder, state: 'NOT_AVAILABLE' } } },
  },
  noTerminalOrder: { known: { terminalOrders: { [exampleBox]: null } } },
  lateForSlot: {
    known: { terminalOrders: { [exampleBox]: { ...exampleTerminalOrder, slotTo: exampleNowMs - 1 } } },
  },
  otherWeightDeclared: papers({ grossKg: 12_000 }),
  otherPlateDeclared: papers({ plate: 'ZZ9' }),
  lastTruckFirst: { trip: { documentTrucks: { total: 3, arrived: 0, last: true } } },
  lockedArea: area({}),
  lockedAreaAnswered: { ...area({}), ...merged(area({}), papers({ result: 'PASS', treatmentDone: true })) },
  inspectedArea: area({ measure: 'INSPECT' }),
  sprayedArea: area({ measure: 'DISINFECT' }),
  seasonal: area({ areaCode: '*', subjects: ['VEHICLE'], measure: 'DISINFECT' }),
  endedArea: area({ validTo: exampleNowMs - 1 }),
  seasonalNoSprayer: {
    ...area({ areaCode: '*', measure: 'DISINFECT' }),
    seen: { sprayer: 'failed' },
  },
  wood: papers({ woodPacking: 'yes' }),
  originUnknown: box({ originArea: null }),
  sealUnread: { seen: { seals: [] } },
  sealMissing: { seen: { seals: [], sealTries: 3 } },
  sealWrong: {
    seen: { seals: [sealRead('S9')] },
    known: { seals: { S1: exampleSeal, S9: { ...exampleSeal, sealId: 'S9' } } },
  },
  sealForged: {
    seen: { seals: [sealRead('S1'), sealRead('S8')] },
    known: { seals: { S1: exampleSeal, S8: null } },
  },
  sealOfAnother: { known: { seals: { S1: { ...exampleSeal, container: 'MSKU1234565' } } } },
  animalMissing: { trip: { earTags: { declared: 2, ids: ['A1', 'A2'] } }, seen: { earTags: ['A1'] } },
  animalStrange: {
    trip: { earTags: { declared: 2, ids: ['A1', 'A2'] } },
    seen: { earTags: ['A1', 'A2', 'B1'] },
  },
  animalsRight: { trip: { earTags: { declared: 2, ids: ['A1', 'A2'] } }, seen: { earTags: ['A1', 'A2'] } },
  cratesMissing: { trip: { crateLabels: { declared: 100 } }, seen: { crateLabels: 94 } },
  noFitness: certificate(null),
  usedFitness: certificate({ used: true }),
  endedFitness: certificate({ validTo: exampleNowMs - 1 }),
  otherFitness: certificate({ container: 'MSKU1234565' }),
  moving: { seen: { weight: { grossKg: 12_000, stable: false, onScale: true, tries: 1 } } },
  hiddenLoad: { seen: { weight: { grossKg: 15_000, stable: true, onScale: true, tries: 1 } } },
  noTare: { facts: { vehicles: { V1: { ...bareTruck, permit: 'VALID' } } } },
  debtor: {
    policy: {
      ...defaultPolicy,
      cargo: { ...defaultCargoPolicy, arrears: { overFen: 100_000, overDays: 30 } },
    },
    known: { account: { ...exampleAccount, arrearsFen: 200_000, arrearsSince: exampleNowMs - hourMs } },
  },
}

/** A vehicle of a kind with some of the differences; one of two that say something of the same thing wins. */
export function vehicleWith(kind: KindName, names: readonly string[]): DecisionInputs {
  let all: LadenChange = {}
  for (const name of names) all = merged(all, differences[name] ?? loadDifferences[name] ?? {})
  return clearOf(kind, all)
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

/** Names of the differences that a vehicle of this kind may have. */
export function differencesOf(kind: KindName): readonly string[] {
  return kind.includes('NoBox') ? Object.keys(differences) : allNames
}

const allNames = [...Object.keys(differences), ...Object.keys(loadDifferences)]

/** Two of three vehicles are clear; the others differ in one or two things. */
export function anyVehicle(kind: KindName, random: SeededRandom): DecisionInputs {
  const names = differencesOf(kind)
  if (random.chance(2 / 3)) return vehicleWith(kind, [])
  return vehicleWith(
    kind,
    random.chance(0.5) ? [random.pick(names)] : [random.pick(names), random.pick(names)],
  )
}

/** Whether some rule cannot tell what it asks for: no case for a chain that knows no unknown. */
export function isUntold(inputs: DecisionInputs): boolean {
  const view = viewOf(inputs)
  return rules.some(
    (rule) => rule.unknown !== null && isApplicable(rule, view) && rule.when(view).unknown !== undefined,
  )
}

export interface Cases {
  readonly cases: readonly DecisionInputs[]
  /** How many of each kind. */
  readonly byKind: Readonly<Record<string, number>>
  /** Drawn, and not taken because a rule could not tell. */
  readonly untold: number
}

/** So many told cases of every kind, in turn. */
export function casesOfEveryKind(eachKind: number, random: SeededRandom): Cases {
  const cases: DecisionInputs[] = []
  let untold = 0
  for (let n = 0; n < eachKind; n += 1)
    for (const kind of kindNames) {
      let inputs = anyVehicle(kind, random)
      while (isUntold(inputs)) {
        untold += 1
        inputs = anyVehicle(kind, random)
      }
      cases.push(inputs)
    }
  return { cases, byKind: Object.fromEntries(kindNames.map((kind) => [kind, eachKind])), untold }
}
