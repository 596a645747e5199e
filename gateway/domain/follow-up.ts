import type { ContainerLocked } from './container-lock.js'
import type { Disinfected } from './fee.js'
import type { InspectionAsked } from './inspection.js'
import type { KnownEvent } from './judge.js'
import type { PassageRecord } from './passage.js'

/** A person at the lane let the vehicle go, or sent it back. */
export type LetGo = KnownEvent & { readonly type: 'verdictJudged' | 'manualRelease' }

/** The vehicle went through the lane. */
export type WentThrough = KnownEvent & { readonly type: 'passageEnded' }

/** An event that asks for something behind the lane, with the passage as it was before it. */
export interface FollowedUp {
  readonly event: InspectionAsked | ContainerLocked | Disinfected | LetGo | WentThrough
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
    case 'manualRelease':
      return { event, passage }
    case 'verdictJudged':
      return event.body.result === 'accepted' && event.body.answer !== 'hold' ? { event, passage } : null
    case 'passageEnded': {
      const wentThrough = event.body.how === 'cleared' || event.body.how === 'violation'
      return passage !== undefined && wentThrough ? { event, passage } : null
    }
    default:
      return null
  }
}
