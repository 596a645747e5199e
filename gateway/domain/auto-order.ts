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

function subjectsOf(
  passage: PassageRecord | undefined,
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
  const key = sha256Hex(`${event.edgeId}/${event.epoch}/${event.sequence}`).slice(0, 16)
  const where = `lane ${event.lane ?? '?'} of ${event.edgeId}, passage ${event.passageId ?? '?'}`
  return subjects.map((subject, index) => ({
    kind: 'order',
    orderId: `AUTO-${key}-${index + 1}`,
    agency: 'PORT',
    subject,
    action: 'INTERCEPT',
    nature: 'OPEN',
    level: 1,
    reason: `${because}: ${where}`.slice(0, 500),
    validFrom: event.occurredAt,
    maxHits: 0,
    issuedBy: autoIssuer,
  }))
}
