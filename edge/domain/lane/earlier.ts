import { followsWithinMs } from './doubt.js'
import { observeTags } from './inputs.js'
import { lookUp } from './reads.js'
import type { LaneState } from './state.js'
import { update, updatePassage, type Turn } from './turn.js'
import type { LaneView } from './types.js'

const earlierMax = 64

/** What the lane is about to forget of its tags, with what it forgot lately; those of other lanes left out. */
export function keptEarlier(state: LaneState, view: LaneView): LaneState['earlier'] {
  const sinceMs = view.now.monoMs - view.settings.timing.approachMs
  return earlierOf(state, view, sinceMs)
}

function earlierOf(state: LaneState, view: LaneView, sinceMs: number): LaneState['earlier'] {
  const fromMs = view.now.monoMs - followsWithinMs
  const late = state.earlier.filter(({ lastHeardMonoMs }) => lastHeardMonoMs >= fromMs)
  const old = state.tracks.tags.filter(
    ({ lastHeardMonoMs }) => lastHeardMonoMs >= fromMs && lastHeardMonoMs < sinceMs,
  )
  if (old.length === 0) return late.length === state.earlier.length ? state.earlier : late
  const others = new Set(
    observeTags(state, view).flatMap(({ epc, claim }) => (claim === 'neighbour' ? [epc] : [])),
  )
  const fresh = old
    .filter(({ epc }) => !others.has(epc))
    .map(({ epc, lastHeardMonoMs }) => ({ epc, lastHeardMonoMs }))
  const again = new Set(fresh.map(({ epc }) => epc))
  return [...late.filter(({ epc }) => !again.has(epc)), ...fresh].slice(-earlierMax)
}

/**
 * Tags and plates from before the approach of the vehicle on the loop. A loop that failed for a while may have
 * hidden that it stood there, so that an order on one of them calls for a person; nothing else follows.
 * `before`: the lane as it was when the vehicle came.
 */
export function takeEarlier(turn: Turn, before: LaneState, sinceMs: number): void {
  const { passage, recent } = turn.state
  if (!passage) return
  const { epcs: own } = passage
  const gone = recent?.ownEpcs ?? []
  const epcs = earlierOf(before, turn.view, sinceMs)
    .map(({ epc }) => epc)
    .filter((epc) => !own.includes(epc) && !gone.includes(epc))
  const plates = before.approachPlates
    .filter(({ monoMs }) => monoMs >= turn.nowMs - followsWithinMs && monoMs < sinceMs)
    .map(({ observation }) => observation)
  update(turn, { earlier: [] })
  if (epcs.length + plates.length === 0) return
  updatePassage(turn, { earlier: { epcs, plates } })
  for (const key of epcs) lookUp(turn, { kind: 'tag', key })
  for (const { plate } of plates) lookUp(turn, { kind: 'plate', key: plate.text })
}
