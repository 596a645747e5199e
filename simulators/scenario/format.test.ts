import t from 'tap'
import { parseScenario } from './format.js'
import { matches } from './match.js'
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
