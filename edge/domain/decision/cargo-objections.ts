import type { CargoFacts, CargoObservations, Need } from './cargo.js'
import { isEntry } from './cargo-view.js'
import {
  exampleArea,
  exampleBox,
  exampleCompany,
  exampleContainer,
  exampleDraw,
  exampleDriver,
  exampleFitness,
  exampleTerminalOrder,
} from './cargo-examples.js'
import {
  anyDeclarationNo,
  knownOf,
  otherBox,
  seenOf,
  withDeclaration,
  withKnown,
  withSeen,
  withTrip,
} from './cargo-mutations.js'
import { exampleBlacklisted, exampleNowMs, exampleOrder } from './examples.js'
import { put, withBlacklisted, withOrder, type Mutation } from './mutations.js'
import type { DecisionInputs } from './types.js'

/** What may be added against a truck and its load, and what may not be known of them: for properties. */

function isDeclaredEmpty(inputs: DecisionInputs): boolean {
  const { trip } = knownOf(inputs)
  return inputs.profile.assumedLoad === 'E' || (isEntry(trip) && trip.load === 'E')
}

const subjects = [
  { kind: 'CONTAINER', key: exampleBox },
  { kind: 'DECLARATION', key: 'IQ1' },
  { kind: 'DRIVER', key: 'D1' },
  { kind: 'COMPANY', key: 'C1' },
] as const

/** Whatever speaks against a truck and its load, each added to what is there already. */
export const cargoObjections: readonly Mutation[] = [
  (inputs, random) =>
    withOrder(
      inputs,
      exampleOrder({
        orderId: 'O9',
        subject: random.pick(subjects),
        action: random.pick(['INTERCEPT', 'LOCK', 'DOCS', 'DISINFECT'] as const),
        nature: random.pick(['OPEN', 'SECRET'] as const),
      }),
    ),
  (inputs, random) => withBlacklisted(inputs, exampleBlacklisted({ subject: random.pick(subjects) })),
  (inputs) => withSeen(inputs, { temperature: 'fever' }),
  (inputs) => withSeen(inputs, { radiation: 'alarm' }),
  (inputs) => withSeen(inputs, { sprayer: 'failed' }),
  // A container more makes an empty truck heavier as well, which speaks for it.
  (inputs) =>
    isDeclaredEmpty(inputs)
      ? inputs
      : withSeen(inputs, {
          containers: [...(seenOf(inputs).containers ?? []), { number: otherBox, confidence: 0.99 }],
        }),
  (inputs) =>
    withSeen(inputs, {
      seals: [
        ...(seenOf(inputs).seals ?? []),
        { sealId: 'S1', status: 'OPENED', openedAt: null, batteryLow: false },
      ],
    }),
  (inputs) =>
    withKnown(
      withSeen(inputs, {
        seals: [
          ...(seenOf(inputs).seals ?? []),
          { sealId: 'S8', status: 'CLOSED', openedAt: null, batteryLow: false },
        ],
      }),
      { seals: put(knownOf(inputs).seals, 'S8', null) },
    ),
  (inputs) => withSeen(inputs, { weight: { grossKg: 60_000, stable: true, onScale: true, tries: 2 } }),
  (inputs) => withSeen(inputs, { earTags: [] }),
  (inputs) => withSeen(inputs, { crateLabels: 0 }),
  (inputs) => withKnown(inputs, { police: 'NO' }),
  (inputs) => withKnown(inputs, { drivers: { K1: { ...exampleDriver, state: 'REVOKED' } } }),
  (inputs) => withKnown(inputs, { companies: { C1: { ...exampleCompany, registration: 'REVOKED' } } }),
  (inputs) => withTrip(inputs, { crossedAt: exampleNowMs - 1 }),
  (inputs) => withTrip(inputs, { vehicleId: 'V7' }),
  (inputs, random) => withDeclaration(inputs, anyDeclarationNo(random), { state: 'REJECTED' }),
  (inputs, random) => withDeclaration(inputs, anyDeclarationNo(random), { result: 'FAIL' }),
  (inputs) => withKnown(inputs, { customs: { is: 'answered', result: 'LOCK', hint: '' } }),
  (inputs) =>
    withKnown(inputs, {
      containers: put(knownOf(inputs).containers, exampleBox, { ...exampleContainer, lock: 'LOCKED' }),
    }),
  (inputs, random) => {
    const { areas } = knownOf(inputs)
    if (areas === 'unknown') return inputs
    const measure = random.pick(['DISINFECT', 'LOCK', 'INSPECT'] as const)
    return withKnown(inputs, { areas: [...areas, exampleArea({ areaId: 'A9', areaCode: '*', measure })] })
  },
  (inputs) =>
    withKnown(inputs, {
      terminalOrders: { [exampleBox]: { ...exampleTerminalOrder, state: 'NOT_AVAILABLE' } },
    }),
  (inputs) => withKnown(inputs, { fitness: { [exampleBox]: { ...exampleFitness, used: true } } }),
  (inputs) => withKnown(inputs, { draw: { ...exampleDraw, selected: true } }),
]

/** One thing of the inputs that is not known, and whose need makes it required; null: it always is. */
export interface Unknowning {
  readonly of: Need | null
  readonly what: string
  readonly inputs: DecisionInputs
}

/** Every way in which one thing of driver and load can be not known, or not be there. */
export function* cargoUnknownings(inputs: DecisionInputs): Generator<Unknowning> {
  yield* seenUnknownings(inputs)
  yield* knownUnknownings(inputs)
}

function* seenUnknownings(inputs: DecisionInputs): Generator<Unknowning> {
  const { seals, weight } = seenOf(inputs)
  const say = (of: Need | null, seen: Partial<CargoObservations>): Unknowning => ({
    of,
    what: JSON.stringify(seen),
    inputs: withSeen(inputs, seen),
  })
  yield say('driver', { driverCard: null })
  yield say('driver', { driverCard: 'K9' })
  for (const value of [null, 'unknown'] as const) {
    yield say('temperature', { temperature: value })
    yield say('radiation', { radiation: value })
    yield say(null, { sprayer: value })
  }
  yield say('container', { containers: null })
  // That there is none is known, where none is named.
  const { trip } = knownOf(inputs)
  if (!isEntry(trip) || trip.containers.length > 0) yield say('container', { containers: [] })
  yield say('seal', { seals: null })
  for (const sealId of isEntry(trip) ? trip.sealIds : [])
    yield say('seal', { seals: (seals ?? []).filter((other) => other.sealId !== sealId) })
  for (const seal of seals ?? []) {
    const unsure = { ...seal, status: 'unknown' as const, openedAt: null }
    yield say('seal', { seals: (seals ?? []).map((other) => (other === seal ? unsure : other)) })
  }
  yield say('weight', { weight: null })
  if (weight !== null) {
    yield say('weight', { weight: { ...weight, stable: 'unknown' } })
    yield say('weight', { weight: { ...weight, onScale: 'unknown' } })
    yield say('weight', { weight: { ...weight, grossKg: null } })
  }
  yield say(null, { earTags: null })
  yield say(null, { crateLabels: null })
  yield say(null, { receipt: null })
}

function* knownUnknownings(inputs: DecisionInputs): Generator<Unknowning> {
  const facts = knownOf(inputs)
  const say = (of: Need | null, known: Partial<CargoFacts>): Unknowning => ({
    of,
    what: JSON.stringify(known),
    inputs: withKnown(inputs, known),
  })
  yield say('police', { police: 'unknown' })
  yield say('police', { police: null })
  yield say('trip', { trip: 'unknown' })
  yield say('trip', { trip: null })
  yield say('manifest', { manifest: 'unknown' })
  yield say('manifest', { manifest: null })
  yield say('customs', { releases: 'unknown' })
  yield say('customs', { customs: { is: 'waiting', forMs: 100, tries: 1 } })
  yield say('area', { areas: 'unknown' })
  yield say('account', { account: 'unknown' })
  yield say('draw', { draw: 'unknown' })
  yield say('draw', { draw: null })
  const records = [
    ['driver', 'drivers'],
    ['permit', 'companies'],
    ['iq', 'declarations'],
    ['customs', 'declarations'],
    ['container', 'containers'],
    ['terminal', 'terminalOrders'],
    ['seal', 'seals'],
    ['fitness', 'fitness'],
  ] as const
  for (const [need, name] of records) {
    yield say(need, { [name]: {} })
    for (const key of Object.keys(facts[name]))
      yield say(need, { [name]: put<unknown>(facts[name], key, 'unknown') })
  }
}
