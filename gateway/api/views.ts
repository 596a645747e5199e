import type { ListHead } from '../../edge/messages/down.js'
import type { EscalationRecord } from '../domain/escalation.js'
import type { PassageRecord } from '../domain/passage.js'
import type { Memory } from '../store/memory.js'
import { shownCode, shownCodes } from './secrecy.js'
import type { EscalationState, GatewayState, LiveEvent, PassageState } from './schemas.js'

const escalationsShown = 200
const passagesShown = 100
const closedShownForMs = 600_000

/** Records as people see them: without what only the gateway needs. */
export function escalationView(record: EscalationRecord): EscalationState {
  const { epoch: _epoch, changedAt: _changedAt, verdictExpiresAt: _expires, ...state } = record
  return { ...state, reasons: shownCodes(state.reasons) }
}

export function passageView(record: PassageRecord): PassageState {
  const { epoch: _epoch, consumed: _consumed, seen: _seen, ...state } = record
  return { ...state, primary: state.primary === null ? null : shownCode(state.primary) }
}

export function listView(head: ListHead): GatewayState['lists'][number] {
  const { list, version, count, contentHash, publishedAt } = head
  return { list, version, count, contentHash, publishedAt }
}

/** Open and answered ones always first to stay within the bound, then those closed lately; newest first. */
export function shownEscalations(memory: Memory, nowMs: number): EscalationState[] {
  const all = [...memory.escalations()]
  const open = all.filter((one) => one.state !== 'CLOSED')
  const closed = all
    .filter((one) => one.state === 'CLOSED' && nowMs - one.changedAt < closedShownForMs)
    .sort((a, b) => b.changedAt - a.changedAt)
  return [...open.sort((a, b) => b.openedAt - a.openedAt), ...closed]
    .slice(0, escalationsShown)
    .sort((a, b) => b.openedAt - a.openedAt)
    .map(escalationView)
}

export function shownPassages(memory: Memory): PassageState[] {
  return [...memory.passages()]
    .sort((a, b) => b.openedAt - a.openedAt)
    .slice(0, passagesShown)
    .map(passageView)
}

/** Names what an event of the feed is about: a newer one of the same thing replaces it. */
export function subjectOf(event: LiveEvent): string {
  switch (event.is) {
    case 'snapshot':
      return 'snapshot'
    case 'edge':
      return `edge/${event.edge.edgeId}`
    case 'escalation':
      return `escalation/${event.escalation.escalationId}`
    case 'passage':
      return `passage/${event.passage.passageId}`
    case 'list':
      return `list/${event.list.list}`
    case 'emergencies':
      return 'emergencies'
    case 'faults':
      return 'faults'
  }
}
