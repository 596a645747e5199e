import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import type { Command } from 'commander'
import { systemClock } from '../base/clock.js'
import { LanekeeperError } from '../base/error.js'
import { rulesetName, rulesetProblems } from '../domain/decision/ruleset-data.js'
import { codeVersion } from '../domain/decision/ruleset.js'
import {
  keyIdOf,
  parseRulesetContent,
  readJson,
  readPublicKey,
  signRuleset,
  verifyRuleset,
} from '../config/ruleset.js'
import type { EdgeConfig } from '../config/parse.js'
import type { Result } from '../base/result.js'
import { whole } from './arguments.js'
import { edgeConfigIn } from './configuration.js'
import { refuseConfiguration } from './exit.js'
import { told } from './spoken.js'
import { reportShadow } from './ruleset-shadow.js'
import { activate, goBack, type Switched } from './ruleset-switch.js'

/** A ruleset is a version: made, signed and looked at here, named in every decision. */
export function addRuleset(program: Command): void {
  const ruleset = program
    .command('ruleset')
    .description('Make, sign and check rulesets: thresholds and profiles over the rules of this program.')
  ruleset
    .command('keygen')
    .description('Make a signing key; the public half belongs into the configuration of the edges.')
    .requiredOption('--out <prefix>', 'writes PREFIX.key (mode 0600, keep it off the edges) and PREFIX.pub')
    .action(({ out }: { out: string }) => keygen(out))
  ruleset
    .command('sign')
    .description(`Sign a ruleset for the rules of this program (${codeVersion}).`)
    .argument('<file>', 'JSON: v, id, version, codeVersion, issuedAt, expiresAt, policy, profiles')
    .requiredOption('--key <file>', 'the private key, mode 0600')
    .requiredOption('--out <file>', 'where the signed ruleset goes; never over another one')
    .action(signFile)
  ruleset
    .command('verify')
    .description('Check signature, code version and end, as an edge does when it starts.')
    .argument('<file>', 'a signed ruleset')
    .requiredOption('--public-key <file>', 'as the edges have it')
    .action(verifyFile)
  ruleset
    .command('show')
    .description('Print what a ruleset says and its name, signed or not; trust nothing that is not verified.')
    .argument('<file>', 'a ruleset')
    .action(showFile)
  switches(ruleset)
}

function switches(ruleset: Command): void {
  const config = ['--config <file>', 'the configuration of the edge'] as const
  ruleset
    .command('activate')
    .description('Put a signed ruleset in force at the next start of an edge; the one before is kept.')
    .argument('<file>', 'a signed ruleset, newer than the one in force')
    .requiredOption(...config)
    .action((file: string, options: { config: string }) =>
      switched(options.config, (edge) => activate(edge, file)),
    )
  ruleset
    .command('back')
    .description('Return to the ruleset before, at the next start of the edge.')
    .requiredOption(...config)
    .action((options: { config: string }) => switched(options.config, goBack))
  ruleset
    .command('shadow')
    .description('List what the ruleset in the shadow (ruleset.shadowFile) would have decided otherwise.')
    .argument('<dir>', 'data directory of an edge, in use or not')
    .option('--show <number>', 'how many differences to print one by one', whole(0), 20)
    .option('--json', 'print only the line of figures')
    .action(async (dir: string, { show, json }: { show: number; json?: boolean }) => {
      const say = (line: string) => void (json ? undefined : process.stdout.write(`${line}\n`))
      process.stdout.write(`${JSON.stringify(await reportShadow(dir, show, say))}\n`)
    })
}

async function switched(file: string, change: (config: EdgeConfig) => Result<Switched>): Promise<void> {
  const config = await edgeConfigIn(file)
  if (config === null) return
  const done = change(config)
  if (!done.ok) return refuseConfiguration(file, done.problems)
  process.stdout.write(
    `${JSON.stringify(done.value)}\n${told`It takes effect when the edge starts again.`}\n`,
  )
}

function keygen(out: string): void {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const pem = {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    pub: publicKey.export({ type: 'spki', format: 'pem' }),
  }
  // `wx`: a key that rulesets were signed with must not be lost by a second keygen.
  writeFileSync(`${out}.key`, pem.key, { mode: 0o600, flag: 'wx' })
  writeFileSync(`${out}.pub`, pem.pub, { mode: 0o644, flag: 'wx' })
  process.stdout.write(
    `${JSON.stringify({ keyId: keyIdOf(publicKey), privateKey: `${out}.key`, publicKey: `${out}.pub` })}\n`,
  )
}

function signFile(file: string, { key, out }: { key: string; out: string }): void {
  if ((statSync(key).mode & 0o077) !== 0)
    throw new LanekeeperError(
      'ruleset.keyExposed',
      `${key} may be read by others: chmod 600 it, or make a new one`,
    )
  const raw = readJson(file)
  if (!raw.ok) return refuseConfiguration(file, raw.problems)
  const content = parseRulesetContent(raw.value)
  if (!content.ok) return refuseConfiguration(file, content.problems)
  const problems = rulesetProblems(content.value, systemClock.now().wallMs)
  if (problems.length > 0) return refuseConfiguration(file, problems)
  const signed = signRuleset(content.value, createPrivateKey(readFileSync(key)))
  writeFileSync(out, `${JSON.stringify(signed, null, 2)}\n`, { flag: 'wx' })
  process.stdout.write(`${JSON.stringify({ ruleset: rulesetName(content.value), signed: out })}\n`)
}

function verifyFile(file: string, { publicKey }: { publicKey: string }): void {
  const key = readPublicKey(publicKey)
  if (!key.ok) return refuseConfiguration(publicKey, key.problems)
  const raw = readJson(file)
  if (!raw.ok) return refuseConfiguration(file, raw.problems)
  const verified = verifyRuleset(raw.value, key.value, systemClock.now().wallMs)
  if (!verified.ok) return refuseConfiguration(file, verified.problems)
  process.stdout.write(`${JSON.stringify({ ruleset: verified.value.name, verified: true })}\n`)
}

function showFile(file: string): void {
  const raw = readJson(file)
  if (!raw.ok) return refuseConfiguration(file, raw.problems)
  const { signature, ...rest } = { signature: undefined, ...(raw.value as object) }
  const content = parseRulesetContent(rest)
  if (!content.ok) return refuseConfiguration(file, content.problems)
  const shown = { ruleset: rulesetName(content.value), signed: signature !== undefined, ...content.value }
  process.stdout.write(`${JSON.stringify(shown, null, 2)}\n`)
}
