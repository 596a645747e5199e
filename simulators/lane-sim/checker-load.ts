import type { StoredEvent } from '../../edge/interfaces/journal.js'
import type { Need } from '../../edge/domain/decision/cargo.js'
import type { CargoListName, ListEntry } from '../../edge/messages/entities.js'
import { consumptionSchema } from '../../edge/messages/events.js'
import type { Sensed } from '../../edge/messages/sensed.js'
import { valueAt } from '../scenario/match.js'
import type { VehicleSpec } from '../vehicle/vehicle.js'
import type { ListData, ListPublisher } from './lists.js'

type Used = ReturnType<typeof consumptionSchema.parse>
type Entry<K extends ListEntry['kind']> = Extract<ListEntry, { kind: K }>
type Breaks = (invariant: 'needsKnown' | 'usedOnce', lane: string | null, detail: string) => void

/**
 * What must hold of driver and load, by what devices told of the vehicle in front of the bar, what the lists of
 * the edge hold, and what became durable: nobody's load goes while something that its lane needs is not
 * known to be right, and papers serve one crossing.
 */
export class LoadChecker {
  readonly #lists: ListData
  readonly #breaks: Breaks
  /** Of each vehicle that is there, what the edge was told. */
  readonly #told = new Map<string, Sensed[]>()
  /** What each intent to raise would use up, by passage. */
  readonly #intended = new Map<string, Used>()
  readonly #accepted = new Set<string>()
  /** Used up, or perhaps, by passage. */
  readonly #used = new Map<string, { readonly used: Used; readonly type: string }>()
  readonly #usesOf = new Map<string, number>()
  readonly #cleared = new Set<string>()

  constructor(lists: ListData, breaks: Breaks) {
    this.#lists = lists
    this.#breaks = breaks
  }

  get crossings(): number {
    return this.#used.size
  }

  told(vehicleId: string, sensed: Sensed): void {
    const told = this.#told.get(vehicleId)
    if (told) told.push(sensed)
    else this.#told.set(vehicleId, [sensed])
  }

  gone(vehicleId: string): void {
    this.#told.delete(vehicleId)
  }

  /** Names under which an order may speak of what was told of a vehicle. */
  containersOf(vehicleId: string): string[] {
    return (this.#told.get(vehicleId) ?? []).flatMap((one) => (one.of === 'container' ? [one.number] : []))
  }

  durable(row: StoredEvent): void {
    const { type, lane, passageId, body } = row
    if (passageId === null) return
    if (type === 'barrierIntent') {
      const consumes = consumptionSchema.safeParse(body['consumes']).data
      if (consumes) this.#intended.set(passageId, consumes)
      else this.#intended.delete(passageId)
    }
    if (type === 'consumed' || type === 'perhapsConsumed') this.#uses(row, passageId)
    if (type !== 'passageEnded') return
    if (body['how'] === 'cleared') this.#cleared.add(passageId)
    const used = this.#used.get(passageId)
    if (used?.type === 'consumed' && body['how'] !== 'cleared')
      this.#breaks('usedOnce', lane, `${passageId} used papers up and ended as ${String(body['how'])}`)
  }

  /** The PLC took the raise of this passage. */
  raised(passageId: string | null): void {
    if (passageId !== null) this.#accepted.add(passageId)
  }

  /** The lane itself lets a vehicle go whose load it judges: everything that it needs must be there. */
  judgeRelease(
    lane: string,
    what: { readonly commandId: string; readonly passageId: string | null; readonly needs: readonly Need[] },
    vehicle: VehicleSpec | null,
    decision: StoredEvent | undefined,
  ): void {
    if (what.needs.length === 0 || vehicle === null) return
    const vehicleId = String(valueAt(decision?.body, 'decision.vehicleId'))
    const trip = this.#tripOf(vehicleId)
    const told = this.#told.get(vehicle.id) ?? []
    this.#judgePapers(lane, what, trip)
    for (const need of what.needs) {
      const lacks = this.#lacks(need, trip, told)
      if (lacks !== null)
        this.#breaks('needsKnown', lane, `${what.commandId} releases ${vehicle.id} without ${need}: ${lacks}`)
    }
  }

  /** In the end: whoever was released and cleared has used his papers up, and the gateway's lists say so, once. */
  compare(publisher: ListPublisher): void {
    for (const [passageId, { tripId }] of this.#intended) {
      if (!this.#cleared.has(passageId) || !this.#accepted.has(passageId) || this.#used.has(passageId))
        continue
      this.#breaks('usedOnce', null, `${passageId} cleared and did not use trip ${String(tripId)} up`)
    }
    for (const { used } of this.#used.values()) {
      const trip = used.tripId === null ? undefined : publisher.newest('trips', used.tripId)
      if (trip?.kind === 'trip' && trip.crossedAt === undefined)
        this.#breaks('usedOnce', null, `the gateway does not know that trip ${trip.tripId} crossed`)
    }
    for (const [releaseId, uses] of this.#usesOf) {
      const first = publisher.changes.releases.find(
        ({ put }) => put?.kind === 'release' && put.releaseId === releaseId,
      )?.put
      const now = publisher.newest('releases', releaseId)
      if (first?.kind !== 'release' || now?.kind !== 'release') continue
      const left = Math.max(0, first.usesLeft - uses)
      if (now.usesLeft !== left)
        this.#breaks(
          'usedOnce',
          null,
          `${releaseId} was used ${uses} times and has ${now.usesLeft} uses left`,
        )
    }
  }

  #uses({ type, lane, body }: StoredEvent, passageId: string): void {
    const used = consumptionSchema.safeParse(body).data
    if (!used) return this.#breaks('usedOnce', lane, `${passageId}: ${type} says nothing`)
    if (this.#used.has(passageId)) return this.#breaks('usedOnce', lane, `${passageId} used papers up twice`)
    this.#used.set(passageId, { used, type })
    for (const id of used.releaseIds) this.#usesOf.set(id, (this.#usesOf.get(id) ?? 0) + 1)
  }

  #judgePapers(
    lane: string,
    { commandId, passageId }: { readonly commandId: string; readonly passageId: string | null },
    trip: Entry<'trip'> | null,
  ): void {
    const tripId = this.#intended.get(passageId ?? '')?.tripId
    if (tripId === undefined || tripId !== (trip?.tripId ?? null))
      this.#breaks(
        'usedOnce',
        lane,
        `${commandId} uses trip ${String(tripId)}, and not ${trip?.tripId ?? 'none'}`,
      )
    for (const [by, { used }] of this.#used) {
      if (by === passageId || used.tripId === null || used.tripId !== tripId) continue
      this.#breaks('usedOnce', lane, `${commandId} releases by trip ${used.tripId}, which ${by} has used`)
    }
  }

  /** In words what is not there; null: nothing. */
  #lacks(need: Need, trip: Entry<'trip'> | null, told: readonly Sensed[]): string | null {
    const wants = (isThere: boolean, detail: string): string | null => (isThere ? null : detail)
    switch (need) {
      case 'driver':
        return wants(
          told.some((one) => one.of === 'card' && this.#find('drivers', 'card', [one.cardNo]).length > 0),
          'no card of a driver',
        )
      case 'temperature':
        return wants(
          told.some((one) => one.of === 'temperature' && one.is === 'normal') &&
            !told.some((one) => one.of === 'temperature' && one.is === 'fever'),
          'no good temperature',
        )
      case 'trip':
        return wants(trip !== null && trip.crossedAt === undefined, 'no trip that is open')
      case 'container': {
        const read = told.flatMap((one) =>
          one.of === 'container' && one.confidence >= 0.9 ? [one.number] : [],
        )
        const boxes = this.#find('containers', 'key', trip?.containers ?? [])
        const isOpen = boxes.every((box) => box.kind !== 'container' || box.lock === 'OPEN')
        return wants(isOpen && trip?.containers.every((box) => read.includes(box)) === true, 'its containers')
      }
      case 'seal': {
        const bad = told.some(
          (one) => one.of === 'seal' && (one.status !== 'CLOSED' || one.openedAt !== null),
        )
        const read = told.flatMap((one) => (one.of === 'seal' ? [one.sealId] : []))
        return wants(!bad && trip?.sealIds.every((id) => read.includes(id)) === true, 'its seals')
      }
      case 'weight': {
        const last = told.flatMap((one) => (one.of === 'weight' ? [one] : [])).at(-1)
        // An empty truck has no weight of its own papers: it is held against its tare, by the rules alone.
        const expectedKg = trip?.load === 'L' ? trip.expectedGrossKg : last?.grossKg
        const offKg = Math.abs((last?.grossKg ?? Infinity) - (expectedKg ?? 0))
        return wants(last?.stable === true && last.onScale === true && offKg <= 900, 'a good weight')
      }
      default:
        return this.#lacksPaper(need, trip, told)
    }
  }

  #lacksPaper(need: Need, trip: Entry<'trip'> | null, told: readonly Sensed[]): string | null {
    const papers = this.#find('declarations', 'key', trip?.declarationNos ?? [])
    switch (need) {
      case 'iq':
      case 'customs': {
        const agency = need === 'iq' ? 'IQ' : 'CUSTOMS'
        const own = papers.flatMap((one) =>
          one.kind === 'declaration' && one.agency === agency ? [one] : [],
        )
        const isGood =
          own.length > 0 && own.every(({ state }) => state === 'RELEASED' || state === 'ACCEPTED')
        if (need === 'iq' || !isGood) return isGood ? null : 'no declaration that is alive'
        return this.#isReleased(trip, told) ? null : 'no release'
      }
      case 'manifest':
        return this.#find('manifests', 'key', [trip?.manifestNo ?? '']).length > 0 ? null : 'no manifest'
      case 'draw': {
        const [draw] = this.#find('draws', 'key', [trip?.tripId ?? ''])
        return draw?.kind === 'draw' && !draw.selected ? null : 'no draw that spares it'
      }
      default:
        return null
    }
  }

  /** An instruction of customs with a use left, or a good receipt in its place. */
  #isReleased(trip: Entry<'trip'> | null, told: readonly Sensed[]): boolean {
    const releases = [
      ...this.#find('releases', 'CONTAINER', trip?.containers ?? []),
      ...this.#find('releases', 'DECLARATION', trip?.declarationNos ?? []),
      ...this.#find('releases', 'TRIP', trip === null ? [] : [trip.tripId]),
    ]
    const isUsable = (one: ListEntry): boolean =>
      one.kind === 'release' && one.agency === 'CUSTOMS' && one.state === 'ACTIVE' && one.usesLeft > 0
    const isGood = (one: Sensed): boolean =>
      one.of === 'receipt' && one.agency === 'CUSTOMS' && one.signatureValid === true && one.used === false
    return releases.some(isUsable) || told.some(isGood)
  }

  #tripOf(vehicleId: string): Entry<'trip'> | null {
    const trips = this.#find('trips', 'vehicle', [vehicleId])
    const [trip] = trips.flatMap((one) => (one.kind === 'trip' ? [one] : []))
    return trip ?? null
  }

  #find(list: CargoListName, by: string, values: readonly string[]): readonly ListEntry[] {
    const found = values.length === 0 ? [] : this.#lists.find(list, by, values)
    return found === 'unknown' ? [] : found
  }
}
