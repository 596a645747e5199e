import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { systemClock } from '../../edge/base/clock.js'
import { silentLogger } from '../../edge/base/log.js'
import { makeCertificates } from '../../edge/cli/certificates.js'
import { listNames } from '../../edge/messages/entities.js'
import { Site } from '../../simulators/scenario/site.js'
import type { YardNotice } from '../../simulators/scenario/yard-process.js'
import { complaintsOf, inBrowser, keep, keepsPictures, openBrowser } from './testing/in-browser.js'

/**
 * A person at the console of a whole site: gateway, edge and simulated hardware are the built
 * program's own processes, with real serial line, MQTT and OPC UA between them, and what the page
 * shows is held against what really happened at the barrier. `CONSOLE_SHOTS=<folder>` keeps the
 * README's pictures.
 */
const program = path.resolve('dist/edge/cli/main.js')
/** Draws two cars, a truck with its trailer, then a truck with a tag that nobody knows, then no other such. */
const traffic = { seed: 1_230, mix: { known: 5, trailer: 1, unknownTag: 1 }, pauseMs: 1_500 }
/** A machine may be slow and busy; what never comes must still fail the test. */
const soon = { timeout: 60_000 }
const later = { timeout: 120_000 }
const wholeTestMs = 420_000

/** Resolves in the page once everything on its way there has arrived. */
const movedAll =
  'Promise.all(document.getAnimations().filter((one) => one instanceof CSSTransition).map((one) => one.finished.catch(() => null))).then(() => null)'

/** What the yard tells, kept, and waited for. */
class Notices {
  readonly all: YardNotice[] = []
  #watch: () => void = () => undefined

  take(notice: YardNotice): void {
    this.all.push(notice)
    this.#watch()
  }

  async until(fits: (notice: YardNotice) => boolean): Promise<YardNotice | undefined> {
    let cancel = () => undefined as void
    await new Promise<void>((resolve) => {
      this.#watch = () => {
        if (this.all.some(fits)) resolve()
      }
      cancel = systemClock.after('notice of the yard', later.timeout, resolve)
      this.#watch()
    })
    cancel()
    return this.all.find(fits)
  }
}

t.setTimeout(wholeTestMs)
await inBrowser('a person releases a held truck at the console', async (t) => {
  t.setTimeout(wholeTestMs)
  if (existsSync(program)) await person(t)
  else t.fail(`${program} is not built: run \`npm run build\``)
})

async function person(t: Test): Promise<void> {
  const { site, notices } = await openSite(t)
  const browser = await openBrowser(t)
  const context = await browser.newContext({
    locale: 'en-GB',
    colorScheme: 'dark',
    viewport: { width: 1440, height: 900 },
  })
  const page = await context.newPage()
  const problems = complaintsOf(page)

  await page.goto(await site.operatorLink('duty-officer'))
  await page.getByText('duty-officer').waitFor(soon)
  const again = await (await context.newPage()).goto(page.url())
  t.ok(again?.ok(), 'the sign-in holds for a second page')
  await everythingReady(page)
  await site.yard({ do: 'openTraffic' })

  const truck = await unknownTruck(site, notices)
  const { lane } = truck
  const card = page.locator(`article[aria-label="Lane ${lane}"]`)
  await card.locator('.escalation.OPEN').waitFor(later)
  await card.locator('.reasons').getByText('The tag is not in the registry').waitFor(soon)
  // What the lane reports of itself comes by another way than its case.
  await card
    .locator('.drawing[aria-label*="barrier Lowered, light Red, entry loop occupied" i]')
    .waitFor(soon)
  t.same(raisesFor(notices.all, truck.vehicleId), [], 'the barrier was not asked to raise for it')

  await takePictures(page, site, lane)

  const passageId = await openPassage(site, lane)
  const release = card.getByRole('button', { name: 'Release' })
  // What a person sees next: the bar goes up, and the truck drives. Both last for seconds only, so the page is watched for
  // them from before the press, however late a busy machine comes to the next line. They have longer than the press: where
  // the page takes none, as one whose picture is not live, the test says that and not that the bar stayed down.
  const seen = Promise.all([
    card.locator('.drawing[aria-label*="barrier Raised" i]').waitFor(later),
    card.getByText('Vehicle is passing').waitFor(later),
  ])
  await Promise.all([seen, release.click(soon)])
  const row = page.locator('.passages tbody tr', { hasText: truck.plate })
  await row.getByText('Released by an officer').waitFor(later)
  await row.getByText('Passed').waitFor(later)
  await card.locator('.escalation').waitFor({ state: 'detached', ...soon })
  t.equal(await row.count(), 1, 'the passage stands once among the last passages')

  await t.test('and it is what really happened', async (t) => {
    t.equal(raisesFor(notices.all, truck.vehicleId).length, 1, 'the PLC took one raise for this truck')
    const left = await notices.until((one) => one.is === 'left' && one.vehicleId === truck.vehicleId)
    t.match(left, { how: 'through', lane }, 'it drove through')
    t.same(
      notices.all.filter((one) => one.is === 'loweredOnVehicle'),
      [],
      'the bar came down on nobody',
    )
    const state = await site.client?.state()
    t.match(
      state?.passages.find((one) => one.passageId === passageId),
      { byVerdict: true, how: 'cleared', violation: null },
    )
  })
  t.same(problems, [], 'the browser found nothing to complain about')
}

async function openSite(t: Test): Promise<{ site: Site; notices: Notices }> {
  const notices = new Notices()
  const dir = t.testdir()
  const site = await Site.prepare({
    dir,
    lanes: 2,
    seed: traffic.seed,
    arrivals: 24,
    mix: traffic.mix,
    pauseMs: traffic.pauseMs,
    patienceMs: 170_000,
    startM: 8,
    language: 'zh-CN',
    logLevel: 'warn',
    program,
    makeCertificates,
    clock: systemClock,
    log: silentLogger,
    onNotice: (notice) => notices.take(notice),
    onLost: (part, how) => {
      const log = readFileSync(path.join(dir, 'logs', `${part}.log`), 'utf8').slice(-2_000)
      t.fail(`${part} ended by itself (${how})`, { log })
    },
  })
  t.teardown(() => site.close())
  await site.start()
  return { site, notices }
}

/** Without a fault and with every list at the edge, as a person sees it on the page. */
async function everythingReady(page: Page): Promise<void> {
  await page.getByText('No faults').waitFor(later)
  await page
    .locator('.lists tbody tr')
    .nth(listNames.length - 1)
    .waitFor(later)
  await page
    .locator('.lists .bad, .lists .warn')
    .first()
    .waitFor({ state: 'detached', ...later })
}

/** The truck with the unknown tag, once it stands on a loop in the yard, whatever any program believes. */
async function unknownTruck(site: Site, notices: Notices) {
  const arrival = site.arrivals.find((one) => one.kind === 'unknownTag')
  if (!arrival) throw new Error('the seed draws no truck with an unknown tag')
  const vehicleId = arrival.vehicle.id
  const onLoop = await notices.until((one) => one.is === 'onLoop' && one.vehicleId === vehicleId)
  if (!onLoop) throw new Error('the truck with the unknown tag did not come')
  return { vehicleId, lane: onLoop.lane, plate: arrival.vehicle.plates[0]?.text ?? 'no plate' }
}

function raisesFor(notices: readonly YardNotice[], vehicleId: string): readonly string[] {
  return notices.flatMap((one) =>
    one.is === 'accepted' && one.vehicleId === vehicleId ? [one.commandId] : [],
  )
}

async function openPassage(site: Site, lane: string): Promise<string> {
  const state = await site.client?.state()
  const open = state?.escalations.find((one) => one.lane === lane && one.state === 'OPEN')
  return open?.passageId ?? ''
}

/** The README's pictures: one lane held, the other one releasing, some passages below. */
async function takePictures(page: Page, site: Site, heldLane: string): Promise<void> {
  if (!keepsPictures) return
  await page.setViewportSize({ width: 1_440, height: 1_000 })
  const other = page.locator(`article.lane:not([aria-label$="${heldLane}"])`)
  for (const [language, button] of [
    ['en', 'English'],
    ['zh', '中文'],
  ] as const) {
    await page.getByRole('button', { name: button }).click()
    await otherDesk(site, heldLane, async () => {
      // Begins to cross: on both loops, under the raised bar, the light still green.
      return (
        (await other.locator('.arm.raised').count()) > 0 &&
        (await other.locator('.loop.occupied').count()) > 1
      )
    })
    // The picture shows where things are, not how they get there.
    await page.evaluate(movedAll)
    await keep(page, `console-${language}`)
  }
  await page.getByRole('button', { name: 'English' }).click()
}

/** Somebody else who releases what waits in the other lane, until that lane shows what is wanted. */
async function otherDesk(site: Site, heldLane: string, wanted: () => Promise<boolean>): Promise<void> {
  const untilMs = systemClock.now().monoMs + later.timeout
  while (!(await wanted()) && systemClock.now().monoMs < untilMs) {
    const state = await site.client?.state()
    for (const one of state?.escalations ?? []) {
      if (one.lane === heldLane || one.state !== 'OPEN') continue
      await site.client?.verdict(one, {
        answer: 'release',
        reason: 'Card and papers seen',
        orderIds: one.interceptOrderIds,
      })
    }
  }
}
