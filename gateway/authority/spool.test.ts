import { readdirSync } from 'node:fs'
import t from 'tap'
import { ManualClock, systemClock } from '../../edge/base/clock.js'
import { silentLogger } from '../../edge/base/log.js'
import { Refusal } from '../desk/refusal.js'
import { leaveOrder, obeyed, spoolFolder, Spool, type SpooledOrder } from './spool.js'

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
  t.same(await obeyed(leaveOrder(dataDir, token, 1), systemClock), { is: 'taken' })
  t.same(taken, [token])
  await spool.close()
})

t.test('where no gateway runs he is told so after two seconds, and the order waits', async (t) => {
  const dataDir = t.testdir()
  const clock = new ManualClock(0)
  let answer: string | undefined
  const asked = obeyed(leaveOrder(dataDir, token, 1), clock).then(({ is }) => {
    answer = is
  })
  for (let passedMs = 0; passedMs < 2_000; passedMs += 100) {
    t.equal(answer, undefined)
    clock.advance(100)
    await new Promise((resolve) => setImmediate(resolve))
  }
  await asked
  t.equal(answer, 'waits')
  const taken: string[] = []
  const take = ({ edgeId }: SpooledOrder) => Promise.resolve(void taken.push(edgeId))
  const spool = new Spool({ dataDir, clock, log: silentLogger, take })
  await spool.start()
  t.same(taken, ['edge-1'])
  await spool.close()
})

t.test('who orders what the gateway refuses is told so and why, and never that it was done', async (t) => {
  const dataDir = t.testdir()
  const log = silentLogger
  const take = ({ edgeId }: SpooledOrder) =>
    Promise.reject(new Refusal('notFound', `there is no edge ${edgeId} here`))
  const spool = new Spool({ dataDir, clock: systemClock, log, take })
  await spool.start()
  const file = leaveOrder(dataDir, { do: 'revoke', edgeId: 'edge-1', reason: 'stolen', by: 'root' }, 1)
  t.same(await obeyed(file, systemClock), { is: 'refused', why: 'there is no edge edge-1 here' })
  t.same(readdirSync(spoolFolder(dataDir)), [], 'nothing is left of it')
  const empty = { do: 'revoke', edgeId: 'edge-1', reason: ' ', by: 'root' } as const
  t.throws(() => leaveOrder(dataDir, empty, 2), /reason/, 'what cannot be obeyed is not even left there')
  for (let n = 0; n < 70; n += 1)
    leaveOrder(dataDir, { do: 'revoke', edgeId: `e-${n}`, reason: 'x', by: 'root' }, n)
  for (let n = 0; n < 3; n += 1) await spool.look()
  t.equal(readdirSync(spoolFolder(dataDir)).length, 64, 'answers that nobody reads do not pile up')
  await spool.close()
})

t.test('a revocation that the store cannot take now waits, and is not refused', async (t) => {
  const dataDir = t.testdir()
  let full = true
  const taken: string[] = []
  const take = ({ edgeId }: SpooledOrder) =>
    full ? Promise.reject(new Error('disk full')) : Promise.resolve(void taken.push(edgeId))
  const spool = new Spool({ dataDir, clock: systemClock, log: silentLogger, take })
  leaveOrder(dataDir, { do: 'revoke', edgeId: 'edge-1', reason: 'stolen', by: 'root' }, 1)
  await spool.look()
  await spool.look()
  full = false
  await spool.look()
  t.same(taken, ['edge-1'])
  await spool.close()
})
