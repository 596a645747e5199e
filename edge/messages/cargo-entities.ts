import { z } from 'zod'
import { agencies } from './agencies.js'

/**
 * What laden lanes are judged by (domain.md 5.1): drivers, companies, trips, declarations, manifests,
 * containers, seals, certificates, areas, instructions, accounts, draws. Keys are normalised before they
 * get here: container numbers by ISO 6346 without spaces, card and seal numbers as the issuer writes them.
 * Times are UTC milliseconds, weights kilograms, money fen (1/100 yuan). Codes of agencies are data.
 */
const key = z.string().min(1).max(64)
const time = z.number().int()
const kg = z.number().min(0).max(1_000_000)
const keys = z.array(key).max(64)

export const loads = ['L', 'E', 'V'] as const
export const directions = ['in', 'out'] as const

export const driverEntrySchema = z.strictObject({
  kind: z.literal('driver'),
  driverId: key,
  cardNo: key,
  state: z.enum(['ACTIVE', 'SUSPENDED', 'REVOKED']),
  /** Vehicles the driver may drive. */
  vehicleIds: keys,
  /** Absent: no end is registered. */
  licenceValidTo: time.optional(),
  healthCertificateValidTo: time.optional(),
  /** The driver, or one of the crew, is declared sick. */
  declaredSick: z.boolean(),
})
export type DriverEntry = z.infer<typeof driverEntrySchema>

export const companyEntrySchema = z.strictObject({
  kind: z.literal('company'),
  companyId: key,
  roles: z.array(z.enum(['CARRIER', 'CONSIGNEE', 'DECLARANT'])).max(3),
  creditClass: z.enum(['AA', 'A', 'B', 'C', 'D']),
  /** Classified management: 1 is trusted most. */
  managedClass: z.union([z.literal(1), z.literal(2), z.literal(3)]),
  registration: z.enum(['VALID', 'REVOKED']),
  registrationValidTo: time.optional(),
})
export type CompanyEntry = z.infer<typeof companyEntrySchema>

/** Vehicle, driver, goods and documents of one crossing (车次). */
export const tripEntrySchema = z.strictObject({
  kind: z.literal('trip'),
  tripId: key,
  vehicleId: key,
  trailerVehicleId: key.optional(),
  driverId: key.optional(),
  direction: z.enum(directions),
  load: z.enum(loads),
  /** Container numbers on the truck; empty for loose goods. */
  containers: keys,
  declarationNos: keys,
  manifestNo: key.optional(),
  /** Seals that the truck must show. */
  sealIds: keys,
  /** Gross weight of the whole truck as declared. */
  expectedGrossKg: kg.optional(),
  /** Countries and regions the goods or the vehicle came from or through. */
  routeAreas: keys,
  /** Live animals and labelled crates as declared. */
  earTags: z.strictObject({ declared: z.number().int().min(0), ids: z.array(key).max(2_000) }).optional(),
  crateLabels: z.strictObject({ declared: z.number().int().min(0) }).optional(),
  /** Goods that need a fitness certificate of the container (food, reefer). */
  needsFitness: z.boolean(),
  /** Inspected inland and sealed: the seal stands for the inspection (straight release, 直通放行). */
  straightRelease: z.boolean(),
  /**
   * One document for several trucks: how many belong to it, how many have come before this one, and whether
   * this is the one that it ends with; absent: it may be.
   */
  documentTrucks: z
    .strictObject({
      total: z.number().int().min(1),
      arrived: z.number().int().min(0),
      last: z.boolean().optional(),
    })
    .optional(),
  /** Set when the trip went through: it cannot be used again. */
  crossedAt: time.optional(),
})
export type TripEntry = z.infer<typeof tripEntrySchema>

export const rulings = ['NO_INSPECTION', 'INSPECT', 'DOCS', 'LOCK'] as const
export const results = ['PASS', 'TREAT', 'FAIL', 'RETURN'] as const

export const declarationEntrySchema = z.strictObject({
  kind: z.literal('declaration'),
  declarationNo: key,
  agency: z.enum(agencies),
  direction: z.enum(directions),
  state: z.enum(['SUBMITTED', 'ACCEPTED', 'REJECTED', 'RELEASED', 'CROSSED', 'CANCELLED', 'EXPIRED']),
  goodsClass: key,
  /** Null: not declared. */
  originArea: key.nullable(),
  woodPacking: z.enum(['yes', 'no', 'unknown']),
  grossKg: kg.optional(),
  containers: keys,
  /** Plate of the truck as this agency has it; several agencies may disagree. */
  plate: key.optional(),
  /** The window in which the goods may cross (72 h). */
  validFrom: time,
  validTo: time,
  /** Null: not ruled yet. */
  ruling: z.enum(rulings).nullable(),
  /** Null: no result yet. */
  result: z.enum(results).nullable(),
  treatmentDone: z.boolean(),
})
export type DeclarationEntry = z.infer<typeof declarationEntrySchema>

export const manifestEntrySchema = z.strictObject({
  kind: z.literal('manifest'),
  manifestNo: key,
  sentAt: time,
  /** The sender may send as late as trusted ones may. */
  trusted: z.boolean(),
  lines: z
    .array(
      z.strictObject({ lineNo: z.number().int(), container: key.nullable(), declarationNo: key.nullable() }),
    )
    .max(256),
})
export type ManifestEntry = z.infer<typeof manifestEntrySchema>

export const containerEntrySchema = z.strictObject({
  kind: z.literal('container'),
  number: key,
  isoType: z.string().max(8).optional(),
  tareKg: kg.optional(),
  /** Null: not known, and a container that needs it may not go. */
  originArea: key.nullable(),
  lastPorts: keys,
  lock: z.enum(['OPEN', 'LOCKED']),
})
export type ContainerEntry = z.infer<typeof containerEntrySchema>

export const terminalOrderEntrySchema = z.strictObject({
  kind: z.literal('terminalOrder'),
  orderNo: key,
  container: key,
  direction: z.enum(directions),
  state: z.enum(['OPEN', 'NOT_AVAILABLE', 'DONE', 'CANCELLED']),
  slotFrom: time,
  slotTo: time,
  paid: z.boolean(),
})
export type TerminalOrderEntry = z.infer<typeof terminalOrderEntrySchema>

/** An infected area (疫区) and what is done with what comes from it. */
export const quarantineAreaEntrySchema = z.strictObject({
  kind: z.literal('area'),
  areaId: key,
  /** Country or region code, as in routes and origins; `*`: wherever it comes from (a seasonal order). */
  areaCode: key,
  subjects: z.array(z.enum(['LADEN', 'EMPTY', 'VEHICLE'])).min(1),
  measure: z.enum(['DISINFECT', 'LOCK', 'INSPECT']),
  validFrom: time,
  validTo: time.optional(),
})
export type QuarantineAreaEntry = z.infer<typeof quarantineAreaEntrySchema>

export const sealEntrySchema = z.strictObject({
  kind: z.literal('seal'),
  sealId: key,
  sealKind: z.enum(['E_SEAL', 'E_LOCK', 'MECHANICAL']),
  container: key,
  state: z.enum(['ISSUED', 'APPLIED', 'IN_TRANSIT', 'VERIFIED', 'OPENED_AUTHORISED', 'VOID']),
})
export type SealEntry = z.infer<typeof sealEntrySchema>

export const fitnessEntrySchema = z.strictObject({
  kind: z.literal('fitness'),
  certificateNo: key,
  container: key,
  validTo: time,
  used: z.boolean(),
})
export type FitnessEntry = z.infer<typeof fitnessEntrySchema>

/** A release instruction (放行指令) of one agency. */
export const releaseEntrySchema = z.strictObject({
  kind: z.literal('release'),
  releaseId: key,
  agency: z.enum(agencies),
  subject: z.strictObject({ kind: z.enum(['CONTAINER', 'DECLARATION', 'TRIP']), key }),
  state: z.enum(['ACTIVE', 'CONSUMED', 'REVOKED', 'EXPIRED']),
  validTo: time.optional(),
  usesLeft: z.number().int().min(0),
})
export type ReleaseEntry = z.infer<typeof releaseEntrySchema>

export const accountEntrySchema = z.strictObject({
  kind: z.literal('account'),
  companyId: key,
  balanceFen: z.number().int(),
  /** A debit is under way, or the bank does not answer. */
  debit: z.enum(['SETTLED', 'PENDING', 'BANK_DOWN']),
  arrearsFen: z.number().int().min(0),
  /** Since when something is owed; null: nothing. */
  arrearsSince: time.nullable(),
})
export type AccountEntry = z.infer<typeof accountEntrySchema>

/** A stored random draw: made once in the pre-decision; its inspection adds what it found. */
export const drawEntrySchema = z.strictObject({
  kind: z.literal('draw'),
  tripId: key,
  drawId: key,
  selected: z.boolean(),
  /** What the inspection that it asked for has found; absent: nothing yet. Only PASS answers it (row 26). */
  result: z.enum(results).optional(),
  /** Drawn once more after it had passed; never a third time. */
  round: z.literal(2).optional(),
})
export type DrawEntry = z.infer<typeof drawEntrySchema>

const outcomes = ['release', 'disinfect', 'hold', 'lock', 'escalate'] as const

/**
 * The planned verdict on a trip (预判定, domain.md 6.4): what the lane would say if the truck came now and
 * everything at it were in order. A hint for guidance before the arrival; no decision rests on it.
 */
export const planEntrySchema = z.strictObject({
  kind: z.literal('plan'),
  tripId: key,
  vehicleId: key,
  outcome: z.enum(outcomes),
  /** Code of the rule that spoke loudest. */
  primary: z.string().max(16),
  codes: z.array(z.string().max(16)).max(64),
  obligations: z.array(z.string().max(32)).max(16),
  validTo: time,
  /** Changes with everything it rests on. */
  inputsVersion: z.string().max(64),
})
export type PlanEntry = z.infer<typeof planEntrySchema>
