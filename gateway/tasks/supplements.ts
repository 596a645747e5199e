import { randomBytes } from 'node:crypto'
import type { Clock } from '../../edge/base/clock.js'
import { hashOf } from '../../edge/base/hash.js'
import type { ListHead } from '../../edge/messages/down.js'
import type {
  DeclarationEntry,
  FitnessEntry,
  ReleaseEntry,
  TripEntry,
} from '../../edge/messages/cargo-entities.js'
import type { TagEntry } from '../../edge/messages/entities.js'
import {
  paperEntrySchema,
  type CorrectionRequest,
  type Entered,
  type OutageRequest,
  type OutageState,
  type PaperEntry,
  type Supplement,
} from '../api/supplement-schemas.js'
import { Refusal, type RefusalCode } from '../desk/refusal.js'
import type { PassageRecord } from '../domain/passage.js'
import {
  correctedPassage,
  correctionOf,
  normalisedPaper,
  paperProblem,
  passageOfPaper,
  settledPaper,
  supplementOfPaper,
  tripOfPaper,
  type CorrectionRefusal,
  type PaperFile,
} from '../domain/supplement.js'
import type { Consume, PlaceOrders } from '../inbox/overlay.js'
import type { Database, Sql } from '../store/database.js'
import { entriesByKey, entriesNamed } from '../store/list-names.js'
import { audit, loadPassages, savePassages } from '../store/records.js'
import {
  addSupplement,
  findOutage,
  listOutages,
  paperHash,
  saveOutage,
  supplementsOf,
  vehiclesByPlate,
} from '../store/supplements.js'
import { recheckPassage } from './recheck.js'

export interface SupplementsGiven {
  readonly database: Database
  readonly clock: Clock
  readonly edgeIds: () => readonly string[]
  readonly placeOrders: PlaceOrders
  readonly consume: Consume
  readonly onWritten: (heads: readonly ListHead[]) => void
  /** Passages that are new or say more than before; called right after the commit. */
  readonly onPassages: (passages: readonly PassageRecord[]) => void
}

/** Papers that one import may bring: one transaction, and edges wait for it. */
const papersMax = 500
const outageIdBytes = 8

interface Change {
  readonly passages: readonly PassageRecord[]
  readonly heads: readonly ListHead[]
}

/** Corrections of passages that are over, and passages that stood on paper (domain.md 7). Nothing is overwritten. */
export class Supplements {
  readonly #given: SupplementsGiven

  constructor(given: SupplementsGiven) {
    this.#given = given
  }

  of(passageId: string): Promise<Supplement[]> {
    return this.#given.database.read((sql) => supplementsOf(sql, passageId))
  }

  outages(limit: number): Promise<OutageState[]> {
    return this.#given.database.read((sql) => listOutages(sql, limit))
  }

  /** Adds a correction; what stands now is looked at by the lists once more. Throws {@link Refusal}. */
  async correct(passageId: string, asked: CorrectionRequest, by: string): Promise<Supplement> {
    const at = Math.round(this.#given.clock.now().wallMs)
    const done = await this.#change(async (sql) => {
      const [passage] = await loadPassages(sql, [passageId])
      if (passage === undefined) throw new Refusal('notFound', `there is no passage ${passageId}`)
      const before = await supplementsOf(sql, passageId)
      const made = correctionOf(passage, before, asked, by, at)
      if (!made.ok) throw new Refusal(refusals[made.refusal], whyNot[made.refusal])
      const { supplement } = made
      await addSupplement(sql, supplement, null)
      const marked: PassageRecord = { ...passage, corrected: true }
      await savePassages(sql, [marked])
      const { was, is, reason, no } = supplement
      await audit(sql, {
        at,
        operator: by,
        action: 'correction',
        target: passageId,
        detail: { no, was, is, reason },
      })
      const now = correctedPassage(passage, [...before, supplement])
      const heads = await this.#look(sql, now, `${no}`, at)
      return { passages: [marked], heads, supplement }
    })
    return done.supplement
  }

  /** Announces an outage, so that papers may be entered for it. Throws {@link Refusal}. */
  announce(asked: OutageRequest, by: string): Promise<OutageState> {
    const { database, clock, edgeIds } = this.#given
    const at = Math.round(clock.now().wallMs)
    const { edgeId, lane = null, from, to = null, reason } = asked
    if (!edgeIds().includes(edgeId)) throw new Refusal('notFound', `there is no edge ${edgeId}`)
    if (from > at || (to !== null && (to < from || to > at)))
      throw new Refusal('invalid', 'an outage begins before it ends, and neither lies ahead')
    const outageId = `out-${randomBytes(outageIdBytes).toString('hex')}`
    const outage: OutageState = {
      ...{ outageId, edgeId, lane, from, to, reason, announcedBy: by, announcedAt: at },
      ...{ endedBy: to === null ? null : by, entered: 0 },
    }
    return database.transact(async (sql) => {
      await saveOutage(sql, outage)
      const detail = { edgeId, lane, from, to, reason }
      await audit(sql, { at, operator: by, action: 'outage', target: outageId, detail })
      return outage
    })
  }

  /** The system is back. Papers of the time before may still be entered. Throws {@link Refusal}. */
  end(outageId: string, by: string): Promise<OutageState> {
    const { database, clock } = this.#given
    const at = Math.round(clock.now().wallMs)
    return database.transact(async (sql) => {
      const outage = await findOutage(sql, outageId)
      if (outage === undefined) throw new Refusal('notFound', `there is no outage ${outageId}`)
      if (outage.to !== null) throw new Refusal('closed', 'it has ended already')
      const ended = { ...outage, to: at, endedBy: by }
      await saveOutage(sql, ended)
      await audit(sql, { at, operator: by, action: 'outageEnded', target: outageId, detail: { to: at } })
      return ended
    })
  }

  /**
   * Enters papers, one a line (NDJSON): what is good is taken, each line that is not is named. The same paper
   * again changes nothing; another content under its number is refused. Throws {@link Refusal}.
   */
  async enter(outageId: string, text: string, by: string): Promise<Entered> {
    const at = Math.round(this.#given.clock.now().wallMs)
    const { papers, refused } = papersIn(text)
    if (papers.length > papersMax)
      throw new Refusal('tooLarge', `more than ${papersMax} papers at once: send them in parts`)
    const done = await this.#change(async (sql) => {
      const outage = await findOutage(sql, outageId)
      if (outage === undefined) throw new Refusal('notFound', `there is no outage ${outageId}`)
      const plates = await vehiclesByPlate(
        sql,
        papers.flatMap(({ entry }) => entry.plates),
      )
      const passages: PassageRecord[] = []
      const heads: ListHead[] = []
      const entered: Entered = { taken: 0, unchanged: 0, refused: [...refused], differences: [] }
      for (const { line, entry } of papers) {
        const known = await paperHash(sql, entry.paperNo)
        if (known === hashOf(entry)) {
          entered.unchanged += 1
          continue
        }
        const problem =
          known === undefined
            ? paperProblem(entry, outage, at)
            : {
                path: 'paperNo',
                message: `${entry.paperNo} was entered with other content: correct its passage`,
              }
        if (problem !== null) {
          entered.refused.push({ line, ...problem })
          continue
        }
        const one = await this.#enterOne(sql, entry, outage, plates, by, at)
        passages.push(one.passage)
        heads.push(...one.heads)
        entered.taken += 1
        entered.differences.push(
          ...one.differences.map((difference) => ({ ...difference, paperNo: entry.paperNo })),
        )
      }
      entered.refused.sort((a, b) => a.line - b.line)
      const detail = { taken: entered.taken, unchanged: entered.unchanged, refused: entered.refused.length }
      await audit(sql, { at, operator: by, action: 'papers', target: outageId, detail })
      return { passages, heads, entered }
    })
    return done.entered
  }

  async #enterOne(
    sql: Sql,
    entry: PaperEntry,
    outage: OutageState,
    plates: ReadonlyMap<string, readonly string[]>,
    by: string,
    at: number,
  ) {
    const file = await fileOf(sql, entry, plates)
    const [only] = file.vehicleIds
    const vehicleId = file.vehicleIds.length === 1 && only !== undefined ? only : null
    const passage = passageOfPaper(entry, outage, vehicleId)
    const { crossing, differences } = settledPaper(entry, passage, file)
    await savePassages(sql, [crossing === null ? passage : { ...passage, consumed: true }])
    await addSupplement(sql, supplementOfPaper(entry, outage, differences, by, at), hashOf(entry))
    const { paperNo, decided, officer } = entry
    const detail = { paperNo, outageId: outage.outageId, decided, officer, differences }
    await audit(sql, { at, operator: by, action: 'paperEntered', target: passage.passageId, detail })
    const used = crossing === null ? [] : await this.#given.consume(sql, [crossing])
    const trip = tripOfPaper(entry, file.trips)
    const seen = {
      ...{ orders: null, blacklist: null, known: [] },
      of: {
        vehicleIds: file.vehicleIds,
        companyIds: [],
        driverIds: trip?.driverId === undefined ? [] : [trip.driverId],
        containers: [...new Set([...entry.containers, ...(trip?.containers ?? [])])],
        declarationNos: trip?.declarationNos ?? [],
      },
    }
    const found = await this.#look(sql, { ...passage, seen }, '', at)
    return { passage, differences, heads: [...used, ...found] }
  }

  /** Only what went through can have passed somebody by. */
  async #look(sql: Sql, passage: PassageRecord, no: string, nowMs: number): Promise<readonly ListHead[]> {
    if (passage.how !== 'cleared' && passage.how !== 'violation') return []
    const about = { kind: 'enteredLate', passage, passedAt: passage.endedAt ?? passage.openedAt, no } as const
    return (await recheckPassage(sql, about, { nowMs, placeOrders: this.#given.placeOrders })).heads
  }

  #change<T extends Change>(run: (sql: Sql) => Promise<T>): Promise<T> {
    const { database, onWritten, onPassages } = this.#given
    return database.transact(run, ({ passages, heads }) => {
      onPassages(passages)
      onWritten(heads)
    })
  }
}

/** Lines that are papers, and those that are not; a number that stands twice is refused the second time. */
function papersIn(text: string) {
  const papers: { readonly line: number; readonly entry: PaperEntry }[] = []
  const refused: { line: number; path: string; message: string }[] = []
  const seen = new Set<string>()
  for (const [index, raw] of text.split('\n').entries()) {
    const line = index + 1
    if (raw.trim() === '') continue
    let value: unknown
    try {
      value = JSON.parse(raw)
    } catch {
      refused.push({ line, path: '', message: 'not JSON (write one paper a line)' })
      continue
    }
    const parsed = paperEntrySchema.safeParse(value)
    if (!parsed.success) {
      const [issue] = parsed.error.issues
      refused.push({
        line,
        path: issue?.path.map(String).join('.') ?? '',
        message: issue?.message ?? 'no paper',
      })
    } else if (seen.has(parsed.data.paperNo)) {
      refused.push({ line, path: 'paperNo', message: `${parsed.data.paperNo} stands twice` })
    } else {
      seen.add(parsed.data.paperNo)
      papers.push({ line, entry: normalisedPaper(parsed.data) })
    }
  }
  return { papers, refused }
}

/** What the lists have on a paper. */
async function fileOf(
  sql: Sql,
  entry: PaperEntry,
  plates: ReadonlyMap<string, readonly string[]>,
): Promise<PaperFile> {
  const tags = await entriesByKey<TagEntry>(sql, 'tags', entry.epcs)
  const read = [
    ...tags.map(({ vehicleId }) => vehicleId),
    ...entry.plates.flatMap((one) => plates.get(one) ?? []),
  ]
  const vehicleIds = [...new Set(read)]
  const trips =
    entry.tripId === undefined
      ? await entriesNamed<TripEntry>(sql, 'trips', 'vehicle', vehicleIds)
      : await entriesByKey<TripEntry>(sql, 'trips', [entry.tripId])
  const trip = tripOfPaper(entry, trips)
  const declarationNos = trip?.declarationNos ?? []
  const releases = [
    ...(await entriesNamed<ReleaseEntry>(sql, 'releases', 'TRIP', trip === null ? [] : [trip.tripId])),
    ...(await entriesNamed<ReleaseEntry>(sql, 'releases', 'DECLARATION', declarationNos)),
    ...(await entriesNamed<ReleaseEntry>(sql, 'releases', 'CONTAINER', trip?.containers ?? [])),
  ]
  return {
    ...{ vehicleIds, trips, releases },
    declarations: await entriesByKey<DeclarationEntry>(sql, 'declarations', declarationNos),
    certificates: await entriesNamed<FitnessEntry>(sql, 'fitness', 'container', trip?.containers ?? []),
  }
}

const refusals: Readonly<Record<CorrectionRefusal, RefusalCode>> = {
  conflict: 'conflict',
  wrongState: 'wrongState',
  tooMany: 'tooLarge',
  nothing: 'invalid',
}

const whyNot: Readonly<Record<CorrectionRefusal, string>> = {
  conflict: 'somebody has added to this passage meanwhile: look at it again',
  wrongState: 'the passage is not over: its lane still records it',
  tooMany: 'the passage has as many corrections as one may have',
  nothing: 'the correction says what stands there already',
}
