import type { LaneSignals } from '../../interfaces/barrier.js'
import type { CargoObservations } from '../decision/cargo.js'

/**
 * The sprayer as a decision sees it (row 49): null where the lane has none. One that is at work, works;
 * whether people are clear is looked at when it is asked.
 */
export function sprayerOf(signals: LaneSignals): CargoObservations['sprayer'] {
  switch (signals.sprayer?.state) {
    case undefined:
      return null
    case 'ready':
    case 'running':
    case 'done':
      return 'ready'
    case 'failed':
      return 'failed'
    case 'unknown':
      return 'unknown'
  }
}
