import { z } from 'zod'
import { agencies } from './agencies.js'
import { fixedSignsOf, platePatternFixedMin } from './plate-pattern.js'
import { liftSchema } from './trust/lift.js'
import {
  accountEntrySchema,
  companyEntrySchema,
  containerEntrySchema,
  declarationEntrySchema,
  drawEntrySchema,
  driverEntrySchema,
  fitnessEntrySchema,
  manifestEntrySchema,
  planEntrySchema,
  quarantineAreaEntrySchema,
  releaseEntrySchema,
  sealEntrySchema,
  terminalOrderEntrySchema,
  tripEntrySchema,
} from './cargo-entities.js'

export { agencies, type Agency } from './agencies.js'

/**
 * What lists carry and rules look at (domain.md 5.1, 5.3). Agencies and codes are data, never code.
 * Keys are normalised before they get here: tags upper-case hex or the reader's text identity,
 * plates by `normalisePlate` (edge/domain/tag/plate.ts).
 */
export const plateRegions = ['CN', 'HK', 'MO', 'OTHER'] as const

export const plateSchema = z.strictObject({
  region: z.enum(plateRegions),
  text: z.string().min(1).max(16),
})
export type Plate = z.infer<typeof plateSchema>

export const tagStates = [
  'ISSUED',
  'ACTIVE',
  'SUSPENDED',
  'LOST',
  'STOLEN',
  'DAMAGED',
  'REVOKED',
  'EXPIRED',
] as const

/** An onboard card or e-plate as issued. */
export const tagEntrySchema = z.strictObject({
  kind: z.literal('tag'),
  epc: z.string().min(1).max(128),
  tid: z.string().max(64).optional(),
  state: z.enum(tagStates),
  vehicleId: z.string().min(1).max(64),
  /** UTC ms; absent: no end. */
  validTo: z.number().int().optional(),
})
export type TagEntry = z.infer<typeof tagEntrySchema>

export const vehicleKinds = ['CAR', 'COACH', 'TRUCK', 'TRAILER'] as const

export const vehicleEntrySchema = z.strictObject({
  kind: z.literal('vehicle'),
  vehicleId: z.string().min(1).max(64),
  vehicleKind: z.enum(vehicleKinds),
  /** Every plate the vehicle may show; any of them identifies it (domain.md 3.10). */
  plates: z.array(plateSchema).min(1).max(8),
  companyId: z.string().max(64).optional(),
  /** Whether the vehicle is expected to carry a tag (row 8). */
  carriesTag: z.boolean(),
  /** Cross-border permit (row 15); absent: none is registered. */
  permit: z.enum(['VALID', 'REVOKED']).optional(),
  /** UTC ms; absent: no end. */
  permitValidTo: z.number().int().optional(),
  /** Empty weight of the vehicle alone, and its legal gross weight, in kilograms (rows 61 to 63). */
  tareKg: z.number().min(0).max(1_000_000).optional(),
  legalGrossKg: z.number().min(0).max(1_000_000).optional(),
})
export type VehicleEntry = z.infer<typeof vehicleEntrySchema>

export const orderSubjectSchema = z.strictObject({
  /**
   * PLATE_PATTERN: part of a plate (`plate-pattern.ts`); all others exactly one. TAG: the EPC or the TID of a tag, since
   * readers give one or both. GOODS_CLASS and ORIGIN_AREA: as the declarations of the trip have them, an area also as
   * the container's record has it (domain.md 5.3).
   */
  kind: z.enum([
    'TAG',
    'PLATE',
    'PLATE_PATTERN',
    'VEHICLE',
    'COMPANY',
    'DRIVER',
    'CONTAINER',
    'DECLARATION',
    'SEAL',
    'GOODS_CLASS',
    'ORIGIN_AREA',
  ]),
  key: z.string().min(1).max(128),
})

interface OfPattern {
  readonly subject: z.infer<typeof orderSubjectSchema>
  readonly action: string
  readonly patternMayIntercept?: true | undefined
}

/**
 * What an order on part of a plate may not be: too vague, or to stop vehicles without its mark (domain.md 5.3). `line`
 * names the text for the line of a file (text/import-lines.ts).
 */
function* patternProblems({ subject, action, patternMayIntercept }: OfPattern) {
  if (subject.kind !== 'PLATE_PATTERN') {
    if (patternMayIntercept)
      yield {
        path: ['patternMayIntercept'],
        message: 'is a mark of orders on part of a plate: leave it out',
        params: { line: 'patternMark' },
      }
    return
  }
  if (fixedSignsOf(subject.key) < platePatternFixedMin)
    yield {
      path: ['subject', 'key'],
      message: `${platePatternFixedMin} signs at least must be fixed: name more of the plate than ${subject.key}`,
      params: { line: 'patternVague', least: platePatternFixedMin, key: subject.key },
    }
  if (action !== 'NOTIFY' && action !== 'INTERCEPT')
    yield {
      path: ['action'],
      message: `an order on part of a plate notifies or intercepts: ${action} needs a whole plate or another subject`,
      params: { line: 'patternAction', action },
    }
  if (action === 'INTERCEPT' && !patternMayIntercept)
    yield {
      path: ['patternMayIntercept'],
      message:
        'an INTERCEPT on part of a plate stops vehicles that nobody meant: say patternMayIntercept, or NOTIFY',
      params: { line: 'patternIntercept' },
    }
}

/** A control order, 布控指令 (domain.md 5.3). */
export const controlOrderSchema = z
  .strictObject({
    kind: z.literal('order'),
    orderId: z.string().min(1).max(64),
    agency: z.enum(agencies),
    subject: orderSubjectSchema,
    action: z.enum(['INTERCEPT', 'NOTIFY', 'DOCS', 'DISINFECT', 'LOCK']),
    nature: z.enum(['OPEN', 'SECRET']),
    level: z.number().int().min(1).max(4),
    /** Shown to officers only; never on a display, voice or receipt when SECRET. */
    reason: z.string().max(500),
    validFrom: z.number().int(),
    /** UTC ms; absent: until lifted. By time it ends only while the clock is trusted. */
    validTo: z.number().int().optional(),
    /** 0: no limit. */
    maxHits: z.number().int().min(0),
    issuedBy: z.string().min(1).max(64),
    /** Only on part of a plate: who placed it knows that vehicles that were never meant will be intercepted too. */
    patternMayIntercept: z.literal(true).optional(),
    /** The order holds nobody any more. It stays in its list until every edge has seen the proof. */
    lift: liftSchema.optional(),
  })
  .check(({ value: order, issues }) => {
    for (const { path, ...said } of patternProblems(order))
      issues.push({ code: 'custom', path: [...path], ...said, input: order })
  })
export type ControlOrder = z.infer<typeof controlOrderSchema>

/** Nobody is blacklisted by part of a plate. */
const blacklistSubjectSchema = orderSubjectSchema.refine(({ kind }) => kind !== 'PLATE_PATTERN', {
  path: ['kind'],
  error: 'nobody is blacklisted by part of a plate: place an order, or name the whole plate',
  params: { line: 'patternBan' },
})

export const blacklistEntrySchema = z.strictObject({
  kind: z.literal('blacklist'),
  entryId: z.string().min(1).max(64),
  subject: blacklistSubjectSchema,
  level: z.enum(['STOP', 'WATCH']),
  agency: z.enum(agencies),
  reason: z.string().max(500),
  validFrom: z.number().int(),
  validTo: z.number().int().optional(),
  /** As that of an order. */
  lift: liftSchema.optional(),
})
export type BlacklistEntry = z.infer<typeof blacklistEntrySchema>

export const listEntrySchema = z.discriminatedUnion('kind', [
  tagEntrySchema,
  vehicleEntrySchema,
  controlOrderSchema,
  blacklistEntrySchema,
  driverEntrySchema,
  companyEntrySchema,
  tripEntrySchema,
  declarationEntrySchema,
  manifestEntrySchema,
  containerEntrySchema,
  terminalOrderEntrySchema,
  quarantineAreaEntrySchema,
  sealEntrySchema,
  fitnessEntrySchema,
  releaseEntrySchema,
  accountEntrySchema,
  drawEntrySchema,
  planEntrySchema,
])
export type ListEntry = z.infer<typeof listEntrySchema>

/** What every lane judges by. Orders and blacklist must be complete before any automatic release. */
export const laneListNames = ['tags', 'vehicles', 'orders', 'blacklist'] as const
export type LaneListName = (typeof laneListNames)[number]

/** What is looked up about driver and load, by lanes whose profile rests on it. */
export const cargoListNames = [
  'drivers',
  'companies',
  'trips',
  'declarations',
  'manifests',
  'containers',
  'terminalOrders',
  'areas',
  'seals',
  'fitness',
  'releases',
  'accounts',
  'draws',
  'plans',
] as const
export type CargoListName = (typeof cargoListNames)[number]

/** The lists an edge holds. */
export const listNames = [...laneListNames, ...cargoListNames] as const
export type ListName = (typeof listNames)[number]

/** The kind of entry each list holds. */
export const listKinds = {
  tags: 'tag',
  vehicles: 'vehicle',
  orders: 'order',
  blacklist: 'blacklist',
  drivers: 'driver',
  companies: 'company',
  trips: 'trip',
  declarations: 'declaration',
  manifests: 'manifest',
  containers: 'container',
  terminalOrders: 'terminalOrder',
  areas: 'area',
  seals: 'seal',
  fitness: 'fitness',
  releases: 'release',
  accounts: 'account',
  draws: 'draw',
  plans: 'plan',
} as const satisfies Record<ListName, ListEntry['kind']>

const listOfKind = Object.fromEntries(
  Object.entries(listKinds).map(([list, kind]) => [kind, list]),
) as Record<ListEntry['kind'], ListName>

/** The list that an entry belongs to. */
export function listOf(entry: ListEntry): ListName {
  return listOfKind[entry.kind]
}

/** The key under which an entry stands in its list: unique, and stable over versions. */
export function listKeyOf(entry: ListEntry): string {
  switch (entry.kind) {
    case 'tag':
      return entry.epc
    case 'vehicle':
      return entry.vehicleId
    case 'order':
      return entry.orderId
    case 'blacklist':
      return entry.entryId
    case 'driver':
      return entry.driverId
    case 'company':
    case 'account':
      return entry.companyId
    case 'trip':
    case 'draw':
    case 'plan':
      return entry.tripId
    case 'declaration':
      return entry.declarationNo
    case 'manifest':
      return entry.manifestNo
    case 'container':
      return entry.number
    case 'terminalOrder':
      return entry.orderNo
    case 'area':
      return entry.areaId
    case 'seal':
      return entry.sealId
    case 'fitness':
      return entry.certificateNo
    case 'release':
      return entry.releaseId
  }
}
