import { setImmediate } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { testAuthority } from '../../gateway/authority/testing/authority.js'
import { ManualClock } from '../base/clock.js'
import type { ListEntry } from '../messages/entities.js'
import { headOf, order } from '../store/testing/list.contract.js'
import { defaultDownloadBounds, ListHttp } from './list-http.js'
import { edgeId, TestGateway } from './testing/gateway.js'

const entries = Array.from({ length: 4_000 }, (_, n) => order(`O${String(n).padStart(5, '0')}`, `E${n}`))
const lines = (some: readonly ListEntry[]) => some.map((entry) => `${JSON.stringify(entry)}\n`).join('')

/** A full list of orders under way, of which the gateway sends so many and then falls silent, or all. */
async function fetching(t: Test, sent: number) {
  const gateway = new TestGateway()
  await gateway.start()
  t.teardown(() => gateway.close())
  gateway.listRoute = (_request, response) => {
    response.writeHead(200)
    response.write(`${JSON.stringify(headOf('orders', 1, entries))}\n${lines(entries.slice(0, sent))}`)
    if (sent === entries.length) response.end()
  }
  const { identityOf } = await testAuthority()
  const identity = await identityOf(edgeId)
  const clock = new ManualClock()
  const http = new ListHttp({
    url: gateway.httpUrl,
    identity: { current: () => identity, onChanged: () => () => undefined },
    clock,
    bounds: defaultDownloadBounds,
  })
  t.teardown(() => http.close())
  const full = await http.full('orders', null)
  if (full === 'notThere') throw new Error('there is no list')
  t.teardown(() => full.cancel())
  return { clock, entries: full.entries[Symbol.asyncIterator](), cancel: full.cancel }
}

t.test('a box that takes a minute over what came breaks no list off', async (t) => {
  const under = await fetching(t, entries.length)
  let taken = 0
  for (let next = await under.entries.next(); !next.done; next = await under.entries.next()) {
    taken += 1
    if (taken % 500 === 0) under.clock.advance(defaultDownloadBounds.idleMs * 4)
  }
  t.equal(taken, entries.length)
  t.equal(under.clock.nextDueMs(), defaultDownloadBounds.totalMs, 'what has come whole is not waited for')
})

t.test(
  'a list that nobody wants any more is not watched either, although some of it is still read',
  async (t) => {
    const under = await fetching(t, entries.length)
    await under.entries.next()
    under.cancel()
    const rest = async () => {
      while (!(await under.entries.next()).done);
    }
    await rest().catch(() => undefined)
    t.equal(under.clock.nextDueMs(), undefined)
  },
)

t.test('a gateway that falls silent in the middle of a list is not waited for any longer', async (t) => {
  const under = await fetching(t, 10)
  for (let n = 0; n < 10; n += 1) await under.entries.next()
  const next = under.entries.next().then(
    () => 'came',
    (error: unknown) => String(error),
  )
  await setImmediate()
  under.clock.advance(defaultDownloadBounds.idleMs - 1)
  t.equal(await Promise.race([next, setImmediate('waits')]), 'waits')
  under.clock.advance(1)
  t.match(await next, /line 11: aborted/)
})
