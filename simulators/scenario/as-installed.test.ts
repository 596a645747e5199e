import { readFileSync } from 'node:fs'
import t from 'tap'
import { edgeAsInstalled } from './as-installed.js'

t.test('edges that are tried start as the service unit starts them', (t) => {
  const unit = readFileSync('config/systemd/lanekeeper-edge.service', 'utf8')
  const { nodeArgs, env } = edgeAsInstalled
  t.match(unit, `ExecStart=/usr/bin/node ${nodeArgs.join(' ')} dist/edge/cli/main.js edge`)
  for (const [name, value] of Object.entries(env)) t.match(unit, `Environment=${name}=${value}\n`)
  t.end()
})
