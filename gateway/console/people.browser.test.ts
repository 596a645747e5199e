import path from 'node:path'
import type { Page } from 'playwright-core'
import type { Test } from 'tap'
import { systemClock } from '../../edge/base/clock.js'
import { askForLink } from '../people/link-folder.js'
import { EventChain } from '../testing/chain.js'
import { everything, startIn } from '../testing/gateway-under-test.js'
import { builtPage, inBrowser, keep, openBrowser, patience } from './testing/in-browser.js'
import { steadyHealth } from './testing/steady-health.js'

/**
 * Two persons sign in at two desks by name and passphrase, each does what the role allows, and together they open a
 * lane for an emergency. Built page, real gateway, an edge on the wire. `CONSOLE_SHOTS=<folder>` keeps pictures.
 */

const card = (page: Page) => page.locator('article.lane')

async function people(t: Test): Promise<void> {
  const outDir = await builtPage(t)
  const dir = path.dirname(outDir)
  const gateway = await startIn(t, dir, {
    consoleDir: outDir,
    people: [
      everything('operator'),
      { name: 'li.wei', roles: ['officer'] },
      { name: 'wang.fang', roles: ['supervisor'] },
    ],
  })
  const browser = await openBrowser(t)
  const edge = await gateway.edge()
  const health = steadyHealth(t, edge)
  const desk = async (): Promise<Page> => {
    const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1440, height: 960 } })
    const page = await context.newPage()
    page.setDefaultTimeout(patience.timeout)
    return page
  }
  /** By the link of the command line the first time, then by name. */
  const comeIn = async (name: string, passphrase: string): Promise<Page> => {
    const page = await desk()
    const asked = { person: name, by: 'root@console' }
    const { link } = await askForLink(path.join(dir, 'data'), asked, systemClock)
    await page.goto(link)
    const form = page.locator('.person-banner')
    await form.getByText('Set your passphrase').click()
    await form.getByLabel('New passphrase', { exact: true }).fill(passphrase)
    const save = form.getByRole('button', { name: 'Save the passphrase' })
    t.ok(await save.isDisabled(), 'not before it was typed twice')
    await form.getByLabel('New passphrase again').fill(passphrase)
    if (name === 'li.wei') await keep(page, 'set-passphrase', true)
    await save.click()
    await form.getByText('Your passphrase was set through a link').waitFor()
    await page.locator('.account > summary').click()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await signIn(page, name, passphrase)
    return page
  }
  const signIn = async (page: Page, name: string, passphrase: string): Promise<void> => {
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    await page.getByLabel('Name').fill(name)
    await page.getByLabel('Passphrase').fill(passphrase)
    await page.getByRole('button', { name: 'Sign in' }).click()
  }

  const first = await comeIn('li.wei', 'four words of li wei')
  const second = await comeIn('wang.fang', 'four words of wang fang')
  await health()

  await t.test('whoever is not signed in gets in with the right passphrase only', async (t) => {
    const page = await desk()
    await page.goto(gateway.url)
    await signIn(page, 'li.wei', 'not the right one')
    await page.getByText('The name or the passphrase is not right').waitFor()
    await page.getByRole('button', { name: '中文' }).click()
    await page.getByRole('heading', { name: '登录' }).waitFor()
    await keep(page, 'sign-in', true)
    t.equal(await page.locator('article.lane').count(), 0, 'and sees no lane before')
    await page.context().close()
  })

  await t.test('each sees who is signed in, with what role, and what happened under the name', async (t) => {
    await first.locator('header', { hasText: /li\.wei.*officer/ }).waitFor()
    await second.locator('header', { hasText: /wang\.fang.*supervisor/ }).waitFor()
    const notices = first.locator('.person-banner')
    await notices.getByText('A one-time sign-in link was made for you').waitFor()
    t.match(await notices.textContent(), /asked for by root@console/)
    await keep(first, 'notices', true)
    await notices.getByRole('button', { name: 'I have read this' }).click()
    await notices.waitFor({ state: 'detached' })
    await second.locator('.person-banner').getByRole('button', { name: 'I have read this' }).click()
  })

  await t.test('what the role does not allow cannot be pressed, and says whose it is', async (t) => {
    await first.locator('.outages').getByText('Announce an outage').first().click()
    const announce = first.locator('.outages').getByRole('button', { name: 'Announce an outage' })
    t.ok(await announce.isDisabled())
    t.ok(await first.locator('.outages').getByLabel('Reason').isDisabled())
    await first.locator('.outages').getByText('this needs the role of a supervisor').waitFor()
    await card(first).getByText('Lane mode').click()
    const option = (page: Page, name: string) =>
      card(page).locator('option', { hasText: name }).first().isDisabled()
    t.same([await option(first, 'Manual'), await option(first, 'Closed')], [true, false])
    await card(second).getByText('Lane mode').click()
    t.same([await option(second, 'Manual'), await option(second, 'Closed')], [false, false])
    await keep(first, 'officer', true)
  })

  await t.test('an officer asks for an emergency, and a supervisor opens it', async (t) => {
    const form = card(first).locator('form.emergency')
    await form.getByLabel('Why').fill('fire in hall 2')
    await form.getByRole('button', { name: 'Ask for it' }).click()
    await card(first).getByText('Another person has to confirm it').waitFor()
    const confirm = card(second).getByRole('button', { name: 'Confirm the emergency' })
    await confirm.waitFor()
    await keep(second, 'emergency', true)
    await confirm.click()
    const { message } = await edge.hears('command')
    t.match(message, {
      by: 'li.wei',
      what: { do: 'setMode', mode: 'EMERGENCY_OPEN', confirmedBy: 'wang.fang' },
    })
  })

  await t.test('a passage that is over is corrected, with what stood there before', async (t) => {
    const chain = new EventChain('edge-1')
    const at = { lane: 'lane-1', passageId: 'p1' }
    await edge.sendEvents([
      chain.next('passageOpened', { passageNo: 1, direction: 'in', cause: 'loop' }, at),
      chain.next(
        'passageEnded',
        { how: 'cleared', outcome: 'release', readsHeard: 1, readsShed: 0, durationMs: 9_000 },
        at,
      ),
    ])
    await first.getByRole('button', { name: 'Correct passage p1' }).click()
    const form = first.locator('.why-panel')
    const send = form.getByRole('button', { name: 'Add the correction' })
    await form.getByLabel('Reason').fill('read from the camera')
    t.ok(await send.isDisabled(), 'not without a change')
    await form.getByLabel('Plates').fill('粤Z1234港， ABC123')
    await keep(first, 'correct', true)
    await send.click()
    await form.getByText('The correction is recorded').waitFor()
    await gateway.signIn('operator')
    const { body } = await gateway.get('/api/passages/p1/supplements')
    t.match(body, {
      supplements: [
        { by: 'li.wei', is: { plates: ['粤Z1234港', 'ABC123'] }, was: { plates: [] }, reason: /camera/ },
      ],
    })
  })

  await t.test('an outage is announced by the supervisor, and the officer enters a paper', async (t) => {
    const outages = second.locator('.outages')
    await outages.getByText('Announce an outage').first().click()
    await outages.getByLabel('From').fill('2026-01-05T08:00')
    await outages.getByLabel('To (empty: it lasts still)').fill('2026-01-05T10:00')
    await outages.getByLabel('Reason').fill('power cut')
    await outages.getByRole('button', { name: 'Announce an outage' }).click()
    await outages.getByText('announced by wang.fang; 0 entered').waitFor()
    await first.reload()
    const paper = first.locator('.outages li')
    await paper.getByText('Enter a passage from paper').click()
    await paper.getByLabel('Number of the paper').fill('P-0001')
    await paper.getByLabel('Came at').fill('2026-01-05T08:20')
    await paper.getByLabel('Plates').fill('粤B12345')
    await paper.getByLabel('Officer, as signed on the paper').fill('zhao')
    await keep(first, 'paper', true)
    await paper.getByRole('button', { name: 'Enter it' }).click()
    await paper.getByText('Entered', { exact: true }).waitFor()
    await paper
      .getByText('No vehicle in the register', { exact: false })
      .or(paper.locator('.problem'))
      .first()
      .waitFor()
    await paper.getByText('1 entered from paper').waitFor()
    t.equal(await paper.getByLabel('Officer, as signed on the paper').inputValue(), 'zhao')
  })
}

await inBrowser('people in a browser', (t) => people(t))
