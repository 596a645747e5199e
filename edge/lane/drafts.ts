import type { LaneEffect, LaneView } from '../domain/lane/types.js'
import type { EventDraft } from '../interfaces/journal.js'

/** The records of a step as drafts; null without any. */
export function draftsOf(
  effects: readonly LaneEffect[],
  lane: string,
  now: LaneView['now'],
): EventDraft[] | null {
  if (effects[0]?.do !== 'record') return null
  const drafts: EventDraft[] = []
  for (const effect of effects) {
    if (effect.do !== 'record') break
    const { type, passageId, captured, contingency, body } = effect.record
    drafts.push({
      type,
      lane,
      passageId,
      occurredAt: Math.round(now.wallMs),
      monoMs: now.monoMs,
      clockQuality: now.clockQuality,
      captured,
      contingency,
      body,
    })
  }
  return drafts
}
