import { generateKeyPairSync } from 'node:crypto'
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import t, { type Test } from 'tap'
import { day, openRig, type Rig } from '../../gateway/authority/testing/rig.js'
import { ManualClock, sleep, systemClock, type Clock } from '../base/clock.js'
import type { FaultChange, FaultCode } from '../base/fault.js'
import { silentLogger } from '../base/log.js'
import { SeededRandom } from '../base/random.js'
import { enrol } from './enrol.js'
import { identityFile, readIdentity, rootFile, writeIdentity } from './files.js'
import { IdentityKeeper } from './keeper.js'

/** The keeper of an edge before the real listener of a gateway. */

async function eventually(holds: () => boolean): Promise<boolean> {
  const endMs = systemClock.now().monoMs + 10_000
  while (!holds()) {
    if (systemClock.now().monoMs > endMs) return false
    await sleep(systemClock, 'test', 5)
  }
  return true
}

/** Everything that the keeper has begun so far is over: its questions and renewals go one after the other. */
async function settled(keeper: IdentityKeeper): Promise<void> {
  // The first question may have been in line before what is waited for; the second one was not.
  for (const nth of ['first', 'second']) {
    const { asked } = keeper.counters
    keeper.lookInto()
    if (!(await eventually(() => keeper.counters.asked > asked))) throw new Error(`no ${nth} question`)
  }
}

const hour = day / 24

/** Looks and asks once a minute of a clock that the test moves; nothing may be under way while it does. */
function keepByHand(t: Test, rig: Pick<Rig, 'url'>, dataDir: string) {
  const clock = new ManualClock(systemClock.now().wallMs)
  return { clock, ...keep(t, rig, dataDir, clock, { lookEveryMs: 60_000, askEveryMs: 60_000 }) }
}

function keep(
  t: Test,
  rig: Pick<Rig, 'url'>,
  dataDir: string,
  clock: Clock = systemClock,
  bounds = { lookEveryMs: 20, askEveryMs: 50 },
) {
  const faults: FaultChange[] = []
  const keeper = new IdentityKeeper({
    edgeId: 'edge-1',
    dataDir,
    url: rig.url,
    clock,
    random: new SeededRandom(7),
    log: silentLogger,
    onFault: (change) => faults.push(change),
    bounds,
  })
  t.teardown(() => keeper.close())
  const last = (code: FaultCode) => faults.filter((change) => change.code === code).at(-1)
  return { keeper, faults, last, stands: (code: FaultCode) => last(code)?.is === 'raised' }
}

/** An identity that the authority gave so long ago. */
async function given(rig: Rig, dataDir: string, agoMs: number, forMs = 90 * day): Promise<string> {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const spki = publicKey.export({ type: 'spki', format: 'der' })
  const nowMs = systemClock.now().wallMs - agoMs
  const { certificatePem, serial } = await rig.authority.forEdge('edge-1', spki, nowMs, forMs)
  const keyPem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const authorityPem = rig.authority.certificatesPem.join('')
  writeIdentity(dataDir, { edgeId: 'edge-1', keyPem, certificatePem, authorityPem })
  return serial
}

function dirs(t: Test): { gateway: string; box: string } {
  const dir = t.testdir({ gateway: {}, box: {} })
  return { gateway: path.join(dir, 'gateway'), box: path.join(dir, 'box') }
}

function serialIn(dataDir: string): string {
  const read = readIdentity(dataDir)
  return read.ok && read.value ? read.value.serial : ''
}

t.test('a box that is not enrolled runs and says so, and takes its identity up when it comes', async (t) => {
  const { gateway, box } = dirs(t)
  const rig = await openRig(t, gateway)
  const { keeper, stands } = keep(t, rig, box)
  t.equal(keeper.current(), null)
  t.ok(stands('identity.missing'))
  let changes = 0
  keeper.onChanged(() => (changes += 1))
  await enrol({ edgeId: 'edge-1', dataDir: box, url: rig.url, token: await rig.token(), clock: systemClock })
  t.ok(await eventually(() => keeper.current() !== null && !stands('identity.missing')))
  t.equal(changes, 1)
})

t.test(
  'a certificate is renewed after two thirds of its life, with a new key, and stays on the box',
  async (t) => {
    const { gateway, box } = dirs(t)
    const rig = await openRig(t, gateway)
    const old = await given(rig, box, 61 * day)
    const { keeper, faults, clock } = keepByHand(t, rig, box)
    const before = keeper.current()
    t.ok(await eventually(() => keeper.counters.renewals === 1))
    t.not(keeper.current()?.keyPem, before?.keyPem, 'the old key is used no more')
    t.not(serialIn(box), old)
    t.same(faults, [])
    clock.advance(3 * hour)
    await settled(keeper)
    t.equal(rig.enrolment.counters.renewed, 1, 'once is enough')
  },
)

t.test('before that it is left alone, and edges of one day do not all renew in one hour', async (t) => {
  const { gateway, box } = dirs(t)
  const rig = await openRig(t, gateway)
  await given(rig, box, 55 * day)
  const { keeper, clock } = keepByHand(t, rig, box)
  clock.advance(3 * hour)
  await settled(keeper)
  t.equal(keeper.counters.renewals + keeper.counters.failedRenewals, 0)
  const began = [0.01, 0.5, 0.99].map((drawn) => (91 * (2 / 3 - 0.05 * drawn)).toFixed(1))
  t.same(began, ['60.6', '58.4', '56.2'], 'days after the beginning: four days of difference')
})

t.test('a renewal that fails is tried again, and is a fault by the last third of its life', async (t) => {
  const { gateway, box } = dirs(t)
  const rig = await openRig(t, gateway)
  await given(rig, box, 70 * day)
  const { keeper, stands, last } = keep(t, { url: 'https://127.0.0.1:1' }, box)
  t.ok(await eventually(() => stands('identity.expiring')))
  t.match(last('identity.expiring')?.detail, /renewing it fails/)
  t.ok(keeper.current(), 'and the present one stays in force')
  const later = keep(t, rig, box)
  t.ok(await eventually(() => later.keeper.counters.renewals === 1), 'the gateway is back')
  t.notOk(later.stands('identity.expiring'))
})

t.test('a new certificate that does not work never takes the place of one that does', async (t) => {
  const { gateway, box } = dirs(t)
  const rig = await openRig(t, gateway)
  const old = await given(rig, box, 61 * day)
  const judge = rig.enrolment.judge.bind(rig.enrolment)
  // A gateway that gives what it does not take: the one that is in force is the only one it knows.
  rig.enrolment.judge = (certificate) => {
    const peer = judge(certificate)
    return peer.ok && peer.serial !== old ? { ok: false, why: 'foreignCertificate' } : peer
  }
  const { keeper } = keep(t, rig, box)
  t.ok(await eventually(() => keeper.counters.failedRenewals === 1))
  t.equal(serialIn(box), old)
})

t.test('an expired certificate is a fault that names it, and nothing else stops', async (t) => {
  const { gateway, box } = dirs(t)
  const rig = await openRig(t, gateway)
  await given(rig, box, 100 * day)
  const { keeper, stands, last } = keep(t, rig, box)
  t.ok(stands('identity.expired'))
  t.match(last('identity.expired')?.detail, /ended on \d{4}-.*enrol the box anew/)
  t.ok(keeper.current(), 'the gateway may see it otherwise: it is still shown')
  t.ok(await eventually(() => stands('identity.refused')), 'the gateway does not')
  await enrol({ edgeId: 'edge-1', dataDir: box, url: rig.url, token: await rig.token(), clock: systemClock })
  t.ok(await eventually(() => !stands('identity.expired') && !stands('identity.refused')))
})

t.test(
  'a clock that leaps a year ahead makes the certificate look ended until it is set right',
  async (t) => {
    const { gateway, box } = dirs(t)
    const rig = await openRig(t, gateway)
    const serial = await given(rig, box, day)
    const { keeper, clock, stands } = keepByHand(t, rig, box)
    clock.advance(hour)
    t.notOk(stands('identity.expired'))
    clock.jumpWall(365 * day)
    clock.advance(hour)
    t.ok(stands('identity.expired'))
    clock.jumpWall(-365 * day)
    clock.advance(hour)
    t.notOk(stands('identity.expired'))
    await settled(keeper)
    t.equal(serialIn(box), serial)
    t.equal(keeper.counters.renewals, 0, 'and nothing was changed over it')
  },
)

t.test('a revoked edge learns it by name, and is well again with a new token', async (t) => {
  const { gateway, box } = dirs(t)
  const rig = await openRig(t, gateway)
  await enrol({ edgeId: 'edge-1', dataDir: box, url: rig.url, token: await rig.token(), clock: systemClock })
  const { stands, last } = keep(t, rig, box)
  await rig.enrolment.revoke('edge-1', 'wang', 'stolen')
  t.ok(await eventually(() => stands('identity.revoked')))
  t.match(last('identity.revoked')?.detail, /certificateRevoked/)
  await enrol({ edgeId: 'edge-1', dataDir: box, url: rig.url, token: await rig.token(), clock: systemClock })
  t.ok(await eventually(() => !stands('identity.revoked')))
})

t.test(
  'a clock that is wrong is a fault until the gateway answers by it, even where it answers no',
  async (t) => {
    const { gateway, box } = dirs(t)
    const rig = await openRig(t, gateway)
    await given(rig, box, day)
    const shown = async (agoMs: number) => {
      const { keyPem, chainPem } = await rig.authority.forServer(
        ['127.0.0.1'],
        systemClock.now().wallMs - agoMs,
      )
      return { key: keyPem, cert: chainPem }
    }
    const refusal = JSON.stringify({ error: 'certificateRevoked', message: 'it was revoked' })
    const server = createServer(await shown(20 * 365 * day), (_request, response) =>
      response.writeHead(403).end(refusal),
    )
    server.on('tlsClientError', () => undefined)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    t.teardown(() => server.close())
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
    const { stands } = keep(t, { url }, box)
    t.ok(await eventually(() => stands('identity.clock')))
    server.setSecureContext(await shown(0))
    t.ok(await eventually(() => stands('identity.revoked')))
    t.notOk(stands('identity.clock'))
  },
)

t.test(
  'an identity that others may read, of another edge, or torn is not taken, and the fault says why',
  async (t) => {
    const { gateway, box } = dirs(t)
    const rig = await openRig(t, gateway)
    await given(rig, box, day)
    const file = identityFile(box)
    chmodSync(file, 0o644)
    const open = keep(t, rig, box)
    t.match(open.last('identity.missing')?.detail, /chmod 600/)
    t.equal(open.keeper.current(), null)
    chmodSync(file, 0o600)
    writeFileSync(file, '{"v":1,"edgeId":"edge-1","keyPem":"-----BEGIN ')
    t.match(keep(t, rig, box).last('identity.missing')?.detail, /holds no identity/)
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const spki = publicKey.export({ type: 'spki', format: 'der' })
    const { certificatePem } = await rig.authority.forEdge('edge-2', spki, systemClock.now().wallMs, day)
    const keyPem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
    const authorityPem = rig.authority.certificatesPem.join('')
    writeIdentity(box, { edgeId: 'edge-2', keyPem, certificatePem, authorityPem })
    t.match(keep(t, rig, box).last('identity.missing')?.detail, /that of edge-2/)
  },
)

t.test('what the fault says to do is seen when it is done, without a restart', async (t) => {
  const { gateway, box } = dirs(t)
  const rig = await openRig(t, gateway)
  const { keeper, stands, last } = keep(t, rig, box)
  t.match(last('identity.missing')?.detail, /not enrolled/)
  await given(rig, box, day)
  t.ok(await eventually(() => !stands('identity.missing')))
  chmodSync(identityFile(box), 0o644)
  t.ok(await eventually(() => /chmod 600/.test(last('identity.missing')?.detail ?? '')))
  t.ok(keeper.current(), 'the one that was read before serves on')
  chmodSync(identityFile(box), 0o600)
  t.ok(await eventually(() => !stands('identity.missing')))
})

t.test('a box that waits to be enrolled says so once, however often it looks', (t) => {
  const { box } = dirs(t)
  const clock = new ManualClock()
  const { faults, stands } = keep(t, { url: 'https://127.0.0.1:1' }, box, clock)
  clock.advance(10_000)
  t.equal(faults.length, 1, 'each word more would be a row of the journal')
  t.ok(stands('identity.missing'))
  t.end()
})

t.test('an identity whose key or authority was spoilt is a fault, and no end of the daemon', async (t) => {
  const { gateway, box } = dirs(t)
  const rig = await openRig(t, gateway)
  await given(rig, box, day)
  const whole = readFileSync(identityFile(box), 'utf8')
  await given(rig, box, day)
  const parse = (text: string) => JSON.parse(text) as Record<'keyPem' | 'authorityPem', string>
  const other = parse(readFileSync(identityFile(box), 'utf8'))
  const noKey = '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n'
  const noAuthority = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'
  for (const spoilt of [{ keyPem: other.keyPem }, { keyPem: noKey }, { authorityPem: noAuthority }]) {
    writeFileSync(identityFile(box), JSON.stringify({ ...parse(whole), ...spoilt }))
    const { keeper, last } = keep(t, rig, box)
    t.match(last('identity.missing')?.detail, /holds no identity.*lanekeeper enroll/)
    t.equal(keeper.current(), null)
  }
})

t.test(
  'an edge that was enrolled before lists were signed gets the root with its next certificate, and no other in its place',
  async (t) => {
    const { gateway, box } = dirs(t)
    const first = Buffer.from('{"signed":{"version":1}}\n')
    const rig = await openRig(t, gateway, { root: first })
    await given(rig, box, 61 * day)
    const { keeper } = keep(t, rig, box)
    t.equal(keeper.rootFile, rootFile(box))
    t.ok(await eventually(() => keeper.counters.renewals === 1))
    t.same(readFileSync(rootFile(box)), first, 'byte for byte')
    await keeper.close()
    await given(rig, box, 61 * day)
    writeFileSync(rootFile(box), 'the one that a person brought')
    const again = keep(t, rig, box)
    t.ok(await eventually(() => again.keeper.counters.renewals === 1))
    t.equal(readFileSync(rootFile(box), 'utf8'), 'the one that a person brought')
  },
)
