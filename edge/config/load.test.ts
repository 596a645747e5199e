import { chmodSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import t, { type Test } from 'tap'
import { describeProblems, type Result } from '../base/result.js'
import { ownCertificate } from '../drivers/barrier/index.js'
import { systemClock } from '../base/clock.js'
import { edgeFileProblems } from './files.js'
import { besideFile, readSecret, readYaml } from './load.js'

const said = (result: Result<unknown>) => (result.ok ? '' : describeProblems(result.problems))

function fileWith(t: Test, content: string | Uint8Array, mode = 0o600): string {
  const file = path.join(t.testdir(), 'file')
  writeFileSync(file, content)
  chmodSync(file, mode)
  return file
}

t.test('mistakes of YAML come with line and column', (t) => {
  const wrong = readYaml(fileWith(t, 'version: 1\nlanes: [a, b\nsite: x\n'))
  t.equal(wrong.ok, false)
  t.match(said(wrong), /^line \d+, column \d+: /)
  t.end()
})

t.test('a key given twice is a mistake: one of the two would be lost without a word', (t) => {
  t.match(said(readYaml(fileWith(t, 'site: a\nedge: b\nsite: c\n'))), /line 3, column 1.*unique/i)
  t.end()
})

t.test('each mistake of YAML is said once a line, in words for who does not write it every day', (t) => {
  const cases: readonly (readonly [content: string, en: RegExp])[] = [
    ['gateway:\n\tmqtt: x\n', /^line 2, column 1: a tab .*Replace tabs/],
    ['site port-1\nedge: e\n', /^line 1, column \d+: .*a name has no colon.*one name and its value/],
    ['lanes:\n  - id: a\n   mode: AUTO\n', /^line 3, column \d+: .*the line is indented wrongly.*example/],
    ['lanes: [a, b\nsite: x\n', /^line 2, column \d+: this line is indented otherwise/],
    ['site: "a\nedge: b\n', /^line 3, column \d+: .*the end of a quote/],
    ['path: "C:\\keys\\Root"\n', /^line 1, column \d+: a backslash in double quotes.*single quotes/],
    ['site: @port\n', /^line 1, column \d+: a value may not begin with this sign/],
    ['site: *port\n', /alias.*in quotes/],
    [
      'lanes:\n  foo: 1\n  - id: a\n    mode: AUTO\n',
      /^line 3, column \d+: two settings run into each other/,
    ],
    ['site: a]\nlanes: ]\n', /^line 2, column \d+: this does not belong here/],
  ]
  for (const [content, expected] of cases) {
    const problems = said(readYaml(fileWith(t, content)))
    t.match(problems, expected)
    const lines = [...problems.matchAll(/line (\d+), column/g)].map(([, line]) => line)
    t.same(lines, [...new Set(lines)], content)
  }
  t.end()
})

t.test('a file of aliases that would grow without bound is refused', (t) => {
  const layers = Array.from(
    { length: 12 },
    (_, n) => `l${n}: &l${n} [${n === 0 ? 'x' : `*l${n - 1}, `.repeat(9)}]`,
  )
  const file = fileWith(t, `${layers.join('\n')}\n`)
  t.match(said(readYaml(file)), /alias/i)
  t.end()
})

t.test('a file that was not saved as UTF-8 is refused, and no name of it becomes question marks', (t) => {
  // "name: " and the two characters of "bay 1" in GBK, as an editor on a Chinese Windows may save them.
  const gbk = Buffer.concat([Buffer.from('name: '), Buffer.from([0xb2, 0xe9, 0xd1, 0xe9, 0x0a])])
  t.match(said(readYaml(fileWith(t, gbk))), /is not UTF-8.*not as GBK/)
  t.match(said(readYaml(fileWith(t, Buffer.from('\uFEFFname: x\n', 'utf16le')))), /is not UTF-8/)
  t.same(readYaml(fileWith(t, '\uFEFFname: 查验\r\nn: 1\r\n')), { ok: true, value: { name: '查验', n: 1 } })
  t.end()
})

t.test(
  'a file that is no configuration by its size, or has no end, is refused before it fills the memory',
  (t) => {
    t.match(said(readYaml('/dev/zero')), /longer than 2 MB/)
    t.match(said(readYaml(fileWith(t, `a: 1\n#${'x'.repeat(2_200_000)}\n`))), /longer than 2 MB/)
    t.ok(readYaml(fileWith(t, `a: 1\n#${'x'.repeat(2_000_000)}\n`)).ok)
    t.end()
  },
)

t.test('a file that is not there is said by name', (t) => {
  t.match(said(readYaml('/nowhere/edge.yaml')), /\/nowhere\/edge\.yaml.*Check the path/)
  t.end()
})

t.test('a secret is one line that only its owner may read', (t) => {
  const good = 'a-secret-of-enough-length'
  t.same(readSecret(fileWith(t, `${good}\n`)), { ok: true, value: good })
  t.same(readSecret(fileWith(t, good, 0o400)), { ok: true, value: good })
  t.match(said(readSecret(fileWith(t, good, 0o640))), /read by others \(mode 640\).*chmod 600/)
  t.match(said(readSecret(fileWith(t, good, 0o604))), /read by others/)
  t.match(said(readSecret(fileWith(t, 'short'))), /at least 12 characters.*urandom/)
  t.match(said(readSecret(fileWith(t, 'two words are no single secret'))), /without spaces/)
  t.match(said(readSecret('/nowhere/secret')), /cannot read.*umask 077/)
  t.end()
})

t.test('a secret is not repeated by what is said about it', (t) => {
  t.notMatch(said(readSecret(fileWith(t, 'tiny-pass', 0o644))), /tiny-pass/)
  t.notMatch(said(readSecret(fileWith(t, 'tiny-pass'))), /tiny-pass/)
  t.end()
})

t.test('a path is meant from the folder of the file', (t) => {
  t.equal(besideFile('/etc/lanekeeper/edge.yaml', 'secrets/edge'), '/etc/lanekeeper/secrets/edge')
  t.equal(besideFile('/etc/lanekeeper/edge.yaml', '/run/edge'), '/run/edge')
  t.end()
})

t.test('every file that a configuration names is looked at', async (t) => {
  const dir = t.testdir({ key: 'k', text: 'hello', open: 'a-secret-of-enough-length', short: 'twelve-chars' })
  const beside = (named: string) => path.resolve(dir, named)
  chmodSync(beside('key'), 0o644)
  chmodSync(beside('open'), 0o644)
  chmodSync(beside('short'), 0o600)
  const own = await ownCertificate(beside('pki'), systemClock.now().wallMs)
  const problems = edgeFileProblems(
    {
      readerBus: {
        tls: { certificateFile: own.certificateFile, keyFile: 'key' },
        users: [{ secretFile: 'short' }, { secretFile: 'open' }],
      },
      readers: [{ path: 'not-plugged-in', caFile: 'text' }],
      lanes: [{ barrier: { serverCertificateFile: 'missing.pem', pkiDir: 'made-later' } }],
    },
    beside,
  )
  t.match(
    problems.map(({ path: at, message, remedy }) => `${at}: ${message} ${remedy ?? ''}`),
    [
      /^readerBus\.tls\.keyFile: .*read by others.*chmod 600/,
      /^readerBus\.users\.1\.secretFile: .*read by others/,
      /^readers\.0\.caFile: .*holds no certificate/,
      /^lanes\.0\.barrier\.serverCertificateFile: .*missing\.pem.*Export the PLC/,
    ],
  )
  t.equal(problems.length, 4, 'and nothing is said of what is right, or made on the first start')
})
