import type { VehicleEntry } from '../../messages/entities.js'
import {
  exampleBlacklisted,
  exampleCar,
  exampleHeard,
  exampleNowMs,
  exampleOrder,
  examplePlate,
  exampleTag,
  type ExampleChange,
} from './examples.js'
import { profiles } from './profiles.js'

export const tractor: VehicleEntry = { ...exampleCar, vehicleKind: 'TRUCK' }
export const trailer: VehicleEntry = {
  kind: 'vehicle',
  vehicleId: 'V3',
  vehicleKind: 'TRAILER',
  plates: [{ region: 'CN', text: '粤B3333挂' }],
  carriesTag: true,
}
export const secondCar: VehicleEntry = {
  ...exampleCar,
  vehicleId: 'V2',
  plates: [{ region: 'CN', text: '粤B22222' }],
  companyId: 'C2',
}
export const neighbourhood = {
  tags: {
    E1: exampleTag(),
    E2: exampleTag({ epc: 'E2', vehicleId: 'V2' }),
    E3: exampleTag({ epc: 'E3', vehicleId: 'V3' }),
  },
  vehicles: { V1: tractor, V2: secondCar, V3: trailer },
  plates: { 粤Z1234港: 'V1', AB1234: 'V1', 粤B22222: 'V2', 粤B3333挂: 'V3', ZZ9: null },
}
export const heard = (...names: readonly string[]) => names.map((epc) => exampleHeard({ epc, tid: null }))
export const plates = (...texts: readonly string[]) => texts.map((text) => examplePlate(text))

/** What a person at the lane would expect, row by row: outcome, primary reason, what the driver is told. */
export const scenes: readonly (readonly [
  what: string,
  change: ExampleChange,
  outcome: string,
  primary: string,
  prompt: string,
])[] = [
  ['a known car with its tag and plate', {}, 'release', 'OK-01', 'prompt.release'],
  [
    'a known car whose camera saw only the Hong Kong plate',
    { plates: plates('AB1234') },
    'release',
    'OK-01',
    'prompt.release',
  ],
  ['a known car whose plate nobody read', { plates: [] }, 'release', 'OK-01', 'prompt.release'],
  ['a car known by its plate alone', { tags: [] }, 'release', 'OK-01', 'prompt.release'],
  [
    'a car whose plate was read badly and whose tag is silent',
    { tags: [], plates: [examplePlate('AB1234', 0.89)] },
    'escalate',
    'ID-02',
    'prompt.wait',
  ],
  [
    'a car with a plate that nobody knows and no tag',
    { tags: [], plates: plates('ZZ9'), facts: neighbourhood },
    'escalate',
    'ID-02',
    'prompt.wait',
  ],
  [
    'nothing to see for eight seconds',
    { tags: [], plates: [], senses: { presentForMs: 8_000 } },
    'escalate',
    'ID-01',
    'prompt.presentCard',
  ],
  [
    'a tag that nobody knows',
    { tags: heard('E9'), facts: { tags: { E9: null } }, plates: [] },
    'escalate',
    'ID-03',
    'prompt.wait',
  ],
  [
    'a tag of a vehicle that nobody knows',
    { facts: { vehicles: { V1: null } }, plates: [] },
    'escalate',
    'ID-03',
    'prompt.wait',
  ],
  [
    'a tag that was never looked up',
    { tags: heard('constructor'), plates: [] },
    'escalate',
    'SYS-02',
    'prompt.wait',
  ],
  [
    'a stolen card',
    { facts: { tags: { E1: exampleTag({ state: 'STOLEN' }) } } },
    'hold',
    'ID-05',
    'prompt.office',
  ],
  [
    'a card on the plate of another car (clone)',
    { plates: plates('粤B22222'), facts: neighbourhood },
    'hold',
    'ID-06',
    'prompt.office',
  ],
  [
    'a card on a plate that nobody knows',
    { plates: plates('ZZ9'), facts: neighbourhood },
    'hold',
    'ID-06',
    'prompt.office',
  ],
  [
    'a tractor and its trailer',
    { tags: heard('E1', 'E3'), facts: neighbourhood },
    'release',
    'OK-01',
    'prompt.release',
  ],
  [
    'a tractor’s tag and the plate of its trailer',
    { tags: heard('E1'), plates: plates('粤B3333挂'), facts: neighbourhood },
    'release',
    'OK-01',
    'prompt.release',
  ],
  [
    'a trailer’s tag and the plate of its tractor',
    { tags: heard('E3'), facts: neighbourhood },
    'release',
    'OK-01',
    'prompt.release',
  ],
  [
    'a trailer without anybody to pull it',
    { tags: heard('E3'), plates: [], facts: neighbourhood },
    'escalate',
    'ID-02',
    'prompt.wait',
  ],
  [
    'two cars’ tags in one lane',
    { tags: heard('E1', 'E2'), facts: neighbourhood },
    'escalate',
    'ID-08',
    'prompt.wait',
  ],
  [
    'two cars’ plates and no tag',
    { tags: [], plates: plates('AB1234', '粤B22222'), facts: neighbourhood },
    'escalate',
    'ID-08',
    'prompt.wait',
  ],
  [
    'a known plate beside one that nobody knows, and no tag',
    { tags: [], plates: plates('AB1234', 'ZZ9'), facts: neighbourhood },
    'escalate',
    'ID-08',
    'prompt.wait',
  ],
  [
    'the neighbour’s tag beside the own one',
    { tags: [...heard('E1'), exampleHeard({ epc: 'E2', claim: 'neighbour' })], facts: neighbourhood },
    'release',
    'OK-01',
    'prompt.release',
  ],
  [
    'a tag that may be the neighbour’s beside the own one',
    {
      tags: [...heard('E1'), exampleHeard({ epc: 'E2', tid: null, claim: 'ambiguous' })],
      facts: neighbourhood,
    },
    'escalate',
    'ID-08',
    'prompt.wait',
  ],
  [
    'a tag that may be the neighbour’s, but whose plate was read here',
    { tags: [exampleHeard({ claim: 'ambiguous' })] },
    'release',
    'OK-01',
    'prompt.release',
  ],
  [
    'only the neighbour’s tag',
    { tags: [exampleHeard({ claim: 'neighbour' })], plates: [], senses: { presentForMs: 8_000 } },
    'escalate',
    'ID-01',
    'prompt.presentCard',
  ],
  ['more tags than can be kept', { senses: { tooManyTags: true } }, 'escalate', 'ID-08', 'prompt.wait'],
  [
    'a laden truck, whose papers no rule looks at yet',
    { profile: { ...profiles.roadInNoBoxTruck, assumedLoad: 'L' } },
    'escalate',
    'SYS-06',
    'prompt.wait',
  ],
  [
    'a load that nobody knows',
    { profile: { ...profiles.roadInNoBoxTruck, assumedLoad: 'unknown' } },
    'escalate',
    'SYS-06',
    'prompt.wait',
  ],
  ['nobody on the loop any more', { senses: { entryLoop: 'clear' } }, 'escalate', 'SYS-06', 'prompt.wait'],
  [
    'tail-gating under an INTERCEPT: safety first',
    { senses: { intrusion: true }, facts: { orders: [exampleOrder()] } },
    'escalate',
    'LANE-03',
    'prompt.back',
  ],
  [
    'an order on the neighbour’s tag',
    {
      tags: [...heard('E1'), exampleHeard({ epc: 'E2', claim: 'neighbour' })],
      facts: { ...neighbourhood, orders: [exampleOrder({ subject: { kind: 'VEHICLE', key: 'V2' } })] },
    },
    'release',
    'OK-01',
    'prompt.release',
  ],
  [
    'an order on a tag that may be the neighbour’s',
    {
      tags: [...heard('E1'), exampleHeard({ epc: 'E2', claim: 'ambiguous' })],
      facts: { ...neighbourhood, orders: [exampleOrder({ subject: { kind: 'TAG', key: 'E2' } })] },
    },
    'hold',
    'CTL-02',
    'prompt.inspection',
  ],
  [
    'an order on a plate that was hardly readable',
    {
      plates: [examplePlate('ZZ9', 0.2)],
      facts: { ...neighbourhood, orders: [exampleOrder({ subject: { kind: 'PLATE', key: 'ZZ9' } })] },
    },
    'hold',
    'CTL-02',
    'prompt.inspection',
  ],
  [
    'an order on the trailer',
    {
      tags: heard('E1', 'E3'),
      facts: { ...neighbourhood, orders: [exampleOrder({ subject: { kind: 'TAG', key: 'E3' } })] },
    },
    'hold',
    'CTL-02',
    'prompt.inspection',
  ],
  [
    'an order that ended a millisecond ago',
    { facts: { orders: [exampleOrder({ validTo: exampleNowMs - 1 })] } },
    'release',
    'OK-01',
    'prompt.release',
  ],
  [
    'an order that ended by a clock that is not trusted',
    {
      facts: { orders: [exampleOrder({ validTo: exampleNowMs - 1 })] },
      now: { wallMs: exampleNowMs, clockQuality: 'untrusted' },
    },
    'hold',
    'CTL-02',
    'prompt.inspection',
  ],
  [
    'a company on the blacklist',
    { facts: { blacklist: [exampleBlacklisted()] } },
    'hold',
    'BLK-01',
    'prompt.office',
  ],
]
