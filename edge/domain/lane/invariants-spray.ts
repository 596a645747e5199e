import type { SprayCommand } from '../../interfaces/barrier.js'
import type { LaneState } from './state.js'
import type { LaneEvent, LaneRecord } from './types.js'

/**
 * What must hold of sprays and of the raises behind them: by a durable intent and once, only with a
 * vehicle at the line and nobody near; and no vehicle that was to be disinfected goes before it is.
 */
export class SprayInvariants {
  readonly #intents = new Map<string, { readonly passageId: string; readonly decisionId: string }>()
  readonly #usedRights = new Set<string>()
  readonly #sent = new Set<string>()
  readonly #ended = new Set<string>()
  /** By passage: its newest decision asks for a disinfection. */
  readonly #owed = new Map<string, boolean>()
  readonly #done = new Set<string>()

  isOwed(passageId: string): boolean {
    return this.#owed.get(passageId) === true && !this.#done.has(passageId)
  }

  isDone(passageId: string): boolean {
    return this.#done.has(passageId)
  }

  check({ commandId }: SprayCommand, before: LaneState, event: LaneEvent): string[] {
    const breaches: string[] = []
    const intent = this.#intents.get(commandId)
    if (event.on !== 'recorded') breaches.push(`spray ${commandId} on ${event.on}, not on recorded`)
    if (!intent) return [...breaches, `spray ${commandId} without a durable intent`]
    if (this.#sent.has(commandId)) breaches.push(`spray ${commandId} twice`)
    this.#sent.add(commandId)
    if (this.#usedRights.has(intent.decisionId)) breaches.push(`${intent.decisionId} sprays a second time`)
    this.#usedRights.add(intent.decisionId)
    if (this.#done.has(intent.passageId)) breaches.push(`spray ${commandId} of a vehicle that is disinfected`)
    if (before.passage?.id !== intent.passageId)
      breaches.push(`spray ${commandId} for a passage that is not open`)
    if (this.#ended.has(commandId)) breaches.push(`spray ${commandId} after it was given up`)
    if (before.mode !== 'AUTO') breaches.push(`spray ${commandId} by itself in mode ${before.mode}`)
    const { entryLoop, sprayer } = before.signals
    if (entryLoop !== 'occupied') breaches.push(`spray ${commandId} with nobody on the loop`)
    if (sprayer?.peopleClear !== true) breaches.push(`spray ${commandId} with people near`)
    if (before.incidentId !== null) breaches.push(`spray ${commandId} under an emergency order`)
    return breaches
  }

  /** A record that is durable now, in its order. */
  durable({ type, passageId, body }: LaneRecord): string[] {
    const id = passageId ?? ''
    const commandId = String(body['commandId'])
    switch (type) {
      case 'decided': {
        const decision = body['decision'] as { outcome?: string }
        this.#owed.set(id, decision.outcome === 'disinfect')
        return []
      }
      case 'sprayIntent': {
        const breaches = this.#intents.has(commandId) ? [`intent ${commandId} twice`] : []
        this.#intents.set(commandId, { passageId: id, decisionId: String(body['decisionId']) })
        return breaches
      }
      case 'sprayOutcome':
        this.#ended.add(commandId)
        return []
      case 'disinfected':
        this.#done.add(id)
        return this.#intents.get(commandId)?.passageId === id
          ? []
          : [`${commandId} is done, which ${id} never asked for`]
      default:
        return []
    }
  }
}
