import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { systemClock } from '../../../edge/base/clock.js'
import type { EdgeIdentity } from '../../../edge/interfaces/identity.js'
import { Authority, type ServerIdentity } from '../authority.js'
import { newKeyPem, publicHalf } from '../certificates.js'

export interface TestAuthority {
  readonly authority: Authority
  /** For a listener on loopback. */
  readonly server: ServerIdentity
  identityOf(edgeId: string): Promise<EdgeIdentity>
}

let made: Promise<TestAuthority> | undefined

/** One authority for a whole test process: what takes time is made once. */
export function testAuthority(): Promise<TestAuthority> {
  made ??= make()
  return made
}

async function make(): Promise<TestAuthority> {
  const dir = mkdtempSync(path.join(tmpdir(), 'lanekeeper-authority-'))
  const nowMs = systemClock.now().wallMs
  const files = { keyFile: path.join(dir, 'key'), certFile: path.join(dir, 'pem') }
  const authority = await Authority.open({ ...files, site: 'test', nowMs })
  rmSync(dir, { recursive: true })
  return {
    authority,
    server: await authority.forServer(['127.0.0.1', 'localhost'], nowMs),
    identityOf: async (edgeId) => {
      const keyPem = newKeyPem()
      const signed = await authority.forEdge(edgeId, publicHalf(keyPem), nowMs, 86_400_000)
      const authorityPem = authority.certificatesPem.join('')
      return { keyPem, certificatePem: signed.certificatePem, authorityPem }
    },
  }
}

/** An identity that stays. */
export function fixed(identity: EdgeIdentity | null): {
  current(): EdgeIdentity | null
  onChanged(): () => void
} {
  return { current: () => identity, onChanged: () => () => undefined }
}
