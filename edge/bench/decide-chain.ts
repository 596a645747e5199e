import type { Decision, DecisionInputs } from '../domain/decision/types.js'

export type Judged = Pick<Decision, 'outcome' | 'primary'>

/**
 * What somebody would write by hand for one lane: laden trucks inward by road, everything known, nothing
 * recorded. The rules of the table in the order of their strength, the first that is true wins. It is the
 * floor of the `decide` bench, and agrees with `decide` on all its cases; it explains nothing, knows no
 * unknown, and names one reason only.
 */
export function judgeByHand(inputs: DecisionInputs): Judged {
  const safety = bySafety(inputs)
  if (safety !== null) return { outcome: 'escalate', primary: safety }
  const lock = byLock(inputs)
  if (lock !== null) return { outcome: 'lock', primary: lock }
  const hold = byVehicle(inputs) ?? byOrder(inputs) ?? byPapers(inputs) ?? byLoad(inputs)
  if (hold !== null) return { outcome: 'hold', primary: hold }
  const escalation = byMachine(inputs)
  if (escalation !== null) return { outcome: 'escalate', primary: escalation }
  return { outcome: 'release', primary: 'OK-02' }
}

function bySafety({ incidentId, observations }: DecisionInputs): string | null {
  if (incidentId !== null) return 'LANE-02'
  if (observations.lane.intrusion === true) return 'LANE-03'
  return observations.cargo?.radiation === 'alarm' ? 'RAD-01' : null
}

function byLock({ facts, now }: DecisionInputs): string | null {
  for (const order of ordersOf(facts))
    if (order.action === 'LOCK' && (order.validTo ?? Infinity) >= now.wallMs) return 'CTL-01'
  for (const container of Object.values(facts.cargo?.containers ?? {}))
    if (container !== null && container !== 'unknown' && container.lock === 'LOCKED') return 'QUA-02'
  return null
}

function byVehicle({ observations, facts, policy }: DecisionInputs): string | null {
  const { cargo } = observations
  const driver = entry(facts.cargo?.drivers[cargo?.driverCard ?? ''])
  if (cargo?.temperature === 'fever' || driver?.declaredSick === true) return 'HLT-01'
  const tags = Object.values(facts.tags).flatMap((tag) => entry(tag) ?? [])
  if (tags.some((tag) => tag.state === 'SUSPENDED')) return 'ID-04'
  if (tags.some((tag) => tag.state === 'STOLEN')) return 'ID-05'
  const vehicle = entry(facts.vehicles[tags[0]?.vehicleId ?? ''])
  for (const { plate, confidence } of observations.plates) {
    if (confidence < policy.plateConfidenceMin) continue
    if (vehicle?.plates.every((own) => own.text !== plate.text)) return 'ID-06'
  }
  for (const { elsewhere } of observations.tags)
    if (elsewhere.some(({ passedAgoMs }) => passedAgoMs !== null && passedAgoMs < policy.impossibleTravelMs))
      return 'ID-07'
  const company = entry(facts.cargo?.companies[vehicle?.companyId ?? ''])
  if (vehicle?.permit !== 'VALID' || company?.registration !== 'VALID') return 'ID-09'
  if (driver?.state !== 'ACTIVE') return 'ID-10'
  return facts.cargo?.police === 'OK' ? null : 'POL-01'
}

function byOrder({ facts, now }: DecisionInputs): string | null {
  const found = new Set<string>()
  for (const { action, nature, validTo } of ordersOf(facts)) {
    if ((validTo ?? Infinity) < now.wallMs) continue
    if (action === 'INTERCEPT') found.add(nature === 'SECRET' ? 'CTL-02S' : 'CTL-02')
    if (action === 'DOCS') found.add('CTL-04')
  }
  for (const code of ['CTL-02', 'CTL-02S', 'CTL-04']) if (found.has(code)) return code
  if (facts.blacklist !== 'unknown' && facts.blacklist.some(({ level }) => level === 'STOP')) return 'BLK-01'
  return entry(facts.cargo?.draw)?.selected === true ? 'RND-01' : null
}

function byPapers({ facts: { cargo }, now }: DecisionInputs): string | null {
  const trip = entry(cargo?.trip)
  if (trip?.crossedAt !== undefined) return 'DOC-04'
  for (const no of trip?.declarationNos ?? [])
    if (entry(cargo?.declarations[no])?.state === 'REJECTED') return 'DOC-04'
  const manifest = entry(cargo?.manifest)
  if (manifest !== null && now.wallMs - manifest.sentAt < 3_000_000) return 'DOC-05'
  const customs = cargo?.customs ?? null
  return customs?.is === 'answered' && customs.result === 'HOLD' ? 'CUS-02' : null
}

function byLoad({ observations: { cargo }, facts }: DecisionInputs): string | null {
  if (cargo?.seals?.some(({ status }) => status === 'OPENED')) return 'SEAL-03'
  const weight = cargo?.weight ?? null
  if (weight === null || weight.grossKg === null) return null
  if (isOff(weight.grossKg, facts) && weight.tries >= 2) return 'WGT-02'
  const limits = Object.values(facts.vehicles).map((vehicle) => entry(vehicle)?.legalGrossKg ?? Infinity)
  return weight.grossKg > Math.min(...limits) ? 'WGT-04' : null
}

function byMachine(inputs: DecisionInputs): string | null {
  const { mode, observations, facts, lists, devices, journalWritable, policy } = inputs
  if (mode !== 'AUTO') return 'LANE-01'
  if (observations.lane.previousClosed !== true) return 'LANE-04'
  const gross = observations.cargo?.weight?.grossKg
  if (typeof gross === 'number' && isOff(gross, facts)) return 'WGT-02'
  if (Object.values(devices).includes(false)) return 'SYS-01'
  const limitOf = (list: string) =>
    list === 'orders' || list === 'blacklist' ? policy.ordersStaleLadenMs : policy.registryStaleMs
  if (lists.some(({ list, ageMs }) => ageMs !== null && ageMs > limitOf(list))) return 'SYS-02'
  return journalWritable ? null : 'SYS-05'
}

function isOff(grossKg: number, facts: DecisionInputs['facts']): boolean {
  const expectedKg = entry(facts.cargo?.trip)?.expectedGrossKg ?? grossKg
  return Math.abs(grossKg - expectedKg) > Math.max(300, expectedKg * 0.03)
}

function ordersOf({ orders }: DecisionInputs['facts']) {
  return orders === 'unknown' ? [] : orders
}

function entry<T extends object>(fact: T | null | 'unknown' | undefined): T | null {
  return fact === undefined || fact === 'unknown' ? null : fact
}
