import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { Clock } from '../../edge/base/clock.js'
import { canonicalJson } from '../../edge/base/canonical.js'
import { openSealed, sealedKeySchema, signWith, type SealedKey } from '../../edge/base/sealed-key.js'
import { keyIdOfLine } from '../../edge/base/signature.js'
import { idSchema } from '../../edge/messages/envelope.js'
import type { RecordSignature } from '../../edge/messages/trust/lift.js'
import type { Delegation, LiftStatement } from '../../edge/messages/trust/records.js'
import { Refusal } from '../desk/refusal.js'

/** Passphrases that one person may try in {@link windowMs}; each costs a quarter of a second and 64 MB. */
const triesMax = 5
const windowMs = 15 * 60_000
/** Persons whose tries are counted at once; there are no more that could sign in. */
const personsMax = 1_000

/** Signs a lift in the name of a person. Throws {@link Refusal}. */
export type SignLift = (
  person: string,
  passphrase: string,
  statement: LiftStatement,
) => Promise<RecordSignature>

/**
 * Persons' keys as `lanekeeper keys person` sealed them, `<person>.json` in one folder. A key is opened by its own
 * passphrase for one signature and forgotten; neither the passphrase nor the key is kept, logged or put into an error.
 */
export class PersonKeys {
  readonly #given: {
    readonly dir: string
    readonly clock: Clock
    readonly delegation: () => Delegation | null
  }
  readonly #tries = new Map<string, { fromMs: number; count: number }>()
  /** One at a time, because each takes 64 MB. */
  #opening: Promise<unknown> = Promise.resolve()

  constructor(given: {
    readonly dir: string
    readonly clock: Clock
    /** Who may lift; null: nobody is known. */
    readonly delegation: () => Delegation | null
  }) {
    this.#given = given
  }

  readonly sign: SignLift = (person, passphrase, statement) => {
    this.#count(person)
    const done = this.#opening.then(() => this.#sign(person, passphrase, statement))
    this.#opening = done.catch(() => undefined)
    return done
  }

  async #sign(person: string, passphrase: string, statement: LiftStatement): Promise<RecordSignature> {
    const sealed = await this.#sealedOf(person)
    const keyId = keyIdOfLine(sealed.publicKey)
    const delegation = this.#given.delegation()
    const isNamed = delegation?.roles.lift.keyIds.includes(keyId) === true
    if (!isNamed || delegation.keys[keyId]?.person !== person)
      throw new Refusal(
        'noKey',
        `the key of ${person} may not lift: sign the next delegation (\`lanekeeper keys delegate\`)`,
      )
    const key = await openSealed(sealed, passphrase)
    if (!key)
      throw new Refusal('wrongPassphrase', 'the key does not open', [
        { path: 'passphrase', message: 'is wrong, or the file of the key was changed' },
      ])
    this.#tries.delete(person)
    return { keyId, signature: signWith(key, canonicalJson(statement)).toString('base64') }
  }

  async #sealedOf(person: string): Promise<SealedKey> {
    const file = path.join(this.#given.dir, `${person}.json`)
    let sealed: SealedKey | undefined
    try {
      // A sign-in name is no path: only what can be a name becomes one.
      if (idSchema.safeParse(person).success)
        sealed = sealedKeySchema.safeParse(JSON.parse(await readFile(file, 'utf8'))).data
    } catch {
      sealed = undefined
    }
    if (sealed?.person !== person)
      throw new Refusal(
        'noKey',
        `there is no key of ${person} here: make one with \`lanekeeper keys person\``,
      )
    return sealed
  }

  #count(person: string): void {
    const nowMs = this.#given.clock.now().monoMs
    const before = this.#tries.get(person)
    const tries = before && nowMs - before.fromMs < windowMs ? before : { fromMs: nowMs, count: 0 }
    if (tries.count >= triesMax)
      throw new Refusal('tooManyTries', 'the passphrase was wrong too often: wait a quarter of an hour')
    this.#tries.delete(person)
    this.#tries.set(person, { ...tries, count: tries.count + 1 })
    const [oldest] = this.#tries.keys()
    if (this.#tries.size > personsMax && oldest !== undefined) this.#tries.delete(oldest)
  }
}
