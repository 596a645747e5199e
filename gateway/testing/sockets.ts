import net, { type AddressInfo } from 'node:net'

/** Both ends of every connection that goes through a proxy of a test, so that it can be cut and closed. */
export class Sockets {
  readonly #open = new Set<net.Socket>()

  /** Connects this client to `targetPort` on loopback: where one end closes, the other does. Nothing is piped yet. */
  pair(client: net.Socket, targetPort: number): net.Socket {
    const target = net.connect(targetPort, '127.0.0.1')
    for (const socket of [client, target]) {
      this.#open.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        this.#open.delete(socket)
        client.destroy()
        target.destroy()
      })
    }
    return target
  }

  cut(): void {
    for (const socket of this.#open) socket.destroy()
  }

  /** Cuts everything and ends the server. */
  async close(server: net.Server): Promise<void> {
    this.cut()
    await new Promise((resolve) => server.close(resolve))
  }
}

/** The port of loopback that it listens on from now on. */
export async function listenOnLoopback(server: net.Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}
