import { readFileSync, unlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Test } from 'tap'
import { startIn } from '../testing/gateway-under-test.js'
import { makeSigning } from '../testing/signed.js'
import { builtPage, inBrowser, keepAll, openBrowser, patience } from './testing/in-browser.js'

/** Built page, real gateway with real keys, and a record of them that somebody edits while the page is looked at. */
async function board(t: Test): Promise<void> {
  const consoleDir = await builtPage(t)
  const dir = path.dirname(consoleDir)
  const { trust } = makeSigning(dir, Date.now(), ['wang'])
  const gateway = await startIn(t, dir, { consoleDir, trust })
  await gateway.signIn()
  const context = await (await openBrowser(t)).newContext({ locale: 'en-GB' })
  const page = await context.newPage()
  page.setDefaultTimeout(patience.timeout)
  await page.goto(gateway.gateway.operatorLink())
  const shown = page.locator('.gateway-faults [data-fault="gateway.listsNotSigned"]')
  const newVersion = async (epc: string) => {
    const tag = { kind: 'tag', epc, state: 'ACTIVE', vehicleId: 'V1' }
    t.equal((await gateway.post('/api/lists/tags/changes', { upserts: [tag], deletes: [] })).status, 200)
  }

  await page.getByRole('link', { name: /^Lists/ }).click()
  await page.locator('tr[data-list="orders"]').waitFor()
  t.equal(await page.locator('.gateway-faults').count(), 0, 'nothing is wrong yet')

  const edited = path.join(trust.recordsDir, 'delegation.3.json')
  const good = readFileSync(path.join(trust.recordsDir, 'delegation.2.json'), 'utf8')
  writeFileSync(edited, good.replace('"version": 2', '"version": 3'))
  await newVersion('E1')
  await shown.getByText('Lists cannot be signed at the gateway').waitFor()
  await keepAll(page, 'gateway-fault')

  t.match(await shown.getAttribute('title'), /badSignature/)
  writeFileSync(edited, '{')
  await newVersion('E2')
  await page.locator('.gateway-faults li:not([title*="badSignature"])').waitFor()

  unlinkSync(edited)
  await newVersion('E3')
  await shown.waitFor({ state: 'detached' })
}

await inBrowser('what is wrong with the gateway stands on every page until it is over', (t) => board(t))
