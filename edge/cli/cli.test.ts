import { writeFileSync } from 'node:fs'
import path from 'node:path'
import t, { type Test } from 'tap'
import { edgeFolder } from './testing/edge-folder.js'
import { lanekeeper, notBuilt, started } from './testing/program.js'

const commands = [
  'demo',
  'edge',
  'enroll\\|enrol',
  'gateway',
  'sim',
  'check',
  'replay',
  'explain',
  'shadow-report',
  'ruleset',
  'keys',
  'torture',
  'bench',
]

const missing = notBuilt()
if (missing !== null) {
  t.fail(missing)
} else {
  await t.test('--help names every command, where to start and the exit codes', async (t) => {
    const { code, out } = await lanekeeper('--help')
    t.equal(code, 0)
    for (const command of commands) t.match(out, new RegExp(`^  ${command}\\b`, 'm'))
    t.match(out, /Start here:/)
    t.match(out, /Exit codes: 0 done, 1 failed, 2 wrong usage, 3 a configuration has problems/)
  })

  await t.test('--version is one line that a script can read', async (t) => {
    const { code, out } = await lanekeeper('--version')
    t.equal(code, 0)
    t.match(out, /^\d+\.\d+\.\d+\n$/)
  })

  await t.test('wrong usage ends with 2 and says what there is', async (t) => {
    for (const args of [['raise-the-barrier'], ['edge'], ['check'], ['replay', '--backwards', 'x'], []]) {
      const { code, err } = await lanekeeper(...args)
      t.equal(code, 2, args.join(' '))
      t.match(err, /lanekeeper/, 'with a way on')
    }
  })

  await t.test('check of a bad file prints every problem and ends with 3', bad)
  await t.test('check of a good file ends with 0', good)
  await t.test('edge and gateway refuse a bad file in the same words', refused)
  await t.test('a box that cannot be enrolled is told why in both languages', notEnrolled)
  await t.test('nobody is told that an edge is revoked without a reason for it', noReason)
  await t.test('a command whose reader has gone ends without a word, and a gateway runs on', readerGone)
}

async function bad(t: Test): Promise<void> {
  const { config, secret, write } = await edgeFolder(t)
  const file = write({
    ...config,
    gateway: { ...config.gateway, mqtt: 'mqtt://gate.example' },
    readerBus: { users: [{ name: 'camera', secretFile: secret('open', 0o644), publish: ['cameras/1'] }] },
    readers: [...config.readers, { id: 'reader-2', kind: 'usb', feeds: [{ lane: 'in-7' }] }],
  })
  const { code, out, err } = await lanekeeper('check', file)
  t.equal(code, 3)
  t.equal(out, '')
  const [head, ...problems] = err.trimEnd().split('\n')
  t.match(head, /edge\.yaml: 4 problems$/)
  t.match(problems.sort(), [
    /^gateway\.mqtt: .*in clear.*begins with mqtts/,
    /^readerBus\.users\.0\.secretFile: .*read by others.*chmod 600/,
    /^readers\.1\.feeds\.0\.lane: there is no lane "in-7"/,
    /^readers\.1\.kind: unknown kind "usb"\. Known: line, mqtt/,
  ])
  t.notMatch(err, /a-secret-of/, 'no secret is printed')

  const gateway = path.join(t.testdirName, 'gateway.yaml')
  writeFileSync(
    gateway,
    'version: 1\nsite: port-1\ndataDir: data\nedges: [{ edgeId: e }]\ntrust: { unsigned: true }\nhttp: { tls: { keyFile: none, certFile: none } }\n',
  )
  const second = await lanekeeper('check', gateway)
  t.equal(second.code, 3)
  t.match(second.err, /gateway\.yaml: 2 problems\nhttp\.tls\.keyFile: .*none cannot be read/)

  writeFileSync(gateway, 'site: [port-1\n')
  t.match(await lanekeeper('check', gateway), { code: 3, err: /line \d+, column \d+/ })
  t.match(await lanekeeper('check', '/nowhere.yaml'), { code: 3, err: /cannot read \/nowhere\.yaml/ })
}

async function good(t: Test): Promise<void> {
  const { config, write } = await edgeFolder(t)
  const { code, out, err } = await lanekeeper('check', write(config))
  t.same({ code, err }, { code: 0, err: '' })
  t.match(out, /no problems; it configures an edge/)
}

async function refused(t: Test): Promise<void> {
  const { config, write } = await edgeFolder(t)
  const file = write({ ...config, lanes: [], edges: 'none' })
  const edge = await lanekeeper('edge', '--config', file)
  t.match(edge, { code: 3, err: /2 problems\n/ })
  t.match(edge.err, /lanes: /)
  t.match(await lanekeeper('gateway', '--config', file), { code: 3, err: /edges: / })
}

async function notEnrolled(t: Test): Promise<void> {
  const { config, write } = await edgeFolder(t)
  const file = write({ ...config, gateway: { ...config.gateway, http: 'https://127.0.0.1:1' } })
  const token = `lk1.${'a'.repeat(43)}.${'b'.repeat(43)}`
  const away = await lanekeeper('enroll', '--config', file, '--token', token)
  t.equal(away.code, 1)
  t.match(
    away.err,
    /https:\/\/127.0.0.1:1 cannot be reached \(.+ · 无法连接 https:\/\/127.0.0.1:1（.+enrol\.unreachable/,
  )
  t.notMatch(away.err, /aaaa/, 'the token is not repeated')
  const none = await lanekeeper('enroll', '--config', file, '--token-file', `${file}.none`)
  t.equal(none.code, 2)
  t.match(none.err, /token-file: ENOENT.*or - to paste the token/)
}

async function noReason(t: Test): Promise<void> {
  const file = path.join(t.testdir(), 'gateway.yaml')
  const trust = { unsigned: true }
  writeFileSync(
    file,
    JSON.stringify({ version: 1, site: 's', dataDir: 'g', edges: [{ edgeId: 'e' }], trust }),
  )
  const { code, out, err } = await lanekeeper(
    'gateway',
    'revoke',
    '--edge',
    'e',
    '--reason',
    ' ',
    '--config',
    file,
  )
  t.equal(code, 2)
  t.equal(out, '')
  t.match(err, /--reason: say why.*请填写吊销原因/)
}

async function readerGone(t: Test): Promise<void> {
  const short = started('--help')
  short.stdout.destroy()
  let said = ''
  short.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
  await new Promise((resolve) => short.once('close', resolve))
  t.equal(said, '')

  const file = path.join(t.testdir(), 'gateway.yaml')
  const any = { port: 0 }
  const config = { http: any, mqtt: any, edgeHttp: any, trust: { unsigned: true }, logLevel: 'error' }
  writeFileSync(
    file,
    JSON.stringify({ version: 1, site: 's', dataDir: 'g', edges: [{ edgeId: 'e' }], ...config }),
  )
  const gateway = started('gateway', '--config', file)
  gateway.stdout.destroy()
  gateway.stderr.resume()
  t.teardown(() => gateway.kill('SIGKILL'))
  let waits = ''
  for (let tries = 0; tries < 10; tries += 1) {
    const token = await lanekeeper('gateway', 'token', '--edge', 'e', '--config', file)
    waits = token.err
    if (!/does not run/.test(waits)) break
  }
  t.match(waits, /^For e, once/)
  t.notMatch(waits, /does not run/, 'it has said where it listens, to nobody, and takes orders')
  t.equal(gateway.exitCode, null)
}
