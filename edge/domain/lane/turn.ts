import type { FaultCode } from '../../base/fault.js'
import type { Light } from '../../interfaces/barrier.js'
import type { EventType } from '../../messages/events.js'
import type { Passage, Phase } from '../passage/passage.js'
import { faultKey, isJudging, type LaneState } from './state.js'
import type { Bay, LaneEffect, LaneView } from './types.js'

/**
 * One step under way. It is local to one call of `step`: parts of the machine replace `state` and
 * add effects; records are kept apart because they come first (law 2).
 */
export interface Turn {
  readonly view: LaneView
  readonly nowMs: number
  state: LaneState
  readonly records: LaneEffect[]
  readonly others: LaneEffect[]
  ignored: string | null
}

export function newTurn(state: LaneState, view: LaneView): Turn {
  return { view, nowMs: view.now.monoMs, state, records: [], others: [], ignored: null }
}

/** What a step gives back. `ignored` names why an event meant nothing here. */
export interface Stepped {
  readonly state: LaneState
  readonly effects: readonly LaneEffect[]
  readonly ignored?: string
}

export const noEffects: readonly LaneEffect[] = []

/** Ends the step that began at `from`. */
export function finish(turn: Turn, from: LaneState): Stepped {
  let { state } = turn
  const { records, others } = turn
  if (records.length > 0) state = { ...state, before: from.before ?? { ...from, before: null } }
  const effects =
    records.length === 0
      ? others.length === 0
        ? noEffects
        : others
      : others.length === 0
        ? records
        : records.concat(others)
  return turn.ignored === null ? { state, effects } : { state, effects, ignored: turn.ignored }
}

export function update(turn: Turn, patch: Partial<LaneState>): void {
  turn.state = { ...turn.state, ...patch }
}

/** Changes the open passage; does nothing without one. */
export function updatePassage(turn: Turn, patch: Partial<Passage>): void {
  const { passage } = turn.state
  if (passage) turn.state = { ...turn.state, passage: { ...passage, ...patch } }
}

export function toPhase(turn: Turn, phase: Phase): void {
  updatePassage(turn, { phase })
}

export interface RecordOptions {
  readonly captured?: 'auto' | 'manual' | 'backoffice'
  readonly passageId?: string | null
  readonly contingency?: boolean
}

/** All that happens while a lane stands open for an emergency, and all of the passages it touched. */
function isContingency({ mode, passage, recent }: LaneState, passageId: string | null): boolean {
  if (mode === 'EMERGENCY_OPEN') return true
  if (passageId === null) return false
  return [passage?.id === passageId && passage, recent?.passageId === passageId && recent].some(
    (one) => one !== false && one?.contingency === true,
  )
}

/** One line for the journal, by default of the open passage. Bodies are those of messages/events.ts. */
export function record(
  turn: Turn,
  type: EventType,
  body: Readonly<Record<string, unknown>>,
  options: RecordOptions = {},
): void {
  const passageId = options.passageId === undefined ? (turn.state.passage?.id ?? null) : options.passageId
  turn.records.push({
    do: 'record',
    record: {
      type,
      passageId,
      captured: options.captured ?? 'auto',
      contingency: options.contingency === true || isContingency(turn.state, passageId),
      body,
    },
  })
}

/** Shows the driver something, and to which bay it is where one is meant, if it is not what is shown already. */
export function guide(turn: Turn, light: Light, prompt: string, bay: Bay | null = null): void {
  const { shown } = turn.state
  if (shown?.light === light && shown.prompt === prompt && shown.bay?.id === bay?.id) return
  const guidance = { light, prompt, ...(bay && { bay }) }
  update(turn, { shown: guidance })
  turn.others.push({ do: 'guide', ...guidance })
}

/** After the lane's own release: the n-th thing that the driver is reminded of (rows 64 and 66), if there is one. */
export function remind(turn: Turn, which: number): void {
  const { passage } = turn.state
  const prompt = passage?.raise?.right.by === 'decision' ? passage.judged?.reminders?.[which] : undefined
  if (prompt !== undefined) guide(turn, 'green', prompt)
}

/** What an empty lane shows. */
export function guideEmpty(turn: Turn): void {
  const { writable, mode } = turn.state
  if (writable && mode === 'EMERGENCY_OPEN') guide(turn, 'red', 'prompt.emergency')
  else if (writable && (isJudging(mode) || mode === 'MANUAL')) guide(turn, 'red', 'prompt.idle')
  else guide(turn, 'red', 'prompt.otherLane')
}

export function raiseFault(turn: Turn, code: FaultCode, detail: string, part: string | null = null): void {
  const key = faultKey(code, part)
  if (turn.state.faults.includes(key)) return
  update(turn, { faults: [...turn.state.faults, key] })
  turn.others.push({ do: 'fault', change: { is: 'raised', code, source: faultSource(turn, part), detail } })
}

export function clearFault(turn: Turn, code: FaultCode, part: string | null = null): void {
  const key = faultKey(code, part)
  if (!turn.state.faults.includes(key)) return
  update(turn, { faults: turn.state.faults.filter((other) => other !== key) })
  turn.others.push({ do: 'fault', change: { is: 'cleared', code, source: faultSource(turn, part) } })
}

function faultSource(turn: Turn, part: string | null): string {
  const { id } = turn.view.settings
  return part === null ? id : `${id}/${part}`
}

export function answer(turn: Turn, to: string, why: string | null): void {
  turn.others.push({ do: 'answer', to, result: why === null ? 'accepted' : 'refused', why })
}
