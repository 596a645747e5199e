import t from 'tap'
import { readFileSync } from 'node:fs'
import { describeRules, rulesAsMarkdown } from './overview.js'
import { rules, rulesetVersion } from './ruleset.js'

t.test('the overview has one line a rule, and leaves nothing empty', (t) => {
  const lines = describeRules()
  t.same(
    lines.map((line) => line.rule),
    rules.map((rule) => rule.id),
  )
  for (const line of lines)
    for (const [name, text] of Object.entries(line)) t.ok(text.length > 0, `${line.rule} ${name}`)
  t.match(
    lines.find((line) => line.rule === '3'),
    { outcome: 'safety-escalate', whenUnknown: 'escalate SYS-01' },
  )
  t.match(
    lines.find((line) => line.rule === '19'),
    { outcome: 'hold + INSPECT', applies: '*' },
  )
  t.match(
    lines.find((line) => line.rule === '21'),
    { outcome: '- + silent alert', prompt: 'unchanged' },
  )
  t.match(
    lines.find((line) => line.rule === '73'),
    { applies: '* V', whenUnknown: 'always known' },
  )
  t.end()
})

t.test('the README shows the rules as they are', (t) => {
  const readme = readFileSync(new URL('./README.md', import.meta.url), 'utf8')
  const squeeze = (text: string) => text.replace(/ +/g, ' ').replace(/-{3,}/g, '---')
  t.ok(squeeze(readme).includes(squeeze(rulesAsMarkdown()).trim()), 'write rulesAsMarkdown() into it again')
  t.ok(readme.includes(rulesetVersion))
  t.end()
})
