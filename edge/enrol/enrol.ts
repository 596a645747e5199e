import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync } from 'node:fs'
import { z } from 'zod'
import type { Clock } from '../base/clock.js'
import { LanekeeperError, messageOf } from '../base/error.js'
import { enrolledSchema, type EnrolmentToken, type EnrolTrouble } from '../messages/enrol.js'
import { textOf, type TextValues } from '../messages/text/catalogue.js'
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
 * Throws `enrol.*`: `refused` (with the gateway's reason as `context.why`), or an {@link EnrolTrouble} (which is
 * `context.why` then, beside what its text names): `foreignGateway` (somebody else answers), `foreignName` (the gateway,
 * under a name that it does not bear), `unreachable`, `clock`, `notKept` (the disk takes no file); or `noJson` (its answer is none).
 */
export async function enrol(given: EnrolGiven): Promise<KeptIdentity> {
  const { edgeId, dataDir, url, token, clock } = given
  kept(dataDir, () => mkdirSync(dataDir, { recursive: true, mode: 0o700 }))
  const shown = await reached(url, clock, () => shownAuthority(url, clock))
  if (shown.fingerprint !== token.authority) {
    throw troubleOf('foreignGateway', { url })
  }
  const keyPem = kept(dataDir, () => keyFor(dataDir, token))
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
  const parsed = enrolledSchema.safeParse(answer.body)
  if (!parsed.success)
    throw new LanekeeperError('enrol.noJson', `what answers at ${url} is no gateway of Lanekeeper`, {
      cause: parsed.error,
    })
  const enrolled = parsed.data
  if (enrolled.edgeId !== edgeId) {
    throw new LanekeeperError('enrol.refused', `the certificate is for ${enrolled.edgeId}, not for ${edgeId}`)
  }
  const identity = identityOf(enrolled, keyPem)
  kept(dataDir, () => {
    // The root record first: an identity that is there stands for both.
    if (enrolled.root !== undefined) writeWhole(rootFile(dataDir), Buffer.from(enrolled.root, 'base64'))
    writeIdentity(dataDir, identity)
    forgetPending(dataDir)
  })
  return identity
}

function kept<T>(dataDir: string, write: () => T): T {
  try {
    return write()
  } catch (error) {
    throw troubleOf('notKept', { folder: dataDir, why: messageOf(error) }, error)
  }
}

function troubleOf(why: EnrolTrouble, values: TextValues, cause?: unknown): LanekeeperError {
  const context = { why, values }
  return new LanekeeperError(`enrol.${why}`, textOf(`enrolment.${why}`, 'en', values), { context, cause })
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
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (isClockTrouble(code))
    return troubleOf('clock', { here: new Date(clock.now().wallMs).toISOString() }, error)
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return troubleOf('foreignName', { name: new URL(url).hostname }, error)
  // It shows the gateway's authority and is not signed by it.
  if (/^(UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|CERT_|INVALID_)/.test(code))
    return troubleOf('foreignGateway', { url }, error)
  return troubleOf('unreachable', { url, why: messageOf(error) }, error)
}

/** The clocks of box and gateway are so far apart that TLS takes no certificate. */
export function isClockTrouble(code: string): boolean {
  return code === 'CERT_NOT_YET_VALID' || code === 'CERT_HAS_EXPIRED'
}
