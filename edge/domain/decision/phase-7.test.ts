import t from 'tap'
import type { AccountEntry } from '../../messages/cargo-entities.js'
import { exampleAccount, exampleDriver, exampleLaden, type LadenChange } from './cargo-examples.js'
import { cargoProfiles } from './cargo-profiles.js'
import { defaultCargoPolicy, type CargoPolicy } from './cargo.js'
import { decide } from './decide.js'
import { exampleNowMs } from './examples.js'
import { defaultPolicy } from './profiles.js'
import { remindersOf } from './reminders.js'
import type { DecisionInputs, LaneProfile } from './types.js'

const dayMs = 86_400_000
const untrusted: DecisionInputs['now'] = { wallMs: exampleNowMs, clockQuality: 'untrusted' }
const { roadInLaden, seaInLaden } = cargoProfiles
const needless: LaneProfile = { ...roadInLaden, needs: [] }

const byPolicy = (change: Partial<CargoPolicy>): LadenChange => ({
  policy: { ...defaultPolicy, cargo: { ...defaultCargoPolicy, ...change } },
})
const strict = byPolicy({ arrears: { overFen: 50_000, overDays: 30 } })
const account = (change: Partial<AccountEntry>): LadenChange => ({
  known: { account: { ...exampleAccount, ...change } },
})
const certificate = (healthCertificateValidTo: number): LadenChange => ({
  known: { drivers: { K1: { ...exampleDriver, healthCertificateValidTo } } },
})
const owing = (arrearsFen: number, days: number, moreMs = 0) =>
  account({ arrearsFen, arrearsSince: exampleNowMs - days * dayMs - moreMs })

const scenes: readonly (readonly [
  what: string,
  change: LadenChange,
  said: readonly string[],
  profile?: LaneProfile,
])[] = [
  ['an account in order', {}, []],
  ['the lowest balance that is enough', account({ balanceFen: 10_000 }), []],
  ['a fen less', account({ balanceFen: 9_999 }), ['TOP_UP']],
  ['a fen less, at the seaport', account({ balanceFen: 9_999 }), [], seaInLaden],
  ['a debit under way', account({ debit: 'PENDING' }), ['TOP_UP']],
  ['the bank does not answer', account({ debit: 'BANK_DOWN' }), ['TOP_UP']],
  ['no account: nobody holds for it by default', { known: { account: null } }, []],
  ['arrears of years: nobody holds for them by default', owing(9_000_000, 4_000), []],
  ['arrears up to the limit', { ...strict, ...owing(50_000, 0) }, []],
  ['a fen over the limit', { ...strict, ...owing(50_001, 0) }, ['65 FEE-02 hold']],
  ['arrears for as many days as are allowed', { ...strict, ...owing(1, 30) }, []],
  ['a millisecond longer', { ...strict, ...owing(1, 30, 1) }, ['65 FEE-02 hold']],
  ['nothing owed, since long ago', { ...strict, ...owing(0, 400) }, []],
  [
    'too long by a clock that is not trusted',
    { ...strict, ...owing(1, 400), now: untrusted },
    ['65 SYS-03 escalate', '67 SYS-03 escalate'],
  ],
  [
    'too much by a clock that is not trusted',
    { ...strict, ...owing(50_001, 0), now: untrusted },
    ['65 FEE-02 hold', '65 SYS-03 escalate', '67 SYS-03 escalate'],
  ],
  ['owed, and not said since when', { ...strict, ...account({ arrearsFen: 1 }) }, ['65 SYS-04 escalate']],
  ['no account where arrears hold', { ...strict, known: { account: null } }, ['65 FEE-02 hold']],
  ['no account where nobody needs one', { ...strict, known: { account: null } }, [], needless],
  ['nothing known of the account', { ...strict, known: { account: 'unknown' } }, ['65 SYS-04 escalate']],
  ['nothing known or needed of the account', { ...strict, known: { account: 'unknown' } }, [], needless],
  ['a millisecond more than 30 days of health', certificate(exampleNowMs + 30 * dayMs + 1), []],
  ['30 days of health', certificate(exampleNowMs + 30 * dayMs), ['HEALTH_SOON']],
  ['the last millisecond of a health certificate', certificate(exampleNowMs), ['HEALTH_SOON']],
  ['a health certificate that has ended', certificate(exampleNowMs - 1), ['67 HLT-03 hold']],
  [
    'a health certificate that has ended, where nobody needs a driver',
    certificate(exampleNowMs - 1),
    ['67 HLT-03 hold'],
    needless,
  ],
  [
    'a health certificate that has ended, and is only advised on',
    { ...byPolicy({ healthExpired: 'advise' }), ...certificate(exampleNowMs - 1) },
    ['HEALTH_EXPIRED'],
  ],
  [
    'any health certificate by a clock that is not trusted',
    { ...certificate(exampleNowMs - 1), now: untrusted },
    ['67 SYS-03 escalate'],
  ],
  [
    'the same, only advised on',
    { ...byPolicy({ healthExpired: 'advise' }), ...certificate(exampleNowMs - 1), now: untrusted },
    [],
  ],
]

for (const [what, change, said, profile = roadInLaden] of scenes) {
  t.test(`${what}: ${said.join(', ') || 'nothing'}`, (t) => {
    const { reasons, advisories } = decide(exampleLaden(change, profile))
    const heard = reasons
      .filter(({ row }) => row >= 64 && row <= 67)
      .map(({ row, code, outcome }) => `${row} ${code} ${outcome}`)
    t.same([...heard, ...advisories], said)
    t.end()
  })
}

t.test('a reminder takes nothing from the release, and is shown after it', (t) => {
  const both = { ...account({ balanceFen: 0 }).known, ...certificate(exampleNowMs).known }
  const plain = decide(exampleLaden())
  const reminded = decide(exampleLaden({ known: both }))
  t.match(plain, { outcome: 'release' })
  t.same({ ...reminded, advisories: [] }, plain)
  t.same(remindersOf(reminded.advisories), ['prompt.topUp', 'prompt.healthSoon'])
  t.same(remindersOf(plain.advisories), [])
  t.same(remindersOf(['BLK-02', 'TAG_MISSED']), [], 'what is only for officers is no reminder')
  t.end()
})
