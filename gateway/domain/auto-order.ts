import type { ControlOrder } from '../../edge/messages/entities.js'
import { sha256Hex } from '../../edge/base/hash.js'
import type { KnownEvent } from './judge.js'
import type { PassageRecord } from './passage.js'

/** Who stands as issuer of the orders that the gateway places by itself. */
export const autoIssuer = 'lanekeeper'

const subjectsMax = 4

/**
 * The INTERCEPT orders that an event calls for by itself: a vehicle that got away under a late
 * objection or ran the barrier is to be stopped at the next lane (architecture.md, law 3). The ids
 * are made from the event's key, so the same event never places a second one.
 */
export function ordersAfter(event: KnownEvent, passage: PassageRecord | undefined): ControlOrder[] {
  if (event.type === 'lateObjection') {
    const because = `late objection ${event.body.code}`
    return place(event, subjectsOf(passage, [event.body.epc], []), because)
  }
  if (event.type === 'violation' && event.body.kind === 'runThrough') {
    return place(event, subjectsOf(passage, passage?.epcs ?? [], passage?.plates ?? []), 'ran the barrier')
  }
  return []
}

type Subject = ControlOrder['subject']

/** What an order can be placed on: the vehicle, else what was read of it, at most {@link subjectsMax}. */
export function subjectsOf(
  passage: Pick<PassageRecord, 'vehicleId'> | undefined,
  epcs: readonly string[],
  plates: readonly string[],
): Subject[] {
  const vehicle = passage?.vehicleId
  const subjects: Subject[] = [
    ...(vehicle ? [{ kind: 'VEHICLE' as const, key: vehicle }] : []),
    ...epcs.map((key) => ({ kind: 'TAG' as const, key })),
    ...plates.map((key) => ({ kind: 'PLATE' as const, key })),
  ]
  return subjects.slice(0, subjectsMax)
}

function place(event: KnownEvent, subjects: readonly Subject[], because: string): ControlOrder[] {
  const key = sha256Hex(`${event.edgeId}/${event.epoch}/${event.sequence}`)
  const where = `lane ${event.lane ?? '?'} of ${event.edgeId}, passage ${event.passageId ?? '?'}`
  return interceptsOf(key, subjects, `${because}: ${where}`, event.occurredAt)
}

/**
 * INTERCEPT orders of the gateway itself, one for each subject. `from`: hex digits that the ids are made of;
 * a SECRET one looks like a random draw in the lane.
 */
export function interceptsOf(
  from: string,
  subjects: readonly Subject[],
  reason: string,
  atMs: number,
  nature: ControlOrder['nature'] = 'OPEN',
): ControlOrder[] {
  return subjects.map((subject, index) => ({
    kind: 'order',
    orderId: `AUTO-${from.slice(0, 16)}-${index + 1}`,
    agency: 'PORT',
    subject,
    action: 'INTERCEPT',
    nature,
    level: 1,
    reason: reason.slice(0, 500),
    validFrom: Math.round(atMs),
    maxHits: 0,
    issuedBy: autoIssuer,
  }))
}
