import { writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Locator, Page } from 'playwright-core'
import type { Test } from 'tap'
import type { BlacklistEntry, ControlOrder } from '../../edge/messages/entities.js'
import type { HoldEntry } from '../../edge/messages/trust/holds.js'
import { startIn } from '../testing/gateway-under-test.js'
import { makeSigning, phrase } from '../testing/signed.js'
import { builtPage, complaintsOf, inBrowser, keepAll, openBrowser, patience } from './testing/in-browser.js'

/**
 * A ban and orders that no person placed here, found and lifted by two people at their desks. Built page, real gateway
 * with real keys, then one whose lists are unsigned.
 */
const people = [
  { name: 'operator', roles: ['supervisor'] },
  { name: 'wang', roles: ['supervisor'], agency: 'CUSTOMS' },
  { name: 'li', roles: ['officer'], agency: 'CUSTOMS' },
  { name: 'chen', roles: ['officer'], agency: 'IQ' },
  { name: 'zhao', roles: ['inspector'], agency: 'CUSTOMS' },
]
const ban: BlacklistEntry = {
  ...{ kind: 'blacklist', entryId: 'B1', subject: { kind: 'COMPANY', key: '顺达运输' }, level: 'STOP' },
  ...{ agency: 'CUSTOMS', reason: '欠缴费用', validFrom: 0 },
}
const order = (orderId: string, more: Partial<ControlOrder>): ControlOrder => ({
  ...{ kind: 'order', orderId, agency: 'CUSTOMS', subject: { kind: 'PLATE', key: '粤B12345' } },
  ...{
    action: 'INTERCEPT',
    nature: 'OPEN',
    level: 2,
    reason: '',
    validFrom: 0,
    maxHits: 0,
    issuedBy: 'lanekeeper',
  },
  ...more,
})

/** A site with these holds from its first lists, and a desk at it for whoever is named. */
async function openSite(t: Test, more: (dir: string) => Record<string, unknown>) {
  const consoleDir = await builtPage(t)
  const dir = path.dirname(consoleDir)
  const first = {
    blacklist: [ban],
    orders: [order('AUTO-1', {}), order('S-1', { nature: 'SECRET', issuedBy: 'file' })],
  }
  for (const [list, entries] of Object.entries(first))
    writeFileSync(path.join(dir, `${list}.ndjson`), entries.map((entry) => JSON.stringify(entry)).join('\n'))
  const initialLists = { blacklist: 'blacklist.ndjson', orders: 'orders.ndjson' }
  const gateway = await startIn(t, dir, {
    ...{ consoleDir, people, initialLists, secretOrderReaders: ['wang', 'li'] },
    ...more(dir),
  })
  await gateway.signIn('wang')
  const browser = await openBrowser(t)
  const complaints: string[][] = []
  const desk = async (name: string): Promise<{ readonly page: Page; readonly holds: Locator }> => {
    const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1280, height: 900 } })
    const page = await context.newPage()
    page.setDefaultTimeout(patience.timeout)
    complaints.push(complaintsOf(page))
    await page.goto(gateway.gateway.operatorLink(name))
    await page.getByRole('link', { name: /^Orders/ }).click()
    return { page, holds: page.locator('section.holds') }
  }
  const entries = async (list: string) =>
    (await gateway.get<{ entries: HoldEntry[] }>(`/api/lists/${list}`)).body.entries
  return { gateway, desk, entries, complaints }
}

const row = (holds: Locator, key: string) => holds.locator(`tr[data-hold="${key}"]`)
const field = (holds: Locator) => holds.getByLabel(/^Its number, or whom it holds/)
const look = async (holds: Locator, name: string) => {
  await field(holds).fill(name)
  await field(holds).press('Enter')
}
const passphrase = (holds: Locator) => holds.getByLabel('Passphrase of your key')

async function signed(t: Test): Promise<void> {
  const { gateway, desk, entries, complaints } = await openSite(t, (dir) => {
    const { trust } = makeSigning(dir, Date.now(), ['wang', 'li'])
    return { trust }
  })
  const [wang, li, chen] = [await desk('wang'), await desk('li'), await desk('chen')]

  await t.test(
    'another agency finds the ban and cannot lift it, and finds no trace of a secret order',
    async (t) => {
      await chen.holds.getByText('No lift waits for another person').waitFor()
      await look(chen.holds, '粤b 12345')
      await row(chen.holds, 'AUTO-1').getByText('order · customs · from lanekeeper').waitFor()
      t.equal(await chen.holds.locator('tr[data-hold]').count(), 1)
      await look(chen.holds, 'S-1')
      await chen.holds.getByText('Nothing holds under “S-1”').waitFor()
      await look(chen.holds, 'B1')
      await chen.holds.getByRole('button', { name: 'Open B1' }).click()
      await chen.holds.getByText('Only people of customs lift it').waitFor()
      t.equal(await chen.holds.getByRole('button', { name: /ask for its lift/i }).count(), 0)
      await look(wang.holds, '粤B12345')
      await row(wang.holds, 'S-1').getByText('secret').waitFor()
    },
  )

  await t.test('who has not the role sees the ban, and may not press', async (t) => {
    const zhao = await desk('zhao')
    await look(zhao.holds, 'B1')
    await zhao.holds.getByRole('button', { name: 'Open B1' }).click()
    await zhao.holds.getByText('this needs the role of an officer or a supervisor').waitFor()
    t.ok(await passphrase(zhao.holds).isDisabled())
  })

  await t.test(
    'the first person finds it by the company, and asks and signs by keyboard alone',
    async (t) => {
      const { page, holds } = wang
      const pressed = async (key: string, until: Locator) => {
        for (let times = 0; times < 8; times += 1) {
          await page.keyboard.press(key)
          if ((await until.and(page.locator(':focus')).count()) === 1) return
        }
        t.fail(`${key} does not lead there`)
      }
      const opener = holds.getByRole('button', { name: 'Open B1' })
      await field(holds).focus()
      await page.keyboard.press('Control+A')
      await page.keyboard.insertText('顺达运输')
      await page.keyboard.press('Enter')
      await opener.waitFor()
      await pressed('Tab', opener)
      await page.keyboard.press('Enter')
      await holds.getByText('欠缴费用').waitFor()
      await pressed('Tab', holds.getByLabel('Why it is lifted'))
      await page.keyboard.press('9')
      await pressed('Tab', holds.getByLabel('Remark (needed)'))
      await page.keyboard.insertText('已缴清')
      await pressed('Tab', passphrase(holds))
      const sign = holds.getByRole('button', { name: 'Sign, and ask for its lift' })
      t.ok(await sign.isDisabled(), 'not without a passphrase')
      await page.keyboard.insertText('not the right words')
      await pressed('Tab', sign)
      await page.keyboard.press('Enter')
      await holds.getByRole('alert').getByText('the passphrase does not open your key').waitFor()
      t.equal(await passphrase(holds).inputValue(), '', 'it is not kept')
      await keepAll(page, 'hold-wrong-passphrase')
      await passphrase(holds).focus()
      await page.keyboard.insertText(phrase('wang'))
      await pressed('Tab', sign)
      await page.keyboard.press('Enter')
      await holds.getByText('You have answered for it').waitFor()
      await row(holds, 'B1').getByText('wang asked for its lift; still in force').waitFor()
      t.equal(await holds.getByRole('button', { name: 'Sign the lift' }).count(), 0)
      t.notOk((await entries('blacklist'))[0]?.lift, 'one person lifts nothing')
    },
  )

  await t.test(
    'the second one finds it waiting without looking, in either language, and signs',
    async (t) => {
      const { page, holds } = li
      await page.getByRole('link', { name: 'Orders 1' }).waitFor()
      await row(holds, 'B1').waitFor()
      await holds.getByRole('button', { name: 'Open B1' }).click()
      await holds.getByText('other 已缴清 · 1 of two have answered for it wang').waitFor()
      await page.getByRole('button', { name: '中文', exact: true }).click()
      await holds.getByText('其他 已缴清 · 1 人已确认，共需两人 wang').waitFor()
      t.notMatch(await holds.innerText(), /lift|ban|company|hold\./i, 'nothing is left in the other language')
      await page.getByRole('button', { name: 'English', exact: true }).click()
      await keepAll(page, 'hold-waits')
      await passphrase(holds).fill(phrase('li'))
      await holds.getByRole('button', { name: 'Sign the lift' }).click()
      await holds.getByRole('status').getByText('B1 is lifted with version 2').waitFor()
      await row(holds, 'B1').waitFor({ state: 'detached' })
      await row(wang.holds, 'B1').waitFor({ state: 'detached' })
      t.match(await entries('blacklist'), [{ entryId: 'B1', lift: { reason: '99', by: { length: 2 } } }])
      await page.getByRole('link', { name: 'Orders', exact: true }).waitFor()
    },
  )

  await t.test('an order that was placed here is lifted among the orders', async (t) => {
    const {
      kind: _kind,
      issuedBy: _by,
      ...asked
    } = order('BK-1', { level: 4, subject: { kind: 'TAG', key: 'E1' } })
    t.equal((await gateway.post('/api/orders', asked)).status, 200)
    await look(wang.holds, 'e1')
    await wang.holds.getByRole('button', { name: 'Open BK-1' }).click()
    await wang.holds.getByText('lift it among the control orders above').waitFor()
    t.equal(await passphrase(wang.holds).count(), 0)
  })
  t.same(foreseen(complaints), [])
}

async function unsigned(t: Test): Promise<void> {
  const { desk, entries, complaints } = await openSite(t, () => ({}))
  const [wang, li] = [await desk('wang'), await desk('li')]
  const ask = async () => {
    await look(wang.holds, 'AUTO-1')
    const opener = wang.holds.getByRole('button', { name: 'Open AUTO-1' })
    await opener.waitFor()
    if ((await opener.getAttribute('aria-expanded')) === 'false') await opener.click()
    const press = wang.holds.getByRole('button', { name: 'Ask for its lift' })
    await press.waitFor()
    t.equal(await passphrase(wang.holds).count(), 0, 'there is no key to open')
    await press.click()
    await wang.holds.getByText('You have answered for it').waitFor()
  }
  await ask()
  await li.holds.getByRole('button', { name: 'Open AUTO-1' }).click()
  await li.holds.getByLabel('Why it is withdrawn').fill('再查')
  await li.holds.getByRole('button', { name: 'Withdraw the lift' }).click()
  await li.holds.getByText('No lift waits for another person').waitFor()
  await wang.holds.getByRole('button', { name: 'Ask for its lift' }).waitFor()
  t.equal((await entries('orders')).length, 2)
  await ask()
  await li.holds.getByRole('button', { name: 'Open AUTO-1' }).click()
  await li.holds.getByRole('button', { name: 'Confirm the lift' }).click()
  await li.holds.getByRole('status').getByText('AUTO-1 is lifted').waitFor()
  await wang.holds.getByText('Nothing holds under “AUTO-1”').waitFor()
  t.match(await entries('orders'), [{ orderId: 'S-1' }])
  t.equal((await entries('orders')).length, 1)
  t.same(foreseen(complaints), [])
}

/** But for refusals that the tests are about. */
const foreseen = (complaints: readonly (readonly string[])[]) =>
  complaints.flat().filter((text) => !/\b(400|403)\b/.test(text))

await inBrowser('a hold that no order was placed for is lifted by two people, each with the own key', (t) =>
  signed(t),
)
await inBrowser('where lists are unsigned two people lift it by their sign-in', (t) => unsigned(t))
