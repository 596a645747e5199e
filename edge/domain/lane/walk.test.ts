import fc from 'fast-check'
import t from 'tap'
import { SeededRandom } from '../../base/random.js'
import {
  sprayerStates,
  unknownSignals,
  unknownSprayer,
  type LaneSignals,
  type SprayerSignals,
} from '../../interfaces/barrier.js'
import type { Sensed } from '../../interfaces/reader.js'
import { laneModes } from '../../messages/down.js'
import { ExampleLane } from './example-lane.js'
import type { LaneEvent } from './types.js'
import { disinfect, interceptOf, spraysOf } from './example-world.js'

/** `SEED=n RUNS=m npx tap edge/domain/lane/walk.test.ts` repeats a walk, or walks longer; `STORY=1` prints the way to a breach. */
const seed = Number(process.env['SEED'] ?? Math.floor(Date.now() % 1_000_000))
const runs = Number(process.env['RUNS'] ?? 250)
t.comment(`SEED=${seed}`)

const levels = ['occupied', 'clear', 'unknown'] as const
const positions = ['raised', 'lowered', 'moving', 'blocked', 'unknown'] as const

/** Anything a device may say, also what it says all the time and what has no sense. */
function finding(random: SeededRandom): Sensed {
  const tri = () => random.pick([true, false, 'unknown'] as const)
  const number = random.pick(['K1', 'constructor', '__proto__', ' ', `TCLU${random.int(0, 20)}`])
  return random.pick<Sensed>([
    { of: 'card', cardNo: number },
    { of: 'temperature', is: random.pick(['normal', 'fever', 'unknown']) },
    { of: 'radiation', is: random.pick(['normal', 'alarm', 'unknown']) },
    { of: 'container', number, confidence: random.next() },
    {
      of: 'seal',
      sealId: number,
      status: random.pick(['CLOSED', 'OPENED', 'unknown']),
      openedAt: random.pick([null, 5]),
      batteryLow: random.chance(0.5),
    },
    { of: 'sealMissed' },
    { of: 'weight', grossKg: random.pick([null, 30_000]), stable: tri(), onScale: tri() },
    { of: 'earTags', ids: [number, `${random.int(0, 3_000)}`] },
    { of: 'crateLabels', count: random.int(0, 5) },
    {
      of: 'receipt',
      receiptId: number,
      agency: 'CUSTOMS',
      subject: { kind: 'TRIP', key: 'T1' },
      signatureValid: tri(),
      used: tri(),
    },
  ])
}

/** Any event at all, sensible or not, in any order. */
function anything(lane: ExampleLane, random: SeededRandom): void {
  const near = (values: readonly string[]) => random.pick([...values, 'x', ''])
  const asked = [...lane.raises.map((raise) => raise.commandId), ...spraysOf(lane)]
  const sprayer: SprayerSignals = {
    ...unknownSprayer,
    state: random.pick(['ready', ...sprayerStates]),
    peopleClear: random.pick([true, true, false, 'unknown']),
    acceptedCommandId: random.pick([null, near(asked)]),
    doneCommandId: random.pick([null, null, near(asked)]),
    failedCommandId: random.pick([null, null, near(asked)]),
    refusedCommandId: random.pick([null, null, near(asked)]),
  }
  const signals: LaneSignals = {
    ...unknownSignals,
    ...(random.chance(0.7) && { sprayer }),
    entryLoop: random.pick(levels),
    exitLoop: random.pick(levels),
    entryCount: random.pick([null, random.int(0, 5)]),
    exitCount: random.pick([null, random.int(0, 5)]),
    barrier: random.pick(positions),
    acceptedCommandId: random.pick([null, near(lane.raises.map((raise) => raise.commandId))]),
    refusedCommandId: random.pick([null, near(lane.raises.map((raise) => raise.commandId))]),
    refusedWhy: random.pick([null, 'expired', 'blocked', 'used']),
    plcBootId: random.pick([null, 'plc-1', 'plc-1', 'plc-2']),
    plcTick: random.pick([null, random.int(0, 100)]),
  }
  const events: (() => LaneEvent | null)[] = [
    () => ({ on: 'signals', signals }),
    () => ({ on: 'signals', signals: { ...lane.signals, entryLoop: 'occupied' } }),
    () => ({ on: 'signals', signals: { ...lane.signals, entryLoop: 'occupied', sprayer } }),
    () => ({ on: 'recorded' }),
    () => ({ on: 'recordable' }),
    () => ({ on: 'listsSwitched' }),
    () => ({ on: 'fault', change: { is: 'raised', code: 'reader.silent', source: 'reader-1' } }),
    () => ({ on: 'notRecorded', detail: 'by chance' }),
    () => ({
      on: 'facts',
      of: { kind: 'tag', key: random.pick(['E1', 'E2']) },
      facts: { tag: random.pick([null, 'unknown']), vehicle: 'unknown' },
    }),
    () => ({
      on: 'raiseAnswered',
      commandId: near(asked),
      outcome: { is: random.pick(['sent', 'notSent', 'unknown']), detail: '' },
    }),
    () => {
      lane.hear(random.pick(['E1', 'E2', 'E3', 'X1', 'constructor', '__proto__', `R${random.int(0, 200)}`]))
      return null
    },
    () => {
      lane.senseLoad(finding(random))
      return null
    },
    () => {
      lane.see(random.pick(['P1', 'P2', ' p-3 ', '-', '粤Z1234港']), random.next())
      return null
    },
    () => {
      const word = random.pick(['release', 'hold', 'return'] as const)
      lane.answer(
        word,
        random.chance(0.5) ? { reason: 'seen', orderIds: ['O-E1', 'O-E2'] } : {},
        random.chance(0.1),
      )
      return null
    },
    () => {
      const incidentId = random.pick(['i1', 'i2'])
      const passageId = near([lane.state.passage?.id ?? '-']) || '-'
      lane.order(
        random.pick([
          { do: 'setMode', mode: random.pick(['AUTO', 'AUTO', 'ATTENDED', ...laneModes]) },
          { do: 'setMode', mode: 'EMERGENCY_OPEN', confirmedBy: 'wang.fang', forMs: random.int(1, 60_000) },
          { do: 'setMode', mode: 'MANUAL' },
          { do: 'manualRaise', passageId, orderIds: random.pick([[], ['O-E1', 'O-E2', 'D-E1']]) },
          { do: 'manualRaise', passageId, orderIds: ['O-E1', 'O-E2', 'D-E1'] },
          { do: 'holdAll', incidentId, on: random.chance(0.5) },
          { do: 'closePassage', passageId },
        ] as const),
        { reason: random.pick(['', 'seen', 'seen']) },
      )
      return null
    },
    () => {
      lane.pass(random.int(0, 5_000))
      return null
    },
  ]
  const event = random.pick(events)()
  if (event) lane.deliver(event)
  if (random.chance(0.02)) lane.writable = !lane.writable
  if (random.chance(0.01)) lane.restart()
  if (random.chance(0.05))
    lane.control.replaceOrders(
      random.pick([
        [],
        [interceptOf('E1')],
        [interceptOf('E1'), interceptOf('E2')],
        [disinfect('E1')],
        [disinfect('E1')],
      ]),
    )
  if (random.chance(0.01)) lane.control.forget('orders')
}

t.test('whatever comes in whatever order, the lane neither breaks nor breaks its rules', (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 31 }), fc.integer({ min: 1, max: 250 }), (walk, steps) => {
      const random = new SeededRandom(walk)
      const lane = ExampleLane.started()
      for (let i = 0; i < steps; i += 1) {
        anything(lane, random)
        if (lane.breaches.length > 0) throw new Error(`after ${i + 1} events: ${lane.breaches.join('; ')}`)
      }
      if (!laneModes.includes(lane.state.mode)) throw new Error('no mode')
      const copy: unknown = JSON.parse(JSON.stringify(lane.state))
      t.same(copy, lane.state, 'the state is JSON')
    }),
    { seed, numRuns: runs },
  )
  t.end()
})
