import type {
  AccountEntry,
  CompanyEntry,
  ContainerEntry,
  DeclarationEntry,
  DrawEntry,
  DriverEntry,
  FitnessEntry,
  ManifestEntry,
  QuarantineAreaEntry,
  ReleaseEntry,
  SealEntry,
  TerminalOrderEntry,
  TripEntry,
} from '../../messages/cargo-entities.js'
import type { VehicleEntry } from '../../messages/entities.js'
import { noCargoFacts, noCargoObservations, type CargoFacts, type CargoObservations } from './cargo.js'
import { cargoProfiles } from './cargo-profiles.js'
import { exampleCar, exampleInputs, exampleNowMs, type ExampleChange } from './examples.js'
import type { DecisionInputs, LaneProfile } from './types.js'

/**
 * A truck against which nothing speaks, with everything a laden lane may need: truck V1 of company C1
 * under driver D1 brings container TCLU4265449 sealed with S1 on trip T1, declared to IQ and customs.
 */
export const exampleTruck: VehicleEntry = {
  ...exampleCar,
  vehicleKind: 'TRUCK',
  permit: 'VALID',
  permitValidTo: exampleNowMs + 86_400_000,
  tareKg: 9_000,
  legalGrossKg: 49_000,
}

export const exampleDriver: DriverEntry = {
  kind: 'driver',
  driverId: 'D1',
  cardNo: 'K1',
  state: 'ACTIVE',
  vehicleIds: ['V1'],
  licenceValidTo: exampleNowMs + 86_400_000,
  healthCertificateValidTo: exampleNowMs + 90 * 86_400_000,
  declaredSick: false,
}

export const exampleCompany: CompanyEntry = {
  kind: 'company',
  companyId: 'C1',
  roles: ['CARRIER'],
  creditClass: 'A',
  managedClass: 2,
  registration: 'VALID',
}

export const exampleBox = 'TCLU4265449'

export const exampleTrip: TripEntry = {
  kind: 'trip',
  tripId: 'T1',
  vehicleId: 'V1',
  driverId: 'D1',
  direction: 'in',
  load: 'L',
  containers: [exampleBox],
  declarationNos: ['CUS1', 'IQ1'],
  manifestNo: 'M1',
  sealIds: ['S1'],
  expectedGrossKg: 30_000,
  routeAreas: ['HK'],
  needsFitness: true,
  straightRelease: false,
}

export function exampleDeclaration(change: Partial<DeclarationEntry> = {}): DeclarationEntry {
  return {
    kind: 'declaration',
    declarationNo: 'IQ1',
    agency: 'IQ',
    direction: 'in',
    state: 'RELEASED',
    goodsClass: 'TOYS',
    originArea: 'HK',
    woodPacking: 'no',
    grossKg: 21_000,
    containers: [exampleBox],
    validFrom: exampleNowMs - 86_400_000,
    validTo: exampleNowMs + 86_400_000,
    ruling: 'NO_INSPECTION',
    result: null,
    treatmentDone: false,
    ...change,
  }
}

export const exampleManifest: ManifestEntry = {
  kind: 'manifest',
  manifestNo: 'M1',
  sentAt: exampleNowMs - 2 * 3_600_000,
  trusted: false,
  lines: [{ lineNo: 1, container: exampleBox, declarationNo: 'CUS1' }],
}

export const exampleContainer: ContainerEntry = {
  kind: 'container',
  number: exampleBox,
  isoType: '42G1',
  tareKg: 3_800,
  originArea: 'HK',
  lastPorts: ['HKHKG'],
  lock: 'OPEN',
}

export const exampleSeal: SealEntry = {
  kind: 'seal',
  sealId: 'S1',
  sealKind: 'E_SEAL',
  container: exampleBox,
  state: 'APPLIED',
}

export const exampleTerminalOrder: TerminalOrderEntry = {
  kind: 'terminalOrder',
  orderNo: 'TO1',
  container: exampleBox,
  direction: 'in',
  state: 'OPEN',
  slotFrom: exampleNowMs - 3_600_000,
  slotTo: exampleNowMs + 3_600_000,
  paid: true,
}

export const exampleFitness: FitnessEntry = {
  kind: 'fitness',
  certificateNo: 'F1',
  container: exampleBox,
  validTo: exampleNowMs + 86_400_000,
  used: false,
}

export function exampleRelease(change: Partial<ReleaseEntry> = {}): ReleaseEntry {
  return {
    kind: 'release',
    releaseId: 'R1',
    agency: 'CUSTOMS',
    subject: { kind: 'DECLARATION', key: 'CUS1' },
    state: 'ACTIVE',
    usesLeft: 1,
    ...change,
  }
}

export function exampleArea(change: Partial<QuarantineAreaEntry> = {}): QuarantineAreaEntry {
  return {
    kind: 'area',
    areaId: 'A1',
    areaCode: 'XX',
    subjects: ['LADEN', 'EMPTY', 'VEHICLE'],
    measure: 'LOCK',
    validFrom: exampleNowMs - 86_400_000,
    ...change,
  }
}

export const exampleAccount: AccountEntry = {
  kind: 'account',
  companyId: 'C1',
  balanceFen: 500_000,
  debit: 'SETTLED',
  arrearsFen: 0,
  arrearsSince: null,
}

export const exampleDraw: DrawEntry = { kind: 'draw', tripId: 'T1', drawId: 'DR1', selected: false }

const seenOnTruck: CargoObservations = {
  ...noCargoObservations,
  driverCard: 'K1',
  temperature: 'normal',
  radiation: 'normal',
  containers: [{ number: exampleBox, confidence: 0.98 }],
  seals: [{ sealId: 'S1', status: 'CLOSED', openedAt: null, batteryLow: false }],
  sealTries: 1,
  weight: { grossKg: 30_100, stable: true, onScale: true, tries: 1 },
}

const knownOfTruck: CargoFacts = {
  ...noCargoFacts,
  drivers: { K1: exampleDriver },
  companies: { C1: exampleCompany },
  police: 'OK',
  trip: exampleTrip,
  declarations: {
    CUS1: exampleDeclaration({ declarationNo: 'CUS1', agency: 'CUSTOMS' }),
    IQ1: exampleDeclaration(),
  },
  manifest: exampleManifest,
  containers: { [exampleBox]: exampleContainer },
  releases: [
    exampleRelease(),
    exampleRelease({ releaseId: 'R2', agency: 'IQ', subject: { kind: 'DECLARATION', key: 'IQ1' } }),
    exampleRelease({ releaseId: 'R3', agency: 'PORT', subject: { kind: 'CONTAINER', key: exampleBox } }),
  ],
  customs: { is: 'answered', result: 'LIFT', hint: '' },
  terminalOrders: { [exampleBox]: exampleTerminalOrder },
  areas: [],
  seals: { S1: exampleSeal },
  fitness: { [exampleBox]: exampleFitness },
  account: exampleAccount,
  draw: exampleDraw,
}

/** What may be changed of {@link exampleLaden}: everything of the car, and of driver and load. */
export interface LadenChange extends ExampleChange {
  readonly truck?: Partial<VehicleEntry>
  readonly trip?: Partial<TripEntry>
  readonly seen?: Partial<CargoObservations>
  readonly known?: Partial<CargoFacts>
}

/** The clear laden truck in a lane of this profile. `known.trip` replaces the trip, `trip` changes it. */
export function exampleLaden(
  change: LadenChange = {},
  profile: LaneProfile = cargoProfiles.roadInLaden,
): DecisionInputs {
  const { truck, trip, seen, known, ...rest } = change
  const direction = profile.crossing === 'RI' || profile.crossing === 'SI' ? 'in' : 'out'
  const load = profile.assumedLoad === 'unknown' ? 'L' : profile.assumedLoad
  const inputs = exampleInputs({ profile, ...rest })
  const cargo: CargoFacts = {
    ...knownOfTruck,
    trip: { ...exampleTrip, direction, load, ...trip },
    terminalOrders: { [exampleBox]: { ...exampleTerminalOrder, direction } },
    ...known,
  }
  const vehicles = { V1: { ...exampleTruck, ...truck }, ...rest.facts?.vehicles }
  return {
    ...inputs,
    observations: { ...inputs.observations, cargo: { ...seenOnTruck, ...seen } },
    facts: { ...inputs.facts, vehicles, cargo },
  }
}
