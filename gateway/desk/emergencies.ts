import { randomBytes } from 'node:crypto'
import type { Clock } from '../../edge/base/clock.js'
import type { EmergencyRequest, EmergencyState } from '../api/mode-schemas.js'
import { isSamePerson } from '../domain/roles.js'
import type { Database } from '../store/database.js'
import { audit, type CommandRecord } from '../store/records.js'
import type { Desk } from './desk.js'
import { Refusal } from './refusal.js'

export interface EmergenciesGiven {
  readonly database: Database
  readonly clock: Clock
  readonly desk: Pick<Desk, 'giveCommand' | 'demandConnected'>
  readonly onChange: (requests: readonly EmergencyState[]) => void
}

/** The second person has so long; then the first one asks again. */
export const confirmWithinMs = 120_000
/** Requests that may wait at once; lanes have one each. */
const requestsMax = 256

/**
 * Emergency openings that one person has asked for and no second one has confirmed (domain.md 7). They live
 * in memory: after a restart of the gateway the first person asks again. Both are written to the audit.
 */
export class Emergencies {
  readonly #given: EmergenciesGiven
  readonly #requests = new Map<string, EmergencyState>()

  constructor(given: EmergenciesGiven) {
    this.#given = given
  }

  /** Those that may still be confirmed, the oldest first. */
  waiting(): EmergencyState[] {
    const nowMs = this.#given.clock.now().wallMs
    for (const [id, one] of this.#requests) if (one.expiresAt <= nowMs) this.#requests.delete(id)
    return [...this.#requests.values()]
  }

  /** The first person's word; a newer one for the same lane takes its place. Throws {@link Refusal}. */
  async ask(
    edgeId: string,
    lane: string,
    request: EmergencyRequest,
    operator: string,
  ): Promise<EmergencyState> {
    const { database, clock, desk, onChange } = this.#given
    desk.demandConnected(edgeId)
    const waiting = this.waiting()
    if (waiting.length >= requestsMax) throw new Refusal('tooManyTries', 'too many emergency openings wait')
    const at = Math.round(clock.now().wallMs)
    const asked: EmergencyState = {
      requestId: `emg-${randomBytes(12).toString('hex')}`,
      ...{ edgeId, lane, by: operator, reason: request.reason.trim(), minutes: request.minutes },
      ...{ askedAt: at, expiresAt: at + confirmWithinMs },
    }
    const { requestId, reason, minutes } = asked
    await database.transact((sql) =>
      audit(sql, {
        ...{ at, operator, action: 'emergencyAsked', target: `${edgeId}/${lane}` },
        detail: { requestId, reason, minutes },
      }),
    )
    for (const one of waiting)
      if (one.edgeId === edgeId && one.lane === lane) this.#requests.delete(one.requestId)
    this.#requests.set(requestId, asked)
    onChange(this.waiting())
    return asked
  }

  /** Another person's word: the lane is told, in the name of both. Throws {@link Refusal}. */
  async confirm(requestId: string, operator: string): Promise<CommandRecord> {
    const { desk, onChange } = this.#given
    const asked = this.waiting().find((one) => one.requestId === requestId)
    if (!asked) throw new Refusal('notFound', 'this emergency opening is not waiting any more')
    const { edgeId, lane, by, reason, minutes } = asked
    if (isSamePerson(by, operator))
      throw new Refusal('secondPerson', 'an emergency opening is confirmed by another person')
    desk.demandConnected(edgeId)
    // Taken out first, so that two who confirm at once give one command.
    this.#requests.delete(requestId)
    onChange(this.waiting())
    const forMs = minutes * 60_000
    const what = { do: 'setMode', mode: 'EMERGENCY_OPEN', confirmedBy: operator, forMs } as const
    return desk.giveCommand(edgeId, lane, { reason, what }, operator, by)
  }
}
