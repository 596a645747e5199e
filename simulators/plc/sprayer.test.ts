import fc from 'fast-check'
import t from 'tap'
import { nothingSensed } from '../vehicle/geometry.js'
import { PlcLane } from './model.js'
import type { TruthEntry } from './truth.js'

const atTheLine = { ...nothingSensed, entryOccupied: true }

/** A lane with a sprayer, whose edge is alive as long as `beating`. */
class Bench {
  readonly entries: TruthEntry[] = []
  readonly lane = new PlcLane({
    id: 'lane-1',
    bootId: 'boot-1',
    sprayer: true,
    onTruth: (entry) => this.entries.push(entry),
  })
  nowMs = 0
  beating = true
  #beats = 0

  constructor() {
    this.lane.edgeHeartbeat((this.#beats += 1), 0)
    this.lane.advance(0, atTheLine)
  }

  pass(forMs: number): void {
    const untilMs = this.nowMs + forMs
    while (this.nowMs < untilMs) {
      this.nowMs = Math.min(untilMs, this.nowMs + 200)
      if (this.beating) this.lane.edgeHeartbeat((this.#beats += 1), this.nowMs)
      else this.lane.advance(this.nowMs)
    }
  }

  spray(
    commandId: string,
    change: { validUntilTick?: number; plcBootId?: string; minSeconds?: number } = {},
  ) {
    const lease = { plcBootId: this.lane.bootId, validUntilTick: this.lane.tick + 20, minSeconds: 10 }
    return this.lane.spray({ commandId, ...lease, ...change }, this.nowMs)
  }

  get sprayer() {
    return this.lane.image().sprayer
  }
}

t.test('a spray runs for its time, says so, and is taken once', (t) => {
  const bench = new Bench()
  t.match(bench.sprayer, { state: 'ready', peopleClear: true, acceptedCommandId: null })
  t.equal(bench.lane.spray(`spray;s1;boot-1;${bench.lane.tick + 20};10`, 0), 'accepted')
  bench.pass(9_800)
  t.match(bench.sprayer, {
    state: 'running',
    acceptedCommandId: 's1',
    doneCommandId: null,
    sprayedSeconds: 9,
  })
  bench.pass(200)
  t.match(bench.sprayer, { state: 'done', doneCommandId: 's1', failedCommandId: null, sprayedSeconds: 10 })
  t.equal(bench.lane.truth.spray.sprayedMs, 10_000)
  t.match(bench.spray('s1'), { refused: 'used' })
  t.match(bench.sprayer, { refusedCommandId: 's1', refusedWhy: 'used' })
  bench.pass(20_000)
  t.equal(bench.lane.truth.spray.sprayedMs, 10_000, 'and nothing more comes out')
  t.end()
})

t.test('a request that is late, foreign, too long or no request at all is not taken', (t) => {
  const bench = new Bench()
  bench.pass(3_000)
  t.match(bench.spray('s1', { validUntilTick: 5 }), { refused: 'expired' })
  t.match(bench.spray('s2', { plcBootId: 'boot-0' }), { refused: 'otherBoot' })
  t.match(bench.spray('s3', { validUntilTick: bench.lane.tick + 500 }), { refused: 'tooFarAhead' })
  for (const line of [
    '',
    'raise;a;boot-1;40;10',
    'spray;a;boot-1;40',
    'spray;a;boot-1;40;0',
    'spray;a;boot-1;40;999',
  ])
    t.match(bench.lane.spray(line, bench.nowMs), { refused: 'malformed' }, line)
  t.equal(bench.spray('s4'), 'accepted')
  t.match(bench.spray('s5'), { refused: 'running' })
  t.same(bench.lane.truth.spray.accepted, ['s4'])
  const dry = new PlcLane({ id: 'lane-2', bootId: 'boot-1' })
  t.match(dry.spray('spray;a;boot-1;10;10', 0), { refused: 'none' })
  t.equal(dry.image().sprayer, undefined)
  t.end()
})

t.test('it stops at once when somebody comes near, and does not take up again by itself', (t) => {
  const bench = new Bench()
  bench.spray('s1')
  bench.pass(4_000)
  bench.lane.people(true, bench.nowMs)
  t.match(bench.sprayer, { state: 'ready', peopleClear: false, failedCommandId: 's1', failedWhy: 'people' })
  bench.pass(2_000)
  t.match(bench.spray('s2'), { refused: 'people' })
  bench.lane.people(false, bench.nowMs)
  bench.pass(10_000)
  t.match(bench.sprayer, { state: 'ready', doneCommandId: null })
  t.equal(bench.lane.truth.spray.sprayedMs, 4_000)
  t.equal(bench.lane.truth.spray.sprayedOnPeople, 0)
  t.end()
})

t.test(
  'it stops when the vehicle leaves, when our heartbeat stops, when it breaks and with the power',
  (t) => {
    const gone = new Bench()
    gone.spray('s1')
    gone.pass(1_000)
    gone.lane.advance(gone.nowMs, nothingSensed)
    t.match(gone.sprayer, { failedWhy: 'noVehicle' })
    t.match(gone.spray('s2'), { refused: 'noVehicle' })

    const dead = new Bench()
    dead.spray('s1')
    dead.beating = false
    dead.pass(5_000)
    t.match(dead.sprayer, { state: 'ready', failedCommandId: 's1', failedWhy: 'watchdog' })
    t.equal(dead.lane.truth.spray.sprayedMs, 2_000, 'twenty ticks after the last beat')
    t.match(dead.spray('s2'), { refused: 'watchdog' })

    const broken = new Bench()
    broken.spray('s1')
    broken.pass(5_000)
    broken.lane.fail({ sprayerOut: true })
    t.match(broken.sprayer, { state: 'failed', failedWhy: 'device' })
    broken.lane.mend()
    broken.pass(5_000)
    t.match(broken.sprayer, { state: 'ready', doneCommandId: null })

    const cut = new Bench()
    cut.spray('s1')
    cut.pass(5_000)
    cut.lane.restart(cut.nowMs, 'boot-2')
    t.match(cut.sprayer, { state: 'ready', acceptedCommandId: null, failedCommandId: null })
    t.equal(cut.lane.truth.spray.sprayedMs, 5_000)
    t.end()
  },
)

t.test('the bar does not rise over a sprayer at work', (t) => {
  const bench = new Bench()
  bench.spray('s1')
  const raise = (commandId: string) =>
    bench.lane.request({ commandId, plcBootId: 'boot-1', validUntilTick: bench.lane.tick + 20 }, bench.nowMs)
  t.match(raise('r1'), { refused: 'spraying' })
  bench.pass(10_000)
  t.equal(raise('r2'), 'accepted')
  t.end()
})

t.test('whatever happens, nobody is sprayed, and what is done has run for its whole time', (t) => {
  const act = fc.oneof(
    fc.record({ do: fc.constant('pass' as const), forMs: fc.integer({ min: 1, max: 6_000 }) }),
    fc.record({
      do: fc.constantFrom('people' as const, 'stand' as const, 'beat' as const, 'out' as const),
      on: fc.boolean(),
    }),
    fc.record({ do: fc.constantFrom('spray' as const, 'restart' as const) }),
  )
  fc.assert(
    fc.property(fc.array(act, { maxLength: 40 }), (acts) => {
      const bench = new Bench()
      let no = 0
      for (const one of acts) {
        if (one.do === 'pass') bench.pass(one.forMs)
        else if (one.do === 'people') bench.lane.people(one.on, bench.nowMs)
        else if (one.do === 'stand') bench.lane.advance(bench.nowMs, one.on ? atTheLine : nothingSensed)
        else if (one.do === 'beat') bench.beating = one.on
        else if (one.do === 'out') bench.lane.fail({ sprayerOut: one.on })
        else if (one.do === 'restart') bench.lane.restart(bench.nowMs, `boot-${(no += 1)}`)
        else bench.spray(`s${(no += 1)}`)
      }
      const { spray } = bench.lane.truth
      const done = bench.entries.filter((entry) => entry.is === 'sprayDone').length
      return spray.sprayedOnPeople === 0 && spray.sprayedMs + 1e-6 >= done * 10_000
    }),
    { numRuns: 300, verbose: 1 },
  )
  t.end()
})
