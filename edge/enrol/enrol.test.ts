import { createServer } from 'node:https'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import t, { type Test } from 'tap'
import { day, openRig, type Rig } from '../../gateway/authority/testing/rig.js'
import { sleep, systemClock } from '../base/clock.js'
import { silentLogger } from '../base/log.js'
import { SeededRandom } from '../base/random.js'
import type { EnrolRequest } from '../messages/enrol.js'
import { enrol } from './enrol.js'
import { identityFile, pendingFile, readIdentity, writeIdentity } from './files.js'
import { ask } from './https.js'
import { IdentityKeeper } from './keeper.js'
import { newKey, renewRequest } from './request.js'

/** A box before a gateway that has the right certificate and says what it should not. */

type Said = Readonly<Record<string, unknown>>

/** A listener under the certificate of the real gateway, with answers of its own. */
async function lying(t: Test, rig: Rig, answer: (body: EnrolRequest) => Promise<Said>): Promise<string> {
  const { keyPem, chainPem } = await rig.authority.forServer(['127.0.0.1'], systemClock.now().wallMs)
  const server = createServer({ key: keyPem, cert: chainPem, minVersion: 'TLSv1.3' }, (request, response) => {
    let text = ''
    request.on('data', (piece: Buffer) => (text += piece.toString()))
    request.on('end', () => {
      void answer(JSON.parse(text || '{}') as EnrolRequest).then((said) => response.end(JSON.stringify(said)))
    })
  })
  server.on('tlsClientError', () => undefined)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  return `https://127.0.0.1:${(server.address() as { port: number }).port}`
}

/** What a gateway says that certifies the key of one edge under the name of another. */
const asEdge2 =
  (rig: Rig, said = 'edge-2') =>
  async ({ publicKey }: EnrolRequest): Promise<Said> => {
    const key = Buffer.from(publicKey ?? '', 'base64')
    const nowMs = systemClock.now().wallMs
    const { certificatePem } = await rig.authority.forEdge('edge-2', key, nowMs, 90 * day)
    return { v: 1, edgeId: said, certificates: [certificatePem], authorities: rig.authority.certificatesPem }
  }

function dirs(t: Test): { gateway: string; box: string } {
  const dir = t.testdir({ gateway: {}, box: {} })
  return { gateway: path.join(dir, 'gateway'), box: path.join(dir, 'box') }
}

t.test('a box takes no certificate that is for another edge, however it is labelled', async (t) => {
  const { gateway, box } = dirs(t)
  const rig = await openRig(t, gateway)
  const given = { edgeId: 'edge-1', dataDir: box, token: await rig.token(), clock: systemClock }
  await t.rejects(enrol({ ...given, url: await lying(t, rig, asEdge2(rig)) }), {
    code: 'enrol.refused',
    message: /the certificate is for edge-2, not for edge-1/,
  })
  await t.rejects(enrol({ ...given, url: await lying(t, rig, asEdge2(rig, 'edge-1')) }), /is for edge-2/)
  t.notOk(existsSync(identityFile(box)))
})

t.test('an answer that no gateway gives is said as one, and leaves the box as it was', async (t) => {
  const { gateway, box } = dirs(t)
  const rig = await openRig(t, gateway)
  const given = { edgeId: 'edge-1', dataDir: box, token: await rig.token(), clock: systemClock }
  const url = await lying(t, rig, () => Promise.resolve({ ok: true }))
  await t.rejects(enrol({ ...given, url }), {
    code: 'enrol.noJson',
    message: `what answers at ${url} is no gateway of Lanekeeper`,
  })
  t.notOk(existsSync(identityFile(box)))
})

t.test('a renewal that is for another edge leaves the identity in force as it is', async (t) => {
  const { gateway, box } = dirs(t)
  const rig = await openRig(t, gateway)
  await enrol({ edgeId: 'edge-1', dataDir: box, url: rig.url, token: await rig.token(), clock: systemClock })
  // Signed so long ago that it is to be renewed now.
  const before = readIdentity(box)
  if (!before.ok || !before.value) throw new Error('no identity')
  const keyPem = newKey()
  const spki = Buffer.from(renewRequest('edge-1', keyPem, '').publicKey, 'base64')
  const agoMs = systemClock.now().wallMs - 61 * day
  const { certificatePem } = await rig.authority.forEdge('edge-1', spki, agoMs, 90 * day)
  writeIdentity(box, { ...before.value, keyPem, certificatePem })
  const whole = readFileSync(identityFile(box), 'utf8')
  const keeper = new IdentityKeeper({
    ...{ edgeId: 'edge-1', dataDir: box, url: await lying(t, rig, asEdge2(rig)) },
    ...{ clock: systemClock, random: new SeededRandom(7), log: silentLogger, onFault: () => undefined },
  })
  for (let waited = 0; keeper.counters.failedRenewals + keeper.counters.renewals === 0; waited += 1) {
    if (waited > 1_000) break
    await sleep(systemClock, 'test', 10)
  }
  t.match(keeper.counters, { failedRenewals: 1, renewals: 0 })
  await keeper.close()
  t.equal(readFileSync(identityFile(box), 'utf8'), whole)
})

t.test('an answer without an end is cut off', async (t) => {
  const { gateway } = dirs(t)
  const rig = await openRig(t, gateway)
  const url = await lying(t, rig, () => Promise.resolve({ more: 'x'.repeat(600_000) }))
  const identity = { authorityPem: rig.authority.certificatesPem.join('') }
  await t.rejects(ask({ url, path: '/', identity, clock: systemClock }), { code: 'enrol.tooLong' })
})

t.test(
  'a try that was cut off goes on with its key under the same token, and another token gets another',
  async (t) => {
    const { gateway, box } = dirs(t)
    const rig = await openRig(t, gateway)
    const [cut, first] = [await lying(t, rig, () => Promise.resolve({})), await rig.token()]
    const given = { edgeId: 'edge-1', dataDir: box, clock: systemClock }
    const keyPending = () => (JSON.parse(readFileSync(pendingFile(box), 'utf8')) as { keyPem: string }).keyPem
    await t.rejects(enrol({ ...given, url: cut, token: first }))
    const key = keyPending()
    await t.rejects(enrol({ ...given, url: cut, token: first }))
    t.equal(keyPending(), key, 'once more, and it is the same')
    const second = await rig.token()
    await t.rejects(enrol({ ...given, url: cut, token: second }))
    t.not(keyPending(), key)
    const other = keyPending()
    const identity = await enrol({ ...given, url: rig.url, token: second })
    t.equal(identity.keyPem, other)
    t.notOk(existsSync(pendingFile(box)), 'and it lies in one place only')
    rmSync(box, { recursive: true })
  },
)

t.test('an edge that asks for certificates without end is made to wait', async (t) => {
  const { gateway, box } = dirs(t)
  const rig = await openRig(t, gateway)
  const token = await rig.token()
  const identity = await enrol({ edgeId: 'edge-1', dataDir: box, url: rig.url, token, clock: systemClock })
  const answers = []
  for (let n = 0; n < 21; n += 1) {
    const body = renewRequest('edge-1', newKey(), identity.serial)
    const answer = await ask({ url: rig.url, path: '/edge/v1/renew', body, identity, clock: systemClock })
    answers.push(answer.status)
  }
  t.same(new Set(answers.slice(0, 20)), new Set([200]))
  t.equal(answers[20], 429)
  t.equal(rig.enrolment.counters.renewed, 20)
})
