import { discarded, heard, type Decoded } from '../common/decoded.js'

/**
 * The frame of an invented reader, as a pattern for binary ones: A5, length of the EPC (2 to 62
 * bytes), antenna, RSSI (signed, dBm), EPC, and the sum of all that, modulo 256. Name here the page
 * of the maker's manual, the firmware it was checked with, and what it does beside the manual.
 */
const start = 0xa5
const headBytes = 4
const minEpcBytes = 2
const maxEpcBytes = 62

/** What a frame may take at most: no reader needs more memory than this, whatever it sends. */
export const maxFrameBytes = headBytes + maxEpcBytes + 1

export interface Split {
  /** Whole frames, in order. */
  readonly frames: readonly Buffer[]
  /** Bytes that begin a frame and wait for the rest of it: fewer than `maxFrameBytes`. */
  readonly rest: Buffer
  readonly discardedBytes: number
}

/**
 * Cuts what has come so far into frames: by their length, for the start byte may occur inside one,
 * and with the sum, so that a start byte inside noise costs a byte and no frame behind it.
 */
export function split(bytes: Buffer): Split {
  const frames: Buffer[] = []
  let at = 0
  let discardedBytes = 0
  while (at < bytes.length) {
    const end = endOfFrame(bytes, at)
    if (end === 'incomplete') break
    if (end === 'no frame') {
      discardedBytes += 1
      at += 1
    } else {
      frames.push(bytes.subarray(at, end))
      at = end
    }
  }
  return { frames, rest: Buffer.from(bytes.subarray(at)), discardedBytes }
}

function endOfFrame(bytes: Buffer, at: number): number | 'incomplete' | 'no frame' {
  if (bytes[at] !== start) return 'no frame'
  const epcBytes = bytes[at + 1]
  if (epcBytes === undefined) return 'incomplete'
  if (epcBytes < minEpcBytes || epcBytes > maxEpcBytes) return 'no frame'
  const end = at + headBytes + epcBytes + 1
  if (end > bytes.length) return 'incomplete'
  return sumOf(bytes.subarray(at, end - 1)) === bytes[end - 1] ? end : 'no frame'
}

function sumOf(bytes: Buffer): number {
  return bytes.reduce((sum, byte) => (sum + byte) & 0xff, 0)
}

/** Decodes one whole frame. */
export function decode(frame: Buffer): Decoded {
  if (frame.length < headBytes + minEpcBytes + 1) return discarded('A frame too short for an EPC.')
  return heard({
    kind: 'tag',
    antenna: String(frame.readUInt8(2)),
    zone: null,
    epc: frame.subarray(headBytes, -1).toString('hex').toUpperCase(),
    tid: null,
    rssiDbm: frame.readInt8(3),
    driverId: null,
    count: 1,
    readerAtMs: null,
  })
}
