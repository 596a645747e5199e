import { Agent, request } from 'node:https'
import type { PeerCertificate, TLSSocket } from 'node:tls'
import { connect } from 'node:tls'
import { isIP } from 'node:net'
import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { Clock } from '../base/clock.js'
import { LanekeeperError } from '../base/error.js'

/** Who one talks to, and as whom. */
export interface TlsIdentity {
  readonly authorityPem: string
  readonly keyPem?: string
  readonly certificatePem?: string
}

export interface Asked {
  readonly url: string
  readonly path: string
  /** Absent: a GET. */
  readonly body?: unknown
  readonly identity: TlsIdentity
  readonly clock: Clock
}

export interface Answered {
  readonly status: number
  readonly body: unknown
}

const answerWithinMs = 15_000
const answerMaxBytes = 512 * 1024

/** One question to the gateway's listener for edges, TLS 1.3, bounded in time and size. Rejects where there is no answer. */
export function ask({ url, path, body, identity, clock }: Asked): Promise<Answered> {
  const { authorityPem, keyPem, certificatePem } = identity
  const agent = new Agent({
    keepAlive: false,
    ca: authorityPem,
    minVersion: 'TLSv1.3',
    ...(keyPem !== undefined && { key: keyPem }),
    ...(certificatePem !== undefined && { cert: certificatePem }),
  })
  return new Promise<Answered>((resolve, reject) => {
    const text = body === undefined ? undefined : JSON.stringify(body)
    const asked = request(new URL(path, url), {
      agent,
      method: text === undefined ? 'GET' : 'POST',
      headers: text === undefined ? {} : { 'content-type': 'application/json' },
    })
    const cancel = clock.after('enrol answer', answerWithinMs, () => {
      asked.destroy(new LanekeeperError('enrol.noAnswer', `${url} gave no answer within 15 s`))
    })
    const fail = (error: Error) => {
      cancel()
      reject(error)
    }
    asked.on('error', fail)
    asked.on('response', (response) => {
      const pieces: Buffer[] = []
      let bytes = 0
      response.on('data', (piece: Buffer) => {
        bytes += piece.length
        pieces.push(piece)
        if (bytes > answerMaxBytes)
          asked.destroy(new LanekeeperError('enrol.tooLong', 'the answer is too long'))
      })
      response.on('error', fail)
      response.on('end', () => {
        cancel()
        try {
          const answer: unknown = JSON.parse(Buffer.concat(pieces).toString('utf8'))
          resolve({ status: response.statusCode ?? 0, body: answer })
        } catch {
          fail(new LanekeeperError('enrol.noJson', `what answers at ${url} is no gateway of Lanekeeper`))
        }
      })
    })
    asked.end(text)
  }).finally(() => {
    agent.destroy()
  })
}

const refusedSchema = z.object({ error: z.string().max(64), message: z.string().max(500) })

/** Name and text of a refusal; undefined: it is none that the gateway words. */
export function refusalOf(answer: Answered): { readonly why: string; readonly text: string } | undefined {
  const parsed = refusedSchema.safeParse(answer.body)
  return parsed.success ? { why: parsed.data.error, text: parsed.data.message } : undefined
}

/**
 * The authority that a listener says it is of: whatever it shows is looked at and nothing is sent to
 * it. Only the fingerprint of the token tells whether it is the right one.
 */
export function shownAuthority(url: string, clock: Clock): Promise<{ pem: string; fingerprint: string }> {
  const { hostname, port } = new URL(url)
  const host = hostname.replace(/^\[|\]$/g, '')
  return new Promise((resolve, reject) => {
    const socket: TLSSocket = connect({
      host,
      port: Number(port === '' ? 443 : port),
      minVersion: 'TLSv1.3',
      // Deliberate, and safe here alone: nothing is sent, and what is learned is compared with the token.
      rejectUnauthorized: false,
      ...(isIP(host) === 0 && { servername: host }),
    })
    const cancel = clock.after('enrol look', answerWithinMs, () => {
      socket.destroy(new LanekeeperError('enrol.noAnswer', `${url} gave no answer within 15 s`))
    })
    socket.once('error', (error) => {
      cancel()
      reject(error)
    })
    socket.once('secureConnect', () => {
      cancel()
      const raw = topOf(socket.getPeerCertificate(true))
      socket.destroy()
      const lines = raw.toString('base64').match(/.{1,64}/g) ?? []
      const pem = `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
      resolve({ pem, fingerprint: createHash('sha256').update(raw).digest('base64url') })
    })
  })
}

/** The last certificate of the chain that was shown. */
function topOf(leaf: PeerCertificate & { readonly issuerCertificate?: PeerCertificate }): Buffer {
  const issuer = leaf.issuerCertificate
  return issuer && issuer !== leaf ? issuer.raw : leaf.raw
}
