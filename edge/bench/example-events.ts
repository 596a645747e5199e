import { decide } from '../domain/decision/decide.js'
import { exampleInputs } from '../domain/decision/examples.js'
import type { EventDraft, StoredEvent } from '../interfaces/journal.js'
import { firstPreviousHash } from '../messages/envelope.js'
import { eventRow, readEvent } from '../store/event-row.js'

const edgeId = 'edge-1'
const startMs = Date.UTC(2026, 0, 1)

/** Drafts of whole passages, one after the other, as a released vehicle leaves them. */
export function* exampleDrafts(): Generator<EventDraft> {
  // By the first versions of a gateway's lists: judged by older ones, each passage would be looked at again.
  const inputs = exampleInputs({
    lists: exampleInputs().lists.map((list) => ({ ...list, version: 1 })),
  })
  const decision = decide(inputs)
  for (let passageNo = 1; ; passageNo += 1) {
    const passageId = `${edgeId}.bench.lane-1.${passageNo}`
    const decisionId = `${passageId}.d1`
    const commandId = `${passageId}.r1`
    const bodies: readonly (readonly [type: string, body: Readonly<Record<string, unknown>>])[] = [
      ['passageOpened', { passageNo, direction: 'in', cause: 'loop' }],
      [
        'tagObserved',
        { epc: 'E1', tid: null, readerId: 'reader-1', antenna: '1', rssiDbm: -48, count: 1, claim: 'mine' },
      ],
      ['decided', { decisionId, decision: { ...decision }, inputs: { ...inputs } }],
      ['barrierIntent', { commandId, right: { by: 'decision', decisionId }, leaseTicks: 20 }],
      ['barrierOutcome', { commandId, outcome: 'accepted', detail: 'Good' }],
      ['barrierMoved', { position: 'raised' }],
      [
        'passageEnded',
        { how: 'cleared', outcome: 'release', readsHeard: 90, readsShed: 0, durationMs: 9_000 },
      ],
    ]
    for (const [index, [type, body]] of bodies.entries()) {
      const monoMs = passageNo * 10_000 + index * 500
      yield {
        type,
        lane: 'lane-1',
        passageId,
        occurredAt: startMs + monoMs,
        monoMs,
        clockQuality: 'synchronised',
        captured: 'auto',
        contingency: false,
        body,
      }
    }
  }
}

/** The same as an edge's journal holds them: numbered and chained. */
export function exampleEvents(count: number, epoch: string): StoredEvent[] {
  const events: StoredEvent[] = []
  let end = { sequence: 0, hash: firstPreviousHash }
  for (const draft of exampleDrafts()) {
    if (events.length === count) break
    const { stored, values } = eventRow(
      draft,
      { edgeId, epoch, bootId: 'bench' },
      end,
      startMs + draft.monoMs,
    )
    // An edge sends what it reads from its journal, where every member stands in its order.
    events.push(readEvent({ ...stored, envelope: String(values.at(-1)) }))
    end = stored
  }
  return events
}
