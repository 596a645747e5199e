import { hmacSha256Hex, sha256Hex } from '../../edge/base/hash.js'
import type { CompanyEntry, DrawEntry, TripEntry } from '../../edge/messages/cargo-entities.js'

/**
 * The random selection of trips for inspection (domain.md 6.4, row 26). A draw is a function of a secret
 * seed of the day and of the declarations: nobody can roll it again, no lane can influence it, and once the
 * seed is revealed on the day after anybody can do the sum. The hash of the seed is published before its
 * first use, so that the seed cannot be chosen afterwards.
 */
export interface DaySeed {
  /** UTC day, `2026-01-31`. */
  readonly day: string
  /** 32 bytes in hex, of a cryptographic source. Not to be shown before the day is over. */
  readonly seed: string
}

/** What is published in the morning: SHA-256 over the text of the seed. */
export function commitmentOf({ seed }: DaySeed): string {
  return sha256Hex(seed)
}

/** Shares of trips to be drawn, 0 to 1; all configuration. */
export interface DrawRates {
  readonly byClass: Readonly<Record<CompanyEntry['managedClass'], number>>
  /** Where no company is known. */
  readonly otherwise: number
  /** Raises the share for goods of this class, never lowers it. */
  readonly byGoods: Readonly<Record<string, number>>
  /** For a blacklist entry of level WATCH (row 25). */
  readonly watched: number
}

/** domain.md 2.3 and 6.5: class 1 firms 1-3 %, class 2 5 %, others 10 %. */
export const defaultDrawRates: DrawRates = {
  byClass: { 1: 0.02, 2: 0.05, 3: 0.1 },
  otherwise: 0.1,
  byGoods: {},
  watched: 1,
}

export interface DrawOn {
  readonly trip: TripEntry
  readonly managedClass: CompanyEntry['managedClass'] | null
  readonly goodsClasses: readonly string[]
  readonly watched: boolean
}

/** The share that counts for a trip: the highest of all that apply. */
export function rateOf(on: DrawOn, rates: DrawRates): number {
  const { managedClass, goodsClasses, watched } = on
  const ofClass = managedClass === null ? rates.otherwise : rates.byClass[managedClass]
  const ofGoods = goodsClasses.map((goods) =>
    Object.hasOwn(rates.byGoods, goods) ? rates.byGoods[goods] : 0,
  )
  return Math.max(ofClass, ...ofGoods.map((rate) => rate ?? 0), watched ? rates.watched : 0)
}

/**
 * Of the drawn trips that passed inspection so many are drawn once more. A secret intercept looks like a draw and
 * ends by its lift alone, so it holds after a PASS too: if no draw ever did, everybody would know what it is. The
 * default of `predecision.drawRates.afterPass`.
 */
export const drawnAgainShare = 0.05

/** What of an inspection matters to the draw that asked for it. */
export interface DrawInspected {
  readonly taskId: string
  readonly tripId: string | null
  /** Codes of the rules that asked for it, as the lane gave them. */
  readonly reasons: readonly string[]
  readonly result: NonNullable<DrawEntry['result']>
}

/**
 * The draw of a trip after an inspection, or null where nothing changes. PASS answers it if the draw had asked for
 * that inspection; anything else stands against it, whoever asked. Now and then who passed is drawn once more, by
 * the seed of the day, the trip and the task, so that anybody can do the sum on the day after.
 */
export function drawAfter(
  draw: DrawEntry,
  { taskId, tripId, reasons, result }: DrawInspected,
  seed: DaySeed,
  againShare: number = drawnAgainShare,
): DrawEntry | null {
  if (!draw.selected || draw.tripId !== tripId) return null
  if (result !== 'PASS') return { ...draw, result }
  if (!reasons.includes('RND-01')) return null
  if (draw.round === 2) return { ...draw, result }
  const { share, id } = drawnFrom(seed, `again\n${tripId}\n${taskId}`)
  if (share >= againShare) return { ...draw, result }
  return { kind: 'draw', tripId, drawId: id, selected: true, round: 2 }
}

const drawnBits = 48

function drawnFrom({ day, seed }: DaySeed, subject: string): { readonly share: number; readonly id: string } {
  const mac = hmacSha256Hex(seed, subject)
  const share = Number.parseInt(mac.slice(0, drawnBits / 4), 16) / 2 ** drawnBits
  return { share, id: `${day}-${mac.slice(0, 12)}` }
}

/**
 * The draw of a trip: `HMAC-SHA-256(seed as text, subject)`, its first 48 bits as a share of the whole, selected
 * where below the rate. The subject is every declaration number, sorted, or the trip's own number without any.
 */
export function drawOf(seed: DaySeed, on: DrawOn, rates: DrawRates): DrawEntry {
  const { tripId, declarationNos } = on.trip
  const subject = declarationNos.length > 0 ? [...declarationNos].sort().join('\n') : tripId
  const { share, id } = drawnFrom(seed, subject)
  return { kind: 'draw', tripId, drawId: id, selected: share < rateOf(on, rates) }
}
