import { once } from 'node:events'
import { setImmediate } from 'node:timers/promises'
import { constants, createGunzip } from 'node:zlib'
import { messageOf } from '../base/error.js'
import { listChangeSchema, listGapSchema, type ListDelta } from '../messages/down.js'
import { listEntrySchema, type ListEntry } from '../messages/entities.js'

const newline = 10
/** Changes that are read in one go. */
const linesAtOnce = 128

/** Text of entries shrinks to a tenth or a twentieth; what unpacks to more than this many times itself is no list. */
const unpackedTimesMax = 200
/** The first piece may be as small as it likes. */
const unpackedFreeBytes = 1024 ** 2

/** Who watches how long the line is silent. */
export interface LineWatch {
  /** The next piece is waited for. */
  readonly waits: () => void
  /** One came, and whoever asked for it works on it as long as he likes. */
  readonly came: () => void
}

/**
 * Ends with an error above so many bytes. The line is watched only while something is waited for: a disk that takes its
 * time over what came is no silence of the other side.
 */
export async function* bounded(
  body: AsyncIterable<Uint8Array>,
  maxBytes: number,
  line: LineWatch,
): AsyncGenerator<Uint8Array> {
  let bytes = 0
  line.waits()
  for await (const piece of body) {
    line.came()
    bytes += piece.length
    if (bytes > maxBytes) throw new Error(`more than ${maxBytes} bytes`)
    yield piece
    line.waits()
  }
  line.came()
}

/** What a body may be at most; said once its head is known, which is a part of it. */
export interface BodyLimit {
  maxBytes: number
  /** Bytes that came so far. */
  bytes: number
}

/** Ends with an error as soon as more came than the limit allows by then. */
export async function* within(body: AsyncIterable<Uint8Array>, limit: BodyLimit): AsyncGenerator<Uint8Array> {
  for await (const piece of body) {
    limit.bytes += piece.length
    refuseOverrun(limit)
    yield piece
  }
}

/** Throws where more came than the limit allows. */
export function refuseOverrun({ bytes, maxBytes }: BodyLimit): void {
  if (bytes > maxBytes) throw new Error(`${bytes} bytes came of a list of ${maxBytes}`)
}

/**
 * Unpacks a body that is being received, a piece at a time. Of one that is cut, everything that can be unpacked
 * comes before the error, so that what was received is not received again.
 */
export async function* unpacked(
  body: AsyncIterable<Uint8Array>,
  encoding: string | undefined,
  maxBytes: number,
): AsyncGenerator<Uint8Array> {
  if (encoding === undefined || encoding === 'identity') {
    yield* body
    return
  }
  if (encoding !== 'gzip') throw new Error(`the body is packed as ${encoding.slice(0, 20)}, not as gzip`)
  const gunzip = createGunzip({ finishFlush: constants.Z_SYNC_FLUSH })
  const stop = new AbortController()
  let taken = 0
  let broken: { readonly error: unknown } | null = null
  const feeding = (async () => {
    try {
      for await (const piece of body) {
        taken += piece.length
        if (!gunzip.write(piece)) await once(gunzip, 'drain', { signal: stop.signal })
      }
    } catch (error) {
      broken = { error }
    } finally {
      gunzip.end()
    }
  })()
  try {
    let given = 0
    for await (const piece of gunzip as AsyncIterable<Uint8Array>) {
      given += piece.length
      if (given > maxBytes) throw new Error(`unpacks to more than ${maxBytes} bytes`)
      if (given > unpackedFreeBytes && given > taken * unpackedTimesMax)
        throw new Error(`${taken} bytes unpack to more than ${given}: this is no list`)
      yield piece
    }
  } finally {
    stop.abort()
    gunzip.destroy()
  }
  await feeding
  throwIf(broken)
}

function throwIf(broken: { readonly error: unknown } | null): void {
  if (broken) throw broken.error
}

/** Whole lines; one above the bound ends the download, so that what is held stays within it. */
export async function* linesOf(
  body: AsyncIterable<Uint8Array>,
  maxBytes: number,
): AsyncGenerator<string, void> {
  let rest = Buffer.alloc(0)
  for await (const piece of body) {
    let from = 0
    for (let at = piece.indexOf(newline); at >= 0; at = piece.indexOf(newline, from)) {
      const line = Buffer.concat([rest, piece.subarray(from, at)])
      if (line.length > maxBytes) throw new Error(`a line of ${line.length} bytes`)
      rest = Buffer.alloc(0)
      from = at + 1
      if (line.length > 0) yield line.toString('utf8')
    }
    rest = Buffer.concat([rest, piece.subarray(from)])
    if (rest.length > maxBytes) throw new Error(`a line of more than ${maxBytes} bytes`)
  }
  if (rest.length > 0) yield rest.toString('utf8')
}

/**
 * The changes over a gap as one delta. Throws where the lines are not those that the first one announces: a body that is
 * cut must not count as a smaller change.
 */
export async function deltaOf(lines: AsyncGenerator<string, void>): Promise<ListDelta> {
  const first = await lines.next()
  const gap = listGapSchema.parse(first.done ? null : JSON.parse(first.value))
  const upserts: ListEntry[] = []
  const deletes: string[] = []
  for await (const text of lines) {
    const change = listChangeSchema.parse(JSON.parse(text))
    if ('upsert' in change) upserts.push(change.upsert)
    else deletes.push(change.delete)
    if (upserts.length > gap.upserts || deletes.length > gap.deletes) break
    // Lines that are there already come without a pause, and the lanes have the same thread.
    if ((upserts.length + deletes.length) % linesAtOnce === 0) await setImmediate()
  }
  if (upserts.length !== gap.upserts || deletes.length !== gap.deletes)
    throw new Error(
      `${gap.upserts} changes and ${gap.deletes} ends were announced, ${upserts.length} and ${deletes.length} came`,
    )
  return { ...gap, upserts, deletes }
}

/** The entries of the lines after the head. */
export async function* entriesOf(lines: AsyncGenerator<string, void>): AsyncGenerator<ListEntry> {
  let line = 1
  try {
    for await (const text of lines) {
      line += 1
      yield listEntrySchema.parse(JSON.parse(text))
    }
  } catch (error) {
    throw new Error(`line ${line}: ${messageOf(error).slice(0, 200)}`)
  }
}
