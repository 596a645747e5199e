import t from 'tap'
import { describeProblems } from '../../edge/base/result.js'
import { upon } from './entries.js'
import { laneKindOf, parseScenario } from './format.js'
import { matches } from './match.js'
import { vehicleOf } from './player.js'
import { atStart } from './times.js'
import type { Observed } from './world.js'

const minimal = {
  name: 'A known car passes',
  vehicles: { car: { tags: ['A1'] } },
  timeline: [{ at: '1s', drives: 'car', lane: 1 }],
}

t.test('a short scenario gets its defaults', (t) => {
  const parsed = parseScenario(minimal)
  t.match(parsed, {
    ok: true,
    value: {
      lanes: 1,
      seed: 1,
      endMs: 1_000,
      lines: [{ kind: 'do', atMs: 1_000, on: null, deed: { is: 'drives', how: 'stopsAtLine' } }],
    },
  })
  t.end()
})

const truck = {
  ...minimal,
  lane: [{ profile: 'roadInLaden', needs: ['trip'] }, { profile: 'roadInNoBoxCar' }],
  lanes: 3,
  lists: [{ kind: 'fitness', certificateNo: 'F1', container: 'B1', validTo: '-72h1min', used: false }],
  vehicles: {
    car: {
      shows: [
        { of: 'seal', sealId: 'S1', openedAt: '-1h' },
        { of: 'card', cardNo: 'K1' },
        { of: 'earTags', count: 3, after: '2s' },
      ],
    },
  },
}

t.test('moments of papers and seals count from the beginning of the scenario', (t) => {
  const parsed = parseScenario(truck)
  if (!parsed.ok) return t.fail(describeProblems(parsed.problems))
  const [certificate] = parsed.value.lists
  t.match(certificate && atStart(certificate, 1e12), { validTo: 1e12 - 72 * 3_600_000 - 60_000 })
  const vehicle = vehicleOf(parsed.value, 'car', 1e12, [])
  t.match(vehicle.shows, [
    { afterMs: 300, sensed: { of: 'seal', status: 'CLOSED', openedAt: 1e12 - 3_600_000 } },
    { afterMs: 300, sensed: { of: 'card', cardNo: 'K1' } },
    { afterMs: 2_000, sensed: { ids: ['EAR-0001', 'EAR-0002', 'EAR-0003'] } },
  ])
  t.same(
    [1, 2, 3].map((number) => laneKindOf(parsed.value, number)?.profile),
    ['roadInLaden', 'roadInNoBoxCar', 'roadInLaden'],
  )
  t.end()
})

t.test('what a vehicle shows this once takes the place of all that is of the same', (t) => {
  const parsed = parseScenario({
    ...truck,
    timeline: [
      { at: 0, drives: 'car', lane: 1, shows: [{ of: 'sealMissed' }, { of: 'sealMissed', after: '1s' }] },
    ],
  })
  if (!parsed.ok) return t.fail(describeProblems(parsed.problems))
  const [line] = parsed.value.lines
  const instead = line?.kind === 'do' && line.deed.is === 'drives' ? line.deed.shows : []
  const { shows = [] } = vehicleOf(parsed.value, 'car', 0, instead)
  t.same(
    shows.map(({ sensed }) => sensed.of),
    ['card', 'earTags', 'sealMissed', 'sealMissed'],
  )
  t.end()
})

t.test('a moment, a finding or a need that makes no sense is named with its place', (t) => {
  const told = (change: object) => {
    const parsed = parseScenario({ ...truck, ...change })
    return parsed.ok ? [] : parsed.problems.map(({ path, message }) => `${path}: ${message}`)
  }
  const [certificate] = truck.lists
  const shows = (shown: object) => ({ vehicles: { car: { shows: [shown] } } })
  t.match(told({ lists: [{ ...certificate, validTo: '3 days' }] }), [
    /^lists.0.validTo: "3 days" is no time; write/,
  ])
  t.match(told({ lists: [{ ...certificate, used: 'no' }] }), [/^lists.0.used: /])
  t.match(told(shows({ of: 'luck' })), [/^vehicles.car.shows.0: a finding is of one of card, temperature/])
  t.match(told(shows({ of: 'card', cardNo: 'K1', colour: 'red' })), [
    /shows.0: a finding of card has no "colour"/,
  ])
  t.match(told(shows({ of: 'weight', grossKg: 'much' })), [/^vehicles.car.shows.0.grossKg: /])
  t.match(told({ lane: { profile: 'roadInLaden', sprayers: 2 } }), [/^lane/])
  t.end()
})

t.test('a scenario upon papers says only what is different', (t) => {
  const base = {
    lane: { profile: 'roadInLaden' },
    settings: { a: 1 },
    lists: [
      { kind: 'trip', tripId: 'T1', load: 'L', containers: ['B1'] },
      { kind: 'draw', tripId: 'T1', selected: false },
    ],
    vehicles: { truck: { kind: 'TRUCK', plates: ['A'] } },
  }
  const own = {
    settings: { b: 2 },
    lists: [
      { kind: 'trip', tripId: 'T1', load: 'E' },
      { kind: 'draw', tripId: 'T1', absent: true },
      { kind: 'trip', tripId: 'T2' },
    ],
    vehicles: { truck: { tags: ['E1'] } },
  }
  t.same(upon(base, own), {
    lane: { profile: 'roadInLaden' },
    settings: { a: 1, b: 2 },
    lists: [
      { kind: 'trip', tripId: 'T1', load: 'E', containers: ['B1'] },
      { kind: 'trip', tripId: 'T2' },
    ],
    vehicles: { truck: { kind: 'TRUCK', plates: ['A'], tags: ['E1'] } },
  })
  t.end()
})

t.test('lines are played in the order of their time, whatever order they stand in', (t) => {
  const parsed = parseScenario({
    ...minimal,
    timeline: [
      { at: '2s', expect: 'barrierRaised', lane: 1, within: '4s' },
      { at: '500ms', break: 'uplink', for: '1min' },
      { at: 0, drives: 'car', lane: 1 },
      { at: 10, never: 'raiseAccepted', for: '3s' },
    ],
  })
  t.ok(parsed.ok)
  if (parsed.ok) {
    t.strictSame(
      parsed.value.lines.map((line) => [line.kind, line.atMs]),
      [
        ['do', 0],
        ['never', 10],
        ['do', 500],
        ['expect', 2_000],
      ],
    )
    t.equal(parsed.value.endMs, 6_000)
  }
  t.end()
})

t.test(
  'a repeated line is as many lines, each so long after the one before, with what it looks back to',
  (t) => {
    const parsed = parseScenario({
      ...minimal,
      timeline: [
        { at: '1s', drives: 'car', lane: 1, repeat: { times: 3, every: '10s' } },
        { at: '2s', since: '1s', expect: 'barrierRaised', within: '4s', repeat: { times: 2, every: '10s' } },
      ],
    })
    t.ok(parsed.ok)
    if (parsed.ok) {
      t.strictSame(
        parsed.value.lines.map((line) => [
          line.kind,
          line.atMs,
          line.kind === 'expect' ? line.sinceMs : null,
        ]),
        [
          ['do', 1_000, null],
          ['expect', 2_000, 1_000],
          ['do', 11_000, null],
          ['expect', 12_000, 11_000],
          ['do', 21_000, null],
        ],
      )
      t.equal(parsed.value.endMs, 21_000)
    }
    const bad = parseScenario({ ...minimal, timeline: [{ at: 0, mend: 'plc', repeat: { times: 0 } }] })
    t.match(bad, {
      ok: false,
      problems: [{ path: 'timeline.0.repeat.times' }, { path: 'timeline.0.repeat.every' }],
    })
    t.end()
  },
)

t.test('who is for the virtual world only cannot be marked for real processes', (t) => {
  const parsed = parseScenario({ ...minimal, worlds: ['virtual'], real: true })
  t.match(parsed, { ok: false, problems: [{ path: 'real' }] })
  t.end()
})

t.test('everything that is wrong is said at once, with its place', (t) => {
  const parsed = parseScenario({
    ...minimal,
    timeline: [
      { at: 'soon', drives: 'car', lane: 1 },
      { at: 0, drives: 'car', lane: 1, how: 'flies' },
      { at: 0, expect: 'miracle' },
      { at: 0, tag: 'A1', plate: 'B', lane: 1 },
      { at: 0, never: 'barrierRaised' },
      { at: 0, expect: 'faultRaised', code: 'reader.tired' },
    ],
  })
  t.equal(parsed.ok, false)
  if (!parsed.ok) {
    t.strictSame(
      parsed.problems.map((p) => p.path),
      ['timeline.0.at', 'timeline.1.how', 'timeline.2', 'timeline.3', 'timeline.4.for', 'timeline.5.code'],
    )
  }
  t.end()
})

t.test('a vehicle or a lane that is not there is said', (t) => {
  const parsed = parseScenario({ ...minimal, timeline: [{ at: 0, drives: 'bus', lane: 2 }] })
  t.match(parsed, { ok: false, problems: [{ message: /"bus"/ }, { message: /lane 2/ }] })
  t.end()
})

t.test('a condition is met by what it names and by nothing else', (t) => {
  const event = (type: string, body: Record<string, unknown>): Observed => ({
    is: 'event',
    atMs: 0,
    lane: 1,
    type,
    passageId: 'p',
    body,
  })
  const held = event('decided', { decision: { outcome: 'hold', reasons: [{ code: 'CTL-02' }] } })
  t.ok(matches({ is: 'held', lane: 1, reason: 'CTL-02' }, held))
  t.notOk(matches({ is: 'held', lane: 2 }, held))
  t.notOk(matches({ is: 'held', lane: 1, reason: 'ID-01' }, held))
  t.notOk(matches({ is: 'decided', lane: null, outcome: 'release' }, held))
  const ended = event('passageEnded', { how: 'backedOut', outcome: null })
  t.ok(matches({ is: 'passageEnded', lane: null, how: 'backedOut', outcome: null }, ended))
  t.notOk(matches({ is: 'passageEnded', lane: null, how: 'cleared' }, ended))
  const refused: Observed = { is: 'refusedAtGateway', atMs: 0, lane: 1, why: 'interceptNeedsOrder' }
  t.ok(matches({ is: 'refused', lane: 1, why: 'interceptNeedsOrder' }, refused), 'by the gateway')
  const judged = event('verdictJudged', { result: 'refused', why: 'interceptNeedsOrder' })
  t.ok(matches({ is: 'refused', lane: 1, why: 'interceptNeedsOrder' }, judged), 'by the edge')
  t.notOk(matches({ is: 'refused', lane: 1, why: 'expired' }, refused))
  t.ok(matches({ is: 'recorded', lane: null, type: 'passageEnded', where: { how: 'backedOut' } }, ended))
  t.notOk(matches({ is: 'recorded', lane: null, type: 'passageEnded', where: { 'how.deep': 'x' } }, ended))
  t.end()
})
