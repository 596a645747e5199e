import type { Decision, DecisionInputs } from '../domain/decision/types.js'
import { lookedUp, isInForce, releaseOf, type KnownTruck } from './decide-known.js'
import { disagree, holdByPapers, holdByPartners, holdByRulings } from './decide-chain-papers.js'
import {
  holdByGoods,
  holdByQuarantine,
  holdBySeals,
  holdByWeight,
  isFromArea,
  isAnswered,
  needsSpray,
  originIsMissing,
  sealIsAwaited,
  weightEscalates,
  fitnessIsOfAnother,
} from './decide-chain-load.js'

export type Judged = Pick<Decision, 'outcome' | 'primary'>

/**
 * The table as somebody would write it by hand, for every lane and load: a chain of ifs in the order of
 * strength, then row, the first that is true wins; everything known, nothing recorded. It is the floor of the
 * `decide` bench, and agrees with `decide` on all its cases; it explains nothing, knows no unknown, no
 * obligation, and names one reason only.
 */
export function judgeByHand(inputs: DecisionInputs): Judged {
  const truck = lookedUp(inputs)
  const safety = bySafety(truck)
  if (safety !== null) return { outcome: 'escalate', primary: safety }
  const lock = byLock(truck)
  if (lock !== null) return { outcome: 'lock', primary: lock }
  const hold =
    byVehicle(truck) ??
    byDriver(truck) ??
    byControl(truck) ??
    holdByPapers(truck) ??
    holdByRulings(truck) ??
    holdByPartners(truck) ??
    holdByQuarantine(truck) ??
    holdBySeals(truck) ??
    holdByGoods(truck) ??
    holdByWeight(truck) ??
    byFees(truck)
  if (hold !== null) return { outcome: 'hold', primary: hold }
  const escalation = byEscalation(truck) ?? byMachine(truck) ?? byIncomplete(truck)
  if (escalation !== null) return { outcome: 'escalate', primary: escalation }
  const spray = bySpray(truck)
  if (spray !== null) return { outcome: 'disinfect', primary: spray }
  return { outcome: 'release', primary: byLoad(truck) }
}

function bySafety({ inputs: { incidentId, observations }, seen }: KnownTruck): string | null {
  if (incidentId !== null) return 'LANE-02'
  if (observations.lane.intrusion === true) return 'LANE-03'
  return seen.radiation === 'alarm' ? 'RAD-01' : null
}

function byLock(truck: KnownTruck): string | null {
  const { orders, cargo, load, crossing, containers, papers } = truck
  for (const { action, nature, subject } of orders)
    if (action === 'LOCK' && nature !== 'SECRET')
      if (subject.kind === 'CONTAINER' || subject.kind === 'DECLARATION') return 'CTL-01'
  const { customs } = cargo
  if (load === 'L' && customs?.is === 'answered' && customs.result === 'LOCK') return 'CUS-02'
  if (load === 'L' && (crossing === 'RI' || crossing === 'SO'))
    if (isFromArea(truck, 'LADEN', 'LOCK') && !isAnswered(truck, 'LOCK')) return 'QUA-01'
  if (containers.some(({ lock }) => lock === 'LOCKED')) return 'QUA-02'
  for (const { ruling, result, treatmentDone } of load === 'L' ? papers : [])
    if (ruling === 'LOCK' && result !== 'PASS' && !(result === 'TREAT' && treatmentDone)) return 'QUA-02'
  return null
}

function byVehicle({ inputs, seen, driver, isRoad, tags, vehicle, wallMs }: KnownTruck): string | null {
  const { observations, policy, tagMissesBefore, profile } = inputs
  if (isRoad && (seen.temperature === 'fever' || driver?.declaredSick === true)) return 'HLT-01'
  const isMissed = observations.tags.length === 0 && vehicle?.carriesTag === true
  if (isMissed && profile.identifyBy === 'tagOrPlate' && tagMissesBefore >= policy.tagMissesMax)
    return 'ID-02'
  for (const { state, validTo } of tags) {
    if (state !== 'ACTIVE' && state !== 'LOST' && state !== 'STOLEN') return 'ID-04'
    if ((validTo ?? Infinity) < wallMs) return 'ID-04'
  }
  for (const { state } of tags) if (state === 'LOST' || state === 'STOLEN') return 'ID-05'
  if (tags.length > 0 && vehicle !== null)
    for (const { plate, confidence } of observations.plates) {
      if (confidence < policy.plateConfidenceMin) continue
      if (vehicle.plates.every((own) => own.text !== plate.text)) return 'ID-06'
    }
  for (const { tid } of observations.tags)
    for (const tag of tags) if (tid !== null && tag.tid !== undefined && tag.tid !== tid) return 'ID-06'
  for (const { elsewhere } of observations.tags)
    for (const { passedAgoMs } of elsewhere)
      if (passedAgoMs !== null && passedAgoMs <= policy.impossibleTravelMs) return 'ID-07'
  return null
}

function byDriver({
  isRoad,
  needs,
  vehicle,
  company,
  driver,
  trip,
  cargo,
  seen,
  wallMs,
}: KnownTruck): string | null {
  if (!isRoad) return null
  if (vehicle !== null) {
    if (vehicle.permit === 'REVOKED' || (vehicle.permitValidTo ?? Infinity) < wallMs) return 'ID-09'
    const isMissing = vehicle.permit === undefined || (vehicle.companyId !== undefined && company === null)
    if (isMissing && needs.includes('permit')) return 'ID-09'
    if (company?.registration === 'REVOKED') return 'ID-09'
    if ((company?.registrationValidTo ?? Infinity) < wallMs) return 'ID-09'
  }
  if (seen.driverCard !== null && driver === null) return 'ID-10'
  if (driver !== null) {
    if (driver.state !== 'ACTIVE' || (driver.licenceValidTo ?? Infinity) < wallMs) return 'ID-10'
    if (vehicle !== null && !driver.vehicleIds.includes(vehicle.vehicleId)) return 'ID-10'
    if ((trip?.driverId ?? driver.driverId) !== driver.driverId) return 'ID-10'
  }
  return cargo.police === 'NO' ? 'POL-01' : null
}

function byControl({ inputs, orders, cargo, load, trip, wallMs }: KnownTruck): string | null {
  const found = new Set<string>()
  for (const { action, nature } of orders) {
    if (action === 'NOTIFY') continue
    if (nature === 'SECRET') found.add('CTL-02S')
    else if (action === 'LOCK') found.add('CTL-01')
    else if (action === 'DOCS') found.add('CTL-04')
    else if (action !== 'DISINFECT') found.add('CTL-02')
  }
  for (const code of ['CTL-01', 'CTL-02', 'CTL-02S', 'CTL-04']) if (found.has(code)) return code
  const { blacklist } = inputs.facts
  for (const one of blacklist === 'unknown' ? [] : blacklist)
    if (one.level !== 'WATCH' && isInForce(one, wallMs)) return 'BLK-01'
  const { draw } = cargo
  if (load !== 'L' || draw === null || draw === 'unknown' || !draw.selected) return null
  return draw.result === 'PASS' && draw.tripId === trip?.tripId ? null : 'RND-01'
}

function byFees({ isRoad, cargo, policy, driver, wallMs }: KnownTruck): string | null {
  if (!isRoad) return null
  const { account } = cargo
  if (policy.arrears !== null && account !== null && account !== 'unknown') {
    const { overFen, overDays } = policy.arrears
    if (account.arrearsFen > overFen) return 'FEE-02'
    const since = account.arrearsSince ?? Infinity
    if (account.arrearsFen > 0 && since + overDays * 86_400_000 < wallMs) return 'FEE-02'
  }
  const ends = driver?.healthCertificateValidTo ?? Infinity
  return policy.healthExpired === 'hold' && ends < wallMs ? 'HLT-03' : null
}

function byEscalation(truck: KnownTruck): string | null {
  const { inputs, tags, vehicle, load, isRoad, cargo, policy, wallMs } = truck
  const { mode, observations } = inputs
  if (mode !== 'AUTO' && mode !== 'ATTENDED' && mode !== 'SHADOW') return 'LANE-01'
  if (observations.lane.previousClosed !== true) return 'LANE-04'
  if (observations.tags.length === 0 && vehicle === null) return 'ID-02'
  if (observations.tags.length > tags.length || vehicle === null) return 'ID-03'
  const { manifest } = cargo
  if (load === 'L' && isRoad && manifest !== null && manifest !== 'unknown') {
    const beforeMs = manifest.trusted ? policy.trustedManifestBeforeMs : policy.manifestBeforeMs
    if (wallMs - manifest.sentAt < beforeMs) return 'DOC-05'
  }
  if (load === 'L' && disagree(truck)) return 'DOC-06'
  if (originIsMissing(truck)) return 'QUA-08'
  if (sealIsAwaited(truck)) return 'SEAL-01'
  if (fitnessIsOfAnother(truck)) return 'FIT-02'
  return weightEscalates(truck)
}

function byMachine({ inputs, load, cargo, needs, policy: cargoPolicy }: KnownTruck): string | null {
  const { observations, lists, devices, journalWritable, policy } = inputs
  for (const device in devices) if (devices[device] === false) return 'SYS-01'
  if (observations.lane.barrier === 'blocked') return 'SYS-01'
  const orderMs = load === 'L' ? policy.ordersStaleLadenMs : policy.ordersStaleOtherMs
  for (const { list, ageMs } of lists) {
    const limitMs = list === 'tags' || list === 'vehicles' ? policy.registryStaleMs : orderMs
    if (ageMs !== null && ageMs > limitMs) return 'SYS-02'
  }
  const { customs } = cargo
  if (customs?.is === 'waiting' && needs.includes('customs')) {
    const tries = customs.tries >= 2 ? 1 : 2
    if (customs.forMs >= tries * cargoPolicy.customsWithinMs) return 'SYS-04'
  }
  return journalWritable ? null : 'SYS-05'
}

/**
 * What a release needs and no rule asks for: of a truck without goods its trip and its empty box, of what comes
 * from a ship the word of inspection and port.
 */
function byIncomplete(truck: KnownTruck): string | null {
  const { load, crossing, boxes, seen, needs } = truck
  if (load === 'V' && boxes.length + (seen.containers ?? []).length > 0) return 'SYS-06'
  if (load === 'E' && !isBoxRight(truck)) return 'SYS-06'
  if (load !== 'L') return needs.includes('trip') && !isTripRight(truck) ? 'SYS-06' : null
  if (crossing !== 'SO') return null
  return releaseOf(truck, 'IQ').isReleased && releaseOf(truck, 'PORT').isReleased ? null : 'SYS-06'
}

function isTripRight({ trip, crossing, vehicle }: KnownTruck): boolean {
  if (trip === null || trip.crossedAt !== undefined || trip.vehicleId !== vehicle?.vehicleId) return false
  if (trip.direction !== (crossing === 'RI' || crossing === 'SI' ? 'in' : 'out')) return false
  if (trip.documentTrucks === undefined) return true
  const { total, arrived, last } = trip.documentTrucks
  return arrived + 1 === total || (arrived + 1 < total && last === false)
}

function isBoxRight({ boxes, trip, seen, policy }: KnownTruck): boolean {
  if (boxes.length === 0 || trip === null) return false
  return boxes.every(
    (box) =>
      trip.containers.includes(box) &&
      seen.containers?.some(
        ({ number, confidence }) => number === box && confidence >= policy.containerConfidenceMin,
      ) === true,
  )
}

function bySpray(truck: KnownTruck): string | null {
  for (const { action, nature } of truck.orders)
    if (action === 'DISINFECT' && nature !== 'SECRET') return 'CTL-05'
  return needsSpray(truck)
}

function byLoad({ load, crossing, isRoad }: KnownTruck): string {
  if (load === 'V') return 'OK-01'
  if (load === 'E') return 'OK-04'
  if (isRoad) return 'OK-02'
  return crossing === 'SI' ? 'OK-03' : 'OK-05'
}
