import { z } from 'zod'
import { aside, discarded, heard, type Decoded } from '../../common/decoded.js'
import { decodeEach, hexIdentity, readerTime, type MqttDialect } from '../dialect.js'

/**
 * Impinj R700, IoT device interface (field.md 2.4): `tagInventory` events, one a message or an array.
 * Nearly all fields are optional and more may come with new firmware, so unknown ones are ignored.
 * `epc` is base64url, RSSI stands in hundredths of a dBm, times have nanoseconds.
 */
const eventSchema = z.object({
  timestamp: z.string().max(64).optional(),
  eventType: z.string().max(64).optional(),
  tagInventoryEvent: z
    .object({
      epcHex: z.string().max(256).optional(),
      epc: z.string().max(256).optional(),
      tidHex: z.string().max(256).optional(),
      tid: z.string().max(256).optional(),
      antennaPort: z.int().min(0).max(255).optional(),
      peakRssiCdbm: z.number().min(-20_000).max(5_000).optional(),
    })
    .optional(),
})

type Inventory = NonNullable<z.output<typeof eventSchema>['tagInventoryEvent']>

function decodeOne(message: unknown): Decoded {
  const parsed = eventSchema.safeParse(message)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    return discarded(`No R700 event: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`)
  }
  const { eventType, tagInventoryEvent: inventory, timestamp } = parsed.data
  if (inventory === undefined)
    // The reader tells of its state, antennas and inputs on the same topic.
    return eventType !== undefined && eventType !== 'tagInventory'
      ? aside
      : discarded('An R700 event that carries no tagInventoryEvent.')
  const epc = epcOf(inventory)
  if (epc === null) return discarded('An R700 event whose EPC is missing, or no hex and no base64url.')
  return heard({
    kind: 'tag',
    antenna: String(inventory.antennaPort ?? 0),
    zone: null,
    epc,
    tid: tidOf(inventory),
    rssiDbm: inventory.peakRssiCdbm === undefined ? null : inventory.peakRssiCdbm / 100,
    driverId: null,
    count: 1,
    readerAtMs: readerTime(timestamp),
  })
}

function epcOf({ epcHex, epc }: Inventory): string | null {
  if (epcHex !== undefined) return hexIdentity(epcHex)
  return epc === undefined ? null : fromBase64Url(epc)
}

/** A TID that makes no sense is no TID: the read itself is still good. */
function tidOf({ tidHex, tid }: Inventory): string | null {
  if (tidHex !== undefined) return hexIdentity(tidHex)
  return tid === undefined ? null : fromBase64Url(tid)
}

function fromBase64Url(text: string): string | null {
  if (!/^[A-Za-z0-9_-]{3,171}={0,2}$/.test(text)) return null
  return hexIdentity(Buffer.from(text, 'base64url').toString('hex'))
}

export const impinjR700: MqttDialect = { decode: (message) => decodeEach(message, decodeOne) }
