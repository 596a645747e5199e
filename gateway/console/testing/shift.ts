import path from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import type { Test } from 'tap'
import { site, startIn, type GatewayUnderTest } from '../../testing/gateway-under-test.js'
import { EdgePlayer } from './edge-player.js'
import { builtPage, complaintsOf, openBrowser } from './in-browser.js'

const edgeId = 'edge-1'

/** Text from outside that must stay text. */
export const hostile = '<img src=x onerror="window.hacked=1">'

export const passage = (no: number, lane = 'lane-1'): string => `${edgeId}.e1.${lane}.${no}`

export const laneCard = (page: Page, lane: string) =>
  page.locator(`article[id="lane-${encodeURIComponent(`${edgeId}/${lane}`)}"]`)

/** What the page complained of, but for refusals that tests are about. */
export const foreseen = (complaints: readonly string[]): string[] =>
  complaints.filter((text) => !/409|\b422\b/.test(text))

export interface Shift {
  readonly gateway: GatewayUnderTest
  readonly edge: EdgePlayer
  readonly browser: Browser
  readonly context: BrowserContext
  /** Signed in as the operator. */
  readonly page: Page
  readonly complaints: readonly string[]
}

/** The built page at a desk, signed in at a real gateway, with an edge on the wire. Ends with the test. */
export async function openShift(t: Test): Promise<Shift> {
  const consoleDir = await builtPage(t)
  const gateway = await startIn(t, path.dirname(consoleDir), { consoleDir, edges: [{ edgeId }] })
  const browser = await openBrowser(t)
  const identity = await gateway.identity(edgeId)
  const edge = await EdgePlayer.connect({ mqttUrl: gateway.gateway.mqttUrl, site, edgeId, identity })
  t.teardown(() => edge.close())
  const context = await browser.newContext({
    locale: 'en-GB',
    colorScheme: 'dark',
    viewport: { width: 1440, height: 960 },
  })
  const page = await context.newPage()
  const complaints = complaintsOf(page)
  await page.goto(gateway.gateway.operatorLink())
  return { gateway, edge, browser, context, page, complaints }
}
