import { chmodSync, rmSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { systemClock } from '../edge/base/clock.js'
import { silentLogger } from '../edge/base/log.js'
import { isLoopback } from './config-checks.js'
import { checkGatewayFiles, parseGatewayConfig } from './config.js'
import { startGateway } from './main.js'
import { configIn } from './testing/gateway-under-test.js'

const least = { version: 1, site: 'site-1', dataDir: 'data', edges: [], trust: { unsigned: true } }

t.test('the least configuration listens on loopback and nowhere else', (t) => {
  const parsed = parseGatewayConfig(least)
  t.match(parsed, {
    ok: true,
    value: { http: { host: '127.0.0.1' }, mqtt: { host: '127.0.0.1' }, verdictForMs: 60_000 },
  })
  t.end()
})

const tls = { keyFile: 'key.pem', certFile: 'cert.pem' }
const wrong: readonly [name: string, more: object, at: string][] = [
  ['HTTP beyond loopback without TLS', { http: { host: '0.0.0.0' } }, 'http.host'],
  ['MQTT beyond loopback under no name', { mqtt: { host: '10.1.2.3' } }, 'authority.names'],
  ['edges from elsewhere under no name', { edgeHttp: { host: '::' } }, 'authority.names'],
  ['TLS of its own for MQTT', { mqtt: { tls: { keyFile: 'k', certFile: 'c' } } }, 'mqtt'],
  ['a key of an authority without its certificate', { authority: { keyFile: 'k' } }, 'authority'],
  ['a name that is an address with a path', { authority: { names: ['https://gate/'] } }, 'authority.names.0'],
  ['a secret of an edge', { edges: [{ edgeId: 'e', secretFile: 'f' }] }, 'edges.0'],
  ['a host name that is not localhost without TLS', { http: { host: 'gate.example' } }, 'http.host'],
  ['an unknown key', { colour: 'red' }, ''],
  ['an unknown key deeper down', { http: { prot: 80 } }, 'http'],
  ['an edge enrolled twice', { edges: [1, 2].map(() => ({ edgeId: 'e' })) }, 'edges.1.edgeId'],
  ['an edge with a name of the wire', { edges: [{ edgeId: 'lists' }] }, 'edges.0.edgeId'],
  ['an edge with a slash in its id', { edges: [{ edgeId: 'a/b' }] }, 'edges.0.edgeId'],
  [
    'a public origin with a path',
    { http: { publicOrigins: ['https://gate.example/x'] } },
    'http.publicOrigins.0',
  ],
  ['another version', { version: 2 }, 'version'],
  ['no word of whether lists are signed', { trust: undefined }, 'trust'],
  ['keys without records', { trust: { keysDir: 'keys/online' } }, 'trust.recordsDir'],
  ['records without keys', { trust: { recordsDir: 'keys/records' } }, 'trust.keysDir'],
  [
    'keys, and unsigned all the same',
    { trust: { recordsDir: 'r', keysDir: 'k', unsigned: true } },
    'trust.unsigned',
  ],
  ['a role that nobody knows', { people: [{ name: 'operator', roles: ['king'] }] }, 'people.0.roles.0'],
  [
    'a person named twice, once in capitals',
    { people: ['operator', 'Operator'].map((name) => ({ name, roles: ['officer'] })) },
    'people.1.name',
  ],
  ['an operator without a role', { people: [{ name: 'li.wei', roles: ['officer'] }] }, 'people'],
]

for (const [name, more, at] of wrong) {
  t.test(`${name} is refused at its place`, (t) => {
    const parsed = parseGatewayConfig({ ...least, ...more })
    t.notOk(parsed.ok)
    if (!parsed.ok)
      t.ok(
        parsed.problems.some((problem) => problem.path === at),
        JSON.stringify(parsed.problems),
      )
    t.end()
  })
}

t.test('all problems come at once', (t) => {
  const parsed = parseGatewayConfig({ ...least, http: { host: '0.0.0.0' }, mqtt: { host: '0.0.0.0' } })
  t.match(parsed, {
    ok: false,
    problems: [{ path: 'http.host', remedy: /tls/ }, { path: 'authority.names' }],
  })
  t.end()
})

t.test('what does not go together is told beside what has the wrong form', (t) => {
  const { trust: _trust, ...unsaid } = least
  const parsed = parseGatewayConfig({
    ...unsaid,
    site: 'port 1',
    colour: 'red',
    http: { host: '0.0.0.0' },
    mqtt: { host: '10.1.2.3', prot: 1 },
    edges: [{ edgeId: 'e' }, { edgeId: 'e' }],
  })
  const places = parsed.ok ? [] : parsed.problems.map(({ path: at }) => at)
  t.same(places.sort(), ['', 'edges.1.edgeId', 'http.host', 'mqtt', 'site', 'trust'])
  const wrongEdges = parseGatewayConfig({ ...least, edges: [{ edgeId: 'a/b' }, { edgeId: 'a/b' }] })
  t.match(wrongEdges.ok ? [] : wrongEdges.problems.map(({ path: at }) => at), [
    'edges.0.edgeId',
    'edges.1.edgeId',
  ])
  const people = [{ name: 'boss', roles: ['supervisor'] }]
  const wrongOperator = parseGatewayConfig({ ...least, operator: 7, people })
  t.same(
    wrongOperator.ok ? [] : wrongOperator.problems.map(({ path: at }) => at),
    ['operator'],
    'nobody is missed among the people by a name that nobody gave',
  )
  for (const raw of [null, 'text', [], 7, { edges: 7, trust: 7 }]) t.notOk(parseGatewayConfig(raw).ok)
  t.end()
})

t.test('with TLS it may listen anywhere', (t) => {
  const parsed = parseGatewayConfig(
    {
      ...least,
      http: { host: '0.0.0.0', tls },
      mqtt: { host: '::' },
      authority: { names: ['gate.example'], keyFile: 'ca.key', certFile: 'ca.pem' },
    },
    '/etc/lanekeeper',
  )
  t.match(parsed, {
    ok: true,
    value: {
      dataDir: '/etc/lanekeeper/data',
      http: { tls: { keyFile: '/etc/lanekeeper/key.pem' } },
      authority: { certFile: '/etc/lanekeeper/ca.pem' },
    },
  })
  t.end()
})

t.test('loopback is what only this machine reaches', (t) => {
  for (const host of ['127.0.0.1', '127.8.8.8', '::1', 'localhost']) t.ok(isLoopback(host), host)
  for (const host of ['0.0.0.0', '::', '10.0.0.1', '127.0.0.1.example', '1270.0.0.1', ''])
    t.notOk(isLoopback(host), host)
  t.end()
})

t.test('a key that others may read, or that is missing, does not start a gateway', async (t) => {
  const dir = t.testdir({ key: 'k', pem: 'c' })
  const [keyFile, certFile] = [path.join(dir, 'key'), path.join(dir, 'pem')]
  const config = configIn(dir, { authority: { keyFile, certFile } })
  const refused = async (at: string, message: RegExp) => {
    t.match(checkGatewayFiles(config), [{ path: at, message }])
    await t.rejects(startGateway(config, { clock: systemClock, log: silentLogger }), {
      code: 'gateway.files',
    })
  }
  chmodSync(keyFile, 0o640)
  await refused('authority.keyFile', /may be read by others \(mode 640\)/)
  chmodSync(keyFile, 0o600)
  t.same(checkGatewayFiles(config), [])
  rmSync(keyFile)
  await refused('authority.keyFile', /cannot be read \(ENOENT\)/)
})

t.test('a port that is taken says so, and leaves nothing open', async (t) => {
  const dir = t.testdir()
  const given = { clock: systemClock, log: silentLogger }
  const first = await startGateway(configIn(dir), given)
  const port = Number(new URL(first.httpUrl).port)
  const other = configIn(dir, { dataDir: 'other', http: { port } })
  await t.rejects(startGateway(other, given), { code: 'EADDRINUSE' })
  await first.close()
  await first.close()
  const second = await startGateway(other, given)
  await second.close()
})
