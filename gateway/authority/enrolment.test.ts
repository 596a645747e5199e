import { generateKeyPairSync, X509Certificate } from 'node:crypto'
import { existsSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { connect } from 'node:tls'
import t, { type Test } from 'tap'
import { systemClock } from '../../edge/base/clock.js'
import { enrol } from '../../edge/enrol/enrol.js'
import {
  identityFile,
  pendingFile,
  readIdentity,
  rootFile,
  type KeptIdentity,
} from '../../edge/enrol/files.js'
import { ask, refusalOf } from '../../edge/enrol/https.js'
import { enrolRequest, newKey, renewRequest } from '../../edge/enrol/request.js'
import type { EnrolmentToken } from '../../edge/messages/enrol.js'
import { Authority } from './authority.js'
import { Refusal } from '../desk/refusal.js'
import { tokenTriesMax } from './enrolment.js'
import { IdentityRefused } from './refused.js'
import { day, openRig, shifted, type Rig } from './testing/rig.js'

const clock = systemClock

/** Enrols a box whose record lies in `dir`. */
function box(rig: Rig, dir: string, token: EnrolmentToken, edgeId = 'edge-1'): Promise<KeptIdentity> {
  return enrol({ edgeId, dataDir: dir, url: rig.url, token, clock })
}

/** What the gateway says to a question under an identity: 200, or the name of the refusal. */
async function said(rig: Rig, identity: Partial<KeptIdentity>, at = '/edge/v1/identity', body?: unknown) {
  const { keyPem, certificatePem } = identity
  const answer = await ask({
    url: rig.url,
    path: at,
    ...(body === undefined ? {} : { body }),
    identity: {
      authorityPem: rig.authority.certificatesPem.join(''),
      ...(keyPem !== undefined && { keyPem }),
      ...(certificatePem !== undefined && { certificatePem }),
    },
    clock,
  })
  return refusalOf(answer)?.why ?? answer.status
}

/** The certificate that some authority would give edge-1 at a moment. */
async function made(authority: Authority, edgeId: string, nowMs: number, forMs = 90 * day) {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const spki = publicKey.export({ type: 'spki', format: 'der' })
  const { certificatePem } = await authority.forEdge(edgeId, spki, nowMs, forMs)
  return { certificatePem, keyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() }
}

/** The name of a refusal; empty: it was none. */
async function whyOf(asked: Promise<unknown>): Promise<string> {
  try {
    await asked
    return ''
  } catch (error) {
    if (error instanceof IdentityRefused) return error.why
    return error instanceof Refusal ? error.error : String(error)
  }
}

const now = () => systemClock.now().wallMs

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
    message: /nothing was sent to it/,
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
    code: 'enrol.foreignGateway',
    message: /authority\.names/,
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

async function refusedToken(t: Test, rig: Rig, token: EnrolmentToken, why: string, edgeId = 'edge-1') {
  const dir = path.join(t.testdirName, `box-${why}`)
  await t.rejects(box(rig, dir, token, edgeId), { code: 'enrol.refused', context: { why } })
  t.same(readIdentity(dir), { ok: true, value: null }, 'and nothing was written')
}

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

t.test('a client without a certificate gets nothing but the chance to enrol', async (t) => {
  const rig = await openRig(t, t.testdir())
  t.equal(await said(rig, {}), 'noCertificate')
  t.equal(await said(rig, {}, '/edge/v1/nothing'), 'noCertificate', 'nor does it learn what there is')
  t.equal(await said(rig, {}, '/edge/v1/renew', renewRequest('edge-1', newKey(), '00')), 'noCertificate')
})

t.test('a certificate of another authority of the same name is refused', async (t) => {
  const rig = await openRig(t, path.join(t.testdir(), 'real'))
  const { authority } = await openRig(t, path.join(t.testdirName, 'other'))
  t.equal(await said(rig, await made(authority, 'edge-1', now())), 'foreignCertificate')
})

t.test(
  'a certificate that an edge signed for somebody else is refused: an edge is no authority',
  async (t) => {
    const rig = await openRig(t, t.testdir())
    const edge = await made(rig.authority, 'edge-1', now())
    const { signEdge, signingKey } = await import('./certificates.js')
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const forged = await signEdge(
      { key: await signingKey(edge.keyPem), certificatePem: edge.certificatePem },
      {
        edgeId: 'edge-2',
        publicKey: publicKey.export({ type: 'spki', format: 'der' }),
        nowMs: now(),
        forMs: day,
      },
    )
    const keyPem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
    const certificatePem = forged.certificatePem + edge.certificatePem
    t.equal(await said(rig, { keyPem, certificatePem }), 'foreignCertificate')
  },
)

t.test('the certificate of the gateway itself opens nothing as a client', async (t) => {
  const rig = await openRig(t, t.testdir())
  const { keyPem, chainPem } = await rig.authority.forServer(['edge-1'], now())
  t.equal(await said(rig, { keyPem, certificatePem: chainPem }), 'foreignCertificate')
})

t.test('an edge cannot pretend to be the gateway towards another', async (t) => {
  const rig = await openRig(t, t.testdir())
  const edge = await made(rig.authority, '127.0.0.1', now())
  const { createServer } = await import('node:https')
  const server = createServer({ key: edge.keyPem, cert: edge.certificatePem, minVersion: 'TLSv1.3' })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  const { port } = server.address() as { port: number }
  const identity = { authorityPem: rig.authority.certificatesPem.join('') }
  await t.rejects(ask({ url: `https://127.0.0.1:${port}`, path: '/', identity, clock }), {
    code: 'INVALID_PURPOSE',
  })
})

t.test('an expired certificate is refused, and so is one that is not valid yet', async (t) => {
  const rig = await openRig(t, t.testdir())
  t.equal(await said(rig, await made(rig.authority, 'edge-1', now() - 60_000, 30_000)), 'certificateExpired')
  t.equal(await said(rig, await made(rig.authority, 'edge-1', now() + 2 * day)), 'certificateExpired')
})

t.test('a certificate for an id that the configuration no longer has is refused', async (t) => {
  const rig = await openRig(t, t.testdir())
  t.equal(await said(rig, await made(rig.authority, 'edge-9', now())), 'unknownEdge')
  t.equal(await said(rig, await made(rig.authority, '__proto__', now())), 'unknownEdge')
})

t.test('TLS 1.2 is refused', async (t) => {
  const rig = await openRig(t, t.testdir())
  const trial = (maxVersion: 'TLSv1.2' | 'TLSv1.3') =>
    new Promise<string>((resolve) => {
      const socket = connect({
        host: '127.0.0.1',
        port: rig.server.port,
        ca: rig.authority.certificatesPem.join(''),
        maxVersion,
      })
      socket.once('error', (error) => resolve(String((error as NodeJS.ErrnoException).code)))
      socket.once('secureConnect', () => {
        resolve(socket.getProtocol() ?? '')
        socket.destroy()
      })
    })
  t.match(await trial('TLSv1.2'), /ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION|ECONNRESET/)
  t.equal(await trial('TLSv1.3'), 'TLSv1.3')
})

t.test(
  'a resumed session has the rights of its certificate, and none without one or after a revocation',
  async (t) => {
    const rig = await openRig(t, t.testdir())
    const tickets: Buffer[] = []
    const talk = (session?: Buffer, own: Partial<KeptIdentity> = {}) =>
      new Promise<string>((resolve, reject) => {
        const socket = connect({
          host: '127.0.0.1',
          port: rig.server.port,
          ca: rig.authority.certificatesPem.join(''),
          ...(session && { session }),
          ...(own.keyPem !== undefined && { key: own.keyPem, cert: own.certificatePem }),
        })
        let text = ''
        let reused = false
        socket.on('secureConnect', () => (reused = socket.isSessionReused()))
        socket.on('session', (ticket: Buffer) => tickets.push(ticket))
        socket.on('data', (piece: Buffer) => (text += piece.toString()))
        socket.on('error', reject)
        socket.on('close', () => resolve(`${reused} ${text}`))
        socket.write('GET /edge/v1/identity HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')
      })
    t.match(await talk(), /^false HTTP\/1.1 401/)
    const [nameless] = tickets.splice(0)
    t.match(await talk(nameless), /^true HTTP\/1.1 401/, 'Node.js itself would call it authorised')
    const identity = await box(rig, path.join(t.testdirName, 'box'), await rig.token())
    tickets.splice(0)
    t.match(await talk(undefined, identity), /^false HTTP\/1.1 200/)
    const [first, second] = tickets.splice(0)
    t.match(await talk(first, identity), /^true HTTP\/1.1 200/)
    await rig.enrolment.revoke('edge-1', 'wang', 'stolen')
    t.match(await talk(second, identity), /^true HTTP\/1.1 403/)
  },
)

t.test('renewal gives a new key a new certificate, over the present one, which stays good', async (t) => {
  const rig = await openRig(t, t.testdir())
  const first = await box(rig, path.join(t.testdirName, 'box'), await rig.token())
  const keyPem = newKey()
  const answer = await ask({
    url: rig.url,
    path: '/edge/v1/renew',
    body: renewRequest('edge-1', keyPem, first.serial),
    identity: first,
    clock,
  })
  t.equal(answer.status, 200)
  const { certificates } = answer.body as { certificates: string[] }
  t.equal(await said(rig, { keyPem, certificatePem: certificates.join('') }), 200)
  t.equal(await said(rig, first), 200)
  t.equal(rig.enrolment.counters.renewed, 1)
})

t.test('nobody renews for another, with a key that is not theirs, or on an old word', async (t) => {
  const rig = await openRig(t, t.testdir())
  const first = await box(rig, path.join(t.testdirName, 'box'), await rig.token())
  const renewed = (body: unknown) => said(rig, first, '/edge/v1/renew', body)
  t.equal(await renewed(renewRequest('edge-2', newKey(), first.serial)), 'foreignCertificate')
  const mine = renewRequest('edge-1', newKey(), first.serial)
  const other = renewRequest('edge-1', newKey(), first.serial)
  t.equal(await renewed({ ...mine, publicKey: other.publicKey }), 'keyNotProven')
  t.equal(
    await renewed(renewRequest('edge-1', newKey(), '00')),
    'keyNotProven',
    'bound to another certificate',
  )
  const token = await rig.token()
  t.equal(
    await renewed({ ...enrolRequest('edge-1', newKey(), token.secret), secret: undefined }),
    'keyNotProven',
  )
})

t.test(
  'a revoked edge is out at once, on the connection that it has and on new ones, and it is on record',
  async (t) => {
    const rig = await openRig(t, t.testdir())
    const identity = await box(rig, path.join(t.testdirName, 'box'), await rig.token())
    const socket = connect({
      host: '127.0.0.1',
      port: rig.server.port,
      ca: identity.authorityPem,
      key: identity.keyPem,
      cert: identity.certificatePem,
    })
    const heard = new Promise<void>((resolve) => socket.once('data', () => resolve()))
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
    socket.on('error', () => undefined)
    socket.write('GET /edge/v1/identity HTTP/1.1\r\nhost: x\r\n\r\n')
    await heard
    const waiting = await rig.token()
    await rig.enrolment.revoke('edge-1', 'wang', 'box stolen')
    await closed
    t.equal(await said(rig, identity), 'certificateRevoked')
    t.equal(
      await said(rig, await made(rig.authority, 'edge-1', now())),
      'certificateRevoked',
      'nor one that the store does not know',
    )
    t.same(rig.revoked.get('edge-1'), true)
    t.match(rig.enrolment.states()[0], { certificate: null, revoked: { by: 'wang', reason: 'box stolen' } })
    await refusedToken(t, rig, waiting, 'tokenUnknown')
    const audit = await rig.database.read((sql) =>
      sql.all<{ operator: string; detail: string }>(
        "SELECT operator, detail FROM audit WHERE action = 'edgeRevoked'",
      ),
    )
    t.same(audit, [{ operator: 'wang', detail: '{"reason":"box stolen"}' }])
  },
)

t.test(
  'a revoked edge is still out after a restart of the gateway, and back with a new token only',
  async (t) => {
    const dir = t.testdir()
    const first = await openRig(t, dir)
    const old = await box(first, path.join(dir, 'box'), await first.token())
    await first.enrolment.revoke('edge-1', 'wang', 'box stolen')
    await first.server.close()
    await first.database.close()
    const rig = await openRig(t, dir)
    t.same(rig.revoked.get('edge-1'), true)
    t.equal(await said(rig, old), 'certificateRevoked')
    const fresh = await box(rig, path.join(dir, 'box'), await rig.token())
    t.equal(await said(rig, fresh), 200)
    t.equal(await said(rig, old), 'certificateRevoked', 'what the thief holds counts no more than before')
    t.same(rig.revoked.get('edge-1'), false)
  },
)

t.test('a box that takes the place of another ends what the other one holds', async (t) => {
  const rig = await openRig(t, t.testdir())
  const old = await box(rig, path.join(t.testdirName, 'old'), await rig.token())
  const fresh = await box(rig, path.join(t.testdirName, 'new'), await rig.token())
  t.equal(await said(rig, old), 'certificateRevoked')
  t.equal(await said(rig, fresh), 200)
})

t.test('a gateway restored from a backup still takes what it signed since', async (t) => {
  const rig = await openRig(t, t.testdir())
  t.equal(await said(rig, await made(rig.authority, 'edge-1', now())), 200)
})

t.test(
  'an authority is never replaced: a lost key, a foreign certificate or open eyes stop the gateway',
  async (t) => {
    const dir = t.testdir()
    const files = { keyFile: path.join(dir, 'a', 'k'), certFile: path.join(dir, 'a', 'c') }
    const opened = (more = {}) => Authority.open({ ...files, site: 's', nowMs: now(), ...more })
    const first = await opened()
    t.equal((await opened()).fingerprint, first.fingerprint, 'a restart has the same')
    const { chmodSync, rmSync } = await import('node:fs')
    chmodSync(files.keyFile, 0o640)
    await t.rejects(opened(), { code: 'gateway.authority', message: /chmod 600/ })
    chmodSync(files.keyFile, 0o600)
    await t.rejects(opened({ keyFile: path.join(dir, 'a', 'other') }), { message: /restore the key/ })
    await Authority.open({
      keyFile: path.join(dir, 'b', 'k'),
      certFile: path.join(dir, 'b', 'c'),
      site: 's',
      nowMs: now(),
    })
    await t.rejects(opened({ certFile: path.join(dir, 'b', 'c') }), { message: /of another key/ })
    rmSync(files.certFile)
    t.not((await opened()).fingerprint, undefined, 'a start that was cut between key and certificate goes on')
  },
)
