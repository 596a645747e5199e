import { strengthOf } from '../decision/decide.js'
import { rules } from '../decision/ruleset.js'
import type { Outcome } from '../decision/types.js'
import type { PlanEntry } from '../../messages/cargo-entities.js'
import { bayFor } from './bays.js'
import { isJudging, type LaneState } from './state.js'
import type { Bay } from './types.js'

/** What the sign says to a vehicle that is still driving up: a prompt of the text catalogue, and the bay it means. */
export interface ApproachGuidance {
  readonly prompt: string
  readonly bay: Bay | null
}

/**
 * Reasons that nobody is told before the line, or the vehicle that is wanted would turn round: the draw and the
 * secret order, which look alike, and what holds or locks by order, blacklist or border police.
 */
export const withheldCodes: readonly string[] = ['RND-01', 'CTL-01', 'CTL-02', 'CTL-02S', 'BLK-01', 'POL-01']

interface Spoken {
  readonly code: string
  readonly row: number
  readonly outcome: Outcome
  readonly safety: boolean
  readonly prompt: string
}

/**
 * Each reason code with the rule that gives it. A code that also says that something cannot be told has no place
 * here: a plan names only codes, and such a one may mean either.
 */
const spokenBy: ReadonlyMap<string, Spoken> = new Map(
  [...rules]
    .sort((a, b) => b.row - a.row)
    .flatMap(({ code, row, outcome, safety = false, prompt }): [string, Spoken][] =>
      outcome === 'none' || rules.some(({ unknown }) => unknown === code)
        ? []
        : [[code, { code, row, outcome, safety, prompt }]],
    ),
)

/**
 * The guidance that a planned verdict (domain.md 6.4) is worth before the line: where to drive, or that it will be
 * disinfected. Null: nothing is said, because it goes, a person must look, it is locked, or the plan is too old. It
 * is worked out from the reasons that may be told alone, so that it is the same with a withheld one and without.
 */
export function guidanceOf(
  plan: PlanEntry,
  bays: readonly Bay[] | undefined,
  nowMs: number,
): ApproachGuidance | null {
  if (plan.validTo < nowMs) return null
  const told = plan.codes.filter((code) => !withheldCodes.includes(code))
  const spoken = told.flatMap((code) => spokenBy.get(code) ?? [])
  // A reason that it does not know, or that means one thing or the other, may be the strongest.
  if (spoken.length < told.length) return null
  const top = Math.max(0, ...spoken.map(strengthOf))
  const [primary] = spoken.filter((one) => strengthOf(one) === top).sort((a, b) => a.row - b.row)
  if (primary === undefined || primary.safety) return null
  if (primary.outcome === 'disinfect') return { prompt: 'prompt.disinfectAhead', bay: null }
  if (primary.outcome !== 'hold') return null
  const { prompt, code } = primary
  return { prompt, bay: prompt === 'prompt.inspection' ? bayFor(bays, { primary: code, codes: told }) : null }
}

/** The sign is nobody's: the lane works, judges, and neither has a vehicle nor may have one. */
export function isVacant(state: LaneState): boolean {
  const { started, writable, recovering, passage, mode, signals, image, closing } = state
  if (!started || !writable || recovering !== null || passage !== null || closing) return false
  return isJudging(mode) && signals.entryLoop === 'clear' && !image.doubt
}
