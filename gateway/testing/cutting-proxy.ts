import net, { type AddressInfo } from 'node:net'

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
  const open = new Set<net.Socket>()
  const server = net.createServer((client) => {
    let left = bytesOf(counters.connections)
    counters.connections += 1
    const target = net.connect(targetPort, '127.0.0.1')
    for (const socket of [client, target]) {
      open.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        open.delete(socket)
        client.destroy()
        target.destroy()
      })
    }
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
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    get connections() {
      return counters.connections
    },
    get cuts() {
      return counters.cuts
    },
    get bytesToClient() {
      return counters.bytesToClient
    },
    close: async () => {
      for (const socket of open) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
