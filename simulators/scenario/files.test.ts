import path from 'node:path'
import t, { type Test } from 'tap'
import { describeProblems } from '../../edge/base/result.js'
import { loadScenario, scenarioFiles } from './files.js'
import type { Scenario } from './format.js'

const folder = path.join(process.cwd(), 'fixtures', 'scenarios')

function allOf(t: Test): { file: string; scenario: Scenario }[] {
  return scenarioFiles(folder).flatMap((file) => {
    const loaded = loadScenario(file)
    if (!loaded.ok) t.fail(describeProblems(loaded.problems))
    return loaded.ok ? [{ file: path.relative(folder, file), scenario: loaded.value }] : []
  })
}

t.test('each of the forty acceptance scenarios has its file, and no two are one', (t) => {
  const numbers = allOf(t)
    .map(({ scenario }) => scenario.number)
    .filter((number) => typeof number === 'number')
  t.same(
    numbers.sort((a, b) => a - b),
    Array.from({ length: 40 }, (_, index) => index + 1),
  )
  t.end()
})

t.test('each scenario is named in both languages, and no name is used twice', (t) => {
  const names = allOf(t).flatMap(({ file, scenario }) => {
    t.ok(scenario.nameZh, file)
    return [scenario.name, scenario.nameZh]
  })
  t.equal(new Set(names).size, names.length)
  t.end()
})

t.test('one who waits for nothing can be played, and six at least are for real processes', (t) => {
  const all = allOf(t).map(({ scenario }) => scenario)
  t.ok(all.filter(({ needs }) => needs.length === 0).length >= 40)
  t.ok(all.filter(({ real, needs }) => real && needs.length === 0).length >= 6)
  t.end()
})
