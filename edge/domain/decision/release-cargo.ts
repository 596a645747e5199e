import type { QuarantineAreaEntry } from '../../messages/cargo-entities.js'
import type { Need } from './cargo.js'
import { isEntry } from './cargo-view.js'
import { factOf } from './facts.js'
import {
  areDeclared,
  declarationsOf,
  isCleared,
  isNotRefused,
  isOpen,
  isPassed,
  isReleasedBy,
} from './release-papers.js'
import { sealVerified } from './seals.js'
import { hasEnded } from './validity.js'
import { isTrailer, type View } from './view.js'
import { isClassOne, isOver, tareOf, toleranceKg, weighed } from './weights.js'

/** What a lane for goods asks of a laden truck only: no other has goods to rule on. */
const ofGoods: readonly Need[] = ['manifest', 'iq', 'customs', 'seal', 'fitness', 'draw']
/** What is asked where there is a container. */
const ofBoxes: readonly Need[] = ['container', 'terminal']

/**
 * Of what a release rests on, what driver and load still lack, by name: the needs of the profile as far as
 * the load has them, and the least that the row asks for, whatever the profile says. Each is met only by
 * something positively known. `isTreated`: a rule of disinfection has spoken, and answers for the area.
 */
export function missingOfCargo(view: View, isTreated: boolean): string[] {
  const { load, inputs } = view
  const needed = new Set<Need>([...(inputs.profile.needs ?? []), ...leastOf(view)])
  const asked = [...needed].filter(
    (need) => (load === 'L' || !ofGoods.includes(need)) && (load !== 'V' || !ofBoxes.includes(need)),
  )
  const lacking: string[] = asked.filter((need) => !met[need](view, isTreated))
  if (load === 'L' && !needed.has('iq') && !needed.has('customs')) lacking.push('agencies')
  if (load === 'L' && inputs.profile.crossing === 'RO' && !goodsCounted(view)) lacking.push('goods')
  if (load === 'L' && inputs.profile.noWood === true && !isWithoutWood(view)) lacking.push('withoutWood')
  if (load === 'E' && inputs.profile.opensEmpties === true) lacking.push('lookedInto')
  return lacking
}

/** The least that rows 74 to 77 name. */
function leastOf({ load, inputs: { profile } }: View): readonly Need[] {
  if (load === 'V') return []
  const isSea = profile.crossing === 'SI' || profile.crossing === 'SO'
  if (load === 'E') return isSea ? ['trip', 'container', 'terminal', 'area'] : ['trip', 'container']
  if (profile.crossing === 'SO') return ['trip', 'container', 'iq', 'customs', 'terminal']
  return isSea ? ['trip', 'container', 'terminal'] : ['trip', 'container']
}

/** One for each need: whether it is positively met. What cannot be told, is missing or has ended is not. */
const met: Readonly<Record<Need, (view: View, isTreated: boolean) => boolean>> = {
  permit: ({ main, cargo, inputs: { now } }) => {
    if (main?.vehicle.permit !== 'VALID' || hasEnded(main.vehicle.permitValidTo, now) !== false) return false
    if (main.vehicle.companyId === undefined) return true
    const { company } = cargo
    if (!isEntry(company) || company.registration !== 'VALID') return false
    return hasEnded(company.registrationValidTo, now) === false
  },
  driver: ({ main, cargo, inputs: { now } }) => {
    const { driver, trip, policy } = cargo
    if (!isEntry(driver) || driver.state !== 'ACTIVE' || driver.declaredSick || main === null) return false
    if (!driver.vehicleIds.includes(main.vehicle.vehicleId)) return false
    if (isEntry(trip) && trip.driverId !== undefined && trip.driverId !== driver.driverId) return false
    if (hasEnded(driver.licenceValidTo, now) !== false) return false
    return policy.healthExpired === 'advise' || hasEnded(driver.healthCertificateValidTo, now) === false
  },
  police: ({ cargo }) => cargo.facts.police === 'OK',
  temperature: ({ cargo }) => cargo.seen.temperature === 'normal',
  radiation: ({ cargo }) => cargo.seen.radiation === 'normal',
  trip: isTripRight,
  container: ({ load, cargo }) => {
    const { containers, seen } = cargo
    if (seen.containers === null || (load === 'E' && containers.length === 0)) return false
    if (seen.containers.some(({ number }) => containers.every((known) => known.number !== number)))
      return false
    return containers.every(
      ({ seen: isSeen, onTrip, entry }) =>
        isSeen && onTrip && entry !== 'unknown' && (entry === null || entry.lock === 'OPEN'),
    )
  },
  manifest: isManifestRight,
  iq: (view) => {
    const own = declarationsOf(view, (declaration) => declaration.agency !== 'CUSTOMS')
    if (own === null || !own.every((declaration) => isCleared(view, declaration))) return false
    const toIq = own.filter((declaration) => declaration.agency === 'IQ')
    return areDeclared(view, toIq) && (view.inputs.profile.crossing !== 'SO' || isReleasedBy(view, 'IQ'))
  },
  customs: (view) => {
    const own = declarationsOf(view, (declaration) => declaration.agency === 'CUSTOMS')
    if (own === null || !areDeclared(view, own)) return false
    if (!own.every((declaration) => isNotRefused(declaration) && isOpen(view, declaration))) return false
    const { customs } = view.cargo.facts
    if (customs !== null) return customs.is === 'answered' && customs.result === 'LIFT'
    return isReleasedBy(view, 'CUSTOMS')
  },
  terminal: (view) => {
    const { cargo, inputs } = view
    const { profile, now } = inputs
    if (now.clockQuality === 'untrusted') return false
    const direction = profile.crossing === 'RI' || profile.crossing === 'SI' ? 'in' : 'out'
    const ordered = cargo.containers.every(({ number }) => {
      const order = factOf(cargo.facts.terminalOrders, number)
      if (!isEntry(order) || order.container !== number || order.direction !== direction) return false
      return (
        order.state === 'OPEN' && order.paid && order.slotFrom <= now.wallMs && now.wallMs <= order.slotTo
      )
    })
    const needsWord = profile.crossing === 'SO' && view.load === 'L'
    return cargo.containers.length > 0 && ordered && (!needsWord || isReleasedBy(view, 'PORT'))
  },
  area: isAreaRight,
  seal: (view) => {
    const { trip, seen } = view.cargo
    if (!isEntry(trip)) return false
    if (trip.sealIds.length === 0) return seen.seals !== null && seen.seals.length === 0
    return sealVerified(view) === true
  },
  fitness: ({ cargo: { trip, containers, facts }, inputs: { now, profile } }) => {
    if (!isEntry(trip)) return false
    if (!trip.needsFitness || profile.crossing === 'RI' || profile.crossing === 'SO') return true
    return (
      containers.length > 0 &&
      containers.every(({ number }) => {
        const certificate = factOf(facts.fitness, number)
        if (!isEntry(certificate) || certificate.used || certificate.container !== number) return false
        return hasEnded(certificate.validTo, now) === false
      })
    )
  },
  weight: isWeightRight,
  draw: ({ cargo: { facts, trip } }) =>
    isEntry(facts.draw) &&
    isEntry(trip) &&
    facts.draw.tripId === trip.tripId &&
    (!facts.draw.selected || facts.draw.result === 'PASS'),
  account: ({ cargo: { facts, policy }, inputs: { now } }) => {
    // The bank never holds anybody, unless the site says so.
    if (policy.arrears === null) return true
    const { account } = facts
    if (!isEntry(account) || account.arrearsFen > policy.arrears.overFen) return false
    if (account.arrearsFen === 0) return true
    if (account.arrearsSince === null) return false
    return hasEnded(account.arrearsSince + policy.arrears.overDays * 86_400_000, now) === false
  },
}

function isTripRight({ main, load, tagVehicles, cargo, inputs: { profile } }: View): boolean {
  const { trip } = cargo
  if (!isEntry(trip) || trip.crossedAt !== undefined || trip.load !== load) return false
  const isInward = profile.crossing === 'RI' || profile.crossing === 'SI'
  if (trip.vehicleId !== main?.vehicle.vehicleId || trip.direction !== (isInward ? 'in' : 'out')) return false
  const trailers = tagVehicles.filter(isTrailer).map((trailer) => trailer.vehicleId)
  const { trailerVehicleId, documentTrucks } = trip
  if (trailerVehicleId !== undefined && trailers.some((trailer) => trailer !== trailerVehicleId)) return false
  if (documentTrucks === undefined) return true
  const { total, arrived, last } = documentTrucks
  return arrived + 1 === total || (arrived + 1 < total && last === false)
}

function isManifestRight({ cargo, inputs: { now } }: View): boolean {
  const { facts, policy, trip, containers } = cargo
  const { manifest } = facts
  if (!isEntry(manifest) || !isEntry(trip) || now.clockQuality === 'untrusted') return false
  if (trip.manifestNo !== undefined && trip.manifestNo !== manifest.manifestNo) return false
  const beforeMs = manifest.trusted ? policy.trustedManifestBeforeMs : policy.manifestBeforeMs
  if (now.wallMs - manifest.sentAt < beforeMs) return false
  return manifest.lines.every(({ container, declarationNo }) => {
    if (container === null) return declarationNo !== null
    if (containers.every(({ number }) => number !== container)) return true
    return declarationNo !== null && trip.declarationNos.includes(declarationNo)
  })
}

/** Everything is known of where it comes from, and whatever is infected of that has its answer. */
function isAreaRight(view: View, isTreated: boolean): boolean {
  const { areas, declarations, containers } = view.cargo
  const subjects = subjectsAsked(view)
  const goods = declarations.map(({ entry }) => entry)
  const boxes = containers.map(({ entry }) => entry)
  const isKnown =
    boxes.every((entry) => isEntry(entry) && entry.originArea !== null) &&
    goods.every((entry) => isEntry(entry) && (entry.agency === 'CUSTOMS' || entry.originArea !== null))
  if (areas === 'unknown' || !isKnown) return false
  return areas.every((area) =>
    area.subjects.every(
      (subject) =>
        !subjects.includes(subject) ||
        !comesFrom(view, area.areaCode, subject) ||
        isAnswered(view, area.measure, subject, isTreated),
    ),
  )
}

/** Without a trip nobody knows where it comes from: then it is from everywhere. */
function comesFrom({ cargo }: View, areaCode: string, subject: AreaSubject): boolean {
  const { trip, containers } = cargo
  if (areaCode === '*' || !isEntry(trip)) return true
  if (trip.routeAreas.includes(areaCode)) return true
  if (subject === 'VEHICLE') return false
  const ports = containers.flatMap(({ entry }) => (isEntry(entry) ? entry.lastPorts : []))
  return cargo.comesFrom.has(areaCode) || ports.some((port) => port === areaCode || port.startsWith(areaCode))
}

type AreaSubject = QuarantineAreaEntry['subjects'][number]

/** Whom an infected area concerns in this lane (rows 41 to 46). */
function subjectsAsked({ load, inputs: { profile } }: View): QuarantineAreaEntry['subjects'] {
  const { crossing } = profile
  const subjects: QuarantineAreaEntry['subjects'] = crossing === 'RI' ? ['VEHICLE'] : []
  if (load === 'L' && (crossing === 'RI' || crossing === 'SO')) subjects.push('LADEN')
  if (load === 'E' && crossing !== 'RO') subjects.push('EMPTY')
  return subjects
}

/** What an area asks for is done: for goods by its measure, for empties and vehicles by disinfection (rows 41 to 45). */
function isAnswered(
  view: View,
  measure: QuarantineAreaEntry['measure'],
  subject: AreaSubject,
  isTreated: boolean,
): boolean {
  if (subject !== 'LADEN') return isTreated
  const own = declarationsOf(view, (declaration) => declaration.agency !== 'CUSTOMS')
  const isTold = own !== null && areDeclared(view, own)
  const wasTreated = isTold && own.every((declaration) => declaration.treatmentDone)
  if (measure === 'DISINFECT') return isTreated || wasTreated
  if (!isTold || !own.every((declaration) => isPassed(view, declaration))) return false
  if (measure === 'INSPECT') return true
  const isUnlocked = view.cargo.containers.every(({ entry }) => isEntry(entry) && entry.lock === 'OPEN')
  return isUnlocked && wasTreated && own.every((declaration) => declaration.result !== null)
}

function isWeightRight(view: View): boolean {
  const measured = weighed(view)
  if (measured === null) return false
  const { main, cargo, load } = view
  const legalKg = main?.vehicle.legalGrossKg
  if (legalKg === undefined || isOver(measured.grossKg, legalKg)) return false
  const tare = tareOf(view)
  if (tare.unknown.length > 0) return false
  if (tare.missing.length > 0 && !isClassOne(view)) return false
  if (load === 'L') {
    const expectedKg = isEntry(cargo.trip) ? cargo.trip.expectedGrossKg : undefined
    if (expectedKg === undefined) return false
    const limitKg = toleranceKg(expectedKg, cargo.policy.weightLadenShare, view)
    return !isOver(Math.abs(measured.grossKg - expectedKg), limitKg)
  }
  if (tare.missing.length > 0) return true
  const limitKg = tare.kg + toleranceKg(tare.kg, cargo.policy.weightEmptyShare, view)
  return !isOver(measured.grossKg, limitKg)
}

function isWithoutWood({ cargo: { declarations } }: View): boolean {
  return (
    declarations.length > 0 && declarations.every(({ entry }) => isEntry(entry) && entry.woodPacking === 'no')
  )
}

/** Animals and crates that the trip declares were counted, and none is missing or strange (rows 56 and 57). */
function goodsCounted({ cargo: { trip, seen, policy } }: View): boolean {
  if (!isEntry(trip)) return false
  const { earTags, crateLabels } = trip
  if (earTags !== undefined) {
    const read = new Set(seen.earTags ?? [])
    const own = earTags.ids.length === 0 || [...read].every((id) => earTags.ids.includes(id))
    const enough = read.size >= earTags.declared * (1 - policy.earTagShare) - 1e-6
    if (seen.earTags === null || !own || !enough || read.size > earTags.declared) return false
  }
  if (crateLabels === undefined) return true
  const enough = (seen.crateLabels ?? 0) >= crateLabels.declared * policy.crateShareMin - 1e-6
  return enough && (seen.crateLabels ?? 0) > 0
}
