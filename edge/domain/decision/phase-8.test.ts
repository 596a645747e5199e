import t from 'tap'
import { exampleLaden } from './cargo-examples.js'
import { cargoProfiles } from './cargo-profiles.js'
import type { CustomsAnswer } from './cargo.js'
import { decide, patienceMs } from './decide.js'
import { defaultPolicy } from './profiles.js'
import { defaultCargoPolicy } from './cargo.js'
import type { LaneProfile } from './types.js'

const waiting = (forMs: number, tries: number): CustomsAnswer => ({ is: 'waiting', forMs, tries })
const asked = (customs: CustomsAnswer | null, profile: LaneProfile = cargoProfiles.roadInLaden) =>
  exampleLaden({ known: { customs } }, profile)

const answers: readonly (readonly [
  what: string,
  customs: CustomsAnswer | null,
  late: boolean,
  leftMs: number,
])[] = [
  ['just asked', waiting(0, 1), false, 6_000],
  ['the first try is over', waiting(3_000, 1), false, 3_000],
  ['asked a second time', waiting(0, 2), false, 3_000],
  ['the last millisecond of the second try', waiting(2_999, 2), false, 1],
  ['the second try is over', waiting(3_000, 2), true, 0],
  ['long over', waiting(60_000, 2), true, 0],
  ['nobody asked a second time', waiting(6_000, 1), true, 0],
]

for (const [what, customs, late, leftMs] of answers) {
  t.test(`customs, ${what}: ${late ? 'a person' : `${leftMs} ms more`}`, (t) => {
    const inputs = asked(customs)
    const [reason, ...more] = decide(inputs).reasons
    t.match(reason, { row: 71, code: 'SYS-04', outcome: 'escalate' })
    t.same(reason?.evidence, late ? { partner: 'customs' } : { missing: 'customs' })
    t.same(more, [], 'an answer that is awaited is not a refusal')
    t.equal(patienceMs(inputs), leftMs)
    t.end()
  })
}

t.test('where nobody needs customs no answer is awaited', (t) => {
  const inputs = asked(waiting(60_000, 2), cargoProfiles.roadInEmpty)
  t.same(
    decide(inputs).reasons.filter(({ row }) => row === 71),
    [],
  )
  t.end()
})

t.test('how long customs may take is configuration', (t) => {
  const policy = { ...defaultPolicy, cargo: { ...defaultCargoPolicy, customsWithinMs: 500 } }
  t.equal(patienceMs(exampleLaden({ policy, known: { customs: waiting(100, 1) } })), 900)
  t.end()
})

t.test('a hold does not wait for customs', (t) => {
  t.equal(patienceMs(exampleLaden({ known: { customs: waiting(0, 1), police: 'NO' } })), 0)
  t.end()
})
