import path from 'node:path'
import t from 'tap'
import { describeProblems } from '../../edge/base/result.js'
import { loadScenario, scenarioFiles } from '../scenario/files.js'
import { Player } from '../scenario/player.js'
import { parseScenario, type Scenario } from '../scenario/format.js'
import { VirtualWorld } from './world.js'

const files = scenarioFiles(path.join(process.cwd(), 'fixtures', 'scenarios'))

async function failuresOf(scenario: Scenario): Promise<string[]> {
  const result = await new Player(scenario, new VirtualWorld(scenario)).play()
  return [
    ...result.lines.filter((line) => !line.ok).map((line) => `${line.atMs} ms: ${line.line}: ${line.detail}`),
    ...result.complaints,
  ]
}

t.ok(files.length >= 16, 'the scenario files were found')

for (const file of files) {
  const loaded = loadScenario(file)
  const name = path.basename(file)
  t.test(loaded.ok ? `${name}: ${loaded.value.name}` : name, async (t) => {
    if (!loaded.ok) return t.fail(describeProblems(loaded.problems))
    const { needs } = loaded.value
    if (needs.length > 0) return t.pass(`waits for ${needs.join(', ')}`)
    if (!loaded.value.worlds.includes('virtual')) return t.pass('for the real world only')
    t.strictSame(await failuresOf(loaded.value), [])
  })
}

t.test('a scenario whose expectation does not come true says which one', async (t) => {
  const parsed = parseScenario({
    name: 'Expects what cannot be',
    vehicles: { car: {} },
    timeline: [
      { at: 0, drives: 'car', lane: 1 },
      { at: 0, expect: 'barrierRaised', lane: 1, within: '20s' },
      { at: 0, never: 'passageOpened', for: '20s' },
      { at: 0, on: { is: 'raiseAccepted' }, break: 'edge' },
      { at: '1s', operator: 'release', lane: 1 },
    ],
  })
  if (!parsed.ok) return t.fail(describeProblems(parsed.problems))
  const failures = await failuresOf(parsed.value)
  t.match(failures.sort(), [
    /^0 ms: break .*waited in vain for raiseAccepted/,
    /^0 ms: expect barrierRaised.*did not come to pass/,
    /^0 ms: never passageOpened: it did come to pass/,
    /^1000 ms: operator .*no escalation of lane 1 is open/,
  ])
})

t.test('the same scenario is the same story twice', async (t) => {
  const loaded = loadScenario(files[0] ?? '')
  if (!loaded.ok) return t.fail(describeProblems(loaded.problems))
  const tell = async (): Promise<string> =>
    JSON.stringify((await new Player(loaded.value, new VirtualWorld(loaded.value)).play()).lastObserved)
  t.equal(await tell(), await tell())
})
