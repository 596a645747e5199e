import type { QuarantineAreaEntry } from '../messages/cargo-entities.js'
import { entry, hasGoodResult, isInForce, passed, type KnownTruck } from './decide-known.js'

/** Rows 41 to 63 of the chain by hand: quarantine, seals, goods, weight. */
type Measure = QuarantineAreaEntry['measure']

export function isFromArea(
  { cargo: { areas }, trip, papers, containers, wallMs }: KnownTruck,
  subject: QuarantineAreaEntry['subjects'][number],
  measure: Measure | null,
): boolean {
  for (const area of areas === 'unknown' ? [] : areas) {
    if (!area.subjects.includes(subject) || !isInForce(area, wallMs)) continue
    if (measure !== null && area.measure !== measure) continue
    const { areaCode } = area
    if (areaCode === '*' || trip?.routeAreas.includes(areaCode) === true) return true
    if (subject === 'VEHICLE') continue
    if (papers.some(({ originArea }) => originArea === areaCode)) return true
    for (const { originArea, lastPorts } of containers) {
      if (originArea === areaCode) return true
      if (lastPorts.some((port) => port === areaCode || port.slice(0, 2) === areaCode)) return true
    }
  }
  return false
}

/** Everything on the truck is declared to IQ and answered as the measure asks. */
export function isAnswered(truck: KnownTruck, measure: Measure): boolean {
  const own = truck.papers.filter(({ agency }) => agency !== 'CUSTOMS')
  if (own.length === 0 || truck.boxes.some((box) => !own.some((one) => one.containers.includes(box))))
    return false
  switch (measure) {
    case 'LOCK':
      return (
        truck.containers.length === truck.boxes.length &&
        truck.containers.every(({ lock }) => lock === 'OPEN') &&
        own.every((one) => hasGoodResult(one) && one.treatmentDone)
      )
    case 'INSPECT':
      return own.every((one) => passed(truck, one))
    case 'DISINFECT':
      return own.every(({ treatmentDone }) => treatmentDone)
  }
}

/** The code of what is to be sprayed; null: nothing. */
export function needsSpray(truck: KnownTruck): string | null {
  const { load, crossing } = truck
  if (load === 'E' && crossing !== 'RO' && isFromArea(truck, 'EMPTY', null)) return 'QUA-03'
  if (crossing === 'RI' && isFromArea(truck, 'VEHICLE', null)) return 'QUA-04'
  if (load !== 'L' || (crossing !== 'RI' && crossing !== 'SO')) return null
  return isFromArea(truck, 'LADEN', 'DISINFECT') && !isAnswered(truck, 'DISINFECT') ? 'QUA-05' : null
}

export function holdByQuarantine(truck: KnownTruck): string | null {
  const { load, crossing, inputs, papers, trip, seen, orders } = truck
  const isInward = load === 'L' && (crossing === 'RI' || crossing === 'SO')
  if (isInward && isFromArea(truck, 'LADEN', 'INSPECT') && !isAnswered(truck, 'INSPECT')) return 'QUA-05'
  if (crossing === 'SO' && load === 'E' && inputs.profile.opensEmpties === true) return 'QUA-06'
  if (isInward && inputs.profile.noWood === true && trip !== null)
    if (papers.length === 0 || papers.some(({ woodPacking }) => woodPacking !== 'no')) return 'QUA-07'
  if (seen.sprayer === 'ready') return null
  const isOrdered = orders.some(({ action, nature }) => action === 'DISINFECT' && nature !== 'SECRET')
  return isOrdered || needsSpray(truck) !== null ? 'QUA-09' : null
}

export function originIsMissing({ needs, papers, boxes, containers }: KnownTruck): boolean {
  if (!needs.includes('area')) return false
  if (papers.some(({ agency, originArea }) => agency === 'IQ' && originArea === null)) return true
  return containers.length < boxes.length || containers.some(({ originArea }) => originArea === null)
}

/** How many seals of the trip were not read, less those that were read in their place. */
function missingSeals({ trip, seen }: KnownTruck): number {
  if (trip === null) return 0
  const read = new Set((seen.seals ?? []).map(({ sealId }) => sealId))
  const unread = trip.sealIds.filter((sealId) => !read.has(sealId)).length
  const strangers = [...read].filter((sealId) => !trip.sealIds.includes(sealId)).length
  return unread > strangers ? unread : 0
}

export function sealIsAwaited(truck: KnownTruck): boolean {
  const { load, needs, seen, policy } = truck
  if (load !== 'L' || !needs.includes('seal')) return false
  return seen.sealTries < policy.sealTriesMax && missingSeals(truck) > 0
}

export function holdBySeals(truck: KnownTruck): string | null {
  const { load, needs, seen, policy, cargo, trip, boxes } = truck
  if (load === 'L' && needs.includes('seal') && seen.sealTries >= policy.sealTriesMax)
    if (missingSeals(truck) > 0) return 'SEAL-01'
  const seals = seen.seals ?? []
  const onTruck = trip?.containers ?? boxes
  for (const { sealId } of seals) {
    const record = entry(cargo.seals[sealId])
    if (record === null) continue
    if (trip !== null && !trip.sealIds.includes(sealId)) return 'SEAL-02'
    if (!['APPLIED', 'IN_TRANSIT', 'VERIFIED'].includes(record.state)) return 'SEAL-02'
    if (onTruck.length > 0 && !onTruck.includes(record.container)) return 'SEAL-02'
  }
  for (const { status, openedAt } of seals) if (status === 'OPENED' || openedAt !== null) return 'SEAL-03'
  for (const { sealId } of seals) if (entry(cargo.seals[sealId]) === null) return 'SEAL-04'
  return null
}

/** Row 55, where no seal is wrong: those of rows 50 to 54 hold anyway. */
export function sealsStandForInspection(truck: KnownTruck): boolean {
  const { crossing, trip, seen } = truck
  if (crossing !== 'RO' && crossing !== 'SI') return false
  if (trip?.straightRelease !== true || trip.sealIds.length === 0) return false
  const read = (seen.seals ?? []).map(({ sealId }) => sealId)
  return trip.sealIds.every((sealId) => read.includes(sealId)) && holdBySeals(truck) === null
}

export function holdByGoods({
  load,
  crossing,
  trip,
  seen,
  policy,
  needs,
  boxes,
  cargo,
  wallMs,
}: KnownTruck): string | null {
  if (load !== 'L' || trip === null) return null
  const { earTags, crateLabels } = trip
  if (crossing === 'RO' && earTags !== undefined && seen.earTags !== null) {
    const read = new Set(seen.earTags)
    const own = earTags.ids.length === 0 ? read.size : earTags.ids.filter((id) => read.has(id)).length
    if (own < earTags.declared * (1 - policy.earTagShare) - 1e-6) return 'ANI-01'
    if (read.size > earTags.declared) return 'ANI-02'
    if (earTags.ids.length > 0 && [...read].some((id) => !earTags.ids.includes(id))) return 'ANI-02'
  }
  if (crossing === 'RO' && crateLabels !== undefined && seen.crateLabels !== null) {
    const minimum = crateLabels.declared * policy.crateShareMin - 1e-6
    if (seen.crateLabels === 0 || seen.crateLabels < minimum) return 'TRC-01'
  }
  if ((crossing !== 'RO' && crossing !== 'SI') || !trip.needsFitness) return null
  if (needs.includes('fitness') && boxes.length === 0) return 'FIT-01'
  for (const box of boxes) {
    const certificate = entry(cargo.fitness[box])
    if (certificate === null) {
      if (needs.includes('fitness')) return 'FIT-01'
    } else if (certificate.used || certificate.validTo < wallMs) return 'FIT-01'
  }
  return null
}

export function fitnessIsOfAnother({ load, crossing, trip, boxes, cargo }: KnownTruck): boolean {
  if (load !== 'L' || (crossing !== 'RO' && crossing !== 'SI') || trip?.needsFitness !== true) return false
  return boxes.some((box) => {
    const certificate = entry(cargo.fitness[box])
    return certificate !== null && certificate.container !== box
  })
}

/** Null: there is no weight that can be held against anything. */
function grossKgOf({ seen: { weight } }: KnownTruck): number | null {
  return weight?.stable === true && weight.onScale === true ? weight.grossKg : null
}

function isOff({ trip, policy }: KnownTruck, grossKg: number): boolean {
  const expectedKg = trip?.expectedGrossKg ?? grossKg
  const limitKg = Math.max(policy.weightToleranceKg, expectedKg * policy.weightLadenShare)
  return Math.abs(grossKg - expectedKg) - limitKg > 0.001
}

/** Null: one of them is not registered. */
function tareKgOf({ vehicle, load, boxes, containers }: KnownTruck): number | null {
  let kg = vehicle?.tareKg ?? null
  if (kg === null || load !== 'E') return kg
  if (containers.length < boxes.length) return null
  for (const { tareKg } of containers) {
    if (tareKg === undefined) return null
    kg += tareKg
  }
  return kg
}

export function holdByWeight(truck: KnownTruck): string | null {
  const { load, seen, vehicle, policy } = truck
  const grossKg = grossKgOf(truck)
  if (grossKg === null) return null
  if (load === 'L' && (seen.weight?.tries ?? 0) >= 2 && isOff(truck, grossKg)) return 'WGT-02'
  if (load === 'E' || load === 'V') {
    const tareKg = tareKgOf(truck)
    if (tareKg !== null) {
      const limitKg = Math.max(policy.weightToleranceKg, tareKg * policy.weightEmptyShare)
      if (grossKg - tareKg - limitKg > 0.001) return 'WGT-03'
    }
  }
  return grossKg - (vehicle?.legalGrossKg ?? Infinity) > 0.001 ? 'WGT-04' : null
}

export function weightEscalates(truck: KnownTruck): string | null {
  const { load, needs, seen, company } = truck
  const grossKg = grossKgOf(truck)
  if (grossKg === null && needs.includes('weight') && seen.weight !== null) return 'WGT-01'
  if (load === 'L' && grossKg !== null && isOff(truck, grossKg)) return 'WGT-02'
  const isClassOne = company?.managedClass === 1
  return needs.includes('weight') && !isClassOne && tareKgOf(truck) === null ? 'WGT-05' : null
}
