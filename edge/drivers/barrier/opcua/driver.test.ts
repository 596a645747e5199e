import { copyFileSync, statSync } from 'node:fs'
import t from 'tap'
import { PlcLane } from '../../../../simulators/plc/model.js'
import { startPlcServer, type PlcServer } from '../../../../simulators/plc/server.js'
import { systemClock } from '../../../base/clock.js'
import { ownCertificate, type OwnCertificate } from '../index.js'
import { eventually, openerFor, type Settings } from './testing/bench.js'

/** Real OPC UA on loopback throughout: the server is the PLC simulator, the time is the machine's. */
const dir = t.testdir()
const edgePki = `${dir}/edge`
const nowMs = () => systemClock.now().monoMs

interface Plc {
  readonly server: PlcServer
  readonly lanes: readonly PlcLane[]
  readonly settings: Settings
}

let own: OwnCertificate
let plc: Plc
let lane: PlcLane

async function startPlc(
  name: string,
  more: { samplingMs?: number; trusted?: readonly string[] } = {},
): Promise<Plc> {
  const lanes = ['lane-1', 'lane-2'].map(
    (id) =>
      new PlcLane({
        ...{ id, bootId: 'boot-1', nowMs: nowMs(), sprayer: id === 'lane-1' },
        settings: { hasBattery: id === 'lane-1' },
      }),
  )
  const server = await startPlcServer({
    lanes,
    port: 0,
    pkiDir: `${dir}/${name}`,
    trustedCertificateFiles: more.trusted ?? [own.certificateFile],
    ...(more.samplingMs !== undefined && { samplingMs: more.samplingMs }),
  })
  const settings = {
    endpoint: server.endpoint,
    serverCertificateFile: server.serverCertificateFile,
    pkiDir: edgePki,
  }
  return { server, lanes, settings }
}

t.before(async () => {
  own = await ownCertificate(edgePki, systemClock.now().wallMs)
  plc = await startPlc('plc')
  lane = plc.lanes[0] as PlcLane
})
t.teardown(() => plc.server.stop())

t.test('the key of the edge is readable by nobody else', (t) => {
  t.equal(statSync(own.privateKeyFile).mode & 0o077, 0)
  t.equal(statSync(own.certificateFile).mode & 0o077, 0)
  t.end()
})

t.test('a raise moves the bar, and everything that happens comes back as signals', async (t) => {
  const heard = openerFor(plc.settings).open('lane-1')
  t.teardown(() => heard.barrier.close())
  await heard.untilKnown()
  t.match(heard.now, { entryLoop: 'clear', exitLoop: 'clear', barrier: 'lowered', acceptedCount: 0 })
  t.same(heard.standing, [])
  t.match(heard.faults[0], { is: 'cleared', code: 'barrier.disconnected', source: 'lane-1' })

  lane.advance(nowMs(), { entryOccupied: true, exitOccupied: false, zoneOccupied: false })
  await heard.until('the loop is occupied', () => heard.now.entryLoop === 'occupied')
  t.equal(heard.now.entryCount, 1)
  t.match(await heard.barrier.raise({ commandId: 'r1', leaseTicks: 20 }), { is: 'sent' })
  t.equal(lane.truth.accepted.at(-1)?.commandId, 'r1')
  await heard.until('the raise is confirmed', () => heard.now.acceptedCommandId === 'r1')
  await heard.until('the bar is up', () => heard.now.barrier === 'raised')
  t.ok(heard.signals.some((signals) => signals.barrier === 'moving'))
  t.notOk(
    heard.signals.slice(1).some((signals) => signals.barrier === 'unknown'),
    'no image contradicts itself on the way',
  )
  t.match(await heard.barrier.raise({ commandId: 'r1', leaseTicks: 20 }), { is: 'sent' })
  await heard.until('the second use is refused', () => heard.now.refusedWhy === 'used')
  t.equal(lane.truth.acceptedTotal, 1)
  lane.advance(nowMs(), { entryOccupied: false, exitOccupied: true, zoneOccupied: true })
  await heard.until('below the bar', () => heard.now.exitLoop === 'occupied')
  lane.advance(nowMs(), { entryOccupied: false, exitOccupied: false, zoneOccupied: false })
  await heard.until('the bar is down', () => heard.now.barrier === 'lowered')
  t.equal(lane.truth.loweredOnVehicle, 0)

  t.match(await heard.barrier.raise({ commandId: 'a;b', leaseTicks: 20 }), { is: 'notSent' })
  t.match(await heard.barrier.raise({ commandId: 'r2', leaseTicks: 500 }), { is: 'sent' })
  await heard.until('too long a lease is refused', () => heard.now.refusedWhy === 'tooFarAhead')
})

t.test(
  'a lane tells that it runs on its battery, and never that it does not where nobody knows',
  async (t) => {
    const opener = openerFor(plc.settings)
    const heard = opener.open('lane-1', { battery: {}, sprayer: {} })
    const silent = opener.open('lane-2')
    t.teardown(() => Promise.all([heard.barrier.close(), silent.barrier.close()]))
    await Promise.all([heard.untilKnown(), silent.untilKnown()])
    t.notOk('onBattery' in silent.now, 'nothing is configured')
    t.match(heard.now, { onBattery: false, sprayer: { state: 'ready' }, barrier: 'lowered' })
    lane.fail({ mainsOut: true })
    await heard.until('the mains are gone', () => heard.now.onBattery === true)
    plc.server.setBadQuality('lane-1', ['OnBattery'])
    await heard.until('nobody knows', () => heard.now.onBattery === 'unknown')
    plc.server.setBadQuality('lane-1', [])
    lane.fail({ mainsOut: false })
    await heard.until('the mains are back', () => heard.now.onBattery === false)
    t.same(heard.standing, [])
  },
)

t.test('a spray is one write bound to boot and lease, and its end comes back as signals', async (t) => {
  const dry = openerFor(plc.settings).open('lane-2')
  const heard = openerFor(plc.settings).open('lane-1', { sprayer: {} })
  t.teardown(() => Promise.all([dry.barrier.close(), heard.barrier.close()]))
  t.equal(dry.barrier.spray, undefined, 'no sprayer is configured')
  await Promise.all([heard.untilKnown(), dry.untilKnown()])
  t.equal(dry.now.sprayer, undefined)
  t.match(heard.now.sprayer, { state: 'ready', peopleClear: true, acceptedCommandId: null })
  const spray = (commandId: string, minSeconds = 1) =>
    heard.barrier.spray?.({ commandId, leaseTicks: 20, minSeconds }) ??
    Promise.reject(new Error('no sprayer'))

  t.match(await spray('s0'), { is: 'sent' })
  await heard.until('nobody stands there', () => heard.now.sprayer?.refusedWhy === 'noVehicle')
  lane.advance(nowMs(), { entryOccupied: true, exitOccupied: false, zoneOccupied: false })
  t.match(await spray('s1'), { is: 'sent' })
  await heard.until('it sprays', () => heard.now.sprayer?.state === 'running')
  await heard.until('it is done', () => heard.now.sprayer?.doneCommandId === 's1')
  t.match(heard.now.sprayer, { state: 'done', failedCommandId: null, sprayedSeconds: 1 })
  t.match(await spray('s1'), { is: 'sent' })
  await heard.until('the second use is refused', () => heard.now.sprayer?.refusedWhy === 'used')
  t.same(lane.truth.spray.accepted, ['s1'])
  t.match(await spray('s;2'), { is: 'notSent' })
  t.match(await spray('s2', 0.5), { is: 'notSent' })

  t.match(await spray('s3', 30), { is: 'sent' })
  await heard.until('it sprays again', () => heard.now.sprayer?.state === 'running')
  lane.people(true, nowMs())
  await heard.until('it has stopped', () => heard.now.sprayer?.failedCommandId === 's3')
  t.match(heard.now.sprayer, { state: 'ready', peopleClear: false, failedWhy: 'people' })
  t.equal(lane.truth.spray.sprayedOnPeople, 0)
  lane.people(false, nowMs())
  plc.server.setBadQuality('lane-1', ['PeopleClear', 'SprayerFailed'])
  await heard.until('nobody can tell', () => heard.now.sprayer?.peopleClear === 'unknown')
  t.equal(heard.now.sprayer?.state, 'unknown')
  plc.server.setBadQuality('lane-1', [])
  await heard.until('it can be told again', () => heard.now.sprayer?.peopleClear === true)
  lane.advance(nowMs(), { entryOccupied: false, exitOccupied: false, zoneOccupied: false })
})

t.test('lanes of one PLC share one connection, and it lasts as long as one of them', async (t) => {
  await eventually('all sessions are over', () => plc.server.sessionCount === 0)
  const opener = openerFor(plc.settings)
  const [first, second] = [opener.open('lane-1'), opener.open('lane-2')]
  await Promise.all([first.untilKnown(), second.untilKnown()])
  t.equal(plc.server.sessionCount, 1)
  plc.lanes[1]?.advance(nowMs(), { entryOccupied: true, exitOccupied: false, zoneOccupied: false })
  await second.until('lane 2 sees its loop', () => second.now.entryLoop === 'occupied')
  t.equal(first.now.entryLoop, 'clear')
  await first.barrier.close()
  t.match(await first.barrier.raise({ commandId: 'late', leaseTicks: 20 }), { is: 'notSent' })
  plc.lanes[1]?.advance(nowMs(), { entryOccupied: false, exitOccupied: false, zoneOccupied: false })
  await second.until('lane 2 goes on', () => second.now.entryLoop === 'clear')
  const again = opener.open('lane-1')
  await again.untilKnown()
  t.equal(plc.server.sessionCount, 1, 'a lane that comes later joins in')
  await Promise.all([again.barrier.close(), second.barrier.close()])
  await eventually('the PLC is left politely', () => plc.server.sessionCount === 0)
})

t.test(
  'of a sprayer whose PLC is away nothing is known; it is not taken for a lane without one',
  async (t) => {
    const alone = await startPlc('plc-away')
    const heard = openerFor(alone.settings).open('lane-1', { sprayer: {} })
    t.teardown(() => heard.barrier.close())
    await heard.untilKnown()
    await alone.server.stop()
    await heard.until('nothing is known', () => heard.now.plcBootId === null)
    t.match(heard.now.sprayer, { state: 'unknown', peopleClear: 'unknown', acceptedCommandId: null })
    t.match(await heard.barrier.spray?.({ commandId: 's', leaseTicks: 20, minSeconds: 1 }), { is: 'notSent' })
  },
)

t.test('a value of bad quality is unknown, and only that value', async (t) => {
  const heard = openerFor(plc.settings).open('lane-1')
  t.teardown(() => heard.barrier.close())
  await heard.untilKnown()
  plc.server.setBadQuality('lane-1', ['EntryLoop', 'EntryCount'])
  await heard.until('the loop is unknown', () => heard.now.entryLoop === 'unknown')
  t.match(heard.now, { entryLoop: 'unknown', entryCount: null, exitLoop: 'clear', barrier: 'lowered' })
  plc.server.setBadQuality('lane-1', ['Moving'])
  await heard.until(
    'the bar is unknown',
    () => heard.now.barrier === 'unknown' && heard.now.entryLoop === 'clear',
  )
  plc.server.setBadQuality('lane-1', [])
  await heard.until('all is known again', () => heard.now.barrier === 'lowered')
  t.same(heard.standing, [])
})

t.test('of what the driver is shown the newest wins, and a PLC that restarts shows it again', async (t) => {
  const heard = openerFor(plc.settings).open('lane-1')
  t.teardown(() => heard.barrier.close())
  heard.barrier.guide({ light: 'red', text: 'before the connection', voice: 1 })
  await heard.untilKnown()
  await eventually('shown after connecting', () => lane.image().ledText === 'before the connection')
  for (let n = 0; n <= 200; n += 1)
    heard.barrier.guide({ light: n % 2 ? 'red' : 'green', text: `第${n}条`, voice: n })
  await eventually('the newest stands', () => lane.image().ledText === '第200条')
  t.match(lane.image(), { lightGreen: true, lightRed: false, voicePrompt: 200 })
  await plc.server.restart()
  await eventually('the new PLC shows it', () => lane.image().ledText === '第200条')
  t.match(lane.image(), { lightGreen: true, lightRed: false, voicePrompt: 200 })
})

t.test('a raise while the PLC is away is not sent, and nothing of it happens later', async (t) => {
  const heard = openerFor(plc.settings).open('lane-1')
  t.teardown(() => heard.barrier.close())
  await heard.untilKnown()
  const accepted = lane.truth.acceptedTotal
  const refused = lane.truth.refusedTotal
  const lastBoot = heard.now.plcBootId
  await plc.server.stop()
  t.match(await heard.barrier.raise({ commandId: 'while-away-1', leaseTicks: 100 }), { is: 'notSent' })
  await heard.until('the lane is unknown', () => heard.now.plcBootId === null)
  t.same(heard.now.entryLoop, 'unknown')
  t.same(heard.standing, ['barrier.disconnected'])
  t.match(await heard.barrier.raise({ commandId: 'while-away-2', leaseTicks: 100 }), { is: 'notSent' })
  await plc.server.restart()
  const backAtMs = nowMs()
  await heard.untilKnown(5_000)
  t.comment(`known again ${Math.round(nowMs() - backAtMs)} ms after the PLC was back`)
  t.not(heard.now.plcBootId, lastBoot)
  t.same(heard.standing, [])
  t.match(
    heard.faults.filter((change) => change.code === 'plc.restarted').map((change) => change.is),
    ['raised', 'cleared'],
  )
  t.match(await heard.barrier.raise({ commandId: 'now', leaseTicks: 20 }), { is: 'sent' })
  await heard.until('the raise is confirmed', () => heard.now.acceptedCommandId === 'now')
  t.equal(lane.truth.acceptedTotal, accepted + 1)
  t.equal(lane.truth.refusedTotal, refused, 'not even an attempt came late')
})

t.test('a PLC whose heartbeat stands still is not believed, though it answers', async (t) => {
  const heard = openerFor(plc.settings).open('lane-1')
  t.teardown(() => heard.barrier.close())
  await heard.untilKnown()
  const accepted = lane.truth.acceptedTotal
  const frozenAtMs = nowMs()
  for (const one of plc.lanes) one.fail({ tickFrozen: true })
  await heard.until('the lane is unknown', () => heard.now.plcBootId === null)
  const afterMs = nowMs() - frozenAtMs
  t.comment(`unknown after ${Math.round(afterMs)} ms`)
  t.ok(afterMs >= 900, 'a short pause is no reason')
  t.same(heard.standing, ['barrier.disconnected'])
  t.match(heard.detailOf('barrier.disconnected'), /has not moved/)
  t.match(await heard.barrier.raise({ commandId: 'frozen', leaseTicks: 20 }), { is: 'notSent' })
  for (const one of plc.lanes) one.mend()
  await heard.untilKnown()
  t.same(heard.standing, [])
  t.equal(lane.truth.acceptedTotal, accepted)
})

t.test('a PLC that cannot see our heartbeat raises a fault that says where to look', async (t) => {
  const opener = openerFor({ ...plc.settings, plcNodes: { edgeHeartbeat: 'ns=1;s=lane-1.VoicePrompt' } })
  const heard = opener.open('lane-1')
  t.teardown(() => heard.barrier.close())
  await heard.until('the fault stands', () => heard.standing.includes('plc.watchdog'))
  t.match(heard.detailOf('plc.watchdog'), /edgeHeartbeat/)
  t.equal(heard.now.watchdogTripped, true)
  t.match(await heard.barrier.raise({ commandId: 'unwatched', leaseTicks: 20 }), { is: 'sent' })
  await heard.until('the PLC refuses', () => heard.now.refusedWhy === 'watchdog')
})

t.test('a node that one lane does not have is named, and does not trouble the other lane', async (t) => {
  const opener = openerFor(plc.settings)
  const good = opener.open('lane-2')
  const bad = opener.open('lane-1', { nodes: { exitLoop: 'ns=1;s=nowhere' } })
  t.teardown(() => Promise.all([good.barrier.close(), bad.barrier.close()]))
  await good.untilKnown()
  await bad.until('the fault stands', () => bad.standing.includes('barrier.disconnected'))
  t.match(bad.detailOf('barrier.disconnected'), /ns=1;s=nowhere.*check the prefixes/)
  t.match(await bad.barrier.raise({ commandId: 'blind', leaseTicks: 20 }), { is: 'notSent' })
  t.same(good.standing, [])
  t.match(await good.barrier.raise({ commandId: 'seeing', leaseTicks: 20 }), { is: 'sent' })
})

t.test('a PLC with another certificate than the pinned one is refused until somebody pins it', async (t) => {
  const pinned = `${dir}/pinned.pem`
  copyFileSync(own.certificateFile, pinned)
  await eventually('all sessions are over', () => plc.server.sessionCount === 0)
  const heard = openerFor({ ...plc.settings, serverCertificateFile: pinned }).open('lane-1')
  t.teardown(() => heard.barrier.close())
  await heard.until('the fault stands', () => heard.standing.includes('barrier.disconnected'))
  t.match(heard.detailOf('barrier.disconnected'), /another certificate.*copy it to .*pinned\.pem/)
  t.equal(heard.now.plcBootId, null)
  t.equal(plc.server.sessionCount, 0)
  copyFileSync(plc.server.serverCertificateFile, pinned)
  await heard.untilKnown()
  t.same(heard.standing, [])

  const missing = openerFor({ ...plc.settings, serverCertificateFile: `${dir}/none.pem` }).open('lane-1')
  t.teardown(() => missing.barrier.close())
  await missing.until('the fault stands', () => missing.standing.includes('barrier.disconnected'))
  t.match(missing.detailOf('barrier.disconnected'), /cannot be read from .*none\.pem/)
})

t.test('a PLC that tells changes too slowly is polled, and says so', async (t) => {
  await plc.server.stop()
  plc = await startPlc('slow-plc', { samplingMs: 5_000 })
  lane = plc.lanes[0] as PlcLane
  const heard = openerFor(plc.settings).open('lane-1')
  t.teardown(() => heard.barrier.close())
  await heard.until('the fault stands', () => heard.standing.includes('barrier.signalsSlow'))
  t.match(heard.detailOf('barrier.signalsSlow'), /5000 ms/)
  await heard.untilKnown()
  // Each change is held only as long as a loop would be occupied by a fast vehicle.
  for (let n = 1; n <= 5; n += 1) {
    const entryOccupied = n % 2 === 1
    const changedAtMs = nowMs()
    lane.advance(changedAtMs, { entryOccupied, exitOccupied: false, zoneOccupied: false })
    await heard.until(`change ${n} is seen`, () => (heard.now.entryLoop === 'occupied') === entryOccupied)
    t.ok(nowMs() - changedAtMs < 4_000, `change ${n} is seen long before the next sample`)
  }
})

t.test('a PLC that does not trust us is named as the one to be mended', async (t) => {
  await plc.server.stop()
  plc = await startPlc('strict-plc', { trusted: [] })
  const heard = openerFor(plc.settings).open('lane-1')
  t.teardown(() => heard.barrier.close())
  await heard.until('the fault stands', () => heard.standing.includes('barrier.disconnected'))
  t.match(heard.detailOf('barrier.disconnected'), /refuses us.*trusts .*certificate\.pem/)
  t.equal(plc.server.sessionCount, 0)
})
