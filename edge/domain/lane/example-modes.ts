import type { Command } from '../../messages/down.js'
import type { ControlOrder } from '../../messages/entities.js'
import { ExampleLane, exampleSettings } from './example-lane.js'

export type SetMode = Extract<Command['what'], { do: 'setMode' }>

export const forMs = 30 * 60_000
export const evacuate = { do: 'setMode', mode: 'EMERGENCY_OPEN', confirmedBy: 'wang.fang', forMs } as const

export function inMode(mode: SetMode['mode'], settings = exampleSettings): ExampleLane {
  const lane = ExampleLane.started(settings)
  lane.order(mode === 'EMERGENCY_OPEN' ? evacuate : { do: 'setMode', mode }, { reason: 'fire in hall 2' })
  return lane
}

export function openByHand(lane: ExampleLane, reason = 'driver is ill', orderIds: string[] = []): void {
  const passageId = lane.state.passage?.id ?? 'none'
  lane.order({ do: 'manualRaise', passageId, orderIds }, { reason })
}

/** An order that stops whoever carries tag E1. */
export function intercept(change: Partial<ControlOrder> = {}): ControlOrder {
  return {
    kind: 'order',
    orderId: 'O-1',
    agency: 'IQ',
    subject: { kind: 'TAG', key: 'E1' },
    action: 'INTERCEPT',
    nature: 'OPEN',
    level: 2,
    reason: '',
    validFrom: 0,
    maxHits: 0,
    issuedBy: 'chen',
    ...change,
  }
}
