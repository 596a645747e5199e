import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { Command } from 'commander'
import t, { type Test } from 'tap'
import { everything, site, startIn } from '../../gateway/testing/gateway-under-test.js'
import { addGateway } from './gateway.js'

/** The command as a person types it, beside a gateway that runs; what it prints on standard output. */
async function link(t: Test, file: string, person: string): Promise<string> {
  const out = t.capture(process.stdout, 'write', () => true)
  const err = t.capture(process.stderr, 'write', () => true)
  const program = new Command('lanekeeper').exitOverride()
  addGateway(program)
  try {
    await program.parseAsync(['gateway', 'link', '--person', person, '--config', file], { from: 'user' })
  } finally {
    err.restore()
    out.restore()
  }
  const said = out().map(({ args }) => String(args[0]))
  return said.filter((line) => line.startsWith('http')).join('')
}

t.test('a person of the configuration gets a link from the machine of the gateway', async (t) => {
  const dir = t.testdir()
  const people = [everything('operator'), everything('li.wei')]
  const gateway = await startIn(t, dir, { people })
  const file = path.join(dir, 'gateway.yaml')
  // Relative to the file, as people write it.
  const trust = { unsigned: true }
  writeFileSync(file, JSON.stringify({ version: 1, site, dataDir: 'data', edges: [], people, trust }))

  const printed = await link(t, file, 'Li.Wei')
  t.ok(printed.startsWith(`${gateway.url}/login?token=`), 'alone on a line')
  const response = await fetch(printed.trim())
  t.equal(response.status, 200)
  const cookie = response.headers.getSetCookie()[0]?.split(';')[0] ?? ''
  t.match((await gateway.get('/api/session', { cookie })).body, { operator: 'li.wei', maySet: true })

  await t.rejects(link(t, file, 'zhao.min'), { code: 'gateway.linkRefused' })
  await gateway.close()
})
