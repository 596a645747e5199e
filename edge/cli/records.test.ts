import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import t, { type Test } from 'tap'
import { systemClock } from '../base/clock.js'
import { decide } from '../domain/decision/decide.js'
import { exampleInputs, exampleOrder, examplePlate } from '../domain/decision/examples.js'
import { codeVersion } from '../domain/decision/ruleset.js'
import type { Decision, DecisionInputs } from '../domain/decision/types.js'
import { MemoryControl } from '../domain/lists/memory-control.js'
import { Connection } from '../store/sqlite.js'
import { draft } from '../store/testing/journal.contract.js'
import { openTestStore } from '../store/testing/opener.js'
import { edgeFolder } from './testing/edge-folder.js'
import { lanekeeper, notBuilt } from './testing/program.js'

const missing = notBuilt()
if (missing !== null) {
  t.fail(missing)
} else {
  await t.test('replay of a recorded journal finds no difference', replayed)
  await t.test('replay of a decision that the inputs do not give shows it and ends with 1', different)
  await t.test('replay of a journal that was written over ends with 1', tampered)
  await t.test(
    'replay with another threshold lists what would differ, and which rules make the difference',
    planned,
  )
  await t.test('a ruleset is signed, verified and taken by an edge; one that was changed is not', rulesets)
  await t.test('explain tells in either language why a passage was judged as it was', told)
  await t.test(
    'the report on a trial run counts by rule what lane and people did, in either language',
    onTrial,
  )
  await t.test('replay of a folder without a journal says so', async (t) => {
    const { code, err } = await lanekeeper('replay', t.testdir())
    t.equal(code, 1)
    t.match(err, /no readable journal/)
  })
}

/** A data folder of an edge with real decisions in it, one of them changed by `forge`. */
async function recorded(t: Test, forge: (decision: Decision) => Decision = (decision) => decision) {
  const dataDir = path.join(t.testdir(), 'data')
  const store = await openTestStore(dataDir, new MemoryControl())
  const scenes: readonly DecisionInputs[] = [
    exampleInputs(),
    exampleInputs({ facts: { orders: [exampleOrder()] } }),
    exampleInputs({ tags: [] }),
  ]
  for (const [index, inputs] of scenes.entries()) {
    const decision = index === 1 ? forge(decide(inputs)) : decide(inputs)
    const passageId = `edge-1.e1.lane-1.${index + 1}`
    const body = { decisionId: `${passageId}.d1`, decision, inputs }
    await store.journal.append([
      draft({ type: 'passageOpened', passageId }),
      draft({ type: 'decided', passageId, body: { ...body } }),
    ])
  }
  await store.close()
  return dataDir
}

async function replayed(t: Test): Promise<void> {
  const { code, out, err } = await lanekeeper('replay', await recorded(t))
  t.same({ code, err }, { code: 0, err: '' })
  t.same(JSON.parse(out.trimEnd().split('\n').at(-1) ?? ''), { events: 6, decisions: 3, differences: 0 })
}

async function different(t: Test): Promise<void> {
  const dataDir = await recorded(t, (decision) => ({ ...decision, outcome: 'release' }))
  const { code, out } = await lanekeeper('replay', dataDir)
  t.equal(code, 1)
  t.match(out, /event 4, passage edge-1\.e1\.lane-1\.2: recorded release .*, now (hold|lock|escalate)/)
  t.match(out, /"decisions":3,"differences":1\}/)
  const short = await lanekeeper('replay', '--json', dataDir)
  t.match(short, { code: 1, out: /^\{[^\n]*\}\n$/ }, 'one line for scripts')
}

async function planned(t: Test): Promise<void> {
  const file = path.join(t.testdir(), 'decisions.ndjson')
  const scenes = [
    exampleInputs(),
    exampleInputs({ plates: [examplePlate('ZZ9', 0.85)], facts: { plates: { ZZ9: null } } }),
    exampleInputs({ tags: [], facts: { tags: {} } }),
  ]
  const lines = scenes.map((inputs, index) => {
    const passageId = `edge-1.e1.lane-1.${index + 1}`
    return JSON.stringify({ type: 'decided', passageId, body: { decision: decide(inputs), inputs } })
  })
  writeFileSync(file, `${lines.join('\n')}\n`)
  t.match(await lanekeeper('replay', file), { code: 0, out: /"decisions":3,"differences":0\}/ })

  const policy = path.join(t.testdirName, 'policy.yaml')
  writeFileSync(policy, 'plateConfidenceMin: 0.8\n')
  const { code, out } = await lanekeeper('replay', file, '--policy', policy)
  t.equal(code, 0, 'differences are the answer')
  t.match(
    out,
    /^line 2, passage edge-1\.e1\.lane-1\.2: release \(OK-01\) would be hold \(ID-06\); no longer rule 73; newly rule 12a$/m,
  )
  t.match(JSON.parse(out.trimEnd().split('\n').at(-1) ?? ''), {
    decisions: 3,
    differences: 1,
    otherOutcome: 1,
    outcomes: { 'release to hold': 1 },
    rules: { '12a': { noLonger: 0, newly: 1 }, 73: { noLonger: 1, newly: 0 } },
  })

  const ruleset = {
    v: 1,
    id: 'port-1',
    version: 1,
    codeVersion,
    issuedAt: 0,
    policy: { site: { plateConfidenceMin: 0.8 } },
  }
  writeFileSync(policy, JSON.stringify(ruleset))
  const tried = await lanekeeper('replay', file, '--ruleset', policy)
  t.match(tried, { code: 0, out: /"differences":1,.*port-1@1#[0-9a-f]{12}"\}/ })

  const lists = path.join(t.testdirName, 'lists.ndjson')
  writeFileSync(lists, `${JSON.stringify(exampleOrder({ orderId: 'O-plan' }))}\n`)
  const stopped = await lanekeeper('replay', file, '--lists', lists)
  t.equal(stopped.code, 0)
  t.match(
    stopped.out,
    /passage edge-1\.e1\.lane-1\.1: release \(OK-01\) would be hold \(CTL-02\).*newly rule 19/,
  )
  t.match(stopped.out, /line 3, .*cannot tell: whether tag E1 is of vehicle V1/, 'known by its plate alone')
  t.match(stopped.out, /"decisions":3,"differences":2,"otherOutcome":2,"cannotTell":1/)
  writeFileSync(lists, '{"kind":"order"}\n')
  t.match(await lanekeeper('replay', file, '--lists', lists), { code: 3, err: /1 problem\nline 1: / })
  t.match(await lanekeeper('replay', file, '--lists', lists, '--policy', policy), { code: 2 })

  writeFileSync(policy, 'plateConfidenceMin: 8\nplates: 1\n')
  t.match(await lanekeeper('replay', file, '--policy', policy), {
    code: 3,
    err: /2 problems\nplateConfidenceMin: [^]*plates/,
  })
  writeFileSync(file, 'not json\n')
  t.match(await lanekeeper('replay', file), { code: 1, err: /line 1: / })
}

async function onTrial(t: Test): Promise<void> {
  const file = path.join(t.testdir(), 'trial.ndjson')
  const inputs = exampleInputs({ mode: 'SHADOW' })
  const told = (no: number, answer: string) => {
    const head = { passageId: `p${no}`, lane: 'in-1', occurredAt: Date.UTC(2026, 5, no) }
    const decided = { ...head, type: 'decided', body: { decision: decide(inputs), inputs } }
    return [decided, { ...head, type: 'verdictJudged', body: { answer, result: 'accepted' } }]
  }
  const lines = [told(1, 'release'), told(2, 'return'), told(9, 'release')].flat()
  writeFileSync(file, lines.map((line) => JSON.stringify(line)).join('\n'))
  const week = [file, '--from', '2026-06-01', '--to', '2026-06-08', '--lane', 'in-1']
  const { code, out } = await lanekeeper('shadow-report', ...week)
  t.equal(code, 0)
  t.match(out, /2 passages[^]*agree: 1[^]*lane alone would have released: 1/)
  t.match(out, /OK-01 Release: 2 passages; officer released 1, held 0, sent back 1[^]*differ:\n {2}p2\n/)
  t.match(await lanekeeper('shadow-report', ...week, '--lang', 'zh-CN'), { out: /系统与人员一致：1/ })
  const other = await lanekeeper('shadow-report', file, '--lane', 'in-2', '--json')
  t.match(other.out, /"passages":0/)
}

async function rulesets(t: Test): Promise<void> {
  const { config, write } = await edgeFolder(t)
  const at = (name: string) => path.join(t.testdirName, name)
  t.match(await lanekeeper('ruleset', 'keygen', '--out', at('signer')), { code: 0 })
  t.equal(statSync(at('signer.key')).mode & 0o777, 0o600)
  t.match(
    await lanekeeper('ruleset', 'keygen', '--out', at('signer')),
    { code: 1, err: /EEXIST/ },
    'never over another',
  )
  const content = {
    v: 1,
    id: 'port-1',
    version: 1,
    codeVersion,
    issuedAt: systemClock.now().wallMs,
    policy: { site: { plateConfidenceMin: 0.8 } },
  }
  writeFileSync(at('plain.json'), JSON.stringify(content))
  const sign = () =>
    lanekeeper('ruleset', 'sign', at('plain.json'), '--key', at('signer.key'), '--out', at('signed.json'))
  chmodSync(at('signer.key'), 0o640)
  t.match(await sign(), { code: 1, err: /may be read by others/ })
  chmodSync(at('signer.key'), 0o600)
  t.match(await sign(), { code: 0, out: /port-1@1#[0-9a-f]{12}/ })
  const verify = () => lanekeeper('ruleset', 'verify', at('signed.json'), '--public-key', at('signer.pub'))
  t.match(await verify(), { code: 0, out: /"verified":true/ })
  t.match(await lanekeeper('ruleset', 'show', at('signed.json')), { code: 0, out: /"signed": true/ })
  const file = write({ ...config, ruleset: { file: 'signed.json', publicKey: 'signer.pub' } })
  t.match(await lanekeeper('check', file), { code: 0 })

  const activate = (from: string) => lanekeeper('ruleset', 'activate', at(from), '--config', file)
  t.match(await activate('signed.json'), { code: 3, err: /version 1 of port-1, and 1 is in force/ })
  writeFileSync(at('plain.json'), JSON.stringify({ ...content, version: 2 }))
  const newer = ['--key', at('signer.key'), '--out', at('newer.json')]
  t.match(await lanekeeper('ruleset', 'sign', at('plain.json'), ...newer), { code: 0 })
  t.match(await lanekeeper('ruleset', 'back', '--config', file), { code: 3, err: /nothing to go back to/ })
  t.match(await activate('newer.json'), { code: 0, out: /"inForce":".*port-1@2#.*"before":".*port-1@1#/ })
  t.match(await lanekeeper('ruleset', 'show', at('signed.json')), { out: /port-1@2#/ })
  t.match(await lanekeeper('ruleset', 'back', '--config', file), { code: 0, out: /"inForce":".*port-1@1#/ })
  t.match(await lanekeeper('ruleset', 'show', at('signed.json')), { out: /port-1@1#/ })

  const signed = readFileSync(at('signed.json'), 'utf8')
  writeFileSync(at('signed.json'), signed.replace('0.8', '0.1'))
  t.match(await verify(), { code: 3, err: /changed after it was signed/ })
  t.match(await lanekeeper('check', file), { code: 3, err: /ruleset\.file signature: .*changed after/ })
  t.match(
    await lanekeeper('edge', '--config', file),
    { code: 3, err: /changed after/ },
    'the edge does not start',
  )
}

async function told(t: Test): Promise<void> {
  const data = await recorded(t)
  const held = await lanekeeper('explain', '--data', data, '--passage', 'edge-1.e1.lane-1.2')
  t.same({ code: held.code, err: held.err }, { code: 0, err: '' })
  t.match(held.out, /^edge-1\.e1\.lane-1\.2 edge-1\.e1\.lane-1\.2\.d1\n\nDecision\n {2}Hold: Control order/)
  t.match(held.out, /Rule 19 \(CTL-02, Hold\)[^]*Control order O1/)
  const chinese = await lanekeeper('explain', '--data', data, '--last', '3', '--lang', 'zh-CN')
  t.equal(chinese.out.match(/^判定$/gm)?.length, 3, 'three decisions')
  t.match(chinese.out, /判定为放行：核验通过/)
  const lines = (await lanekeeper('explain', '--data', data, '--last', '2', '--json')).out
    .trimEnd()
    .split('\n')
  t.match(JSON.parse(lines[0] ?? ''), { sequence: 4, explanation: { outcome: 'hold', primary: 'CTL-02' } })
  const nobody = await lanekeeper('explain', '--data', data, '--passage', 'nobody')
  t.match(nobody, { code: 1, err: /no decision on passage nobody/ })
  for (const wrong of [
    ['--lang', 'fr'],
    ['--last', '0'],
  ])
    t.equal((await lanekeeper('explain', '--data', data, ...wrong)).code, 2, wrong.join(' '))
}

async function tampered(t: Test): Promise<void> {
  const dataDir = await recorded(t)
  const connection = await Connection.open(path.join(dataDir, 'journal.db'), true)
  const changes = await connection.run(
    `UPDATE events SET envelope = replace(envelope, 'lane-1.2', 'lane-1.9') WHERE sequence = 4`,
  )
  await connection.close()
  t.equal(changes, 1, 'the record was written over')
  const { code, err } = await lanekeeper('replay', dataDir)
  t.equal(code, 1)
  t.match(err, /event 4|corrupt|chain/)
}
