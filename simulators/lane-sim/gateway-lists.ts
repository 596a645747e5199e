import type { StoredEvent } from '../../edge/interfaces/journal.js'
import { listKeyOf, listOf, type ListEntry } from '../../edge/messages/entities.js'
import { consumptionSchema, eventBodies } from '../../edge/messages/events.js'
import {
  importedLock,
  lockAfter,
  lockedEntry,
  missingToUnlock,
  type LockRecord,
} from '../../gateway/domain/container-lock.js'
import { feeOf } from '../../gateway/domain/fee.js'
import { keysUsed, oneMoreArrived, usedUp } from '../../gateway/domain/consumption.js'
import type { ListChange, ListPublisher } from './lists.js'

/**
 * What the gateway's lists become by what lanes report, by the gateway's own rules: papers that a crossing
 * used up, once a passage, and containers that a lane locked.
 */
export class FollowUps {
  /** Crossings that used papers up, by passage. */
  readonly crossed = new Set<string>()
  /** What is to be paid, each key once. */
  readonly fees: NonNullable<ReturnType<typeof feeOf>>[] = []
  readonly #locks = new Map<string, LockRecord>()
  readonly #publisher: ListPublisher

  constructor(publisher: ListPublisher) {
    this.#publisher = publisher
  }

  /** The list versions that an event makes, in the transaction that stores it. */
  of(event: StoredEvent): ListChange[] {
    switch (event.type) {
      case 'consumed':
      case 'perhapsConsumed':
        return this.#crossing(event)
      case 'disinfected':
        this.#charge(event)
        return []
      case 'containerLocked': {
        const body = eventBodies.containerLocked.safeParse(event.body).data
        const { passageId } = event
        const { newest } = this.#publisher
        return (body?.containers ?? []).flatMap((number) => {
          if (body && passageId !== null) {
            const locked = { ...event, type: 'containerLocked', passageId, body } as const
            this.#locks.set(number, lockAfter(this.#locks.get(number), number, locked))
          }
          const before = newest('containers', number)
          const entry = lockedEntry(before?.kind === 'container' ? before : undefined, number)
          return before?.kind === 'container' && before.lock === 'LOCKED' ? [] : [this.#publisher.put(entry)]
        })
      }
      default:
        return []
    }
  }

  /** An officer unlocks a container: allowed, where inspection and treatment say so, or the word of the refusal. */
  unlock(number: string): ListChange | 'notFound' | 'stillLocked' {
    const entry = this.#publisher.newest('containers', number)
    const lock = this.#locks.get(number) ?? importedLock(number)
    if (entry?.kind !== 'container' || entry.lock !== 'LOCKED') return 'notFound'
    const declarations = this.#publisher
      .entries('declarations')
      .flatMap((one) => (one.kind === 'declaration' && one.containers.includes(number) ? [one] : []))
    const missing = missingToUnlock(lock, { declarations, isComplete: true, inspections: [] })
    return missing.length > 0 ? 'stillLocked' : this.#publisher.put({ ...entry, lock: 'OPEN' })
  }

  #charge(event: StoredEvent): void {
    const body = eventBodies.disinfected.safeParse(event.body).data
    if (!body) return
    const fee = feeOf({ ...event, type: 'disinfected', body }, undefined)
    if (fee && this.fees.every((other) => other.feeKey !== fee.feeKey)) this.fees.push(fee)
  }

  #crossing({ passageId, occurredAt, body }: StoredEvent): ListChange[] {
    const used = consumptionSchema.safeParse(body).data
    if (used === undefined || passageId === null || this.crossed.has(passageId)) return []
    this.crossed.add(passageId)
    const { newest } = this.#publisher
    const trip = used.tripId === null ? undefined : newest('trips', used.tripId)
    const others = trip?.kind === 'trip' && trip.crossedAt === undefined ? this.#onSameDocument(trip) : []
    const crossing = { edgeId: '', passageId, at: occurredAt, inDoubt: false, used }
    const after = keysUsed(crossing).flatMap(([list, keys]) =>
      keys.flatMap((key) => {
        const entry = newest(list, key)
        return entry === undefined ? [] : [usedUp(entry, occurredAt)]
      }),
    )
    return [...after, ...others].flatMap((entry) => this.#changed(entry))
  }

  #onSameDocument({ tripId, documentTrucks, declarationNos }: ListEntry & { kind: 'trip' }): ListEntry[] {
    if (documentTrucks === undefined) return []
    return this.#publisher.entries('trips').flatMap((other) => {
      const isOn = other.kind === 'trip' && other.tripId !== tripId
      return isOn && other.declarationNos.some((no) => declarationNos.includes(no))
        ? [oneMoreArrived(other)]
        : []
    })
  }

  #changed(entry: ListEntry): ListChange[] {
    const before = this.#publisher.newest(listOf(entry), listKeyOf(entry))
    return before === entry ? [] : [this.#publisher.put(entry)]
  }
}
