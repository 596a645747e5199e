import type { ControlOrder } from '../../edge/messages/entities.js'
import type { LiftReason } from '../../edge/messages/trust/lift.js'

/** Where an order stands on its way (domain.md 5.2). EXPIRED: its own validity is over, or its hits are used up. */
export const orderStates = [
  'PENDING_APPROVAL',
  'ACTIVE',
  'LIFT_ASKED',
  'LIFTED',
  'EXPIRED',
  'REJECTED',
] as const
export type OrderState = (typeof orderStates)[number]

/**
 * What is done with an order. `withdrawn`: by who placed it, before anybody approved it; `usedUp`: it hit as many
 * passages as it was placed for; `…Again`: steps of a lift that two people answer for once more (lists/lifts.ts).
 */
export const orderSteps = [
  'placed',
  'approved',
  'rejected',
  'withdrawn',
  'liftAsked',
  'liftSigned',
  'liftWithdrawn',
  'lifted',
  'liftAskedAgain',
  'liftWithdrawnAgain',
  'liftedAgain',
  'expired',
  'usedUp',
] as const

export interface OrderStep {
  /** UTC ms. */
  readonly at: number
  readonly by: string
  readonly did: (typeof orderSteps)[number]
  readonly why: string
  readonly before: OrderState | null
  readonly after: OrderState
}

/** A lift that was asked for. `by`: who answers for it, with the signature where lists are signed. */
export interface AskedLift {
  readonly at: number
  readonly reason: LiftReason
  readonly by: readonly {
    readonly person: string
    readonly keyId: string | null
    readonly signature: string | null
  }[]
}

/** An order with everything that people did with it. */
export interface OrderRecord {
  readonly order: ControlOrder
  readonly state: OrderState
  readonly placedBy: string
  readonly lift: AskedLift | null
  readonly steps: readonly OrderStep[]
}

/** Who asked for the lift that is asked for, or was last. */
export function liftAskedBy({ steps }: Pick<OrderRecord, 'steps'>): string | undefined {
  return steps.findLast(({ did }) => did === 'liftAsked')?.by
}

/**
 * The record of an order that is no longer in force, after a step of the lift of what stands in the list under its
 * number: a lift that has lost a signature is done again, and an order may have come again by a file.
 */
export function steppedAgain(
  record: OrderRecord,
  step: Pick<OrderStep, 'at' | 'by' | 'why'> & { readonly did: `${string}Again` & OrderStep['did'] },
): OrderRecord {
  return stepped(record, record.state, step)
}

/** Two pairs of eyes for what stops a vehicle at a high level, and for what nobody may see (domain.md 5.3). */
export function needsFourEyes({ level, nature }: Pick<ControlOrder, 'level' | 'nature'>): boolean {
  return level <= 2 || nature === 'SECRET'
}

export function placed(order: ControlOrder, by: string, atMs: number): OrderRecord {
  const state: OrderState = needsFourEyes(order) ? 'PENDING_APPROVAL' : 'ACTIVE'
  const step: OrderStep = { at: atMs, by, did: 'placed', why: order.reason, before: null, after: state }
  return { order, state, placedBy: by, lift: null, steps: [step] }
}

/** The record after a step; the caller has judged that the step may be made. */
export function stepped(
  record: OrderRecord,
  after: OrderState,
  step: Pick<OrderStep, 'at' | 'by' | 'did' | 'why'>,
  lift: AskedLift | null = record.lift,
): OrderRecord {
  return { ...record, state: after, lift, steps: [...record.steps, { ...step, before: record.state, after }] }
}

/** Whether an order of the list is held against vehicles at this time. */
export function isHolding({ lift, validTo }: ControlOrder, nowMs: number): boolean {
  return lift === undefined && (validTo === undefined || nowMs <= validTo)
}
