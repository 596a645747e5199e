import type { Cancel, Clock } from '../../edge/base/clock.js'
import { messageOf } from '../../edge/base/error.js'
import { hashOf } from '../../edge/base/hash.js'
import type { Logger } from '../../edge/base/log.js'
import { cargoProfiles } from '../../edge/domain/decision/cargo-profiles.js'
import { isEntry } from '../../edge/domain/decision/cargo-view.js'
import type { LaneProfile } from '../../edge/domain/decision/types.js'
import type { ListHead } from '../../edge/messages/down.js'
import type { DeclarationEntry, TripEntry } from '../../edge/messages/cargo-entities.js'
import { listKeyOf, type ListEntry, type ListName } from '../../edge/messages/entities.js'
import { plannedFrom } from '../domain/affected.js'
import { drawOf, type DaySeed, type DrawRates } from '../domain/draw.js'
import { planTrip, vet, waitsForRuling, type TripFile, type VettingPolicy } from '../domain/predecision.js'
import type { Database, Sql } from '../store/database.js'
import { heldHashes } from '../store/lists.js'
import { readAffected, readMarks, writeMarks, type PlanMarks } from './affected.js'
import { readTripFile } from './file.js'
import { seedOf } from './seeds.js'

/** Who stands as the author of rulings, draws and plans in the history of the lists. */
export const planner = 'predecision'

export interface PredecisionPolicy {
  /** Which gates the trips of this site come to: of a road, or of a seaport. */
  readonly site: 'road' | 'sea'
  readonly rates: DrawRates
  readonly vetting: VettingPolicy
}

export interface PredecisionGiven {
  readonly database: Database
  readonly clock: Clock
  readonly log: Logger
  readonly policy: PredecisionPolicy
  /** The next version of a list, inside the transaction; undefined: nothing changes. */
  readonly write: (
    sql: Sql,
    list: ListName,
    change: { readonly upserts: readonly ListEntry[]; readonly deletes: readonly string[] },
    by: string,
  ) => Promise<ListHead | undefined>
  /** Called right after the commit: the versions are in force, and the edges are to be told. */
  readonly onWritten: (heads: readonly ListHead[]) => void
}

/** Changes that come close together are planned together. */
const restMs = 200
const retryMs = 5_000
/** Trips read in one go: the store has other work as well. */
const readAtOnce = 20
/** Trips written in one go: each write makes versions of whole lists. */
const writeAtOnce = 2_000

interface Work {
  readonly rulings: DeclarationEntry[]
  /** Hash of each declaration as it was read: one that changed meanwhile is not overwritten. */
  readonly readAs: Map<string, string>
  readonly draws: ListEntry[]
  readonly plans: ListEntry[]
  readonly gone: string[]
}

/**
 * The pre-decision (domain.md 6.4): whenever something changes that a trip rests on, its declarations are
 * vetted, its draw is made if it has none, and its planned verdict is written to the list `plans`, which
 * goes to the edges like any other. Which trips are due is told by the versions of the lists, so that
 * nothing is forgotten when the gateway is killed in between.
 */
export class Predecision {
  readonly counters = { runs: 0, runsFailed: 0, planned: 0, ruled: 0, drawn: 0 }
  readonly #given: PredecisionGiven
  #cancel: Cancel | null = null
  #running: Promise<void> = Promise.resolve()
  #closed = false

  constructor(given: PredecisionGiven) {
    this.#given = given
  }

  /** A list has a new version. */
  changed(list: ListName): void {
    if (plannedFrom.includes(list)) this.#soon(restMs)
  }

  /** Looks at once for what is due: at the start, and in tests. */
  run(): Promise<void> {
    this.#running = this.#running.then(() => this.#runOnce())
    return this.#running
  }

  /** Resolves when no run is under way. */
  settled(): Promise<void> {
    return this.#running
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#cancel?.()
    await this.#running
  }

  #soon(ms: number): void {
    if (this.#closed || this.#cancel !== null) return
    this.#cancel = this.#given.clock.after('predecision', ms, () => {
      this.#cancel = null
      void this.run()
    })
  }

  async #runOnce(): Promise<void> {
    if (this.#closed) return
    this.counters.runs += 1
    try {
      await this.#plan()
    } catch (error) {
      this.counters.runsFailed += 1
      this.#given.log.error({ error: messageOf(error) }, 'the pre-decision failed, and is tried again')
      this.#soon(retryMs)
    }
  }

  async #plan(): Promise<void> {
    const { database } = this.#given
    const { tripIds, marks } = await database.read(async (sql) => readAffected(sql, await readMarks(sql)))
    const due = [...tripIds].sort()
    if (due.length > 0) await this.#planAll(due)
    if (!this.#closed) await database.transact((sql) => writeMarks(sql, marks satisfies PlanMarks))
  }

  async #planAll(due: readonly string[]): Promise<void> {
    const { database, clock } = this.#given
    const seed = await database.transact((sql) => seedOf(sql, clock.now().wallMs))
    for (let at = 0; at < due.length; at += writeAtOnce) {
      const work: Work = { rulings: [], readAs: new Map(), draws: [], plans: [], gone: [] }
      const some = due.slice(at, at + writeAtOnce)
      for (let from = 0; from < some.length; from += readAtOnce) {
        if (this.#closed) return
        const ids = some.slice(from, from + readAtOnce)
        const files = await database.read(async (sql) => {
          const read: [string, TripFile | null][] = []
          for (const id of ids) read.push([id, await readTripFile(sql, id)])
          return read
        })
        for (const [id, file] of files) this.#planOne(work, id, file, seed)
      }
      await this.#write(work)
    }
  }

  #planOne(work: Work, tripId: string, file: TripFile | null, seed: DaySeed): void {
    if (file === null) {
      work.gone.push(tripId)
      return
    }
    const { policy, clock } = this.#given
    const nowMs = clock.now().wallMs
    const drawn = withDraw(file, seed, policy.rates)
    if (!isEntry(file.cargo.draw) && isEntry(drawn.cargo.draw)) work.draws.push(drawn.cargo.draw)
    const { file: ruled, rulings } = withRulings(drawn, policy.vetting, nowMs)
    for (const ruling of rulings) {
      work.rulings.push(ruling)
      work.readAs.set(ruling.declarationNo, hashOf(file.cargo.declarations[ruling.declarationNo]))
    }
    work.plans.push(planTrip(ruled, { profile: profileOf(policy.site, file.trip), nowMs }))
  }

  async #write(work: Work): Promise<void> {
    const { database, write, onWritten } = this.#given
    let ruled = 0
    const writeAll = async (sql: Sql) => {
      const rulings = eachOnce(await unchanged(sql, work))
      ruled = rulings.length
      const gone = [...(await heldHashes(sql, 'plans', work.gone)).keys()]
      return [
        await write(sql, 'declarations', { upserts: rulings, deletes: [] }, planner),
        await write(sql, 'draws', { upserts: work.draws, deletes: [] }, planner),
        await write(sql, 'plans', { upserts: work.plans, deletes: gone }, planner),
      ].filter((head) => head !== undefined)
    }
    await database.transact(writeAll, onWritten)
    this.counters.planned += work.plans.length
    this.counters.ruled += ruled
    this.counters.drawn += work.draws.length
  }
}

/** The road profile of a road, the gate's of a seaport, by direction and load. */
function profileOf(site: PredecisionPolicy['site'], { direction, load }: TripEntry): LaneProfile {
  const laden = load === 'L'
  if (site === 'road') {
    if (direction === 'in') return laden ? cargoProfiles.roadInLaden : cargoProfiles.roadInEmpty
    return laden ? cargoProfiles.roadOutLaden : cargoProfiles.roadOutEmpty
  }
  if (direction === 'in') return laden ? cargoProfiles.seaInLaden : cargoProfiles.seaInEmpty
  return laden ? cargoProfiles.seaOutLaden : cargoProfiles.seaOutEmpty
}

/** A draw is made once and stands; only laden trips are drawn (row 26). */
function withDraw(file: TripFile, seed: DaySeed, rates: DrawRates): TripFile {
  const { trip, vehicle, cargo, blacklist } = file
  if (isEntry(cargo.draw) || trip.load !== 'L') return file
  const companyId = vehicle?.companyId
  const company = companyId === undefined ? undefined : cargo.companies[companyId]
  const draw = drawOf(
    seed,
    {
      trip,
      managedClass: company !== undefined && isEntry(company) ? company.managedClass : null,
      goodsClasses: Object.values(cargo.declarations).flatMap((one) =>
        isEntry(one) ? [one.goodsClass] : [],
      ),
      watched: blacklist.some(({ level, lift }) => level === 'WATCH' && !lift),
    },
    rates,
  )
  return { ...file, cargo: { ...cargo, draw } }
}

function withRulings(
  file: TripFile,
  policy: VettingPolicy,
  nowMs: number,
): { readonly file: TripFile; readonly rulings: readonly DeclarationEntry[] } {
  const rulings = Object.values(file.cargo.declarations).flatMap((entry) => {
    if (!isEntry(entry) || !waitsForRuling(entry, policy)) return []
    const vetting = vet(entry, file, policy, nowMs)
    return vetting.by === 'auto' ? [{ ...entry, ruling: vetting.ruling }] : []
  })
  if (rulings.length === 0) return { file, rulings }
  const declarations = {
    ...file.cargo.declarations,
    ...Object.fromEntries(rulings.map((ruling) => [ruling.declarationNo, ruling])),
  }
  return { file: { ...file, cargo: { ...file.cargo, declarations } }, rulings }
}

/** Rulings on what is still as it was read: whoever changed it meanwhile is heard first, and it is due again. */
async function unchanged(sql: Sql, { rulings, readAs }: Work): Promise<DeclarationEntry[]> {
  const held = await heldHashes(sql, 'declarations', [...readAs.keys()])
  return rulings.filter(({ declarationNo }) => held.get(declarationNo) === readAs.get(declarationNo))
}

/** Two trips may rest on one declaration. */
function eachOnce<T extends ListEntry>(entries: readonly T[]): T[] {
  return [...new Map(entries.map((entry) => [listKeyOf(entry), entry])).values()]
}
