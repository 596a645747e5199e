import type { SeededRandom } from '../../base/random.js'
import {
  unknownSignals,
  unknownSprayer,
  type LaneSignals,
  type SprayerSignals,
} from '../../interfaces/barrier.js'
import type { ControlOrder } from '../../messages/entities.js'
import { ExampleLane } from './example-lane.js'
import { intercept } from './example-modes.js'

export function interceptOf(key: string): ControlOrder {
  return intercept({ orderId: `O-${key}`, subject: { kind: 'TAG', key } })
}

export function spraysOf(lane: ExampleLane): string[] {
  return lane.done.flatMap((effect) => (effect.do === 'spray' ? [effect.command.commandId] : []))
}

export function disinfect(key: string): ControlOrder {
  return { ...interceptOf(key), orderId: `D-${key}`, action: 'DISINFECT' }
}

/** A vehicle as it really is. */
interface Truth {
  readonly epc: string
  readonly vehicleId: string
  heard: boolean
  sprayed: boolean
}

/** A small world that is honest: vehicles, loops, a bar that takes time, a PLC that judges requests. */
export class World {
  readonly lane = ExampleLane.started()
  onEntry: Truth | null = null
  onExit: Truth | null = null
  linked = true
  acceptedByRight = new Map<string, number>()
  readonly wrong: string[] = []
  readonly log: string[] = []
  #arrivals = 0
  #waiting: { readonly commandId: string; readonly validUntilTick: number }[] = []
  #raisesSeen = 0
  #spraysSeen = 0
  #sprays: { readonly commandId: string; readonly validUntilTick: number }[] = []
  #spraying: { readonly commandId: string; readonly whom: Truth } | null = null
  #real: LaneSignals

  constructor(readonly random: SeededRandom) {
    this.#real = { ...this.lane.signals, sprayer: { ...unknownSprayer, state: 'ready', peopleClear: true } }
    this.show()
  }

  change(change: Partial<LaneSignals>): void {
    const before = this.#real
    const rose = (a: string, b: string | undefined) => (a === 'clear' && b === 'occupied' ? 1 : 0)
    this.#real = {
      ...before,
      plcTick: (before.plcTick ?? 0) + 1,
      entryCount: (before.entryCount ?? 0) + rose(before.entryLoop, change.entryLoop),
      exitCount: (before.exitCount ?? 0) + rose(before.exitLoop, change.exitLoop),
      ...change,
    }
    this.show()
  }

  show(): void {
    this.lane.signals = this.linked ? this.#real : { ...unknownSignals, sprayer: unknownSprayer }
    this.lane.deliver({ on: 'signals', signals: this.lane.signals })
    this.collect()
  }

  /** Requests that the lane has made since the last look, against the truth of that moment. */
  collect(): void {
    const sprays = spraysOf(this.lane)
    for (const commandId of sprays.slice(this.#spraysSeen)) {
      this.#spraysSeen += 1
      this.#sprays.push({ commandId, validUntilTick: (this.#real.plcTick ?? 0) + 10 })
    }
    for (const { commandId } of this.lane.raises.slice(this.#raisesSeen)) {
      this.#raisesSeen += 1
      this.#waiting.push({ commandId, validUntilTick: (this.#real.plcTick ?? 0) + 10 })
      const intent = this.lane.of('barrierIntent').find((one) => one.body['commandId'] === commandId)
      const right = intent?.body['right'] as { by: string; decisionId?: string } | undefined
      if (right?.by !== 'decision') continue
      const decided = this.lane.of('decided').find((one) => one.body['decisionId'] === right.decisionId)
      const { vehicleId } = decided?.body['decision'] as { vehicleId: string | null }
      if (vehicleId !== this.onEntry?.vehicleId)
        this.wrong.push(
          `released ${String(vehicleId)}, but ${this.onEntry?.vehicleId ?? 'nobody'} stands there`,
        )
      const listed = this.lane.control.ordersOn([{ kind: 'TAG', key: this.onEntry?.epc ?? '' }])
      const against =
        listed === 'unknown'
          ? listed
          : listed.filter((order) => order.action !== 'DISINFECT' || this.onEntry?.sprayed !== true)
      if (against === 'unknown' || against.length > 0)
        this.wrong.push(`released ${vehicleId ?? ''} under an order`)
    }
  }

  sprayer(change: Partial<SprayerSignals>): void {
    this.change({ sprayer: { ...unknownSprayer, ...this.#real.sprayer, ...change } })
  }

  /** The PLC does something about the sprayer: begins, ends, breaks off. */
  spray(): void {
    if (this.#spraying) {
      const { commandId, whom } = this.#spraying
      const here = whom === this.onEntry
      this.#spraying = null
      if (!here || this.random.chance(0.3))
        return this.sprayer({
          state: 'ready',
          failedCommandId: commandId,
          failedWhy: here ? 'people' : 'noVehicle',
        })
      whom.sprayed = true
      return this.sprayer({ state: 'done', doneCommandId: commandId, sprayedSeconds: 30 })
    }
    const request = this.#sprays.shift()
    if (request === undefined) return
    const { commandId, validUntilTick } = request
    const fate = this.random.int(0, 9)
    if (fate === 0) return this.tell(commandId, this.random.pick(['notSent', 'unknown']))
    const why = (this.#real.plcTick ?? 0) > validUntilTick ? 'expired' : this.onEntry ? null : 'noVehicle'
    if (why !== null || fate === 1) {
      this.sprayer({ refusedCommandId: commandId, refusedWhy: why ?? 'people' })
      return this.tell(commandId, 'sent')
    }
    if (this.onEntry) this.#spraying = { commandId, whom: this.onEntry }
    this.sprayer({ state: 'running', acceptedCommandId: commandId })
    this.tell(commandId, this.random.pick(['sent', 'unknown']))
  }

  /** The PLC or the line does something about the oldest request. */
  serve(): void {
    const request = this.#waiting.shift()
    if (request === undefined) return
    const { commandId, validUntilTick } = request
    if ((this.#real.plcTick ?? 0) > validUntilTick) {
      this.change({ refusedCommandId: commandId, refusedWhy: 'expired' })
      return this.tell(commandId, 'sent')
    }
    const fate = this.random.int(0, 9)
    if (fate <= 1) return this.tell(commandId, fate === 0 ? 'notSent' : 'unknown')
    if (fate === 2) {
      this.change({
        refusedCommandId: commandId,
        refusedWhy: this.random.pick(['expired', 'watchdog', 'blocked']),
      })
      return this.tell(commandId, 'sent')
    }
    const right = JSON.stringify(
      this.lane.of('barrierIntent').find((one) => one.body['commandId'] === commandId)?.body['right'],
    )
    const times = (this.acceptedByRight.get(right) ?? 0) + 1
    this.acceptedByRight.set(right, times)
    if (times > 1) this.wrong.push(`${right} accepted ${times} times`)
    if (this.random.chance(0.5)) this.tell(commandId, this.random.pick(['sent', 'unknown']))
    this.change({ acceptedCommandId: commandId })
    this.tell(commandId, 'sent')
    this.change({ barrier: 'moving' })
    if (this.random.chance(0.9)) this.change({ barrier: 'raised' })
  }

  tell(commandId: string, is: 'sent' | 'notSent' | 'unknown'): void {
    this.lane.deliver({ on: 'raiseAnswered', commandId, outcome: { is, detail: '' } })
    this.collect()
  }

  arrive(): void {
    if (this.onEntry) return
    const n = (this.#arrivals++ % 9) + 1
    this.onEntry = { epc: `E${n}`, vehicleId: `V${n}`, heard: false, sprayed: false }
    this.change({ entryLoop: 'occupied' })
  }

  hear(): void {
    if (!this.onEntry) return
    this.onEntry.heard = true
    this.lane.hear(this.onEntry.epc)
    this.collect()
  }

  drive(): void {
    if (this.onExit) {
      this.onExit = null
      this.change({ exitLoop: 'clear' })
      return
    }
    const up = this.#real.barrier === 'raised'
    if (!this.onEntry || (!up && this.random.chance(0.95))) return
    this.onExit = this.onEntry
    this.change({ exitLoop: 'occupied' })
    this.onEntry = null
    this.change({ entryLoop: 'clear' })
  }

  backOut(): void {
    if (!this.onEntry || this.onExit) return
    this.onEntry = null
    this.change({ entryLoop: 'clear' })
    this.pass(1_500)
  }

  lower(): void {
    if (this.#real.barrier !== 'lowered' && !this.onExit) this.change({ barrier: 'lowered' })
  }

  restartPlc(): void {
    this.#waiting = []
    this.#sprays = []
    this.#spraying = null
    const sprayer = { ...unknownSprayer, state: 'ready', peopleClear: true } as const
    const boots = Number(this.#real.plcBootId?.split('-')[1] ?? 0) + 1
    this.change({
      plcBootId: `plc-${boots}`,
      plcTick: 0,
      entryCount: 0,
      exitCount: 0,
      sprayer,
      acceptedCommandId: null,
      refusedCommandId: null,
      refusedWhy: null,
    })
  }

  get isToDisinfect(): boolean {
    return this.lane.state.passage?.judged?.outcome === 'disinfect'
  }

  kill(): void {
    this.lane.restart()
    this.show()
  }

  pass(ms: number): void {
    this.lane.pass(ms)
    this.#real = { ...this.#real, plcTick: (this.#real.plcTick ?? 0) + Math.ceil(ms / 100) }
    this.show()
  }

  mend(): void {
    this.linked = true
    this.lane.devices = { 'reader-1': true }
    this.lane.control.replaceOrders([])
    this.lane.writable = true
    this.show()
    this.lane.deliver({ on: 'recordable' })
    this.collect()
  }
}

const everyone = Array.from({ length: 9 }, (_, i) => `E${i + 1}`)

const acts: [number, (world: World) => void][] = [
  [20, (world) => world.arrive()],
  [30, (world) => world.hear()],
  [30, (world) => world.pass(world.random.int(1, 1_500))],
  [25, (world) => world.serve()],
  [30, (world) => world.drive()],
  [12, (world) => world.lower()],
  [4, (world) => world.backOut()],
  [2, (world) => world.restartPlc()],
  [3, (world) => world.kill()],
  [3, (world) => void ((world.linked = !world.linked), world.show())],
  [2, (world) => void (world.lane.writable = !world.lane.writable)],
  [3, (world) => void (world.lane.writable && world.lane.deliver({ on: 'recordable' }))],
  [4, (world) => world.lane.control.replaceOrders([interceptOf(`E${world.random.int(1, 9)}`)])],
  [10, (world) => world.lane.control.replaceOrders(world.random.chance(0.35) ? [] : everyone.map(disinfect))],
  [40, (world) => world.spray()],
  [2, (world) => world.sprayer({ peopleClear: world.random.pick([true, true, false, 'unknown']) })],
  [2, (world) => world.lane.deliver({ on: 'listsSwitched' })],
  [
    3,
    (world) =>
      world.lane.order({ do: 'setMode', mode: world.random.pick(['AUTO', 'AUTO', 'AUTO', 'ATTENDED']) }),
  ],
  [2, (world) => void (world.lane.devices = { 'reader-1': world.random.pick([true, false, 'unknown']) })],
  [
    10,
    (world) =>
      world.lane.answer(
        world.random.pick(['release', 'release', 'hold', 'return']),
        world.random.chance(world.isToDisinfect ? 0.3 : 0.7)
          ? {
              reason: 'seen',
              orderIds: world.lane
                .of('escalationOpened')
                .flatMap((one) => one.body['interceptOrderIds'] as string[]),
            }
          : world.random.chance(0.3)
            ? { verdictId: 'always-the-same' }
            : {},
        world.random.chance(0.1),
      ),
  ],
]
const allWeights = acts.reduce((sum, [weight]) => sum + weight, 0)

export function act(world: World): void {
  let at = world.random.int(1, allWeights)
  for (const [weight, run] of acts) {
    at -= weight
    if (at <= 0) {
      const mark = world.lane.journal.length
      run(world)
      world.log.push(
        `${run.toString().slice(11, 60)} -> ${world.lane.at} ${world.lane.nowMs} ${world.lane.story(mark)} ${world.onEntry?.epc ?? '-'} ${world.onExit?.epc ?? '-'}`,
      )
      break
    }
  }
  world.collect()
}
