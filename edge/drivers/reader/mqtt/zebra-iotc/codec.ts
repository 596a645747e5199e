import { z } from 'zod'
import { aside, discarded, heard, together, type Decoded } from '../../common/decoded.js'
import { decodeEach, hexIdentity, maxReports, readerTime, type MqttDialect } from '../dialect.js'

/**
 * Zebra FX, IoT Connector (field.md 2.5): tag data events of type SIMPLE or CUSTOM, one a message or
 * an array, `data` itself being one read or an array of them. Unknown fields are ignored. Zebra calls
 * this a statistical view and no guaranteed log: a read may never come.
 */
const readSchema = z.object({
  idHex: z.string().max(256),
  peakRssi: z.number().min(-200).max(50).optional(),
  antenna: z.int().min(0).max(255).optional(),
  reads: z.int().min(1).max(1_000_000).optional(),
  TID: z.string().max(256).optional(),
})

const eventSchema = z.object({
  type: z.string().max(64).optional(),
  timestamp: z.string().max(64).optional(),
  data: z.unknown(),
})

/** Messages of the reader's management interface, where it is set to share the topic. */
const management = new Set(['heartbeat', 'gpi', 'error', 'warning', 'firmwareUpdateProgress', 'userapp'])

function decodeOne(message: unknown): Decoded {
  const event = eventSchema.safeParse(message)
  if (!event.success) return discarded('No event of the IoT Connector: it is no object with data.')
  const { type, data, timestamp } = event.data
  if (type !== undefined && management.has(type)) return aside
  const reads: readonly unknown[] = Array.isArray(data) ? data : [data]
  if (reads.length > maxReports) return discarded(`More than ${maxReports} reads in one event.`)
  return together(reads.map((read) => decodeRead(read, readerTime(timestamp))))
}

function decodeRead(read: unknown, readerAtMs: number | null): Decoded {
  const parsed = readSchema.safeParse(read)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    return discarded(
      `No tag data of the IoT Connector: data.${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`,
    )
  }
  const { idHex, peakRssi, antenna, reads, TID } = parsed.data
  const epc = hexIdentity(idHex)
  if (epc === null) return discarded('Tag data of the IoT Connector whose idHex is no hex.')
  return heard({
    kind: 'tag',
    antenna: String(antenna ?? 0),
    zone: null,
    epc,
    tid: TID === undefined ? null : hexIdentity(TID),
    rssiDbm: peakRssi ?? null,
    driverId: null,
    count: reads ?? 1,
    readerAtMs,
  })
}

export const zebraIotc: MqttDialect = { decode: (message) => decodeEach(message, decodeOne) }
