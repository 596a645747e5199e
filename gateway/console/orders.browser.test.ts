import { writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Page } from 'playwright-core'
import type { Test } from 'tap'
import type { ControlOrder } from '../../edge/messages/entities.js'
import { EventChain } from '../testing/chain.js'
import { startIn } from '../testing/gateway-under-test.js'
import {
  builtPage,
  complaintsOf,
  inBrowser,
  keep,
  keepAll,
  openBrowser,
  patience,
  untilHolds,
} from './testing/in-browser.js'
import { aHealth } from './testing/samples.js'

/**
 * Orders, files of lists and the copies of lists at edges, as persons of an agency see them at their own desks. Built
 * page, real gateway, an edge on the wire. `CONSOLE_SHOTS=<folder>` keeps pictures.
 */
const people = [
  { name: 'operator', roles: ['supervisor', 'maintainer'] },
  { name: 'wang', roles: ['supervisor', 'maintainer'], agency: 'IQ' },
  { name: 'li', roles: ['supervisor'], agency: 'IQ' },
  { name: 'chen', roles: ['officer'], agency: 'CUSTOMS' },
]

async function desks(t: Test): Promise<void> {
  const consoleDir = await builtPage(t)
  const dir = path.dirname(consoleDir)
  const gateway = await startIn(t, dir, { consoleDir, people, secretOrderReaders: ['wang', 'li'] })
  await gateway.signIn('wang')
  const edge = await gateway.edge()
  const chain = new EventChain('edge-1')
  const browser = await openBrowser(t)
  const complaints: string[][] = []
  const desk = async (name: string): Promise<Page> => {
    const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1280, height: 900 } })
    const page = await context.newPage()
    page.setDefaultTimeout(patience.timeout)
    complaints.push(complaintsOf(page))
    await page.goto(gateway.gateway.operatorLink(name))
    await page.getByRole('link', { name: /^Orders/ }).waitFor()
    return page
  }
  const view = (page: Page, name: string) =>
    page.getByRole('navigation', { name: 'Page' }).getByRole('link', { name }).click()
  const filter = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click()
  const row = (page: Page, orderId: string) => page.locator(`tr[data-order="${orderId}"]`)
  /** One that was open stays so when it goes to another filter. */
  const open = async (page: Page, orderId: string) => {
    const button = page.getByRole('button', { name: `Open ${orderId}`, exact: true })
    if ((await button.getAttribute('aria-expanded')) === 'false') await button.click()
  }
  const inForce = async () =>
    (await gateway.get<{ entries: ControlOrder[] }>('/api/lists/orders')).body.entries
  const [first, second, third] = [await desk('wang'), await desk('li'), await desk('chen')]

  await t.test(
    'one person places an order, and it holds nobody before another has approved it',
    async (t) => {
      await view(first, 'Orders')
      await first.getByText('Place an order').click()
      const form = first.locator('.place-order')
      // A number is suggested.
      await untilHolds(form.getByLabel('Order number'), /^IQ-\d{8}-\d{6}$/)
      await form.getByLabel('Order number').fill('BK-1')
      await form.getByLabel(/^What/).selectOption('PLATE_PATTERN')
      t.same(
        await form.getByLabel('Action').locator('option').allTextContents(),
        ['notify only', 'intercept'],
        'part of a plate does not lock or disinfect',
      )
      await form.getByLabel('Subject').fill('粤B?2345')
      await form.getByLabel('Action').selectOption('INTERCEPT')
      await form.getByLabel('Hits at most').fill('1')
      const send = form.getByRole('button', { name: 'Place it' })
      await form.getByLabel('Why it is placed').fill('线索 2026-17')
      t.ok(await send.isDisabled(), 'not before it is known that others may be stopped')
      await form.getByLabel('I know that other vehicles').check()
      t.ok(await form.getByText('only after another person has approved it').isVisible())
      await keepAll(first, 'order-form')
      await send.click()
      await form.getByText('BK-1 is placed: Waits for approval').waitFor()
      t.same(await inForce(), [])
      await filter(first, 'Waiting for approval')
      await open(first, 'BK-1')
      await first.getByText('You placed it: another person approves it').waitFor()
      t.equal(await first.getByRole('button', { name: 'Approve' }).count(), 0)

      await second.getByRole('link', { name: 'Orders 1' }).click()
      await filter(second, 'Waiting for approval')
      await open(second, 'BK-1')
      await second.getByText('线索 2026-17').waitFor()
      await second.getByRole('button', { name: 'Approve' }).click()
      await second.getByText('No such orders').waitFor()
      await filter(second, 'In force')
      await row(second, 'BK-1').getByText('In force', { exact: true }).waitFor()
      t.match(await inForce(), [
        { orderId: 'BK-1', subject: { key: '粤B?2345' }, patternMayIntercept: true, maxHits: 1 },
      ])
    },
  )

  await t.test(
    'what is wrong with an order is named, and a secret one is seen by its readers only',
    async () => {
      const form = first.locator('.place-order')
      const fill = async (key: string) => {
        await form.getByLabel('Subject').fill(key)
        await form.getByLabel('Why it is placed').fill('秘密线索')
        await form.getByLabel('Nature').selectOption('SECRET')
        await form.getByRole('button', { name: 'Place it' }).click()
      }
      await form.getByLabel(/^What/).selectOption('PLATE_PATTERN')
      await fill('*1')
      await form.getByLabel('Order number').getByText('given by the gateway').waitFor()
      const said = form.locator('[data-problem="subject.key"]')
      const says = (text: string) => said.filter({ hasText: text }).waitFor()
      await says('Subject 3 signs at least must be fixed: name more of the plate than *1')
      await first.getByRole('button', { name: '中文' }).click()
      await says('布控对象 至少须写明 3 位：请补充 *1 的车牌内容')
      await first.getByRole('button', { name: 'English' }).click()
      await form.getByLabel(/^What/).selectOption('PLATE')
      await fill('粤Z1234港')
      const placed = await form.getByText(/^S-[0-9A-Z]{12} is placed/).textContent()
      const secret = placed?.split(' ')[0] ?? ''
      await filter(second, 'Waiting for approval')
      await row(second, secret).waitFor()
      await view(third, 'Orders')
      await row(third, 'BK-1').waitFor()
      await filter(third, 'Waiting for approval')
      await third.getByText('No such orders').waitFor()
      await open(second, secret)
      await second.getByLabel('Why it is rejected').fill('依据不足')
      await second.getByRole('button', { name: 'Reject' }).click()
      await gateway.signIn('wang')
      await gateway.post('/api/orders', {
        ...{
          orderId: 'W-1',
          agency: 'IQ',
          subject: { kind: 'TAG', key: 'E1' },
          action: 'NOTIFY',
          nature: 'OPEN',
        },
        ...{ level: 1, reason: '重复', validFrom: 0, maxHits: 0 },
      })
      await filter(first, 'Waiting for approval')
      await open(first, 'W-1')
      await first.getByLabel('Why it is withdrawn').fill('与 BK-1 重复')
      await first.getByRole('button', { name: 'Withdraw the order' }).click()
      await first.getByText('No such orders').waitFor()
      await filter(second, 'Ended')
      await open(second, secret)
      await second.getByText('rejected it').waitFor()
      await second.getByText('依据不足').waitFor()
    },
  )

  await t.test(
    'what it hits is shown, and only its agency lifts it: one asks, another confirms',
    async (t) => {
      const at = { lane: 'lane-1', passageId: 'p1', occurredAt: Date.now() }
      const decision = {
        ...{ outcome: 'hold', primary: 'CTL-02', reasons: [], advisories: [], obligations: [] },
        ...{ silentAlerts: [], interceptOrderIds: ['BK-1'], prompt: 'prompt.wait' },
        ...{ vehicleId: null, rulesetVersion: 'test' },
      }
      await edge.sendEvents([
        chain.next('passageOpened', { passageNo: 1, direction: 'in', cause: 'loop' }, at),
        chain.any('decided', { decisionId: 'p1.d', inputs: {}, decision }, at),
      ])
      await filter(first, 'In force')
      await row(first, 'BK-1').getByText('0 of 1').waitFor()
      await row(first, 'BK-1').getByText('1 more not counted').waitFor()
      await filter(third, 'In force')
      await open(third, 'BK-1')
      await third.getByText('Only people of inspection and quarantine lift it').waitFor()
      t.equal(await third.getByRole('button', { name: 'Ask for its lift' }).count(), 0)

      await open(first, 'BK-1')
      await first.getByText('edge-1 · lane-1').waitFor()
      await first.getByLabel('Why it is lifted').selectOption('99')
      const ask = first.getByRole('button', { name: 'Ask for its lift' })
      t.ok(await ask.isDisabled(), 'reason 99 needs a remark')
      await first.getByLabel('Remark (needed)').fill('已与货主核实')
      await keepAll(first, 'order-open')
      await ask.click()
      await first.getByText('You have answered for it').waitFor()
      t.equal((await inForce()).length, 1, 'it holds until the second person')
      t.equal(await first.getByRole('button', { name: 'Confirm the lift' }).count(), 0)

      const withdraw = (page: Page) => page.getByRole('button', { name: 'Withdraw the lift' })
      await withdraw(first).waitFor()
      await row(third, 'BK-1').getByText('Lift asked, still in force').waitFor()
      await third.locator('.order-panel').getByText('1 of two have answered for it wang').waitFor()
      t.equal(await withdraw(third).count(), 0, 'another agency takes nothing back')

      await filter(second, 'Lift asked')
      await open(second, 'BK-1')
      await second.getByText('other 已与货主核实').waitFor()
      await keepAll(second, 'order-lift')
      await second.getByRole('button', { name: 'Confirm the lift' }).click()
      await filter(second, 'Ended')
      await row(second, 'BK-1').getByText('Lifted', { exact: true }).waitFor()
      await open(second, 'BK-1')
      await second.locator('ol.history').getByText('approved it').waitFor()
      await keepAll(second, 'orders-ended')
      t.same(await inForce(), [])
    },
  )

  await t.test(
    'a file is read, shows what it would change and what it refuses, and is applied',
    async (t) => {
      const tag = (epc: string, more: object = {}) => ({
        kind: 'tag',
        epc,
        state: 'ACTIVE',
        vehicleId: 'V1',
        ...more,
      })
      await gateway.post('/api/lists/tags/changes', {
        upserts: [tag('E1'), tag('E2'), tag('E3')],
        deletes: [],
      })
      const file = path.join(dir, 'tags.ndjson')
      const lines = [tag('E1'), tag('E2', { state: 'STOLEN' }), tag('E4'), tag('E5', { state: 'SOLD' })]
      writeFileSync(file, lines.map((line) => JSON.stringify(line)).join('\n'))
      await view(first, 'Imports')
      const page = first.locator('.imports')
      await page.getByLabel(/^List/).selectOption('tags')
      await page.getByLabel('Format').selectOption('ndjson')
      await page.getByLabel('Mode').selectOption('replace')
      await page.getByLabel('File', { exact: true }).setInputFiles(file)
      await page.getByRole('button', { name: 'Dry run' }).click()
      const run = page.locator('.import-run')
      await run.getByText('Waits for you').waitFor()
      const count = async (what: string) => run.locator(`[data-count=${what}] dd`).textContent()
      t.same(await Promise.all(['added', 'changed', 'same', 'gone', 'refused'].map(count)), [
        '1',
        '1',
        '1',
        '1',
        '1',
      ])
      t.match(await run.locator('[data-sample=changed]').textContent(), /E2.*state.*ACTIVE.*STOLEN/)
      t.match(await run.locator('[data-sample=gone]').textContent(), /E3/)
      const refusedLine = () => run.locator('.refused-lines tbody tr').first().textContent()
      t.match(await refusedLine(), /^4statemust be one of: ISSUED, ACTIVE/)
      await first.getByRole('button', { name: '中文', exact: true }).click()
      t.match(await refusedLine(), /^4state只能是：ISSUED, ACTIVE/)
      await first.getByRole('button', { name: 'English', exact: true }).click()
      await keepAll(first, 'import-dry-run')
      const tags = async () =>
        (await gateway.get<{ entries: { epc: string; state: string }[] }>('/api/lists/tags')).body.entries
      t.equal((await tags()).length, 3, 'nothing is in force yet')
      await run.getByRole('button', { name: 'Apply' }).click()
      await run.getByText('applied by wang as version').waitFor()
      t.match(await tags(), [{ epc: 'E1' }, { epc: 'E2', state: 'STOLEN' }, { epc: 'E4' }])

      await page.getByRole('button', { name: 'Dry run' }).click()
      await run.getByRole('button', { name: 'Discard' }).click()
      await run.getByText('Discarded').waitFor()
      await view(second, 'Imports')
      await second.getByText('this needs the role of a maintainer').waitFor()
      t.ok(await second.getByLabel('File', { exact: true }).isDisabled())
    },
  )

  await t.test(
    'of each list it is seen which edge has it, how old it is there, and who refused it',
    async (t) => {
      const { body } = await gateway.get<{ lists: { list: string; version: number }[] }>('/api/lists')
      const held = (patch: Record<string, { version?: number; ageMs?: number } | null>) =>
        body.lists.flatMap(({ list, version }) => {
          const more = patch[list] === undefined ? {} : patch[list]
          if (more === null) return []
          const confirmedAt = Date.now() - (more.ageMs ?? 1_000)
          return [{ list, version: more.version ?? version, count: 1, confirmedAt }]
        })
      const tell = (patch: Parameters<typeof held>[0]) =>
        edge.send('health', JSON.stringify(aHealth({ at: Date.now(), lists: held(patch) })), 0)
      await view(third, 'Lists')
      const list = (name: string) => third.locator(`tr[data-list=${name}]`)
      await tell({})
      await list('tags').getByText('1 of 2 are away, and not known').waitFor()
      // No age is judged before the console was told how old a list may be.
      await list('orders').getByText('laden 10 min, else 4 h').waitFor()
      t.equal(await third.locator('.stands-out').count(), 0)
      const version = body.lists.find((one) => one.list === 'tags')?.version ?? 0
      await edge.send(
        'answer',
        JSON.stringify({
          ...{
            v: 1,
            edgeId: 'edge-1',
            to: `tags@${version}`,
            result: 'refused',
            why: 'listHashMismatch',
            at: 1,
          },
        }),
      )
      const states = { tags: { version: version - 1 }, orders: { ageMs: 11 * 60_000 }, vehicles: null }
      await tell({ ...states, blacklist: { ageMs: 5 * 3_600_000 } })
      await list('tags').getByText('refused the newest').waitFor()
      await list('orders').getByText('too old: laden vehicles wait for a person').waitFor()
      await list('blacklist').getByText('too old: every vehicle waits for a person').waitFor()
      await list('vehicles').getByText('not there: nothing is released').waitFor()
      await list('tags').getByRole('button').click()
      const copy = third.locator('tr[data-edge=edge-1]')
      await copy
        .getByText(`refused version ${version}: the content of the list is not what was announced`)
        .waitFor()
      t.match(await third.locator('tr[data-edge]').first().textContent(), /edge-1/, 'the worst first')
      await tell({ ...states, blacklist: { ageMs: 5 * 3_600_000 } })
      await keepAll(third, 'lists')
    },
  )

  await t.test('a lane that waits calls from every page', async (t) => {
    await edge.sendEvents(chain.escalated('p2', { deadlineAt: Date.now() + 60_000 }))
    const link = third.locator('.waiting-link')
    await link.waitFor()
    await link.click()
    await third.locator('article.lane').getByRole('button', { name: 'Hold' }).waitFor()
    await keep(third, 'called')
    t.equal(await third.locator('.list-status').count(), 0)
    await third.goBack()
    await third.locator('.list-status').waitFor()
  })

  await t.test(
    'a number is suggested also where the form was open before the gateway had said who asks',
    async () => {
      const page = await first.context().newPage()
      let say = () => undefined as void
      const said = new Promise<void>((resolve) => (say = resolve))
      await page.route('**/api/session', (route) => said.then(() => route.continue()))
      await page.goto(`${gateway.url}/#/orders`)
      await page.getByText('Place an order').click()
      await page.locator('.place-order details[open]').waitFor()
      say()
      await untilHolds(page.getByLabel('Order number'), /^IQ-\d{8}-\d{6}$/)
      await page.close()
    },
  )

  t.same(
    complaints.flat().filter((text) => !/\b(400|401|403|409|422)\b/.test(text)),
    [],
    'the browsers found nothing to complain about',
  )
}

await inBrowser('orders and lists in a browser', (t) => desks(t))
