import { generateKeyPairSync } from 'node:crypto'
import path from 'node:path'
import type { Test } from 'tap'
import { systemClock } from '../../../edge/base/clock.js'
import { enrol } from '../../../edge/enrol/enrol.js'
import { readIdentity, type KeptIdentity } from '../../../edge/enrol/files.js'
import { ask, refusalOf } from '../../../edge/enrol/https.js'
import type { EnrolmentToken } from '../../../edge/messages/enrol.js'
import type { Authority } from '../authority.js'
import { Refusal } from '../../desk/refusal.js'
import { IdentityRefused } from '../refused.js'
import { day, type Rig } from './rig.js'

const clock = systemClock

/** Enrols a box whose record lies in `dir`. */
export function box(rig: Rig, dir: string, token: EnrolmentToken, edgeId = 'edge-1'): Promise<KeptIdentity> {
  return enrol({ edgeId, dataDir: dir, url: rig.url, token, clock })
}

/** What the gateway says to a question under an identity: 200, or the name of the refusal. */
export async function said(
  rig: Rig,
  identity: Partial<KeptIdentity>,
  at = '/edge/v1/identity',
  body?: unknown,
) {
  const { keyPem, certificatePem } = identity
  const answer = await ask({
    url: rig.url,
    path: at,
    ...(body === undefined ? {} : { body }),
    identity: {
      authorityPem: rig.authority.certificatesPem.join(''),
      ...(keyPem !== undefined && { keyPem }),
      ...(certificatePem !== undefined && { certificatePem }),
    },
    clock,
  })
  return refusalOf(answer)?.why ?? answer.status
}

/** The certificate that some authority would give edge-1 at a moment. */
export async function made(authority: Authority, edgeId: string, nowMs: number, forMs = 90 * day) {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const spki = publicKey.export({ type: 'spki', format: 'der' })
  const { certificatePem } = await authority.forEdge(edgeId, spki, nowMs, forMs)
  return { certificatePem, keyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() }
}

/** The name of a refusal; empty: it was none. */
export async function whyOf(asked: Promise<unknown>): Promise<string> {
  try {
    await asked
    return ''
  } catch (error) {
    if (error instanceof IdentityRefused) return error.why
    return error instanceof Refusal ? error.error : String(error)
  }
}

export const now = () => systemClock.now().wallMs

/** A box that comes with a token is turned away, for this reason. */
export async function refusedToken(t: Test, rig: Rig, token: EnrolmentToken, why: string, edgeId = 'edge-1') {
  const dir = path.join(t.testdirName, `box-${why}`)
  await t.rejects(box(rig, dir, token, edgeId), { code: 'enrol.refused', context: { why } })
  t.same(readIdentity(dir), { ok: true, value: null }, 'and nothing was written')
}
