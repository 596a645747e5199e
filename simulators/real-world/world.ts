import type { Clock } from '../../edge/base/clock.js'
import { sleep } from '../../edge/base/clock.js'
import { LanekeeperError, messageOf } from '../../edge/base/error.js'
import { faultCodes, type FaultChange } from '../../edge/base/fault.js'
import type { StoredEvent } from '../../edge/interfaces/journal.js'
import { listKinds, listNames, type ListEntry, type ListName } from '../../edge/messages/entities.js'
import { voices } from '../../edge/messages/text/prompts.js'
import type { EscalationState, LaneCommandRequest } from '../../gateway/api/schemas.js'
import type { Scenario } from '../scenario/format.js'
import { plateOf } from '../scenario/player.js'
import type { Site } from '../scenario/site.js'
import type {
  Breaking,
  GivenCommand,
  InjectedFinding,
  InjectedPlate,
  InjectedRead,
  Observed,
  OperatorAnswer,
  World,
} from '../scenario/world.js'
import type { YardNotice } from '../scenario/yard-process.js'
import type { Act } from '../vehicle/driver.js'
import type { VehicleSpec } from '../vehicle/vehicle.js'
import { Faults } from './faults.js'
import { HoldLifts, isControlList } from './hold-lifts.js'
import { JournalWatch } from './journal-watch.js'
import { prepareSite } from './prepare.js'

export interface RealWorldGiven {
  /** Everything of the site lies here; whoever gives it removes it. */
  readonly dir: string
  /** The built module of the program `lanekeeper`. */
  readonly program: string
  readonly clock: Clock
}

/** A busy machine is slow to start anything. */
const startsWithinMs = 120_000
/** A person looks this long for the case he is to answer. */
const looksForMs = 10_000
const lookEveryMs = 100
/** Books are compared this often while something waits for them: each time reads both in full. */
const compareEveryMs = 500

interface Running {
  readonly site: Site
  readonly journal: JournalWatch
  readonly faults: Faults
  readonly lifts: HoldLifts
}

type Told = Observed extends infer One ? (One extends Observed ? Omit<One, 'atMs'> : never) : never

/**
 * Plays scenarios against real processes: gateway, edge and simulated hardware, over serial lines, MQTT,
 * OPC UA, HTTP and SQLite. What comes to pass is seen from outside only: in the edge's journal (read
 * beside it), at the gateway's API as a person uses it, and in the ground truth of barrier and road.
 */
export class RealWorld implements World {
  readonly kind = 'real'
  readonly slackMs = 3_000
  readonly #scenario: Scenario
  readonly #given: RealWorldGiven
  readonly #entries: ListEntry[] = []
  readonly #listeners = new Set<(observed: Observed) => void>()
  readonly #complaints: string[] = []
  readonly #acceptedIds: string[] = []
  #running: Running | null = null
  /** The beginning of the scenario on both clocks; null: not yet. */
  #start: { readonly monoMs: number; readonly wallMs: number } | null = null
  #comparedAtMs = -Infinity

  constructor(scenario: Scenario, given: RealWorldGiven) {
    this.#scenario = scenario
    this.#given = given
  }

  startMs(): number {
    return this.#start?.wallMs ?? this.#given.clock.now().wallMs
  }

  nowMs(): number {
    return this.#start ? this.#given.clock.now().monoMs - this.#start.monoMs : 0
  }

  async goOnUntil(atMs: number): Promise<void> {
    if (!this.#start) await this.#begin()
    for (;;) {
      await this.#look()
      const leftMs = atMs - this.nowMs()
      if (leftMs <= 0) return
      await sleep(this.#given.clock, 'scenario', Math.min(leftMs, lookEveryMs))
    }
  }

  onObserved(listener: (observed: Observed) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async enter(lane: number, vehicle: VehicleSpec, acts: readonly Act[]): Promise<void> {
    await this.#site.yard({ do: 'drive', lane: idOf(lane), vehicle, acts })
  }

  async hear({ lane, tag, rssiDbm, times, every }: InjectedRead): Promise<void> {
    const report = { epc: tag, antenna: '1', rssiDbm }
    await this.#site.yard({ do: 'hear', lane: idOf(lane), tag: report, times, everyMs: every })
  }

  async see({ lane, plate, confidence }: InjectedPlate): Promise<void> {
    const picture = { ...plateOf(plate), confidence, antenna: '0' }
    await this.#site.yard({ do: 'see', lane: idOf(lane), plate: picture })
  }

  async find({ lane, sensed }: InjectedFinding): Promise<void> {
    await this.#site.yard({ do: 'find', lane: idOf(lane), sensed })
  }

  async break(what: Breaking): Promise<void> {
    await this.#parts.faults.break(what)
  }

  async mend(what: Pick<Breaking, 'break' | 'lane'>): Promise<void> {
    await this.#parts.faults.mend(what)
  }

  async put(entry: ListEntry): Promise<void> {
    // What is entered before everything begins stands in the lists that the gateway starts with.
    if (!this.#start) {
      this.#entries.push(entry)
      return
    }
    const list = listNames.find((name) => listKinds[name] === entry.kind) ?? 'tags'
    await this.#client.changeList(list, { upserts: [entry], deletes: [] })
  }

  async remove(list: ListName, key: string): Promise<void> {
    // A hold goes by the signatures of two people, of whom the first one asked before the scenario began.
    if (isControlList(list)) return this.#parts.lifts.lift(list, key)
    await this.#client.changeList(list, { upserts: [], deletes: [key] })
  }

  async unlock(container: string, reason: string): Promise<void> {
    await this.#ask(null, () => this.#client.unlock(container, reason))
  }

  activate(): Promise<void> {
    const why = 'another ruleset is put in force in virtual time only: worlds: [virtual]'
    return Promise.reject(new LanekeeperError('scenario.notReal', why))
  }

  /** Reports of the gateway are asked for in its own tests; here nobody is told. */
  found(): Promise<undefined> {
    return Promise.resolve(undefined)
  }

  listed(list: ListName, key: string): Promise<ListEntry | undefined> {
    return this.#client.entry(list, key).catch(() => undefined)
  }

  async answer(answer: OperatorAnswer): Promise<void> {
    if (answer.as !== 'fresh') {
      throw new LanekeeperError(
        'scenario.notReal',
        `a verdict that is ${answer.as} needs a false broker: npm run trials sends those; here worlds: [virtual]`,
      )
    }
    const { operator, reason, orderIds } = answer
    const escalation = await this.#openEscalation(answer.lane)
    await this.#ask(answer.lane, () =>
      this.#client.verdict(escalation, { answer: operator, reason, orderIds: [...orderIds] }),
    )
  }

  async command(command: GivenCommand): Promise<void> {
    const reason = command.reason === '' ? 'scenario' : command.reason
    for (const what of this.#commandsOf(command)) {
      await this.#ask(command.lane, () =>
        this.#client.command(this.#site.edgeId, idOf(command.lane), { reason, what }),
      )
    }
  }

  async isEverythingAtGateway(): Promise<boolean> {
    if (this.nowMs() - this.#comparedAtMs < compareEveryMs) return false
    this.#comparedAtMs = this.nowMs()
    try {
      await this.#look()
      const names = this.#parts.journal.events.map(nameOf)
      const epoch = this.#parts.journal.events[0]?.epoch ?? ''
      const stored: string[] = []
      for await (const event of this.#client.events(this.#site.edgeId, epoch)) stored.push(nameOf(event))
      // What is recorded between the two readings is at the gateway first.
      return stored.length >= names.length && names.every((name, index) => stored[index] === name)
    } catch {
      // The gateway may be away just now, as the scenario wants it.
      return false
    }
  }

  async complaints(): Promise<readonly string[]> {
    await this.#look()
    return [...this.#complaints, ...this.#parts.journal.complaints(this.#acceptedIds)]
  }

  /** Ends every process of this world. */
  async close(): Promise<void> {
    this.#running?.faults.stop()
    await this.#running?.site.close()
  }

  async #begin(): Promise<void> {
    const { clock } = this.#given
    const site = await prepareSite(this.#scenario, this.#entries, {
      ...this.#given,
      onNotice: (notice) => this.#notice(notice),
      onLost: (part, how) => this.#complaints.push(`${part} ended by itself (${how})`),
    })
    const journal = new JournalWatch(site.files.edgeDataDir)
    this.#running = { site, journal, faults: new Faults(site, clock), lifts: new HoldLifts(site) }
    await site.start()
    await this.#until('every list to be in force and every lane to see its PLC', startsWithinMs, () =>
      this.#isUp(),
    )
    await this.#running.lifts.askBefore(this.#scenario, this.#entries)
    this.#start = clock.now()
  }

  async #isUp(): Promise<boolean> {
    const health = (await this.#client.state()).edges[0]?.health
    return (
      health?.lists.length === listNames.length &&
      health.lists.every((list) => list.version > 0) &&
      health.lanes.every((lane) => lane.barrier === 'lowered' && lane.entryLoop === 'clear') &&
      health.faults.every((fault) => !/^(reader|barrier|plc|loop|uplink|controlList)\./.test(fault.code))
    )
  }

  get #parts(): Running {
    if (!this.#running) throw new LanekeeperError('scenario.notBegun', 'the real world has not begun')
    return this.#running
  }

  get #site(): Site {
    return this.#parts.site
  }

  get #client(): NonNullable<Site['client']> {
    const { client } = this.#site
    if (!client) throw new LanekeeperError('scenario.notSignedIn', 'nobody is signed in at the gateway')
    return client
  }

  async #look(): Promise<void> {
    for (const event of await this.#parts.journal.look()) this.#tellEvent(event)
  }

  #tellEvent(event: StoredEvent): void {
    const { type, passageId, body } = event
    // The record has the clock of the wall, which is the same on this machine for everybody.
    const atMs = event.occurredAt - (this.#start?.wallMs ?? 0)
    const lane = numberOf(event.lane ?? sourceOf(body))
    this.#tellAt(atMs, { is: 'event', lane, type, passageId, body })
    const change = type === 'faultChanged' ? faultIn(body) : null
    if (change) this.#tellAt(atMs, { is: 'fault', lane, change })
  }

  #notice(notice: YardNotice): void {
    const lane = numberOf(notice.lane)
    switch (notice.is) {
      case 'accepted':
        this.#acceptedIds.push(notice.commandId)
        return this.#tell({ is: 'raiseAccepted', lane, commandId: notice.commandId })
      case 'left':
        return this.#tell({ is: 'left', lane, vehicleId: notice.vehicleId, how: notice.how })
      case 'arm':
        return this.#tell({ is: 'arm', lane, position: notice.position })
      case 'guidance': {
        const { light, text, voice } = notice
        const prompt = Object.entries(voices).find(([, number]) => number === voice)?.[0] ?? null
        return this.#tell({ is: 'guidance', lane, light, prompt, text })
      }
      case 'loweredOnVehicle':
        this.#complaints.push(`the bar came down on a vehicle in ${notice.lane}`)
        return
      case 'entered':
      case 'onLoop':
      case 'armAt':
        return
    }
  }

  #tell(told: Told): void {
    this.#tellAt(this.nowMs(), told)
  }

  #tellAt(atMs: number, told: Told): void {
    // Nobody is interested in how the lanes come up.
    if (!this.#start || atMs < 0) return
    for (const listener of this.#listeners) listener({ ...told, atMs })
  }

  #openEscalation(lane: number): Promise<EscalationState> {
    const id = idOf(lane)
    return this.#until(`an open escalation of lane ${lane}`, looksForMs, async () =>
      (await this.#client.state()).escalations.find((one) => one.lane === id && one.state === 'OPEN'),
    )
  }

  #commandsOf(command: GivenCommand): LaneCommandRequest['what'][] {
    switch (command.command) {
      case 'setMode': {
        const { mode } = command
        if (mode !== undefined && mode !== 'EMERGENCY_OPEN') return [{ do: 'setMode', mode }]
        throw new LanekeeperError('scenario.mode', `one person alone does not set the mode ${String(mode)}`)
      }
      case 'manualRaise':
        throw new LanekeeperError('scenario.manualRaise', 'played in virtual time only')
      case 'holdAll':
        return [{ do: 'holdAll', on: !command.ends }]
      case 'closePassage':
        return [...this.#unclosed(idOf(command.lane))].map((passageId) => ({ do: 'closePassage', passageId }))
    }
  }

  /** The last passage of a lane that ended after a violation, and the last that ended. */
  #unclosed(lane: string): Set<string> {
    const violating = new Set<string>()
    let violated: string | null = null
    let last: string | null = null
    for (const event of this.#parts.journal.events) {
      if (event.lane !== lane || event.passageId === null) continue
      if (event.type === 'violation') violating.add(event.passageId)
      if (event.type !== 'passageEnded') continue
      last = event.passageId
      if (violating.delete(last)) violated = last
    }
    return new Set([violated, last].flatMap((id) => (id === null ? [] : [id])))
  }

  /** A refusal of the gateway is something that came to pass, and no failure of the line. */
  async #ask(lane: number | null, ask: () => Promise<unknown>): Promise<void> {
    try {
      await ask()
    } catch (error) {
      const why = error instanceof LanekeeperError ? error.context['why'] : undefined
      if (typeof why !== 'string' || why === '') throw error
      this.#tell({ is: 'refusedAtGateway', lane, why })
    }
  }

  async #until<Answer>(
    what: string,
    withinMs: number,
    ask: () => Promise<Answer | false | undefined>,
  ): Promise<Answer> {
    const { clock } = this.#given
    const endMs = clock.now().monoMs + withinMs
    for (let trouble = ''; ;) {
      try {
        const answer = await ask()
        if (answer !== false && answer !== undefined) return answer
      } catch (error) {
        trouble = `; last: ${messageOf(error)}`
      }
      if (clock.now().monoMs > endMs)
        throw new LanekeeperError('scenario.inVain', `waited ${withinMs} ms in vain for ${what}${trouble}`)
      await this.#look()
      await sleep(clock, 'scenario', lookEveryMs)
    }
  }
}

function idOf(lane: number): string {
  return `lane-${lane}`
}

/** `lane-2`, `reader-lane-2` and `camera-lane-2` are of lane 2. */
function numberOf(id: string | null): number | null {
  const number = /(?:^|-)lane-(\d+)$/.exec(id ?? '')?.[1]
  return number === undefined ? null : Number(number)
}

function faultIn(body: Readonly<Record<string, unknown>>): FaultChange | null {
  const code = faultCodes.find((known) => known === body['code'])
  const is = (['raised', 'cleared'] as const).find((known) => known === body['is'])
  return code && is ? { is, code, source: sourceOf(body) ?? '' } : null
}

function sourceOf(body: Readonly<Record<string, unknown>>): string | null {
  return typeof body['source'] === 'string' ? body['source'] : null
}

function nameOf(event: { readonly sequence?: unknown; readonly hash?: unknown }): string {
  return `${String(event.sequence)}:${String(event.hash)}`
}
