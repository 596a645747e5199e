import type { ControlOrder } from '../../messages/entities.js'
import { effectOf } from '../lists/control.js'
import { strengthOf } from './decide.js'
import type { DecidedBody } from './replay.js'
import type { Decision, DecisionInputs, Reason } from './types.js'

const secretCode = 'CTL-02S'
const drawnCode = 'RND-01'
const drawnRow = 26

/**
 * The record as somebody may see it who has no right to secret orders (domain.md 5.3): a secret order,
 * whatever it asks for, becomes the random draw that it looks like, in facts, reasons and in what a release
 * still needs; an order that only notifies was never there.
 */
export function withoutSecrets({ decision, inputs }: DecidedBody): DecidedBody {
  const secret = decision.reasons.filter((reason) => reason.code === secretCode)
  const drawnAs = drawNameOf(secret, decision.reasons)
  return {
    decision: { ...withoutSecretReasons(decision, drawnAs), silentAlerts: [] },
    inputs: withoutSecretFacts(inputs, drawnAs),
  }
}

/** The primary reason of a decision as somebody may see it who has no right to secret orders. */
export function primaryWithoutSecrets(decision: Decision): string {
  const secret = decision.reasons.filter((reason) => reason.code === secretCode)
  return withoutSecretReasons(decision, drawNameOf(secret, decision.reasons)).primary
}

/** The number that stands for the draw: those of the orders, which the officer has to type anyway; null: none. */
function drawNameOf(secret: readonly Reason[], all: readonly Reason[]): string | null {
  if (secret.length === 0) return null
  const drawn = all.find((reason) => reason.code === drawnCode)?.evidence['draw']
  const names = secret.flatMap((reason) => (reason.evidence['orders'] ?? '').split(','))
  return [...names, ...(drawn === undefined ? [] : [drawn])].filter((name) => name !== '').join(',')
}

function withoutSecretReasons(decision: Decision, drawnAs: string | null): Decision {
  if (drawnAs === null) return decision
  // Whoever was drawn has a stored draw: nobody says of it that it cannot be told.
  const others = decision.reasons.filter(
    (reason) => reason.code !== secretCode && reason.row !== drawnRow && reason.code !== drawnCode,
  )
  const drawn: Reason = {
    row: drawnRow,
    code: drawnCode,
    outcome: 'hold',
    safety: false,
    evidence: { draw: drawnAs },
  }
  const reasons = [...others, drawn].sort((a, b) => a.row - b.row || strengthOf(b) - strengthOf(a))
  const top = Math.max(...reasons.map(strengthOf))
  const primary = reasons.find((reason) => strengthOf(reason) === top)?.code ?? decision.primary
  return { ...decision, reasons, primary }
}

function withoutSecretFacts(inputs: DecisionInputs, drawnAs: string | null): DecisionInputs {
  // How many more orders there were would tell of secret ones.
  const { ordersLeftOut: _ordersLeftOut, ...facts } = inputs.facts
  const orders = facts.orders === 'unknown' ? facts.orders : facts.orders.flatMap(shownOrder)
  if (drawnAs === null || facts.cargo === undefined) return { ...inputs, facts: { ...facts, orders } }
  const { trip, draw } = facts.cargo
  const known = draw === null || draw === 'unknown' ? null : draw
  const tripId = known?.tripId ?? (trip === null || trip === 'unknown' ? '' : trip.tripId)
  const cargo = {
    ...facts.cargo,
    draw: { kind: 'draw', tripId, drawId: drawnAs, selected: true } as const,
  }
  return { ...inputs, facts: { ...facts, orders, cargo } }
}

/** As an order may be shown; an empty list: not at all. */
function shownOrder(order: ControlOrder): ControlOrder[] {
  const { code, effect } = effectOf(order)
  if (effect === 'silent' || code === secretCode) return []
  return [{ ...order, nature: 'OPEN' }]
}
