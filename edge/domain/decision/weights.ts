import { factOf } from './facts.js'
import type { WeightObservation } from './cargo.js'
import { isEntry } from './cargo-view.js'
import { isTrailer, type View } from './view.js'

/** A weight that can be held against something: standing still, wholly on the scale. */
export interface Weighed {
  readonly grossKg: number
  readonly tries: number
  readonly earlierKg: readonly (number | null)[]
}

/** Null: there is no such weight (row 59 says so where the lane needs one). */
export function weighed({ cargo }: View): Weighed | null {
  const { weight } = cargo.seen
  if (weight === null || !isUsable(weight)) return null
  return { grossKg: weight.grossKg, tries: weight.tries, earlierKg: weight.earlierKg ?? [] }
}

function isUsable(weight: WeightObservation): weight is WeightObservation & { readonly grossKg: number } {
  return weight.stable === true && weight.onScale === true && weight.grossKg !== null
}

/** How often the truck was weighed before the lane no longer asks for it again (rows 59 and 60). */
export const weighingsMax = 2

/** What may be off: so many kilograms, or a share, whichever is more (domain.md 6.5). */
export function toleranceKg(ofKg: number, share: number, { cargo }: View): number {
  return Math.max(cargo.policy.weightToleranceKg, ofKg * share)
}

/** More than that, counted in whole grams: a share of kilograms is not exact in binary. */
export function isOver(kg: number, limitKg: number): boolean {
  return kg - limitKg > 0.001
}

/** The tare of everything that stands on the scale, and what is missing of it. */
export interface Tare {
  readonly kg: number
  /** Registered without a tare, by name, sorted. */
  readonly missing: readonly string[]
  /** Whether it is registered cannot be told. */
  readonly unknown: readonly string[]
}

/**
 * The vehicle and its trailer; and the containers, if they are declared empty. Of a laden container the
 * tare is part of the declared gross weight, and nothing is held against it.
 */
export function tareOf(view: View): Tare {
  const { cargo, main, load } = view
  const parts = new Map<string, number | null | 'unknown'>()
  parts.set(main === null ? 'vehicle' : main.vehicle.vehicleId, main?.vehicle.tareKg ?? missingTare(main))
  for (const trailer of view.tagVehicles.filter(isTrailer))
    parts.set(trailer.vehicleId, trailer.tareKg ?? null)
  const named = isEntry(cargo.trip) ? cargo.trip.trailerVehicleId : undefined
  if (named !== undefined) parts.set(named, trailerTare(named, view))
  if (load === 'E')
    for (const { number, entry } of cargo.containers)
      parts.set(number, isEntry(entry) ? (entry.tareKg ?? null) : entry)
  const names = (what: null | 'unknown') =>
    [...parts].flatMap(([name, kg]) => (kg === what ? name : [])).sort()
  const kg = [...parts.values()].reduce<number>((sum, of) => sum + (typeof of === 'number' ? of : 0), 0)
  return { kg, missing: names(null), unknown: names('unknown') }
}

/** Who nobody has identified has no tare that anybody could know. */
function missingTare(main: View['main']): null | 'unknown' {
  return main === null ? 'unknown' : null
}

function trailerTare(vehicleId: string, { inputs }: View): number | null | 'unknown' {
  const entry = factOf(inputs.facts.vehicles, vehicleId)
  return entry === 'unknown' ? entry : (entry?.tareKg ?? null)
}

/** Class 1 firms, whose vehicles may go on without a registered tare (row 63). */
export function isClassOne({ cargo }: View): boolean {
  return isEntry(cargo.company) && cargo.company.managedClass === 1
}

export function weightEvidence({ grossKg, earlierKg, tries }: Weighed): Readonly<Record<string, string>> {
  return {
    grossKg: String(grossKg),
    tries: String(tries),
    ...(earlierKg.length > 0 ? { earlierKg: earlierKg.map((kg) => (kg === null ? '-' : kg)).join(',') } : {}),
  }
}
