import fc from 'fast-check'
import t from 'tap'
import { nothingSensed, type Sensed } from '../vehicle/geometry.js'
import { PlcLane, type PlcFailure } from './model.js'
import type { TruthEntry } from './truth.js'

const underTheBar: Sensed = { entryOccupied: false, exitOccupied: true, zoneOccupied: true }
const onTheExitLoop: Sensed = { entryOccupied: false, exitOccupied: true, zoneOccupied: false }

/** A lane whose edge is alive: its heartbeat comes every 200 ms as long as time is moved by `pass`. */
class Bench {
  readonly entries: TruthEntry[] = []
  readonly lane: PlcLane
  nowMs = 0
  beats = 0
  #ids = 0

  constructor(given: { armAngle?: number } = {}) {
    this.lane = new PlcLane({
      id: 'lane-1',
      bootId: 'boot-1',
      ...given,
      onTruth: (entry) => this.entries.push(entry),
    })
    this.lane.edgeHeartbeat((this.beats += 1), 0)
  }

  pass(forMs: number, sensed?: Sensed): void {
    this.lane.advance(this.nowMs, sensed)
    const untilMs = this.nowMs + forMs
    while (this.nowMs < untilMs) {
      this.nowMs = Math.min(untilMs, this.nowMs + 200)
      this.lane.edgeHeartbeat((this.beats += 1), this.nowMs)
    }
  }

  raise(changed: { commandId?: string; plcBootId?: string; validUntilTick?: number } = {}) {
    return this.lane.request(
      {
        commandId: `r${(this.#ids += 1)}`,
        plcBootId: this.lane.bootId,
        validUntilTick: this.lane.tick + 20,
        ...changed,
      },
      this.nowMs,
    )
  }

  get barrier() {
    return this.lane.image().barrier
  }
}

t.test('an accepted raise opens once: the bar goes up, a vehicle passes, the bar comes down', (t) => {
  const bench = new Bench()
  bench.pass(500, { ...nothingSensed, entryOccupied: true })
  t.match(bench.lane.image(), { entryLoop: 'occupied', entryCount: 1, barrier: 'lowered' })
  t.equal(bench.raise({ commandId: 'first' }), 'accepted')
  bench.pass(700)
  t.equal(bench.barrier, 'moving')
  t.equal(Math.round(bench.lane.armAngle), 45)
  bench.pass(700)
  t.equal(bench.barrier, 'raised')
  bench.pass(1_500, underTheBar)
  bench.pass(999, nothingSensed)
  t.equal(bench.barrier, 'raised', 'a second after the vehicle nothing has moved yet')
  bench.pass(2)
  t.ok(bench.lane.armAngle < 90, 'then it comes down')
  bench.pass(2_000)
  t.equal(bench.barrier, 'lowered')
  t.match(bench.lane.image(), { acceptedCommandId: 'first', acceptedCount: 1, exitCount: 1 })
  t.match(bench.lane.truth, {
    acceptedTotal: 1,
    vehiclesPassed: 1,
    loweredOnVehicle: 0,
    struckByVehicle: 0,
    minimumClearanceMs: 1_000,
  })
  t.same(
    bench.entries.map((entry) => entry.is),
    ['started', 'accepted', 'raised', 'enteredZone', 'leftZone', 'startsLowering', 'lowered'],
  )
  t.end()
})

t.test('a raise that nobody uses ends by itself, and a raise for a second vehicle keeps the bar up', (t) => {
  const bench = new Bench()
  bench.raise()
  bench.pass(29_900)
  t.equal(bench.barrier, 'raised')
  bench.pass(2_000)
  t.equal(bench.barrier, 'lowered', 'nobody came')
  bench.raise()
  bench.pass(1_500)
  bench.raise()
  bench.pass(1_000, underTheBar)
  bench.pass(5_000, nothingSensed)
  t.equal(bench.barrier, 'raised', 'the second vehicle has not passed')
  bench.pass(1_000, underTheBar)
  bench.pass(3_000, nothingSensed)
  t.equal(bench.barrier, 'lowered')
  t.end()
})

t.test('the PLC refuses what its own ticks, boot and memory speak against, and says why', (t) => {
  const bench = new Bench()
  bench.pass(5_000)
  const rows: readonly [string, string, string][] = [
    ['a lease that has run out', `raise;a;boot-1;49`, 'expired'],
    ['a lease that reaches too far', `raise;a;boot-1;151`, 'tooFarAhead'],
    ['a command for an earlier boot', `raise;a;boot-0;60`, 'otherBoot'],
    ['a word that is not raise', `lower;a;boot-1;60`, 'malformed'],
    ['too few parts', `raise;a;boot-1`, 'malformed'],
    ['too many parts', `raise;a;boot-1;60;1`, 'malformed'],
    ['a tick that is no number', `raise;a;boot-1;6e1`, 'malformed'],
    ['an empty id', `raise;;boot-1;60`, 'malformed'],
    ['an endless line', `raise;${'a'.repeat(300)};boot-1;60`, 'malformed'],
    ['nothing at all', '', 'malformed'],
  ]
  for (const [name, raw, why] of rows) {
    t.same(bench.lane.request(raw, bench.nowMs), { refused: why }, name)
    t.equal(bench.lane.image().refusedWhy, why)
    t.equal(bench.barrier, 'lowered')
  }
  t.equal(bench.lane.request('raise;a;boot-1;50', bench.nowMs), 'accepted', 'the last tick still counts')
  t.same(bench.lane.request('raise;a;boot-1;50', bench.nowMs), { refused: 'used' }, 'but once')
  t.match(bench.lane.image(), {
    acceptedCommandId: 'a',
    acceptedCount: 1,
    refusedCommandId: 'a',
    refusedWhy: 'used',
  })
  t.end()
})

t.test('without the heartbeat of an edge the watchdog trips and nothing is raised any more', (t) => {
  const bench = new Bench()
  const fresh = new PlcLane({ id: 'lane-2', bootId: 'b' })
  t.equal(fresh.image().watchdogTripped, true, 'a PLC that never heard an edge trusts none')
  bench.lane.guide({ light: 'green', text: 'go', voice: 3 }, 0)
  bench.lane.advance(1_999)
  t.equal(bench.lane.image().watchdogTripped, false)
  t.equal(bench.lane.image().lightGreen, true)
  bench.lane.advance(2_000)
  t.match(bench.lane.image(), { watchdogTripped: true, lightGreen: false, lightRed: true, ledText: '' })
  bench.nowMs = 2_000
  t.same(bench.raise(), { refused: 'watchdog' })
  bench.lane.edgeHeartbeat(bench.beats, 2_000)
  t.same(bench.raise(), { refused: 'watchdog' }, 'a counter that stands still is no heartbeat')
  bench.lane.edgeHeartbeat((bench.beats += 1), 2_000)
  t.equal(bench.raise(), 'accepted')
  t.end()
})

t.test('an edge that dies while the bar is up does not hinder the PLC from lowering it', (t) => {
  const bench = new Bench()
  bench.raise()
  bench.pass(2_000)
  bench.lane.advance(3_000, underTheBar)
  bench.lane.advance(4_000, nothingSensed)
  bench.lane.advance(8_000)
  t.equal(bench.lane.image().watchdogTripped, true)
  t.equal(bench.barrier, 'lowered')
  t.end()
})

t.test('a vehicle that drives in below a lowering bar turns it round at once', (t) => {
  const bench = new Bench()
  bench.raise()
  bench.pass(2_000)
  bench.pass(1_000, underTheBar)
  bench.pass(1_700, nothingSensed)
  const angle = bench.lane.armAngle
  t.ok(angle < 60 && angle > 40, `on its way down, at ${angle}`)
  bench.pass(100, onTheExitLoop)
  t.ok(bench.lane.armAngle > angle - 5, 'it ran on a little and turned round')
  bench.pass(2_000)
  t.equal(bench.barrier, 'raised')
  t.equal(bench.lane.truth.loweredOnVehicle, 0)
  bench.pass(1_000, nothingSensed)
  bench.pass(700)
  bench.pass(1_000, underTheBar)
  t.match(bench.lane.truth, { struckByVehicle: 1, loweredOnVehicle: 0 }, 'who drives into it is struck')
  t.end()
})

t.test('a PLC that restarts forgets what it accepted, and the bar stays where it is', (t) => {
  const bench = new Bench()
  bench.raise({ commandId: 'old' })
  bench.pass(700)
  bench.lane.powerOff(bench.nowMs)
  t.same(bench.raise(), { refused: 'off' })
  bench.nowMs += 5_000
  bench.lane.restart(bench.nowMs, 'boot-2')
  const angle = bench.lane.armAngle
  t.ok(angle > 40 && angle < 50, `the bar stands at ${angle}`)
  t.match(bench.lane.image(), {
    plcBootId: 'boot-2',
    plcTick: 0,
    acceptedCommandId: null,
    acceptedCount: 0,
    entryCount: 0,
    barrier: 'unknown',
    watchdogTripped: true,
  })
  bench.lane.advance((bench.nowMs += 10_000))
  t.equal(bench.lane.armAngle, angle, 'nothing moves before an edge is there')
  t.same(bench.raise({ commandId: 'old', plcBootId: 'boot-1', validUntilTick: 5 }), { refused: 'otherBoot' })
  bench.pass(200, underTheBar)
  bench.pass(5_000)
  t.equal(bench.lane.armAngle, angle, 'nor with somebody below it')
  bench.pass(4_000, nothingSensed)
  t.equal(bench.barrier, 'lowered')
  t.equal(bench.lane.truth.acceptedTotal, 1)
  t.end()
})

t.test('a bar that jams reports blocked, refuses more, and does not go on by itself when mended', (t) => {
  for (const stuckAt of [0, 1, 45, 89]) {
    const bench = new Bench()
    bench.lane.fail({ stuckAt })
    bench.raise()
    bench.pass(2_500)
    t.equal(bench.barrier, 'blocked', `at ${stuckAt} degrees`)
    t.equal(bench.lane.armAngle, stuckAt)
    t.same(bench.raise(), { refused: 'blocked' })
    bench.lane.mend()
    bench.pass(3_000)
    t.equal(bench.barrier, 'lowered')
    t.equal(bench.raise(), 'accepted')
  }
  t.end()
})

t.test('each failure of arm, loops and counter shows in the image as it would at the lane', (t) => {
  const slow = new Bench()
  slow.lane.fail({ slowFactor: 3 })
  slow.raise()
  slow.pass(4_000)
  t.equal(slow.barrier, 'moving', 'a slow drive is no jam')
  slow.pass(300)
  t.equal(slow.barrier, 'raised')

  const torn = new Bench()
  torn.lane.fail({ tornOff: true })
  t.equal(torn.barrier, 'blocked')
  t.same(torn.raise(), { refused: 'blocked' })

  const stuck = new Bench()
  stuck.lane.fail({ loopStuck: { entry: 'occupied' } })
  stuck.pass(1_000)
  t.match(stuck.lane.image(), { entryLoop: 'occupied', entryCount: 1 })
  stuck.lane.fail({ loopStuck: { exit: 'occupied' } })
  stuck.raise()
  stuck.pass(60_000)
  t.equal(stuck.barrier, 'raised', 'with a loop that never clears the bar stays up')
  stuck.lane.fail({ loopStuck: { exit: 'clear' } })
  stuck.pass(900, underTheBar)
  stuck.pass(60_000)
  t.equal(stuck.barrier, 'raised', 'with a loop that sees nothing the light curtain still does')

  const bouncing = new Bench()
  bouncing.lane.fail({ loopBounceMs: 100 })
  bouncing.pass(300, { ...nothingSensed, entryOccupied: true })
  t.match(bouncing.lane.image(), { entryLoop: 'occupied', entryCount: 3 })

  const rattling = new Bench()
  rattling.lane.fail({ armBounceMs: 200 })
  rattling.raise()
  rattling.pass(1_400 + 50)
  t.equal(rattling.barrier, 'moving')
  rattling.pass(200)
  t.equal(rattling.barrier, 'raised')

  const frozen = new Bench()
  frozen.pass(1_000)
  frozen.lane.fail({ tickFrozen: true })
  frozen.pass(1_000)
  t.equal(frozen.lane.image().plcTick, 10)
  t.same(frozen.raise({ validUntilTick: 19 }), { refused: 'expired' }, 'the judge has its own counter')
  frozen.lane.mend()
  t.equal(frozen.lane.image().plcTick, 20)
  t.end()
})

const sensed = fc.record({
  entryOccupied: fc.boolean(),
  exitOccupied: fc.boolean(),
  zoneOccupied: fc.boolean(),
})
const failure: fc.Arbitrary<Partial<PlcFailure>> = fc.oneof(
  fc.record({ stuckAt: fc.option(fc.integer({ min: 0, max: 90 })) }),
  fc.record({ slowFactor: fc.double({ min: 1, max: 5, noNaN: true }) }),
  fc.record({
    loopStuck: fc.option(
      fc.oneof(
        fc.record({ exit: fc.constantFrom('occupied' as const, 'clear' as const) }),
        fc.record({ entry: fc.constantFrom('occupied' as const, 'clear' as const) }),
      ),
    ),
  }),
  fc.record({ loopBounceMs: fc.integer({ min: 0, max: 300 }) }),
  fc.constant({ tickFrozen: true }),
)
const deed = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('pass' as const),
      forMs: fc.integer({ min: 1, max: 4_000 }),
      sensed,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('raise' as const),
      leaseTicks: fc.integer({ min: -5, max: 120 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('again' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('restart' as const), offMs: fc.integer({ min: 0, max: 3_000 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('fail' as const), failure }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('silence' as const), forMs: fc.integer({ min: 1, max: 6_000 }) }),
  },
)

t.test('whatever is asked, broken and driven through: the bar never comes down on a vehicle', (t) => {
  const outcome = fc.check(
    fc.property(fc.array(deed, { maxLength: 60 }), (deeds) => {
      const bench = new Bench()
      const accepted = new Set<string>()
      let boots = 1
      let last: { commandId: string; plcBootId: string; validUntilTick: number } | null = null
      const ask = (request: { commandId: string; plcBootId: string; validUntilTick: number }) => {
        const { bootId, tick } = bench.lane
        if (bench.lane.request(request, bench.nowMs) !== 'accepted') return
        const key = request.commandId
        if (accepted.has(key)) throw new Error(`${key} was accepted twice`)
        if (request.plcBootId !== bootId || tick > request.validUntilTick)
          throw new Error(`${key} was accepted late`)
        accepted.add(key)
      }
      deeds.forEach((one, index) => {
        if (one.do === 'pass') bench.pass(one.forMs, one.sensed)
        else if (one.do === 'silence') bench.lane.advance((bench.nowMs += one.forMs))
        else if (one.do === 'fail') bench.lane.fail(one.failure)
        else if (one.do === 'restart') {
          bench.lane.powerOff(bench.nowMs)
          bench.lane.restart((bench.nowMs += one.offMs), `boot-${(boots += 1)}`)
        } else if (one.do === 'again') {
          if (last) ask(last)
        } else {
          const { bootId, tick } = bench.lane
          last = { commandId: `r${index}`, plcBootId: bootId, validUntilTick: tick + one.leaseTicks }
          ask(last)
        }
      })
      const { truth } = bench.lane
      if (truth.loweredOnVehicle !== 0) throw new Error('the bar came down on a vehicle')
      if ((truth.minimumClearanceMs ?? 1_000) < 1_000 - 1e-6) throw new Error('the bar came down too early')
      if (truth.acceptedTotal !== accepted.size) throw new Error('ground truth counts other raises')
    }),
    { numRuns: 8_000 },
  )
  t.notOk(outcome.failed, fc.defaultReportMessage(outcome) ?? `seed ${outcome.seed}`)
  t.comment(`seed ${outcome.seed}, ${outcome.numRuns} runs`)
  t.end()
})

t.test('in coarse and in fine steps the same happens', (t) => {
  const run = (stepMs: number) => {
    const bench = new Bench()
    bench.raise()
    const scene: readonly [number, Sensed][] = [
      [2_000, nothingSensed],
      [4_000, underTheBar],
      [5_400, nothingSensed],
      [6_000, onTheExitLoop],
      [9_000, nothingSensed],
      [20_000, nothingSensed],
    ]
    let at = 0
    for (const [fromMs, what] of scene) {
      while (at + stepMs < fromMs) bench.lane.edgeHeartbeat((bench.beats += 1), (at += stepMs))
      bench.lane.advance((at = fromMs), what)
    }
    return bench.entries.map((entry) => ({
      is: entry.is,
      atMs: Math.round(entry.atMs),
      at: entry.armDegrees,
    }))
  }
  t.same(run(1_000), run(7))
  t.end()
})
