import path from 'node:path'
import type { Page } from 'playwright-core'
import type { Test } from 'tap'
import type { ControlOrder } from '../../edge/messages/entities.js'
import { EventChain } from '../testing/chain.js'
import { startIn } from '../testing/gateway-under-test.js'
import { makeSigning, phrase } from '../testing/signed.js'
import { builtPage, inBrowser, keepAll, openBrowser, patience } from './testing/in-browser.js'

/**
 * Where lists are signed: an order whose hits are used up holds on and says so, and two persons lift it at their desks,
 * each with the own key. Built page, real gateway with real keys, an edge on the wire.
 */
async function desks(t: Test): Promise<void> {
  const consoleDir = await builtPage(t)
  const dir = path.dirname(consoleDir)
  const { trust } = makeSigning(dir, Date.now(), ['wang', 'li'])
  const people = [
    { name: 'operator', roles: ['maintainer'] },
    { name: 'wang', roles: ['supervisor'], agency: 'IQ' },
    { name: 'li', roles: ['officer'], agency: 'IQ' },
  ]
  const gateway = await startIn(t, dir, { consoleDir, people, trust })
  await gateway.signIn('wang')
  const browser = await openBrowser(t)
  const desk = async (name: string): Promise<Page> => {
    const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1280, height: 900 } })
    const page = await context.newPage()
    page.setDefaultTimeout(patience.timeout)
    await page.goto(gateway.gateway.operatorLink(name))
    await page.getByRole('link', { name: /^Orders/ }).click()
    return page
  }
  await gateway.post('/api/orders', {
    ...{
      orderId: 'BK-7',
      agency: 'IQ',
      subject: { kind: 'TAG', key: 'E1' },
      action: 'INTERCEPT',
      nature: 'OPEN',
    },
    ...{ level: 3, reason: '检疫', validFrom: 0, maxHits: 1 },
  })
  const held = async () => {
    const { body } = await gateway.get<{ entries: ControlOrder[] }>('/api/lists/orders')
    return body.entries.filter(({ lift }) => lift === undefined).map(({ orderId }) => orderId)
  }
  const edge = await gateway.edge()
  const chain = new EventChain('edge-1')
  const at = { lane: 'lane-1', passageId: 'p1' }
  const decision = {
    ...{ outcome: 'hold', primary: 'CTL-02', reasons: [], advisories: [], obligations: [], silentAlerts: [] },
    ...{ interceptOrderIds: ['BK-7'], prompt: 'prompt.wait', vehicleId: null, rulesetVersion: 'test' },
  }
  await edge.sendEvents([
    chain.next('passageOpened', { passageNo: 1, direction: 'in', cause: 'loop' }, at),
    chain.any('decided', { decisionId: 'p1.d', inputs: {}, decision }, at),
    chain.next(
      'passageEnded',
      { how: 'cleared', outcome: 'hold', readsHeard: 1, readsShed: 0, durationMs: 9_000 },
      at,
    ),
  ])
  const [first, second] = [await desk('wang'), await desk('li')]
  const row = (page: Page) => page.locator('tr[data-order="BK-7"]')
  const open = (page: Page) => page.getByRole('button', { name: 'Open BK-7' }).click()

  await t.test('an order that is used up still holds, and stands out', async (t) => {
    await row(first).getByText('Its hits are used up and it still holds').waitFor()
    await row(first).getByText('1 of 1').waitFor()
    t.match(await row(first).getAttribute('class'), /stands-out/)
    t.same(await held(), ['BK-7'])
    await open(first)
    await first.getByText('noted that its hits are used up').waitFor()
    await keepAll(first, 'order-used-up')
  })

  await t.test('both persons sign its lift with the own key, and a wrong passphrase is told', async (t) => {
    await first.getByLabel('Why it is lifted').selectOption('01')
    await first.getByRole('button', { name: 'Ask for its lift' }).click()
    const sign = (page: Page) => page.getByRole('button', { name: 'Sign the lift' })
    await sign(first).waitFor()
    t.ok(await sign(first).isDisabled(), 'not without a passphrase')
    const withKey = async (page: Page, passphrase: string) => {
      await page.getByLabel('Passphrase of your key').fill(passphrase)
      await sign(page).click()
    }
    await withKey(first, 'not the right words')
    await first.locator('.order-panel').getByText('the passphrase does not open your key').first().waitFor()
    t.equal(await first.getByLabel('Passphrase of your key').inputValue(), '', 'it is not kept')
    await withKey(first, phrase('wang'))
    await first.getByText('You have answered for it').waitFor()
    t.same(await held(), ['BK-7'], 'one signature lifts nothing')
    await second.getByRole('button', { name: 'Lift asked', exact: true }).click()
    await open(second)
    await second.getByText('1 of two have answered for it').waitFor()
    await withKey(second, phrase('li'))
    await second.getByText('No such orders').waitFor()
    t.same(await held(), [])
  })
}

await inBrowser('orders of signed lists in a browser', (t) => desks(t))
