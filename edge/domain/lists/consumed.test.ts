import t from 'tap'
import {
  exampleDeclaration,
  exampleFitness,
  exampleLaden,
  exampleRelease,
  exampleTrip,
} from '../decision/cargo-examples.js'
import { noCargoFacts } from '../decision/cargo.js'
import { ConsumedBoard, type Consumption } from './consumed.js'

const facts = exampleLaden().facts.cargo ?? noCargoFacts
const what: Consumption = {
  tripId: 'T1',
  declarationNos: ['IQ1'],
  releaseIds: ['R1'],
  certificateNos: ['F1'],
  sealIds: ['S1'],
  containers: [],
  receiptId: 'Q1',
  usesLeft: { R1: 1 },
}

t.test('what one lane has used up is used up for every other', (t) => {
  const board = new ConsumedBoard()
  t.equal(board.overlay('p2', facts), facts, 'nothing was used')
  board.consume(what, 1_000)
  const left = board.overlay('p2', facts)
  t.match(left.trip, { crossedAt: 1_000 })
  t.match(left.declarations['IQ1'], { state: 'CROSSED' })
  t.equal(left.declarations['CUS1'], facts.declarations['CUS1'])
  t.match(left.fitness, { TCLU4265449: { used: true } })
  t.match(
    left.releases === 'unknown' ? [] : left.releases.map(({ state, usesLeft }) => `${state} ${usesLeft}`),
    ['CONSUMED 0', 'ACTIVE 1', 'ACTIVE 1'],
  )
  t.equal(board.isReceiptUsed('p2', 'Q1'), true)
  t.equal(board.isReceiptUsed('p2', 'Q2'), false)
  t.same(facts.trip, exampleTrip, 'the facts themselves stay as they were read')
  t.end()
})

t.test('what a vehicle on its way uses is free for itself only, until it is over', (t) => {
  const board = new ConsumedBoard()
  board.reserve('p1', what, 2_000)
  t.equal(board.overlay('p1', facts).trip, facts.trip)
  t.match(board.overlay('p2', facts).trip, { crossedAt: 2_000 })
  t.match(board.overlay('p2', facts).fitness, { TCLU4265449: { used: true } })
  t.equal(board.isReceiptUsed('p1', 'Q1'), false)
  t.equal(board.isReceiptUsed('p2', 'Q1'), true)
  board.reserve('p1', null)
  t.equal(board.overlay('p2', facts), facts)
  t.end()
})

t.test(
  'a release of several uses loses one with each crossing, and is not counted twice when the list shows it',
  (t) => {
    const board = new ConsumedBoard()
    const withUses = (usesLeft: number) => ({ ...facts, releases: [exampleRelease({ usesLeft })] })
    const left = (usesLeft: number): unknown => {
      const { releases } = board.overlay('p9', withUses(usesLeft))
      return releases === 'unknown' ? releases : releases[0]?.usesLeft
    }
    board.consume({ ...what, usesLeft: { R1: 3 } }, 1)
    t.equal(left(3), 2)
    board.consume({ ...what, usesLeft: { R1: 3 } }, 2)
    t.equal(left(3), 1)
    t.equal(left(2), 1, 'the list shows the first')
    t.equal(board.isShown(exampleRelease({ usesLeft: 2 })), false)
    t.equal(board.isShown(exampleRelease({ usesLeft: 1 })), true)
    board.forget('release', 'R1')
    t.equal(left(1), 1)
    t.end()
  },
)

t.test('a thing is forgotten only when its list shows it used', (t) => {
  const board = new ConsumedBoard()
  board.consume(what, 5)
  t.equal(board.isShown(exampleTrip), false)
  t.equal(board.isShown({ ...exampleTrip, crossedAt: 5 }), true)
  t.equal(board.isShown(exampleDeclaration()), false)
  t.equal(board.isShown(exampleDeclaration({ state: 'CROSSED' })), true)
  t.equal(board.isShown(exampleFitness), false)
  t.equal(board.isShown({ ...exampleFitness, used: true }), true)
  t.end()
})

t.test('more than can be remembered makes every load a matter for a person', (t) => {
  const board = new ConsumedBoard({ ofKindMax: 2 })
  for (const tripId of ['T7', 'T8', 'T9']) board.consume({ ...what, tripId }, 1)
  t.equal(board.overflow, true)
  t.equal(board.overlay('p1', facts).trip, 'unknown')
  t.equal(board.overlay('p1', facts).releases, 'unknown')
  t.equal(board.isReceiptUsed('p1', 'Q7'), true)
  t.equal(board.overlay('p1', { ...facts, trip: null }).trip, null)
  t.end()
})

t.test('what a sweep has looked at comes last in the next', (t) => {
  const board = new ConsumedBoard()
  for (const tripId of ['T7', 'T8', 'T9']) board.consume({ ...what, tripId }, 1)
  t.same(board.remembered('trip', 2), ['T7', 'T8'])
  board.keep('trip', 'T7')
  t.same(board.remembered('trip', 3), ['T8', 'T9', 'T7'])
  t.end()
})
