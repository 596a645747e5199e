import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import { plainName } from '../domain/roles.js'

/** What one try costs, of whoever signs in as of whoever guesses: scrypt's N and p (RFC 7914); r is 8. */
export interface PassphraseCost {
  readonly N: number
  readonly p: number
}

/** 32 MB and about a quarter of a second a try; kept beside each hash, so that it may rise. */
const fullCost: PassphraseCost = { N: 32_768, p: 3 }
const memoryMaxBytes = 256 * 1024 ** 2
const hashBytes = 32

export const passphraseMinCharacters = 12
export const passphraseMaxCharacters = 256
const differentMin = 5

/** What stands in the store of a passphrase. */
export const secretSchema = z.strictObject({
  v: z.literal(1),
  N: z.number().int().min(16_384).max(131_072),
  r: z.literal(8),
  p: z.number().int().min(1).max(4),
  salt: z.base64(),
  hash: z.base64(),
})
export type StoredSecret = z.infer<typeof secretSchema>

/**
 * What is wrong with a passphrase that somebody wants to take; null: nothing. Its words are for the refusal's
 * message. Length is what makes it hard to guess: no kinds of characters are demanded.
 */
export function weaknessOf(passphrase: string, name: string): string | null {
  const characters = [...normal(passphrase)]
  if (characters.length < passphraseMinCharacters)
    return `a passphrase has at least ${passphraseMinCharacters} characters: take four words`
  if (characters.length > passphraseMaxCharacters)
    return `a passphrase has at most ${passphraseMaxCharacters} characters`
  if (new Set(characters).size < differentMin)
    return `a passphrase has at least ${differentMin} different characters`
  const rest = plainName(passphrase).split(plainName(name)).join('')
  return rest.length < passphraseMinCharacters / 2 ? 'a passphrase is more than the name' : null
}

/** Salted anew each time: the same passphrase of two people is two hashes. */
export async function secretOf(
  passphrase: string,
  { N, p }: PassphraseCost = fullCost,
): Promise<StoredSecret> {
  const salt = randomBytes(16)
  const hash = await hashOf(passphrase, salt, { N, r: 8, p })
  return { v: 1, N, r: 8, p, salt: salt.toString('base64'), hash: hash.toString('base64') }
}

/** Compares in constant time. Without a secret it takes as long and is false: names cannot be told by the time. */
export async function isPassphrase(
  passphrase: string,
  secret: StoredSecret | undefined,
  cost: PassphraseCost = fullCost,
): Promise<boolean> {
  const { N, r, p, salt, hash } = secret ?? { ...nobodys, ...cost }
  const found = await hashOf(passphrase, Buffer.from(salt, 'base64'), { N, r, p })
  return timingSafeEqual(found, Buffer.from(hash, 'base64')) && secret !== undefined
}

const nobodys = {
  r: 8,
  salt: Buffer.alloc(16).toString('base64'),
  hash: Buffer.alloc(hashBytes).toString('base64'),
} as const

function hashOf(
  passphrase: string,
  salt: Buffer,
  { N, r, p }: Pick<StoredSecret, 'N' | 'r' | 'p'>,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const options = { N, r, p, maxmem: memoryMaxBytes }
    scrypt(normal(passphrase), salt, hashBytes, options, (error, hash) => {
      if (error) reject(error)
      else resolve(hash)
    })
  })
}

/** Keyboards and input methods write the same characters in several ways. */
function normal(passphrase: string): string {
  return passphrase.normalize('NFKC')
}
