import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import type { MessageSecurityMode as Mode, SecurityPolicy as Policy } from 'node-opcua'
import {
  AttributeIds,
  InMemoryCertificateStore,
  MessageSecurityMode,
  OPCUACertificateManager,
  OPCUAClient,
  SecurityPolicy,
} from './library.js'
import t from 'tap'
import { parseCommand, parseProcessConfig } from './commands.js'
import { PlcLane } from './model.js'
import { startPlcServer } from './server.js'
import { PlcProcess, truthIn } from './testing/plc-process.js'

const dir = t.testdir()

/** A stranger: somebody with a certificate of his own, made a moment ago. */
async function stranger(name: string) {
  const rootFolder = path.join(dir, name)
  const manager = new OPCUACertificateManager({
    rootFolder,
    automaticallyAcceptUnknownCertificate: true,
    disableFileWatchers: true,
  })
  await manager.initialize()
  const certificateFile = path.join(rootFolder, 'own', 'certs', 'certificate.pem')
  await manager.createSelfSignedCertificate({
    applicationUri: 'urn:test:stranger',
    dns: ['localhost'],
    outputFile: certificateFile,
    subject: '/CN=stranger',
    startDate: new Date(Date.now() - 86_400_000),
    validity: 10,
  })
  await manager.dispose()
  return { certificateFile, privateKeyFile: manager.privateKey }
}

async function tryToWrite(
  endpoint: string,
  who: { certificateFile: string; privateKeyFile: string },
  securityMode: Mode,
  securityPolicy: Policy,
): Promise<string> {
  const client = OPCUAClient.create({
    applicationUri: 'urn:test:stranger',
    ...who,
    clientCertificateManager: new InMemoryCertificateStore({ autoAcceptUnknown: true }),
    securityMode,
    securityPolicy,
    connectionStrategy: { maxRetry: 0 },
    endpointMustExist: false,
  })
  try {
    await client.connect(endpoint)
    const session = await client.createSession()
    const value = { value: { dataType: 'String', value: 'raise;thief;boot-1;5' } }
    const code = await session.write({
      nodeId: 'ns=1;s=lane-1.CommandRequest',
      attributeId: AttributeIds.Value,
      value,
    })
    await session.close()
    return code.name
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  } finally {
    await client.disconnect()
  }
}

t.test('nobody but a trusted certificate gets as far as writing, with or without encryption', async (t) => {
  const [friend, thief] = await Promise.all([stranger('friend'), stranger('thief')])
  const lane = new PlcLane({ id: 'lane-1', bootId: 'boot-1', nowMs: performance.now() })
  const server = await startPlcServer({
    lanes: [lane],
    port: 0,
    pkiDir: `${dir}/plc`,
    trustedCertificateFiles: [friend.certificateFile],
    tickMs: 100,
  })
  t.teardown(() => server.stop())
  t.equal(statSync(path.join(dir, 'plc', 'own', 'private', 'private_key.pem')).mode & 0o077, 0)
  const { None, SignAndEncrypt, Sign } = MessageSecurityMode
  const { Basic256Sha256, Aes128_Sha256_RsaOaep } = SecurityPolicy
  const { endpoint } = server
  t.not(await tryToWrite(endpoint, thief, SignAndEncrypt, Basic256Sha256), 'Good', 'an unknown certificate')
  t.not(await tryToWrite(endpoint, friend, None, SecurityPolicy.None), 'Good', 'no security at all')
  t.not(await tryToWrite(endpoint, friend, Sign, Basic256Sha256), 'Good', 'signed but readable')
  t.not(await tryToWrite(endpoint, friend, SignAndEncrypt, Aes128_Sha256_RsaOaep), 'Good', 'another policy')
  t.equal(lane.truth.acceptedTotal + lane.truth.refusedTotal, 0, 'no word of it reached the program')
  t.equal(await tryToWrite(endpoint, friend, SignAndEncrypt, Basic256Sha256), 'Good', 'the trusted one')
  t.equal(lane.truth.refusedTotal, 1, 'and the program judged it')
  t.ok(readdirSync(path.join(dir, 'plc', 'rejected')).length > 0, 'who was refused is kept for people to see')
})

t.test('lanes that do not belong to one PLC are not put into one', async (t) => {
  const lanes = ['a', 'b'].map((bootId) => new PlcLane({ id: `lane-${bootId}`, bootId }))
  await t.rejects(startPlcServer({ lanes, port: 0, pkiDir: `${dir}/x` }), /one boot id/)
  await t.rejects(startPlcServer({ lanes: [], port: 0, pkiDir: `${dir}/x` }), /at least one lane/)
  const [lane] = lanes as [PlcLane]
  await t.rejects(
    startPlcServer({ lanes: [lane], port: 0, pkiDir: `${dir}/x`, tickMs: 50 }),
    /ticks of the PLC/,
  )
})

t.test('settings and commands are checked, and say what is wrong with them', (t) => {
  t.match(parseProcessConfig({ lanes: [{ id: 'lane-1' }], pkiDir: 'p' }), {
    ok: true,
    value: { port: 0, tickMs: 100, stdin: 'commands', lanes: [{ armAngle: 0 }] },
  })
  t.match(parseProcessConfig({ lanes: [], port: -1 }), {
    ok: false,
    problems: [{ path: 'lanes' }, { path: 'port' }, { path: 'pkiDir' }],
  })
  t.match(parseCommand('{"lane":"lane-1","fail":{"stuckAt":45}}'), {
    ok: true,
    value: { fail: { stuckAt: 45 } },
  })
  t.match(parseCommand('{"lane":"lane-1","fail":{"stuckAt":95}}'), { ok: false })
  t.match(parseCommand('raise!'), { ok: false, problems: [{ message: /no JSON/ }] })
  t.end()
})

t.test(
  'as a process it obeys lines, keeps its truth when killed, and leaves when nobody talks to it',
  async (t) => {
    const truthFile = `${dir}/truth.jsonl`
    const config = { lanes: [{ id: 'lane-1' }], pkiDir: `${dir}/process`, truthFile }
    const first = await PlcProcess.start(config)
    t.ok(existsSync(first.serverCertificateFile))
    const seen = async (is: string, count: number) => {
      for (
        let n = 0;
        n < 1_000 && truthIn(truthFile).filter((entry) => entry.is === is).length < count;
        n += 1
      )
        await new Promise((resolve) => setTimeout(resolve, 5))
      t.equal(truthIn(truthFile).filter((entry) => entry.is === is).length, count, `${count} times ${is}`)
    }
    first.send('nonsense')
    first.send({ lane: 'lane-9', mend: true })
    first.send({ lane: 'lane-1', sensed: { entryOccupied: false, exitOccupied: true, zoneOccupied: true } })
    await seen('enteredZone', 1)
    t.match(first.said, [{ ready: {} }, { ignored: /no JSON/ }, { ignored: /no lane "lane-9"/ }])
    await first.end('SIGKILL')
    const second = await PlcProcess.start({ ...config, lanes: [{ id: 'lane-1', armAngle: 40 }] })
    await seen('started', 2)
    t.equal(truthIn(truthFile).findLast((entry) => entry.is === 'started')?.armDegrees, 40)
    t.equal(await second.end('stdin'), 0)
    await seen('poweredOff', 1)

    const wrong = spawnSync(process.execPath, ['dist/simulators/plc/main.js', '{"lanes":[]}'], {
      env: { PATH: process.env.PATH ?? '' },
      encoding: 'utf8',
    })
    t.equal(wrong.status, 2)
    t.match(wrong.stderr, /pkiDir/)
  },
)
