import { sha256Hex } from '../../edge/base/hash.js'
import { effectOf, isEffective, type Identities } from '../../edge/domain/lists/control.js'
import type { BlacklistEntry, ControlOrder } from '../../edge/messages/entities.js'
import type { AlertKind, AlertState } from '../api/alert-schemas.js'
import { autoIssuer, interceptsOf, subjectsOf } from './auto-order.js'
import type { PassageRecord } from './passage.js'
import { markOf } from './seen.js'

/** An order or blacklist entry on a passage, and when the gateway had it. */
export interface Candidate {
  readonly entry: ControlOrder | BlacklistEntry
  /** In the list now. */
  readonly isNow: boolean
  /** In the list of the gateway when the vehicle passed. */
  readonly wasThen: boolean
}

export interface Rechecked {
  readonly alerts: readonly AlertState[]
  readonly orders: readonly ControlOrder[]
}

export interface RecheckOf {
  readonly kind: Exclude<AlertKind, 'referralMissed' | 'secretPassed'>
  readonly passage: PassageRecord
  /** When it went through, UTC ms. */
  readonly passedAt: number
  readonly nowMs: number
  readonly candidates: readonly Candidate[]
  /** Which look at this passage it is, for the ids of what it finds; absent: the only one. */
  readonly no?: string
}

/**
 * What the gateway's lists say against a passage that its lane let go by older ones (domain.md 7,
 * re-connection): an alert, and orders that stop the vehicle at the next lane. What the lane knew of is no
 * news, and neither is what the gateway itself ordered because of this very passage. A secret order gives an
 * alert of its own, for those only who may know of it, and an order that is as secret.
 */
export function recheck({ kind, passage, passedAt, nowMs, candidates, no = '' }: RecheckOf): Rechecked {
  const known = passage.seen?.known ?? []
  const hits = candidates
    .filter(({ entry }) => !known.includes(markOf(entry)) && !isOfThisPassage(entry, passage))
    .map((one) => ({ ...one, wasInForce: one.wasThen && isIn(one.entry, passedAt) }))
    .filter(({ entry, isNow, wasInForce }) => wasInForce || (isNow && isIn(entry, nowMs)))
  const secret = hits.filter(({ entry }) => isSecret(entry))
  const open = hits.filter(({ entry }) => !isSecret(entry))
  const parts = [
    { of: open, isHidden: false },
    { of: secret, isHidden: true },
  ].filter(({ of }) => of.length > 0)
  return {
    alerts: parts.map(({ of, isHidden }) => ({
      alertId: `${passage.passageId}.${kind}${no}${isHidden ? '.secret' : ''}`,
      kind,
      at: Math.round(nowMs),
      edgeId: passage.edgeId,
      lane: passage.lane,
      passageId: passage.passageId,
      taskId: null,
      vehicleId: passage.vehicleId,
      plates: passage.plates,
      epcs: passage.epcs,
      orderIds: [...new Set(of.map(({ entry }) => idOf(entry)))].sort(),
      wasInForce: of.some(({ wasInForce }) => wasInForce),
      placedOrderIds: [],
      secret: isHidden,
      settled: null,
    })),
    orders: parts
      .filter(({ of }) => of.some(({ entry }) => stops(entry)))
      .flatMap(({ of, isHidden }) => {
        const from = sha256Hex(`${kind}${no}/${passage.passageId}/${isHidden ? 'secret' : 'open'}`)
        const ids = of.map(({ entry }) => idOf(entry)).join(', ')
        const where = `lane ${passage.lane} of ${passage.edgeId}, passage ${passage.passageId}`
        const reason = `passed on older lists: ${where}, under ${ids}`
        const subjects = subjectsOfPassage(passage)
        return interceptsOf(from, subjects, reason, nowMs, isHidden ? 'SECRET' : 'OPEN')
      }),
  }
}

/** Everything that an order may speak of a passage by, as it stands in its record. */
export function identitiesOf({ epcs, plates, vehicleId, seen }: PassageRecord): Identities {
  const { vehicleIds = [], companyIds = [], ...load } = seen?.of ?? {}
  return {
    ...load,
    epcs,
    plates,
    vehicleIds: vehicleId === null ? vehicleIds : [vehicleId, ...vehicleIds],
    companyIds,
  }
}

/** A known vehicle is stopped by its own number, under whatever tag or plate it comes. */
function subjectsOfPassage(passage: PassageRecord) {
  const { vehicleId, epcs, plates } = passage
  return vehicleId === null ? subjectsOf(passage, epcs, plates) : subjectsOf(passage, [], [])
}

function idOf(entry: ControlOrder | BlacklistEntry): string {
  return entry.kind === 'order' ? entry.orderId : entry.entryId
}

function isSecret(entry: ControlOrder | BlacklistEntry): boolean {
  return entry.kind === 'order' && entry.nature === 'SECRET'
}

function stops(entry: ControlOrder | BlacklistEntry): boolean {
  return entry.kind === 'order' ? effectOf(entry).effect === 'hold' : entry.level !== 'WATCH'
}

/** By the gateway's own clock, which is trusted. */
function isIn(entry: ControlOrder | BlacklistEntry, atMs: number): boolean {
  return isEffective(entry, { wallMs: atMs, clockQuality: 'synchronised' })
}

/** A run-through places an order by itself; the passage that it came of is not another finding. */
function isOfThisPassage(entry: ControlOrder | BlacklistEntry, passage: PassageRecord): boolean {
  return entry.kind === 'order' && entry.issuedBy === autoIssuer && entry.validFrom >= passage.openedAt
}
