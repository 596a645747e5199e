import type { Sensed } from '../../../edge/messages/sensed.js'
import type { SimulatedPlate, SimulatedTag } from '../tag.js'

/** Messages as the readers write them (field.md 2.4 and 2.5), apart from the driver's codecs on purpose. */
export const messageForms = ['impinj-r700', 'zebra-iotc', 'lanekeeper'] as const
export type MessageForm = (typeof messageForms)[number]

/** One message for these tags: an array where a reader of this family has no other way to group them. */
export function encodeTags(form: MessageForm, tags: readonly SimulatedTag[], readerAtMs: number): unknown {
  switch (form) {
    case 'impinj-r700':
      return single(tags.map((tag) => r700Event(tag, readerAtMs)))
    case 'zebra-iotc':
      return single(tags.map((tag, index) => zebraEvent(tag, index, readerAtMs)))
    case 'lanekeeper':
      return {
        v: 1,
        type: 'reads',
        at: Math.round(readerAtMs),
        reads: tags.map((tag) => ({ kind: 'tag', ...tag })),
      }
  }
}

/** What a plate camera sends; only our own vocabulary carries plates. */
export function encodePlates(plates: readonly SimulatedPlate[], readerAtMs: number): unknown {
  const reads = plates.map((plate) => ({ kind: 'plate', ...plate }))
  return { v: 1, type: 'reads', at: Math.round(readerAtMs), reads }
}

/** What a device about driver or load sends. */
export function encodeFindings(findings: readonly Sensed[], readerAtMs: number): unknown {
  return { v: 1, type: 'findings', at: Math.round(readerAtMs), findings }
}

function single(events: readonly unknown[]): unknown {
  return events.length === 1 ? events[0] : events
}

function r700Event(tag: SimulatedTag, readerAtMs: number): unknown {
  const antenna = Number(tag.antenna ?? '1')
  // The device counts nanoseconds; ours end in zeros that it would not have.
  const time = new Date(readerAtMs).toISOString().replace('Z', '476625Z')
  return {
    timestamp: time,
    hostname: 'impinj-14-00-01',
    eventType: 'tagInventory',
    tagInventoryEvent: {
      epc: Buffer.from(tag.epc, 'hex').toString('base64url'),
      epcHex: tag.epc,
      ...(tag.tid === undefined ? {} : { tidHex: tag.tid }),
      antennaPort: antenna,
      antennaName: `Portal${antenna}`,
      ...(tag.rssiDbm === undefined ? {} : { peakRssiCdbm: Math.round(tag.rssiDbm * 100) }),
      frequency: 866_900,
      transmitPowerCdbm: 3_150,
      lastSeenTime: time,
    },
  }
}

function zebraEvent(tag: SimulatedTag, index: number, readerAtMs: number): unknown {
  return {
    data: {
      idHex: tag.epc.toLowerCase(),
      ...(tag.rssiDbm === undefined ? {} : { peakRssi: Math.round(tag.rssiDbm) }),
      antenna: Number(tag.antenna ?? '1'),
      eventNum: index + 1,
      format: 'epc',
      reads: tag.count ?? 1,
      ...(tag.tid === undefined ? {} : { TID: tag.tid }),
    },
    timestamp: new Date(readerAtMs).toISOString(),
    type: 'SIMPLE',
  }
}
