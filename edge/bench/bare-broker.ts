import path from 'node:path'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:tls'
import { Aedes } from 'aedes'
import { Authority } from '../../gateway/authority/authority.js'
import { edgeTls } from '../../gateway/authority/listener.js'
import { assert } from '../base/assert.js'
import { systemClock } from '../base/clock.js'
import { untilAsked } from '../cli/exit.js'

/**
 * A broker that answers every event and keeps none: what a gateway could at most be as fast as. Its TLS is the
 * gateway's, by the authority in the folder that it is given.
 */
const [folder] = process.argv.slice(2)
assert(folder !== undefined, 'the folder of an authority is named')
const nowMs = systemClock.now().wallMs
const authority = await Authority.open({
  keyFile: path.join(folder, 'authority.key'),
  certFile: path.join(folder, 'authority.pem'),
  ...{ site: 'bench', nowMs },
})
const own = await authority.forServer(['127.0.0.1', 'localhost'], nowMs)
const broker = await Aedes.createBroker()
const server = createServer({ ...edgeTls(authority, own), rejectUnauthorized: true }, (socket) => {
  socket.setNoDelay(true)
  broker.handle(socket)
})
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo
  process.send?.({ is: 'ready', part: 'bare', url: `mqtts://127.0.0.1:${port}` })
})
await untilAsked()
server.close()
broker.close()
process.disconnect?.()
