import t, { type Test } from 'tap'
import { systemClock, type Clock } from '../../edge/base/clock.js'
import { auditOf, Browser } from '../testing/browser.js'
import { everything, startIn } from '../testing/gateway-under-test.js'

const people = [everything('operator'), everything('li.wei'), { name: 'wang.fang', roles: ['officer'] }]
const passphrase = 'four words of one’s own'

/** The real clock, moved on by hand beside its own going. */
class MovedClock implements Clock {
  aheadMs = 0
  now() {
    const { wallMs, monoMs } = systemClock.now()
    return { wallMs: wallMs + this.aheadMs, monoMs: monoMs + this.aheadMs }
  }
  after(name: string, delayMs: number, run: () => void) {
    return systemClock.after(name, delayMs, run)
  }
}

async function withPassphrase(t: Test, clock: Clock = systemClock) {
  const dir = t.testdir()
  const gateway = await startIn(t, dir, { people }, clock)
  const browser = new Browser(gateway)
  await browser.open(gateway.gateway.operatorLink('li.wei'))
  t.equal((await browser.set(passphrase)).status, 200)
  return { dir, gateway, browser }
}

t.test('after five wrong tries a name waits a quarter of an hour, and its person is told', async (t) => {
  const clock = new MovedClock()
  const { gateway } = await withPassphrase(t, clock)
  // At once, so that counting before the check is what stops them.
  const tries = await Promise.all(
    Array.from({ length: 9 }, () => new Browser(gateway).signIn('li.wei', 'not the right one')),
  )
  t.same(tries.sort(), [401, 401, 401, 401, 401, 429, 429, 429, 429])
  t.equal(await new Browser(gateway).signIn('li.wei', passphrase), 429, 'the right one waits as well')
  t.equal(await new Browser(gateway).signIn('wang.fang', 'not the right one'), 401, 'others do not')
  t.equal((await auditOf(gateway, 'signInsStopped')).length, 1, 'written down once')
  clock.aheadMs += 900_001
  const browser = new Browser(gateway)
  t.equal(await browser.signIn('li.wei', passphrase), 200)
  const stopped = (await browser.notices()).filter(({ kind }) => kind === 'signInsStopped')
  t.match(stopped, [{ seenAt: null, address: /127\.0\.0\.1/ }])
  const figures = gateway.gateway.figures()
  t.match(figures, { people_refused: 6, people_stopped: 5, people_signedIn: 1 })
})

t.test('right sign-ins do not count as tries', async (t) => {
  const { gateway } = await withPassphrase(t)
  for (let n = 0; n < 7; n += 1) t.equal(await new Browser(gateway).signIn('li.wei', passphrase), 200)
})

t.test('one address that tries many names is stopped', async (t) => {
  const gateway = await startIn(t, t.testdir(), { people })
  const found: number[] = []
  for (let n = 0; n < 22; n += 1) found.push(await new Browser(gateway).signIn(`name-${n}`, 'guessed guess'))
  t.equal(found.filter((status) => status === 401).length, 20)
  t.equal(found.filter((status) => status === 429).length, 2)
})
