import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { attackTable } from './testing/attack-rows.js'

/** The folder of the sources, which is where the program stands that runs the tests. */
const file = path.join('edge', 'uplink', 'ATTACKS.md')

t.test('the table of attacks that people read is the one that the tests go by', (t) => {
  if (process.env['UPDATE'] === '1') writeFileSync(file, attackTable())
  t.equal(
    readFileSync(file, 'utf8'),
    attackTable(),
    'else: UPDATE=1 npx tap edge/uplink/attack-table.test.ts',
  )
  t.ok(
    attackTable()
      .split('\n')
      .filter((line) => line.startsWith('| `')).length >= 50,
  )
  t.end()
})
