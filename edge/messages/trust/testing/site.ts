import { generateKeyPairSync, sign } from 'node:crypto'
import { keyIdOfLine } from '../../../base/signature.js'
import { trustBounds } from '../bounds.js'
import { holdVersion, judgeTrust, type TrustJudgement } from '../judge.js'
import type { Delegation, Listed, Root, Signed, Snapshot, Timestamp, TrustMessage } from '../records.js'
import { recordHash, signRecord, signaturesOver, type TrustSigner } from '../signatures.js'
import { firstTrust, type TrustState } from '../state.js'

/** Real keys and real signatures: attacks are tried with what an attacker would have. */
export const nowMs = 1_790_000_000_000
export const minute = 60_000
export const day = 86_400_000

export function newKey(): TrustSigner & { readonly keyId: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const line = publicKey.export({ type: 'spki', format: 'der' }).toString('base64')
  return {
    publicKey: line,
    keyId: keyIdOfLine(line),
    sign: (text) => sign(null, Buffer.from(text), privateKey),
  }
}
export type TestKey = ReturnType<typeof newKey>

export const keysOf = (...keys: readonly TestKey[]): Root['keys'] =>
  Object.fromEntries(keys.map(({ keyId, publicKey }) => [keyId, { publicKey }]))

/** Keys take long enough to make that the tests share them; none of them is ever changed. */
export const keys = {
  root: [newKey(), newKey(), newKey()] as const,
  delegation: newKey(),
  snapshot: newKey(),
  timestamp: newKey(),
  hold: newKey(),
  anna: newKey(),
  bo: newKey(),
  boAgain: newKey(),
  stranger: newKey(),
}

export function rootRecord(changes: Partial<Root> = {}): Root {
  const [a, b, c] = keys.root
  return {
    type: 'root',
    site: 'site-1',
    version: 1,
    issuedAt: nowMs - 30 * day,
    expiresAt: nowMs + 365 * day,
    keys: keysOf(a, b, c, keys.delegation),
    roles: {
      root: { keyIds: [a.keyId, b.keyId, c.keyId], threshold: 2 },
      delegation: { keyIds: [keys.delegation.keyId], threshold: 1 },
    },
    ...changes,
  }
}

export const signedRoot = (
  record: Root = rootRecord(),
  signers: readonly TestKey[] = keys.root.slice(0, 2),
): Signed<Root> => signRecord(record, signers)

export function delegationRecord(changes: Partial<Delegation> = {}): Delegation {
  const { snapshot, timestamp, hold, anna, bo, boAgain } = keys
  const person = (key: TestKey, name: string) => ({ [key.keyId]: { publicKey: key.publicKey, person: name } })
  return {
    type: 'delegation',
    site: 'site-1',
    version: 1,
    issuedAt: nowMs - day,
    expiresAt: nowMs + 90 * day,
    keys: {
      ...keysOf(snapshot, timestamp, hold),
      ...person(anna, 'anna'),
      ...person(bo, 'bo'),
      ...person(boAgain, 'bo'),
    },
    roles: {
      snapshot: { keyIds: [snapshot.keyId], threshold: 1 },
      timestamp: { keyIds: [timestamp.keyId], threshold: 1 },
      hold: { keyIds: [hold.keyId], threshold: 1 },
      lift: { keyIds: [anna.keyId, bo.keyId, boAgain.keyId], threshold: 2 },
    },
    ...changes,
  }
}

export const contentHash = (of: string): string => of.padEnd(64, '0').slice(0, 64)

export type AskedList = Partial<Listed> & { readonly version: number }

export function listed(list: string, asked: AskedList, hold: TestKey = keys.hold): Listed {
  const bare = { count: 10, contentHash: contentHash(`${asked.version}`), ...asked }
  if (list !== 'orders' && list !== 'blacklist') return bare
  return { ...bare, hold: signaturesOver(holdVersion('site-1', list, bare), [hold]) }
}

export interface Asked {
  readonly roots?: readonly Signed<Root>[]
  readonly delegation?: Partial<Delegation>
  readonly delegationBy?: readonly TestKey[]
  readonly snapshot?: Partial<Snapshot>
  readonly snapshotBy?: readonly TestKey[]
  readonly timestamp?: Partial<Timestamp>
  readonly timestampBy?: readonly TestKey[]
  readonly lists?: Readonly<Record<string, AskedList>>
  readonly holdBy?: TestKey
}

/** A message as an honest gateway makes it, but for what is asked to be otherwise. */
export function message(asked: Asked = {}): TrustMessage {
  const lists = { orders: { version: 1 }, blacklist: { version: 1 }, tags: { version: 1 }, ...asked.lists }
  const snapshot = signRecord<Snapshot>(
    {
      type: 'snapshot',
      site: 'site-1',
      version: 100,
      issuedAt: nowMs - minute,
      expiresAt: nowMs + 7 * day,
      lists: Object.fromEntries(
        Object.entries(lists).map(([list, one]) => [list, listed(list, one, asked.holdBy)]),
      ),
      ...asked.snapshot,
    },
    asked.snapshotBy ?? [keys.snapshot],
  )
  const timestamp = signRecord<Timestamp>(
    {
      type: 'timestamp',
      site: 'site-1',
      version: 1_000,
      signedTime: nowMs,
      expiresAt: nowMs + 10 * minute,
      snapshot: { version: snapshot.signed.version, hash: recordHash(snapshot) },
      ...asked.timestamp,
    },
    asked.timestampBy ?? [keys.timestamp],
  )
  const delegation = signRecord(delegationRecord(asked.delegation), asked.delegationBy ?? [keys.delegation])
  return structuredClone({ v: 1, roots: [...(asked.roots ?? [])], delegation, timestamp, snapshot })
}

export function enrolled(root: Signed<Root> = signedRoot()): TrustState {
  const state = firstTrust(JSON.stringify(root), 'site-1', 0)
  if (!state.ok) throw new Error(state.problems.map((problem) => problem.message).join())
  return state.value
}

export const judge = (state: TrustState, said: unknown, atMs: number = nowMs): TrustJudgement =>
  judgeTrust(state, JSON.stringify(said), atMs)

/** An edge that has taken one honest message. */
export function trusting(asked: Asked = {}): TrustState {
  const { state, refusal } = judge(enrolled(), message(asked))
  if (refusal) throw new Error(`${refusal.reason}: ${refusal.detail}`)
  return state
}

/** The next honest message: one later timestamp, and the snapshot that it asks for. */
export const later = (asked: Asked = {}, byMs: number = 15_000): TrustMessage =>
  message({
    ...asked,
    timestamp: {
      version: 1_001,
      signedTime: nowMs + byMs,
      expiresAt: nowMs + byMs + 10 * minute,
      ...asked.timestamp,
    },
  })

/** `<reason> of <record>`, or `taken`. */
export function said({ refusal }: TrustJudgement): string {
  return refusal ? `${refusal.reason} of ${refusal.about}` : 'taken'
}

export const stepMax = trustBounds.versionStepMax
