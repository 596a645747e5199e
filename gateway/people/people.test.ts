import { readFileSync } from 'node:fs'
import path from 'node:path'
import t, { type Test } from 'tap'
import { systemClock } from '../../edge/base/clock.js'
import { auditOf, Browser } from '../testing/browser.js'
import { everything, startIn } from '../testing/gateway-under-test.js'
import { askForLink } from './link-folder.js'
import { isPassphrase, secretOf } from './passphrase.js'

const people = [everything('operator'), everything('li.wei'), { name: 'wang.fang', roles: ['officer'] }]
const passphrase = 'four words of one’s own'

async function withPassphrase(t: Test) {
  const dir = t.testdir()
  const gateway = await startIn(t, dir, { people })
  const browser = new Browser(gateway)
  await browser.open(gateway.gateway.operatorLink('li.wei'))
  t.equal((await browser.set(passphrase)).status, 200)
  return { dir, gateway, browser }
}

t.test('a person gets in by a link, sets a passphrase, and signs in with it from then on', async (t) => {
  const { dir, gateway, browser } = await withPassphrase(t)
  t.match(await browser.session(), { operator: 'li.wei', by: 'link', hasPassphrase: true, maySet: false })
  const again = new Browser(gateway)
  t.equal(await again.signIn(' LI.Wei ', passphrase), 200)
  t.match(
    await again.session(),
    { operator: 'li.wei', by: 'passphrase' },
    'under the name as the configuration spells it',
  )
  t.equal(await new Browser(gateway).signIn('li.wei', `${passphrase}!`), 401)
  await gateway.close()
  const file = readFileSync(path.join(dir, 'data', 'gateway.db')).toString('latin1')
  t.notOk(file.includes(Buffer.from(passphrase).toString('latin1')), 'the passphrase stands nowhere')

  const restarted = await startIn(t, dir, { people })
  t.equal(await new Browser(restarted).signIn('li.wei', passphrase), 200, 'also after a restart')
})

t.test(
  'a wrong passphrase, a name without one and a name that is nobody’s get the same answer',
  async (t) => {
    const { gateway } = await withPassphrase(t)
    const ask = (name: string) =>
      gateway.post('/api/sign-in', { name, passphrase: 'not the right one' }, { origin: gateway.url })
    const answers = [await ask('li.wei'), await ask('wang.fang'), await ask('hunter2 hunter2')]
    for (const { status, body } of answers) {
      t.equal(status, 401)
      t.same(body, answers[0]?.body)
    }
    const refused = await auditOf(gateway, 'signInRefused')
    t.same(
      refused.map((entry) => entry['operator']),
      ['?', 'wang.fang', 'li.wei'],
    )
    t.notMatch(JSON.stringify(refused), /hunter2/, 'what was typed for a name may be a passphrase')
  },
)

t.test('a passphrase is kept at the full cost, and one of another cost is still one', async (t) => {
  const full = await secretOf(passphrase)
  t.match(full, { N: 32_768, r: 8, p: 3 })
  t.ok(await isPassphrase(passphrase, full))
  const other = await secretOf(passphrase, { N: 16_384, p: 1 })
  t.ok(await isPassphrase(passphrase, other))
  t.notOk(await isPassphrase(`${passphrase}!`, other))
  t.notOk(await isPassphrase(passphrase, undefined))
})

t.test('another site cannot sign a browser in', async (t) => {
  const { gateway } = await withPassphrase(t)
  for (const headers of [{}, { origin: 'https://evil.example' }] as Record<string, string>[]) {
    const { status, body } = await gateway.post('/api/sign-in', { name: 'li.wei', passphrase }, headers)
    t.match({ status, body }, { status: 403, body: { error: 'foreignOrigin' } })
  }
})

t.test('a passphrase that is easily guessed is not taken, and the reason is said', async (t) => {
  const gateway = await startIn(t, t.testdir(), { people })
  const browser = new Browser(gateway)
  await browser.open(gateway.gateway.operatorLink('wang.fang'))
  for (const weak of [
    'elevenchars',
    '            ',
    'aaaaaaaaaaaaaaa',
    'wang.fang2024',
    'Wang.Fangwang.fang',
  ])
    t.match(await browser.set(weak), { status: 422, body: { error: 'weakPassphrase' } }, weak)
  t.equal((await browser.session())?.hasPassphrase, false)
  t.equal((await browser.set('十二个汉字的口令才够长呢')).status, 200, 'characters count, not bytes')
})

t.test('a passphrase is changed by who knows it, and ends the other sessions', async (t) => {
  const { gateway, browser } = await withPassphrase(t)
  const other = new Browser(gateway)
  await other.signIn('li.wei', passphrase)
  const next = 'another four words'
  t.match(await browser.set(next), { status: 401, body: { error: 'wrongSignIn' } }, 'the link gave one right')
  t.match(await browser.set(next, 'not the right one'), { status: 401 })
  t.match(await browser.set(passphrase, passphrase), { status: 422, body: { error: 'weakPassphrase' } })
  t.equal((await browser.set(next, passphrase)).status, 200)
  t.equal(await other.session(), null, 'the other session is over')
  t.ok(await browser.session(), 'this one goes on')
  t.equal(await new Browser(gateway).signIn('li.wei', passphrase), 401)
  t.equal(await new Browser(gateway).signIn('li.wei', next), 200)
  t.equal((await auditOf(gateway, 'passphraseChanged')).length, 1)
})

t.test('whoever signs in as somebody else by a new link is seen by that person', async (t) => {
  const { dir, gateway } = await withPassphrase(t)
  const dataDir = path.join(dir, 'data')
  const made = await askForLink(dataDir, { person: 'li.wei', by: 'root@console' }, systemClock)
  t.match(made, { person: 'li.wei', hasPassphrase: true })
  const intruder = new Browser(gateway)
  t.equal(await intruder.open(made.link), 200)
  const newest = (await intruder.notices())[0]?.id ?? 0
  t.match(
    await intruder.post('/api/session/notices', { upTo: newest }),
    { status: 403, body: { error: 'notAllowed' } },
    'and cannot hide it',
  )

  const browser = new Browser(gateway)
  await browser.signIn('li.wei', passphrase)
  const unread = (await browser.notices()).filter(({ seenAt }) => seenAt === null)
  t.match(unread.slice(0, 2), [
    { kind: 'linkUsed', by: 'root@console', address: /127\.0\.0\.1/ },
    { kind: 'linkMade', by: 'root@console' },
  ])
  t.match(await auditOf(gateway, 'linkMade'), [
    { operator: 'root@console', target: 'li.wei', detail: { hasPassphrase: true } },
  ])
  t.equal((await browser.post('/api/session/notices', { upTo: unread[0]?.id ?? 0 })).status, 200)
  t.ok((await browser.notices()).every(({ seenAt }) => seenAt !== null))
  t.equal(await new Browser(gateway).open(made.link), 401, 'the link works once')
})

t.test(
  'the folder gives links to people of the configuration only, and says when nobody answers',
  async (t) => {
    const { dir, gateway } = await withPassphrase(t)
    const dataDir = path.join(dir, 'data')
    const ask = (person: string) => askForLink(dataDir, { person, by: 'root@console' }, systemClock, 3_000)
    await t.rejects(ask('zhao.min'), { code: 'gateway.linkRefused', message: /knows nobody named zhao\.min/ })
    await gateway.close()
    await t.rejects(ask('li.wei'), { code: 'gateway.notRunning' })
    await t.rejects(askForLink(path.join(dir, 'elsewhere'), { person: 'li.wei', by: 'x' }, systemClock), {
      code: 'gateway.linkFolder',
    })
  },
)

t.test('whoever is taken out of the configuration loses session and passphrase', async (t) => {
  const { dir, gateway, browser } = await withPassphrase(t)
  await gateway.close()
  const without = await startIn(t, dir, { people: people.filter(({ name }) => name !== 'li.wei') })
  const { status } = await without.get('/api/session', { cookie: browser.cookie })
  t.equal(status, 401)
  t.equal(await new Browser(without).signIn('li.wei', passphrase), 401)
  t.match(await auditOf(without, 'personRemoved'), [{ target: 'li.wei' }])
  await without.close()
  const withAgain = await startIn(t, dir, { people })
  t.equal(
    await new Browser(withAgain).signIn('li.wei', passphrase),
    401,
    'another person of that name does not get in by it',
  )
})

t.test('the session says what its person may do, as the routes judge it', async (t) => {
  const gateway = await startIn(t, t.testdir(), { people })
  const browser = new Browser(gateway)
  await browser.open(gateway.gateway.operatorLink('wang.fang'))
  const session = await browser.session()
  t.match(session?.rights, {
    'POST /api/escalations/:escalationId/verdict': { may: true, needs: 'officer' },
    'POST /api/outages': { may: false, needs: 'supervisor' },
    'POST /api/lists/orders/import': { may: false, needs: 'supervisor' },
    'POST /api/lists/tags/import': { may: false, needs: 'maintainer' },
    'command:setMode:CLOSED': { may: true },
    'command:setMode:AUTO': { may: false, needs: 'supervisor' },
    'POST /api/session/passphrase': { may: true, needs: null },
  })
})

t.test('with the people not named, the operator alone has a passphrase', async (t) => {
  const gateway = await startIn(t, t.testdir())
  const browser = new Browser(gateway)
  await browser.open(gateway.gateway.operatorLink())
  t.equal(gateway.gateway.operatorHasPassphrase(), false)
  t.equal((await browser.set(passphrase)).status, 200)
  t.equal(gateway.gateway.operatorHasPassphrase(), true, 'then no link is printed any more')
  const guest = new Browser(gateway)
  await guest.open(gateway.gateway.operatorLink('zhao.min'))
  t.match(await guest.set(passphrase), { status: 403, body: { error: 'notAllowed' } })
  t.equal((await guest.session())?.maySet, false)
})
