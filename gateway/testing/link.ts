import net, { type AddressInfo } from 'node:net'

/** A line on loopback that can be pulled and put back: while it is down nothing connects and nothing passes. */
export interface Link {
  readonly port: number
  down(): void
  up(): void
  close(): Promise<void>
}

export async function openLink(targetPort: number): Promise<Link> {
  let isUp = true
  const open = new Set<net.Socket>()
  const server = net.createServer((client) => {
    if (!isUp) {
      client.destroy()
      return
    }
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
    target.pipe(client)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const cut = (): void => {
    for (const socket of open) socket.destroy()
  }
  return {
    port: (server.address() as AddressInfo).port,
    down: () => {
      isUp = false
      cut()
    },
    up: () => {
      isUp = true
    },
    close: async () => {
      cut()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
