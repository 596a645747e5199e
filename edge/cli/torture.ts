import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Command } from 'commander'
import { sleep, systemClock } from '../base/clock.js'
import { LanekeeperError } from '../base/error.js'
import { SeededRandom } from '../base/random.js'
import { Ledger } from '../../simulators/scenario/ledger.js'
import { LateOrders } from '../../simulators/scenario/late-orders.js'
import { Officer } from '../../simulators/scenario/officer.js'
import { Site, type PartName } from '../../simulators/scenario/site.js'
import type { TrafficMix } from '../../simulators/scenario/traffic.js'
import type { YardNotice } from '../../simulators/scenario/yard-process.js'
import { killAtFile, killPointNames } from '../testing/kill-points.js'
import { whole } from './arguments.js'
import { makeCertificates } from './certificates.js'
import { programModule } from './demo.js'
import { exitCodes } from './exit.js'
import { openLog } from './logger.js'
import { auditSite, type Audit } from './torture-audit.js'
import { tortureLists } from './torture-lists.js'

interface TortureOptions {
  readonly kills: number
  readonly events: number
  readonly seed: number
  readonly lanes: number
  readonly points: boolean
  readonly angles: boolean
  readonly lists?: number | true
  readonly keep?: boolean
}

/** Mostly vehicles that pass quickly, with every kind that could be wronged in between. */
const tortureTraffic: TrafficMix = {
  known: 60,
  untagged: 6,
  stranger: 4,
  unknownTag: 4,
  lostTag: 2,
  intercepted: 6,
  secretlyIntercepted: 3,
  secretNotify: 4,
  twoLanes: 3,
  tailgater: 2,
  backsOut: 2,
  runsThrough: 2,
  lateTag: 3,
  lateIntercept: 3,
  orderRace: 4,
  trailer: 3,
  stalls: 1,
}

const passagesBetweenKills = 3
const arrivalsMax = 20_000
/** Points of `--lists` without a number. */
const listPoints = 500
/** Degrees of the arm at which the edge is killed, on the way up and down. */
const angles = [0, 9, 18, 27, 36, 45, 54, 63, 72, 81, 90] as const

export function addTorture(program: Command): void {
  program
    .command('torture')
    .description(
      'Kill edge and gateway with SIGKILL under traffic and account for every event and every raise.',
    )
    .option('--kills <number>', 'random kills of edge and gateway', whole(0), 20)
    .option('--events <number>', 'go on until so many events are journaled', whole(0), 0)
    .option('--points', 'also kill the edge at each point of a release, K0 to K9', false)
    .option('--angles', 'also kill the edge at each angle of the moving arm, up and down', false)
    .option(
      '--lists [points]',
      'instead: cut the power and kill the edge at so many points while lists come into force (500)',
      whole(1),
    )
    .option('--lanes <number>', '1 to 8', whole(1, 8), 8)
    .option('--seed <number>', 'draws traffic and kills', whole(0), 1)
    .option('--keep', 'keep the folder with configurations, records and logs')
    .action(async (options: TortureOptions) => {
      const dir = mkdtempSync(path.join(tmpdir(), 'lanekeeper-torture-'))
      let good: boolean | null = null
      try {
        good =
          options.lists === undefined
            ? (await new Torture(dir, options).run()).good
            : await tortureLists({
                dir,
                seed: options.seed,
                points: options.lists === true ? listPoints : options.lists,
              })
      } finally {
        if (options.keep || good === null) process.stdout.write(`Kept: ${dir}\n`)
        else rmSync(dir, { recursive: true, force: true })
      }
      if (!good) process.exitCode = exitCodes.failed
    })
}

/** One run: a real site, its traffic and its murderer. */
class Torture {
  readonly #options: TortureOptions
  readonly #dir: string
  readonly #random: SeededRandom
  readonly #clock = systemClock
  readonly #watchers = new Set<(notice: YardNotice) => void>()
  readonly #hits: Record<string, number> = {}
  #kills = 0

  constructor(dir: string, options: TortureOptions) {
    this.#dir = dir
    this.#options = options
    this.#random = new SeededRandom(options.seed)
  }

  async run(): Promise<Audit> {
    const options = this.#options
    const site = await this.#prepare()
    const ledger = new Ledger(site.arrivals)
    const lateOrders = new LateOrders(site.arrivals, this.#clock, async (order) =>
      site.client?.changeList('orders', { upserts: [order], deletes: [] }),
    )
    this.#watchers.add((notice) => {
      ledger.take(notice)
      lateOrders.take(notice)
    })
    const officer = new Officer({
      client: () => site.client,
      clock: this.#clock,
      random: this.#random,
      habits: { thinksForMs: 400, looksEveryMs: 300, releaseOrderedShare: 0.4, returnShare: 0.3 },
    })
    try {
      await site.start()
      await site.yard({ do: 'openTraffic' })
      officer.start()
      if (options.points) await this.#killAtPoints(site, ledger)
      if (options.angles) await this.#killAtAngles(site, ledger)
      for (let kill = 1; kill <= options.kills; kill += 1) {
        await this.#passages(ledger, passagesBetweenKills)
        await sleep(this.#clock, 'torture pause', this.#random.int(0, 2_500))
        await this.#killAndRestart(site, this.#random.chance(0.65) ? 'edge' : 'gateway')
        this.#say(`kill ${kill} of ${options.kills}; raised ${ledger.raises}, left ${ledger.left}`)
      }
      await this.#untilEvents(site, options.events)
      await this.#drain(site)
      officer.stop()
      const audit = await auditSite(site, ledger, this.#kills)
      this.#report(audit)
      return audit
    } finally {
      officer.stop()
      lateOrders.stop()
      await site.close()
    }
  }

  #prepare(): Promise<Site> {
    const { lanes, seed } = this.#options
    return Site.prepare({
      dir: this.#dir,
      lanes,
      seed,
      arrivals: arrivalsMax,
      mix: tortureTraffic,
      pauseMs: 200,
      patienceMs: 25_000,
      // A short approach: the kills are about what happens at the barrier.
      startM: 12,
      language: 'en',
      logLevel: 'warn',
      program: programModule(),
      edgeModule: path.join(import.meta.dirname, '..', 'testing', 'killable-edge.js'),
      makeCertificates,
      clock: this.#clock,
      log: openLog('warn', 'torture'),
      onNotice: (notice) => {
        for (const watcher of this.#watchers) watcher(notice)
      },
    })
  }

  async #killAndRestart(site: Site, name: PartName): Promise<void> {
    this.#kills += 1
    await site.parts[name].kill()
    if (name === 'gateway') await site.startGateway()
    else await site.parts[name].start()
  }

  /** Waits until so many more vehicles have left their lanes. */
  async #passages(ledger: Ledger, count: number): Promise<void> {
    const target = ledger.left + count
    await this.#until(() => ledger.left >= target, 180_000, `${count} more vehicles to leave`)
  }

  async #killAtPoints(site: Site, ledger: Ledger): Promise<void> {
    for (const point of killPointNames) {
      await this.#passages(ledger, passagesBetweenKills)
      await site.parts.edge.kill()
      writeFileSync(path.join(this.#dir, killAtFile), point)
      await site.parts.edge.start()
      await this.#until(() => !site.parts.edge.running, 180_000, `the edge to reach ${point}`)
      this.#kills += 1
      this.#hit(point)
      await site.parts.edge.start()
      this.#say(`killed at ${point}`)
    }
  }

  async #killAtAngles(site: Site, ledger: Ledger): Promise<void> {
    for (const direction of ['up', 'down'] as const) {
      for (const angle of angles) {
        await this.#passages(ledger, passagesBetweenKills)
        const at = await this.#armAt(direction, angle)
        await this.#killAndRestart(site, 'edge')
        this.#hit(`${direction}${angle}`)
        this.#say(`killed with an arm at ${at} degrees going ${direction}`)
      }
    }
  }

  /** Resolves when an arm is within its next step past the angle, going that way. */
  #armAt(direction: 'up' | 'down', angle: number): Promise<number> {
    const before = new Map<string, number>()
    return new Promise((resolve) => {
      const watch = (notice: YardNotice) => {
        if (notice.is !== 'armAt') return
        const was = before.get(notice.lane)
        before.set(notice.lane, notice.degrees)
        if (was === undefined) return
        const goes = notice.degrees > was ? 'up' : 'down'
        if (goes !== direction || Math.abs(notice.degrees - angle) > 9) return
        this.#watchers.delete(watch)
        resolve(notice.degrees)
      }
      this.#watchers.add(watch)
    })
  }

  async #untilEvents(site: Site, events: number): Promise<void> {
    let stored = 0
    while (stored < events) {
      await sleep(this.#clock, 'torture events', 1_000)
      stored = (await site.client?.storedEpochs())?.reduce((sum, epoch) => sum + epoch.stored, 0) ?? 0
    }
  }

  /** No new vehicles; those inside leave; then everything that is recorded goes to the gateway. */
  async #drain(site: Site): Promise<void> {
    await site.yard({ do: 'closeTraffic' })
    const untilMs = this.#clock.now().monoMs + 120_000
    while (this.#clock.now().monoMs < untilMs) {
      if ((await site.yardStatus()).busy === 0) break
      await sleep(this.#clock, 'torture drain', 500)
    }
    while (this.#clock.now().monoMs < untilMs) {
      const state = await site.client?.state()
      if (state?.edges[0]?.connected && state.edges[0].health?.outbox.waiting === 0) return
      await sleep(this.#clock, 'torture drain', 300)
    }
    this.#say('the outbox did not empty in time')
  }

  async #until(holds: () => boolean, withinMs: number, what: string): Promise<void> {
    const untilMs = this.#clock.now().monoMs + withinMs
    while (!holds()) {
      if (this.#clock.now().monoMs > untilMs)
        throw new LanekeeperError('torture.stuck', `waited in vain for ${what}`)
      await sleep(this.#clock, 'torture wait', 50)
    }
  }

  #hit(name: string): void {
    this.#hits[name] = (this.#hits[name] ?? 0) + 1
  }

  #say(line: string): void {
    process.stdout.write(`${line}\n`)
  }

  #report(audit: Audit): void {
    for (const complaint of audit.complaints) this.#say(`! ${complaint}`)
    const { good: _good, complaints: _complaints, ...figures } = audit
    this.#say(JSON.stringify({ ...figures, hits: this.#hits }))
  }
}
