import type { Aedes } from 'aedes'
import { LanekeeperError } from '../base/error.js'
import type { OwnBus, OwnBusRequest, OwnBusSubscription } from '../interfaces/reader.js'
import type { ReaderBusConfig } from './config.js'
import { isLoopback } from './config.js'
import type { Users } from './users.js'

type Listener = (packet: { readonly payload: Buffer | string }, done: () => void) => void

/**
 * The bus for whoever listens in its own process: login and rights are those of any client, but what
 * is published comes by a call. Over a socket each read would be written, read and parsed once more by
 * the thread that also moves the barriers: about half of what a read costs.
 */
export class InProcess implements OwnBus {
  readonly #broker: Aedes
  readonly #users: Users
  readonly #config: ReaderBusConfig
  readonly #port: number
  readonly #refuse: (why: string) => void
  readonly #open = new Set<(why: string) => void>()
  #closed = false

  constructor(given: {
    readonly broker: Aedes
    readonly users: Users
    readonly config: ReaderBusConfig
    readonly port: number
    readonly refuse: (why: string) => void
  }) {
    this.#broker = given.broker
    this.#users = given.users
    this.#config = given.config
    this.#port = given.port
    this.#refuse = given.refuse
  }

  isAt(url: string): boolean {
    if (!URL.canParse(url)) return false
    const { protocol, hostname, port } = new URL(url)
    const { host, tls } = this.#config
    // A name or address of the outer world may lead to another machine: that one is asked over the network.
    const here = isLoopback(hostname.replace(/^\[|\]$/g, '')) && (isLoopback(host) || isEveryAddress(host))
    return here && protocol === (tls ? 'mqtts:' : 'mqtt:') && port === String(this.#port)
  }

  subscribe(request: OwnBusRequest): Promise<OwnBusSubscription> {
    const { username, secret, topic } = request
    if (this.#closed) return refused('The reader bus is closed.')
    if (!this.#users.knows(username, Buffer.from(secret))) {
      this.#refuse(`the login of ${JSON.stringify(username.slice(0, 64))}`)
      return refused('The reader bus does not know this user, or its secret is another one.')
    }
    if (!this.#users.maySubscribe(username, topic)) {
      this.#refuse(`${username} on a topic it may not subscribe to`)
      return refused(`The broker does not let this user read ${topic}.`)
    }
    return new Promise((resolve) => {
      let isOpen = true
      const listener: Listener = ({ payload }, done) => {
        if (isOpen) request.onMessage(typeof payload === 'string' ? Buffer.from(payload) : payload)
        done()
      }
      const end = (): void => {
        isOpen = false
        this.#open.delete(lose)
      }
      const lose = (why: string): void => {
        end()
        request.onLost(why)
      }
      const close = (): Promise<void> => {
        if (!isOpen) return Promise.resolve()
        end()
        return new Promise((gone) => {
          this.#broker.unsubscribe(topic, listener, () => gone())
        })
      }
      this.#open.add(lose)
      this.#broker.subscribe(topic, listener, () => resolve({ close }))
    })
  }

  /** Tells everybody who listens that nothing more comes. */
  close(): void {
    this.#closed = true
    for (const lose of [...this.#open]) lose('The reader bus was closed.')
  }
}

function refused(why: string): Promise<never> {
  return Promise.reject(new LanekeeperError('readerBus.refused', why))
}

function isEveryAddress(host: string): boolean {
  return host === '0.0.0.0' || host === '::'
}
