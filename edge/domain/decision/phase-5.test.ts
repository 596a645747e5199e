import t from 'tap'
import type { SealObservation } from './cargo.js'
import {
  exampleBox,
  exampleDeclaration,
  exampleFitness,
  exampleLaden,
  exampleSeal,
  type LadenChange,
} from './cargo-examples.js'
import { cargoProfiles, type CargoProfileName } from './cargo-profiles.js'
import { decide, patienceMs } from './decide.js'
import { exampleNowMs } from './examples.js'
import { profiles } from './profiles.js'
import { sealStandsForInspection, sealVerified } from './seals.js'
import type { LaneProfile } from './types.js'
import { viewOf } from './view.js'

const otherBox = 'MSKU1234565'
const lane = (profile: CargoProfileName): LaneProfile => cargoProfiles[profile]
const judged = (change: LadenChange, profile: LaneProfile = lane('roadInLaden')) =>
  decide(exampleLaden(change, profile))
const spoken = (change: LadenChange, profile?: LaneProfile) =>
  judged(change, profile).reasons.map((reason) => `${reason.row} ${reason.code} ${reason.outcome}`)

function seal(change: Partial<SealObservation> = {}): SealObservation {
  return { sealId: 'S1', status: 'CLOSED', openedAt: null, batteryLow: false, ...change }
}

const reading = (seals: readonly SealObservation[], sealTries = 1): LadenChange => ({
  seen: { seals, sealTries },
})
const recorded = (change: Partial<typeof exampleSeal>): LadenChange => ({
  known: { seals: { S1: { ...exampleSeal, ...change } } },
})
const stranger = { S1: exampleSeal, S9: { ...exampleSeal, sealId: 'S9' } }

/** What an officer expects to be told of a seal: one code for each thing that can be wrong. */
const sealScenes: readonly (readonly [what: string, change: LadenChange, said: readonly string[]])[] = [
  ['a seal as it was put on', {}, ['74 OK-02 release']],
  ['a seal that was not read at the first try', reading([], 1), ['50 SEAL-01 escalate']],
  ['a seal that was not read at the second try', reading([], 2), ['50 SEAL-01 escalate']],
  ['a seal that was not read at the third try: missing', reading([], 3), ['50 SEAL-01 hold']],
  [
    'a lane whose seal reader never said anything: missing',
    { seen: { seals: null, sealTries: 3 } },
    ['50 SEAL-01 hold'],
  ],
  [
    'another seal in its place: wrong, at the first try',
    { ...reading([seal({ sealId: 'S9' })]), known: { seals: stranger } },
    ['51 SEAL-02 hold'],
  ],
  [
    'another seal in its place, after all tries: wrong, and nothing is missing',
    { ...reading([seal({ sealId: 'S9' })], 3), known: { seals: stranger } },
    ['51 SEAL-02 hold'],
  ],
  [
    'one of two seals replaced: wrong',
    {
      ...reading([seal(), seal({ sealId: 'S9' })], 3),
      trip: { sealIds: ['S1', 'S2'] },
      known: { seals: stranger },
    },
    ['51 SEAL-02 hold'],
  ],
  [
    'one of three seals replaced and one gone: missing and wrong',
    {
      ...reading([seal(), seal({ sealId: 'S9' })], 3),
      trip: { sealIds: ['S1', 'S2', 'S3'] },
      known: { seals: stranger },
    },
    ['50 SEAL-01 hold', '51 SEAL-02 hold'],
  ],
  ['a seal of another container: wrong', recorded({ container: otherBox }), ['51 SEAL-02 hold']],
  ['a seal that was never put on: wrong', recorded({ state: 'ISSUED' }), ['51 SEAL-02 hold']],
  ['a seal that was declared void: wrong', recorded({ state: 'VOID' }), ['51 SEAL-02 hold']],
  [
    'a seal that an officer has opened before: wrong',
    recorded({ state: 'OPENED_AUTHORISED' }),
    ['51 SEAL-02 hold'],
  ],
  ['a seal that a gate before has verified', recorded({ state: 'VERIFIED' }), ['74 OK-02 release']],
  ['a seal on a trip that names none', { trip: { sealIds: [] } }, ['51 SEAL-02 hold']],
  ['a trip without a seal', { ...reading([]), trip: { sealIds: [] } }, ['74 OK-02 release']],
  ['a seal that is open: tampered', reading([seal({ status: 'OPENED' })]), ['52 SEAL-03 hold']],
  [
    'a seal that is closed again: tampered',
    reading([seal({ openedAt: exampleNowMs - 3_600_000 })]),
    ['52 SEAL-03 hold'],
  ],
  [
    'a seal that says it will be opened tomorrow: its clock is wrong, and it was opened',
    reading([seal({ openedAt: exampleNowMs + 86_400_000 })]),
    ['52 SEAL-03 hold'],
  ],
  [
    'two readings of a seal, one of them open',
    reading([seal(), seal({ status: 'OPENED' })]),
    ['52 SEAL-03 hold'],
  ],
  [
    'a seal that nobody issued: forged, and nothing else',
    { ...reading([seal({ sealId: 'S9' })], 3), known: { seals: { S1: exampleSeal, S9: null } } },
    ['53 SEAL-04 hold'],
  ],
  [
    'the number of the trip on a seal that nobody issued: forged',
    { known: { seals: { S1: null } } },
    ['53 SEAL-04 hold'],
  ],
  ['a seal whose records cannot be asked', { known: { seals: {} } }, ['51 SYS-02 escalate']],
  [
    'a seal that does not say whether it is open',
    reading([seal({ status: 'unknown' })]),
    ['52 SYS-01 escalate'],
  ],
]

for (const [what, change, said] of sealScenes) {
  t.test(`${what}: ${said.join(', ')}`, (t) => {
    t.same(spoken(change).slice(0, said.length), said)
    t.equal(judged(change).primary, said[0]?.split(' ')[1])
    t.end()
  })
}

t.test('missing, wrong, opened and forged have a code each', (t) => {
  const primaries = [
    reading([], 3),
    recorded({ container: otherBox }),
    reading([seal({ status: 'OPENED' })]),
    { known: { seals: { S1: null } } },
  ].map((change) => judged(change).primary)
  t.same(primaries, ['SEAL-01', 'SEAL-02', 'SEAL-03', 'SEAL-04'])
  t.end()
})

t.test('the lane waits for a seal while there are tries left, and for nothing that was read wrong', (t) => {
  t.equal(patienceMs(exampleLaden(reading([], 2))), 7_600)
  t.equal(patienceMs(exampleLaden({ ...reading([], 2), senses: { presentForMs: 8_000 } })), 0)
  t.equal(patienceMs(exampleLaden(reading([], 3))), 0)
  t.equal(patienceMs(exampleLaden(reading([seal({ status: 'OPENED' })]))), 0)
  t.end()
})

t.test('a low battery is told and holds nobody', (t) => {
  const decision = judged(reading([seal({ batteryLow: true })]))
  t.match(decision, { outcome: 'release', advisories: ['SEAL_BATTERY'] })
  t.end()
})

t.test('a lane that needs no seals holds for a seal that is wrong, and for none that it cannot know', (t) => {
  const cars = profiles.roadInNoBoxTruck
  const trip: LadenChange['trip'] = { load: 'V', containers: [], sealIds: ['S1'] }
  const at = (change: LadenChange) =>
    spoken({ ...change, trip: { ...trip } }, cars).filter((line) => /^5\d /.test(line))
  t.same(at(reading([seal({ status: 'OPENED' })])), ['52 SEAL-03 hold'])
  t.same(at({ known: { seals: { S1: null } } }), ['53 SEAL-04 hold'])
  for (const change of [reading([], 3), reading([seal({ status: 'unknown' })]), { known: { seals: {} } }])
    t.same(at(change), [])
  t.end()
})

t.test('a seal is verified only if everything about it is right', (t) => {
  const word = (change: LadenChange) => sealVerified(viewOf(exampleLaden(change)))
  t.equal(word({}), true)
  for (const change of [
    reading([], 3),
    reading([seal({ status: 'OPENED' })]),
    reading([seal(), seal({ sealId: 'S9' })]),
    recorded({ container: otherBox }),
    { known: { seals: { S1: null } } },
    { trip: { sealIds: [] } },
    { known: { trip: null } },
  ])
    t.equal(word(change), false, JSON.stringify(change))
  for (const change of [
    reading([], 2),
    reading([seal({ status: 'unknown' })]),
    { known: { seals: {} } },
    { known: { trip: 'unknown' } } as const,
  ])
    t.equal(word(change), 'unknown', JSON.stringify(change))
  t.end()
})

t.test(
  'straight release: a verified seal stands for the inspection on the way out, and nowhere else',
  (t) => {
    const word = (profile: CargoProfileName, change: LadenChange = { trip: { straightRelease: true } }) =>
      sealStandsForInspection(viewOf(exampleLaden(change, lane(profile))))
    t.equal(word('roadOutLaden'), true)
    t.equal(word('seaInLaden'), true)
    t.equal(word('roadInLaden'), false)
    t.equal(word('seaOutLaden'), false)
    t.equal(word('roadOutEmpty'), false)
    t.equal(word('roadOutLaden', {}), false, 'the trip is not one of straight release')
    const opened = { trip: { straightRelease: true }, ...reading([seal({ status: 'OPENED' })]) }
    t.equal(word('roadOutLaden', opened), false)
    t.equal(word('roadOutLaden', { trip: { straightRelease: true }, known: { seals: {} } }), 'unknown')
    t.equal(
      word('roadOutLaden', { known: { trip: 'unknown' } }),
      'unknown',
      'nobody knows what it was to show',
    )
    t.end()
  },
)

t.test('a load that IQ wants to inspect goes out under a verified seal, and not without', (t) => {
  const inspect = exampleDeclaration({ ruling: 'INSPECT', result: null })
  const change = (straightRelease: boolean): LadenChange => ({
    trip: { straightRelease },
    known: {
      declarations: {
        CUS1: exampleDeclaration({ declarationNo: 'CUS1', agency: 'CUSTOMS' }),
        IQ1: inspect,
      },
    },
  })
  t.equal(judged(change(true), lane('roadOutLaden')).outcome, 'release')
  t.equal(judged(change(false), lane('roadOutLaden')).primary, 'INS-01')
  const tampered = { ...change(true), ...reading([seal({ status: 'OPENED' })]) }
  t.ok(spoken(tampered, lane('roadOutLaden')).includes('32 INS-01 hold'))
  t.end()
})

const names = (count: number) => Array.from({ length: count }, (_, i) => `A${String(i).padStart(3, '0')}`)
const pigs = (declared: number, read: readonly string[]) =>
  judged(
    { trip: { earTags: { declared, ids: names(declared) } }, seen: { earTags: read } },
    lane('roadOutLaden'),
  )

t.test('animals are counted by their ear tags, with two in a hundred unread', (t) => {
  t.match(pigs(40, names(40)), { outcome: 'release' })
  t.match(pigs(40, names(39)), { outcome: 'hold', primary: 'ANI-01' }, '39 of 40 is less than 39.2')
  t.match(pigs(40, names(41)), { outcome: 'hold', primary: 'ANI-02' }, 'one too many')
  t.match(pigs(50, names(49)), { outcome: 'release' }, '49 of 50 is exactly two in a hundred')
  t.match(pigs(100, names(98)), { outcome: 'release' })
  t.match(pigs(100, names(97)), { primary: 'ANI-01' })
  t.match(
    pigs(40, [...names(39), 'B1']),
    { primary: 'ANI-01' },
    'a strange one counts for none that is missing',
  )
  t.match(pigs(100, [...names(99), 'B1']), { primary: 'ANI-02' })
  t.match(pigs(40, [...names(40), ...names(40)]), { outcome: 'release' }, 'a tag read twice is one animal')
  t.match(pigs(40, []), { primary: 'ANI-01' })
  t.end()
})

t.test('where only the number of animals was declared, only the number is held against them', (t) => {
  const counted = (read: number) =>
    judged(
      { trip: { earTags: { declared: 100, ids: [] } }, seen: { earTags: names(read) } },
      lane('roadOutLaden'),
    )
  t.match(counted(98), { outcome: 'release' })
  t.match(counted(97), { primary: 'ANI-01' })
  t.match(counted(101), { primary: 'ANI-02' })
  t.end()
})

t.test('crates are counted by their labels, with five in a hundred unread', (t) => {
  const crates = (declared: number, crateLabels: number) =>
    judged({ trip: { crateLabels: { declared } }, seen: { crateLabels } }, lane('roadOutLaden'))
  t.match(crates(450, 436), { outcome: 'release' }, '3 % unread')
  t.match(crates(450, 428), { outcome: 'release' })
  t.match(crates(450, 427), { outcome: 'hold', primary: 'TRC-01' })
  t.match(crates(100, 95), { outcome: 'release' }, 'exactly five in a hundred')
  t.match(crates(100, 94), { primary: 'TRC-01' })
  t.match(crates(100, 0), { primary: 'TRC-01' }, 'none at all')
  t.match(crates(0, 0), { primary: 'TRC-01' }, 'none declared and none there: untraceable')
  t.end()
})

t.test('animals and crates are counted on the way out by road, and nowhere else', (t) => {
  const change: LadenChange = { trip: { earTags: { declared: 40, ids: [] }, crateLabels: { declared: 9 } } }
  t.same(spoken(change, lane('roadOutLaden')), ['56 SYS-01 escalate', '57 SYS-01 escalate'])
  t.match(judged(change, lane('roadInLaden')), { outcome: 'release' })
  t.end()
})

t.test('the certificate of the container is there, in time, unused and its own', (t) => {
  const certified = (change: Partial<typeof exampleFitness>) =>
    spoken({ known: { fitness: { [exampleBox]: { ...exampleFitness, ...change } } } }, lane('roadOutLaden'))
  t.same(certified({}), ['74 OK-02 release'])
  t.same(certified({ validTo: exampleNowMs }), ['74 OK-02 release'])
  t.same(certified({ validTo: exampleNowMs - 1 }), ['58 FIT-01 hold'])
  t.same(certified({ used: true }), ['58 FIT-01 hold'])
  t.same(certified({ container: otherBox }), ['58 FIT-02 escalate'])
  t.same(certified({ container: otherBox, used: true }), ['58 FIT-01 hold', '58 FIT-02 escalate'])
  const missing: LadenChange = { known: { fitness: { [exampleBox]: null } } }
  t.same(spoken(missing, lane('seaInLaden')), ['58 FIT-01 hold'])
  t.same(spoken({ ...missing, trip: { needsFitness: false } }, lane('seaInLaden')), ['75 OK-03 release'])
  t.same(spoken(missing, lane('roadInLaden')), ['74 OK-02 release'], 'nobody asks for it on the way in')
  t.end()
})

t.test('by an untrusted clock no certificate is valid, and none has ended', (t) => {
  const now = { wallMs: exampleNowMs, clockQuality: 'untrusted' } as const
  const ended = { [exampleBox]: { ...exampleFitness, validTo: exampleNowMs - 1 } }
  for (const change of [{ now }, { now, known: { fitness: ended } }]) {
    const decision = judged(change, lane('roadOutLaden'))
    t.match(
      decision.reasons.find((reason) => reason.row === 58),
      { code: 'SYS-03', outcome: 'escalate' },
    )
  }
  t.end()
})
