import type { ClockQuality } from '../../base/clock.js'
import type { ControlIndex, SubjectKey } from '../../interfaces/list-store.js'
import type { BlacklistEntry, ControlOrder } from '../../messages/entities.js'

/** What a passage may be known by. Duplicates and order do not matter. */
export interface Identities {
  /** EPCs and TIDs of tags. */
  readonly epcs: readonly string[]
  /** Normalised. */
  readonly plates: readonly string[]
  readonly vehicleIds: readonly string[]
  readonly companyIds: readonly string[]
  /** Of the load and whoever drives it; absent: a passage without. */
  readonly driverIds?: readonly string[]
  readonly containers?: readonly string[]
  readonly declarationNos?: readonly string[]
  readonly sealIds?: readonly string[]
  readonly goodsClasses?: readonly string[]
  readonly originAreas?: readonly string[]
}

/** The keys under which orders and blacklist may speak of a passage, sorted and each once. */
export function subjectKeys(of: Identities): SubjectKey[] {
  return [
    ...keysOf('TAG', of.epcs),
    ...keysOf('PLATE', of.plates),
    ...keysOf('VEHICLE', of.vehicleIds),
    ...keysOf('COMPANY', of.companyIds),
    ...keysOf('DRIVER', of.driverIds ?? []),
    ...keysOf('CONTAINER', of.containers ?? []),
    ...keysOf('DECLARATION', of.declarationNos ?? []),
    ...keysOf('SEAL', of.sealIds ?? []),
    ...keysOf('GOODS_CLASS', of.goodsClasses ?? []),
    ...keysOf('ORIGIN_AREA', of.originAreas ?? []),
  ]
}

/** Under what names an order may mean a tag: readers give its EPC, its TID or both, and orders are placed on either. */
export function namesOfTag(tag: TagNames): string[] {
  return [tag.epc, ...tidsOf(tag)]
}

export function tidsOf({ tid, otherTid }: Omit<TagNames, 'epc'>): string[] {
  return [tid, otherTid].flatMap((one) => (one ? [one.toUpperCase()] : []))
}

interface TagNames {
  readonly epc: string
  readonly tid?: string | null | undefined
  readonly otherTid?: string | undefined
}

function keysOf(kind: SubjectKey['kind'], keys: readonly string[]): SubjectKey[] {
  return [...new Set(keys)].sort().map((key) => ({ kind, key }))
}

export interface ControlNow {
  readonly wallMs: number
  readonly clockQuality: ClockQuality
}

/**
 * Whether an order or blacklist entry is in force: from its beginning to its end, both included
 * (domain.md 5.2). Law 6: time begins and ends one only while the clock is trusted; else it is in
 * force, because a wrong clock must not free a held vehicle. A lift ends it at once and whatever the
 * clock says: its proof was judged before the list came into force. Hits are counted at the gateway.
 */
export function isEffective(entry: ControlOrder | BlacklistEntry, now: ControlNow): boolean {
  if (entry.lift) return false
  if (now.clockQuality === 'untrusted') return true
  return now.wallMs >= entry.validFrom && (entry.validTo === undefined || now.wallMs <= entry.validTo)
}

/**
 * What an order does to a lane that is about to raise its barrier. `hold`: it does not, because
 * something must be done with the vehicle first (a disinfection, too). `silent`: nothing that anybody
 * could see (domain.md 4.7).
 */
export type OrderEffect = 'hold' | 'silent'

/** The code of an order to disinfect. */
export const disinfectCode = 'CTL-05'

/** The code of every secret order that stops a vehicle. */
export const secretCode = 'CTL-02S'

/**
 * The table's code for an order, and whether it holds the vehicle (domain.md 6.2, rows 18 to 23). A secret
 * one looks like a random draw, whatever it asks for: no lock, window or spray may tell of it. What it asks
 * for, those who may know do at the inspection.
 */
export function effectOf(order: ControlOrder): { readonly code: string; readonly effect: OrderEffect } {
  if (order.action !== 'NOTIFY' && order.nature === 'SECRET') return { code: secretCode, effect: 'hold' }
  switch (order.action) {
    case 'NOTIFY':
      return { code: 'CTL-03', effect: 'silent' }
    case 'INTERCEPT':
      return { code: 'CTL-02', effect: 'hold' }
    case 'LOCK':
      return { code: 'CTL-01', effect: 'hold' }
    case 'DOCS':
      return { code: 'CTL-04', effect: 'hold' }
    case 'DISINFECT':
      return { code: disinfectCode, effect: 'hold' }
    // An action of a newer gateway: the vehicle is held until somebody who knows it looks.
    default:
      return { code: 'CTL-02', effect: 'hold' }
  }
}

/** Something that would hold this vehicle now. `orderIds`: of the orders or blacklist entries, sorted. */
export interface Objection {
  readonly code: string
  readonly orderIds: readonly string[]
}

/**
 * Whatever in the lists would hold or lock a vehicle known by `keys` at this moment: the second
 * look just before the command, and the look at a tag heard after it (law 3). Sorted by code.
 * `unknown` when nothing objects but a list was never complete: that is no leave to go.
 */
export function objectionsOn(
  control: ControlIndex,
  keys: readonly SubjectKey[],
  now: ControlNow,
): readonly Objection[] | 'unknown' {
  const orders = control.ordersOn(keys)
  const blacklist = control.blacklistOn(keys)
  const byCode = new Map<string, Set<string>>()
  const note = (code: string, id: string) => byCode.set(code, (byCode.get(code) ?? new Set()).add(id))
  for (const order of orders === 'unknown' ? [] : orders) {
    const { code, effect } = effectOf(order)
    if (effect === 'hold' && isEffective(order, now)) note(code, order.orderId)
  }
  for (const entry of blacklist === 'unknown' ? [] : blacklist) {
    if (entry.level !== 'WATCH' && isEffective(entry, now)) note('BLK-01', entry.entryId)
  }
  if (byCode.size === 0 && (orders === 'unknown' || blacklist === 'unknown')) return 'unknown'
  return [...byCode]
    .map(([code, ids]) => ({ code, orderIds: [...ids].sort() }))
    .sort((a, b) => (a.code < b.code ? -1 : 1))
}
