import type { ContainerLocked } from './container-lock.js'
import type { Disinfected } from './fee.js'
import type { InspectionAsked } from './inspection.js'
import type { KnownEvent } from './judge.js'
import type { PassageRecord } from './passage.js'

/** An event that asks for something behind the lane, with the passage as it was before it. */
export interface FollowedUp {
  readonly event: InspectionAsked | ContainerLocked | Disinfected
  readonly passage: PassageRecord | undefined
}

/** Null: nothing is to be done. */
export function followUpOf(event: KnownEvent, passage: PassageRecord | undefined): FollowedUp | null {
  // An id is a claim: an edge speaks only about passages of its own.
  if (passage && passage.edgeId !== event.edgeId) return null
  switch (event.type) {
    case 'inspectionAsked':
    case 'containerLocked':
    case 'disinfected':
      return { event, passage }
    default:
      return null
  }
}
