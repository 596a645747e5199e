import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { delegate, initKeys } from '../../edge/cli/keys-make.js'
import { sealKey } from '../../edge/cli/keys-seal.js'
import { signedDelegationSchema, type Delegation } from '../../edge/messages/trust/records.js'
import { site } from './gateway-under-test.js'

const day = 86_400_000

/** The passphrase of a person's sealed key. */
export const phrase = (person: string): string => `four good words of ${person}`

function seal(dir: string, person: string): void {
  const { privateKey } = generateKeyPairSync('ed25519')
  const publicKey = createPublicKey(privateKey).export({ type: 'spki', format: 'der' }).toString('base64')
  const sealed = sealKey(person, publicKey, privateKey, phrase(person))
  mkdirSync(path.join(dir, 'persons'), { recursive: true })
  writeFileSync(path.join(dir, 'persons', `${person}.json`), JSON.stringify(sealed), { mode: 0o600 })
}

export interface Signing {
  /** For `trust` of a gateway's configuration. */
  readonly trust: { readonly recordsDir: string; readonly keysDir: string; readonly personsDir: string }
  readonly delegation: Delegation
}

/** Keys below `dir` for a gateway that signs its lists: `named` may lift; `others` have a key that nobody delegated. */
export function makeSigning(
  dir: string,
  nowMs: number,
  named: readonly string[],
  others: readonly string[] = [],
): Signing {
  const keys = path.join(dir, 'keys')
  const asked = { dir: keys, offline: [], days: 100, nowMs: Math.floor(nowMs) - day }
  initKeys({ ...asked, site, rootKeys: 1, rootThreshold: 1, rootDays: 400 })
  for (const person of named) seal(keys, person)
  delegate(asked)
  for (const person of others) seal(keys, person)
  const trust = {
    recordsDir: path.join(keys, 'records'),
    keysDir: path.join(keys, 'online'),
    personsDir: path.join(keys, 'persons'),
  }
  const newest = readFileSync(path.join(trust.recordsDir, 'delegation.2.json'), 'utf8')
  return { trust, delegation: signedDelegationSchema.parse(JSON.parse(newest)).signed }
}
