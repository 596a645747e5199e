import type { Sensed } from '../../interfaces/reader.js'
import { noCargoObservations, type CargoFacts, type CargoObservations } from '../decision/cargo.js'
import type { Consumption } from '../lists/consumed.js'
import { normaliseContainer } from '../tag/container.js'

/** What was sensed of driver and load in one passage, bounded; the sprayer speaks for itself. */
export interface SensedCargo extends Omit<CargoObservations, 'sprayer'> {
  /** Cards that were presented, newest last: an order on any of their drivers holds the vehicle. */
  readonly cards: readonly string[]
  /** Something found no room here, so that not everything is known. */
  readonly overflow: boolean
}

/** Driver and load of one passage: what was sensed, what was asked of the lists, what they said. */
export interface PassageCargo {
  readonly seen: SensedCargo
  /** Canonical JSON of the newest question (`CargoAsk`); null: nothing was asked yet. */
  readonly asked: string | null
  /** Questions asked so far. */
  readonly asks: number
  /** The question that `facts` answer. */
  readonly answered: string | null
  /** As the lists said it at the newest answer; null: not yet. */
  readonly facts: CargoFacts | null
  /** What the raise under way uses up, named when it was intended; null: nothing. */
  readonly consumes: Consumption | null
  /** Findings that changed something. */
  readonly written: number
  /** The lane's count of findings that found no room on their way when the passage opened. */
  readonly shedBefore: number
}

export const containersMax = 8
export const sealsMax = 16
export const cardsMax = 4
export const earTagsMax = 2_000
/** Characters of all ear tags together: the record of a decision is one message, and holds them. */
export const earTagCharactersMax = 48_000
/** Weighings whose result is kept; `tries` counts on. */
const earlierMax = 8

const { driverCard, temperature, radiation, containers, seals, sealTries, weight, ...others } =
  noCargoObservations
const { earTags, crateLabels, receipt } = others

export const nothingSensed: SensedCargo = {
  ...{ driverCard, temperature, radiation, containers, seals, sealTries, weight },
  ...{ earTags, crateLabels, receipt, cards: [], overflow: false },
}

export const noCargo: PassageCargo = {
  seen: nothingSensed,
  asked: null,
  asks: 0,
  answered: null,
  facts: null,
  consumes: null,
  written: 0,
  shedBefore: 0,
}

/** What one finding did: `news` is written down, `better` is only the same thing more surely. */
export interface Taken {
  readonly seen: SensedCargo
  readonly is: 'news' | 'better' | 'known' | 'shed'
  /** What is to be written down of it. */
  readonly written: Sensed
}

/**
 * Adds a finding. The newest word counts, except that what speaks against the vehicle stays: a fever, an
 * alarm, an opened seal are not unsaid by looking again. What finds no room is shed, and said to be.
 */
export function withSensed(seen: SensedCargo, sensed: Sensed): Taken {
  switch (sensed.of) {
    case 'card':
      return withCard(seen, sensed)
    case 'temperature':
      if (seen.temperature === sensed.is || seen.temperature === 'fever') return known(seen, sensed)
      return news({ ...seen, temperature: sensed.is }, sensed)
    case 'radiation':
      if (seen.radiation === sensed.is || seen.radiation === 'alarm') return known(seen, sensed)
      return news({ ...seen, radiation: sensed.is }, sensed)
    case 'container':
      return withContainer(seen, { ...sensed, number: normaliseContainer(sensed.number) })
    case 'seal':
      return withSeal(seen, sensed)
    case 'sealMissed':
      return news({ ...seen, seals: seen.seals ?? [], sealTries: seen.sealTries + 1 }, sensed)
    case 'weight':
      return news({ ...seen, weight: weighedAgain(seen.weight, sensed) }, sensed)
    case 'earTags':
      return withEarTags(seen, sensed)
    case 'crateLabels': {
      if (seen.crateLabels !== null && sensed.count <= seen.crateLabels) return known(seen, sensed)
      return news({ ...seen, crateLabels: sensed.count }, sensed)
    }
    case 'receipt': {
      const { of, ...shown } = sensed
      const was = seen.receipt
      if (of === 'receipt' && was !== null && JSON.stringify(was) === JSON.stringify(shown))
        return known(seen, sensed)
      return news({ ...seen, receipt: shown }, sensed)
    }
  }
}

/** What was sensed of one vehicle, added to what is known of it already. */
export function withAllSensed(seen: SensedCargo, all: readonly Sensed[]): SensedCargo {
  return all.reduce((so, sensed) => withSensed(so, sensed).seen, seen)
}

/** The findings from which `seen` comes again, in an order that gives the same. */
export function sensedAgain(seen: SensedCargo): Sensed[] {
  const { weight: scale, receipt: shown } = seen
  const weighings =
    scale === null ? [] : [...(scale.earlierKg ?? []).map(earlierWeighing), lastWeighing(scale)]
  return [
    ...seen.cards.map((cardNo): Sensed => ({ of: 'card', cardNo })),
    ...(seen.temperature === null ? [] : [{ of: 'temperature', is: seen.temperature } as const]),
    ...(seen.radiation === null ? [] : [{ of: 'radiation', is: seen.radiation } as const]),
    ...(seen.containers ?? []).map((one): Sensed => ({ of: 'container', ...one })),
    ...Array.from({ length: vainTries(seen) }, (): Sensed => ({ of: 'sealMissed' })),
    ...(seen.seals ?? []).map((one): Sensed => ({ of: 'seal', ...one })),
    ...weighings,
    ...(seen.earTags === null ? [] : [{ of: 'earTags', ids: seen.earTags } as const]),
    ...(seen.crateLabels === null ? [] : [{ of: 'crateLabels', count: seen.crateLabels } as const]),
    ...(shown === null ? [] : [{ of: 'receipt', ...shown } as const]),
  ]
}

/** Nobody needs to be asked about it: it speaks against the vehicle by itself, and safety may hang on it. */
export function isAlarming(sensed: Sensed): boolean {
  if (sensed.of === 'temperature') return sensed.is === 'fever'
  if (sensed.of === 'radiation') return sensed.is === 'alarm'
  return sensed.of === 'seal' && (sensed.status === 'OPENED' || sensed.openedAt !== null)
}

/** Something that speaks against the vehicle by itself was sensed of it. */
export function isAlarmed(seen: SensedCargo): boolean {
  return sensedAgain(seen).some(isAlarming)
}

/** Whether anything was sensed at all. */
export function isAnythingSensed(seen: SensedCargo): boolean {
  return seen !== nothingSensed
}

export { normaliseContainer }

function news(seen: SensedCargo, written: Sensed): Taken {
  return { seen, is: 'news', written }
}

function known(seen: SensedCargo, written: Sensed): Taken {
  return { seen, is: 'known', written }
}

function shed(seen: SensedCargo, written: Sensed): Taken {
  return { seen: seen.overflow ? seen : { ...seen, overflow: true }, is: 'shed', written }
}

type Of<T extends Sensed['of']> = Extract<Sensed, { readonly of: T }>

function withCard(seen: SensedCargo, sensed: Of<'card'>): Taken {
  const cardNo = sensed.cardNo.trim()
  if (cardNo === '' || seen.driverCard === cardNo) return known(seen, sensed)
  const isNew = !seen.cards.includes(cardNo)
  if (isNew && seen.cards.length >= cardsMax) return shed(seen, sensed)
  const cards = [...seen.cards.filter((other) => other !== cardNo), cardNo]
  return news({ ...seen, driverCard: cardNo, cards }, { of: 'card', cardNo })
}

function withContainer(seen: SensedCargo, sensed: Of<'container'>): Taken {
  const { number, confidence } = sensed
  const read = seen.containers ?? []
  const before = read.find((one) => one.number === number)
  if (number === '' || (before !== undefined && before.confidence >= confidence)) return known(seen, sensed)
  if (before === undefined && read.length >= containersMax) return shed(seen, sensed)
  const all = [...read.filter((one) => one !== before), { number, confidence }]
  const next = { ...seen, containers: all.sort((a, b) => (a.number < b.number ? -1 : 1)) }
  return { seen: next, is: before === undefined ? 'news' : 'better', written: sensed }
}

function withSeal(seen: SensedCargo, sensed: Of<'seal'>): Taken {
  const { sealId, status, openedAt, batteryLow } = sensed
  const read = seen.seals ?? []
  const before = read.find((one) => one.sealId === sealId)
  if (before === undefined && read.length >= sealsMax) return shed(seen, sensed)
  const fresh = {
    sealId,
    status: before?.status === 'OPENED' ? before.status : status,
    openedAt: before?.openedAt ?? openedAt,
    batteryLow: batteryLow || before?.batteryLow === true,
  }
  const same =
    before?.status === fresh.status &&
    before.openedAt === fresh.openedAt &&
    before.batteryLow === fresh.batteryLow
  if (same) return known(seen, sensed)
  const all = [...read.filter((one) => one !== before), fresh]
  const sealsNow = all.sort((a, b) => (a.sealId < b.sealId ? -1 : 1))
  return news({ ...seen, seals: sealsNow, sealTries: Math.max(1, seen.sealTries) }, sensed)
}

/** A seal that was read was a try as well, but only where no try in vain was counted. */
function vainTries({ sealTries: tries, seals: read }: SensedCargo): number {
  return tries === 1 && (read ?? []).length > 0 ? 0 : tries
}

type Weight = NonNullable<CargoObservations['weight']>

function weighedAgain(before: Weight | null, { grossKg, stable, onScale }: Of<'weight'>): Weight {
  if (before === null) return { grossKg, stable, onScale, tries: 1 }
  const earlierKg = [...(before.earlierKg ?? []), before.grossKg].slice(-earlierMax)
  return { grossKg, stable, onScale, tries: before.tries + 1, earlierKg }
}

function earlierWeighing(grossKg: number | null): Sensed {
  return { of: 'weight', grossKg, stable: grossKg !== null, onScale: grossKg !== null }
}

function lastWeighing({ grossKg, stable, onScale }: Weight): Sensed {
  return { of: 'weight', grossKg, stable, onScale }
}

function withEarTags(seen: SensedCargo, sensed: Of<'earTags'>): Taken {
  const before = new Set(seen.earTags ?? [])
  const fresh = [...new Set(sensed.ids)].filter((id) => !before.has(id))
  if (fresh.length === 0 && seen.earTags !== null) return known(seen, sensed)
  const ids = [...before, ...fresh].sort()
  const characters = ids.reduce((sum, id) => sum + id.length, 0)
  if (ids.length > earTagsMax || characters > earTagCharactersMax) return shed(seen, sensed)
  return news({ ...seen, earTags: ids }, { of: 'earTags', ids: fresh })
}
