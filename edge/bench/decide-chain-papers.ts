import type { DeclarationEntry } from '../messages/cargo-entities.js'
import { entry, hasBadResult, passed, releaseOf, type KnownTruck } from './decide-known.js'
import { sealsStandForInspection } from './decide-chain-load.js'

/** Rows 27 to 40 of the chain by hand: trip, declarations, rulings, partners. */
export function holdByPapers(truck: KnownTruck): string | null {
  const { load, trip, vehicle, crossing, needs, boxes, seen, papers, cargo, wallMs, isRoad, policy } = truck
  if (load !== 'L') return null
  if (trip === null) return needs.includes('trip') ? 'DOC-01' : null
  if (trip.direction !== (crossing === 'RI' || crossing === 'SI' ? 'in' : 'out')) return 'DOC-01'
  if (vehicle !== null && trip.vehicleId !== vehicle.vehicleId) return 'DOC-01'
  for (const box of boxes) if (!trip.containers.includes(box)) return 'DOC-02'
  if (needs.includes('container') && seen.containers !== null)
    for (const box of trip.containers)
      if (
        !seen.containers.some((one) => one.number === box && one.confidence >= policy.containerConfidenceMin)
      )
        return 'DOC-02'
  if (isUndeclared(truck, 'customs', 'CUSTOMS') || isUndeclared(truck, 'iq', 'IQ')) return 'DOC-03'
  const manifest = entry(cargo.manifest)
  for (const { container, declarationNo } of manifest?.lines ?? []) {
    if (container !== null && !boxes.includes(container)) continue
    if (declarationNo === null) return 'DOC-03'
    if (container !== null && !trip.declarationNos.includes(declarationNo)) return 'DOC-03'
  }
  for (const { state, validFrom, validTo } of papers) {
    if (state !== 'SUBMITTED' && state !== 'ACCEPTED' && state !== 'RELEASED') return 'DOC-04'
    if (wallMs < validFrom || wallMs > validTo) return 'DOC-04'
  }
  if (trip.crossedAt !== undefined) return 'DOC-04'
  if (!isRoad) return null
  if (manifest === null) return needs.includes('manifest') ? 'DOC-05' : null
  const beforeMs = manifest.trusted ? policy.trustedManifestBeforeMs : policy.manifestBeforeMs
  return beforeMs - (wallMs - manifest.sentAt) >= policy.manifestWaitMs ? 'DOC-05' : null
}

function isUndeclared({ needs, papers, boxes }: KnownTruck, need: 'customs' | 'iq', agency: string): boolean {
  if (!needs.includes(need)) return false
  const own = papers.filter((paper) => paper.agency === agency)
  if (boxes.length === 0) return own.length === 0
  return boxes.some((box) => !own.some((paper) => paper.containers.includes(box)))
}

export function holdByRulings(truck: KnownTruck): string | null {
  const { load, papers, needs, cargo } = truck
  if (load !== 'L') return null
  const isIq = ({ agency }: DeclarationEntry) => agency !== 'CUSTOMS'
  for (const paper of papers)
    if (isIq(paper) && paper.ruling === 'INSPECT' && !passed(truck, paper))
      if (!sealsStandForInspection(truck)) return 'INS-01'
  for (const paper of papers) {
    if (isIq(paper) && paper.ruling === 'DOCS' && !passed(truck, paper)) return 'INS-02'
    const isAsked = needs.includes('iq') && paper.agency === 'IQ' && paper.ruling === null
    if (isAsked && !passed(truck, paper)) return 'INS-02'
  }
  for (const paper of papers) if (isIq(paper) && hasBadResult(paper)) return 'INS-03'
  if (releaseOf(truck, 'IQ').isTakenBack) return 'INS-03'
  const { customs } = cargo
  const word = releaseOf(truck, 'CUSTOMS')
  const mayLift = customs?.is === 'waiting' || (customs?.is === 'answered' && customs.result === 'LIFT')
  if (needs.includes('customs') && !mayLift && !word.isReleased) return 'CUS-01'
  if (word.isTakenBack) return 'CUS-01'
  if (customs?.is === 'answered' && customs.result === 'HOLD') return 'CUS-02'
  for (const paper of papers) {
    if (isIq(paper)) continue
    if (hasBadResult(paper)) return 'CUS-02'
    if ((paper.ruling === 'INSPECT' || paper.ruling === 'DOCS') && !passed(truck, paper)) return 'CUS-02'
  }
  return null
}

export function holdByPartners(truck: KnownTruck): string | null {
  const { isRoad, boxes, cargo, trip, needs, crossing, load, wallMs } = truck
  if (!isRoad) {
    if (trip !== null && boxes.length === 0 && needs.includes('terminal')) return 'TOS-01'
    for (const box of boxes) {
      const order = entry(cargo.terminalOrders[box])
      if (order === null) {
        if (needs.includes('terminal')) return 'TOS-01'
        continue
      }
      if (order.state !== 'OPEN' || !order.paid) return 'TOS-01'
      if (order.direction !== (crossing === 'SI' ? 'in' : 'out')) return 'TOS-01'
      if (wallMs < order.slotFrom || wallMs > order.slotTo) return 'TOS-01'
    }
    if (releaseOf(truck, 'PORT').isTakenBack) return 'TOS-01'
  }
  const trucks = load === 'L' ? trip?.documentTrucks : undefined
  if (trucks === undefined) return null
  const { total, arrived, last } = trucks
  return (arrived + 1 < total && last !== false) || arrived >= total ? 'DOC-07' : null
}

/** Row 38, of two agencies: other containers, another weight of the same goods, or a plate that is not here. */
export function disagree({ papers, boxes, policy, vehicle, inputs }: KnownTruck): boolean {
  const told = new Map<string, { named: Set<string>; kg: number }>()
  for (const { agency, containers, grossKg } of papers) {
    const own = told.get(agency) ?? { named: new Set<string>(), kg: 0 }
    for (const box of containers) own.named.add(box)
    own.kg += grossKg ?? Number.NaN
    told.set(agency, own)
  }
  const [one, other] = [...told.values()]
  if (one !== undefined && other !== undefined && one.named.size > 0 && other.named.size > 0) {
    if (boxes.some((box) => one.named.has(box) !== other.named.has(box))) return true
  }
  if (one !== undefined && other !== undefined) {
    const isSame = one.named.size === other.named.size && [...one.named].every((box) => other.named.has(box))
    const limitKg = Math.max(policy.weightToleranceKg, Math.min(one.kg, other.kg) * policy.weightLadenShare)
    if (isSame && Math.abs(one.kg - other.kg) - limitKg > 0.001) return true
  }
  const { plates } = inputs.observations
  return papers.some(
    ({ plate }) =>
      plate !== undefined &&
      vehicle !== null &&
      vehicle.plates.every(({ text }) => text !== plate) &&
      plates.every((read) => read.plate.text !== plate),
  )
}
