import type { Page } from 'playwright-core'
import type { Test } from 'tap'
import { endPassage, type EdgePlayer } from './testing/edge-player.js'
import { inBrowser, keep } from './testing/in-browser.js'
import { foreseen, hostile, openShift, passage } from './testing/shift.js'

/** What is to be done behind the lanes, in the built page: inspections, locked containers, and alerts. */
async function shift(t: Test): Promise<void> {
  const { page, edge, complaints } = await openShift(t)
  await edge.health([{}, { lane: 'lane-2', direction: 'out' }])
  await inspected(t, page, edge)
  await passedOffline(t, page, edge)
  t.same(foreseen(complaints), [], 'the browser found nothing to complain about')
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
      await alert.getByText('In force when it passed: LATE-1').waitFor({ timeout: 10_000 })
      await alert.getByText(/To be stopped at every lane: AUTO-/).waitFor({ timeout: 10_000 })
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
      // Among all passages it stands as well, until the page shows the others no more.
      await row.nth(1).waitFor({ state: 'detached', timeout: 10_000 })
      await row.getByText('E2LATE').waitFor({ timeout: 10_000 })
      t.equal(await row.count(), 1, 'it stays on the review list')
      await page.getByRole('button', { name: 'All', exact: true }).click()
    },
  )
}

await inBrowser('tasks and alerts in a browser', (t) => shift(t))
