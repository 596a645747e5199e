import { z } from 'zod'
import { plateRegions } from '../../../../messages/entities.js'
import { receiptTextMax } from '../../../../messages/receipt.js'
import { sensedShapes, type Sensed } from '../../../../messages/sensed.js'
import { aside, discarded, heard, together, type Decoded, type Heard } from '../../common/decoded.js'
import { maxReports, type MqttDialect } from '../dialect.js'

/**
 * Our own messages, for base stations, plate cameras and the devices about driver and load (this folder's README documents them). A
 * message is of one version and strict: what we define ourselves has no unknown fields.
 */
const atMs = z.int().min(0).max(8_640_000_000_000_000)
const placeName = z.string().min(1).max(64)

export const tagReadSchema = z.strictObject({
  kind: z.literal('tag'),
  /** Upper-case hex of whole bytes, or printable ASCII where the station gives a text identity. */
  epc: z.string().regex(/^[\x21-\x7e](?:[\x20-\x7e]{0,126}[\x21-\x7e])?$/),
  tid: z
    .string()
    .regex(/^(?:[0-9A-F]{2}){2,32}$/)
    .optional(),
  antenna: placeName.optional(),
  zone: placeName.optional(),
  rssiDbm: z.number().min(-200).max(50).optional(),
  driverId: z.string().min(1).max(64).optional(),
  count: z.int().min(1).max(1_000_000).optional(),
  at: atMs.optional(),
})

export const plateReadSchema = z.strictObject({
  kind: z.literal('plate'),
  /** As the camera read it, with or without separators: the lane brings it into the form of the lists. */
  text: z
    .string()
    .max(16)
    .regex(/[\p{L}\p{N}]/u, { error: 'A plate has a letter or a digit.' }),
  region: z.enum(plateRegions),
  confidence: z.number().min(0).max(1),
  antenna: placeName.optional(),
  zone: placeName.optional(),
  at: atMs.optional(),
})

export const readSchema = z.discriminatedUnion('kind', [tagReadSchema, plateReadSchema])

const where = { antenna: placeName.optional(), zone: placeName.optional(), at: atMs.optional() }

/** A finding, strict; the bounds of its members are those of the record (edge/messages/sensed.ts). */
export const findingSchema = z.discriminatedUnion('of', [
  z.strictObject({ of: z.literal('card'), ...sensedShapes.card, ...where }),
  z.strictObject({ of: z.literal('temperature'), ...sensedShapes.temperature, ...where }),
  z.strictObject({ of: z.literal('radiation'), ...sensedShapes.radiation, ...where }),
  z.strictObject({ of: z.literal('container'), ...sensedShapes.container, ...where }),
  z.strictObject({ of: z.literal('seal'), ...sensedShapes.seal, ...where }),
  z.strictObject({ of: z.literal('sealMissed'), ...where }),
  z.strictObject({ of: z.literal('weight'), ...sensedShapes.weight, ...where }),
  z.strictObject({ of: z.literal('earTags'), ...sensedShapes.earTags, ...where }),
  z.strictObject({ of: z.literal('crateLabels'), ...sensedShapes.crateLabels, ...where }),
  z.strictObject({ of: z.literal('receipt'), ...sensedShapes.receipt, ...where }),
  /** A release receipt as it stands in its QR code: the edge checks the signature itself. */
  z.strictObject({ of: z.literal('text'), text: z.string().min(1).max(receiptTextMax), ...where }),
])

/** Reads stand as unknown here: each is judged alone, and a bad one costs nothing but itself. */
const messageSchema = z.discriminatedUnion('type', [
  z.strictObject({
    v: z.literal(1),
    type: z.literal('reads'),
    at: atMs.optional(),
    reads: z.array(z.unknown()).max(maxReports),
  }),
  z.strictObject({
    v: z.literal(1),
    type: z.literal('findings'),
    at: atMs.optional(),
    findings: z.array(z.unknown()).max(maxReports),
  }),
  z.strictObject({ v: z.literal(1), type: z.literal('alive'), at: atMs.optional() }),
])

/** The whole message, as a base station writes it. */
export const readsMessageSchema = z.strictObject({
  v: z.literal(1),
  type: z.literal('reads'),
  /** UTC ms of the station's own clock; holds for reads that name no other. Data only. */
  at: atMs.optional(),
  reads: z.array(readSchema).max(maxReports),
})
export type ReadsMessage = z.input<typeof readsMessageSchema>

/** The whole message, as a device about driver or load writes it. */
export const findingsMessageSchema = z.strictObject({
  v: z.literal(1),
  type: z.literal('findings'),
  /** UTC ms of the device's own clock; holds for findings that name no other. Data only. */
  at: atMs.optional(),
  findings: z.array(findingSchema).max(maxReports),
})
export type FindingsMessage = z.input<typeof findingsMessageSchema>

function decode(message: unknown): Decoded {
  const version = versionOf(message)
  if (version !== 1) return discarded(`A message of version ${version}; this edge knows version 1.`)
  const parsed = messageSchema.safeParse(message)
  if (!parsed.success) return discarded(`No message of ours: ${firstIssue(parsed.error)}`)
  if (parsed.data.type === 'alive') return aside
  if (parsed.data.type === 'findings') {
    const { at, findings } = parsed.data
    if (findings.length === 0) return aside
    return together(findings.map((finding, index) => decodeFinding(finding, index, at ?? null)))
  }
  const { at, reads } = parsed.data
  if (reads.length === 0) return aside
  return together(reads.map((read, index) => decodeRead(read, index, at ?? null)))
}

function decodeRead(read: unknown, index: number, at: number | null): Decoded {
  const parsed = readSchema.safeParse(read)
  if (!parsed.success) return discarded(`No read of ours: reads.${index}: ${firstIssue(parsed.error)}`)
  const place = { antenna: parsed.data.antenna ?? '0', zone: parsed.data.zone ?? null }
  const readerAtMs = parsed.data.at ?? at
  if (parsed.data.kind === 'tag') return heard(tagOf(parsed.data, { ...place, readerAtMs }))
  const { text, region, confidence } = parsed.data
  return heard({ kind: 'plate', ...place, plate: { region, text }, confidence, readerAtMs })
}

function decodeFinding(finding: unknown, index: number, at: number | null): Decoded {
  const parsed = findingSchema.safeParse(finding)
  if (!parsed.success) return discarded(`No finding of ours: findings.${index}: ${firstIssue(parsed.error)}`)
  const { antenna, zone, at: ownAt, ...sensed } = parsed.data
  const place = { antenna: antenna ?? '0', zone: zone ?? null, readerAtMs: ownAt ?? at }
  if (sensed.of === 'text') return heard({ kind: 'text', ...place, text: sensed.text })
  return heard({ kind: 'device', ...place, sensed: sensed satisfies Sensed })
}

type Place = Pick<Heard, 'antenna' | 'zone' | 'readerAtMs'>

function tagOf(read: z.output<typeof tagReadSchema>, place: Place): Heard {
  const { epc, tid, rssiDbm, driverId, count } = read
  return {
    kind: 'tag',
    ...place,
    epc,
    tid: tid ?? null,
    rssiDbm: rssiDbm ?? null,
    driverId: driverId ?? null,
    count: count ?? 1,
  }
}

function versionOf(message: unknown): string | number {
  if (message === null || typeof message !== 'object' || !('v' in message)) return 'none'
  return typeof message.v === 'number' ? message.v : 'unreadable'
}

function firstIssue(error: z.ZodError): string {
  const issue = error.issues[0]
  return issue === undefined ? 'unknown' : `${issue.path.join('.')}: ${issue.message}`
}

export const lanekeeper: MqttDialect = { decode }
