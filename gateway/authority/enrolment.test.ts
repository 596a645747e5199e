import { generateKeyPairSync, X509Certificate } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { systemClock } from '../../edge/base/clock.js'
import { enrol } from '../../edge/enrol/enrol.js'
import { identityFile, pendingFile, readIdentity, rootFile, writeWhole } from '../../edge/enrol/files.js'
import { enrolRequest, newKey } from '../../edge/enrol/request.js'
import { Authority } from './authority.js'
import { tokenTriesMax } from './enrolment.js'
import { day, openRig, shifted } from './testing/rig.js'
import { box, said, whyOf, now, refusedToken } from './testing/boxes.js'

const clock = systemClock

t.test('a box is enrolled with one line: its key stays on it, the certificate bears its id', async (t) => {
  const root = Buffer.from('{"signed":{},\n  "signatures": []}\n')
  const rig = await openRig(t, t.testdir(), { root })
  const dir = path.join(t.testdirName, 'box')
  const before = readIdentity(dir)
  t.same(before, { ok: true, value: null })
  const identity = await box(rig, dir, await rig.token())
  t.equal(await said(rig, identity), 200)
  const certificate = new X509Certificate(identity.certificatePem)
  t.equal(certificate.subject, 'CN=edge-1')
  t.same(certificate.keyUsage, ['1.3.6.1.5.5.7.3.2'], 'a client and nothing else')
  t.equal(Math.round((identity.notAfter - now()) / day), 90)
  t.equal(statSync(identityFile(dir)).mode & 0o777, 0o600)
  t.equal(statSync(path.dirname(identityFile(dir))).mode & 0o777, 0o700)
  t.notOk(existsSync(pendingFile(dir)), 'nothing half done is left')
  t.same(readFileSync(rootFile(dir)), root, 'the root record byte for byte')
  t.same(readIdentity(dir), { ok: true, value: identity })
  t.match(rig.enrolment.states(), [
    { edgeId: 'edge-1', certificate: { serial: identity.serial } },
    { certificate: null },
  ])
  const stored = await rig.database.read((sql) =>
    sql.all<{ row: string }>('SELECT json_array(hash, certificate, public_key) AS row FROM enrolment_tokens'),
  )
  t.notMatch(JSON.stringify(stored), /PRIVATE KEY/)
  t.notMatch(JSON.stringify(stored), new RegExp((await rig.token()).secret), 'tokens are kept as hashes')
})

t.test('somebody in between at enrolment is found out, and is told nothing', async (t) => {
  const rig = await openRig(t, path.join(t.testdir(), 'real'))
  const impostor = await openRig(t, path.join(t.testdirName, 'impostor'))
  const dir = path.join(t.testdirName, 'box')
  const token = await rig.token()
  await t.rejects(enrol({ edgeId: 'edge-1', dataDir: dir, url: impostor.url, token, clock }), {
    code: 'enrol.foreignGateway',
    message: /not the gateway that made this token, and the token was not sent/,
  })
  t.equal(impostor.server.counters.requests, 0, 'not even a question')
  t.notOk(existsSync(pendingFile(dir)), 'and no key was made')
})

t.test(
  'somebody in between who shows the true authority behind a certificate of his own is found out',
  async (t) => {
    const rig = await openRig(t, path.join(t.testdir(), 'real'))
    const token = await rig.token()
    const other = await Authority.open({
      keyFile: path.join(t.testdirName, 'a', 'k'),
      certFile: path.join(t.testdirName, 'a', 'c'),
      site: 'site-1',
      nowMs: now(),
    })
    const own = await other.forServer(['127.0.0.1'], now())
    const [leaf = ''] = own.chainPem.split(/(?<=-----END CERTIFICATE-----\n)/)
    const { createServer } = await import('node:tls')
    let heard = 0
    const server = createServer(
      { key: own.keyPem, cert: leaf + (rig.authority.certificatesPem[0] ?? ''), minVersion: 'TLSv1.3' },
      (socket) => {
        socket.on('error', () => undefined)
        socket.on('data', () => (heard += 1))
      },
    )
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    t.teardown(() => server.close())
    const { port } = server.address() as { port: number }
    const url = `https://127.0.0.1:${port}`
    await t.rejects(
      enrol({ edgeId: 'edge-1', dataDir: path.join(t.testdirName, 'box'), url, token, clock }),
      {
        code: 'enrol.foreignGateway',
      },
    )
    t.equal(heard, 0)
  },
)

t.test('a gateway that is reached under a name that it does not bear is not believed', async (t) => {
  const rig = await openRig(t, t.testdir(), { names: ['gateway.example'] })
  await t.rejects(box(rig, path.join(t.testdirName, 'box'), await rig.token()), {
    code: 'enrol.foreignName',
    message: /does not name 127\.0\.0\.1: put it into authority\.names/,
  })
})

t.test('a box whose clock is years behind is told to set it', async (t) => {
  const rig = await openRig(t, t.testdir())
  const dir = path.join(t.testdirName, 'box')
  const error = Object.assign(new Error('certificate is not yet valid'), { code: 'CERT_NOT_YET_VALID' })
  const { enrolTrouble } = await import('../../edge/enrol/enrol.js')
  t.match(
    enrolTrouble(
      error,
      rig.url,
      shifted(() => -3_650 * day),
    ),
    { code: 'enrol.clock', message: /set the clock/ },
  )
  t.notOk(existsSync(dir))
})

t.test(
  'where the identity cannot be written, the box says where and why, and the same token goes on',
  async (t) => {
    const rig = await openRig(t, t.testdir())
    const token = await rig.token()
    const dir = path.join(t.testdirName, 'box')
    mkdirSync(path.join(dir, 'identity'), { recursive: true })
    // A folder stands where the file is to be: the last step fails, as on a disk that is full.
    mkdirSync(path.join(identityFile(dir), 'x'), { recursive: true })
    const error = await box(rig, dir, token).catch((thrown: unknown) => thrown)
    t.match(error, { code: 'enrol.notKept', message: /disk space and owner.*with the same token/ })
    t.match(error, { context: { why: 'notKept', values: { folder: dir, why: /EISDIR|ENOTEMPTY/ } } })
    t.same(
      readdirSync(path.join(dir, 'identity')).sort(),
      ['identity.json', 'pending.json'],
      'no half-written key lies about',
    )
    rmSync(identityFile(dir), { recursive: true })
    t.equal(await said(rig, await box(rig, dir, token)), 200)
    t.equal(rig.enrolment.counters.enrolled, 1)
  },
)

t.test(
  'root who enrols a box writes with the rights of its owner, and follows no link that leads elsewhere',
  { skip: process.getuid?.() !== 0 && 'only root has the rights of others' },
  (t) => {
    const dir = t.testdir({ box: { identity: {} }, precious: 'of root' })
    const nobody = 65_534
    const [boxDir, precious] = [path.join(dir, 'box'), path.join(dir, 'precious')]
    for (const folder of [boxDir, path.join(boxDir, 'identity')]) chownSync(folder, nobody, nobody)
    chmodSync(precious, 0o600)
    const file = path.join(boxDir, 'identity', 'identity.json')
    symlinkSync(precious, `${file}.new`)
    writeWhole(file, 'new')
    t.equal(readFileSync(file, 'utf8'), 'new')
    t.match(statSync(file), { uid: nobody, gid: nobody })
    t.equal(statSync(file).mode & 0o777, 0o600)
    t.match(statSync(precious), { uid: 0 })
    t.equal(readFileSync(precious, 'utf8'), 'of root')
    rmSync(path.join(boxDir, 'identity'), { recursive: true })
    mkdirSync(path.join(dir, 'etc'), { mode: 0o700 })
    symlinkSync(path.join(dir, 'etc'), path.join(boxDir, 'identity'))
    t.throws(() => writeWhole(file, 'new'), { code: 'EACCES' })
    t.same(readdirSync(path.join(dir, 'etc')), [])
    t.match(statSync(path.join(dir, 'etc')), { uid: 0 })
    t.equal(process.geteuid?.(), 0, 'and is root again')
    t.end()
  },
)

t.test('a token is good once: a second box with it gets nothing', async (t) => {
  const rig = await openRig(t, t.testdir())
  const token = await rig.token()
  await box(rig, path.join(t.testdirName, 'first'), token)
  await refusedToken(t, rig, token, 'tokenUsed')
  t.equal(rig.enrolment.counters.enrolled, 1)
})

t.test(
  'the same box may ask again with its key, as after an answer that was lost, and gets the same',
  async (t) => {
    const rig = await openRig(t, t.testdir())
    const token = await rig.token()
    const key = newKey()
    const request = enrolRequest('edge-1', key, token.secret)
    const first = await rig.enrolment.enrol(request)
    const second = await rig.enrolment.enrol(request)
    t.same(second, first)
    t.equal(rig.enrolment.counters.enrolled, 1)
  },
)

t.test('a token that has expired is refused', async (t) => {
  let byMs = 0
  const rig = await openRig(t, t.testdir(), { clock: shifted(() => byMs) })
  const token = await rig.token()
  byMs = 3_600_001
  await refusedToken(t, rig, token, 'tokenExpired')
})

t.test('a token for another edge is refused, and so is an edge that the gateway does not know', async (t) => {
  const rig = await openRig(t, t.testdir())
  await refusedToken(t, rig, await rig.token('edge-2'), 'tokenOfAnother')
  t.equal(await whyOf(rig.enrolment.newToken('edge-9', 'li')), 'notFound')
})

t.test('a token that nobody made, or that a newer one replaced, is refused', async (t) => {
  const rig = await openRig(t, t.testdir())
  const old = await rig.token()
  const token = await rig.token()
  await refusedToken(t, rig, old, 'tokenUnknown')
  await box(rig, path.join(t.testdirName, 'box'), token)
})

t.test(
  'a stolen token with a public key that the thief does not hold is refused, and only so often',
  async (t) => {
    const rig = await openRig(t, t.testdir())
    const token = await rig.token()
    const mine = enrolRequest('edge-1', newKey(), token.secret)
    const stolen = { ...mine, publicKey: enrolRequest('edge-1', newKey(), token.secret).publicKey }
    for (let n = 0; n < tokenTriesMax; n += 1)
      t.equal(await whyOf(rig.enrolment.enrol(stolen)), 'keyNotProven')
    t.equal(await whyOf(rig.enrolment.enrol(mine)), 'tokenExhausted', 'then the token is void')
  },
)

t.test('a key that is no P-256 key gets no certificate', async (t) => {
  const rig = await openRig(t, t.testdir())
  const token = await rig.token()
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' })
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  t.equal(await whyOf(rig.enrolment.enrol(enrolRequest('edge-1', pem, token.secret))), 'keyNotProven')
  const garbage = { ...enrolRequest('edge-1', newKey(), token.secret), publicKey: 'AAAA' }
  t.equal(await whyOf(rig.enrolment.enrol(garbage)), 'keyNotProven')
})

t.test('who floods the enrolment from one address is made to wait', async (t) => {
  const rig = await openRig(t, t.testdir())
  const body = enrolRequest('edge-1', newKey(), 'x'.repeat(43))
  const answers = []
  for (let n = 0; n < 22; n += 1) answers.push(await said(rig, {}, '/edge/v1/enrol', body))
  t.same(new Set(answers.slice(0, 20)), new Set(['tokenUnknown']))
  t.same(answers.slice(20), ['tooManyTries', 'tooManyTries'])
})
