import type { SeededRandom } from '../../edge/base/random.js'
import type { StoredEvent } from '../../edge/interfaces/journal.js'
import type { Command, Verdict } from '../../edge/messages/down.js'
import type { WallClock } from './boot.js'
import type { Checker } from './checker.js'
import type { Kernel } from './kernel.js'

/** An escalation as the person at the gateway sees it. */
export interface OpenCase {
  readonly lane: string
  readonly passageId: string
  readonly escalationId: string
  readonly reasons: readonly string[]
  readonly interceptOrderIds: readonly string[]
  readonly outcome: string
}

export interface OperatorHealth {
  /** Share of the cases in which somebody also sends what must be refused. */
  mischiefShare: number
  slowestMs: number
}

/** How a verdict reaches the edge. */
export type SendDown = (
  message:
    | { readonly verdict: Verdict; readonly retained: boolean }
    | { readonly command: Command; readonly retained: boolean },
) => void

/** How long a verdict is good for. */
export const verdictForMs = 60_000

/**
 * The people at the gateway, seeded: they see what the gateway stored, think a while and answer;
 * and whoever wants to move the bar without a right tries it by every door.
 */
export class SimOperator {
  readonly health: OperatorHealth = { mischiefShare: 0, slowestMs: 6_000 }
  readonly open = new Map<string, OpenCase>()
  /** Off: somebody else (a scenario) answers. */
  answers = true
  /** Whoever nothing speaks against is let go; otherwise people also err. */
  letsGood = false
  readonly #kernel: Kernel
  readonly #random: SeededRandom
  readonly #checker: Checker
  readonly #wall: WallClock
  readonly #send: SendDown
  readonly #lastPassageOf = new Map<string, string>()
  readonly #violating = new Set<string>()
  readonly #violated = new Map<string, string>()
  #last: Verdict | null = null
  #number = 0

  constructor(
    given: { kernel: Kernel; random: SeededRandom; checker: Checker; wall: WallClock },
    send: SendDown,
  ) {
    this.#kernel = given.kernel
    this.#random = given.random
    this.#checker = given.checker
    this.#wall = given.wall
    this.#send = send
  }

  get #wallMs(): number {
    return Math.floor(this.#wall.offsetMs + this.#kernel.nowMs)
  }

  /** An event has reached the store. */
  see(event: StoredEvent): void {
    const { body, lane, passageId } = event
    if (lane === null) return
    if (event.type === 'escalationClosed') this.open.delete(String(body['escalationId']))
    if (event.type === 'passageEnded' && passageId !== null) this.#passageEnded(lane, passageId)
    if (event.type === 'violation' && passageId !== null) this.#violating.add(passageId)
    if (event.type !== 'escalationOpened' || passageId === null) return
    const escalationId = String(body['escalationId'])
    const texts = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : [])
    const opened: OpenCase = {
      lane,
      passageId,
      escalationId,
      reasons: texts(body['reasons']),
      interceptOrderIds: texts(body['interceptOrderIds']),
      outcome: String(body['outcome']),
    }
    for (const other of this.open.values()) if (other.lane === lane) this.open.delete(other.escalationId)
    this.open.set(escalationId, opened)
    if (this.answers) this.#think(opened)
  }

  /** Sends an honest verdict on a case. */
  answer(on: OpenCase, answer: Verdict['answer'], reason: string, orderIds: readonly string[]): Verdict {
    const verdict = this.#verdict(on, answer, reason, orderIds)
    this.#issue(verdict, true, false)
    return verdict
  }

  /** Sends something that must be refused. */
  tryMischief(on: OpenCase, how: Mischief): void {
    const honest = this.#verdict(on, 'release', 'mischief', on.interceptOrderIds)
    const nowMs = this.#wallMs
    switch (how) {
      case 'expired':
        this.#issue({ ...honest, issuedAt: nowMs - 120_000, expiresAt: nowMs - 60_000 }, false, false)
        return
      case 'retained':
        this.#issue(honest, false, true)
        return
      case 'forOtherPassage':
        this.#issue(
          { ...honest, passageId: this.#lastPassageOf.get(on.lane) ?? `${on.passageId}9` },
          false,
          false,
        )
        return
      case 'forOtherLane':
        this.#issue({ ...honest, lane: `${on.lane}x` }, false, false)
        return
      case 'forged':
        this.#issue({ ...honest, escalationId: `${on.escalationId}9` }, false, false)
        return
      case 'repeated':
        if (this.#last) this.#send({ verdict: this.#last, retained: false })
    }
  }

  command(lane: string, what: Command['what'], reason = 'simulated'): void {
    this.#number += 1
    const nowMs = this.#wallMs
    const command: Command = {
      v: 1,
      commandId: `c${this.#number}`,
      lane,
      by: 'simulated',
      reason,
      issuedAt: nowMs,
      expiresAt: nowMs + verdictForMs,
      what,
    }
    this.#checker.commands.set(command.commandId, command)
    this.#send({ command, retained: false })
  }

  /**
   * Says that what stands unclosed in a lane has been looked at: the last violation, and the last
   * passage that ended. What is not open any more is refused, and harms nobody.
   */
  closePassage(lane: string): void {
    const ended = this.#lastPassageOf.get(lane)
    const violated = this.#violated.get(lane)
    for (const passageId of new Set([violated, ended])) {
      if (passageId !== undefined) this.command(lane, { do: 'closePassage', passageId })
    }
  }

  #passageEnded(lane: string, passageId: string): void {
    this.#lastPassageOf.set(lane, passageId)
    // Nobody closes a passage while its vehicle is still there.
    if (this.#violating.delete(passageId)) this.#violated.set(lane, passageId)
    for (const other of this.open.values())
      if (other.passageId === passageId) this.open.delete(other.escalationId)
  }

  #think(on: OpenCase): void {
    const delayMs = 800 + this.#random.next() * this.health.slowestMs
    this.#kernel.after(delayMs, 'operator.answers', () => {
      if (this.open.get(on.escalationId) !== on || !this.answers) return
      if (this.#random.chance(this.health.mischiefShare)) this.tryMischief(on, this.#random.pick(mischiefs))
      if (on.reasons.includes('LANE-03') || on.reasons.includes('LANE-04')) this.closePassage(on.lane)
      this.#answerHonestly(on)
      // A verdict may be lost on the way: whoever sees the case still open answers again.
      this.#kernel.after(15_000, 'operator.looksAgain', () => {
        if (this.open.get(on.escalationId) === on && this.answers) this.#think(on)
      })
    })
  }

  #answerHonestly(on: OpenCase): void {
    // Released with nothing said, a vehicle that is to be disinfected is: the usual answer of a person.
    if (on.outcome === 'disinfect' && this.#random.chance(0.7)) {
      this.answer(on, 'release', '', [])
      return
    }
    const draw = this.#random.next()
    const isGood = this.letsGood && on.interceptOrderIds.length === 0
    const answer = isGood || draw < 0.6 ? 'release' : draw < 0.85 ? 'return' : 'hold'
    // Who types no number, or no reason, under an INTERCEPT is refused; now and then somebody forgets.
    const forgets = on.interceptOrderIds.length > 0 && this.#random.chance(0.2)
    this.answer(on, answer, forgets ? '' : 'looked at the papers', forgets ? [] : on.interceptOrderIds)
  }

  #verdict(on: OpenCase, answer: Verdict['answer'], reason: string, orderIds: readonly string[]): Verdict {
    this.#number += 1
    const nowMs = this.#wallMs
    return {
      v: 1,
      verdictId: `v${this.#number}`,
      lane: on.lane,
      passageId: on.passageId,
      escalationId: on.escalationId,
      answer,
      by: 'simulated',
      reason,
      orderIds: [...orderIds],
      issuedAt: nowMs,
      expiresAt: nowMs + verdictForMs,
    }
  }

  #issue(verdict: Verdict, honest: boolean, retained: boolean): void {
    this.#checker.issued.set(verdict.verdictId, { verdict, honest, clockOffsetMs: this.#wall.offsetMs })
    if (honest) this.#last = verdict
    this.#send({ verdict, retained })
  }
}

export const mischiefs = [
  'expired',
  'retained',
  'forOtherPassage',
  'forOtherLane',
  'forged',
  'repeated',
] as const
export type Mischief = (typeof mischiefs)[number]
