import path from 'node:path'
import type { Page } from 'playwright-core'
import type { Test } from 'tap'
import { everything, startIn } from '../testing/gateway-under-test.js'
import type { EdgeClient } from '../testing/edge-client.js'
import { EventChain } from '../testing/chain.js'
import { builtPage, inBrowser, keep, openBrowser } from './testing/in-browser.js'
import { steadyHealth } from './testing/steady-health.js'

/**
 * Modes of a lane, in the built page, at two desks with a person each, and a real gateway between them
 * and an edge on the wire. `CONSOLE_SHOTS=<folder>` keeps pictures.
 */

async function answer(edge: EdgeClient, to: unknown, why: string | null): Promise<void> {
  const result = why === null ? 'accepted' : 'refused'
  await edge.send('answer', JSON.stringify({ v: 1, edgeId: 'edge-1', to, result, why, at: Date.now() }))
}

const card = (page: Page) => page.locator('article.lane')

async function modes(t: Test): Promise<void> {
  const outDir = await builtPage(t)
  const gateway = await startIn(t, path.dirname(outDir), {
    consoleDir: outDir,
    people: ['operator', 'li.wei', 'wang.fang'].map(everything),
  })
  const browser = await openBrowser(t)
  const edge = await gateway.edge()
  const health = steadyHealth(t, edge)
  const desk = async (operator: string): Promise<Page> => {
    const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1440, height: 960 } })
    const page = await context.newPage()
    await page.goto(gateway.gateway.operatorLink(operator))
    await health()
    await card(page).waitFor({ timeout: 10_000 })
    return page
  }
  const first = await desk('li.wei')
  const second = await desk('wang.fang')

  await t.test('a mode is set with its reason, and the lane’s own word comes back', async (t) => {
    await card(first).getByText('Lane mode').click()
    const set = card(first).getByRole('button', { name: 'Set the mode' })
    await card(first).getByLabel('Change to').selectOption({ label: 'Manual' })
    t.ok(await set.isDisabled(), 'never without a reason')
    t.equal(await card(first).getByRole('option', { name: 'Emergency open' }).count(), 0)
    await card(first).locator('form').first().getByLabel('Why').fill('readers are being changed')
    await set.click()
    const { message } = await edge.hears('command')
    t.match(message, { by: 'li.wei', reason: 'readers are being changed', what: { mode: 'MANUAL' } })
    await answer(edge, message['commandId'], null)
    await card(first).getByText('The lane has taken it').waitFor({ timeout: 10_000 })
  })

  await t.test('for a vehicle in a manual lane a person raises the bar, with a reason', async (t) => {
    await health({ mode: 'MANUAL', at: 'byHand', entryLoop: 'occupied', passageId: 'p7' })
    const byHand = card(first).locator('.by-hand')
    const raise = byHand.getByRole('button', { name: 'Raise the bar' })
    await raise.waitFor({ timeout: 10_000 })
    t.ok(await raise.isDisabled())
    await byHand.getByLabel('Why').fill('<b>driver</b> is ill')
    await byHand.getByLabel('Numbers of orders, if any').fill('O-1, O-2')
    await keep(first, 'by-hand')
    await raise.click()
    const isRaise = (m: Record<string, unknown>) => (m['what'] as { do: string }).do === 'manualRaise'
    const { message } = await edge.hears('command', isRaise)
    t.match(message, {
      by: 'li.wei',
      reason: '<b>driver</b> is ill',
      what: { do: 'manualRaise', passageId: 'p7', orderIds: ['O-1', 'O-2'] },
    })
    await answer(edge, message['commandId'], 'interceptNeedsOrder')
    await byHand.getByText('a release under an intercept needs the number').waitFor({ timeout: 10_000 })
  })

  await t.test('an emergency opening is asked for at one desk and confirmed at the other', async (t) => {
    const form = card(first).locator('form.emergency')
    await form.getByLabel('Why').fill('fire in hall 2')
    await form.getByLabel('Minutes').fill('20')
    await form.getByRole('button', { name: 'Ask for it' }).click()
    await card(first).getByText('Another person has to confirm it').waitFor({ timeout: 10_000 })
    t.equal(await card(first).getByRole('button', { name: 'Confirm the emergency' }).count(), 0)
    const confirm = card(second).getByRole('button', { name: 'Confirm the emergency' })
    await confirm.waitFor({ timeout: 10_000 })
    t.match(await card(second).locator('.asked').textContent(), /li\.wei asks .*20 min: fire in hall 2/)
    await keep(second, 'emergency-asked')
    await confirm.click()
    const isEmergency = (m: Record<string, unknown>) =>
      (m['what'] as { mode?: string }).mode === 'EMERGENCY_OPEN'
    t.match((await edge.hears('command', isEmergency)).message, {
      by: 'li.wei',
      reason: 'fire in hall 2',
      what: { confirmedBy: 'wang.fang', forMs: 1_200_000 },
    })
    await card(second).locator('.asked').waitFor({ state: 'detached', timeout: 10_000 })
    await health({ mode: 'EMERGENCY_OPEN', modeUntil: Date.now() + 1_200_000 })
    await card(second).getByText('ends by itself at').waitFor({ timeout: 10_000 })
    await keep(second, 'emergency-open')
  })

  await t.test('what passed meanwhile is found again for review, in both languages', async (t) => {
    const chain = new EventChain('edge-1')
    const opened = (passageId: string, contingency: boolean) =>
      chain.next(
        'passageOpened',
        { passageNo: 1, direction: 'in', cause: 'loop' },
        { lane: 'lane-1', passageId, contingency },
      )
    const rows = second.locator('.passages tbody tr')
    await edge.sendEvents([opened('p8', false), opened('p9', true)])
    await rows.nth(1).waitFor({ timeout: 10_000 })
    await second.getByRole('button', { name: 'During an emergency' }).click()
    await rows.nth(1).waitFor({ state: 'detached', timeout: 10_000 })
    t.equal(await rows.count(), 1)
    await second.getByRole('button', { name: '中文' }).click()
    await second.getByRole('button', { name: '应急开放期间' }).waitFor({ timeout: 5_000 })
    t.match(await card(second).textContent(), /至 .* 自动结束/)
    await keep(second, 'review-chinese')
  })
}

await inBrowser('lane modes in a browser', (t) => modes(t))
