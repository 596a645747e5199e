import type { QuarantineAreaEntry } from '../../messages/cargo-entities.js'
import { isEntry } from './cargo-view.js'
import { hasGoodResult, hasPassed, isCustoms } from './documents.js'
import { few, no, unknown, yes, type Finding } from './rule.js'
import type { View } from './view.js'

/** An area by this code is everywhere: a seasonal order. */
const everywhere = '*'

type Subject = QuarantineAreaEntry['subjects'][number]

/**
 * A rule over the areas in force (疫区) that this load, or this vehicle, comes from. That areas or route
 * cannot be told counts where the lane needs them; that an origin cannot be told is row 48.
 */
export function fromAreas(view: View, subject: Subject, measure?: QuarantineAreaEntry['measure']): Finding {
  const { areas, trip, needs } = view.cargo
  if (areas === 'unknown') return needs('area') ? unknown({ missing: 'areas' }) : no
  const places = subject === 'VEHICLE' ? routeOf(view) : placesOf(view)
  const hits = areas.filter(
    (area) =>
      area.subjects.includes(subject) &&
      (measure === undefined || area.measure === measure) &&
      (area.areaCode === everywhere || places.has(area.areaCode)),
  )
  return {
    ...(hits.length > 0
      ? yes({
          areas: few(hits.map((area) => area.areaId)),
          from: few(hits.map((area) => area.areaCode)),
        })
      : {}),
    ...(trip === 'unknown' && needs('area') ? unknown({ missing: 'trip' }) : {}),
  }
}

/**
 * Both results that end a lock are there: IQ has inspected everything on the truck and passed it, the
 * treatment is done, and an officer keeps no container of it locked (domain.md 5.2, scenario 12).
 */
export function isInspectedAndTreated(view: View): boolean {
  const { declarations, containers } = view.cargo
  const isOpen = containers.every(({ entry }) => isEntry(entry) && entry.lock === 'OPEN')
  const isTold = declarations.every(({ entry }) => isEntry(entry))
  return isOpen && isTold && isAnswered(view, (one) => hasGoodResult(one) && one.treatmentDone)
}

/** IQ has passed everything on the truck. */
export function isInspected(view: View): boolean {
  return isAnswered(view, (one) => hasPassed(view, one))
}

/** What is on the truck has had its treatment. */
export function isTreated(view: View): boolean {
  return isAnswered(view, (one) => one.treatmentDone)
}

type Declaration = Parameters<typeof isCustoms>[0]

/** There are declarations to IQ for everything on the truck, and each of them is as asked. */
function isAnswered({ cargo }: View, isSo: (declaration: Declaration) => boolean): boolean {
  const toIq = cargo.declarations.flatMap(({ entry }) => (isEntry(entry) && !isCustoms(entry) ? [entry] : []))
  const named = new Set(toIq.flatMap((one) => one.containers))
  return toIq.length > 0 && toIq.every(isSo) && cargo.containers.every(({ number }) => named.has(number))
}

function routeOf({ cargo: { trip } }: View): ReadonlySet<string> {
  return new Set(isEntry(trip) ? trip.routeAreas : [])
}

/** The last ports of a container are a part of where it comes from, and so are their countries (UN/LOCODE). */
function placesOf({ cargo }: View): ReadonlySet<string> {
  const ports = cargo.containers.flatMap(({ entry }) => (isEntry(entry) ? entry.lastPorts : []))
  return new Set([...cargo.comesFrom, ...ports, ...ports.map((port) => port.slice(0, 2))])
}
