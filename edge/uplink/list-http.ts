import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import type { Clock } from '../base/clock.js'
import { messageOf } from '../base/error.js'
import { bad, ok, type Result } from '../base/result.js'
import type { EdgeIdentity, IdentitySource } from '../interfaces/identity.js'
import { listDeltaSchema, listHeadSchema, type ListDelta, type ListHead } from '../messages/down.js'
import { listEntrySchema, type ListEntry, type ListName } from '../messages/entities.js'

/** Bounds of one download. A list that is endless or trickles leaves the old one in force (law 6). */
export interface DownloadBounds {
  readonly deltaMaxBytes: number
  readonly fullMaxBytes: number
  readonly lineMaxBytes: number
  readonly totalMs: number
  /** Longest pause between two pieces. */
  readonly idleMs: number
}

export const defaultDownloadBounds: DownloadBounds = {
  deltaMaxBytes: 4 * 1024 ** 2,
  fullMaxBytes: 4 * 1024 ** 3,
  lineMaxBytes: 64 * 1024,
  totalMs: 30 * 60_000,
  idleMs: 15_000,
}

export interface ListHttpGiven {
  /** Address of the gateway's listener for edges, e.g. `https://gateway.site:8444`. */
  readonly url: string
  readonly identity: IdentitySource
  readonly clock: Clock
  readonly bounds: DownloadBounds
}

/** A full list under way: its head, and its entries as they come. */
export interface FullDownload {
  readonly head: ListHead
  readonly entries: AsyncIterable<ListEntry>
  /** Releases the connection; to be called when nobody reads any more. Safe to call twice. */
  readonly cancel: () => void
}

/** The gateway has nothing under this address: no single delta leads there, or the version is no longer kept. */
export type NotThere = 'notThere'

const newline = 10

/** Fetches lists from the gateway, within bounds of bytes and time. Rejects with what went wrong. */
export class ListHttp {
  readonly #given: ListHttpGiven
  readonly #closing = new AbortController()

  constructor(given: ListHttpGiven) {
    this.#given = given
  }

  /** Ends what is under way; nothing can be fetched afterwards. */
  close(): void {
    this.#closing.abort(new Error('the uplink is closed'))
  }

  async delta(list: ListName, from: number): Promise<Result<ListDelta> | NotThere> {
    const { bounds } = this.#given
    const guard = this.#guard()
    try {
      const response = await this.#get(`/edge/v1/lists/${list}/delta?from=${from}`, guard.signal)
      if (response === 'notThere') return response
      const pieces: Uint8Array[] = []
      for await (const piece of bounded(response, bounds.deltaMaxBytes, guard)) pieces.push(piece)
      const parsed = listDeltaSchema.safeParse(JSON.parse(Buffer.concat(pieces).toString('utf8')))
      if (parsed.success && parsed.data.list === list) return ok(parsed.data)
      return bad(list, 'the gateway sent a delta that makes no sense (malformed)')
    } finally {
      guard.done()
    }
  }

  /** Without `version`: the newest. The caller cancels, whatever it read. */
  async full(list: ListName, version: number | null): Promise<FullDownload | NotThere> {
    const guard = this.#guard()
    try {
      const query = version === null ? '' : `?version=${version}`
      const response = await this.#get(`/edge/v1/lists/${list}/full${query}`, guard.signal)
      if (response === 'notThere') {
        guard.done()
        return response
      }
      const { lineMaxBytes, fullMaxBytes } = this.#given.bounds
      const lines = linesOf(bounded(response, fullMaxBytes, guard), lineMaxBytes)
      const first = await lines.next()
      const head = listHeadSchema.parse(first.done ? null : JSON.parse(first.value))
      if (head.list !== list) throw new Error(`the gateway sent the list ${head.list} for ${list}`)
      return { head, entries: entriesOf(lines), cancel: guard.done }
    } catch (error) {
      guard.done()
      throw error
    }
  }

  async #get(path: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array> | NotThere> {
    const own = this.#given.identity.current()
    if (!own) throw new Error('this box is not enrolled')
    const response = await getOverTls(new URL(path, this.#given.url), own, signal)
    if (response.statusCode === 200) return response
    response.destroy()
    if (response.statusCode === 404) return 'notThere'
    throw new Error(`GET ${path}: status ${response.statusCode}`)
  }

  /** Ends a download that takes too long altogether, or pauses too long. */
  #guard(): Guard {
    const { clock, bounds } = this.#given
    const controller = new AbortController()
    const abort = (why: string) => () => {
      controller.abort(new Error(why))
    }
    const onClose = abort('the uplink is closed')
    this.#closing.signal.addEventListener('abort', onClose)
    if (this.#closing.signal.aborted) onClose()
    const cancelTotal = clock.after('list total', bounds.totalMs, abort('the download takes too long'))
    const idle = (): (() => void) =>
      clock.after('list idle', bounds.idleMs, abort('the download stands still'))
    let cancelIdle = idle()
    return {
      signal: controller.signal,
      alive: () => {
        cancelIdle()
        cancelIdle = idle()
      },
      done: () => {
        cancelTotal()
        cancelIdle()
        this.#closing.signal.removeEventListener('abort', onClose)
        controller.abort()
      },
    }
  }
}

/** One GET with certificates on both sides; a connection of its own, since the identity may change between two. */
function getOverTls(url: URL, own: EdgeIdentity, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const asked = request(url, {
      agent: false,
      key: own.keyPem,
      cert: own.certificatePem,
      ca: own.authorityPem,
      minVersion: 'TLSv1.3',
      signal,
    })
    asked.once('response', resolve)
    asked.on('error', (error) => {
      // An abort says only that it was one; its reason is what people need to know.
      reject(signal.aborted ? signal.reason : error)
    })
    asked.end()
  })
}

interface Guard {
  readonly signal: AbortSignal
  /** Something came. */
  readonly alive: () => void
  /** Releases timers and connection. */
  readonly done: () => void
}

async function* bounded(
  body: AsyncIterable<Uint8Array>,
  maxBytes: number,
  guard: Guard,
): AsyncGenerator<Uint8Array> {
  let bytes = 0
  for await (const piece of body) {
    guard.alive()
    bytes += piece.length
    if (bytes > maxBytes) throw new Error(`more than ${maxBytes} bytes`)
    yield piece
  }
}

/** Whole lines; one above the bound ends the download, so that what is held stays within it. */
async function* linesOf(body: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<string, void> {
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

async function* entriesOf(lines: AsyncGenerator<string, void>): AsyncGenerator<ListEntry> {
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
