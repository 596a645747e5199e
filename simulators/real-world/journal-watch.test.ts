import t from 'tap'
import { complaintsOf } from './journal-watch.js'

type Body = Readonly<Record<string, unknown>>
const event = (type: string, body: Body) => ({ type, body })
const decided = (decisionId: string, outcome: string) =>
  event('decided', { decisionId, decision: { outcome } })
const judged = (verdictId: string, answer: string, result: string) =>
  event('verdictJudged', { verdictId, answer, result })
const intent = (commandId: string, right: Body) => event('barrierIntent', { commandId, right })
const spray = event('sprayIntent', { commandId: 's1', decisionId: 'd1' })
const byDecision = { by: 'decision', decisionId: 'd1' }
const byVerdict = { by: 'verdict', verdictId: 'v1' }

const rows: readonly [string, Parameters<typeof complaintsOf>[0], readonly string[], readonly RegExp[]][] = [
  ['a released vehicle', [decided('d1', 'release'), intent('r1', byDecision)], ['r1'], []],
  ['an accepted verdict', [judged('v1', 'release', 'accepted'), intent('r1', byVerdict)], ['r1'], []],
  ['an intent that the PLC never took', [decided('d1', 'release'), intent('r1', byDecision)], [], []],
  ['a raise without a record', [decided('d1', 'release')], ['r1'], [/r1, which was not recorded/]],
  ['a raise for a held vehicle', [decided('d1', 'hold'), intent('r1', byDecision)], ['r1'], [/rests on d1/]],
  [
    'a raise before its decision',
    [intent('r1', byDecision), decided('d1', 'release')],
    ['r1'],
    [/rests on d1/],
  ],
  [
    'a refused verdict',
    [judged('v1', 'release', 'refused'), intent('r1', byVerdict)],
    ['r1'],
    [/rests on v1/],
  ],
  [
    'two raises of one right',
    [decided('d1', 'release'), intent('r1', byDecision), intent('r2', byDecision)],
    ['r1', 'r2'],
    [/r2 rests on d1/],
  ],
  [
    'a vehicle that was disinfected by right of a decision',
    [decided('d1', 'disinfect'), spray, event('disinfected', { commandId: 's1' }), intent('r1', byDecision)],
    ['r1'],
    [],
  ],
  [
    'a disinfection that is not done',
    [decided('d1', 'disinfect'), spray, intent('r1', byDecision)],
    ['r1'],
    [/rests on d1/],
  ],
  ['a raise taken twice', [decided('d1', 'release'), intent('r1', byDecision)], ['r1', 'r1'], [/r1 twice/]],
]

for (const [name, events, accepted, expected] of rows) {
  t.test(`${name}: ${expected.length === 0 ? 'nothing to complain of' : 'is complained of'}`, (t) => {
    const found = complaintsOf(events, accepted)
    t.equal(found.length, expected.length)
    t.match(found, [...expected])
    t.end()
  })
}
