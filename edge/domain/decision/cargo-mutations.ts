import type { SeededRandom } from '../../base/random.js'
import type { DeclarationEntry, TripEntry } from '../../messages/cargo-entities.js'
import type { CargoFacts, CargoObservations } from './cargo.js'
import { isEntry } from './cargo-view.js'
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
  exampleLaden,
  exampleManifest,
  exampleSeal,
  exampleTerminalOrder,
  exampleTrip,
  exampleTruck,
} from './cargo-examples.js'
import { cargoProfiles } from './cargo-profiles.js'
import { exampleNowMs } from './examples.js'
import { put, withFacts, type Mutation } from './mutations.js'
import type { DecisionInputs } from './types.js'

/** Generated inputs of lanes for goods: the clear truck of some lane, and everything that may be different of it. */

export const otherBox = 'MSKU1234565'
const hourMs = 3_600_000

/** The truck that its lane releases: laden, or empty and as heavy as that; now and then to be sprayed. */
export function clearTruck(random: SeededRandom): DecisionInputs {
  const profile = random.pick(Object.values(cargoProfiles))
  const infected = { areas: [exampleArea({ areaCode: '*', measure: 'DISINFECT' })] } as const
  const known = random.chance(0.1) ? infected : {}
  if (profile.assumedLoad !== 'E') return exampleLaden({ known, seen: { sprayer: 'ready' } }, profile)
  const seen: Partial<CargoObservations> = {
    weight: { grossKg: 12_800, stable: true, onScale: true, tries: 1 },
    seals: [],
    sprayer: 'ready',
  }
  return exampleLaden({ trip: { sealIds: [], needsFitness: false }, seen, known }, profile)
}

export const seenOf = ({ observations }: DecisionInputs): CargoObservations => {
  const { cargo } = observations
  if (cargo === undefined) throw new Error('not a lane for goods')
  return cargo
}
export const knownOf = ({ facts }: DecisionInputs): CargoFacts => {
  if (facts.cargo === undefined) throw new Error('not a lane for goods')
  return facts.cargo
}

export function withSeen(inputs: DecisionInputs, seen: Partial<CargoObservations>): DecisionInputs {
  const cargo = { ...seenOf(inputs), ...seen }
  return { ...inputs, observations: { ...inputs.observations, cargo } }
}

export function withKnown(inputs: DecisionInputs, known: Partial<CargoFacts>): DecisionInputs {
  return withFacts(inputs, { cargo: { ...knownOf(inputs), ...known } })
}

/** A trip that nobody knows has nothing to be changed. */
export function withTrip(inputs: DecisionInputs, change: Partial<TripEntry>): DecisionInputs {
  const { trip } = knownOf(inputs)
  return isEntry(trip) ? withKnown(inputs, { trip: { ...trip, ...change } }) : inputs
}

export function withDeclaration(
  inputs: DecisionInputs,
  declarationNo: string,
  change: Partial<DeclarationEntry>,
): DecisionInputs {
  const { declarations } = knownOf(inputs)
  const entry = Object.hasOwn(declarations, declarationNo) ? declarations[declarationNo] : undefined
  if (entry === undefined || !isEntry(entry)) return inputs
  return withKnown(inputs, { declarations: put(declarations, declarationNo, { ...entry, ...change }) })
}

export const anyDeclarationNo = (random: SeededRandom) => random.pick(['CUS1', 'IQ1'] as const)
const anyTri = (random: SeededRandom) => random.pick([true, true, false, 'unknown'] as const)
const anySeal = (random: SeededRandom) => ({
  sealId: random.pick(['S1', 'S1', 'S9']),
  status: random.pick(['CLOSED', 'CLOSED', 'OPENED', 'unknown'] as const),
  openedAt: random.pick([null, null, exampleNowMs - hourMs]),
  batteryLow: random.chance(0.2),
})

/** Everything that can be different of driver and load, one kind of difference each. */
export const cargoMutations: readonly Mutation[] = [
  (inputs, random) =>
    withSeen(
      inputs,
      random.pick<Partial<CargoObservations>>([
        { driverCard: random.pick([null, 'K1', 'K2']) },
        { temperature: random.pick(['normal', 'fever', 'unknown', null] as const) },
        { radiation: random.pick(['normal', 'alarm', 'unknown', null] as const) },
        { sprayer: random.pick(['ready', 'failed', 'unknown', null] as const) },
        { sealTries: random.int(0, 4) },
        { earTags: random.pick([null, [], ['A1'], ['A1', 'A2'], ['A1', 'A2', 'B1']]) },
        { crateLabels: random.pick([null, 0, 94, 95, 100]) },
      ]),
    ),
  (inputs, random) => withSeen(inputs, { sprayer: 'ready', sealTries: random.int(0, 4) }),
  (inputs, random) =>
    withSeen(inputs, {
      containers: random.pick([
        null,
        [],
        [{ number: exampleBox, confidence: 0.5 }],
        [{ number: otherBox, confidence: random.pick([0.5, 0.99]) }],
        [
          { number: exampleBox, confidence: 0.99 },
          { number: otherBox, confidence: random.pick([0.5, 0.99]) },
        ],
      ]),
    }),
  (inputs, random) =>
    withSeen(inputs, {
      seals: random.pick([null, [], [anySeal(random)], [anySeal(random), anySeal(random)]]),
    }),
  (inputs, random) =>
    withSeen(inputs, {
      weight: {
        grossKg: random.pick([null, 9_000, 12_800, 13_700, 30_000, 31_000, 50_000]),
        stable: anyTri(random),
        onScale: anyTri(random),
        tries: random.int(1, 3),
      },
    }),
  (inputs, random) =>
    withSeen(inputs, {
      receipt: {
        receiptId: 'Q1',
        agency: random.pick(['IQ', 'CUSTOMS', 'PORT'] as const),
        subject: random.pick([
          { kind: 'CONTAINER', key: exampleBox },
          { kind: 'DECLARATION', key: anyDeclarationNo(random) },
          { kind: 'TRIP', key: 'T1' },
        ] as const),
        signatureValid: anyTri(random),
        used: random.pick([true, false, false, 'unknown'] as const),
      },
    }),
  (inputs, random) =>
    withKnown(inputs, {
      drivers: {
        K1: random.pick([
          'unknown',
          null,
          {
            ...exampleDriver,
            state: random.pick(['ACTIVE', 'SUSPENDED'] as const),
            vehicleIds: random.pick([['V1'], ['V2'], []]),
            licenceValidTo: exampleNowMs + random.pick([-1, 1]) * hourMs,
            healthCertificateValidTo: exampleNowMs + random.pick([-1, 1, 9_000]) * hourMs,
            declaredSick: random.chance(0.2),
          },
        ]),
      },
    }),
  (inputs, random) =>
    withKnown(inputs, {
      companies: {
        C1: random.pick([
          'unknown',
          null,
          {
            ...exampleCompany,
            managedClass: random.pick([1, 2, 3] as const),
            registration: random.pick(['VALID', 'VALID', 'REVOKED'] as const),
          },
        ]),
      },
      police: random.pick(['OK', 'OK', 'NO', 'unknown', null] as const),
    }),
  (inputs, random) => {
    const { tareKg, legalGrossKg, permit, ...bare } = exampleTruck
    const truck = {
      ...bare,
      ...(random.chance(0.7) ? { tareKg } : {}),
      ...(random.chance(0.7) ? { legalGrossKg } : {}),
      ...(random.chance(0.7) ? { permit: random.pick([permit, 'REVOKED'] as const) } : {}),
    }
    return withFacts(inputs, {
      vehicles: put(inputs.facts.vehicles, 'V1', JSON.parse(JSON.stringify(truck))),
    })
  },
  (inputs, random) => withKnown(inputs, { trip: random.pick(['unknown', null, exampleTrip] as const) }),
  (inputs, random) =>
    withTrip(
      inputs,
      random.pick<Partial<TripEntry>>([
        { load: random.pick(['L', 'E', 'V'] as const) },
        { direction: random.pick(['in', 'out'] as const) },
        { vehicleId: random.pick(['V1', 'V2']) },
        { containers: random.pick([[], [exampleBox], [exampleBox, otherBox]]) },
        { declarationNos: random.pick([[], ['IQ1'], ['CUS1', 'IQ1'], ['CUS1', 'IQ1', 'IQ2']]) },
        { sealIds: random.pick([[], ['S1'], ['S1', 'S9']]) },
        { straightRelease: true },
        { needsFitness: random.chance(0.5) },
        { earTags: { declared: 2, ids: random.pick([[], ['A1', 'A2']]) } },
        { crateLabels: { declared: 100 } },
        { routeAreas: random.pick([[], ['HK'], ['XX']]) },
        { crossedAt: exampleNowMs - hourMs },
        { documentTrucks: { total: 2, arrived: random.int(0, 2), last: random.chance(0.5) } },
      ]),
    ),
  (inputs, random) =>
    withDeclaration(inputs, anyDeclarationNo(random), {
      ruling: random.pick(['NO_INSPECTION', 'INSPECT', 'DOCS', 'LOCK', null] as const),
      result: random.pick(['PASS', 'TREAT', 'FAIL', 'RETURN', null, null] as const),
      treatmentDone: random.chance(0.5),
    }),
  (inputs, random) =>
    withDeclaration(
      inputs,
      anyDeclarationNo(random),
      random.pick<Partial<DeclarationEntry>>([
        { state: random.pick(['SUBMITTED', 'ACCEPTED', 'REJECTED', 'RELEASED', 'CROSSED'] as const) },
        { originArea: random.pick([null, 'HK', 'XX']) },
        { woodPacking: random.pick(['yes', 'no', 'unknown'] as const) },
        { validTo: exampleNowMs + random.pick([-1, 1]) * hourMs },
        { containers: random.pick([[], [otherBox]]) },
        { grossKg: 12_000 },
        { plate: 'ZZ9' },
      ]),
    ),
  (inputs, random) =>
    withKnown(inputs, {
      declarations: put(
        knownOf(inputs).declarations,
        anyDeclarationNo(random),
        random.pick(['unknown', null, exampleDeclaration()] as const),
      ),
    }),
  (inputs, random) =>
    withKnown(inputs, {
      manifest: random.pick([
        'unknown',
        null,
        { ...exampleManifest, sentAt: exampleNowMs - random.pick([0, 0.6, 0.9, 1, 2]) * hourMs },
        { ...exampleManifest, trusted: true, sentAt: exampleNowMs - 0.6 * hourMs },
        { ...exampleManifest, lines: [{ lineNo: 1, container: exampleBox, declarationNo: null }] },
      ] as const),
    }),
  (inputs, random) =>
    withKnown(inputs, {
      containers: put(
        knownOf(inputs).containers,
        random.pick([exampleBox, otherBox]),
        random.pick([
          'unknown',
          null,
          {
            ...exampleContainer,
            originArea: random.pick([null, 'HK', 'XX']),
            lock: random.pick(['OPEN', 'OPEN', 'LOCKED'] as const),
            lastPorts: random.pick([[], ['XXABC']]),
          },
        ]),
      ),
    }),
  (inputs, random) => {
    const { releases } = knownOf(inputs)
    if (releases === 'unknown' || random.chance(0.2)) return withKnown(inputs, { releases: 'unknown' })
    return withKnown(inputs, {
      releases: random.chance(0.3)
        ? releases.slice(random.int(0, 2))
        : releases.map((release) => ({
            ...release,
            ...(random.chance(0.4)
              ? {
                  state: random.pick(['ACTIVE', 'CONSUMED', 'REVOKED'] as const),
                  usesLeft: random.int(0, 1),
                  validTo: exampleNowMs + random.pick([-1, 1]) * hourMs,
                }
              : {}),
          })),
    })
  },
  (inputs, random) =>
    withKnown(inputs, {
      customs: random.pick([
        null,
        { is: 'answered', result: random.pick(['LIFT', 'HOLD', 'LOCK'] as const), hint: '' },
        { is: 'waiting', forMs: random.pick([100, 4_000]), tries: random.int(1, 2) },
      ] as const),
    }),
  (inputs, random) =>
    withKnown(inputs, {
      terminalOrders: {
        [exampleBox]: random.pick([
          'unknown',
          null,
          {
            ...exampleTerminalOrder,
            direction: random.pick(['in', 'out'] as const),
            state: random.pick(['OPEN', 'OPEN', 'NOT_AVAILABLE'] as const),
            paid: random.chance(0.8),
            slotTo: exampleNowMs + random.pick([-1, 1, 1]) * hourMs,
          },
        ]),
      },
    }),
  (inputs, random) => {
    const areas = [
      exampleArea({
        areaCode: random.pick(['HK', 'XX', '*']),
        measure: random.pick(['DISINFECT', 'DISINFECT', 'LOCK', 'INSPECT'] as const),
        subjects: random.pick([['LADEN'], ['EMPTY'], ['VEHICLE'], ['LADEN', 'EMPTY', 'VEHICLE']] as (
          'LADEN' | 'EMPTY' | 'VEHICLE'
        )[][]),
        ...(random.chance(0.3) ? { validTo: exampleNowMs + random.pick([-1, 1]) * hourMs } : {}),
      }),
    ]
    return withKnown(inputs, { areas: random.pick([areas, areas, areas, [], 'unknown'] as const) })
  },
  (inputs, random) =>
    withKnown(inputs, {
      seals: put(
        knownOf(inputs).seals,
        random.pick(['S1', 'S9']),
        random.pick([
          'unknown',
          null,
          {
            ...exampleSeal,
            state: random.pick(['ISSUED', 'APPLIED', 'VERIFIED', 'VOID'] as const),
            container: random.pick([exampleBox, exampleBox, otherBox]),
          },
        ]),
      ),
    }),
  (inputs, random) =>
    withKnown(inputs, {
      fitness: {
        [exampleBox]: random.pick([
          'unknown',
          null,
          {
            ...exampleFitness,
            used: random.chance(0.2),
            container: random.pick([exampleBox, exampleBox, otherBox]),
            validTo: exampleNowMs + random.pick([-1, 1]) * hourMs,
          },
        ]),
      },
    }),
  (inputs, random) =>
    withKnown(inputs, {
      draw: random.pick(['unknown', null, exampleDraw, { ...exampleDraw, selected: true }] as const),
      account: random.pick([
        'unknown',
        null,
        { ...exampleAccount, arrearsFen: 900, arrearsSince: exampleNowMs - 90 * hourMs },
        { ...exampleAccount, balanceFen: 1, debit: 'BANK_DOWN' },
      ] as const),
    }),
]
