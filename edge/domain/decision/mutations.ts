import type { SeededRandom } from '../../base/random.js'
import type { BlacklistEntry, ControlOrder, TagEntry, VehicleEntry } from '../../messages/entities.js'
import {
  exampleBlacklisted,
  exampleCar,
  exampleHeard,
  exampleNowMs,
  exampleOrder,
  examplePlate,
  exampleTag,
} from './examples.js'
import type { DecisionInputs, Facts, LaneObservation } from './types.js'

/** The building blocks of generated inputs: small sets of names, so that lists and observations meet. */

// Names that are members of every object are among the tags: a tag may bear any name.
export const epcs = ['E1', 'E2', 'E3', 'constructor', '__proto__'] as const
const platePatterns = ['粤Z12*', '*Z1?34*', 'AB1*', 'AB?2?4', '粤B2222?'] as const
export const plateTexts = ['粤Z1234港', 'AB1234', '粤B22222', '粤B3333挂', 'ZZ9'] as const
export const vehicles: readonly VehicleEntry[] = [
  exampleCar,
  vehicle('V2', 'TRUCK', '粤B22222', 'C2'),
  vehicle('V3', 'TRAILER', '粤B3333挂', 'C2'),
]

function vehicle(
  vehicleId: string,
  vehicleKind: VehicleEntry['vehicleKind'],
  text: string,
  companyId: string,
): VehicleEntry {
  return {
    kind: 'vehicle',
    vehicleId,
    vehicleKind,
    plates: [{ region: 'CN', text }],
    companyId,
    carriesTag: true,
  }
}

/** A change of the inputs, drawn from a seed. */
export type Mutation = (inputs: DecisionInputs, random: SeededRandom) => DecisionInputs

export const withFacts = (inputs: DecisionInputs, facts: Partial<Facts>): DecisionInputs => ({
  ...inputs,
  facts: { ...inputs.facts, ...facts },
})
export const withLane = (inputs: DecisionInputs, lane: Partial<LaneObservation>): DecisionInputs => ({
  ...inputs,
  observations: { ...inputs.observations, lane: { ...inputs.observations.lane, ...lane } },
})
export const withOrder = (inputs: DecisionInputs, order: ControlOrder): DecisionInputs =>
  inputs.facts.orders === 'unknown' ? inputs : withFacts(inputs, { orders: [...inputs.facts.orders, order] })
export const withBlacklisted = (inputs: DecisionInputs, entry: BlacklistEntry): DecisionInputs =>
  inputs.facts.blacklist === 'unknown'
    ? inputs
    : withFacts(inputs, { blacklist: [...inputs.facts.blacklist, entry] })
/** A computed member is the record's own, whatever its name. */
export const put = <T>(
  record: Readonly<Record<string, T>>,
  key: string,
  value: T,
): Readonly<Record<string, T>> => ({
  ...record,
  [key]: value,
})

const triOf = (random: SeededRandom) => random.pick([true, false, 'unknown'] as const)

export function anySubject(random: SeededRandom): ControlOrder['subject'] {
  return random.pick([
    ...epcs.map((key) => ({ kind: 'TAG', key }) as const),
    ...plateTexts.map((key) => ({ kind: 'PLATE', key }) as const),
    ...platePatterns.map((key) => ({ kind: 'PLATE_PATTERN', key }) as const),
    ...vehicles.map(({ vehicleId: key }) => ({ kind: 'VEHICLE', key }) as const),
    { kind: 'COMPANY', key: 'C1' },
    { kind: 'COMPANY', key: 'C2' },
  ])
}

export function anyOrder(random: SeededRandom): ControlOrder {
  return exampleOrder({
    orderId: `O${random.int(1, 9)}`,
    subject: anySubject(random),
    action: random.pick(['INTERCEPT', 'NOTIFY', 'DOCS', 'DISINFECT', 'LOCK'] as const),
    nature: random.pick(['OPEN', 'SECRET'] as const),
    validFrom: exampleNowMs + random.pick([-1, 1]) * 60_000,
    ...(random.chance(0.3) ? { validTo: exampleNowMs + random.pick([-1, 1]) * 1_000 } : {}),
  })
}

/** Everything that can be different at a lane, one kind of difference each. */
export const mutations: readonly Mutation[] = [
  (inputs, random) => {
    const epc = random.pick(epcs)
    const heard = exampleHeard({
      epc,
      tid: random.pick([null, 'T1', 'T2']),
      claim: random.pick(['mine', 'mine', 'neighbour', 'ambiguous'] as const),
      presence: random.pick(['glimpsed', 'present', 'departed'] as const),
      elsewhere: random.chance(0.8)
        ? []
        : [
            {
              lane: 'lane-2',
              count: 2,
              bestRssiDbm: random.pick([null, -60]),
              lastHeardAgoMs: 500,
              loopOccupiedForMs: random.pick([null, 300]),
              passedAgoMs: random.pick([null, 5_000, 60_000]),
            },
          ],
    })
    const tags = inputs.observations.tags.filter((tag) => tag.epc !== epc)
    return { ...inputs, observations: { ...inputs.observations, tags: [...tags, heard] } }
  },
  (inputs, random) => {
    const entry: TagEntry = exampleTag({
      epc: random.pick(epcs),
      state: random.pick(['ACTIVE', 'ACTIVE', 'ACTIVE', 'SUSPENDED', 'STOLEN', 'ISSUED'] as const),
      vehicleId: random.pick(vehicles).vehicleId,
      ...(random.chance(0.3) ? { validTo: exampleNowMs + random.pick([-1, 1]) * 1_000 } : {}),
    })
    return withFacts(inputs, {
      tags: put(inputs.facts.tags, entry.epc, random.pick([entry, entry, entry, null])),
    })
  },
  (inputs, random) => ({
    ...inputs,
    observations: {
      ...inputs.observations,
      tags: random.chance(0.7) ? [] : inputs.observations.tags.slice(1),
    },
  }),
  (inputs, random) => {
    const plate = examplePlate(random.pick(plateTexts), random.pick([0.4, 0.9, 0.99]))
    return {
      ...inputs,
      observations: { ...inputs.observations, plates: [...inputs.observations.plates, plate] },
    }
  },
  (inputs) => ({ ...inputs, observations: { ...inputs.observations, plates: [] } }),
  (inputs, random) => {
    const of = random.pick([null, ...vehicles.map((known) => known.vehicleId)])
    return withFacts(inputs, { plates: put(inputs.facts.plates, random.pick(plateTexts), of) })
  },
  (inputs) =>
    withFacts(inputs, {
      vehicles: Object.fromEntries(vehicles.map((known) => [known.vehicleId, known])),
      plates: { ...inputs.facts.plates, 粤B22222: 'V2', 粤B3333挂: 'V3', ZZ9: null },
    }),
  (inputs, random) => withOrder(inputs, anyOrder(random)),
  (inputs, random) =>
    withBlacklisted(
      inputs,
      exampleBlacklisted({
        entryId: `B${random.int(1, 9)}`,
        subject: anySubject(random),
        level: random.pick(['STOP', 'WATCH'] as const),
      }),
    ),
  (inputs, random) => withLane(inputs, { presentForMs: random.pick([0, 400, 2_000, 8_000]) }),
  (inputs, random) =>
    withLane(
      inputs,
      random.pick<Partial<LaneObservation>>([
        { intrusion: triOf(random) },
        { previousClosed: triOf(random) },
        { entryLoop: random.pick(['occupied', 'clear', 'unknown'] as const) },
        { barrier: random.pick(['raised', 'lowered', 'moving', 'blocked', 'unknown'] as const) },
        { tooManyTags: true },
      ]),
    ),
  (inputs, random) => ({
    ...inputs,
    devices: put(inputs.devices, random.pick(['barrier', 'x']), triOf(random)),
  }),
  (inputs, random) => ({
    ...inputs,
    lists: inputs.lists.map((list) =>
      random.chance(0.5) ? { ...list, ageMs: random.pick([null, -9_999, 700_000, 20_000_000]) } : list,
    ),
  }),
  (inputs, random) => ({
    ...inputs,
    profile: {
      ...inputs.profile,
      identifyBy: random.pick(['tag', 'tagOrPlate'] as const),
      plateRequired: random.chance(0.5),
      assumedLoad: random.pick(['V', 'V', 'V', 'L', 'E', 'unknown'] as const),
    },
  }),
  (inputs, random) => ({
    ...inputs,
    mode: random.pick(['AUTO', 'ATTENDED', 'SHADOW', 'MANUAL', 'CLOSED'] as const),
    incidentId: random.chance(0.3) ? 'I1' : null,
    journalWritable: random.chance(0.8),
    tagMissesBefore: random.int(0, 4),
  }),
  (inputs, random) => ({
    ...inputs,
    now: {
      wallMs: exampleNowMs + random.pick([0, 0, 86_400_000, -86_400_000]),
      clockQuality: random.pick(['synchronised', 'holdover', 'untrusted'] as const),
    },
  }),
]
