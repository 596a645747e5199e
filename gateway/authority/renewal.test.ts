import { X509Certificate } from 'node:crypto'
import path from 'node:path'
import { connect } from 'node:tls'
import t from 'tap'
import { systemClock } from '../../edge/base/clock.js'
import { ask } from '../../edge/enrol/https.js'
import type { KeptIdentity } from '../../edge/enrol/files.js'
import { enrolRequest, newKey, renewRequest } from '../../edge/enrol/request.js'
import { Authority } from './authority.js'
import { day, openRig, shifted } from './testing/rig.js'
import { box, said, made, now, refusedToken, whyOf } from './testing/boxes.js'

const clock = systemClock

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

t.test('nobody fills the store with certificates of one edge, and a new box ends that', async (t) => {
  const rig = await openRig(t, t.testdir(), { certificatesMax: 3 })
  const first = await box(rig, path.join(t.testdirName, 'box'), await rig.token())
  const renewed = (identity: KeptIdentity) =>
    said(rig, identity, '/edge/v1/renew', renewRequest('edge-1', newKey(), identity.serial))
  t.same([await renewed(first), await renewed(first), await renewed(first)], [200, 200, 'tooManyTries'])
  t.equal(await said(rig, first), 200, 'what it has stays good')
  const fresh = await box(rig, path.join(t.testdirName, 'new'), await rig.token())
  t.equal(await renewed(fresh), 200)
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

t.test('a renewal that waits for the store behind a revocation is refused', async (t) => {
  const rig = await openRig(t, t.testdir())
  const first = await box(rig, path.join(t.testdirName, 'box'), await rig.token())
  const peer = rig.enrolment.judge(new X509Certificate(first.certificatePem))
  if (!peer.ok) throw new Error(peer.why)
  const revoked = rig.enrolment.revoke('edge-1', 'wang', 'stolen')
  const why = await whyOf(rig.enrolment.renew(peer, renewRequest('edge-1', newKey(), first.serial)))
  await revoked
  t.equal(why, 'certificateRevoked')
  t.equal(rig.enrolment.counters.renewed, 0)
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

t.test('a box that takes the place of another ends the connections that the other one has', async (t) => {
  const rig = await openRig(t, t.testdir())
  const old = await box(rig, path.join(t.testdirName, 'old'), await rig.token())
  const socket = connect({
    ...{ host: '127.0.0.1', port: rig.server.port, ca: old.authorityPem },
    ...{ key: old.keyPem, cert: old.certificatePem },
  })
  const heard = new Promise<void>((resolve) => socket.once('data', () => resolve()))
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  socket.on('error', () => undefined)
  socket.write('GET /edge/v1/identity HTTP/1.1\r\nhost: x\r\n\r\n')
  await heard
  t.teardown(() => socket.destroy())
  await box(rig, path.join(t.testdirName, 'new'), await rig.token())
  t.same(rig.ended, ['edge-1', 'edge-1'], 'its MQTT sessions as well')
  await closed
})

t.test(
  'certificates that are over, and tokens a day later, are let go of: the store does not grow with them',
  async (t) => {
    let byMs = 0
    const rig = await openRig(t, t.testdir(), { clock: shifted(() => byMs) })
    await box(rig, path.join(t.testdirName, 'box'), await rig.token())
    const kept = () =>
      rig.database.read((sql) =>
        sql.one(
          'SELECT (SELECT count(*) FROM edge_certificates) AS certificates, (SELECT count(*) FROM enrolment_tokens) AS tokens',
        ),
      )
    await rig.enrolment.forgetEnded()
    t.same(await kept(), { certificates: 1, tokens: 1 })
    byMs = 2 * day
    await rig.enrolment.forgetEnded()
    t.same(await kept(), { certificates: 1, tokens: 0 })
    byMs = 91 * day
    await rig.enrolment.forgetEnded()
    t.same(await kept(), { certificates: 0, tokens: 0 })
  },
)

t.test('a gateway restored from a backup still takes what it signed since', async (t) => {
  const rig = await openRig(t, t.testdir())
  const renewed = await made(rig.authority, 'edge-1', now() - 60_000)
  t.equal(await said(rig, renewed), 200)
  const fresh = await box(rig, path.join(t.testdirName, 'new'), await rig.token())
  t.equal(await said(rig, renewed), 'certificateRevoked', 'until another box has taken the place of that one')
  t.equal(await said(rig, fresh), 200)
  t.equal(await said(rig, await made(rig.authority, 'edge-1', now() + 2_000)), 200)
  t.equal(await said(rig, await made(rig.authority, 'edge-2', now() - 60_000)), 200, 'each box by itself')
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
