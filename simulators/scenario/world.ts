import type { FaultChange } from '../../edge/base/fault.js'
import type { Light } from '../../edge/interfaces/barrier.js'
import type { ListEntry, ListName } from '../../edge/messages/entities.js'
import type { Sensed } from '../../edge/messages/sensed.js'
import type { VehicleSpec } from '../vehicle/vehicle.js'
import type { Act } from '../vehicle/driver.js'
import type { Findable } from './conditions.js'
import type { Deed } from './format.js'

/** Something that came to pass in a world; what expectations look at. Times count from the scenario's start. */
export type Observed = { readonly atMs: number; readonly lane: number | null } & (
  | {
      /** An event is durable in the edge's journal (or, in a real world, has reached whoever watches). */
      readonly is: 'event'
      readonly type: string
      readonly passageId: string | null
      readonly body: Readonly<Record<string, unknown>>
    }
  /** Ground truth of the barrier. */
  | { readonly is: 'arm'; readonly position: 'raised' | 'lowered' | 'moving' }
  | { readonly is: 'raiseAccepted'; readonly commandId: string }
  | { readonly is: 'fault'; readonly change: FaultChange }
  /** What the driver is shown, with the key of the catalogue where the world knows it. */
  | { readonly is: 'guidance'; readonly light: Light; readonly prompt: string | null; readonly text: string }
  /** The gateway did not take what a person asked for; `why` as its API names it. */
  | { readonly is: 'refusedAtGateway'; readonly why: string }
  | { readonly is: 'left'; readonly vehicleId: string; readonly how: 'through' | 'backwards' }
)

type DeedOf<Word extends Deed['is']> = Extract<Deed, { is: Word }>
/** A fault line as a world gets it. */
export type Breaking = Pick<DeedOf<'break'>, 'break' | 'lane' | 'how' | 'much'>
export type OperatorAnswer = Omit<DeedOf<'operator'>, 'is'>
export type GivenCommand = Omit<DeedOf<'command'>, 'is'>
export type InjectedRead = Omit<DeedOf<'tag'>, 'is'>
/** What a device of a lane finds, without any vehicle of the scenario. */
export interface InjectedFinding {
  readonly lane: number
  readonly sensed: Sensed
}
export type GivenRuleset = Omit<DeedOf<'ruleset'>, 'is'>
export type InjectedPlate = Omit<DeedOf<'plate'>, 'is'>

/**
 * The place where a scenario is played: lanes, an edge, a gateway, an operator. One world runs
 * in virtual time, another drives real processes over real protocols; a scenario file does not
 * know which. Lanes are numbered from 1, as in the file. A method that cannot do what is asked
 * rejects with a sentence that says why: the player reports it as a failed line.
 */
export interface World {
  readonly kind: 'virtual' | 'real'
  /**
   * What this world adds to the time that an expectation has, and how long after something came to pass
   * it may be told: machines that do other things as well are late. Virtual time is never late.
   */
  readonly slackMs: number
  /** UTC ms at which the scenario began, by the clock that the edge goes by; before it began, about now. */
  startMs(): number
  /** Milliseconds since the scenario began. */
  nowMs(): number
  /** Lets the world go on until that time; the first call, with 0, brings everything up before it. */
  goOnUntil(atMs: number): Promise<void>
  /** Calls the listener for everything that comes to pass, in order. Returns how to stop. */
  onObserved(listener: (observed: Observed) => void): () => void
  /** A vehicle comes into a lane and its driver does these acts. Waits in the road's queue if there is no room. */
  enter(lane: number, vehicle: VehicleSpec, acts: readonly Act[]): Promise<void>
  /** A reader of the lane reports a tag that no vehicle of the scenario carries. */
  hear(read: InjectedRead): Promise<void>
  see(plate: InjectedPlate): Promise<void>
  find(finding: InjectedFinding): Promise<void>
  /** Resolves when the fault is in effect; `mend` undoes it. */
  break(what: Breaking): Promise<void>
  mend(what: Pick<Breaking, 'break' | 'lane'>): Promise<void>
  /** Enters list content at the gateway; resolves when the gateway has taken it. */
  put(entry: ListEntry): Promise<void>
  remove(list: ListName, key: string): Promise<void>
  /** An officer unlocks a container; a refusal of the gateway comes to pass as `refusedAtGateway`. */
  unlock(container: string, reason: string): Promise<void>
  /** An operator answers the newest escalation of the lane, honestly or not (`as`). */
  answer(answer: OperatorAnswer): Promise<void>
  command(command: GivenCommand): Promise<void>
  /** Puts another ruleset in force, as it comes into force in the product: at the next start of the edge. */
  activate(ruleset: GivenRuleset): Promise<void>
  /** What somebody is told who asks; undefined: nothing yet, or this world does not know. */
  found(of: Findable, key: string): Promise<object | undefined>
  /** An entry as the gateway has it now; undefined: there is none, or nobody answers. */
  listed(list: ListName, key: string): Promise<ListEntry | undefined>
  /** True when every event of the journal is in the gateway's store, once and in order. */
  isEverythingAtGateway(): Promise<boolean>
  /** What the world itself found broken (its invariants); sentences, empty when all is well. */
  complaints(): readonly string[] | Promise<readonly string[]>
}
