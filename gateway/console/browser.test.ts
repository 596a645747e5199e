import { existsSync, mkdirSync } from 'node:fs'
import path from 'node:path'
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { build } from 'vite'
import { systemClock } from '../../edge/base/clock.js'
import { silentLogger } from '../../edge/base/log.js'
import { decide } from '../../edge/domain/decision/decide.js'
import { exampleInputs, exampleOrder } from '../../edge/domain/decision/examples.js'
import { decisionSchema } from '../../edge/messages/events.js'
import { describeProblems } from '../../edge/base/result.js'
import { parseGatewayConfig } from '../config.js'
import { startGateway } from '../main.js'
import { enrolAt } from '../testing/enrolled.js'
import { EdgePlayer, endPassage, holdTruck, obey } from './testing/edge-player.js'

/**
 * The built page in a real browser, signed in at a real gateway, with a real MQTT client for the edge.
 * The subtests follow each other like a shift does. `CONSOLE_SHOTS=<folder>` keeps pictures.
 */
const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium'
const shots = process.env['CONSOLE_SHOTS']
const site = 'site-1'
const edgeId = 'edge-1'
const passage = (no: number, lane = 'lane-1') => `edge-1.e1.${lane}.${no}`
const hostile = '<img src=x onerror="window.hacked=1">'

const browserArgs = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

const laneCard = (page: Page, lane: string) =>
  page.locator(`article[id="lane-${encodeURIComponent(`${edgeId}/${lane}`)}"]`)

async function keep(page: Page, name: string): Promise<void> {
  if (shots === undefined) return
  mkdirSync(shots, { recursive: true })
  await page.screenshot({ path: path.join(shots, `${name}.png`) })
}

async function builtPage(t: Test): Promise<string> {
  const outDir = path.join(t.testdir(), 'web')
  await build({
    configFile: path.resolve('gateway/console/vite.config.mjs'),
    logLevel: 'error',
    build: { outDir, emptyOutDir: true },
  })
  return outDir
}

async function openGateway(t: Test, consoleDir: string) {
  const dir = path.dirname(consoleDir)
  const config = parseGatewayConfig({
    version: 1,
    site,
    dataDir: path.join(dir, 'data'),
    http: { port: 0 },
    mqtt: { port: 0 },
    edgeHttp: { port: 0 },
    edges: [{ edgeId }],
    trust: { unsigned: true },
    consoleDir,
  })
  if (!config.ok) throw new Error(describeProblems(config.problems))
  const gateway = await startGateway(config.value, { clock: systemClock, log: silentLogger })
  let closed = false
  const close = async () => {
    if (closed) return
    closed = true
    await gateway.close()
  }
  t.teardown(close)
  return { ...gateway, operatorLink: () => gateway.operatorLink(), close }
}

if (!existsSync(executablePath)) {
  if (process.env['CI'] === 'true')
    t.fail(`no browser at ${executablePath}: install chromium or set CHROMIUM`)
  else
    t.pass('the console in a browser', {
      skip: `no browser at ${executablePath}: install chromium or set CHROMIUM`,
    })
} else {
  await t.test('the console in a browser', (t) => shift(t))
}

async function shift(t: Test): Promise<void> {
  const consoleDir = await builtPage(t)
  const gateway = await openGateway(t, consoleDir)
  const browser: Browser = await chromium.launch({ executablePath, args: browserArgs })
  t.teardown(() => browser.close())
  const identity = await enrolAt(gateway, edgeId)
  const edge = await EdgePlayer.connect({ mqttUrl: gateway.mqttUrl, site, edgeId, identity })
  t.teardown(() => edge.close())

  await t.test('who is not signed in learns in both languages what is needed', async (t) => {
    const page = await browser.newPage()
    await page.goto(gateway.httpUrl)
    await page.getByRole('heading', { name: 'Sign in' }).waitFor({ timeout: 10_000 })
    t.ok(await page.getByText('one-time link').isVisible())
    await page.getByRole('button', { name: '中文' }).click()
    await page.getByRole('heading', { name: '登录' }).waitFor({ timeout: 10_000 })
    t.ok(await page.getByText('一次性链接').isVisible())
    t.equal(await page.locator('main .lane').count(), 0, 'and sees nothing of the lanes')
    await page.close()
  })

  const context = await browser.newContext({
    locale: 'en-GB',
    colorScheme: 'dark',
    viewport: { width: 1440, height: 960 },
  })
  const page = await context.newPage()
  const problems: string[] = []
  page.on('pageerror', (error) => problems.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(`${message.text()} (${message.location().url})`)
  })
  await page.goto(gateway.operatorLink())

  const icon = await page.request.get(new URL('/favicon.ico', gateway.httpUrl).href)
  t.equal(icon.status(), 204, 'a browser that asks for an icon by its oldest name complains of nothing')

  await releaseOnce(t, page, edge)
  await intercepted(t, page, edge)
  await twoDesks(t, page, context, edge, gateway.httpUrl)
  await switchLanguage(t, page)
  await hostileWords(t, page, edge)
  await askedWhy(t, page, edge)
  await inspected(t, page, edge)
  await passedOffline(t, page, edge)
  t.same(
    problems.filter((text) => !/409|\b422\b/.test(text)),
    [],
    'the browser found nothing to complain about',
  )
  await goneEdge(t, page, edge)
  await goneGateway(t, page, gateway.close)
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
      t.match(await page.title(), /^\(1\) /, 'the tab says that somebody is needed')
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
      t.ok(await card.getByRole('button', { name: 'Return' }).isEnabled())
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
    t.equal(await page.getAttribute('html', 'lang'), 'zh-CN')
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

async function inspected(t: Test, page: Page, edge: EdgePlayer): Promise<void> {
  await t.test(
    'a locked container is inspected, treated and unlocked from the page, step by step',
    async (t) => {
      const box = 'TCLU4265449'
      const passageId = passage(5, 'lane-2')
      const about = { tripId: null, obligations: ['DISINFECT', 'INSPECT'] }
      await edge.event('passageOpened', 'lane-2', passageId, { passageNo: 5, direction: 'in', cause: 'loop' })
      await edge.event('containerLocked', 'lane-2', passageId, {
        containers: [box],
        declarationNos: [],
        orderIds: [],
        ...about,
      })
      await edge.event('inspectionAsked', 'lane-2', passageId, {
        reasons: ['QUA-01', hostile],
        containers: [box],
        ...about,
      })
      const row = page.locator(`tr[data-task="${passageId}.i1"]`)
      const lock = page.locator(`li[data-container="${box}"]`)
      await row.getByText('Waits for an inspector').waitFor({ timeout: 10_000 })
      t.equal(await page.locator('main img').count(), 0, 'markup in a reason stays text')
      await lock.getByText('Missing: a passed inspection · the treatment').waitFor({ timeout: 10_000 })
      await row.getByRole('button', { name: 'I take it' }).click()
      await row.getByRole('button', { name: 'Check in' }).click({ timeout: 10_000 })
      await row.getByRole('button', { name: 'Start' }).click({ timeout: 10_000 })
      const detain = row.getByRole('button', { name: 'Detained' })
      await detain.waitFor({ timeout: 10_000 })
      t.ok(await detain.isDisabled(), 'anything but a pass needs a remark')
      await keep(page, 'inspection')
      await row.getByRole('button', { name: 'Passed' }).click()
      await lock.getByText('Missing: the treatment').waitFor({ timeout: 10_000 })
      t.equal(await lock.getByRole('button').count(), 0, 'nothing to press yet')
      await row.getByRole('button', { name: 'Treatment done' }).click()
      await lock.getByText('May be unlocked').waitFor({ timeout: 10_000 })
      const unlock = lock.getByRole('button', { name: 'Unlock' })
      t.ok(await unlock.isDisabled(), 'and an unlock a reason')
      await lock.getByRole('textbox').fill('seen and fumigated')
      await keep(page, 'unlock')

      await page.getByRole('button', { name: '中文' }).click()
      await row.getByText('合格').first().waitFor({ timeout: 5_000 })
      t.ok(await page.getByRole('heading', { name: '已上锁集装箱' }).isVisible())
      await keep(page, 'inspection-chinese')
      await page.getByRole('button', { name: 'English' }).click()
      await unlock.click()
      await lock.waitFor({ state: 'detached', timeout: 10_000 })
      await row.getByRole('button', { name: 'Close the task' }).click()
      await row.getByText('Closed').waitFor({ timeout: 10_000 })
      await row.getByText('Release receipt').click()
      await row.getByRole('img', { name: /^QR code of receipt RC-/ }).waitFor({ timeout: 5_000 })
      t.match(await row.locator('code').textContent(), /^LK1\.[\w-]+\.[\w-]{86}$/)
      await endPassage(edge, 'lane-2', passageId, 'returned')
    },
  )
}

async function passedOffline(t: Test, page: Page, edge: EdgePlayer): Promise<void> {
  await t.test(
    'a vehicle that passed under an order it was not judged by is an alert until somebody settles it',
    async (t) => {
      const panel = page.locator('section.alerts')
      t.equal(await panel.count(), 0, 'without an alert nothing stands there')
      const order = {
        ...{ kind: 'order', orderId: 'LATE-1', agency: 'IQ', subject: { kind: 'TAG', key: 'E2LATE' } },
        ...{
          action: 'INTERCEPT',
          nature: 'OPEN',
          level: 2,
          reason: 'x',
          validFrom: 1,
          maxHits: 0,
          issuedBy: 'iq',
        },
      }
      const status = await page.evaluate(async (upsert) => {
        const headers = { 'content-type': 'application/json' }
        const body = JSON.stringify({ upserts: [upsert], deletes: [] })
        return (await fetch('/api/lists/orders/changes', { method: 'POST', headers, body })).status
      }, order)
      t.equal(status, 200)
      const passageId = passage(6, 'lane-2')
      await edge.event('passageOpened', 'lane-2', passageId, { passageNo: 6, direction: 'in', cause: 'loop' })
      await edge.event('tagObserved', 'lane-2', passageId, {
        ...{ epc: 'E2LATE', tid: null, readerId: 'r1', antenna: '1', rssiDbm: -50, count: 3, claim: 'mine' },
      })
      await endPassage(edge, 'lane-2', passageId, 'cleared')
      const alert = panel.locator(`li[data-alert="${passageId}.passedOffline"]`)
      await alert.getByText('Passed while offline').waitFor({ timeout: 15_000 })
      t.ok(await alert.getByText('In force when it passed: LATE-1').isVisible())
      t.ok(await alert.getByText(/To be stopped at every lane: AUTO-/).isVisible())
      await keep(page, 'alert')
      await page.getByRole('button', { name: '中文' }).click()
      await alert.getByText('断网期间放行').waitFor({ timeout: 5_000 })
      await page.getByRole('button', { name: 'English' }).click()
      const settle = alert.getByRole('button', { name: 'Settle' })
      t.ok(await settle.isDisabled(), 'it takes a word of how')
      await alert.getByRole('textbox').fill('found at the next gate')
      await settle.click()
      await panel.waitFor({ state: 'detached', timeout: 10_000 })
      await page.getByRole('button', { name: 'Passed while offline' }).click()
      const row = page.locator('section.passages tbody tr')
      await row.getByText('E2LATE').waitFor({ timeout: 10_000 })
      t.equal(await row.count(), 1, 'it stays on the review list')
      await page.getByRole('button', { name: 'All', exact: true }).click()
    },
  )
}

async function goneEdge(t: Test, page: Page, edge: EdgePlayer): Promise<void> {
  await t.test('a lane whose controller is away is shown as it was, and says so', async (t) => {
    await edge.close()
    const card = laneCard(page, 'lane-1')
    await card.getByText('Away: its lanes decide alone').waitFor({ timeout: 10_000 })
    t.match(await card.getAttribute('class'), /\bold\b/)
    t.equal(await page.locator('.stale-banner').count(), 0, 'the rest of the page is live')
  })
}

async function goneGateway(t: Test, page: Page, close: () => Promise<void>): Promise<void> {
  await t.test(
    'with the gateway gone the page says how old it is, looks it, and takes no answers',
    async (t) => {
      t.equal(await page.locator('.stale-banner').count(), 0)
      await close()
      const banner = page.locator('.stale-banner')
      // Sooner than silence alone would tell: a cut is seen at once.
      await banner.getByText('does not show the lanes as they are now').waitFor({ timeout: 4_000 })
      t.match(await banner.textContent(), /\d+ s old/)
      t.ok(await page.locator('.status').getByText('Not live').isVisible())
      t.ok(await laneCard(page, 'lane-1').getByRole('button', { name: 'Return' }).isDisabled())
      await keep(page, 'stale')
    },
  )
}
