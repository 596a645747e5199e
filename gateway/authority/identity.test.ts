import { generateKeyPairSync, X509Certificate } from 'node:crypto'
import path from 'node:path'
import { connect } from 'node:tls'
import t from 'tap'
import { systemClock } from '../../edge/base/clock.js'
import type { KeptIdentity } from '../../edge/enrol/files.js'
import { ask } from '../../edge/enrol/https.js'
import { newKey, renewRequest } from '../../edge/enrol/request.js'
import { day, openRig } from './testing/rig.js'
import { box, said, made, now } from './testing/boxes.js'

const clock = systemClock

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

t.test('a certificate is judged by us as well, whatever TLS has found', async (t) => {
  const rig = await openRig(t, path.join(t.testdir(), 'real'))
  const judged = (pem: string) => rig.authority.judge(new X509Certificate(pem), now())
  const foreign = { ok: false, why: 'foreignCertificate' }
  t.match(judged((await made(rig.authority, 'edge-1', now())).certificatePem), { ok: true, edgeId: 'edge-1' })
  t.same(
    judged((await rig.authority.forServer(['edge-1'], now())).chainPem),
    foreign,
    'of the gateway itself',
  )
  t.same(judged(rig.authority.certificatesPem[0] ?? ''), foreign, 'of the authority')
  const { signEdge, signingKey, newKeyPem, publicHalf } = await import('./certificates.js')
  const forger = newKeyPem()
  const { certificatePem } = await signEdge(
    // In the name of the real authority, and with the mark of its key.
    { key: await signingKey(forger), certificatePem: rig.authority.certificatesPem[0] ?? '' },
    { edgeId: 'edge-1', publicKey: publicHalf(forger), nowMs: now(), forMs: day },
  )
  t.same(judged(certificatePem), foreign, 'with the signature of somebody else')
})

t.test('no certificate of an edge signs others, or is valid for longer than the authority', async (t) => {
  const rig = await openRig(t, t.testdir())
  const { certificatePem } = await made(rig.authority, 'edge-1', now(), 30 * 365 * day)
  const certificate = new X509Certificate(certificatePem)
  t.equal(certificate.ca, false)
  t.equal(certificate.validTo, new X509Certificate(rig.authority.certificatesPem[0] ?? '').validTo)
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
