import fc from 'fast-check'
import t from 'tap'
import type { TagRead } from '../../interfaces/reader.js'
import type { TagObservation } from '../decision/types.js'
import { TagBoard } from './board.js'
import { forgetBefore, hear, noTracks, observe, type Tracks } from './smoothing.js'

const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31))
t.comment(`SEED=${seed}`)

t.test('a lane hears of its neighbours what they heard, and not of itself', (t) => {
  const board = new TagBoard()
  board.loop('lane-2', 500)
  board.heard('lane-1', 'E1', -50, 900)
  board.heard('lane-3', 'E1', null, 800)
  board.heard('lane-2', 'E1', -62, 900)
  board.heard('lane-2', 'E1', -58, 950)
  board.passed('lane-3', 'E1', 990)
  t.same(board.elsewhere('lane-1', 'E1', 1_000), [
    {
      lane: 'lane-2',
      count: 2,
      bestRssiDbm: -58,
      lastHeardAgoMs: 50,
      loopOccupiedForMs: 500,
      passedAgoMs: null,
    },
    {
      lane: 'lane-3',
      count: 1,
      bestRssiDbm: null,
      lastHeardAgoMs: 200,
      loopOccupiedForMs: null,
      passedAgoMs: 10,
    },
  ])
  t.same(board.elsewhere('lane-1', 'E2', 1_000), [])
  t.end()
})

t.test('a read is forgotten after its life, unless the vehicle still stands there', (t) => {
  const board = new TagBoard()
  board.heard('lane-1', 'E1', -50, 1_000)
  t.equal(board.elsewhere('lane-2', 'E1', 11_000).length, 1)
  t.equal(board.elsewhere('lane-2', 'E1', 11_001).length, 0)
  board.loop('lane-1', 2_000)
  t.equal(board.elsewhere('lane-2', 'E1', 900_000).length, 1, 'twenty minutes in front of the barrier')
  board.loop('lane-1', null)
  t.equal(board.elsewhere('lane-2', 'E1', 900_000).length, 0)
  t.end()
})

t.test('a tag that passed a lane is remembered there for as long as travel takes', (t) => {
  const board = new TagBoard({ passedForMs: 60_000 })
  board.passed('lane-1', 'E1', 1_000)
  t.equal(board.elsewhere('lane-2', 'E1', 61_000)[0]?.passedAgoMs, 60_000)
  t.equal(board.elsewhere('lane-2', 'E1', 61_001).length, 0)
  t.end()
})

t.test('ten thousand tags in one lane cost the other lane nothing', (t) => {
  const board = new TagBoard({ tagsPerLaneMax: 64 })
  board.heard('lane-2', 'E1', -50, 0)
  for (let i = 0; i < 10_000; i += 1) board.heard('lane-1', `X${i}`, -40, 1)
  t.equal(board.counters.evicted, 10_000 - 64)
  t.equal(board.elsewhere('lane-1', 'E1', 2).length, 1)
  t.equal(board.elsewhere('lane-2', 'X9999', 2).length, 1, 'the newest are kept')
  t.equal(board.elsewhere('lane-2', 'X0', 2).length, 0)
  t.end()
})

/** One lane as the runner keeps it: tracks, and the board that it shares. */
class Lane {
  tracks: Tracks = noTracks
  occupiedSinceMs: number | null = null

  constructor(
    readonly id: string,
    readonly board: TagBoard,
    readonly maxTags: number,
  ) {}

  hears(epc: string, rssiDbm: number | null, monoMs: number): void {
    const heardAt = { wallMs: monoMs, monoMs }
    const names = { readerId: 'r', antenna: '1', zone: null, tid: null, driverId: null, readerAtMs: null }
    const read: TagRead = { kind: 'tag', epc, rssiDbm, count: 1, heardAt, ...names }
    this.board.heard(this.id, epc, rssiDbm, monoMs)
    this.tracks = hear(this.tracks, read, this.maxTags)
  }

  drives(on: boolean, monoMs: number): void {
    this.occupiedSinceMs = on ? (this.occupiedSinceMs ?? monoMs) : null
    this.board.loop(this.id, this.occupiedSinceMs)
  }

  claims(nowMonoMs: number): TagObservation[] {
    return observe(
      this.tracks,
      { openedMonoMs: this.occupiedSinceMs ?? nowMonoMs, nowMonoMs, departedAfterMs: 1_000 },
      (epc) => this.board.elsewhere(this.id, epc, nowMonoMs),
      { loopOccupiedForMs: this.occupiedSinceMs === null ? null : nowMonoMs - this.occupiedSinceMs },
    )
  }
}

/** Waits around every bound of the arbitration, so that all offsets of two lanes come up. */
const waits = fc.constantFrom(0, 0, 0, 1, 1, 50, 50, 400, 400, 2_000, 9_999, 10_000, 10_001, 25_000, 700_000)
const steps = fc.array(
  fc.record({
    afterMs: waits,
    lane: fc.constantFrom(0, 0, 0, 1, 1, 1, 2),
    epc: fc.constantFrom('E1', 'E1', 'E1', 'E1', 'E1', 'E2', 'E3', 'E4', 'E5', 'E6'),
    rssiDbm: fc.option(fc.integer({ min: -80, max: -40 }), { freq: 8 }),
    does: fc.constantFrom(
      'hears',
      'hears',
      'hears',
      'hears',
      'arrives',
      'arrives',
      'leaves',
      'passes',
      'forgets',
    ),
  }),
  { minLength: 2, maxLength: 40 },
)

t.test('whatever the timing, a tag belongs to one lane at a time', (t) => {
  const seen = { mine: 0, neighbour: 0, ambiguous: 0, both: 0 }
  fc.assert(
    fc.property(steps, (script) => {
      // Little room, so that overflow and eviction come up as well.
      const board = new TagBoard({ tagsPerLaneMax: 4 })
      const lanes = ['lane-1', 'lane-2', 'lane-3'].map((id) => new Lane(id, board, 4))
      let nowMs = 0
      for (const { afterMs, lane: index, epc, rssiDbm, does } of script) {
        nowMs += afterMs
        const lane = lanes[index]
        if (!lane) continue
        if (does === 'hears') lane.hears(epc, rssiDbm, nowMs)
        if (does === 'arrives') lane.drives(true, nowMs)
        if (does === 'leaves') lane.drives(false, nowMs)
        if (does === 'passes') board.passed(lane.id, epc, nowMs)
        if (does === 'forgets') lane.tracks = forgetBefore(lane.tracks, nowMs - 3_000)
        const claims = lanes.flatMap((each) => each.claims(nowMs))
        for (const name of ['E1', 'E2', 'E3']) {
          const of = claims.filter((tag) => tag.epc === name)
          for (const tag of of) seen[tag.claim] += 1
          if (of.length > 1) seen.both += 1
          if (of.filter((tag) => tag.claim === 'mine').length > 1) throw new Error(`${name} was given twice`)
        }
      }
    }),
    { numRuns: 3_000, seed },
  )
  t.ok(Math.min(seen.mine, seen.neighbour, seen.ambiguous, seen.both) > 200, JSON.stringify(seen))
  t.end()
})

t.test('one tag in two lanes at all time offsets: clear evidence wins, else nobody has it', (t) => {
  const claimed = new Set<string>()
  for (let offsetMs = -12_000; offsetMs <= 12_000; offsetMs += 250) {
    for (const differenceDb of [0, 5, 6, 11, 12, 20]) {
      const board = new TagBoard()
      const one = new Lane('lane-1', board, 64)
      const two = new Lane('lane-2', board, 64)
      const [first, second] = offsetMs < 0 ? [two, one] : [one, two]
      for (const [lane, fromMs] of [
        [first, 0],
        [second, Math.abs(offsetMs)],
      ] as const) {
        lane.drives(true, fromMs)
        for (let i = 0; i < 5; i += 1)
          lane.hears('E1', lane === one ? -50 : -50 - differenceDb, fromMs + i * 20)
      }
      const nowMs = Math.abs(offsetMs) + 400
      const claims = [one, two].map((lane) => lane.claims(nowMs)[0]?.claim).join(' ')
      claimed.add(`${differenceDb} dB: ${claims}`)
      t.not(claims, 'mine mine')
    }
  }
  t.same([...claimed].sort(), [
    '0 dB: ambiguous ambiguous',
    '11 dB: ambiguous neighbour',
    '12 dB: mine neighbour',
    '20 dB: mine neighbour',
    '5 dB: ambiguous ambiguous',
    '6 dB: ambiguous neighbour',
  ])
  t.end()
})
