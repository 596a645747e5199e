import net from 'node:net'
import { listenOnLoopback, Sockets } from './sockets.js'

/** A TCP proxy on loopback that resets each connection after so many bytes towards the client. */
export interface CuttingProxy {
  readonly port: number
  readonly connections: number
  readonly cuts: number
  readonly bytesToClient: number
  close(): Promise<void>
}

/** `bytesOf`: how much the connection with this number lets through; `Infinity`: all. */
export async function openCuttingProxy(
  targetPort: number,
  bytesOf: (connection: number) => number,
): Promise<CuttingProxy> {
  const counters = { connections: 0, cuts: 0, bytesToClient: 0 }
  const sockets = new Sockets()
  const server = net.createServer((client) => {
    let left = bytesOf(counters.connections)
    counters.connections += 1
    const target = sockets.pair(client, targetPort)
    client.pipe(target)
    target.on('data', (piece: Buffer) => {
      const passed = piece.subarray(0, Math.min(piece.length, left))
      left -= passed.length
      counters.bytesToClient += passed.length
      const isFull = !client.write(passed)
      if (left <= 0) {
        counters.cuts += 1
        target.destroy()
        // What was let through is to arrive: the cut comes behind it.
        client.end(() => client.destroy())
      } else if (isFull) {
        target.pause()
        client.once('drain', () => target.resume())
      }
    })
    target.on('end', () => client.end())
  })
  const port = await listenOnLoopback(server)
  return {
    port,
    get connections() {
      return counters.connections
    },
    get cuts() {
      return counters.cuts
    },
    get bytesToClient() {
      return counters.bytesToClient
    },
    close: () => sockets.close(server),
  }
}
