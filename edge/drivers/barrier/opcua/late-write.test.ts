import t from 'tap'
import { PlcProcess, truthIn } from '../../../../simulators/plc/testing/plc-process.js'
import { systemClock } from '../../../base/clock.js'
import { silentLogger } from '../../../base/log.js'
import { ownCertificate } from '../index.js'
import { connectTo } from './connect.js'
import type { PlcSession } from './session.js'
import { eventually, openerFor } from './testing/bench.js'

/**
 * The trap: a write that waits somewhere (in the library, in a socket, in a PLC that stands
 * still) and is carried out when nobody expects it any more. The PLC is a process of its own here,
 * so that it can be frozen and killed like a real one.
 */
const dir = t.testdir()
const truthFile = `${dir}/truth.jsonl`
const edgePki = `${dir}/edge`
const nowMs = () => systemClock.now().monoMs
const accepted = () => truthIn(truthFile).filter((entry) => entry.is === 'accepted')

let plc: PlcProcess
const startPlc = async (port: number) => {
  const own = await ownCertificate(edgePki, systemClock.now().wallMs)
  return PlcProcess.start({
    lanes: [{ id: 'lane-1' }],
    port,
    pkiDir: `${dir}/plc`,
    trustedCertificateFiles: [own.certificateFile],
    truthFile,
  })
}
const settings = () => ({
  endpoint: plc.endpoint,
  serverCertificateFile: plc.serverCertificateFile,
  pkiDir: edgePki,
})

t.before(async () => {
  plc = await startPlc(0)
})
t.teardown(() => plc.end('SIGKILL'))

t.test('a raise asked of a frozen PLC is unknown in time, and refused when the PLC wakes', async (t) => {
  const heard = openerFor(settings()).open('lane-1')
  t.teardown(() => heard.barrier.close())
  await heard.untilKnown()
  plc.signal('SIGSTOP')
  const askedAtMs = nowMs()
  const outcome = await heard.barrier.raise({ commandId: 'frozen-1', leaseTicks: 20 })
  t.match(outcome, { is: 'unknown' })
  t.ok(nowMs() - askedAtMs < 2_000, 'the answer came while the PLC still stood')
  await heard.until('the lane is unknown', () => heard.now.plcBootId === null)
  t.match(await heard.barrier.raise({ commandId: 'frozen-2', leaseTicks: 20 }), { is: 'notSent' })
  await eventually('the lease has run out', () => nowMs() - askedAtMs > 2_500)
  plc.signal('SIGCONT')
  await heard.untilKnown()
  t.same(accepted(), [])
  t.match(await heard.barrier.raise({ commandId: 'awake', leaseTicks: 20 }), { is: 'sent' })
  await heard.until('the raise is confirmed', () => heard.now.acceptedCommandId === 'awake')
  t.same(
    accepted().map((entry) => entry.commandId),
    ['awake'],
  )
})

t.test('a write that does wait in the wire arrives late, and the lease makes it harmless', async (t) => {
  // With patience this long nothing cuts the connection while the PLC is frozen: the write stays in its socket.
  const patient = { raiseWithinMs: 5_000, tickSilentMs: 10_000 }
  const heard = openerFor({ ...settings(), ...patient }).open('lane-1')
  t.teardown(() => heard.barrier.close())
  await heard.untilKnown()
  const before = accepted().length
  plc.signal('SIGSTOP')
  const askedAtMs = nowMs()
  const outcome = heard.barrier.raise({ commandId: 'patient', leaseTicks: 10 })
  await eventually('the lease has run out', () => nowMs() - askedAtMs > 2_000)
  plc.signal('SIGCONT')
  t.match(await outcome, { is: 'sent' }, 'it was carried to the PLC, two seconds late')
  await heard.until('the PLC says what it made of it', () => heard.now.refusedCommandId === 'patient')
  t.equal(heard.now.refusedWhy, 'expired')
  t.equal(accepted().length, before)
})

t.test('a raise asked while the PLC is killed never happens on the PLC that comes after it', async (t) => {
  const heard = openerFor(settings()).open('lane-1')
  t.teardown(() => heard.barrier.close())
  await heard.untilKnown()
  const before = accepted().length
  const { port } = plc
  const killed = plc.end('SIGKILL')
  const outcomes = await Promise.all(
    Array.from({ length: 20 }, (_, n) => heard.barrier.raise({ commandId: `killed-${n}`, leaseTicks: 100 })),
  )
  t.notOk(
    outcomes.some((outcome) => outcome.is === 'sent'),
    outcomes.map((outcome) => outcome.is).join(' '),
  )
  await killed
  for (let n = 0; n < 5; n += 1)
    t.match(await heard.barrier.raise({ commandId: `dead-${n}`, leaseTicks: 100 }), { is: 'notSent' })
  plc = await startPlc(port)
  await heard.untilKnown()
  t.equal(accepted().length, before)
  t.match(await heard.barrier.raise({ commandId: 'fresh', leaseTicks: 20 }), { is: 'sent' })
  await heard.until('the raise is confirmed', () => heard.now.acceptedCommandId === 'fresh')
  t.same(
    accepted().map((entry) => entry.commandId),
    [...new Set(accepted().map((entry) => entry.commandId))],
    'nothing was accepted twice',
  )
})

const toPlc = () =>
  connectTo(
    { ...settings(), policy: 'Basic256Sha256', samplingMs: 20, connectWithinMs: 3_000 },
    { clock: systemClock, log: silentLogger },
  )

t.test(
  'a connection that is cut while the PLC tells something leaves nothing that goes on by itself',
  async () => {
    const connect = toPlc()
    const timers = () => process.getActiveResourcesInfo().filter((one) => one === 'Timeout').length
    const before = timers()
    for (let n = 0; n < 4; n += 1) {
      const session = await connect(new AbortController().signal)
      await new Promise<void>((resolve, reject) => {
        const told = () => {
          session.drop()
          resolve()
        }
        session.watch(['ns=1;s=lane-1.EntryLoop'], told).catch(reject)
      })
    }
    await eventually('no timer is left of it', () => timers() <= before)
  },
)

t.test(
  'a write that waits when the connection is cut reaches neither that PLC nor the next one',
  async (t) => {
    const connect = toPlc()
    const nodeId = 'ns=1;s=lane-1.CommandRequest'
    // A lease without end: whatever arrives shows, taken or refused.
    const ask = (session: PlcSession, commandId: string) =>
      session.write([{ nodeId, value: `raise;${commandId};any-boot;4000000000` }]).then(
        () => 'answered',
        () => 'failed',
      )
    const arrived = () =>
      truthIn(truthFile).flatMap((entry) =>
        'commandId' in entry && entry.commandId?.startsWith('cut-') ? [entry.commandId] : [],
      )
    const first = await connect(new AbortController().signal)
    t.equal(await ask(first, 'cut-not'), 'answered')
    await eventually('what arrives shows', () => arrived().length > 0)

    plc.signal('SIGSTOP')
    first.drop()
    const afterCut = Array.from({ length: 10 }, (_, n) => ask(first, `cut-frozen-${n}`))
    plc.signal('SIGCONT')
    t.same([...new Set(await Promise.all(afterCut))], ['failed'])

    const second = await connect(new AbortController().signal)
    const { port } = plc
    const killed = plc.end('SIGKILL')
    await second.lost
    const waiting = Array.from({ length: 10 }, (_, n) => ask(second, `cut-killed-${n}`))
    second.drop()
    await killed
    plc = await startPlc(port)
    t.same([...new Set(await Promise.all(waiting))], ['failed'])
    const heard = openerFor(settings()).open('lane-1')
    t.teardown(() => heard.barrier.close())
    await heard.untilKnown()
    const knownAtMs = nowMs()
    await eventually('the library had time to connect anew', () => nowMs() - knownAtMs > 1_500)
    t.same(arrived(), ['cut-not'])
  },
)

t.test('a connection that is given up at any moment is over, and its late words end nothing', async (t) => {
  const connect = toPlc()
  for (let afterMs = 0; afterMs <= 160; afterMs += 8) {
    const closing = new AbortController()
    const tried = connect(closing.signal).then(
      (session) => {
        session.drop()
      },
      () => undefined,
    )
    systemClock.after('give up', afterMs, () => {
      closing.abort()
    })
    await tried
  }
  // An error that nobody hears would have ended this process by the time the next one is connected.
  const heard = openerFor(settings()).open('lane-1')
  t.teardown(() => heard.barrier.close())
  await heard.untilKnown()
  t.equal(heard.now.entryLoop, 'clear')
})
