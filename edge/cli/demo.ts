import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Option, type Command } from 'commander'
import { systemClock } from '../base/clock.js'
import { messageOf } from '../base/error.js'
import { systemRandom } from '../base/random.js'
import { commandsByOfficer, Ledger } from '../../simulators/scenario/ledger.js'
import { LateOrders } from '../../simulators/scenario/late-orders.js'
import { Officer } from '../../simulators/scenario/officer.js'
import { Site } from '../../simulators/scenario/site.js'
import type { YardNotice } from '../../simulators/scenario/yard-process.js'
import { whole } from './arguments.js'
import { makeCertificates } from './certificates.js'
import { DemoScript } from './demo-script.js'
import { DemoScreen } from './demo-screen.js'
import { exitCodes, untilAsked } from './exit.js'
import { openLog } from './logger.js'

interface DemoOptions {
  readonly for?: number
  readonly seed: number
  readonly lanes: number
  readonly language: 'zh-CN' | 'en'
  readonly keep?: boolean
  readonly officer: boolean
}

/** More than a day of traffic; who watches longer sees the last vehicle leave. */
const arrivalsMax = 5_000
const drainForMs = 15_000

export function addDemo(program: Command): void {
  program
    .command('demo', { isDefault: false })
    .description(
      'Run gateway, one edge with two lanes and simulated hardware on this machine, with mixed traffic.',
    )
    .option('--for <seconds>', 'end after so many seconds, with a line of JSON and an exit code', whole(1))
    .option('--seed <number>', 'draws the traffic', whole(0), 2_979)
    .option('--lanes <number>', '1 to 8', whole(1, 8), 2)
    .addOption(
      new Option('--language <language>', 'of the LED boards and of this view')
        .choices(['zh-CN', 'en'])
        .default('zh-CN'),
    )
    .option('--keep', 'keep the folder with configurations and records afterwards')
    .option('--no-officer', 'leave every held vehicle to the person at the console')
    .action(async (options: DemoOptions) => {
      const dir = mkdtempSync(path.join(tmpdir(), 'lanekeeper-demo-'))
      try {
        await runDemo(dir, options)
      } finally {
        if (options.keep) process.stdout.write(`Kept: ${dir}\n`)
        else rmSync(dir, { recursive: true, force: true })
      }
    })
}

async function runDemo(dir: string, options: DemoOptions): Promise<void> {
  const clock = systemClock
  process.stdout.write('Starting gateway, edge and simulated hardware 正在启动…\n')
  let onNotice: (notice: YardNotice) => void = () => undefined
  let lost: string | null = null
  let end: () => void = () => undefined
  const site = await Site.prepare({
    dir,
    lanes: options.lanes,
    seed: options.seed,
    arrivals: arrivalsMax,
    pauseMs: 3_000,
    patienceMs: 180_000,
    language: options.language,
    logLevel: 'info',
    program: programModule(),
    makeCertificates,
    clock,
    log: openLog('warn', 'demo'),
    onNotice: (notice) => onNotice(notice),
    onLost: (part, how) => {
      lost = `${part} ended by itself (${how})`
      end()
    },
  })
  const ledger = new Ledger(site.arrivals)
  const script = new DemoScript({ site, clock })
  const lateOrders = new LateOrders(site.arrivals, clock, async (order) =>
    site.client?.changeList('orders', { upserts: [order], deletes: [] }),
  )
  onNotice = (notice) => {
    ledger.take(notice)
    script.take(notice)
    lateOrders.take(notice)
  }
  const officer = new Officer({
    client: () => site.client,
    clock,
    random: systemRandom,
    habits: { thinksForMs: 20_000, looksEveryMs: 1_000, releaseOrderedShare: 0.3, returnShare: 0.4 },
  })
  const screen = new DemoScreen({ site, clock, ledger, script, language: options.language })
  try {
    await site.start()
    const link = await site.operatorLink('operator')
    screen.announce(link, options.officer)
    await site.yard({ do: 'openTraffic' })
    if (options.officer) officer.start()
    script.start()
    screen.start()
    await Promise.race([
      untilAsked(),
      new Promise<void>((resolve) => {
        end = resolve
        if (lost !== null) resolve()
        if (options.for !== undefined) clock.after('demo ends', options.for * 1_000, resolve)
      }),
    ])
    script.stop()
    screen.stop()
    if (lost === null) await report(site, ledger, options, script)
  } finally {
    officer.stop()
    lateOrders.stop()
    script.stop()
    screen.stop()
    await site.close()
  }
  if (lost !== null) {
    process.stderr.write(`${String(lost)}; run with --keep to see its log.\n`)
    process.exitCode = exitCodes.failed
  }
}

/** Lets the lanes empty for a moment, then says in one line what came of it all. */
async function report(site: Site, ledger: Ledger, options: DemoOptions, script: DemoScript): Promise<void> {
  await site.yard({ do: 'closeTraffic' })
  await script.mendAll()
  if (options.for === undefined) {
    process.stdout.write('Stopping 正在停止…\n')
    return
  }
  const client = site.client
  const untilMs = systemClock.now().monoMs + drainForMs
  let waiting = await outboxOf(site)
  while (waiting !== 0 && systemClock.now().monoMs < untilMs) {
    await new Promise((resolve) => systemClock.after('drain', 250, () => resolve(undefined)))
    waiting = await outboxOf(site)
  }
  if (!client) return
  const epochs = await client.storedEpochs()
  const byOfficer = new Set<string>()
  for (const { edgeId, epoch } of epochs) {
    for (const command of await commandsByOfficer(client.events(edgeId, epoch))) byOfficer.add(command)
  }
  const { passages } = await client.state()
  const figures = ledger.figures(byOfficer)
  const ended = passages.filter((passage) => passage.endedAt !== null)
  const count = (outcome: string) => ended.filter((passage) => passage.outcome === outcome).length
  const good =
    ended.length > 0 &&
    figures.wronglyReleased.length === 0 &&
    figures.loweredOnVehicle === 0 &&
    waiting === 0
  const line = {
    ok: good,
    seconds: options.for,
    passages: ended.length,
    released: count('release'),
    held: count('hold'),
    escalated: count('escalate'),
    raises: figures.raises,
    wronglyReleased: figures.wronglyReleased.length,
    loweredOnVehicle: figures.loweredOnVehicle,
    stored: epochs.reduce((sum, epoch) => sum + epoch.stored, 0),
    waiting,
  }
  process.stdout.write(`${JSON.stringify(line)}\n`)
  if (!good) process.exitCode = exitCodes.failed
}

/** Events that the edge has not seen acknowledged; null: no word of the edge. */
async function outboxOf(site: Site): Promise<number | null> {
  try {
    const state = await site.client?.state()
    return state?.edges[0]?.health?.outbox.waiting ?? null
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n`)
    return null
  }
}

/** This very program, for the processes that it starts. */
export function programModule(): string {
  return path.join(import.meta.dirname, 'main.js')
}
