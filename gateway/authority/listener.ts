import type { Server as HttpsServer } from 'node:https'
import type { Socket } from 'node:net'
import { TLSSocket, type Server as TlsServer, type TlsOptions } from 'node:tls'
import type { Cancel, Clock } from '../../edge/base/clock.js'
import { messageOf } from '../../edge/base/error.js'
import type { Logger } from '../../edge/base/log.js'
import { serverForMs, type Authority, type Peer, type ServerIdentity } from './authority.js'
import type { Enrolment } from './enrolment.js'

const handshakeWithinMs = 10_000

/**
 * TLS of the listeners for edges: TLS 1.3 only, our certificate, and the client is asked for its own.
 * Who comes without a good one is turned away by the listener itself, by name, and not by TLS with a
 * number: a box that enrols has none yet.
 */
export function edgeTls(authority: Authority, own: ServerIdentity): TlsOptions {
  return {
    key: own.keyPem,
    cert: own.chainPem,
    ca: [...authority.certificatesPem],
    minVersion: 'TLSv1.3',
    requestCert: true,
    rejectUnauthorized: false,
    handshakeTimeout: handshakeWithinMs,
  }
}

/**
 * Who is at the other end of a connection, by the certificate that it proved to hold. Judged by us beside
 * TLS, because Node.js calls a resumed session of a client without a certificate authorised.
 */
export function peerOf(socket: Socket, enrolment: Pick<Enrolment, 'judge'>): Peer {
  if (!(socket instanceof TLSSocket)) return { ok: false, why: 'noCertificate' }
  const peer = enrolment.judge(socket.getPeerX509Certificate())
  if (!peer.ok) return peer
  return socket.authorized ? peer : { ok: false, why: 'foreignCertificate' }
}

export interface ServerCertificatesGiven {
  readonly authority: Authority
  /** Names and addresses under which edges reach the gateway. */
  readonly names: readonly string[]
  readonly clock: Clock
  readonly log: Logger
}

/** Gives running listeners a new certificate long before the present one is over. */
export class ServerCertificates {
  readonly #given: ServerCertificatesGiven
  readonly #servers: (TlsServer | HttpsServer)[] = []
  #cancel: Cancel | null = null

  constructor(given: ServerCertificatesGiven) {
    this.#given = given
  }

  first(): Promise<ServerIdentity> {
    const { authority, names, clock } = this.#given
    return authority.forServer(names, clock.now().wallMs)
  }

  keep(server: TlsServer | HttpsServer): void {
    this.#servers.push(server)
    this.#cancel ??= this.#later()
  }

  close(): void {
    this.#cancel?.()
  }

  #later(): Cancel {
    // Node.js takes no timer longer than 24 days.
    return this.#given.clock.after('listener certificate', serverForMs / 6, () => {
      this.#renew().catch((error: unknown) => {
        this.#given.log.error({ error: messageOf(error) }, 'no new certificate for the listeners')
      })
      this.#cancel = this.#later()
    })
  }

  async #renew(): Promise<void> {
    const own = await this.first()
    for (const server of this.#servers) server.setSecureContext(edgeTls(this.#given.authority, own))
    this.#given.log.info({ until: own.notAfter }, 'new certificate for the listeners')
  }
}
