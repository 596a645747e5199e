import type { BrowserContext, Page } from 'playwright-core'
import type { Test } from 'tap'
import { decide } from '../../edge/domain/decision/decide.js'
import { exampleInputs, exampleOrder } from '../../edge/domain/decision/examples.js'
import { decisionSchema } from '../../edge/messages/events.js'
import { endPassage, holdTruck, obey, type EdgePlayer } from './testing/edge-player.js'
import { inBrowser, keep } from './testing/in-browser.js'
import { foreseen, hostile, laneCard, openShift, passage } from './testing/shift.js'
import type { GatewayUnderTest } from '../testing/gateway-under-test.js'

/**
 * The built page in a real browser, signed in at a real gateway, with a real MQTT client for the edge.
 * The subtests follow each other like a shift does. `CONSOLE_SHOTS=<folder>` keeps pictures.
 */
async function shift(t: Test): Promise<void> {
  const desk = await openShift(t)
  const { page, context, edge, gateway, complaints } = desk

  await t.test('who is not signed in learns in both languages what is needed', async (t) => {
    const page = await desk.browser.newPage()
    await page.goto(gateway.url)
    await page.getByRole('heading', { name: 'Sign in' }).waitFor({ timeout: 10_000 })
    t.ok(await page.getByText('one-time link').isVisible())
    await page.getByRole('button', { name: '中文' }).click()
    await page.getByRole('heading', { name: '登录' }).waitFor({ timeout: 10_000 })
    t.ok(await page.getByText('一次性链接').isVisible())
    t.equal(await page.locator('main .lane').count(), 0, 'and sees nothing of the lanes')
    await page.close()
  })

  const icon = await page.request.get(new URL('/favicon.ico', gateway.url).href)
  t.equal(icon.status(), 204, 'a browser that asks for an icon by its oldest name complains of nothing')

  await releaseOnce(t, page, edge)
  await intercepted(t, page, edge)
  await twoDesks(t, page, context, edge, gateway.url)
  await switchLanguage(t, page)
  await hostileWords(t, page, edge)
  await askedWhy(t, page, edge)
  t.same(foreseen(complaints), [], 'the browser found nothing to complain about')
  await goneEdge(t, page, edge)
  await goneGateway(t, context, gateway)
}

async function releaseOnce(t: Test, page: Page, edge: EdgePlayer): Promise<void> {
  await t.test(
    'a held truck appears; Release, pressed twice, reaches the edge once; the passage closes',
    async (t) => {
      await edge.health([
        { entryLoop: 'occupied', at: 'escalated', passageId: passage(1), prompt: 'prompt.wait' },
        { lane: 'lane-2', direction: 'out' },
      ])
      await holdTruck(edge, { lane: 'lane-1', passageId: passage(1), reasons: ['ID-03'] })
      const card = laneCard(page, 'lane-1')
      await card.getByText('The tag is not in the registry').waitFor({ timeout: 10_000 })
      // The tab says that somebody is needed; it is written after the page was drawn.
      await page.waitForFunction('document.title.startsWith("(1) ")')
      await keep(page, 'held')

      await card.getByRole('button', { name: 'Release' }).dblclick()
      const verdict = await edge.verdictOn(passage(1))
      t.match(verdict, { answer: 'release', passageId: passage(1), lane: 'lane-1' })
      await card.getByText('The lane has not confirmed yet').waitFor({ timeout: 10_000 })
      t.equal(await card.getByRole('button', { name: 'Release' }).count(), 0, 'no button is left to press')

      await obey(edge, verdict)
      await edge.health([
        {
          entryLoop: 'occupied',
          exitLoop: 'occupied',
          barrier: 'raised',
          light: 'green',
          at: 'crossing',
          passageId: passage(1),
          prompt: 'prompt.release',
        },
        { lane: 'lane-2', direction: 'out' },
      ])
      await card.getByText('Vehicle is passing').waitFor({ timeout: 10_000 })
      t.match(await card.getByRole('img').getAttribute('aria-label'), /barrier Raised, light Green/)
      await keep(page, 'released')

      await endPassage(edge, 'lane-1', passage(1), 'cleared')
      await edge.health([{}, { lane: 'lane-2', direction: 'out' }])
      const row = page.locator('.passages tbody tr').first()
      await row.getByText('Passed').waitFor({ timeout: 10_000 })
      t.ok(await row.getByText('Released by an officer').isVisible())
      await card.locator('.escalation').waitFor({ state: 'detached', timeout: 10_000 })
      t.equal(edge.verdicts.length, 1)
    },
  )
}

async function intercepted(t: Test, page: Page, edge: EdgePlayer): Promise<void> {
  await t.test(
    'an intercepted vehicle is released only after its order number and a reason are typed',
    async (t) => {
      await holdTruck(edge, {
        lane: 'lane-1',
        passageId: passage(2),
        reasons: ['CTL-02'],
        interceptOrderIds: ['BK-2026-0417'],
        plates: ['粤B12345'],
        vehicleId: 'V2044',
      })
      await edge.health([
        { entryLoop: 'occupied', at: 'escalated', passageId: passage(2), plate: '粤B12345' },
        { lane: 'lane-2', direction: 'out' },
      ])
      const card = laneCard(page, 'lane-1')
      const release = card.getByRole('button', { name: 'Release' })
      await release.waitFor({ timeout: 10_000 })
      t.ok(await release.isDisabled())
      t.ok(await card.getByText('To release, type the number of every order').isVisible())
      await card.getByRole('button', { name: 'Return', disabled: false }).waitFor({ timeout: 10_000 })
      await keep(page, 'intercepted')

      await card.locator('input[name=order]').fill('BK-2026-0416')
      t.ok(await release.isDisabled(), 'a wrong number does not do')
      await card.locator('input[name=order]').fill('BK-2026-0417')
      await card.getByText('Number matches').waitFor({ timeout: 5_000 })
      t.ok(await release.isDisabled(), 'nor a number without a reason')
      await card.locator('input[name=reason]').fill('Lifted by telephone, officer 7')
      await page.keyboard.press('Tab')
      t.equal(await page.evaluate('document.activeElement.textContent'), 'Release', 'the keyboard gets there')
      await page.keyboard.press('Enter')
      const verdict = await edge.verdictOn(passage(2))
      t.match(verdict, {
        answer: 'release',
        reason: 'Lifted by telephone, officer 7',
        orderIds: ['BK-2026-0417'],
        passageId: passage(2),
      })
      await obey(edge, verdict)
      await endPassage(edge, 'lane-1', passage(2), 'cleared')
      await card.locator('.escalation').waitFor({ state: 'detached', timeout: 10_000 })
    },
  )
}

async function twoDesks(
  t: Test,
  page: Page,
  context: BrowserContext,
  edge: EdgePlayer,
  httpUrl: string,
): Promise<void> {
  await t.test('when another desk was faster the officer is told so in words', async (t) => {
    await holdTruck(edge, { lane: 'lane-2', passageId: passage(1, 'lane-2'), reasons: ['ID-01'] })
    const card = laneCard(page, 'lane-2')
    await card.getByRole('button', { name: 'Hold' }).waitFor({ timeout: 10_000 })
    // The other desk answers between this page's press and its arrival at the gateway.
    await page.route('**/verdict', async (route) => {
      const answered = await context.request.post(route.request().url(), {
        headers: { origin: new URL(httpUrl).origin },
        data: { answer: 'return', version: 1, reason: 'other desk', orderIds: [] },
      })
      t.ok(answered.ok(), 'the other desk is taken')
      await route.continue()
    })
    await card.getByRole('button', { name: 'Hold' }).click()
    await card.getByText('somebody else answered').waitFor({ timeout: 10_000 })
    await page.unroute('**/verdict')
    const verdict = await edge.verdictOn(passage(1, 'lane-2'))
    t.equal(verdict.answer, 'return', 'only the first reached the edge')
    await obey(edge, verdict)
    await endPassage(edge, 'lane-2', passage(1, 'lane-2'), 'returned')
    await card.locator('.escalation').waitFor({ state: 'detached', timeout: 10_000 })
    t.equal(edge.verdicts.length, 3)
  })
}

async function switchLanguage(t: Test, page: Page): Promise<void> {
  await t.test('the language is switched at once and kept over a reload', async (t) => {
    t.equal(await page.getAttribute('html', 'lang'), 'en')
    await page.getByRole('button', { name: '中文' }).click()
    await page.getByRole('heading', { name: '最近通行' }).waitFor({ timeout: 5_000 })
    // Written after the page was drawn.
    await page.locator('html[lang=zh-CN]').waitFor({ timeout: 5_000 })
    await page.reload()
    await page.getByRole('heading', { name: '最近通行' }).waitFor({ timeout: 10_000 })
    t.equal(await page.getByText('Last passages').count(), 0)
    await keep(page, 'chinese')
    await page.getByRole('button', { name: 'English' }).click()
    await page.getByRole('heading', { name: 'Last passages' }).waitFor({ timeout: 5_000 })
  })
}

async function hostileWords(t: Test, page: Page, edge: EdgePlayer): Promise<void> {
  await t.test('a plate, vehicle or reason made of markup is shown as the text it is', async (t) => {
    await holdTruck(edge, {
      lane: 'lane-1',
      passageId: passage(3),
      reasons: [hostile],
      plates: [hostile],
      vehicleId: '<script>window.hacked=1</script>',
    })
    await edge.health(
      [
        {
          at: hostile.slice(0, 40),
          passageId: passage(3),
          plate: hostile,
          reason: hostile,
          lastTag: { epc: hostile, heardAt: 0, rssiDbm: null },
        },
        { lane: 'lane-2', direction: 'out' },
      ],
      { faults: [{ code: hostile, source: hostile, since: 0, detail: hostile }], version: hostile },
    )
    const card = laneCard(page, 'lane-1')
    await card.locator('.reasons').getByText(hostile).waitFor({ timeout: 10_000 })
    await card.locator('.facts').getByText(hostile).first().waitFor({ timeout: 10_000 })
    await page.locator('.faults').getByText(hostile).first().waitFor({ timeout: 10_000 })
    t.equal(await page.locator('main img, main script').count(), 0, 'none of it became an element')
    t.equal(await page.evaluate('"hacked" in window'), false, 'none of it ran')
  })
}

async function askedWhy(t: Test, page: Page, edge: EdgePlayer): Promise<void> {
  await t.test(
    'why a truck was held is told in either language, and a secret order reads like a draw',
    async (t) => {
      const order = exampleOrder({ orderId: 'S77', nature: 'SECRET', reason: hostile })
      const inputs = exampleInputs({
        passageId: passage(4, 'lane-2'),
        facts: { orders: [order] },
        lane: hostile,
      })
      const decision = decisionSchema.parse(decide(inputs))
      await holdTruck(edge, {
        lane: 'lane-2',
        passageId: passage(4, 'lane-2'),
        reasons: ['CTL-02S'],
        interceptOrderIds: ['S77'],
        recorded: { decision, inputs: { ...inputs } },
      })
      const ask = (passageId: string) =>
        page.getByRole('button', { name: `Why it was judged so: ${passageId}` })
      await ask(passage(4, 'lane-2')).click({ timeout: 10_000 })
      const panel = page.locator('.why-panel')
      await panel.getByText('Rule 26 (RND-01, Hold)').waitFor({ timeout: 10_000 })
      t.ok(await panel.getByText('Tag E1: of this vehicle, present, heard 12 times').isVisible())
      t.ok(await panel.getByText('Rules that decided').isVisible())
      t.notMatch(await panel.textContent(), /CTL|secret|intercept/i)
      t.equal(await page.locator('main img, main script').count(), 0, 'markup in a record stays text')
      await keep(page, 'why')

      await page.getByRole('button', { name: '中文' }).click()
      await panel.getByText('第 26 条（RND-01，转查验）').waitFor({ timeout: 10_000 })
      t.ok(await panel.getByRole('heading', { name: '依据的规则' }).isVisible())
      t.notMatch(await panel.textContent(), /CTL|秘密|拦截/)
      await keep(page, 'why-chinese')
      await page.getByRole('button', { name: 'English' }).click()
      await panel.getByText('Rule 26').waitFor({ timeout: 10_000 })
      await panel.getByRole('button', { name: 'Close' }).click()
      await panel.waitFor({ state: 'detached', timeout: 5_000 })

      await ask(passage(3)).click()
      await panel.getByText('written by another version').waitFor({ timeout: 10_000 })
      await panel.getByRole('button', { name: 'Close' }).click()
      await endPassage(edge, 'lane-2', passage(4, 'lane-2'), 'returned')
    },
  )
}

async function goneEdge(t: Test, page: Page, edge: EdgePlayer): Promise<void> {
  await t.test('a lane whose controller is away is shown as it was, and says so', async (t) => {
    await edge.close()
    const card = laneCard(page, 'lane-1')
    await card.getByText('Away: its lanes decide alone').waitFor({ timeout: 10_000 })
    t.match(await card.getAttribute('class'), /\bold\b/)
    // The rest of the page is live.
    await page.locator('.stale-banner').waitFor({ state: 'detached', timeout: 10_000 })
  })
}

/** Twenty seconds are one for such a page: a silence comes too late to tell it anything. */
const slowClock = '{ const now = performance.now.bind(performance); performance.now = () => now() / 20 }'

async function goneGateway(t: Test, context: BrowserContext, gateway: GatewayUnderTest): Promise<void> {
  await t.test(
    'with the gateway gone the page says how old it is, looks it, and takes no answers',
    async (t) => {
      const page = await context.newPage()
      await page.addInitScript(slowClock)
      await page.goto(gateway.url)
      await page.locator('.status').getByText('Live', { exact: true }).waitFor({ timeout: 10_000 })
      await laneCard(page, 'lane-1').getByRole('button', { name: 'Return', disabled: false }).waitFor()
      const banner = page.locator('.stale-banner')
      t.equal(await banner.count(), 0)
      await gateway.close()
      // Only the cut itself can tell it, at once.
      await banner.getByText('does not show the lanes as they are now').waitFor({ timeout: 20_000 })
      t.match(await banner.textContent(), /\d+ s old/)
      t.ok(await page.locator('.status').getByText('Not live').isVisible())
      t.ok(await laneCard(page, 'lane-1').getByRole('button', { name: 'Return' }).isDisabled())
      await keep(page, 'stale')
    },
  )
}

await inBrowser('the console in a browser', (t) => shift(t))
