import { createPrivateKey, createPublicKey, sign } from 'node:crypto'
import { readFileSync, readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { messageOf } from '../../edge/base/error.js'
import { bad, ok, type Result } from '../../edge/base/result.js'
import { keyIdOfLine } from '../../edge/base/signature.js'
import { trustBounds } from '../../edge/messages/trust/bounds.js'
import { judgeAuthority } from '../../edge/messages/trust/judge.js'
import { parseRecord } from '../../edge/messages/trust/parse.js'
import {
  signedDelegationSchema,
  signedRootSchema,
  type OnlineRole,
  type TrustMessage,
} from '../../edge/messages/trust/records.js'
import type { TrustSigner } from '../../edge/messages/trust/signatures.js'
import { firstTrust, type TrustState } from '../../edge/messages/trust/state.js'
import type { TrustConfig } from './config.js'

export type OnlineSigner = TrustSigner & { readonly keyId: string }

/** In whose name the gateway signs: records as an edge would judge them, and the keys that they name. */
export interface Authority {
  readonly site: string
  /** Every root but the first, oldest first. */
  readonly roots: TrustMessage['roots']
  /** The newest root as a file has it, for boxes that enrol: those before it may have been replaced because of a theft. */
  readonly newestRoot: Uint8Array
  readonly delegation: TrustMessage['delegation']
  readonly signers: Readonly<Record<OnlineRole, OnlineSigner>>
  /** UTC ms: nothing may be signed for longer. */
  readonly endsAt: number
  /** Which of the two records ends then. */
  readonly endsFirst: 'root' | 'delegation'
}

const onlineRoles = ['snapshot', 'timestamp', 'hold'] as const satisfies OnlineRole[]

/**
 * Reads records and keys and judges them as an edge does that knows the first root: what an edge would refuse is
 * found here, in words, and not at five hundred lanes.
 */
export function readAuthority(config: TrustConfig, site: string, nowMs: number): Result<Authority> {
  try {
    return judged(config, site, nowMs)
  } catch (error) {
    return bad(
      'trust',
      `${messageOf(error)}.`,
      'Put there what `lanekeeper keys` wrote into records/ and online/.',
    )
  }
}

/** Changes whenever a record or a key does; cheap enough to be asked before each timestamp. */
export function authorityMark({ recordsDir, keysDir }: TrustConfig): string {
  return [recordsDir, keysDir]
    .flatMap((folder) =>
      readdirSync(folder)
        .sort()
        .map((name) => `${name}:${statSync(path.join(folder, name)).mtimeMs}`),
    )
    .join('|')
}

function judged(config: TrustConfig, site: string, nowMs: number): Result<Authority> {
  const [first, ...rest] = readRoots(config.recordsDir)
  if (first === undefined)
    return bad(
      'trust.recordsDir',
      `${config.recordsDir} holds no root.<n>.json.`,
      'Make them: `lanekeeper keys init`.',
    )
  const begun = firstTrust(JSON.stringify(first), site, 0)
  if (!begun.ok) return begun
  const delegation = readDelegation(config.recordsDir)
  if (!delegation)
    return bad(
      'trust.recordsDir',
      'there is no delegation.<n>.json.',
      'Sign one: `lanekeeper keys delegate`.',
    )
  const { state, refusal } = judgeAuthority(begun.value, rest, delegation, nowMs)
  if (refusal)
    return bad(
      `trust.recordsDir ${refusal.about}`,
      `${refusal.detail} (${refusal.reason}).`,
      'Look at it with `lanekeeper keys verify`.',
    )
  const signers = readSigners(config.keysDir, delegation)
  if (!signers.ok) return signers
  return ok({
    site,
    roots: rest,
    newestRoot: readFileSync(versionsIn(config.recordsDir, 'root').at(-1) ?? ''),
    delegation,
    signers: signers.value,
    endsAt: Math.min(state.root.signed.expiresAt, delegation.signed.expiresAt),
    endsFirst: state.root.signed.expiresAt <= delegation.signed.expiresAt ? 'root' : 'delegation',
  })
}

function readRoots(folder: string): readonly TrustState['root'][] {
  return versionsIn(folder, 'root').map((file) => {
    const parsed = parseRecord(signedRootSchema, readFileSync(file), trustBounds.recordMaxBytes)
    if (!parsed.ok) throw new Error(`${file}: ${parsed.refusal.detail}`)
    return parsed.value
  })
}

function readDelegation(folder: string): TrustMessage['delegation'] | undefined {
  const file = versionsIn(folder, 'delegation').at(-1)
  if (file === undefined) return undefined
  const parsed = parseRecord(signedDelegationSchema, readFileSync(file), trustBounds.recordMaxBytes)
  if (!parsed.ok) throw new Error(`${file}: ${parsed.refusal.detail}`)
  return parsed.value
}

function versionsIn(folder: string, type: string): readonly string[] {
  const pattern = new RegExp(`^${type}\\.(\\d{1,15})\\.json$`)
  const versionOf = (name: string): number => Number(pattern.exec(name)?.[1])
  return readdirSync(folder)
    .filter((name) => pattern.test(name))
    .sort((a, b) => versionOf(a) - versionOf(b))
    .map((name) => path.join(folder, name))
}

/** The three keys, each named in its role. One that is not was replaced by somebody, or belongs to another site. */
function readSigners(
  folder: string,
  { signed }: TrustMessage['delegation'],
): Result<Readonly<Record<OnlineRole, OnlineSigner>>> {
  const signers: Partial<Record<OnlineRole, OnlineSigner>> = {}
  for (const role of onlineRoles) {
    const file = path.join(folder, `${role}.key`)
    const signer = readSigner(file)
    if (!signer.ok) return signer
    if (!signed.roles[role].keyIds.includes(signer.value.keyId))
      return bad(
        'trust.keysDir',
        `${file} is not the ${role} key that delegation ${signed.version} names.`,
        'Take key and delegation from the same `lanekeeper keys` folder.',
      )
    if (signed.roles[role].threshold > 1)
      return bad('trust.recordsDir', `the ${role} role asks for several keys, and the gateway holds one.`)
    signers[role] = signer.value
  }
  const { snapshot, timestamp, hold } = signers
  return snapshot && timestamp && hold
    ? ok({ snapshot, timestamp, hold })
    : bad('trust.keysDir', 'a key is missing')
}

function readSigner(file: string): Result<OnlineSigner> {
  if ((statSync(file).mode & 0o077) !== 0)
    return bad('trust.keysDir', `${file} may be read by others.`, `Rotate the key, and chmod 600 ${file}.`)
  const key = createPrivateKey(readFileSync(file))
  if (key.asymmetricKeyType !== 'ed25519')
    return bad('trust.keysDir', `${file} holds no Ed25519 key.`, 'Take the one that `lanekeeper keys` made.')
  const publicKey = createPublicKey(key).export({ type: 'spki', format: 'der' }).toString('base64')
  return ok({
    publicKey,
    keyId: keyIdOfLine(publicKey),
    sign: (text) => sign(null, Buffer.from(text, 'utf8'), key),
  })
}
