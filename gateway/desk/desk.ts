import { randomBytes } from 'node:crypto'
import type { Cancel, Clock } from '../../edge/base/clock.js'
import { messageOf } from '../../edge/base/error.js'
import { hashOf } from '../../edge/base/hash.js'
import type { Logger } from '../../edge/base/log.js'
import type { Command, Verdict } from '../../edge/messages/down.js'
import { wireVersion } from '../../edge/messages/envelope.js'
import type { DownKind } from '../../edge/messages/topics.js'
import type { LaneCommandRequest, VerdictRequest } from '../api/schemas.js'
import {
  answered,
  escalationAt,
  judged,
  verdictObjection,
  type EdgeWord,
  type EscalationPolicy,
  type EscalationRecord,
  type VerdictObjection,
} from '../domain/escalation.js'
import type { Database, Sql } from '../store/database.js'
import type { Memory } from '../store/memory.js'
import {
  audit,
  commandsOfLane,
  findCommand,
  findVerdict,
  saveCommand,
  saveCommandResult,
  saveEscalations,
  saveVerdict,
  type CommandRecord,
} from '../store/records.js'
import { Refusal } from './refusal.js'

export interface DeskGiven {
  readonly database: Database
  readonly memory: Memory
  readonly clock: Clock
  readonly log: Logger
  readonly policy: EscalationPolicy
  /** A verdict or command is void this long after it was given, ms. */
  readonly verdictForMs: number
  readonly isConnected: (edgeId: string) => boolean
  readonly send: (edgeId: string, kind: DownKind, message: unknown) => boolean
  readonly onEscalation: (escalation: EscalationRecord) => void
}

type SetMode = Extract<Command['what'], { do: 'setMode' }>

/** How often deadlines and expiries are looked at, ms. */
const lookEveryMs = 1_000

/** After an edge listens again, what its outbox holds arrives first; only then is a verdict sent again, ms. */
const resendAfterMs = 1_500

const objectionWords: Readonly<Record<VerdictObjection, string>> = {
  conflict: 'somebody answered this escalation, or it has changed since it was shown',
  closed: 'this escalation is closed',
  passageEnded: 'the passage has ended',
  passageNotCurrent: 'another vehicle is in the lane by now',
  interceptNeedsReason: 'a release under an intercept needs a reason',
  interceptNeedsOrder: 'a release under an intercept needs the number of every order that intercepts',
}

/** Where operators answer: verdicts and lane commands go out from here, and deadlines are kept. */
export class Desk {
  readonly #given: DeskGiven
  readonly #resends = new Set<Cancel>()
  #cancelLook: Cancel | null = null
  #looking = false

  constructor(given: DeskGiven) {
    this.#given = given
  }

  /** Starts to keep deadlines. */
  start(): void {
    this.#cancelLook = this.#given.clock.after('escalation deadlines', lookEveryMs, () => {
      void this.look().finally(() => {
        if (this.#cancelLook) this.start()
      })
    })
  }

  close(): void {
    this.#cancelLook?.()
    this.#cancelLook = null
    for (const cancel of this.#resends) cancel()
    this.#resends.clear()
  }

  /**
   * Gives an operator's answer to an escalation: recorded, then published to the one edge it is for.
   * The same `verdictId` with the same content gives the same answer and sends nothing again. Throws
   * {@link Refusal} with `notFound`, `edgeAway`, `idUsed` or a {@link VerdictObjection}.
   */
  async giveVerdict(
    escalationId: string,
    request: VerdictRequest,
    operator: string,
  ): Promise<EscalationRecord> {
    const { database, memory, clock } = this.#given
    const given = await database.transact(
      async (sql) => {
        const repeated = await this.#repeated(sql, escalationId, request, operator)
        if (repeated) return { escalation: repeated, verdict: null }
        return this.#recordVerdict(sql, escalationId, request, operator, clock.now().wallMs)
      },
      ({ escalation, verdict }) => {
        if (verdict) memory.setEscalation(escalation)
      },
    )
    if (given.verdict) {
      this.#given.send(given.escalation.edgeId, 'verdict', given.verdict)
      this.#given.onEscalation(given.escalation)
    }
    return given.escalation
  }

  /**
   * Orders something of a lane, in the name of `by`, who is another than the operator only where two have
   * asked for it. Throws {@link Refusal} if the edge is away.
   */
  async giveCommand(
    edgeId: string,
    lane: string,
    request: Pick<LaneCommandRequest, 'reason'> & { readonly what: LaneCommandRequest['what'] | SetMode },
    operator: string,
    by: string = operator,
  ): Promise<CommandRecord> {
    const { database, clock, verdictForMs } = this.#given
    this.demandConnected(edgeId)
    const issuedAt = clock.now().wallMs
    const command = await database.transact(async (sql) => {
      const made: Command = {
        v: wireVersion,
        commandId: newId('cmd'),
        lane,
        by,
        reason: request.reason,
        issuedAt,
        expiresAt: issuedAt + verdictForMs,
        what:
          request.what.do === 'holdAll'
            ? { ...request.what, incidentId: await incidentOf(sql, edgeId, lane, request.what.on) }
            : request.what,
      }
      await saveCommand(sql, edgeId, made)
      const detail = { commandId: made.commandId, what: made.what, reason: request.reason }
      await audit(sql, { at: issuedAt, operator, action: 'command', target: `${edgeId}/${lane}`, detail })
      return made
    })
    this.#given.send(edgeId, 'command', command)
    return {
      commandId: command.commandId,
      edgeId,
      lane,
      message: JSON.stringify(command),
      expiresAt: command.expiresAt,
      result: null,
      why: null,
    }
  }

  /** What became of a command. Throws {@link Refusal} if there is none such. */
  async command(commandId: string): Promise<CommandRecord> {
    const found = await this.#given.database.read((sql) => findCommand(sql, commandId))
    if (!found) throw new Refusal('notFound', `there is no command ${commandId}`)
    return found
  }

  /** The edge's quick word (`up/answer`) on a verdict or command. Its journal says the same later, surely. */
  async word(edgeId: string, id: string, word: Omit<EdgeWord, 'answer' | 'verdictId'>): Promise<void> {
    const { database, memory } = this.#given
    const changed = await database.transact(
      async (sql) => {
        if (await saveCommandResult(sql, edgeId, id, word.result, word.why)) return undefined
        const verdict = await findVerdict(sql, id)
        const before = verdict && memory.escalation(verdict.escalation_id)
        if (before?.edgeId !== edgeId) return undefined
        const after = judged(before, { ...word, verdictId: id, answer: null })
        if (after === before) return undefined
        await saveEscalations(sql, [after])
        return after
      },
      (after) => {
        if (after) memory.setEscalation(after)
      },
    )
    if (changed) this.#given.onEscalation(changed)
  }

  /**
   * The edge listens again: a verdict that was on its way when the line was cut is sent once more,
   * if the edge has not judged it meanwhile. By its id it is used once, whatever arrives. One given
   * from now on is sent to who listens now, and needs no repeating.
   */
  edgeListens(edgeId: string): void {
    const before = new Set(this.#underWayTo(edgeId).map((one) => one.verdict?.verdictId ?? ''))
    if (before.size === 0) return
    const cancel = this.#given.clock.after('verdicts again', resendAfterMs, () => {
      this.#resends.delete(cancel)
      this.#resend(edgeId, before).catch((error: unknown) => {
        this.#given.log.error({ edgeId, error: messageOf(error) }, 'verdicts not sent again')
      })
    })
    this.#resends.add(cancel)
  }

  /** Looks at what time alone changes. Runs every second; a test may call it. */
  async look(): Promise<void> {
    if (this.#looking) return
    this.#looking = true
    const { database, memory, clock, policy, log } = this.#given
    const nowMs = clock.now().wallMs
    const isDue = [...memory.openEscalations()].some((one) => escalationAt(one, nowMs, policy) !== one)
    try {
      if (!isDue) return
      const changed = await database.transact(
        async (sql) => {
          const due = [...memory.openEscalations()].flatMap((before) => {
            const after = escalationAt(before, nowMs, policy)
            return after === before ? [] : [after]
          })
          await saveEscalations(sql, due)
          return due
        },
        (due) => {
          for (const one of due) memory.setEscalation(one)
        },
      )
      for (const one of changed) this.#given.onEscalation(one)
    } catch (error) {
      log.error({ error: messageOf(error) }, 'deadlines of escalations could not be kept')
    } finally {
      this.#looking = false
    }
  }

  /** The escalation as it is now, if this very request was taken before. */
  async #repeated(
    sql: Sql,
    escalationId: string,
    request: VerdictRequest,
    operator: string,
  ): Promise<EscalationRecord | undefined> {
    if (request.verdictId === undefined) return undefined
    const known = await findVerdict(sql, request.verdictId)
    if (!known) return undefined
    const same = known.escalation_id === escalationId && known.request_hash === requestHash(request, operator)
    if (!same)
      throw new Refusal('idUsed', `verdict ${request.verdictId} was given before, for something else`)
    return this.#escalation(escalationId)
  }

  async #recordVerdict(
    sql: Sql,
    escalationId: string,
    request: VerdictRequest,
    operator: string,
    nowMs: number,
  ): Promise<{ escalation: EscalationRecord; verdict: Verdict }> {
    const before = this.#escalation(escalationId)
    const current = this.#given.memory.currentPassage(before.edgeId, before.lane)
    const objection = verdictObjection(before, request, current)
    if (objection) throw new Refusal(objection, objectionWords[objection])
    this.demandConnected(before.edgeId)
    const verdict: Verdict = {
      v: wireVersion,
      verdictId: request.verdictId ?? newId('vdt'),
      lane: before.lane,
      passageId: before.passageId,
      escalationId,
      answer: request.answer,
      by: operator,
      reason: request.reason,
      orderIds: request.orderIds.map((id) => id.trim()),
      issuedAt: nowMs,
      expiresAt: nowMs + this.#given.verdictForMs,
    }
    const escalation = answered(before, verdict)
    await saveVerdict(sql, verdict, requestHash(request, operator))
    await saveEscalations(sql, [escalation])
    const { verdictId, answer, reason, orderIds, passageId } = verdict
    const detail = { verdictId, answer, reason, orderIds, passageId }
    await audit(sql, { at: nowMs, operator, action: 'verdict', target: escalationId, detail })
    return { escalation, verdict }
  }

  #escalation(escalationId: string): EscalationRecord {
    const found = this.#given.memory.escalation(escalationId)
    if (!found) throw new Refusal('notFound', `there is no escalation ${escalationId}`)
    return found
  }

  /** An answer that cannot be delivered would only look as if something had happened. */
  demandConnected(edgeId: string): void {
    if (this.#given.isConnected(edgeId)) return
    throw new Refusal('edgeAway', `${edgeId} is not connected: the answer would not reach the lane`)
  }

  /** Escalations whose verdict was sent, and of which the edge has not said what became of it. */
  #underWayTo(edgeId: string): EscalationRecord[] {
    return [...this.#given.memory.openEscalations()].filter(
      (one) => one.edgeId === edgeId && one.state === 'ANSWERED' && one.verdict?.result === null,
    )
  }

  async #resend(edgeId: string, verdictIds: ReadonlySet<string>): Promise<void> {
    const nowMs = this.#given.clock.now().wallMs
    for (const one of this.#underWayTo(edgeId)) {
      const verdictId = one.verdict?.verdictId ?? ''
      if (!verdictIds.has(verdictId) || (one.verdictExpiresAt ?? 0) <= nowMs) continue
      const row = await this.#given.database.read((sql) => findVerdict(sql, verdictId))
      if (row) this.#given.send(edgeId, 'verdict', JSON.parse(row.message))
    }
  }
}

/** One emergency is one incident: its end names the id that its beginning was given. */
async function incidentOf(sql: Sql, edgeId: string, lane: string, on: boolean): Promise<string> {
  if (on) return newId('inc')
  for (const { message } of await commandsOfLane(sql, edgeId, lane, 100)) {
    const { what } = JSON.parse(message) as Command
    if (what.do === 'holdAll' && what.on) return what.incidentId
  }
  return newId('inc')
}

function requestHash(request: VerdictRequest, operator: string): string {
  return hashOf({ ...request, operator })
}

function newId(kind: string): string {
  return `${kind}-${randomBytes(12).toString('hex')}`
}
