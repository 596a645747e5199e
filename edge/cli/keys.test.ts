import { createPublicKey, verify } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { spawn } from '@lydell/node-pty'
import { Command } from 'commander'
import t, { type Test } from 'tap'
import { z } from 'zod'
import { canonicalJson } from '../base/canonical.js'
import { openSealed } from '../base/sealed-key.js'
import { keyIdOfLine } from '../base/signature.js'
import { signatureSchema } from '../messages/trust/lift.js'
import { addKeys } from './keys.js'
import { delegationIn, keysIn, rootsIn } from './keys-files.js'
import { readSealed, trustIn } from './keys-make.js'

const phrase = 'correct horse battery staple'

/** The command as a person gives it; what it printed. */
async function keys(t: Test, ...args: readonly string[]): Promise<string> {
  const captured = t.capture(process.stdout, 'write', () => true)
  await addedTo(new Command()).parseAsync(['node', 'lanekeeper', 'keys', ...args])
  return captured()
    .map(({ args: [text] }) => String(text))
    .join('')
}

function addedTo(program: Command): Command {
  addKeys(program.exitOverride())
  return program
}

async function site(t: Test): Promise<string> {
  const dir = path.join(t.testdir(), 'keys')
  await keys(t, 'init', '--dir', dir, '--site', 'port-1')
  return dir
}

async function person(t: Test, dir: string, name: string): Promise<void> {
  const file = path.join(path.dirname(dir), 'phrase')
  writeFileSync(file, `${phrase}\n`, { mode: 0o600 })
  await keys(t, 'person', name, '--dir', dir, '--passphrase-file', file)
}

function filesBelow(dir: string): string[] {
  return readdirSync(dir, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
}

t.test(
  'init makes keys that only their owner reads, a root and a delegation that hold, and prints no key',
  async (t) => {
    const dir = path.join(t.testdir(), 'keys')
    const said = await keys(t, 'init', '--dir', dir, '--site', 'port-1')
    const secret = filesBelow(dir).filter((file) => file.endsWith('.key'))
    t.equal(secret.length, 3 + 1 + 3)
    for (const file of secret) {
      t.equal(statSync(file).mode & 0o777, 0o600, path.relative(dir, file))
      const body = readFileSync(file, 'utf8').split('\n')[1] ?? ''
      t.notOk(said.includes(body), 'not printed')
    }
    for (const folder of readdirSync(dir))
      t.equal(statSync(path.join(dir, folder)).mode & 0o777, 0o700, folder)
    t.match(JSON.parse(await keys(t, 'verify', '--dir', dir)), { holds: true, root: 1, delegation: 1 })
    t.equal(rootsIn(dir)[0]?.signatures.length, 3)
    t.strictSame(delegationIn(dir)?.signed.roles.lift.keyIds, [], 'nobody lifts yet')
  },
)

t.test('init a second time is refused: the keys of a site are not written over', async (t) => {
  const dir = await site(t)
  await t.rejects(keys(t, 'init', '--dir', dir, '--site', 'port-1'), { code: 'keys.exist' })
})

t.test(
  "a person's key is sealed; the passphrase opens it, another one and a changed file do not",
  async (t) => {
    const dir = await site(t)
    await person(t, dir, 'anna')
    const file = path.join(dir, 'persons', 'anna.json')
    t.equal(statSync(file).mode & 0o777, 0o600)
    const sealed = readSealed(file)
    t.equal((await openSealed(sealed, phrase))?.asymmetricKeyType, 'ed25519')
    t.equal(await openSealed(sealed, `${phrase}.`), null)
    t.equal(await openSealed({ ...sealed, person: 'bo' }, phrase), null, "under another's name")
    t.match(JSON.parse(await keys(t, 'show', '--dir', dir)), { notYetDelegated: ['anna'] })
    await t.rejects(person(t, dir, 'anna'), { code: 'keys.exist' })
    const short = path.join(path.dirname(dir), 'short')
    writeFileSync(short, 'short\n', { mode: 0o600 })
    await t.rejects(keys(t, 'person', 'bo', '--dir', dir, '--passphrase-file', short), {
      code: 'keys.passphraseShort',
    })
    chmodSync(short, 0o644)
    await t.rejects(keys(t, 'person', 'bo', '--dir', dir, '--passphrase-file', short), {
      code: 'keys.exposed',
    })
  },
)

t.test('delegate names the persons, and revoke takes one out in the next delegation', async (t) => {
  const dir = await site(t)
  await person(t, dir, 'anna')
  await person(t, dir, 'bo')
  await keys(t, 'delegate', '--dir', dir)
  const persons = () => {
    const held = delegationIn(dir)?.signed
    return held?.roles.lift.keyIds.map((keyId) => held.keys[keyId]?.person)
  }
  t.strictSame(persons(), ['anna', 'bo'])
  await keys(t, 'revoke', 'anna', '--dir', dir)
  t.strictSame(persons(), ['bo'])
  t.match(JSON.parse(await keys(t, 'verify', '--dir', dir)), { holds: true, delegation: 3 })
})

t.test('rotate replaces an online key, and the old one is in no role any more', async (t) => {
  const dir = await site(t)
  const before = delegationIn(dir)?.signed.roles
  await keys(t, 'rotate', 'timestamp', '--dir', dir)
  const after = delegationIn(dir)?.signed.roles
  t.not(after?.timestamp.keyIds[0], before?.timestamp.keyIds[0])
  t.equal(after?.snapshot.keyIds[0], before?.snapshot.keyIds[0])
  const online = keysIn([path.join(dir, 'online')]).map(({ keyId }) => keyId)
  t.ok(online.includes(after?.timestamp.keyIds[0] ?? ''), 'the gateway finds it under the same name')
  t.equal(readdirSync(path.join(dir, 'online', 'retired')).length, 1)
})

t.test('a root key is replaced by a chained root; an edge with the first one follows', async (t) => {
  const dir = await site(t)
  const [first] = rootsIn(dir)
  const goes = first?.signed.roles.root.keyIds[0] ?? ''
  await keys(t, 'rotate', goes.slice(0, 12), '--dir', dir)
  const state = trustIn(dir)
  t.equal(state.root.signed.version, 2)
  t.notOk(state.root.signed.roles.root.keyIds.includes(goes))
  t.equal(state.root.signed.roles.root.keyIds.length, 3)
  t.ok(state.revoked.includes(goes))
  t.match(JSON.parse(await keys(t, 'verify', '--dir', dir)), { holds: true, root: 2, delegation: 2 })
})

t.test('the delegation key is replaced by a new root, and signs the next delegation', async (t) => {
  const dir = await site(t)
  const goes = rootsIn(dir)[0]?.signed.roles.delegation.keyIds[0] ?? ''
  await keys(t, 'rotate', goes.slice(0, 12), '--dir', dir)
  t.match(JSON.parse(await keys(t, 'verify', '--dir', dir)), { holds: true, root: 2, delegation: 2 })
})

t.test(
  'too few keys at hand make no root: the others are given with --offline, wherever they lie',
  async (t) => {
    const dir = await site(t)
    const away = path.join(path.dirname(dir), 'stick')
    mkdirSync(away)
    const [one, two] = readdirSync(path.join(dir, 'offline')).filter((name) => name.startsWith('root'))
    for (const name of [one, two])
      renameSync(path.join(dir, 'offline', name ?? ''), path.join(away, name ?? ''))
    await t.rejects(keys(t, 'rotate', 'root', '--dir', dir), { code: 'keys.notEnough' })
    t.equal(rootsIn(dir).length, 1, 'and nothing was written')
    await keys(t, 'rotate', 'root', '--dir', dir, '--offline', away)
    t.equal(rootsIn(dir).length, 2)
  },
)

/** Every file of the folder with its content. */
function filesOf(dir: string): Record<string, string> {
  const names = readdirSync(dir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return Object.fromEntries(
    names.map(({ parentPath, name }) => {
      const file = path.join(parentPath, name)
      return [path.relative(dir, file), readFileSync(file, 'utf8')]
    }),
  )
}

/** Carries the offline keys of one kind away, and returns where to. */
function carryAway(dir: string, kind: string): string {
  const away = path.join(path.dirname(dir), `away-${kind}`)
  mkdirSync(away)
  for (const name of readdirSync(path.join(dir, 'offline')).filter((one) => one.startsWith(kind)))
    renameSync(path.join(dir, 'offline', name), path.join(away, name))
  return away
}

t.test(
  'a change that cannot be signed leaves the folder as it was, and says which keys to bring',
  async (t) => {
    const dir = await site(t)
    await person(t, dir, 'anna')
    await keys(t, 'delegate', '--dir', dir)
    const [root = ''] = rootsIn(dir)[0]?.signed.roles.root.keyIds ?? []
    const away = carryAway(dir, 'delegation')
    const before = filesOf(dir)
    const wanted = { code: 'keys.notEnough', message: /delegation-[0-9a-f]{12}\.key with --offline/ }
    for (const change of [
      ['revoke', 'anna'],
      ['rotate', 'timestamp'],
      ['rotate', root],
      ['revoke', root],
      ['delegate'],
    ]) {
      await t.rejects(keys(t, ...change, '--dir', dir), wanted, change.join(' '))
      t.strictSame(filesOf(dir), before, change.join(' '))
    }
    carryAway(dir, 'root')
    const bare = filesOf(dir)
    await t.rejects(keys(t, 'rotate', root, '--dir', dir, '--offline', away), {
      code: 'keys.notEnough',
      message: /0 of 2 root keys .* root-[0-9a-f]{12}\.key or root-/,
    })
    t.strictSame(filesOf(dir), bare)
    const typed = path.join(dir, 'stik')
    await t.rejects(keys(t, 'delegate', '--dir', dir, '--offline', typed), {
      code: 'keys.noFolder',
      message: new RegExp(typed),
    })
    await keys(t, 'revoke', 'anna', '--dir', dir, '--offline', away)
    t.strictSame(delegationIn(dir)?.signed.roles.lift.keyIds, [], 'with the key it is done')
  },
)

t.test('no key is taken away that leaves too few to sign; the records stay readable', async (t) => {
  const dir = await site(t)
  const { root, delegation } = rootsIn(dir)[0]?.signed.roles ?? {}
  const before = filesOf(dir)
  const tooFew = { code: 'keys.tooFewLeft', message: /lanekeeper keys rotate/ }
  await t.rejects(keys(t, 'revoke', delegation?.keyIds[0] ?? '', '--dir', dir), tooFew)
  t.strictSame(filesOf(dir), before)
  await keys(t, 'revoke', root?.keyIds[0] ?? '', '--dir', dir)
  await t.rejects(keys(t, 'revoke', root?.keyIds[1] ?? '', '--dir', dir), tooFew)
  t.match(JSON.parse(await keys(t, 'verify', '--dir', dir)), { holds: true, root: 2, delegation: 2 })
})

t.test('a first root that asks for more keys than there are is not made, nor any of its keys', async (t) => {
  const dir = path.join(t.testdir(), 'keys')
  const asked = ['init', '--dir', dir, '--site', 'port-1', '--root-keys', '1', '--root-threshold', '2']
  await t.rejects(keys(t, ...asked), { code: 'keys.badRecord', message: /threshold/ })
  t.notOk(existsSync(dir))
})

t.test('every change names the files that it wrote, and what to do with them', async (t) => {
  const dir = await site(t)
  await person(t, dir, 'anna')
  const [root = '', other = ''] = rootsIn(dir)[0]?.signed.roles.root.keyIds ?? []
  const said = z.object({ written: z.array(z.string()), next: z.string() })
  for (const [change, files] of [
    [['delegate'], [/delegation\.2/]],
    [
      ['rotate', 'hold'],
      [/delegation\.3/, /online\/hold\.key/, /retired\/hold-/],
    ],
    [
      ['revoke', 'anna'],
      [/delegation\.4/, /revoked\/anna-/],
    ],
    [
      ['rotate', root],
      [/root\.2/, /delegation\.5/, /offline\/root-/],
    ],
    [
      ['revoke', other],
      [/root\.3/, /delegation\.6/],
    ],
    [['rotate', 'root'], [/root\.4/]],
  ] as const) {
    const { written, next } = said.parse(JSON.parse(await keys(t, ...change, '--dir', dir)))
    t.match(written, files, change.join(' '))
    t.equal(written.length, files.length)
    t.ok(
      written.every((file) => existsSync(file)),
      change.join(' '),
    )
    t.match(next, /copy the new files of records\/ to the gateway/)
  }
})

t.test('verify finds an online key that the delegation does not name, and says how to mend it', async (t) => {
  const dir = await site(t)
  await keys(t, 'rotate', 'hold', '--dir', dir)
  const online = path.join(dir, 'online')
  const [retired = ''] = readdirSync(path.join(online, 'retired'))
  const named = delegationIn(dir)?.signed.roles.hold.keyIds[0]?.slice(0, 12) ?? ''
  // As the power left it between the record and the new name of the key.
  renameSync(path.join(online, 'hold.key'), path.join(online, `next-hold-${named}.key`))
  renameSync(path.join(online, 'retired', retired), path.join(online, 'hold.key'))
  const exitCode = process.exitCode
  t.match(JSON.parse(await keys(t, 'verify', '--dir', dir)), {
    holds: false,
    problems: [new RegExp(`hold.key is not the hold key .* rename next-hold-${named}.key to it`)],
  })
  process.exitCode = exitCode
})

/** What the program says at a terminal, and its exit code. `typed` answers its questions in turn. */
function atTerminal(
  args: readonly string[],
  typed: readonly string[],
): Promise<{ readonly said: string; readonly code: number }> {
  const program = fileURLToPath(new URL('testing/keys-program.ts', import.meta.url))
  const terminal = spawn(process.execPath, ['--import=tsx', program, 'keys', ...args], { cols: 200 })
  const answers = [...typed]
  let said = ''
  return new Promise((resolve) => {
    terminal.onData((text) => {
      said += text
      if (text.endsWith(': ')) terminal.write(answers.shift() ?? '\x03')
    })
    terminal.onExit(({ exitCode }) => resolve({ said, code: exitCode }))
  })
}

t.test('at a terminal a passphrase is asked for twice, corrected, and not shown', async (t) => {
  const dir = await site(t)
  const make = ['person', 'anna', '--dir', dir]
  const differs = await atTerminal(make, [`${phrase}\r`, `${phrase}!\r`])
  t.match(differs, { code: 1, said: /were not the same/ })
  t.match(await atTerminal(make, ['\x03']), { code: 1, said: /nothing was written/ })
  const made = await atTerminal(make, [`${phrase}口\x7f\r`, `${phrase}\r`])
  t.equal(made.code, 0, made.said)
  t.notMatch(made.said, phrase)
  const sealed = readSealed(path.join(dir, 'persons', 'anna.json'))
  t.equal((await openSealed(sealed, phrase))?.asymmetricKeyType, 'ed25519')
})

t.test('a key that others may read is not used', async (t) => {
  const dir = await site(t)
  chmodSync(path.join(dir, 'online', 'hold.key'), 0o640)
  await t.rejects(keys(t, 'delegate', '--dir', dir), { code: 'keys.exposed' })
})

t.test('verify says what does not hold: an edited record, and an end that is near', async (t) => {
  const dir = await site(t)
  const said: unknown = JSON.parse(await keys(t, 'verify', '--dir', dir, '--warn-days', '101'))
  t.match(said, { holds: true, soon: [/the delegation ends/] })
  const file = path.join(dir, 'records', 'delegation.1.json')
  const text = readFileSync(file, 'utf8')
  writeFileSync(file, text.replace('"expiresAt": 1', '"expiresAt": 9'))
  const exitCode = process.exitCode
  t.match(JSON.parse(await keys(t, 'verify', '--dir', dir)), {
    holds: false,
    problems: [/badSignature/],
  })
  t.equal(process.exitCode, 1)
  process.exitCode = exitCode
})

t.test('a person signs a lift away from the gateway, over just what the gateway shows', async (t) => {
  const dir = await site(t)
  await person(t, dir, 'anna')
  const statement = {
    ...{ type: 'lift', site: 'port-1', list: 'orders', key: 'O-1' },
    ...{ entryHash: 'a'.repeat(64), reason: '02', at: 1_790_000_000_000 },
  }
  const [file, phraseFile] = ['statement.json', 'phrase'].map((name) => path.join(path.dirname(dir), name))
  if (file === undefined || phraseFile === undefined) throw new Error('no files')
  const lift = () =>
    keys(t, 'lift', 'anna', '--dir', dir, '--statement', file, '--passphrase-file', phraseFile)
  t.capture(process.stderr, 'write', () => true)
  writeFileSync(file, JSON.stringify(statement))
  const { signature } = z.object({ signature: signatureSchema }).parse(JSON.parse(await lift()))
  const { publicKey } = readSealed(path.join(dir, 'persons', 'anna.json'))
  t.equal(signature.keyId, keyIdOfLine(publicKey))
  const key = createPublicKey({ key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'spki' })
  const bytes = Buffer.from(signature.signature, 'base64')
  t.ok(verify(null, Buffer.from(canonicalJson(statement)), key, bytes))
  writeFileSync(file, JSON.stringify({ ...statement, colour: 'red' }))
  await t.rejects(lift(), { code: 'keys.noStatement' })
  writeFileSync(file, JSON.stringify(statement))
  writeFileSync(phraseFile, 'another phrase altogether\n', { mode: 0o600 })
  await t.rejects(lift(), { code: 'keys.wrongPassphrase' })
})
