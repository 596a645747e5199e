import net from 'node:net'
import { listenOnLoopback, Sockets } from './sockets.js'

/** A line on loopback that can be pulled and put back: while it is down nothing connects and nothing passes. */
export interface Link {
  readonly port: number
  down(): void
  up(): void
  close(): Promise<void>
}

export async function openLink(targetPort: number): Promise<Link> {
  let isUp = true
  const sockets = new Sockets()
  const server = net.createServer((client) => {
    if (!isUp) {
      client.destroy()
      return
    }
    const target = sockets.pair(client, targetPort)
    client.pipe(target)
    target.pipe(client)
  })
  const port = await listenOnLoopback(server)
  return {
    port,
    down: () => {
      isUp = false
      sockets.cut()
    },
    up: () => {
      isUp = true
    },
    close: () => sockets.close(server),
  }
}
