import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { sleep, systemClock } from '../../edge/base/clock.js'
import { LanekeeperError, messageOf } from '../../edge/base/error.js'
import { silentLogger } from '../../edge/base/log.js'
import { makeCertificates } from '../../edge/cli/certificates.js'
import type { StoredEvent } from '../../edge/interfaces/journal.js'
import type { Health } from '../../edge/messages/up.js'
import { readRecordedJournal } from '../../edge/store/read-only.js'
import type { EscalationState, VerdictRequest } from '../../gateway/api/schemas.js'
import type { GatewayClient } from '../scenario/gateway-client.js'
import { Site } from '../scenario/site.js'
import type { Arrival, TrafficKind, TrafficMix } from '../scenario/traffic.js'
import type { YardNotice, YardStatus } from '../scenario/yard-process.js'

export interface TrialOptions {
  readonly mix: TrafficMix
  readonly lanes?: number
  readonly patienceMs?: number
  /** Pause between two vehicles of open traffic, at most. */
  readonly pauseMs?: number
  /** Folder of the edge's record; absent: with everything else. */
  readonly edgeDataDir?: string
  /** Opens a proxy to the port from which the edge fetches its lists, and says where it listens. */
  readonly edgeHttpProxy?: (targetPort: number) => Promise<number>
  readonly timing?: Readonly<Record<string, number>>
}

/** What a trial stands on: tap's test has both. */
export interface TrialOwner {
  teardown(close: () => Promise<void>): void
  comment(...words: unknown[]): void
}

type LaneStatus = YardStatus['lanes'][number]

const arrivalsDrawn = 600
/** A busy machine is slow; a trial fails for what the product does, not for that. */
const patientMs = 60_000

/** One whole site of real processes for one trial, and the eyes and hands that a trial needs. */
export class Trial {
  readonly site: Site
  readonly dir: string
  readonly notices: YardNotice[] = []
  readonly lost: string[] = []
  readonly #admitted = new Set<number>()

  private constructor(site: Site, dir: string) {
    this.site = site
    this.dir = dir
  }

  /** Starts a site; it is ended, and its folder removed, with the test. */
  static async start(owner: TrialOwner, options: TrialOptions): Promise<Trial> {
    const program = path.join(process.cwd(), 'dist', 'edge', 'cli', 'main.js')
    if (!existsSync(program)) {
      throw new LanekeeperError('trial.notBuilt', 'trials run the built program: npm run build')
    }
    const dir = mkdtempSync(path.join(tmpdir(), 'lanekeeper-trial-'))
    const heard: { trial: Trial | null } = { trial: null }
    const site = await Site.prepare({
      dir,
      lanes: options.lanes ?? 2,
      seed: 1,
      arrivals: arrivalsDrawn,
      mix: options.mix,
      pauseMs: options.pauseMs ?? 500,
      patienceMs: options.patienceMs ?? 120_000,
      startM: 12,
      language: 'en',
      logLevel: 'info',
      program,
      makeCertificates,
      readyWithinMs: 3 * patientMs,
      clock: systemClock,
      log: silentLogger,
      ...(options.edgeDataDir === undefined ? {} : { edgeDataDir: options.edgeDataDir }),
      ...(options.timing === undefined ? {} : { timing: options.timing }),
      ...(options.edgeHttpProxy === undefined ? {} : { edgeHttpProxy: options.edgeHttpProxy }),
      onNotice: (notice) => heard.trial?.notices.push(notice),
      onLost: (part, how) => heard.trial?.lost.push(`${part} ended by itself (${how})`),
    })
    const trial = new Trial(site, dir)
    heard.trial = trial
    owner.teardown(async () => {
      await site.close()
      rmSync(dir, { recursive: true, force: true })
    })
    await site.start()
    await trial.until('every list to be in force, and every lane to see its PLC', async () => {
      const health = await trial.health()
      return (
        health !== null &&
        health.lists.every((list) => list.version > 0) &&
        health.lists.length >= 4 &&
        health.lanes.every((lane) => lane.barrier === 'lowered')
      )
    })
    return trial
  }

  get client(): GatewayClient {
    const { client } = this.site
    if (!client) throw new LanekeeperError('trial.notSignedIn', 'the site has not started')
    return client
  }

  /** Asks again and again until there is an answer other than false, null or undefined. */
  async until<Answer>(
    what: string,
    ask: () => Promise<Answer | false | null | undefined> | Answer | false | null | undefined,
    withinMs = patientMs,
  ): Promise<Answer> {
    const endMs = systemClock.now().monoMs + withinMs
    let trouble = ''
    for (;;) {
      try {
        const answer = await ask()
        if (answer !== false && answer !== null && answer !== undefined) return answer
        trouble = ''
      } catch (error) {
        // What is asked may be away just now, as the trial wants it.
        trouble = `; last: ${messageOf(error)}`
      }
      if (systemClock.now().monoMs > endMs) {
        const picture = await this.#picture()
        throw new LanekeeperError(
          'trial.inVain',
          `waited ${withinMs} ms in vain for ${what}${trouble}; ${picture}`,
        )
      }
      await sleep(systemClock, 'trial', 100)
    }
  }

  /** Lets the next drawn vehicle of a kind into a lane. */
  async enter(lane: string, kind: TrafficKind): Promise<Arrival> {
    const arrival = this.site.arrivals.find((one) => one.kind === kind && !this.#admitted.has(one.number))
    if (!arrival) throw new LanekeeperError('trial.noArrival', `no ${kind} is left to come`)
    this.#admitted.add(arrival.number)
    await this.site.yard({ do: 'enter', lane, number: arrival.number })
    return arrival
  }

  /** Waits until a vehicle has left its lane, and says how. */
  left(arrival: Arrival, withinMs = patientMs): Promise<'through' | 'backwards'> {
    return this.until(
      `${arrival.vehicle.id} (${arrival.kind}) to leave`,
      () => this.#leftHow(arrival),
      withinMs,
    )
  }

  onLoop(arrival: Arrival): Promise<boolean> {
    return this.until(`${arrival.vehicle.id} to stand on the loop`, () =>
      this.notices.some((notice) => notice.is === 'onLoop' && notice.vehicleId === arrival.vehicle.id),
    )
  }

  /**
   * Sees a vehicle out of its lane, releasing it as an officer where the lane asks for one; says whether
   * the lane asked.
   */
  async seeOut(
    lane: string,
    arrival: Arrival,
    withinMs = patientMs,
  ): Promise<{ how: string; alone: boolean }> {
    let alone = true
    const how = await this.until(
      `${arrival.vehicle.id} (${arrival.kind}) to leave`,
      async () => {
        const left = this.#leftHow(arrival)
        if (left !== undefined) return left
        const { escalations } = await this.client.state()
        const open = escalations.find((one) => one.lane === lane && one.state === 'OPEN')
        if (!open) return undefined
        alone = false
        await this.answer(open, 'release')
        return undefined
      },
      withinMs,
    )
    return { how, alone }
  }

  /**
   * The lane works: a known vehicle goes through and nobody is asked. On a machine that stands still
   * for a second a lane rightly asks for a person, so one of three is enough.
   */
  async passes(lane: string): Promise<void> {
    for (let tries = 0; tries < 3; tries += 1) {
      const { how, alone } = await this.seeOut(lane, await this.enter(lane, 'known'))
      if (alone && how === 'through') return
    }
    throw new LanekeeperError('trial.notThrough', `${lane} released none of three known vehicles by itself`)
  }

  async lane(id: string): Promise<LaneStatus> {
    const status = (await this.site.yardStatus()).lanes.find((lane) => lane.lane === id)
    if (!status) throw new LanekeeperError('trial.noLane', `there is no lane ${id}`)
    return status
  }

  /** How many raises the PLC of a lane took, by its own truth. */
  async raises(lane: string): Promise<number> {
    return (await this.lane(lane)).acceptedTotal
  }

  /** The edge's newest word of itself at the gateway; null: none, or it is not connected. */
  async health(): Promise<Health | null> {
    const edge = (await this.client.state()).edges[0]
    return edge?.connected ? edge.health : null
  }

  async stands(code: string, source: string): Promise<boolean> {
    const health = await this.health()
    return health?.faults.some((fault) => fault.code === code && fault.source === source) ?? false
  }

  untilFault(code: string, source: string, withinMs?: number): Promise<boolean> {
    return this.until(`fault ${code} of ${source}`, () => this.stands(code, source), withinMs)
  }

  untilCleared(code: string, source: string, withinMs?: number): Promise<boolean> {
    return this.until(
      `the end of fault ${code} of ${source}`,
      async () => (await this.health()) !== null && !(await this.stands(code, source)),
      withinMs,
    )
  }

  /** The open escalation of a lane. */
  escalation(lane: string, withinMs?: number): Promise<EscalationState> {
    return this.until(
      `an open escalation of ${lane}`,
      async () =>
        (await this.client.state()).escalations.find((one) => one.lane === lane && one.state === 'OPEN'),
      withinMs,
    )
  }

  /** Answers an escalation as a person at the console does, naming the orders it is under. */
  async answer(escalation: EscalationState, answer: VerdictRequest['answer']): Promise<void> {
    const orderIds = answer === 'release' ? [...escalation.interceptOrderIds] : []
    await this.client.verdict(escalation, { answer, reason: 'looked at in a trial', orderIds })
  }

  /** Everything the edge has recorded, read from its disk beside it. */
  async journal(): Promise<StoredEvent[]> {
    const events: StoredEvent[] = []
    for await (const event of readRecordedJournal(this.site.files.edgeDataDir)) events.push(event)
    return events
  }

  async recorded(type: string, where: (event: StoredEvent) => boolean = () => true): Promise<StoredEvent[]> {
    return (await this.journal()).filter((event) => event.type === type && where(event))
  }

  /** Raise commands that the PLCs took, in order. */
  acceptedIds(): string[] {
    return this.notices.flatMap((notice) => (notice.is === 'accepted' ? [notice.commandId] : []))
  }

  /** Processor time of a part since its start, in milliseconds. */
  cpuMs(part: keyof Site['parts']): number {
    const fields =
      readFileSync(`/proc/${this.#pidOf(part)}/stat`, 'utf8')
        .split(') ')[1]
        ?.split(' ') ?? []
    return (Number(fields[11]) + Number(fields[12])) * clockTickMs
  }

  /** Resident memory of a part, in megabytes. */
  residentMb(part: keyof Site['parts']): number {
    const status = readFileSync(`/proc/${this.#pidOf(part)}/status`, 'utf8')
    return Math.round(Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? NaN) / 1024)
  }

  /** Waits until the gateway has acknowledged everything, then compares its store with the journal. */
  async compareBooks(): Promise<Books> {
    await this.until('the outbox to be empty', async () => {
      const health = await this.health()
      const last = (await this.journal()).at(-1)?.sequence
      return health !== null && health.outbox.waiting === 0 && health.outbox.lastSequence === last
    })
    const journal = await this.journal()
    const epoch = journal[0]?.epoch ?? ''
    const stored: string[] = []
    for await (const event of this.client.events(this.site.edgeId, epoch)) stored.push(nameOf(event))
    // What is recorded between the two readings is on its way and no loss.
    const names = journal.map(nameOf)
    const upTo = names.length
    const held = new Set(stored)
    return {
      journaled: names.length,
      stored: stored.length,
      lost: names.filter((name) => !held.has(name)).length,
      duplicated: stored.length - held.size,
      inOrder: names.every((name, index) => stored[index] === name) && stored.length >= upTo,
    }
  }

  /** What a person would look at first where a trial has failed. */
  async #picture(): Promise<string> {
    const state = await this.client.state().catch(() => null)
    const health = state?.edges[0]?.health
    const tail = await this.journal().catch(() => [])
    return JSON.stringify({
      lanes: health?.lanes,
      faults: health?.faults,
      open: state?.escalations.filter((one) => one.state !== 'CLOSED'),
      tail: tail.slice(-12).map(({ sequence, lane, type, body }) => {
        const { inputs: _inputs, ...rest } = body
        return { sequence, lane, type, body: JSON.stringify(rest).slice(0, 300) }
      }),
      lost: this.lost,
    })
  }

  #leftHow(arrival: Arrival): 'through' | 'backwards' | undefined {
    for (const notice of this.notices) {
      if (notice.is === 'left' && notice.vehicleId === arrival.vehicle.id) return notice.how
    }
    return undefined
  }

  #pidOf(part: keyof Site['parts']): number {
    const { pid } = this.site.parts[part]
    if (pid === undefined) throw new LanekeeperError('trial.notRunning', `${part} does not run`)
    return pid
  }
}

/** Linux counts processor time of a process in hundredths of a second. */
const clockTickMs = 10

/** The edge's journal beside the gateway's store. */
export interface Books {
  readonly journaled: number
  readonly stored: number
  readonly lost: number
  readonly duplicated: number
  readonly inOrder: boolean
}

function nameOf(event: { readonly sequence?: unknown; readonly hash?: unknown }): string {
  return `${String(event.sequence)}:${String(event.hash)}`
}

/** Of some durations in milliseconds: how many, the middle one and the one that 99 of 100 stay below. */
export function spread(durationsMs: readonly number[]): { count: number; p50: number; p99: number } {
  const sorted = [...durationsMs].sort((a, b) => a - b)
  const at = (share: number) =>
    Math.round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN)
  return { count: sorted.length, p50: at(0.5), p99: at(0.99) }
}
