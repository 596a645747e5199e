import type {
  ClientSession,
  ClientSubscription as Subscription,
  DataType as Type,
  DataValue,
  OPCUAClient as Client,
  StatusCode,
} from 'node-opcua-client'
import type { IClientTransport } from 'node-opcua-transport'
import type { Logger } from '../../../base/log.js'
import type { OwnCertificate } from './certificates.js'
import type { Reading } from './codec.js'
import type { OpcuaConfig } from './config.js'
import {
  AttributeIds,
  ClientSubscription,
  DataType,
  defaultClientTransportFactory,
  InMemoryCertificateStore,
  MessageSecurityMode,
  OPCUAClient,
  SecurityPolicy,
  setErrorLogger,
  setWarningLogger,
  StatusCodes,
  TimestampsToReturn,
  UserTokenType,
} from './library.js'

export interface WriteItem {
  readonly nodeId: string
  readonly value: string | boolean | number
}

/** What the PLC answered to one written value. `refused`: it certainly did not take it. */
export type WriteAnswer = { readonly is: 'good' | 'refused' | 'unclear'; readonly status: string }

export interface SessionOptions {
  readonly endpoint: string
  readonly policy: OpcuaConfig['policy']
  readonly samplingMs: number
  readonly own: OwnCertificate
  /** The PLC's certificate, DER. */
  readonly pinned: Buffer
}

/** How often the PLC agreed to look at values, and to tell what changed. */
export interface Rates {
  readonly samplingMs: number
  readonly publishingMs: number
}

const publishingMs = 50
/** Status codes that come from the server's own checks, before anything could move. */
const refusedBeforeActing: readonly StatusCode[] = [
  StatusCodes.BadNodeIdUnknown,
  StatusCodes.BadNodeIdInvalid,
  StatusCodes.BadAttributeIdInvalid,
  StatusCodes.BadNotWritable,
  StatusCodes.BadWriteNotSupported,
  StatusCodes.BadUserAccessDenied,
  StatusCodes.BadTypeMismatch,
  StatusCodes.BadOutOfRange,
]

/**
 * One connection with one session, from its opening to its loss; nothing of it is used again.
 *
 * The library would repair a connection by itself and then carry out writes that had waited, on a
 * PLC that has restarted meanwhile (measured: 49.5 s late). `maxRetry: 0` takes that from it, and
 * {@link PlcSession.drop} cuts the socket, so that what waits inside cannot leave any more.
 */
export class PlcSession {
  /** Resolves with the reason once the connection is gone; never rejects. */
  readonly lost: Promise<string>
  readonly #client: Client
  readonly #transports: readonly IClientTransport[]
  readonly #session: ClientSession
  readonly #subscription: Subscription
  readonly #samplingMs: number
  #isLost = false

  private constructor(
    client: Client,
    transports: readonly IClientTransport[],
    session: ClientSession,
    subscription: Subscription,
    samplingMs: number,
  ) {
    this.#samplingMs = samplingMs
    this.#client = client
    this.#transports = transports
    this.#session = session
    this.#subscription = subscription
    this.lost = new Promise((resolve) => {
      const lose = (why: string) => () => {
        this.#isLost = true
        resolve(why)
      }
      client.on('connection_lost', lose('The connection to the PLC broke.'))
      client.on('close', lose('The connection to the PLC was closed.'))
      session.on('session_closed', lose('The PLC closed the session.'))
      subscription.on('terminated', lose('The PLC ended the subscription.'))
      // A try that is given up while the subscription is being made fails it afterwards, when nobody
      // waits for it any more: unheard, that word would end the process.
      subscription.on('error', lose('The PLC did not make the subscription.'))
    })
  }

  /**
   * Connects, or rejects. When `closing` fires the try is given up at once, whatever it waits for:
   * the library itself would wait for a frozen PLC for a minute.
   */
  static async open(options: SessionOptions, closing: AbortSignal): Promise<PlcSession> {
    const store = new InMemoryCertificateStore({ autoAcceptUnknown: false })
    await store.trustCertificate(options.pinned)
    const transports: IClientTransport[] = []
    const client = OPCUAClient.create({
      applicationName: 'Lanekeeper edge',
      applicationUri: options.own.applicationUri,
      certificateFile: options.own.certificateFile,
      privateKeyFile: options.own.privateKeyFile,
      clientCertificateManager: store,
      // Known beforehand, the certificate is what the first message is encrypted for: no other PLC can read it.
      serverCertificate: options.pinned,
      securityMode: MessageSecurityMode.SignAndEncrypt,
      securityPolicy: SecurityPolicy[options.policy],
      connectionStrategy: { maxRetry: 0, initialDelay: 100, maxDelay: 100 },
      // The PLC is often addressed by another name than the one it announces.
      endpointMustExist: false,
      keepPendingSessionsOnDisconnect: true,
      // A PLC has few sessions to give: one whose end it did not hear of must not be kept for long.
      requestedSessionTimeout: 10_000,
      defaultTransactionTimeout: 5_000,
      transportFactory: {
        create: (settings) => {
          const transport = defaultClientTransportFactory.create(settings)
          transports.push(transport)
          return transport
        },
      },
    })
    let session: ClientSession | null = null
    const giveUp = () => {
      cut(client, transports, session)
    }
    closing.addEventListener('abort', giveUp, { once: true })
    try {
      closing.throwIfAborted()
      await untilAborted(client.connect(options.endpoint), closing)
      session = await untilAborted(client.createSession({ type: UserTokenType.Anonymous }), closing)
      const subscription = ClientSubscription.create(session, {
        requestedPublishingInterval: publishingMs,
        requestedLifetimeCount: 200,
        requestedMaxKeepAliveCount: 10,
        maxNotificationsPerPublish: 0,
        publishingEnabled: true,
        priority: 10,
      })
      const opened = new PlcSession(client, transports, session, subscription, options.samplingMs)
      await untilAborted(started(subscription, opened.lost), closing)
      return opened
    } catch (error) {
      giveUp()
      throw error
    } finally {
      closing.removeEventListener('abort', giveUp)
    }
  }

  get isUsable(): boolean {
    return !this.#isLost && !this.#session.isReconnecting
  }

  /** All values in one request, so that they belong together. Rejects when the connection fails. */
  async read(nodeIds: readonly string[]): Promise<Reading[]> {
    const values = await this.#session.read(
      nodeIds.map((nodeId) => ({ nodeId, attributeId: AttributeIds.Value })),
      // The oldest value the PLC may answer with: 0 asks for the present one.
      0,
    )
    return values.map(readingOf)
  }

  /** All values in one request. Rejects when it is not known what became of it. */
  async write(items: readonly WriteItem[]): Promise<WriteAnswer[]> {
    const codes = await this.#session.write(
      items.map(({ nodeId, value }) => ({
        nodeId,
        attributeId: AttributeIds.Value,
        value: { value: { dataType: dataTypeOf(value), value } },
      })),
    )
    return codes.map((code) => ({
      is: code.isGood()
        ? 'good'
        : refusedBeforeActing.some((one) => one.equals(code))
          ? 'refused'
          : 'unclear',
      status: code.name,
    }))
  }

  /**
   * Has changes of these values told. Resolves with the slowest rates that the PLC agreed to, which
   * may be far from those asked for; rejects, naming the node, if it does not know one of them.
   */
  async watch(
    nodeIds: readonly string[],
    onChange: (index: number, reading: Reading) => void,
  ): Promise<Rates> {
    const group = await this.#subscription.monitorItems(
      nodeIds.map((nodeId) => ({ nodeId, attributeId: AttributeIds.Value })),
      { samplingInterval: this.#samplingMs, queueSize: 1, discardOldest: true },
      TimestampsToReturn.Neither,
    )
    group.on('changed', (_item, value, index) => {
      onChange(index, readingOf(value))
    })
    let samplingMs = 0
    group.monitoredItems.forEach((item, index) => {
      if (!item.statusCode.isGood()) {
        throw new Error(
          `The PLC does not offer the node ${nodeIds[index]} (${item.statusCode.name}); check the prefixes and node ids of this barrier.`,
        )
      }
      samplingMs = Math.max(samplingMs, item.result?.revisedSamplingInterval ?? Infinity)
    })
    return { samplingMs, publishingMs: this.#subscription.publishingInterval }
  }

  /** Cuts the connection without a word; what was not sent yet never will be. */
  drop(): void {
    this.#isLost = true
    cut(this.#client, this.#transports, this.#session)
  }

  /** Takes leave of the PLC, so that it need not wait for the session to time out. May take until the PLC answers. */
  async close(): Promise<void> {
    this.#isLost = true
    await this.#session.close(true)
    await this.#client.disconnect()
  }
}

/** What the PLC shows to somebody who only asks for its endpoints: its certificate, or null if it does not say. */
export async function certificateShownBy(
  endpoint: string,
  own: OwnCertificate,
  closing: AbortSignal,
): Promise<Buffer | null> {
  const transports: IClientTransport[] = []
  const client = OPCUAClient.create({
    applicationName: 'Lanekeeper edge',
    clientCertificateManager: new InMemoryCertificateStore({ autoAcceptUnknown: false }),
    applicationUri: own.applicationUri,
    certificateFile: own.certificateFile,
    privateKeyFile: own.privateKeyFile,
    connectionStrategy: { maxRetry: 0, initialDelay: 100, maxDelay: 100 },
    endpointMustExist: false,
    transportFactory: {
      create: (settings) => {
        const transport = defaultClientTransportFactory.create(settings)
        transports.push(transport)
        return transport
      },
    },
  })
  try {
    await untilAborted(client.connect(endpoint), closing)
    const endpoints = await untilAborted(client.getEndpoints(), closing)
    return endpoints.find((one) => one.serverCertificate.length > 0)?.serverCertificate ?? null
  } catch {
    return null
  } finally {
    cut(client, transports, null)
  }
}

/** The library speaks to the console; what it has to say belongs into the log, and only in detail. */
export function keepLibraryQuiet(log: Logger): void {
  const say = (_context: unknown, ...words: unknown[]) => {
    log.debug({ from: 'node-opcua' }, words.map(String).join(' ').slice(0, 500))
  }
  setWarningLogger(say)
  setErrorLogger(say)
}

function cut(client: Client, transports: readonly IClientTransport[], session: ClientSession | null): void {
  for (const transport of transports) {
    transport.forceConnectionBreak()
    transport.dispose()
  }
  // Nothing of this gets out any more. But until its session is closed the library looks ten times a second, for ever,
  // whether it may ask again what the subscription has to tell: each lost connection would leave such a look behind.
  session?.close(true).catch(() => undefined)
  client.disconnect().catch(() => undefined)
}

/** Rejects as soon as the signal fires; what the promise does later is of no interest any more. */
function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      reject(signal.reason instanceof Error ? signal.reason : new Error('given up'))
    }
    signal.addEventListener('abort', abort, { once: true })
    promise.then(resolve, reject).finally(() => {
      signal.removeEventListener('abort', abort)
    })
  })
}

function started(subscription: Subscription, lost: Promise<string>): Promise<void> {
  return new Promise((resolve, reject) => {
    subscription.once('started', () => {
      resolve()
    })
    void lost.then((why) => {
      reject(new Error(why))
    })
  })
}

function readingOf(value: DataValue): Reading {
  return { good: value.statusCode.isGood(), value: value.value.value as unknown }
}

/** The types of the node map: numbers go out as UInt32. */
function dataTypeOf(value: string | boolean | number): Type {
  return typeof value === 'string'
    ? DataType.String
    : typeof value === 'boolean'
      ? DataType.Boolean
      : DataType.UInt32
}
