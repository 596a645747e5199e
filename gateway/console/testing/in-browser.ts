import { existsSync, mkdirSync } from 'node:fs'
import path from 'node:path'
import { chromium, type Browser, type Locator, type Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { build } from 'vite'

const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium'
const shots = process.env['CONSOLE_SHOTS']
/** Whether `CONSOLE_SHOTS` names a folder for pictures. */
export const keepsPictures = shots !== undefined

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

/** The longest that a test waits for something on a page. */
export const patience = { timeout: 20_000 }

/** Runs a test where there is a browser; without one it is left out, and on a build machine it fails. */
export async function inBrowser(name: string, run: (t: Test) => Promise<void>): Promise<void> {
  if (existsSync(executablePath)) {
    await t.test(name, run)
    return
  }
  const missing = `no browser at ${executablePath}: install chromium or set CHROMIUM`
  if (process.env['CI'] === 'true') t.fail(missing)
  else t.pass(name, { skip: missing })
}

/** The page as it is built for people, in a folder of the test. */
export async function builtPage(t: Test): Promise<string> {
  const outDir = path.join(t.testdir(), 'web')
  await build({
    configFile: path.resolve('gateway/console/vite.config.mjs'),
    logLevel: 'error',
    build: { outDir, emptyOutDir: true },
  })
  return outDir
}

export async function openBrowser(t: Test): Promise<Browser> {
  const browser = await chromium.launch({ executablePath, args: browserArgs })
  t.teardown(() => browser.close())
  return browser
}

/** Waits until a field holds such a value, which is a property of it and which no selector sees. */
export async function untilHolds(field: Locator, value: RegExp): Promise<void> {
  const handle = await field.elementHandle()
  await field
    .page()
    .waitForFunction('([field, value]) => new RegExp(value).test(field.value)', [handle, value.source])
}

/** Keeps a picture where `CONSOLE_SHOTS` names a folder. */
export async function keep(page: Page, name: string, fullPage = false): Promise<void> {
  if (shots === undefined) return
  mkdirSync(shots, { recursive: true })
  await page.screenshot({ path: path.join(shots, `${name}.png`), fullPage })
}

/** The same page in both languages and at the widths of a desk and of a small screen. */
export async function keepAll(page: Page, name: string): Promise<void> {
  if (shots === undefined) return
  const size = page.viewportSize()
  for (const [button, language] of [
    ['中文', 'zh'],
    ['English', 'en'],
  ] as const) {
    await page.getByRole('button', { name: button, exact: true }).click()
    for (const width of [900, 1280]) {
      await page.setViewportSize({ width, height: 900 })
      await keep(page, `${name}-${language}-${width}`, true)
    }
  }
  if (size !== null) await page.setViewportSize(size)
}

/** Everything that a page complained of, but for refusals that a test is about. */
export function complaintsOf(page: Page): string[] {
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(`${message.text()} (${message.location().url})`)
  })
  return complaints
}
