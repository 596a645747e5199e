import { utimesSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { ManualClock, type ClockQuality } from '../base/clock.js'
import type { FaultChange } from '../base/fault.js'
import type { Health } from '../messages/up.js'
import { ClockWatch } from './clock-watch.js'
import { FaultRegistry } from './faults.js'
import { kernelClockSays } from './kernel-clock.js'
import { HealthReporter } from './reporter.js'

const hour = 3_600_000

interface Watched {
  readonly clock: ManualClock
  readonly watch: ClockWatch
  readonly changes: FaultChange['is'][]
  kernel: number | 'unknown'
}

function watched(): Watched {
  const clock = new ManualClock()
  const registry = new FaultRegistry(() => clock.now().wallMs)
  const changes: FaultChange['is'][] = []
  registry.onChange((change) => changes.push(change.is))
  const self = { clock, changes, kernel: 'unknown' as number | 'unknown' }
  const watch = new ClockWatch({
    clock,
    kernelSays: () => self.kernel,
    onFault: (change) => registry.change(change),
  })
  return Object.assign(self, { watch })
}

t.test('without any source the clock is not trusted, and a fault says so', (t) => {
  const { watch, changes } = watched()
  t.equal(watch.quality(), 'untrusted')
  t.strictSame(changes, ['raised'])
  t.end()
})

t.test('the gateway’s time makes the clock trusted for a day without it, and no longer', (t) => {
  const { clock, watch, changes } = watched()
  const table: [number, ClockQuality][] = [
    [0, 'synchronised'],
    [59_000, 'synchronised'],
    [2_000, 'holdover'],
    [23 * hour, 'holdover'],
    [hour, 'untrusted'],
  ]
  watch.heard(clock.now().wallMs - 300)
  for (const [afterMs, expected] of table) {
    clock.advance(afterMs)
    t.equal(watch.quality(), expected, `${clock.now().monoMs} ms after its word`)
  }
  watch.heard(clock.now().wallMs)
  t.equal(watch.quality(), 'synchronised')
  t.strictSame(changes, ['raised', 'cleared', 'raised', 'cleared'], 'raised when lost, cleared when found')
  t.end()
})

t.test('a clock that differs from the gateway’s by more than two seconds is not trusted', (t) => {
  const { clock, watch } = watched()
  for (const offsetMs of [-2_001, 2_001, 86_400_000]) {
    watch.heard(clock.now().wallMs)
    t.equal(watch.quality(), 'synchronised')
    watch.heard(clock.now().wallMs + offsetMs)
    t.equal(watch.quality(), 'untrusted', `${offsetMs} ms`)
  }
  watch.heard(clock.now().wallMs + 1_999)
  t.equal(watch.quality(), 'synchronised')
  t.end()
})

t.test('a jump in either direction is seen before the next decision, not at the next look', (t) => {
  for (const jumpMs of [-hour, 3_000, 365 * 24 * hour]) {
    const { clock, watch } = watched()
    watch.heard(clock.now().wallMs)
    clock.advance(10_500)
    clock.jumpWall(jumpMs)
    t.equal(watch.quality(), 'untrusted', `${jumpMs} ms`)
    t.equal(watch.jumps, 1)
    clock.advance(hour)
    t.equal(watch.quality(), 'untrusted', 'until a source speaks')
    watch.heard(clock.now().wallMs)
    t.equal(watch.quality(), 'synchronised')
  }
  t.end()
})

t.test('a slow drift is no jump', (t) => {
  const { clock, watch } = watched()
  watch.heard(clock.now().wallMs)
  for (let n = 0; n < 100; n += 1) {
    clock.jumpWall(40)
    clock.advance(1_000)
  }
  t.equal(watch.jumps, 0)
  t.equal(watch.quality(), 'holdover')
  t.end()
})

t.test(
  'the machine’s time service counts by the age of its word, and a word from before a jump is void',
  (t) => {
    const w = watched()
    w.kernel = w.clock.now().wallMs
    w.clock.advance(1_000)
    t.equal(w.watch.quality(), 'synchronised')
    w.watch.heard(w.clock.now().wallMs + 10_000)
    t.equal(w.watch.quality(), 'synchronised', 'it goes before a gateway that says otherwise')
    w.clock.jumpWall(10_000)
    t.equal(w.watch.quality(), 'untrusted', 'the clock was set by somebody else')
    w.clock.advance(5_000)
    t.equal(w.watch.quality(), 'untrusted')
    w.kernel = w.clock.now().wallMs
    w.clock.advance(1_000)
    t.equal(w.watch.quality(), 'synchronised', 'and set right again')
    w.clock.advance(3 * hour)
    t.equal(w.watch.quality(), 'holdover')
    w.clock.advance(22 * hour)
    t.equal(w.watch.quality(), 'untrusted')
    w.watch.close()
    t.equal(w.clock.nextDueMs(), undefined, 'closed, it leaves no timer')
    t.end()
  },
)

t.test('the newest mark of a time service is its word', (t) => {
  const folder = t.testdir({ old: '', young: '' })
  const files = ['old', 'young', 'missing'].map((name) => path.join(folder, name))
  t.equal(kernelClockSays([path.join(folder, 'missing')]), 'unknown')
  utimesSync(path.join(folder, 'old'), 1_000, 1_000)
  utimesSync(path.join(folder, 'young'), 2_000, 2_000)
  t.equal(kernelClockSays(files), 2_000_000)
  t.end()
})

t.test('a fault stands from its first word to its last, and repeated words change nothing', (t) => {
  const clock = new ManualClock()
  const registry = new FaultRegistry(() => clock.now().wallMs)
  const heard: FaultChange[] = []
  const stop = registry.onChange((change) => heard.push(change))
  const raised = { is: 'raised', code: 'loop.stuck', source: 'lane-1', detail: 'entry' } as const
  const startMs = clock.now().wallMs
  registry.change(raised)
  clock.advance(5_000)
  registry.change({ ...raised, detail: 'again' })
  registry.change({ ...raised, source: 'lane-2' })
  registry.change({ is: 'cleared', code: 'loop.unknown', source: 'lane-1' })
  t.strictSame(
    registry.active().map((fault) => [fault.code, fault.source, fault.since - startMs]),
    [
      ['loop.stuck', 'lane-1', 0],
      ['loop.stuck', 'lane-2', 5_000],
    ],
  )
  t.ok(registry.stands('loop.stuck', 'lane-1'))
  registry.change({ is: 'cleared', code: 'loop.stuck', source: 'lane-1' })
  t.notOk(registry.stands('loop.stuck', 'lane-1'))
  t.strictSame(
    heard.map((change) => `${change.is} ${change.source}`),
    ['raised lane-1', 'raised lane-2', 'cleared lane-1'],
  )
  stop()
  for (let n = 0; n < 500; n += 1) registry.change({ ...raised, source: `lane-${n + 10}` })
  t.equal(registry.active().length, 200, 'as many as a health message carries')
  t.equal(registry.overflowed, 301)
  t.equal(heard.length, 3, 'nobody listens any more')
  t.end()
})

t.test(
  'health goes out every two seconds, on change at once, and never more than five times a second',
  (t) => {
    const clock = new ManualClock()
    const sentAtMs: number[] = []
    const health: Health = {
      v: 1,
      edgeId: 'edge-1',
      at: 0,
      bootId: 'b',
      version: '0',
      clockQuality: 'untrusted',
      lanes: [],
      faults: [],
      lists: [],
      outbox: { waiting: 0, epoch: 'e', lastSequence: 0 },
      rssBytes: 0,
      counters: {},
    }
    const reporter = new HealthReporter(
      clock,
      () => health,
      () => sentAtMs.push(clock.now().monoMs),
    )
    clock.advance(6_500)
    t.strictSame(sentAtMs, [0, 2_000, 4_000, 6_000], 'at rest')
    sentAtMs.length = 0
    reporter.changed()
    clock.advance(0)
    t.strictSame(sentAtMs, [6_500], 'a change is told at once')
    for (let n = 0; n < 1_000; n += 1) {
      reporter.changed()
      clock.advance(1)
    }
    t.ok(sentAtMs.length >= 5 && sentAtMs.length <= 6, `${sentAtMs.length} in a second of changes`)
    reporter.close()
    reporter.changed()
    const count = sentAtMs.length
    clock.advance(10_000)
    t.equal(sentAtMs.length, count, 'closed, it is silent')
    t.end()
  },
)
