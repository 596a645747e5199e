import net from 'node:net'
import type { Clock } from '../../edge/base/clock.js'
import { LanekeeperError } from '../../edge/base/error.js'
import type { Random } from '../../edge/base/random.js'

/** How bad the line is now; applies to bytes that arrive from then on. */
export interface LineQuality {
  /** Added to each direction, milliseconds. */
  readonly delayMs: number
  /** On top of the delay, up to this much, drawn for each piece; order is kept. */
  readonly jitterMs: number
  /** Each direction; null: as fast as it goes. */
  readonly bytesPerSecond: number | null
  /** Bytes that arrive in this direction vanish, and the connections stay open. */
  readonly swallows: 'nothing' | 'toTarget' | 'toClient' | 'both'
  /** New connections are refused at once. */
  readonly refuses: boolean
}

export const goodLine: LineQuality = {
  delayMs: 0,
  jitterMs: 0,
  bytesPerSecond: null,
  swallows: 'nothing',
  refuses: false,
}

export interface FaultProxyCounters {
  connections: number
  refused: number
  bytesToTarget: number
  bytesToClient: number
  bytesSwallowed: number
}

export interface FaultProxy {
  readonly port: number
  readonly counters: Readonly<FaultProxyCounters>
  readonly open: number
  setQuality(quality: Partial<LineQuality>): void
  /** Moves the far end, for a target that came back on another port. */
  setTarget(port: number): void
  /** Resets every connection on both sides, as a pulled cable with a live stack does. */
  cut(): void
  /** The far side is gone and the near side is never told: the half-open connection of a dead router. */
  halfOpen(): void
  close(): Promise<void>
}

/** The most that one direction holds back before it stops reading; a slow line must not cost memory. */
const heldBytesMax = 256 * 1024

interface Held {
  readonly chunk: Buffer
  readonly dueMs: number
}

/** One direction of one connection. */
class Pipe {
  readonly #from: net.Socket
  readonly #to: net.Socket
  readonly #given: { readonly clock: Clock; readonly random: Random; readonly quality: () => LineQuality }
  readonly #toward: 'toTarget' | 'toClient'
  readonly #counters: FaultProxyCounters
  readonly #held: Held[] = []
  #heldBytes = 0
  #lastDueMs = 0
  #stopTimer: (() => void) | null = null
  #ending = false
  #dead = false

  constructor(
    from: net.Socket,
    to: net.Socket,
    toward: 'toTarget' | 'toClient',
    given: { clock: Clock; random: Random; quality: () => LineQuality },
    counters: FaultProxyCounters,
  ) {
    this.#from = from
    this.#to = to
    this.#toward = toward
    this.#given = given
    this.#counters = counters
    from.on('data', (chunk: Buffer) => {
      this.#take(chunk)
    })
    from.on('end', () => {
      this.#ending = true
      this.#flush()
    })
  }

  /** Forgets what it holds and passes nothing on any more. */
  kill(): void {
    this.#dead = true
    this.#stopTimer?.()
    this.#held.length = 0
  }

  #take(chunk: Buffer): void {
    const { clock, random, quality } = this.#given
    const line = quality()
    if (this.#dead || line.swallows === 'both' || line.swallows === this.#toward) {
      this.#counters.bytesSwallowed += chunk.length
      return
    }
    const nowMs = clock.now().monoMs
    const travelMs = line.delayMs + line.jitterMs * random.next()
    const sendMs = line.bytesPerSecond === null ? 0 : (chunk.length / line.bytesPerSecond) * 1_000
    // A piece never overtakes the one before it, and a narrow line is busy until that one is through.
    this.#lastDueMs = Math.max(nowMs + travelMs, this.#lastDueMs) + sendMs
    this.#held.push({ chunk, dueMs: this.#lastDueMs })
    this.#heldBytes += chunk.length
    if (this.#heldBytes > heldBytesMax) this.#from.pause()
    this.#flush()
  }

  #flush(): void {
    this.#stopTimer?.()
    this.#stopTimer = null
    const nowMs = this.#given.clock.now().monoMs
    for (let head = this.#held[0]; head && head.dueMs <= nowMs; head = this.#held[0]) {
      this.#held.shift()
      this.#heldBytes -= head.chunk.length
      if (this.#toward === 'toTarget') this.#counters.bytesToTarget += head.chunk.length
      else this.#counters.bytesToClient += head.chunk.length
      if (!this.#to.destroyed) this.#to.write(head.chunk)
    }
    if (this.#heldBytes <= heldBytesMax / 2 && this.#from.isPaused()) this.#from.resume()
    const next = this.#held[0]
    if (next) {
      this.#stopTimer = this.#given.clock.after('faultproxy', Math.max(1, next.dueMs - nowMs), () => {
        this.#flush()
      })
    } else if (this.#ending && !this.#to.destroyed) this.#to.end()
  }
}

/**
 * Ends a connection with a reset. While its own end is on its way Node refuses to reset a socket, and one that it refused
 * stays open for ever: no `close` comes, and the process spins in its exit. Such a one is closed as it is.
 */
function reset(socket: net.Socket): void {
  if (socket.writableEnded && !socket.writableFinished) socket.destroy()
  else socket.resetAndDestroy()
}

interface Pair {
  readonly client: net.Socket
  readonly target: net.Socket
  readonly pipes: readonly Pipe[]
  /** Its far side was taken away; the near side is kept open on purpose. */
  halfOpen: boolean
}

/**
 * A TCP proxy on loopback that makes a line bad on request: slow, narrow, cut, silent, half open.
 * `given.listenPort` 0 takes a free port.
 */
export async function openFaultProxy(
  given: { readonly clock: Clock; readonly random: Random },
  ends: { readonly targetPort: number; readonly listenPort?: number },
): Promise<FaultProxy> {
  const pairs = new Set<Pair>()
  const counters: FaultProxyCounters = {
    connections: 0,
    refused: 0,
    bytesToTarget: 0,
    bytesToClient: 0,
    bytesSwallowed: 0,
  }
  let quality = goodLine
  let targetPort = ends.targetPort

  const server = net.createServer((client) => {
    if (quality.refuses) {
      counters.refused += 1
      client.on('error', () => undefined)
      reset(client)
      return
    }
    counters.connections += 1
    const target = net.connect({ port: targetPort, host: '127.0.0.1' })
    const piped = { ...given, quality: () => quality }
    const pair: Pair = {
      client,
      target,
      pipes: [
        new Pipe(client, target, 'toTarget', piped, counters),
        new Pipe(target, client, 'toClient', piped, counters),
      ],
      halfOpen: false,
    }
    pairs.add(pair)
    target.on('error', () => {
      if (!pair.halfOpen) reset(client)
    })
    client.on('error', () => {
      target.destroy()
    })
    client.on('close', () => {
      target.destroy()
      for (const pipe of pair.pipes) pipe.kill()
      pairs.delete(pair)
    })
    target.on('close', (hadError) => {
      // What the target had sent before it closed is still on its way; an abrupt end is passed on abruptly.
      if (hadError && !pair.halfOpen) client.destroy()
    })
  })

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(ends.listenPort ?? 0, '127.0.0.1', () => {
      server.off('error', reject)
      resolve()
    })
  })
  const address = server.address()
  if (address === null || typeof address === 'string') {
    throw new LanekeeperError('faultproxy.noPort', 'the fault proxy got no TCP port')
  }

  return {
    port: address.port,
    counters,
    get open() {
      return pairs.size
    },
    setQuality: (change) => {
      quality = { ...quality, ...change }
    },
    setTarget: (port) => {
      targetPort = port
    },
    cut: () => {
      for (const pair of pairs) {
        reset(pair.client)
        reset(pair.target)
      }
    },
    halfOpen: () => {
      for (const pair of pairs) {
        pair.halfOpen = true
        for (const pipe of pair.pipes) pipe.kill()
        reset(pair.target)
      }
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve()
        })
        for (const pair of pairs) {
          pair.client.destroy()
          pair.target.destroy()
        }
      }),
  }
}
