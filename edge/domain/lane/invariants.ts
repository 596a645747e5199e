import { eventBodies, type EventType } from '../../messages/events.js'
import type { Outcome } from '../decision/types.js'
import { disinfectCode, objectionsOn } from '../lists/control.js'
import { isHeld, platesMax } from '../passage/passage.js'
import { nextDeadlineOf } from './deadline.js'
import { keysOf, observeTags } from './inputs.js'
import { SprayInvariants } from './invariants-spray.js'
import { decisionsMax } from './judge.js'
import { approachPlatesMax, usedIdsMax, type LaneState } from './state.js'
import type { Stepped } from './turn.js'
import type { LaneEvent, LaneRecord, LaneView } from './types.js'

type Body = Readonly<Record<string, unknown>>

/**
 * What must hold for every step of a lane, whatever happens to it (reliability.md 3.1). One checker
 * watches one lane for its whole life, restarts included; a simulator may keep it beside a runner.
 * It looks only at events and effects, and at the state for bounds, so that it cannot share a
 * mistake with the machine.
 */
export class LaneInvariants {
  #open: string | null = null
  #lastNo = 0
  #pending: readonly LaneRecord[] = []
  readonly #sprays = new SprayInvariants()
  readonly #intents = new Map<string, { passageId: string; right: string }>()
  readonly #usedRights = new Set<string>()
  readonly #sent = new Set<string>()
  readonly #accepted = new Set<string>()
  readonly #held = new Set<string>()
  readonly #passing = new Set<string>()
  readonly #withdrawn = new Set<string>()
  /** Order numbers named by each recorded manual release, by its right. */
  readonly #exceptions = new Map<string, readonly string[]>()
  #openEscalation: string | null = null

  /** Every breach of this step, in words; empty: none. */
  observe(before: LaneState, event: LaneEvent, stepped: Stepped, view: LaneView): string[] {
    const breaches: string[] = []
    const records = recordsOf(stepped)
    breaches.push(...checkOrder(stepped), ...checkBodies(records), ...checkBounds(stepped.state, view))
    if (event.on === 'started') this.#onStarted(event)
    if (event.on === 'recorded')
      for (const record of this.#pending)
        breaches.push(...this.#durable(record), ...this.#sprays.durable(record))
    if (event.on === 'recorded' || event.on === 'notRecorded') this.#pending = []
    for (const effect of stepped.effects) {
      if (effect.do === 'spray') breaches.push(...this.#sprays.check(effect.command, before, event))
      if (effect.do === 'raise')
        breaches.push(...this.#checkRaise(effect.command.commandId, before, event, stepped.state, view))
    }
    if (!stepped.state.writable && records.length > 0) breaches.push('a record while nothing can be recorded')
    if (event.on === 'tick') breaches.push(...checkDeadline(stepped.state, view))
    if (records.length > 0) this.#pending = records
    return breaches
  }

  #onStarted(event: Extract<LaneEvent, { on: 'started' }>): void {
    const opened = event.memory.openPassage.find((one) => one.type === 'passageOpened')
    this.#open = opened?.passageId ?? null
    this.#pending = []
    this.#openEscalation = null
    for (const { type, body } of event.memory.openPassage) {
      if (type === 'escalationOpened') this.#openEscalation = text(body, 'escalationId')
      if (type === 'escalationClosed') this.#openEscalation = null
    }
  }

  #checkRaise(
    commandId: string,
    before: LaneState,
    event: LaneEvent,
    after: LaneState,
    view: LaneView,
  ): string[] {
    const breaches: string[] = []
    const intent = this.#intents.get(commandId)
    if (event.on !== 'recorded') breaches.push(`raise ${commandId} on ${event.on}, not on recorded`)
    if (!intent) return [...breaches, `raise ${commandId} without a durable intent`]
    if (this.#sent.has(commandId)) breaches.push(`raise ${commandId} twice`)
    this.#sent.add(commandId)
    if (this.#usedRights.has(intent.right)) breaches.push(`${intent.right} raises a second time`)
    this.#usedRights.add(intent.right)
    if (intent.passageId !== this.#open) breaches.push(`raise ${commandId} for a passage that is not open`)
    if (this.#withdrawn.has(commandId)) breaches.push(`raise ${commandId} after it was withdrawn`)
    if (!before.writable) breaches.push(`raise ${commandId} while nothing can be recorded`)
    if (before.signals.entryLoop !== 'occupied') breaches.push(`raise ${commandId} with nobody on the loop`)
    if (before.incidentId !== null) breaches.push(`raise ${commandId} under an emergency order`)
    breaches.push(...checkMode(commandId, intent.right, before))
    if (intent.right.startsWith('command'))
      breaches.push(...this.#checkException(commandId, intent.right, after, view))
    if (this.#sprays.isUnfinished(intent.right))
      breaches.push(`raise ${commandId} by ${intent.right} before the disinfection it was for`)
    if (intent.right.startsWith('decision')) breaches.push(...this.#checkOwnRight(commandId, after, view))
    return breaches
  }

  #checkOwnRight(commandId: string, state: LaneState, view: LaneView): string[] {
    const breaches: string[] = []
    const { passage } = state
    if (!passage) return [`raise ${commandId} without a passage`]
    if (state.mode !== 'AUTO') breaches.push(`raise ${commandId} by itself in mode ${state.mode}`)
    if (this.#held.has(passage.id)) breaches.push(`raise ${commandId} by itself after a hold`)
    if (this.#sprays.isOwed(passage.id)) breaches.push(`raise ${commandId} before the disinfection is done`)
    const against = objectionsOn(view.control, keysOf(passage, observeTags(state, view)), view.now)
    const isDone = this.#sprays.isDone(passage.id)
    const objections =
      against === 'unknown' ? against : against.filter(({ code }) => !(isDone && code === disinfectCode))
    if (objections === 'unknown') breaches.push(`raise ${commandId} under unknown orders`)
    else if (objections.length > 0) breaches.push(`raise ${commandId} against ${objections[0]?.code ?? ''}`)
    return breaches
  }

  /** A person's command: with a reason, and never under an intercept that it does not name. */
  #checkException(
    commandId: string,
    right: string,
    { passage, ...rest }: LaneState,
    view: LaneView,
  ): string[] {
    const release = this.#exceptions.get(right)
    if (release === undefined) return [`raise ${commandId} by hand without a recorded reason`]
    if (!passage) return [`raise ${commandId} without a passage`]
    const keys = keysOf(passage, observeTags({ passage, ...rest }, view))
    const against = objectionsOn(view.control, keys, view.now)
    const unnamed = against === 'unknown' ? [] : against.flatMap(({ orderIds }) => orderIds)
    return unnamed.every((id) => release.includes(id)) ? [] : [`raise ${commandId} by hand against an order`]
  }

  /** A record that is durable now, in its order. */
  #durable(record: LaneRecord): string[] {
    const { type, body, passageId } = record
    switch (type) {
      case 'passageOpened':
        return this.#opened(passageId, body)
      case 'passageEnded':
        return this.#ended(record)
      case 'decided': {
        const decision = body['decision'] as { outcome?: Outcome } | undefined
        const outcome = decision?.outcome
        if (isHeld(outcome) && outcome !== 'disinfect') this.#held.add(passageId ?? '')
        return []
      }
      case 'barrierIntent':
        return this.#intended(passageId, body)
      case 'barrierOutcome': {
        const outcome = text(body, 'outcome')
        if (outcome === 'accepted' || outcome === 'unknown') this.#passing.add(passageId ?? '')
        if (outcome === 'withdrawn') this.#withdrawn.add(text(body, 'commandId'))
        return []
      }
      case 'verdictJudged':
        return this.#verdict(body)
      case 'manualRelease':
        if (text(body, 'reason').trim() !== '')
          this.#exceptions.set(`command ${text(body, 'commandId')}`, body['orderIds'] as string[])
        return []
      case 'escalationOpened':
        this.#openEscalation = text(body, 'escalationId')
        return []
      case 'escalationClosed': {
        const closed = text(body, 'escalationId')
        const wrong = this.#openEscalation !== closed
        this.#openEscalation = null
        return wrong ? [`escalation ${closed} closed, which was not open`] : []
      }
      default:
        return []
    }
  }

  #opened(passageId: string | null, body: Body): string[] {
    const breaches: string[] = []
    if (this.#open !== null) breaches.push(`passage ${String(passageId)} opened while ${this.#open} is open`)
    const no = Number(body['passageNo'])
    if (no <= this.#lastNo) breaches.push(`passage number ${no} after ${this.#lastNo}`)
    this.#lastNo = Math.max(no, this.#lastNo)
    this.#open = passageId
    return breaches
  }

  #ended({ passageId, body, captured }: LaneRecord): string[] {
    const breaches: string[] = []
    if (passageId !== this.#open) breaches.push(`passage ${String(passageId)} ended and was not open`)
    this.#open = null
    if (this.#openEscalation !== null) breaches.push(`passage ended with ${this.#openEscalation} open`)
    const cleared = text(body, 'how') === 'cleared'
    if (cleared && captured === 'auto' && !this.#passing.has(passageId ?? ''))
      breaches.push(`passage ${String(passageId)} cleared without a raise for it`)
    return breaches
  }

  #intended(passageId: string | null, body: Body): string[] {
    const commandId = text(body, 'commandId')
    const right = body['right'] as Readonly<Record<string, unknown>>
    const name = nameOfRight(right, passageId)
    const breaches = this.#intents.has(commandId) ? [`intent ${commandId} twice`] : []
    this.#intents.set(commandId, { passageId: passageId ?? '', right: name })
    if (right['by'] === 'verdict' && !this.#accepted.has(text(right, 'verdictId')))
      breaches.push(`intent ${commandId} by a verdict that was not accepted`)
    return breaches
  }

  #verdict(body: Body): string[] {
    if (text(body, 'result') !== 'accepted') return []
    const verdictId = text(body, 'verdictId')
    const breaches: string[] = []
    if (this.#accepted.has(verdictId)) breaches.push(`verdict ${verdictId} accepted twice`)
    this.#accepted.add(verdictId)
    if (text(body, 'escalationId') !== this.#openEscalation)
      breaches.push(`verdict ${verdictId} accepted for an escalation that is not open`)
    return breaches
  }
}

/** One emergency opening is a right for each vehicle, and for each request for it. */
function nameOfRight(right: Body, passageId: string | null): string {
  const by = text(right, 'by')
  if (by === 'emergency') return `${by} ${text(right, 'commandId')} ${passageId ?? ''} ${String(right['no'])}`
  return `${by} ${text(right, 'decisionId')}${text(right, 'verdictId')}${text(right, 'commandId')}`
}

/** Which right may raise in which mode. */
function checkMode(commandId: string, right: string, { mode, emergency }: LaneState): string[] {
  const judging = ['AUTO', 'ATTENDED', 'SHADOW'].includes(mode)
  const isEmergency = mode === 'EMERGENCY_OPEN' && emergency !== null
  const allowed = right.startsWith('command')
    ? mode === 'MANUAL'
    : right.startsWith('emergency')
      ? isEmergency
      : judging
  return allowed ? [] : [`raise ${commandId} by ${right} in mode ${mode}`]
}

function recordsOf(stepped: Stepped): LaneRecord[] {
  return stepped.effects.flatMap((effect) => (effect.do === 'record' ? [effect.record] : []))
}

/** Records first; a raise never in the step that records. */
function checkOrder({ effects }: Stepped): string[] {
  const last = effects.findLastIndex((effect) => effect.do === 'record')
  const other = effects.findIndex((effect) => effect.do !== 'record')
  const breaches = other >= 0 && other < last ? ['an effect before a record'] : []
  if (last >= 0 && effects.some((effect) => effect.do === 'raise' || effect.do === 'spray'))
    breaches.push('a raise or spray in a step that records')
  return breaches
}

function checkBodies(records: readonly LaneRecord[]): string[] {
  return records.flatMap(({ type, body }) => {
    if (!Object.hasOwn(eventBodies, type)) return [`a record of the unknown type ${type}`]
    const parsed = eventBodies[type as EventType].safeParse(body)
    return parsed.success
      ? []
      : [`${type}: ${parsed.error.issues.map((issue) => issue.path.join('.')).join()}`]
  })
}

function checkBounds(state: LaneState, view: LaneView): string[] {
  const { passage } = state
  const { sampleTagsMax } = view.settings.decision
  const sizes: [string, number, number][] = [
    ['usedIds', state.usedIds.length, usedIdsMax],
    ['approachPlates', state.approachPlates.length, approachPlatesMax],
    ['tags', state.tracks.tags.length, sampleTagsMax],
    ['faults', state.faults.length, 16],
    ['epcs', passage?.epcs.length ?? 0, 2 * sampleTagsMax],
    ['plates', passage?.plates.length ?? 0, platesMax],
    ['sprays', passage?.sprays ?? 0, 3 * decisionsMax],
    ['decisions', passage?.decisions ?? 0, 3 * decisionsMax],
    ['reported', passage?.reported.length ?? 0, 64],
  ]
  const breaches = sizes.filter(([, size, max]) => size > max).map(([name, size]) => `${size} ${name}`)
  if (state.before !== null && state.before.before !== null) breaches.push('a state before the state before')
  if (new Set(state.faults).size !== state.faults.length) breaches.push('a fault raised twice')
  return breaches
}

/** After a tick nothing may still be due, or the lane's timer would spin. */
function checkDeadline(state: LaneState, view: LaneView): string[] {
  const next = nextDeadlineOf(state, view.settings)
  return next !== null && next <= view.now.monoMs ? [`still due at ${next} after a tick`] : []
}

function text(body: Body, key: string): string {
  const value = body[key]
  return typeof value === 'string' ? value : ''
}
