import type { BlacklistEntry, ControlOrder, TagEntry, VehicleEntry } from '../../messages/entities.js'
import type { Lift } from '../../messages/trust/lift.js'
import { defaultPolicy, profiles } from './profiles.js'
import { cargoListsFor } from './needed-lists.js'
import { rulesetVersion } from './ruleset.js'
import type { DecisionInputs, Facts, LaneObservation, PlateObservation, TagObservation } from './types.js'

/**
 * A clear car at a lane, and small changes of it: for tests, benchmarks and explanations. The car
 * V1 of company C1 shows the mainland plate 粤Z1234港 and the Hong Kong plate AB1234 and carries tag E1.
 */
export const exampleNowMs = Date.UTC(2026, 0, 1, 8)

export const exampleCar: VehicleEntry = {
  kind: 'vehicle',
  vehicleId: 'V1',
  vehicleKind: 'CAR',
  plates: [
    { region: 'CN', text: '粤Z1234港' },
    { region: 'HK', text: 'AB1234' },
  ],
  companyId: 'C1',
  carriesTag: true,
}

export function exampleTag(change: Partial<TagEntry> = {}): TagEntry {
  return { kind: 'tag', epc: 'E1', tid: 'T1', state: 'ACTIVE', vehicleId: 'V1', ...change }
}

export function exampleHeard(change: Partial<TagObservation> = {}): TagObservation {
  return {
    epc: 'E1',
    tid: 'T1',
    readerIds: ['reader-1'],
    antennas: ['1'],
    count: 12,
    bestRssiDbm: -48,
    firstHeardMs: -900,
    lastHeardMs: 380,
    presence: 'present',
    claim: 'mine',
    elsewhere: [],
    ...change,
  }
}

export function examplePlate(text: string, confidence = 0.97): PlateObservation {
  return { plate: { region: 'CN', text }, confidence, readerId: 'camera-1', heardMs: 150 }
}

export function exampleOrder(change: Partial<ControlOrder> = {}): ControlOrder {
  return {
    kind: 'order',
    orderId: 'O1',
    agency: 'IQ',
    subject: { kind: 'TAG', key: 'E1' },
    action: 'INTERCEPT',
    nature: 'OPEN',
    level: 2,
    reason: 'example',
    validFrom: exampleNowMs - 3_600_000,
    maxHits: 0,
    issuedBy: 'officer-1',
    ...change,
  }
}

/** A lift as lists in force carry it: its proof was judged before, so that its signatures need not be any. */
export const exampleLift: Lift = {
  at: exampleNowMs - 60_000,
  reason: '02',
  by: ['a', 'b'].map((sign) => ({ keyId: sign.repeat(64), signature: `${sign.repeat(86)}==` })),
}

export function exampleBlacklisted(change: Partial<BlacklistEntry> = {}): BlacklistEntry {
  return {
    kind: 'blacklist',
    entryId: 'B1',
    subject: { kind: 'COMPANY', key: 'C1' },
    level: 'STOP',
    agency: 'CUSTOMS',
    reason: 'example',
    validFrom: exampleNowMs - 3_600_000,
    ...change,
  }
}

/** What may be changed of {@link exampleInputs}, level by level. */
export interface ExampleChange extends Partial<Omit<DecisionInputs, 'observations' | 'facts'>> {
  readonly tags?: readonly TagObservation[]
  readonly plates?: readonly PlateObservation[]
  readonly senses?: Partial<LaneObservation>
  readonly facts?: Partial<Facts>
}

const exampleSenses: LaneObservation = {
  entryLoop: 'occupied',
  exitLoop: 'clear',
  barrier: 'lowered',
  intrusion: false,
  previousClosed: true,
  presentForMs: 400,
  tooManyTags: false,
}

const exampleFacts: Facts = {
  tags: { E1: exampleTag() },
  vehicles: { V1: exampleCar },
  plates: { 粤Z1234港: 'V1', AB1234: 'V1' },
  orders: [],
  blacklist: [],
}

/** The clear car at 400 ms: released by rule 73, unless `change` speaks against it. */
export function exampleInputs(change: ExampleChange = {}): DecisionInputs {
  const { tags, plates, senses, facts, ...rest } = change
  return {
    passageId: 'edge-1.e1.lane-1.7',
    lane: 'lane-1',
    mode: 'AUTO',
    profile: profiles.roadInNoBoxCar,
    policy: defaultPolicy,
    now: { wallMs: exampleNowMs, clockQuality: 'synchronised' },
    observations: {
      tags: tags ?? [exampleHeard()],
      plates: plates ?? [examplePlate('粤Z1234港')],
      lane: { ...exampleSenses, ...senses },
    },
    facts: { ...exampleFacts, ...facts },
    lists: ['blacklist', 'orders', 'tags', 'vehicles', ...cargoListsFor(rest.profile?.needs)].map((list) => ({
      list,
      version: 7,
      contentHash: 'a'.repeat(64),
      ageMs: 20_000,
    })),
    devices: { 'reader-1': true, barrier: true },
    journalWritable: true,
    incidentId: null,
    tagMissesBefore: 0,
    rulesetVersion,
    configHash: 'b'.repeat(64),
    ...rest,
  }
}
