import { createServer, type Server, type Socket } from 'node:net'
import t from 'tap'
import { PlcLane } from '../../../../simulators/plc/model.js'
import { systemClock } from '../../../base/clock.js'
import { silentLogger } from '../../../base/log.js'
import { systemRandom } from '../../../base/random.js'
import { eventually, Heard } from '../opcua/testing/bench.js'
import { decodeImage } from './codec.js'
import { blueprintBarrierDriver } from './driver.js'

const nowMs = () => systemClock.now().monoMs

/** The invented controller, in front of the same PLC program as everywhere. */
class Controller {
  readonly lane = new PlcLane({ id: 'lane-1', bootId: 'boot-1', nowMs: nowMs() })
  readonly #sockets = new Set<Socket>()
  readonly #server: Server
  frozen = false

  constructor() {
    this.#server = createServer((socket) => {
      this.#sockets.add(socket)
      socket.on('error', () => undefined)
      socket.once('close', () => this.#sockets.delete(socket))
      socket.on('data', (bytes) => {
        for (const line of bytes.toString().split('\n')) this.#obey(line)
      })
      this.#publish(socket)
    })
  }

  listen(port = 0): Promise<number> {
    return new Promise((resolve) => {
      this.#server.listen(port, '127.0.0.1', () => {
        const address = this.#server.address()
        resolve(address !== null && typeof address === 'object' ? address.port : 0)
      })
    })
  }

  stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    return new Promise((resolve) => this.#server.close(() => resolve()))
  }

  #publish(socket: Socket): void {
    if (socket.destroyed) return
    this.lane.advance(nowMs())
    if (!this.frozen) {
      const {
        barrier: _derived,
        lightGreen: _g,
        lightRed: _r,
        ledText: _t,
        voicePrompt: _v,
        ...image
      } = this.lane.image()
      socket.write(`${JSON.stringify(image)}\n`)
    }
    systemClock.after('test.publish', 50, () => {
      this.#publish(socket)
    })
  }

  #obey(line: string): void {
    if (line.startsWith('raise;')) this.lane.request(line, nowMs())
    else if (line.startsWith('beat;')) this.lane.edgeHeartbeat(Number(line.slice(5)), nowMs())
    else if (line.startsWith('show;')) {
      const { light, text, voice } = JSON.parse(line.slice(5)) as {
        light: 'red' | 'green' | 'off'
        text: string
        voice: number
      }
      this.lane.guide({ light, text, voice }, nowMs())
    }
  }
}

t.test('the pattern keeps the rules: raise by lease, unknown when silent, back by itself', async (t) => {
  let controller = new Controller()
  const port = await controller.listen()
  const config = blueprintBarrierDriver.parseConfig({ host: '127.0.0.1', port })
  if (!config.ok) throw new Error(JSON.stringify(config.problems))
  const heard = new Heard((heard) =>
    blueprintBarrierDriver.open(config.value, {
      laneId: 'lane-1',
      clock: systemClock,
      random: systemRandom,
      log: silentLogger,
      onSignals: (signals) => {
        heard.signals.push(signals)
        heard.tell()
      },
      onFault: (change) => {
        heard.faults.push(change)
        heard.tell()
      },
    }),
  )
  t.teardown(async () => {
    await heard.barrier.close()
    await controller.stop()
  })
  heard.barrier.guide({ light: 'red', text: '请等待', voice: 1 })
  await heard.untilKnown()
  await eventually('shown', () => controller.lane.image().ledText === '请等待')
  t.match(await heard.barrier.raise({ commandId: 'r1', leaseTicks: 20 }), { is: 'sent' })
  await heard.until('the bar is up', () => heard.now.barrier === 'raised')
  t.equal(controller.lane.truth.acceptedTotal, 1)

  controller.frozen = true
  await heard.until('nothing is known', () => heard.now.plcBootId === null)
  t.same(heard.standing, ['barrier.disconnected'])
  t.match(await heard.barrier.raise({ commandId: 'r2', leaseTicks: 20 }), { is: 'notSent' })
  await controller.stop()
  controller = new Controller()
  controller.lane.restart(nowMs(), 'boot-2')
  await controller.listen(port)
  await heard.untilKnown(5_000)
  t.same(heard.standing, [])
  t.ok(heard.faults.some((change) => change.code === 'plc.restarted'))
  t.equal(controller.lane.truth.acceptedTotal, 0)
})

t.test('a line that is no image tells nothing', (t) => {
  t.equal(decodeImage('{"entryLoop":'), null)
  t.equal(decodeImage('{"entryLoop":"full"}'), null)
  t.match(decodeImage('{}'), { entryLoop: 'unknown', barrier: 'unknown', plcBootId: null })
  t.match(decodeImage('{"raised":true,"lowered":false,"moving":false,"blocked":false}'), {
    barrier: 'raised',
  })
  t.end()
})
