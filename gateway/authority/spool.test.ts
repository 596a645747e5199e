import t from 'tap'
import { ManualClock, systemClock } from '../../edge/base/clock.js'
import { silentLogger } from '../../edge/base/log.js'
import { isTaken, leaveOrder, Spool, type SpooledOrder } from './spool.js'

const token: SpooledOrder = {
  ...{ do: 'token', edgeId: 'edge-1', hash: 'a'.repeat(64), expiresAt: 1, by: 'root@console' },
}

t.test('who leaves an order for a gateway that runs is told when it was taken', async (t) => {
  const dataDir = t.testdir()
  const taken: SpooledOrder[] = []
  const take = (order: SpooledOrder) => {
    taken.push(order)
    return Promise.resolve()
  }
  const spool = new Spool({ dataDir, clock: systemClock, log: silentLogger, take })
  await spool.start()
  t.ok(await isTaken(leaveOrder(dataDir, token, 1), systemClock))
  t.same(taken, [token])
  await spool.close()
})

t.test('where no gateway runs he is told so after two seconds, and the order waits', async (t) => {
  const dataDir = t.testdir()
  const clock = new ManualClock(0)
  let answer: boolean | undefined
  const asked = isTaken(leaveOrder(dataDir, token, 1), clock).then((is) => {
    answer = is
  })
  for (let passedMs = 0; passedMs < 2_000; passedMs += 100) {
    t.equal(answer, undefined)
    clock.advance(100)
    await new Promise((resolve) => setImmediate(resolve))
  }
  await asked
  t.equal(answer, false)
  const taken: string[] = []
  const take = ({ edgeId }: SpooledOrder) => Promise.resolve(void taken.push(edgeId))
  const spool = new Spool({ dataDir, clock, log: silentLogger, take })
  await spool.start()
  t.same(taken, ['edge-1'])
  await spool.close()
})
