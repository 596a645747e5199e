import type { LaneSignals } from '../../interfaces/barrier.js'
import type { Sensed } from '../../interfaces/reader.js'
import type { ContainerEntry } from '../../messages/cargo-entities.js'
import type { ControlOrder } from '../../messages/entities.js'
import { exampleBox, exampleDriver, exampleLaden, exampleTruck } from '../decision/cargo-examples.js'
import { noCargoFacts, type CargoFacts } from '../decision/cargo.js'
import { cargoProfiles } from '../decision/cargo-profiles.js'
import { ExampleLane, exampleSettings } from './example-lane.js'
import type { LaneView } from './types.js'

const known: CargoFacts = exampleLaden().facts.cargo ?? noCargoFacts
const findings: readonly Sensed[] = [
  { of: 'card', cardNo: 'K1' },
  { of: 'temperature', is: 'normal' },
  { of: 'radiation', is: 'normal' },
  { of: 'container', number: exampleBox, confidence: 0.98 },
  { of: 'seal', sealId: 'S1', status: 'CLOSED', openedAt: null, batteryLow: false },
  { of: 'weight', grossKg: 30_100, stable: true, onScale: true },
]

/** The container of the example, locked or open. */
export function box(lock: ContainerEntry['lock']): Partial<CargoFacts> {
  const entry = known.containers[exampleBox]
  if (entry === undefined || entry === null || entry === 'unknown') throw new Error('the example has its box')
  return { containers: { ...known.containers, [exampleBox]: { ...entry, lock } } }
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
    const lane = new ExampleLaden({ ...exampleSettings, profile: cargoProfiles.roadInLaden })
    lane.load = load
    lane.facts = (kind, key) => {
      if (key !== 'E1' && key !== 'P1') return { tag: null, vehicle: null }
      const tag = { kind: 'tag', epc: 'E1', state: 'ACTIVE', vehicleId: 'V1' } as const
      const vehicle = { ...exampleTruck, plates: [{ region: 'CN', text: 'P1' } as const] }
      return { tag: kind === 'tag' ? tag : null, vehicle }
    }
    lane.cargoFacts = (ask) =>
      ask.vehicleId === 'V1'
        ? { ...known, drivers: ask.driverCards.includes('K1') ? { K1: exampleDriver } : {}, ...lane.load }
        : noCargoFacts
    lane.control.replaceOrders(orders)
    lane.start()
    lane.sense(signals)
    lane.sense({ entryLoop: 'occupied' })
    lane.hear('E1')
    lane.hear('E1')
    lane.senseLoad(...findings)
    lane.pass(400)
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
