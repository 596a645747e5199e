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
import type { Agency } from '../../messages/entities.js'
import type { Tri } from './types.js'

/** There, not there (null), or not to be told. */
export type Fact<T> = T | null | 'unknown'

/**
 * What must be positively known before the lane may release, beside the vehicle itself. What speaks
 * against a vehicle always counts; that something is missing or cannot be told counts where it is needed.
 */
export const needNames = [
  'permit',
  'driver',
  'police',
  'temperature',
  'radiation',
  'trip',
  'container',
  'manifest',
  'iq',
  'customs',
  'terminal',
  'area',
  'seal',
  'fitness',
  'weight',
  'draw',
  'account',
] as const
export type Need = (typeof needNames)[number]

/** What the lane senses of driver and load; null: it has no such device, or nobody used it. */
export interface CargoObservations {
  readonly driverCard: string | null
  readonly temperature: 'normal' | 'fever' | 'unknown' | null
  readonly radiation: 'normal' | 'alarm' | 'unknown' | null
  readonly containers: readonly ContainerObservation[] | null
  readonly seals: readonly SealObservation[] | null
  /** How often the seal readers have tried (row 50). */
  readonly sealTries: number
  readonly weight: WeightObservation | null
  readonly earTags: readonly string[] | null
  readonly crateLabels: number | null
  readonly receipt: ReceiptObservation | null
  readonly sprayer: 'ready' | 'failed' | 'unknown' | null
}

export interface ContainerObservation {
  readonly number: string
  readonly confidence: number
}

export interface SealObservation {
  readonly sealId: string
  readonly status: 'CLOSED' | 'OPENED' | 'unknown'
  /** When it says it was opened, UTC ms; null: never, or it does not say. */
  readonly openedAt: number | null
  readonly batteryLow: boolean
}

export interface WeightObservation {
  readonly grossKg: number | null
  readonly stable: Tri
  readonly onScale: Tri
  /** Weighings of this passage, this one included. */
  readonly tries: number
  /** What the scale said before, of this passage, oldest first; null: that time it said no weight. */
  readonly earlierKg?: readonly (number | null)[]
}

/** A release receipt shown as a QR text; its signature was checked where the keys are. */
export interface ReceiptObservation {
  readonly receiptId: string
  readonly agency: Agency
  readonly subject: ReleaseEntry['subject']
  readonly signatureValid: Tri
  readonly used: Tri
}

/** What the lists and partners say of driver and load, frozen into the passage. */
export interface CargoFacts {
  /** By card number. */
  readonly drivers: Readonly<Record<string, Fact<DriverEntry>>>
  readonly companies: Readonly<Record<string, Fact<CompanyEntry>>>
  /** Border police on this driver and vehicle; null: not asked. */
  readonly police: Fact<'OK' | 'NO'>
  /** The trip of this vehicle in this direction. */
  readonly trip: Fact<TripEntry>
  readonly declarations: Readonly<Record<string, Fact<DeclarationEntry>>>
  readonly manifest: Fact<ManifestEntry>
  readonly containers: Readonly<Record<string, Fact<ContainerEntry>>>
  readonly releases: readonly ReleaseEntry[] | 'unknown'
  readonly customs: CustomsAnswer | null
  /** By container number. */
  readonly terminalOrders: Readonly<Record<string, Fact<TerminalOrderEntry>>>
  readonly areas: readonly QuarantineAreaEntry[] | 'unknown'
  readonly seals: Readonly<Record<string, Fact<SealEntry>>>
  /** By container number. */
  readonly fitness: Readonly<Record<string, Fact<FitnessEntry>>>
  readonly account: Fact<AccountEntry>
  readonly draw: Fact<DrawEntry>
}

/**
 * What the customs system said when it was asked at the lane (CHECK_RESULT); null: not asked. `forMs`
 * counts from the newest of the `tries`.
 */
export type CustomsAnswer =
  | { readonly is: 'answered'; readonly result: 'LIFT' | 'HOLD' | 'LOCK'; readonly hint: string }
  | { readonly is: 'waiting'; readonly forMs: number; readonly tries: number }

/** Thresholds of the rules on load and driver (domain.md 6.5); all configuration. */
export interface CargoPolicy {
  /** Before the arrival, at least (row 31). */
  readonly manifestBeforeMs: number
  readonly trustedManifestBeforeMs: number
  /** Missing less than this is waited for at the line. */
  readonly manifestWaitMs: number
  readonly customsWithinMs: number
  readonly weightToleranceKg: number
  readonly weightLadenShare: number
  readonly weightEmptyShare: number
  readonly earTagShare: number
  /** Of the declared crates so many must be read. */
  readonly crateShareMin: number
  readonly sealTriesMax: number
  readonly containerConfidenceMin: number
  readonly lowBalanceFen: number
  /** Null: arrears never hold (the table's default). */
  readonly arrears: { readonly overFen: number; readonly overDays: number } | null
  readonly healthSoonMs: number
  readonly healthExpired: 'hold' | 'advise'
}

export const defaultCargoPolicy: CargoPolicy = {
  manifestBeforeMs: 3_600_000,
  trustedManifestBeforeMs: 1_800_000,
  manifestWaitMs: 600_000,
  customsWithinMs: 3_000,
  weightToleranceKg: 300,
  weightLadenShare: 0.03,
  weightEmptyShare: 0.05,
  earTagShare: 0.02,
  crateShareMin: 0.95,
  sealTriesMax: 3,
  containerConfidenceMin: 0.9,
  lowBalanceFen: 10_000,
  arrears: null,
  healthSoonMs: 30 * 86_400_000,
  healthExpired: 'hold',
}

/** Nothing sensed: a lane for cars. */
export const noCargoObservations: CargoObservations = {
  driverCard: null,
  temperature: null,
  radiation: null,
  containers: null,
  seals: null,
  sealTries: 0,
  weight: null,
  earTags: null,
  crateLabels: null,
  receipt: null,
  sprayer: null,
}

/** Nothing known: whatever the profile needs of it is unknown. */
export const noCargoFacts: CargoFacts = {
  drivers: {},
  companies: {},
  police: 'unknown',
  trip: 'unknown',
  declarations: {},
  manifest: 'unknown',
  containers: {},
  releases: 'unknown',
  customs: null,
  terminalOrders: {},
  areas: 'unknown',
  seals: {},
  fitness: {},
  account: 'unknown',
  draw: 'unknown',
}
