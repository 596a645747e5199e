import { readFileSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { rules } from '../domain/decision/ruleset.js'
import { caseNamesOf } from '../domain/decision/table.js'
import { decisionTableFiles, rowTestsIn } from './write-decision-table.js'

for (const [name, content] of Object.entries(decisionTableFiles())) {
  t.test(`docs/${name} is what the rules say`, (t) => {
    const published = readFileSync(path.join('docs', name), 'utf8')
    t.ok(published === content, 'else: npm run decision-table')
    t.end()
  })

  t.test(`docs/${name} has every rule, and under every row the tests of its three cases`, (t) => {
    const [table = '', tests = ''] = content.split('\n### 1\n')
    for (const rule of rules) {
      t.ok(table.includes(`\n| ${rule.id} | ${rule.code} |`), `rule ${rule.id}`)
      t.ok(table.includes(rule.condition.replaceAll('*', '\\*')) && table.includes(rule.conditionZh))
      for (const caseName of caseNamesOf(rule))
        t.ok(tests.includes(caseName.replaceAll('*', '\\*')), caseName)
    }
    t.equal(content.match(/^### \d+$/gm)?.length, 77)
    t.notMatch(
      table,
      /\b(reason|prompt|obligation|advisory)\.[A-Za-z]/,
      'no key stands where its words should',
    )
    t.end()
  })
}

t.test('the tests of single rows are found by the rows and codes that they name', (t) => {
  const tests = rowTestsIn('edge/domain/decision')
  const of = (row: number) => tests.filter((test) => test.rows.includes(row)).map((test) => test.name)
  t.ok(tests.length > 150, `${tests.length} tests`)
  t.ok(of(51).includes('a seal of another container: wrong'), 'a line of a table of scenes')
  t.ok(of(60).includes('a weight that is off is weighed again before anybody is held for it'), 'a test')
  t.ok(
    of(40).some((name) => name.startsWith('row 40: ')),
    'a test that names its row',
  )
  t.notOk(of(52).includes('a seal of another container: wrong'))
  t.end()
})
