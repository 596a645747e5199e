import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { Command } from 'commander'
import { canonicalJson } from '../base/canonical.js'
import { LanekeeperError } from '../base/error.js'
import { openSealed, signWith } from '../base/sealed-key.js'
import { keyIdOfLine } from '../base/signature.js'
import type { RecordSignature } from '../messages/trust/lift.js'
import { liftStatementSchema, type LiftStatement } from '../messages/trust/records.js'
import { readSealed } from './keys-make.js'
import { passphrase } from './keys-passphrase.js'
import { told } from './spoken.js'

const statementMaxBytes = 4_096

/** `lanekeeper keys lift`: a person signs the lift of one hold away from the gateway, where the keys are not there. */
export function addKeysLift(keys: Command): void {
  keys
    .command('lift')
    .description(
      "Sign the lift of a hold with a person's key; the answer is `signature` of POST /api/orders/<id>/lift/confirm.",
    )
    .argument('<person>', 'whose key signs')
    .requiredOption('--dir <folder>', 'folder of the keys, with persons/<person>.json')
    .requiredOption('--statement <file>', '`statement` of GET /api/orders/<id>, as JSON')
    .option('--passphrase-file <file>', 'one line, mode 0600; absent: standard input')
    .action(async (person: string, options: { dir: string; statement: string; passphraseFile?: string }) => {
      const statement = statementIn(options.statement)
      const { list, key, reason, at, site } = statement
      // What is signed is said first: the file may have come from anybody.
      const askedAt = new Date(at).toISOString()
      const what = told`Lifts ${key} of ${list}, site ${site}, reason ${reason}, asked ${askedAt}`
      process.stderr.write(`${what}\n`)
      const signature = await signLift(options.dir, person, statement, () =>
        passphrase(person, options.passphraseFile, false),
      )
      process.stdout.write(`${JSON.stringify({ signature }, null, 2)}\n`)
    })
}

/** Throws `keys.wrongPassphrase` where it does not open the key. */
export async function signLift(
  dir: string,
  person: string,
  statement: LiftStatement,
  passphrase: () => string,
): Promise<RecordSignature> {
  const sealed = readSealed(path.join(dir, 'persons', `${person}.json`))
  const key = await openSealed(sealed, passphrase())
  if (!key)
    throw new LanekeeperError('keys.wrongPassphrase', `the passphrase does not open the key of ${person}`)
  const signature = signWith(key, canonicalJson(statement)).toString('base64')
  return { keyId: keyIdOfLine(sealed.publicKey), signature }
}

function statementIn(file: string): LiftStatement {
  const text = readFileSync(file)
  const parsed =
    text.length > statementMaxBytes ? undefined : liftStatementSchema.safeParse(JSON.parse(text.toString()))
  if (parsed?.success) return parsed.data
  throw new LanekeeperError(
    'keys.noStatement',
    `${file} holds no statement of a lift: take \`statement\` of GET /api/orders/<id> as it is`,
  )
}
