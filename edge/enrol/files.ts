import { X509Certificate, createPrivateKey } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { z } from 'zod'
import { messageOf } from '../base/error.js'
import { bad, ok, type Result } from '../base/result.js'
import type { EdgeIdentity } from '../interfaces/identity.js'

const pem = z.string().startsWith('-----BEGIN ').max(65_536)
const identitySchema = z.strictObject({
  v: z.literal(1),
  edgeId: z.string(),
  keyPem: pem,
  certificatePem: pem,
  authorityPem: pem,
})

/** An identity as it is kept, with what stands in its certificate. */
export interface KeptIdentity extends EdgeIdentity {
  readonly edgeId: string
  /** Lower-case hex. */
  readonly serial: string
  /** UTC ms. */
  readonly notBefore: number
  readonly notAfter: number
}

/** Key and certificate stand in one file, so that a cut never leaves one without the other. */
export function identityFile(dataDir: string): string {
  return path.join(dataDir, 'identity', 'identity.json')
}

/** The root record of the lists' trust as the gateway gave it at enrolment, byte for byte. */
export function rootFile(dataDir: string): string {
  return path.join(dataDir, 'identity', 'root.json')
}

/** A key whose certificate has not come yet: a second try goes on with it. */
export function pendingFile(dataDir: string): string {
  return path.join(dataDir, 'identity', 'pending.json')
}

/** Null: there is none. Problems name the file and never what is in it. */
export function readIdentity(dataDir: string): Result<KeptIdentity | null> {
  const file = identityFile(dataDir)
  let text: string
  try {
    const mode = statSync(file).mode & 0o777
    if ((mode & 0o077) !== 0) {
      return bad('', `${file} may be read by others (mode ${mode.toString(8)}).`, `Run: chmod 600 ${file}`)
    }
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return ok(null)
    return bad('', `cannot read ${file}: ${messageOf(error)}.`, 'Check its owner and permissions.')
  }
  try {
    const { v: _v, ...identity } = identitySchema.parse(JSON.parse(text))
    return ok(described(identity))
  } catch {
    return bad('', `${file} holds no identity.`, 'Enrol the box again: lanekeeper enroll.')
  }
}

/**
 * Adds what stands in the certificate; throws where there is none, where it is for another name or another key, or where
 * the authority is none: TLS would stop the daemon with what is refused here.
 */
export function described(identity: EdgeIdentity & { readonly edgeId: string }): KeptIdentity {
  const certificate = new X509Certificate(identity.certificatePem)
  const commonName = /^CN=(.+)$/m.exec(certificate.subject)?.[1]
  if (commonName !== identity.edgeId) throw new Error(`the certificate is for ${commonName ?? 'nobody'}`)
  if (!certificate.checkPrivateKey(createPrivateKey(identity.keyPem)))
    throw new Error('the certificate is for another key')
  new X509Certificate(identity.authorityPem)
  return {
    ...identity,
    serial: certificate.serialNumber.toLowerCase(),
    notBefore: Date.parse(certificate.validFrom),
    notAfter: Date.parse(certificate.validTo),
  }
}

export function writeIdentity(dataDir: string, identity: EdgeIdentity & { readonly edgeId: string }): void {
  const { edgeId, keyPem, certificatePem, authorityPem } = identity
  const content = JSON.stringify({ v: 1, edgeId, keyPem, certificatePem, authorityPem })
  writeWhole(identityFile(dataDir), content)
}

/** Forgets the key of an enrolment that is done. */
export function forgetPending(dataDir: string): void {
  rmSync(pendingFile(dataDir), { force: true })
}

/**
 * Writes a file whole or not at all, durably, mode 0600. A person may enrol the box as root: what is written then is
 * written with the rights of the folder's owner above all the same, because the daemon has to read it, and because a
 * link that somebody put in its place must lead root nowhere.
 */
export function writeWhole(file: string, content: string | Uint8Array): void {
  const folder = path.dirname(file)
  asOwnerOf(nearestTo(path.dirname(folder)), () => {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const draft = `${file}.new`
    // One that was left by a cut may have another mode, and would keep it.
    rmSync(draft, { force: true })
    try {
      writeFileSync(draft, content, { mode: 0o600, flush: true, flag: 'wx' })
      renameSync(draft, file)
    } catch (error) {
      rmSync(draft, { force: true })
      throw error
    }
    const handle = openSync(folder, 'r')
    try {
      fsyncSync(handle)
    } finally {
      closeSync(handle)
    }
  })
}

/** The folder, or the lowest one above it that is there: whose that is, theirs is what will be made in it. */
function nearestTo(folder: string): string {
  return existsSync(folder) ? folder : nearestTo(path.dirname(folder))
}

/** Root becomes the owner of the folder for so long; anybody else is who he is. The work is synchronous, so that nothing else runs under it. */
function asOwnerOf(folder: string, work: () => void): void {
  const { uid, gid } = statSync(folder)
  if (process.geteuid?.() !== 0 || uid === 0) return work()
  const groups = process.getgroups?.() ?? []
  process.setgroups?.([gid])
  process.setegid?.(gid)
  process.seteuid?.(uid)
  try {
    work()
  } finally {
    process.seteuid?.(0)
    process.setegid?.(0)
    process.setgroups?.(groups)
  }
}
