import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync } from 'node:fs'
import { z } from 'zod'
import type { Clock } from '../base/clock.js'
import { LanekeeperError, messageOf } from '../base/error.js'
import { enrolledSchema, type EnrolmentToken } from '../messages/enrol.js'
import {
  forgetPending,
  pendingFile,
  rootFile,
  writeIdentity,
  writeWhole,
  type KeptIdentity,
} from './files.js'
import { ask, refusalOf, shownAuthority } from './https.js'
import { enrolRequest, identityOf, newKey } from './request.js'

export interface EnrolGiven {
  readonly edgeId: string
  /** Where the edge keeps its record; the identity lies below it. */
  readonly dataDir: string
  /** The gateway's listener for edges, `https://`. */
  readonly url: string
  readonly token: EnrolmentToken
  readonly clock: Clock
}

/**
 * Gives this box its identity, against a one-time token. The gateway is known by the fingerprint in
 * the token before anything is sent to it; then the key, made here, is proved and certified. What is
 * there already stays in force until the new identity stands whole in its place.
 *
 * Throws `enrol.*`: `foreignGateway` (somebody else answers), `unreachable`, `refused` (with the
 * gateway's reason as `context.why`), `clock`.
 */
export async function enrol(given: EnrolGiven): Promise<KeptIdentity> {
  const { edgeId, dataDir, url, token, clock } = given
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const shown = await reached(url, clock, () => shownAuthority(url, clock))
  if (shown.fingerprint !== token.authority) {
    throw new LanekeeperError(
      'enrol.foreignGateway',
      `what answers at ${url} is not the gateway that made this token; nothing was sent to it. Check the address; if it is right, somebody stands in between.`,
      { context: { shown: shown.fingerprint } },
    )
  }
  const keyPem = keyFor(dataDir, token)
  const answer = await reached(url, clock, () =>
    ask({
      url,
      path: '/edge/v1/enrol',
      body: enrolRequest(edgeId, keyPem, token.secret),
      identity: { authorityPem: shown.pem },
      clock,
    }),
  )
  if (answer.status !== 200) {
    const refusal = refusalOf(answer)
    throw new LanekeeperError('enrol.refused', refusal?.text ?? `the gateway answered ${answer.status}`, {
      context: { why: refusal?.why ?? '' },
    })
  }
  const enrolled = enrolledSchema.parse(answer.body)
  if (enrolled.edgeId !== edgeId) {
    throw new LanekeeperError('enrol.refused', `the certificate is for ${enrolled.edgeId}, not for ${edgeId}`)
  }
  const identity = identityOf(enrolled, keyPem)
  // The root record first: an identity that is there stands for both.
  if (enrolled.root !== undefined) writeWhole(rootFile(dataDir), Buffer.from(enrolled.root, 'base64'))
  writeIdentity(dataDir, identity)
  forgetPending(dataDir)
  return identity
}

const pendingSchema = z.strictObject({ token: z.string(), keyPem: z.string() })

/** The key of an earlier try with this very token, else a new one: an answer that was lost is asked for again. */
function keyFor(dataDir: string, token: EnrolmentToken): string {
  const file = pendingFile(dataDir)
  const hash = createHash('sha256').update(token.secret).digest('hex')
  try {
    const pending = pendingSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
    if (pending.token === hash) return pending.keyPem
  } catch {
    // None, or one that was cut off: a new one.
  }
  const keyPem = newKey()
  writeWhole(file, JSON.stringify({ token: hash, keyPem }))
  return keyPem
}

async function reached<T>(url: string, clock: Clock, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw enrolTrouble(error, url, clock)
  }
}

/** What went wrong on the way to the gateway, in words for who stands at the box. */
export function enrolTrouble(error: unknown, url: string, clock: Clock): LanekeeperError {
  const cause = { cause: error }
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (isClockTrouble(code)) {
    const here = new Date(clock.now().wallMs).toISOString()
    const text = `by the clock of this box (${here}) the gateway's certificate is not valid: set the clock, or let the time service do it, and try again.`
    return new LanekeeperError('enrol.clock', text, cause)
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    const { hostname } = new URL(url)
    const text = `the gateway's certificate does not name ${hostname}: put it into authority.names of the gateway's configuration and restart it.`
    return new LanekeeperError('enrol.foreignGateway', text, cause)
  }
  if (/^(UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|CERT_|INVALID_)/.test(code)) {
    const text = `what answers at ${url} shows the gateway's authority and is not signed by it (${code}); the token was not sent.`
    return new LanekeeperError('enrol.foreignGateway', text, cause)
  }
  return new LanekeeperError('enrol.unreachable', `${url} cannot be reached: ${messageOf(error)}`, cause)
}

/** The clocks of box and gateway are so far apart that TLS takes no certificate. */
export function isClockTrouble(code: string): boolean {
  return code === 'CERT_NOT_YET_VALID' || code === 'CERT_HAS_EXPIRED'
}
