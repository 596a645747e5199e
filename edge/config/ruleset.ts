import { createHash, createPublicKey, sign, verify, type KeyObject } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { z } from 'zod'
import { canonicalJson } from '../base/canonical.js'
import { messageOf } from '../base/error.js'
import { bad, ok, type Problem, type Result } from '../base/result.js'
import { rulesetName, rulesetProblems, underRuleset, type JudgedBy } from '../domain/decision/ruleset-data.js'
import {
  rulesetContentSchema,
  signedRulesetSchema,
  type RulesetContent,
  type SignedRuleset,
} from '../messages/ruleset.js'
import { settingProblems } from '../messages/text/issue-problem.js'
import type { EdgeConfig } from './parse.js'

/** A ruleset whose signature, code version and end were checked. */
export interface VerifiedRuleset {
  readonly content: RulesetContent
  /** `<codeVersion>+<id>@<version>#<hash>`, as it stands in every decision. */
  readonly name: string
}

export function keyIdOf(publicKey: KeyObject): string {
  const spki = publicKey.export({ type: 'spki', format: 'der' })
  return createHash('sha256').update(spki).digest('hex').slice(0, 32)
}

export function signRuleset(content: RulesetContent, privateKey: KeyObject): SignedRuleset {
  const value = sign(null, Buffer.from(canonicalJson(content)), privateKey).toString('base64')
  return { ...content, signature: { keyId: keyIdOf(createPublicKey(privateKey)), value } }
}

/** Parses what somebody wrote, without a signature. */
export function parseRulesetContent(raw: unknown): Result<RulesetContent> {
  return parsed(rulesetContentSchema, raw)
}

/** Everything that must hold before a lane is judged by it; all problems at once but for a wrong signature. */
export function verifyRuleset(raw: unknown, publicKey: KeyObject, nowMs: number): Result<VerifiedRuleset> {
  const file = parsed(signedRulesetSchema, raw)
  if (!file.ok) return file
  const { signature, ...content } = file.value
  if (signature.keyId !== keyIdOf(publicKey))
    return bad(
      'signature.keyId',
      'it was signed with another key.',
      'Configure the public key of who signed it.',
    )
  const bytes = Buffer.from(canonicalJson(content))
  if (!verify(null, bytes, publicKey, Buffer.from(signature.value, 'base64')))
    return bad(
      'signature',
      'it was changed after it was signed.',
      'Sign it again: `lanekeeper ruleset sign`.',
    )
  const problems = rulesetProblems(content, nowMs)
  if (problems.length > 0) return { ok: false, problems }
  return ok({ content, name: rulesetName(content) })
}

/** An Ed25519 public key from its PEM file. */
export function readPublicKey(file: string): Result<KeyObject> {
  try {
    const key = createPublicKey(readFileSync(file))
    if (key.asymmetricKeyType === 'ed25519') return ok(key)
    return bad('', `${file} holds no Ed25519 key.`, 'Make one: `lanekeeper ruleset keygen`.')
  } catch (error) {
    return bad('', `cannot read ${file}: ${messageOf(error)}.`, 'Make one: `lanekeeper ruleset keygen`.')
  }
}

export function readJson(file: string): Result<unknown> {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'))
    return ok(value)
  } catch (error) {
    return bad('', `cannot read ${file}: ${messageOf(error)}.`, 'It must be JSON.')
  }
}

/** Reads and verifies one ruleset that a configuration names. */
function readRuleset(path: string, file: string, key: KeyObject, nowMs: number): Result<VerifiedRuleset> {
  const raw = at(path, readJson(file))
  return raw.ok ? at(path, verifyRuleset(raw.value, key, nowMs)) : raw
}

/**
 * The configuration with its ruleset in force, and the one in its shadow. A ruleset that does not hold is a
 * problem of the configuration and the edge does not start: what it would have forbidden must not be allowed
 * meanwhile.
 */
export function withRuleset(config: EdgeConfig, nowMs: number): Result<EdgeConfig> {
  if (config.ruleset === undefined) return ok(config)
  const { file, publicKey, shadowFile } = config.ruleset
  const key = at('ruleset.publicKey', readPublicKey(publicKey))
  if (!key.ok) return key
  const none = ok(null)
  const inForce = file === undefined ? none : readRuleset('ruleset.file', file, key.value, nowMs)
  const shadow =
    shadowFile === undefined ? none : readRuleset('ruleset.shadowFile', shadowFile, key.value, nowMs)
  if (!inForce.ok || !shadow.ok)
    return { ok: false, problems: [inForce, shadow].flatMap((one) => (one.ok ? [] : one.problems)) }
  return ok({
    ...config,
    ...(inForce.value && {
      lanes: judgedLanes(config, inForce.value.content),
      rulesetVersion: inForce.value.name,
    }),
    ...(shadow.value && { shadow: shadowOf(config, shadow.value) }),
  })
}

function judgedLanes({ lanes }: EdgeConfig, content: RulesetContent): EdgeConfig['lanes'] {
  return lanes.map((lane) => {
    const { id, decision, profile } = lane.settings
    const under = underRuleset(id, { policy: decision, profile }, content)
    return { ...lane, settings: { ...lane.settings, decision: under.policy, profile: under.profile } }
  })
}

/** Like the one in force it stands on the thresholds of the configuration, not on those of the other. */
function shadowOf(config: EdgeConfig, { content, name }: VerifiedRuleset): NonNullable<EdgeConfig['shadow']> {
  const lanes = judgedLanes(config, content).map(({ settings: { id, decision, profile } }) => [
    id,
    { policy: decision, profile },
  ])
  return { name, lanes: Object.fromEntries(lanes) as Record<string, JudgedBy> }
}

function at<T>(path: string, result: Result<T>): Result<T> {
  if (result.ok) return result
  const placed = (problem: Problem) => ({ ...problem, path: [path, problem.path].filter(Boolean).join(' ') })
  return { ok: false, problems: result.problems.map(placed) }
}

function parsed<T>(schema: z.ZodType<T>, raw: unknown): Result<T> {
  const result = schema.safeParse(raw)
  return result.success ? ok(result.data) : { ok: false, problems: settingProblems(result.error, raw) }
}
