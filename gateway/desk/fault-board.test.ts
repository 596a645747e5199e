import t, { type Test } from 'tap'
import { ManualClock } from '../../edge/base/clock.js'
import { silentLogger } from '../../edge/base/log.js'
import { FaultBoard } from './fault-board.js'

const startMs = Date.UTC(2026, 2, 1, 8)

function board(t: Test) {
  const clock = new ManualClock(startMs)
  const told: string[] = []
  const warned: object[] = []
  const faults = new FaultBoard({
    clock,
    log: { ...silentLogger, warn: (details) => warned.push(details) },
    onChange: (source) => told.push(source),
  })
  t.teardown(() => {
    faults.close()
  })
  return { clock, faults, told, warned }
}

const raised = { is: 'raised', code: 'gateway.listRefused', source: 'edge-1' } as const

t.test('a fault that is raised again says the newest, and since when it began', (t) => {
  const { clock, faults, told, warned } = board(t)
  faults.change({ ...raised, detail: 'orders@9: badHash' })
  clock.advance(5_000)
  faults.change({ ...raised, detail: 'orders@10: tooLarge' })
  const { is: _is, ...fault } = raised
  t.strictSame(faults.of('edge-1'), [{ ...fault, since: startMs, detail: 'orders@10: tooLarge' }])
  t.same(told, ['edge-1', 'edge-1'], 'pages that are open are told of both')
  t.equal(warned.length, 1, 'and the log is not filled with one fault')
  faults.change(raised)
  t.strictSame(faults.all(), [{ ...fault, since: startMs }], 'an old detail does not outlive its time')
  t.end()
})

t.test('a fault that is raised again as it stands is told to nobody', (t) => {
  const { faults, told } = board(t)
  faults.change({ ...raised, detail: 'orders@9: badHash' })
  faults.change({ ...raised, detail: 'orders@9: badHash' })
  faults.change({ is: 'cleared', code: 'gateway.listRefused', source: 'edge-2' })
  t.same(told, ['edge-1'])
  t.end()
})

t.test('what happens in an instant is shown with its newest words until ten minutes after the last', (t) => {
  const { clock, faults, told } = board(t)
  faults.notice('gateway.eventQuarantined', 'edge-1', 'event 4')
  clock.advance(590_000)
  faults.notice('gateway.eventQuarantined', 'edge-1', 'event 7')
  clock.advance(590_000)
  t.match(faults.of('edge-1'), [{ since: startMs, detail: 'event 7' }])
  clock.advance(10_000)
  t.same(faults.of('edge-1'), [])
  t.same(told, ['edge-1', 'edge-1', 'edge-1'])
  t.end()
})

t.test('only what is wrong with the gateway itself stands over every page', (t) => {
  const { faults } = board(t)
  faults.change(raised)
  faults.change({ is: 'raised', code: 'gateway.storeNotWritable', source: 'store' })
  faults.change({ is: 'raised', code: 'gateway.listsNotSigned', source: 'trust' })
  t.same(
    faults.own().map(({ source }) => source),
    ['store', 'trust'],
  )
  t.same([faults.isOwn('trust'), faults.isOwn('edge-1')], [true, false])
  t.end()
})
