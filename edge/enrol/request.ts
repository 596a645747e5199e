import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto'
import {
  enrolVersion,
  possessionText,
  type Enrolled,
  type EnrolRequest,
  type RenewRequest,
} from '../messages/enrol.js'
import type { EdgeIdentity } from '../interfaces/identity.js'
import { described, type KeptIdentity } from './files.js'

/** A new P-256 key as PKCS #8 PEM. It is made on the box, and only its public half leaves it. */
export function newKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
}

export function enrolRequest(edgeId: string, keyPem: string, secret: string): EnrolRequest {
  return { v: enrolVersion, edgeId, secret, ...proofOf('enrol', edgeId, keyPem, secret) }
}

export function renewRequest(edgeId: string, keyPem: string, serial: string): RenewRequest {
  return { v: enrolVersion, edgeId, ...proofOf('renew', edgeId, keyPem, serial) }
}

function proofOf(
  what: 'enrol' | 'renew',
  edgeId: string,
  keyPem: string,
  bound: string,
): { publicKey: string; proof: string } {
  const key = createPrivateKey(keyPem)
  const publicKey = createPublicKey(key).export({ type: 'spki', format: 'der' }).toString('base64')
  const text = possessionText(what, edgeId, bound, publicKey)
  return { publicKey, proof: sign('sha256', Buffer.from(text, 'utf8'), key).toString('base64') }
}

/** What the gateway gave, with our key; throws where it is for another id. */
export function identityOf(answer: Enrolled, keyPem: string): KeptIdentity & EdgeIdentity {
  return described({
    edgeId: answer.edgeId,
    keyPem,
    certificatePem: answer.certificates.join(''),
    authorityPem: answer.authorities.join(''),
  })
}
