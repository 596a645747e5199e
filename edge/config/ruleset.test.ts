import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { decide } from '../domain/decision/decide.js'
import { exampleInputs, examplePlate } from '../domain/decision/examples.js'
import { redecide } from '../domain/decision/replay.js'
import { codeVersion, rulesetVersion } from '../domain/decision/ruleset.js'
import { rulesetName, underRuleset } from '../domain/decision/ruleset-data.js'
import { besideFile, readYaml } from './load.js'
import { parseEdgeConfig, type EdgeConfig } from './parse.js'
import { parseRulesetContent, signRuleset, verifyRuleset, withRuleset } from './ruleset.js'

const nowMs = Date.UTC(2026, 5, 1)
const { privateKey, publicKey } = generateKeyPairSync('ed25519')

const written = {
  v: 1,
  id: 'port-1',
  version: 3,
  codeVersion,
  issuedAt: nowMs,
  expiresAt: nowMs + 1_000,
  policy: { site: { plateConfidenceMin: 0.8 }, lanes: { 'lane-2': { plateConfidenceMin: 0.95 } } },
  profiles: { roadInNoBoxCar: { plateRequired: true, alsoNeeds: ['driver'] } },
}

function contentOf(change: Record<string, unknown> = {}) {
  const parsed = parseRulesetContent({ ...written, ...change })
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  return parsed.value
}

/** The example of an edge with these rulesets. */
function judgedBy(ruleset: NonNullable<EdgeConfig['ruleset']>) {
  const file = path.resolve(import.meta.dirname, '../../config/edge.example.yaml')
  const raw = readYaml(file)
  const config = raw.ok ? parseEdgeConfig(raw.value, (named) => besideFile(file, named)) : raw
  if (!config.ok) throw new Error(JSON.stringify(config.problems))
  return withRuleset({ ...config.value, ruleset }, nowMs)
}

t.test('a signed ruleset is taken, and its name covers code and data', (t) => {
  const content = contentOf()
  const verified = verifyRuleset(
    JSON.parse(JSON.stringify(signRuleset(content, privateKey))),
    publicKey,
    nowMs,
  )
  t.match(verified, { ok: true, value: { name: rulesetName(content) } })
  t.match(rulesetName(content), new RegExp(`^${codeVersion}\\+port-1@3#[0-9a-f]{12}$`))
  t.not(rulesetName(content), rulesetName(contentOf({ policy: { site: { plateConfidenceMin: 0.81 } } })))
  t.not(rulesetName(content), rulesetName(contentOf({ codeVersion: 'lanekeeper-0' })))
  t.end()
})

t.test(
  'one that was changed, signed by another, made for other rules or over is refused with the reason',
  (t) => {
    const signed = signRuleset(contentOf(), privateKey)
    const other = generateKeyPairSync('ed25519')
    const refusals: readonly [what: string, raw: unknown, at: string, message: RegExp][] = [
      ['changed', { ...signed, version: 4 }, 'signature', /changed after it was signed/],
      ['another key', signRuleset(contentOf(), other.privateKey), 'signature.keyId', /another key/],
      [
        'another key under our name',
        {
          ...signRuleset(contentOf(), other.privateKey),
          signature: {
            ...signRuleset(contentOf(), other.privateKey).signature,
            keyId: signed.signature.keyId,
          },
        },
        'signature',
        /changed after/,
      ],
      [
        'other rules',
        signRuleset(contentOf({ codeVersion: 'lanekeeper-0' }), privateKey),
        'codeVersion',
        /is for the rules lanekeeper-0/,
      ],
      ['over', signRuleset(contentOf({ expiresAt: nowMs }), privateKey), 'expiresAt', /ended at 2026-06-01/],
      [
        'no such need',
        signRuleset(contentOf({ profiles: { roadInNoBoxCar: { alsoNeeds: ['luck'] } } }), privateKey),
        'profiles.roadInNoBoxCar.alsoNeeds',
        /no need "luck"/,
      ],
      [
        'no such profile',
        signRuleset(contentOf({ profiles: { constructor: {} } }), privateKey),
        'profiles.constructor',
        /no such profile/,
      ],
    ]
    for (const [what, raw, at, message] of refusals)
      t.match(verifyRuleset(raw, publicKey, nowMs), { ok: false, problems: [{ path: at, message }] }, what)
    t.match(verifyRuleset(written, publicKey, nowMs), { ok: false }, 'unsigned')
    t.match(
      verifyRuleset({ ...signed, extra: 1 }, publicKey, nowMs),
      { ok: false },
      'with something beside it',
    )
    t.end()
  },
)

t.test('site, lane and profile are changed as the ruleset says, and no need is ever taken away', (t) => {
  const inputs = exampleInputs()
  const site = underRuleset('lane-1', inputs, contentOf())
  t.match(site, { policy: { plateConfidenceMin: 0.8 }, profile: { plateRequired: true, needs: ['driver'] } })
  t.equal(underRuleset('lane-2', inputs, contentOf()).policy.plateConfidenceMin, 0.95)
  t.equal(underRuleset('constructor', inputs, contentOf()).policy.plateConfidenceMin, 0.8)
  const needy = { ...inputs.profile, needs: ['trip', 'driver'] as const }
  t.same(underRuleset('lane-1', { ...inputs, profile: needy }, contentOf()).profile.needs, ['trip', 'driver'])
  t.end()
})

t.test('numbers by company class come after those of site and lane, and none may say who is there', (t) => {
  const inputs = exampleInputs()
  const byClass = { 1: { cargo: { weightToleranceKg: 800 } }, 3: { tagMissesMax: 1 } }
  const lanes = { 'lane-1': { byClass: { 1: { tagMissesMax: 5, cargo: { weightToleranceKg: 700 } } } } }
  const content = contentOf({ policy: { site: { tagMissesMax: 4 }, lanes, byClass } })
  const { policy } = underRuleset('lane-1', inputs, content)
  t.same(policy.byClass, {
    1: { tagMissesMax: 5, cargo: { weightToleranceKg: 800 } },
    3: { tagMissesMax: 1 },
  })
  t.equal(policy.tagMissesMax, 4)
  t.equal(
    rulesetName(contentOf()),
    rulesetName(contentOf({ policy: written.policy })),
    'no name changes by it',
  )
  for (const [change, at] of [
    [{ plateConfidenceMin: 0.5 }, /plateConfidenceMin/],
    [{ cargo: { containerConfidenceMin: 0.5 } }, /containerConfidenceMin/],
    [{ byClass: {} }, /byClass/],
  ] as const)
    t.match(parseRulesetContent({ ...written, policy: { byClass: { 1: change } } }), {
      ok: false,
      problems: [{ message: at }],
    })
  t.match(parseRulesetContent({ ...written, policy: { byClass: { 4: {} } } }), { ok: false })
  t.end()
})

t.test('a decision names the ruleset that it was made under, and replays without the file', (t) => {
  const content = contentOf({ profiles: {} })
  const faint = exampleInputs({ plates: [examplePlate('ZZ9', 0.85)], facts: { plates: { ZZ9: null } } })
  const inputs = { ...faint, ...underRuleset('lane-1', faint, content), rulesetVersion: rulesetName(content) }
  const decision = decide(inputs)
  t.match(decision, { outcome: 'hold', primary: 'ID-06', rulesetVersion: rulesetName(content) })
  t.equal(redecide({ decision, inputs }).same, true)
  const old = decide({ ...inputs, rulesetVersion: 'lanekeeper-0+port-1@3#abc' })
  t.equal(old.rulesetVersion, rulesetVersion, 'a ruleset of other rules lends them no name')
  t.end()
})

t.test(
  'what a configuration names is read and verified, and a problem says which of the two files has it',
  (t) => {
    const dir = t.testdir()
    const named = { file: path.join(dir, 'ruleset.json'), publicKey: path.join(dir, 'ruleset.pub') }
    writeFileSync(named.publicKey, createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }))
    const signed = signRuleset(contentOf(), privateKey)
    writeFileSync(named.file, JSON.stringify(signed))
    t.match(judgedBy(named), { ok: true, value: { rulesetVersion: rulesetName(contentOf()) } })
    const tried = contentOf({ version: 4, policy: { site: { plateConfidenceMin: 0.7 } } })
    const shadowFile = path.join(dir, 'tried.json')
    writeFileSync(shadowFile, JSON.stringify(signRuleset(tried, privateKey)))
    const beside = judgedBy({ ...named, shadowFile })
    if (!beside.ok) throw new Error(JSON.stringify(beside.problems))
    const [lane] = beside.value.lanes
    t.equal(lane?.settings.decision.plateConfidenceMin, 0.8, 'the one in force judges')
    const shadow = beside.value.shadow
    t.equal(shadow?.name, rulesetName(tried))
    t.equal(shadow?.lanes[lane?.settings.id ?? '']?.policy.plateConfidenceMin, 0.7)
    const alone = judgedBy({ publicKey: named.publicKey, shadowFile })
    t.match(alone, { ok: true, value: { shadow: { name: rulesetName(tried) } } })
    writeFileSync(shadowFile, 'none')
    t.match(judgedBy({ ...named, shadowFile }), { ok: false, problems: [{ path: 'ruleset.shadowFile' }] })
    writeFileSync(named.file, JSON.stringify({ ...signed, version: 9 }))
    t.match(judgedBy(named), { ok: false, problems: [{ path: 'ruleset.file signature' }] })
    writeFileSync(named.file, 'none')
    t.match(judgedBy(named), { ok: false, problems: [{ path: 'ruleset.file' }] })
    writeFileSync(named.publicKey, 'none')
    t.match(judgedBy(named), { ok: false, problems: [{ path: 'ruleset.publicKey' }] })
    t.end()
  },
)
