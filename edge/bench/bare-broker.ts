import { createServer, type AddressInfo } from 'node:net'
import { Aedes } from 'aedes'
import { untilAsked } from '../cli/exit.js'

/** A broker that answers every event and keeps none: what a gateway could at most be as fast as. */
const broker = await Aedes.createBroker()
const server = createServer((socket) => {
  socket.setNoDelay(true)
  broker.handle(socket)
})
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo
  process.send?.({ is: 'ready', part: 'bare', url: `mqtt://127.0.0.1:${port}` })
})
await untilAsked()
server.close()
broker.close()
process.disconnect?.()
