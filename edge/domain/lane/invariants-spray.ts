import type { SprayCommand } from '../../interfaces/barrier.js'
import type { LaneState } from './state.js'
import type { LaneEvent, LaneRecord } from './types.js'

interface SprayIntent {
  readonly passageId: string
  /** `decision <id>` or `verdict <id>`. */
  readonly right: string
  readonly isVerdict: boolean
}

/**
 * What must hold of sprays and of the raises behind them: by a durable intent and once, only with a
 * vehicle at the line and nobody near; and no vehicle that was to be disinfected goes before it is.
 */
export class SprayInvariants {
  readonly #intents = new Map<string, SprayIntent>()
  readonly #usedRights = new Set<string>()
  readonly #sent = new Set<string>()
  readonly #ended = new Set<string>()
  /** By passage: its newest decision asks for a disinfection. */
  readonly #owed = new Map<string, boolean>()
  readonly #done = new Set<string>()
  readonly #accepted = new Set<string>()
  /** Releases of people that were for after the disinfection, which has not come to its end. */
  readonly #unfinished = new Set<string>()

  isOwed(passageId: string): boolean {
    return this.#owed.get(passageId) === true && !this.#done.has(passageId)
  }

  isDone(passageId: string): boolean {
    return this.#done.has(passageId)
  }

  isUnfinished(right: string): boolean {
    return this.#unfinished.has(right)
  }

  check({ commandId }: SprayCommand, before: LaneState, event: LaneEvent): string[] {
    const breaches: string[] = []
    const intent = this.#intents.get(commandId)
    if (event.on !== 'recorded') breaches.push(`spray ${commandId} on ${event.on}, not on recorded`)
    if (!intent) return [...breaches, `spray ${commandId} without a durable intent`]
    if (this.#sent.has(commandId)) breaches.push(`spray ${commandId} twice`)
    this.#sent.add(commandId)
    if (this.#usedRights.has(intent.right)) breaches.push(`${intent.right} sprays a second time`)
    this.#usedRights.add(intent.right)
    if (this.#done.has(intent.passageId)) breaches.push(`spray ${commandId} of a vehicle that is disinfected`)
    if (before.passage?.id !== intent.passageId)
      breaches.push(`spray ${commandId} for a passage that is not open`)
    if (this.#ended.has(commandId)) breaches.push(`spray ${commandId} after it was given up`)
    const modes = intent.isVerdict ? ['AUTO', 'ATTENDED'] : ['AUTO']
    if (!modes.includes(before.mode))
      breaches.push(`spray ${commandId} by ${intent.right} in mode ${before.mode}`)
    if (intent.isVerdict && !this.#accepted.has(intent.right))
      breaches.push(`spray ${commandId} by a release that was not accepted`)
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
        const verdictId = body['verdictId']
        const isVerdict = typeof verdictId === 'string'
        const right = isVerdict ? `verdict ${verdictId}` : `decision ${String(body['decisionId'])}`
        this.#intents.set(commandId, { passageId: id, right, isVerdict })
        if (isVerdict) this.#unfinished.add(right)
        return breaches
      }
      case 'verdictJudged':
        if (body['result'] === 'accepted' && body['answer'] === 'release')
          this.#accepted.add(`verdict ${String(body['verdictId'])}`)
        return []
      case 'sprayOutcome':
        this.#ended.add(commandId)
        return []
      case 'disinfected':
        this.#done.add(id)
        this.#unfinished.delete(this.#intents.get(commandId)?.right ?? '')
        return this.#intents.get(commandId)?.passageId === id
          ? []
          : [`${commandId} is done, which ${id} never asked for`]
      default:
        return []
    }
  }
}
