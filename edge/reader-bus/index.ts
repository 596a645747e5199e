import { readFile } from 'node:fs/promises'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { Aedes, type AuthenticateError, type Client } from 'aedes'
import type { Clock } from '../base/clock.js'
import { LanekeeperError, messageOf } from '../base/error.js'
import type { FaultChange } from '../base/fault.js'
import type { Logger } from '../base/log.js'
import type { OwnBus } from '../interfaces/reader.js'
import type { ReaderBusConfig } from './config.js'
import { FrameLimiter } from './frame-limiter.js'
import { InProcess } from './in-process.js'
import { Refusals } from './refusals.js'
import { Users } from './users.js'

export { parseReaderBusConfig, type ReaderBusConfig } from './config.js'

export interface ReaderBusGiven {
  readonly clock: Clock
  readonly log: Logger
  readonly onFault: (change: FaultChange) => void
}

export interface ReaderBusCounters {
  /** Clients that are connected and known, now. */
  clients: number
  /** Messages that the bus took. */
  published: number
  /** Messages of QoS 0 above a client's rate. */
  shed: number
  /** Connections, messages and subscriptions that were refused. */
  refused: number
}

export interface ReaderBus {
  /** Where readers and drivers connect: `mqtt://` or `mqtts://`, host and port. */
  readonly url: string
  readonly port: number
  readonly counters: Readonly<ReaderBusCounters>
  /** For whoever listens in this process. */
  readonly own: OwnBus
  /** Throws all clients out; resolves when nothing listens any more. Safe to call twice. */
  close(): Promise<void>
}

/** MQTT 3.1.1, 3.2.2.3: bad user name or password. */
const badCredentials = 4
/** Half-open QoS 2 messages a client may have; readers need none. */
const maxHalfOpen = 32

/**
 * Opens the edge's own MQTT listener, so that readers are heard with the gateway away. In memory,
 * sessions clean, nothing retained, everything denied that the configuration does not name.
 *
 * @throws LanekeeperError where a secret or certificate cannot be used or the address is taken
 */
export async function openReaderBus(config: ReaderBusConfig, given: ReaderBusGiven): Promise<ReaderBus> {
  const users = await Users.load(config)
  const refusals = new Refusals(given)
  const counters: ReaderBusCounters = { clients: 0, published: 0, shed: 0, refused: 0 }
  const refuse = (why: string) => {
    refusals.refuse(why)
    counters.refused = refusals.count
  }
  const broker = await startBroker(config, users, counters, refuse)
  // An error of the broker or of accepting concerns one connection; unheard it would end the process.
  const survive = (error: Error) => given.log.error({ error: error.message }, 'The reader bus had an error.')
  broker.addListener('error', survive)
  const limitersGiven = {
    clock: given.clock,
    onRefused: refuse,
    onShed: () => {
      counters.shed += 1
    },
  }
  const sockets = new Set<Socket>()
  const onSocket = (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    broker.handle(new FrameLimiter(socket, config, limitersGiven))
  }
  let server: Server
  let port: number
  try {
    server = await createListener(config, onSocket)
    server.maxConnections = config.maxClients
    port = await listen(server, config)
  } catch (error) {
    // Its timers would keep a process alive that has no bus.
    broker.close()
    throw error
  }
  server.on('drop', () => refuse(`a connection beyond the ${config.maxClients} that are allowed`))
  server.on('tlsClientError', () => refuse('a client without a valid TLS handshake'))
  server.on('error', survive)
  const url = `${config.tls ? 'mqtts' : 'mqtt'}://${config.host.includes(':') ? `[${config.host}]` : config.host}:${port}`
  given.log.info({ url, users: config.users.length }, 'The reader bus listens.')

  const own = new InProcess({ broker, users, config, port, refuse })
  let closed: Promise<void> | undefined
  const close = () => {
    own.close()
    return (closed ??= shut(server, broker, sockets, refusals))
  }
  return { url, port, counters, own, close }
}

async function startBroker(
  config: ReaderBusConfig,
  users: Users,
  counters: ReaderBusCounters,
  refuse: (why: string) => void,
): Promise<Aedes> {
  const names = new WeakMap<Client, string>()
  const nameOf = (client: Client | null) => (client === null ? '' : (names.get(client) ?? ''))
  const broker = await Aedes.createBroker({
    drainTimeout: config.drainTimeoutMs,
    connectTimeout: config.connectTimeoutMs,
    maxInflightInbound: maxHalfOpen,
    // MQTT 3.1 knows 23 characters; the user's name is put before the id below.
    maxClientsIdLength: 128,
    preConnect: (_client, packet, done) => {
      if (packet.clientId === '' && packet.clean === false) {
        refuse('a client without an id that wants a session kept')
        done(new Error('A client without an id cannot have a session.'), false)
        return
      }
      // No session outlives its connection: aedes would queue for it without bound (reliability.md F48).
      packet.clean = true
      // Ids are apart for each user, so that nobody throws another one out by taking its id.
      if (packet.clientId !== '') packet.clientId = `${packet.username ?? ''}/${packet.clientId}`
      done(null, true)
    },
    authenticate: (client, name, secret, done) => {
      if (name !== undefined && users.knows(name, secret)) {
        names.set(client, name)
        done(null, true)
        return
      }
      refuse(`the login of ${JSON.stringify((name ?? '').slice(0, 64))}`)
      done(credentialsError(), false)
    },
    authorizePublish: (client, packet, done) => {
      if (!users.mayPublish(nameOf(client), packet.topic)) {
        refuse(`${nameOf(client)} on a topic it may not publish to`)
        done(new Error('This user may not publish to this topic.'))
        return
      }
      // A retained read would be heard again by everyone who comes later, as if it were new.
      packet.retain = false
      counters.published += 1
      done(null)
    },
    authorizeSubscribe: (client, subscription, done) => {
      if (users.maySubscribe(nameOf(client), subscription.topic)) {
        done(null, subscription)
        return
      }
      refuse(`${nameOf(client)} on a topic it may not subscribe to`)
      done(null, null)
    },
  })
  const count = () => {
    counters.clients = broker.connectedClients
  }
  broker.on('client', count)
  broker.on('clientDisconnect', count)
  // A client that breaks the protocol or the connection costs nothing but itself.
  broker.on('clientError', () => undefined)
  broker.on('connectionError', () => refuse('a connection that does not speak MQTT'))
  return broker
}

function credentialsError(): AuthenticateError {
  return Object.assign(new Error('Unknown user or wrong secret.'), { returnCode: badCredentials })
}

async function createListener(config: ReaderBusConfig, onSocket: (socket: Socket) => void): Promise<Server> {
  const onConnection = (socket: Socket) => {
    socket.setNoDelay(true)
    onSocket(socket)
  }
  if (config.tls === undefined) return createServer(onConnection)
  try {
    const [cert, key] = await Promise.all([
      readFile(config.tls.certificateFile),
      readFile(config.tls.keyFile),
    ])
    return createTlsServer(
      { cert, key, minVersion: 'TLSv1.2', handshakeTimeout: config.connectTimeoutMs },
      onConnection,
    )
  } catch (error) {
    throw new LanekeeperError('readerBus.certificate', `The bus has no certificate: ${messageOf(error)}`, {
      cause: error,
    })
  }
}

function listen(server: Server, config: ReaderBusConfig): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      const remedy = 'Is another edge running, or is the port in use?'
      const where = `${config.host}:${config.port}`
      reject(
        new LanekeeperError(
          'readerBus.notListening',
          `Cannot listen on ${where}: ${error.message}. ${remedy}`,
          {
            cause: error,
          },
        ),
      )
    })
    server.listen(config.port, config.host, () => {
      const address = server.address() as AddressInfo
      resolve(address.port)
    })
  })
}

async function shut(server: Server, broker: Aedes, sockets: Set<Socket>, refusals: Refusals): Promise<void> {
  refusals.close()
  const ended = new Promise<void>((resolve) => {
    server.close(() => resolve())
  })
  await new Promise<void>((resolve) => {
    broker.close(() => resolve())
  })
  // Those that never finished CONNECT are no clients of the broker yet.
  for (const socket of sockets) socket.destroy()
  await ended
}
