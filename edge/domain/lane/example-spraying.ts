import { unknownSprayer, type SprayerSignals } from '../../interfaces/barrier.js'
import type { ControlOrder } from '../../messages/entities.js'
import { ExampleLane, exampleSettings } from './example-lane.js'
import type { LaneSettings } from './types.js'

export const ready: SprayerSignals = { ...unknownSprayer, state: 'ready', peopleClear: true }

/** An order to disinfect whoever carries tag E1. */
export const disinfect: ControlOrder = {
  kind: 'order',
  orderId: 'D1',
  agency: 'IQ',
  subject: { kind: 'TAG', key: 'E1' },
  action: 'DISINFECT',
  nature: 'OPEN',
  level: 2,
  reason: '',
  validFrom: 0,
  maxHits: 0,
  issuedBy: 'chen',
}

export const settings: LaneSettings = {
  ...exampleSettings,
  disinfection: {
    minSeconds: 30,
    peopleClearWithinMs: 20_000,
    finishWithinMs: 15_000,
    feePerTeuFen: 2_000,
    feePerVehicleFen: 1_500,
  },
}

/** A lane with a sprayer, and an order to disinfect vehicle 1 at its line. */
export class Spraying extends ExampleLane {
  static at(change: Partial<SprayerSignals> = {}, given: LaneSettings = settings): Spraying {
    const lane = new Spraying(given)
    lane.control.replaceOrders([disinfect])
    lane.start()
    lane.sense({ sprayer: { ...ready, ...change } })
    lane.arrive('E1')
    return lane
  }

  get sprays(): { readonly commandId: string; readonly minSeconds: number }[] {
    return this.done.flatMap((effect) => (effect.do === 'spray' ? [effect.command] : []))
  }

  get shown(): string {
    const guide = this.done.findLast((effect) => effect.do === 'guide')
    return guide?.do === 'guide' ? `${guide.light} ${guide.prompt}` : ''
  }

  sprayer(change: Partial<SprayerSignals>): void {
    this.sense({ sprayer: { ...ready, ...this.signals.sprayer, ...change } })
  }

  /** The PLC takes the newest request and is at it. */
  sprayStarts(): string {
    const commandId = this.sprays.at(-1)?.commandId ?? ''
    this.deliver({ on: 'raiseAnswered', commandId, outcome: { is: 'sent', detail: 'written' } })
    this.sprayer({ state: 'running', acceptedCommandId: commandId, sprayedSeconds: 0 })
    return commandId
  }

  sprayEnds(): void {
    const commandId = this.sprays.at(-1)?.commandId ?? ''
    this.sprayer({ state: 'done', doneCommandId: commandId, sprayedSeconds: 30 })
  }
}
