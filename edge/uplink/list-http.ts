import { setMaxListeners } from 'node:events'
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http'
import { request } from 'node:https'
import type { Clock } from '../base/clock.js'
import { bad, ok, type Result } from '../base/result.js'
import type { EdgeIdentity, IdentitySource } from '../interfaces/identity.js'
import type { StagedList } from '../interfaces/list-store.js'
import { listDeltaSchema, listHeadSchema, type ListDelta, type ListHead } from '../messages/down.js'
import type { ListEntry, ListName } from '../messages/entities.js'
import {
  bounded,
  deltaOf,
  entriesOf,
  linesOf,
  refuseOverrun,
  unpacked,
  within,
  type BodyLimit,
  type LineWatch,
} from './list-body.js'

/** Bounds of one download. A list that is endless or trickles leaves the old one in force (law 6). */
export interface DownloadBounds {
  readonly deltaMaxBytes: number
  /** Of the changes over a gap, unpacked; above it the list is fetched in full. */
  readonly gapMaxBytes: number
  readonly fullMaxBytes: number
  readonly lineMaxBytes: number
  readonly totalMs: number
  /** Longest wait for the next piece; what this edge does with a piece is not counted. */
  readonly idleMs: number
}

export const defaultDownloadBounds: DownloadBounds = {
  deltaMaxBytes: 4 * 1024 ** 2,
  gapMaxBytes: 16 * 1024 ** 2,
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
  /** How many bytes the entries of this version have by who signed it; absent, or undefined: nobody said. */
  readonly bytesOf?: (head: ListHead) => number | undefined
}

/** A full list under way: its head, and its entries as they come. */
export interface FullDownload {
  readonly head: ListHead
  readonly entries: AsyncIterable<ListEntry>
  /** More came than was named, and nothing of what follows is taken. */
  readonly overran: () => boolean
  /** Releases the connection; to be called when nobody reads any more. Safe to call twice. */
  readonly cancel: () => void
}

/** The gateway has nothing under this address: no single delta leads there, or the version is no longer kept. */
export type NotThere = 'notThere'

/** Fetches lists from the gateway, within bounds of bytes and time. Rejects with what went wrong. */
export class ListHttp {
  readonly #given: ListHttpGiven
  readonly #closing = new AbortController()

  constructor(given: ListHttpGiven) {
    this.#given = given
    // One for each download under way: there are more lists than Node takes for usual.
    setMaxListeners(0, this.#closing.signal)
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

  /**
   * Everything that changed from a version to the newest, as one delta: what a chain of deltas would bring, without the
   * versions between, of which nobody proves any. `notThere` also where it is more than the bounds allow.
   */
  async changes(list: ListName, from: number): Promise<Result<ListDelta> | NotThere> {
    const { bounds } = this.#given
    const guard = this.#guard()
    try {
      const headers = { 'accept-encoding': 'gzip' }
      const response = await this.#get(`/edge/v1/lists/${list}/changes?from=${from}`, guard.signal, headers)
      if (response === 'notThere') return response
      const encoding = response.headers['content-encoding']
      const packed = bounded(response, bounds.gapMaxBytes, guard)
      const limit: BodyLimit = { maxBytes: bounds.gapMaxBytes, bytes: 0 }
      const body = within(unpacked(packed, encoding, bounds.gapMaxBytes), limit)
      try {
        const delta = await deltaOf(linesOf(body, bounds.lineMaxBytes))
        return delta.list === list
          ? ok(delta)
          : bad(list, `the gateway sent changes of ${delta.list} (malformed)`)
      } catch (error) {
        if (limit.bytes > limit.maxBytes) return 'notThere'
        throw error
      }
    } finally {
      guard.done()
    }
  }

  /** Root records from a version on, as they came: who asked judges them. */
  async trustRoots(from: number): Promise<Uint8Array | NotThere> {
    const guard = this.#guard()
    try {
      const response = await this.#get(`/edge/v1/trust/roots?from=${from}`, guard.signal)
      if (response === 'notThere') return response
      const pieces: Uint8Array[] = []
      for await (const piece of bounded(response, this.#given.bounds.deltaMaxBytes, guard)) pieces.push(piece)
      return Buffer.concat(pieces)
    } finally {
      guard.done()
    }
  }

  /**
   * Without `version`: the newest. With `staged`, the rest of that very content: `notThere` also where the
   * gateway has another one under its version. The caller cancels, whatever it read.
   */
  async full(
    list: ListName,
    version: number | null,
    staged: StagedList | null = null,
  ): Promise<FullDownload | NotThere> {
    const guard = this.#guard()
    try {
      const asked = new URLSearchParams()
      if (version !== null) asked.set('version', String(version))
      if (staged) asked.set('after', staged.afterKey)
      const query = asked.size === 0 ? '' : `?${asked.toString()}`
      const response = await this.#get(`/edge/v1/lists/${list}/full${query}`, guard.signal, {
        'accept-encoding': 'gzip',
        ...(staged && { 'if-match': `"${staged.head.contentHash}"` }),
      })
      if (response === 'notThere') {
        guard.done()
        return response
      }
      const { lineMaxBytes, fullMaxBytes } = this.#given.bounds
      const packed = bounded(response, fullMaxBytes, guard)
      const body = unpacked(packed, response.headers['content-encoding'], fullMaxBytes)
      const limit: BodyLimit = { maxBytes: fullMaxBytes, bytes: 0 }
      const lines = linesOf(within(body, limit), lineMaxBytes)
      const first = await lines.next()
      const head = listHeadSchema.parse(first.done ? null : JSON.parse(first.value))
      const named = this.#given.bytesOf?.(head)
      if (named !== undefined) limit.maxBytes = Buffer.byteLength(first.value ?? '') + 1 + named
      if (head.list !== list) throw new Error(`the gateway sent the list ${head.list} for ${list}`)
      if (staged && (head.version !== staged.head.version || head.contentHash !== staged.head.contentHash))
        throw new Error(`the gateway sent version ${head.version} for the rest of ${staged.head.version}`)
      const entries = entriesOf(checked(lines, limit))
      return { head, entries, overran: () => limit.bytes > limit.maxBytes, cancel: guard.done }
    } catch (error) {
      guard.done()
      throw error
    }
  }

  async #get(
    path: string,
    signal: AbortSignal,
    headers: OutgoingHttpHeaders = {},
  ): Promise<IncomingMessage | NotThere> {
    const own = this.#given.identity.current()
    if (!own) throw new Error('this box is not enrolled')
    const response = await getOverTls(new URL(path, this.#given.url), own, signal, headers)
    if (response.statusCode === 200) return response
    response.destroy()
    if (response.statusCode === 404 || response.statusCode === 412) return 'notThere'
    throw new Error(`GET ${path}: status ${response.statusCode}`)
  }

  /** Ends a download that takes too long altogether, or whose next piece does not come. */
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
    // The answer to the request is waited for first.
    let cancelIdle = idle()
    return {
      signal: controller.signal,
      waits: () => {
        cancelIdle()
        // What is still read of a body that nobody wants any more is not watched.
        if (!controller.signal.aborted) cancelIdle = idle()
      },
      came: () => {
        cancelIdle()
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

/** What came together with the head counts before the first entry is taken. */
async function* checked(lines: AsyncGenerator<string, void>, limit: BodyLimit): AsyncGenerator<string, void> {
  refuseOverrun(limit)
  yield* lines
}

/** One GET with certificates on both sides; a connection of its own, since the identity may change between two. */
function getOverTls(
  url: URL,
  own: EdgeIdentity,
  signal: AbortSignal,
  headers: OutgoingHttpHeaders,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const asked = request(url, {
      agent: false,
      key: own.keyPem,
      cert: own.certificatePem,
      ca: own.authorityPem,
      minVersion: 'TLSv1.3',
      signal,
      headers,
    })
    asked.once('response', resolve)
    asked.on('error', (error) => {
      // An abort says only that it was one; its reason is what people need to know.
      reject(signal.aborted ? signal.reason : error)
    })
    asked.end()
  })
}

interface Guard extends LineWatch {
  readonly signal: AbortSignal
  /** Releases timers and connection. */
  readonly done: () => void
}
