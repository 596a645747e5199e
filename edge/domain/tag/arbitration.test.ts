import t from 'tap'
import type { TagElsewhere, TagObservation } from '../decision/types.js'
import { bestOfHearing, claimOf, defaultArbitration, strongerOf, type HeardHere } from './arbitration.js'

const here: HeardHere = {
  bestRssiDbm: -50,
  reports: 5,
  lastHeardAgoMs: 100,
  loopOccupiedForMs: 400,
  complete: true,
}
const there: TagElsewhere = {
  lane: 'lane-2',
  count: 5,
  bestRssiDbm: -50,
  lastHeardAgoMs: 100,
  loopOccupiedForMs: null,
  passedAgoMs: null,
}

interface Row {
  readonly when: string
  readonly here?: Partial<HeardHere>
  readonly there: readonly Partial<TagElsewhere>[]
  readonly claim: TagObservation['claim']
}

const rows: readonly Row[] = [
  { when: 'it is heard only here', there: [], claim: 'mine' },
  { when: 'it is heard only here, without RSSI', here: { bestRssiDbm: null }, there: [], claim: 'mine' },
  {
    when: 'it is heard only here, but long ago and the loop is clear',
    here: { lastHeardAgoMs: 10_001, loopOccupiedForMs: null },
    there: [],
    claim: 'ambiguous',
  },
  {
    when: 'it was heard long ago by a vehicle that still stands on the loop',
    here: { lastHeardAgoMs: 600_000, loopOccupiedForMs: 600_100 },
    there: [],
    claim: 'mine',
  },
  { when: 'it is 6 dB stronger here and nobody stands there', there: [{ bestRssiDbm: -56 }], claim: 'mine' },
  { when: 'it is less than 6 dB stronger here', there: [{ bestRssiDbm: -55.9 }], claim: 'ambiguous' },
  {
    when: 'it is 6 dB stronger here, but nobody stands here either',
    here: { loopOccupiedForMs: null },
    there: [{ bestRssiDbm: -56 }],
    claim: 'ambiguous',
  },
  {
    when: 'it is 11 dB stronger here and vehicles stand in both lanes',
    there: [{ bestRssiDbm: -61, loopOccupiedForMs: 900 }],
    claim: 'ambiguous',
  },
  {
    when: 'it is 12 dB stronger here and vehicles stand in both lanes',
    there: [{ bestRssiDbm: -62, loopOccupiedForMs: 900 }],
    claim: 'mine',
  },
  {
    when: 'it is 6 dB stronger here and has just passed there',
    there: [{ bestRssiDbm: -56, loopOccupiedForMs: 900, passedAgoMs: 3_000 }],
    claim: 'mine',
  },
  {
    when: 'it is 6 dB stronger here and passed there a while ago, where another vehicle stands',
    there: [{ bestRssiDbm: -56, loopOccupiedForMs: 900, passedAgoMs: 20_000 }],
    claim: 'ambiguous',
  },
  {
    when: 'it is 6 dB stronger there and somebody stands there',
    there: [{ bestRssiDbm: -44, loopOccupiedForMs: 900 }],
    claim: 'neighbour',
  },
  {
    when: 'it is 6 dB stronger there and has just passed there',
    there: [{ bestRssiDbm: -44, passedAgoMs: 3_000 }],
    claim: 'neighbour',
  },
  {
    when: 'it is 6 dB stronger there and nobody stands there',
    there: [{ bestRssiDbm: -44 }],
    claim: 'ambiguous',
  },
  {
    when: 'it was stronger there, but that is long ago',
    there: [{ bestRssiDbm: -30, lastHeardAgoMs: 10_001 }],
    claim: 'mine',
  },
  {
    when: 'it was stronger there long ago and the vehicle still stands there',
    there: [{ bestRssiDbm: -30, lastHeardAgoMs: 60_000, loopOccupiedForMs: 60_000 }],
    claim: 'neighbour',
  },
  { when: 'the reader there gives no RSSI', there: [{ bestRssiDbm: null }], claim: 'ambiguous' },
  {
    when: 'the reader here gives no RSSI',
    here: { bestRssiDbm: null },
    there: [{ bestRssiDbm: -70 }],
    claim: 'ambiguous',
  },
  {
    when: 'it is clear of one lane and not of another',
    there: [{ bestRssiDbm: -70 }, { lane: 'lane-3', bestRssiDbm: -52 }],
    claim: 'ambiguous',
  },
  {
    when: 'one of two other lanes has it clearly',
    there: [{ bestRssiDbm: -70 }, { lane: 'lane-3', bestRssiDbm: -40, loopOccupiedForMs: 5 }],
    claim: 'neighbour',
  },
  {
    when: 'one strong read stands against the many of a lane that its vehicle approaches',
    here: { bestRssiDbm: -40, reports: 2 },
    there: [{}],
    claim: 'ambiguous',
  },
  {
    when: 'half of the reports there came here as well, and stronger',
    here: { reports: 3 },
    there: [{ bestRssiDbm: -60 }],
    claim: 'mine',
  },
  {
    when: 'the many reports there are of its passage there, which is over',
    here: { reports: 1 },
    there: [{ bestRssiDbm: -60, passedAgoMs: 3_000 }],
    claim: 'mine',
  },
  { when: 'tags were lost here', here: { complete: false }, there: [], claim: 'ambiguous' },
]

for (const row of rows) {
  t.test(`a tag is ${row.claim} when ${row.when}`, (t) => {
    const others = row.there.map((other) => ({ ...there, ...other }))
    t.equal(claimOf({ ...here, ...row.here }, others), row.claim)
    t.equal(claimOf({ ...here, ...row.here }, [...others].reverse()), row.claim, 'in any order of the lanes')
    t.end()
  })
}

t.test('an offset of zero does not give one tag to two lanes', (t) => {
  const loose = { ...defaultArbitration, offsetDb: 0, contestedOffsetDb: -3 }
  t.equal(claimOf(here, [there], loose), 'ambiguous')
  t.end()
})

t.test('what is no number is no reading', (t) => {
  t.equal(strongerOf(null, Number.NaN), null)
  t.equal(strongerOf(-60, Number.NaN), -60)
  t.equal(strongerOf(-60, -50), -50)
  t.equal(bestOfHearing({ bestRssiDbm: -40, lastHeardMonoMs: 0 }, null, 10_000, defaultArbitration), -40)
  t.equal(bestOfHearing({ bestRssiDbm: -40, lastHeardMonoMs: 0 }, null, 10_001, defaultArbitration), null)
  t.end()
})
