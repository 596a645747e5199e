import type { LaneSignals } from '../../interfaces/barrier.js'
import type { ContainerEntry } from '../../messages/cargo-entities.js'
import type { ControlOrder } from '../../messages/entities.js'
import { exampleBox } from '../decision/cargo-examples.js'
import type { CargoFacts } from '../decision/cargo.js'
import { ExampleLane } from './example-lane.js'
import { comeWithout, knownOfTruck, ladenSettings, withTruck } from './example-truck.js'
import type { LaneView } from './types.js'

/** The container of the example, locked or open. */
export function box(lock: ContainerEntry['lock']): Partial<CargoFacts> {
  const entry = knownOfTruck.containers[exampleBox]
  if (entry === undefined || entry === null || entry === 'unknown') throw new Error('the example has its box')
  return { containers: { ...knownOfTruck.containers, [exampleBox]: { ...entry, lock } } }
}

/** Truck V1 of the examples comes to a laden lane, with everything sensed: for tests. */
export class ExampleLaden extends ExampleLane {
  load: Partial<CargoFacts> = {}
  /** What happens while the intent is made durable. */
  beforeCommand: () => void = () => undefined

  override get view(): LaneView {
    if (this.state.passage?.phase.at === 'releasing') this.beforeCommand()
    return super.view
  }

  static come(
    load: Partial<CargoFacts>,
    orders: readonly ControlOrder[] = [],
    signals: Partial<LaneSignals> = {},
  ): ExampleLaden {
    const lane = new ExampleLaden(ladenSettings)
    lane.load = load
    withTruck(lane, () => lane.load)
    lane.control.replaceOrders(orders)
    lane.start()
    lane.sense(signals)
    comeWithout(lane)
    return lane
  }

  /** The gateway has changed its lists. */
  switched(load: Partial<CargoFacts>, orders: readonly ControlOrder[] | 'unknown' = []): void {
    this.load = load
    if (orders === 'unknown') this.control.forget('orders')
    else this.control.replaceOrders(orders)
    this.deliver({ on: 'listsSwitched' })
  }

  get newest(): Readonly<Record<string, unknown>> {
    return this.of('escalationOpened').at(-1)?.body ?? {}
  }
}

/** An order on it. */
export function order(change: Partial<ControlOrder> = {}): ControlOrder {
  return {
    kind: 'order',
    orderId: 'L1',
    agency: 'IQ',
    subject: { kind: 'CONTAINER', key: exampleBox },
    action: 'LOCK',
    nature: 'OPEN',
    level: 2,
    reason: '',
    validFrom: 0,
    maxHits: 0,
    issuedBy: 'chen',
    ...change,
  }
}
