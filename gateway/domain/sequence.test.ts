import fc from 'fast-check'
import t from 'tap'
import { firstPreviousHash } from '../../edge/messages/envelope.js'
import { advance, type SequenceState } from './sequence.js'

const link = (sequence: number) => ({
  hash: `h${sequence}`,
  previousHash: sequence === 1 ? firstPreviousHash : `h${sequence - 1}`,
})
const start: SequenceState = { upTo: 0, lastHash: firstPreviousHash, ahead: new Set() }

t.test('whatever the order of arrival, the mark ends behind the last and every place is passed once', (t) => {
  const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31)
  t.comment(`SEED=${seed}`)
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 60 }),
      fc.array(fc.nat(), { maxLength: 200 }),
      fc.integer({ min: 1, max: 9 }),
      (count, keys, batch) => {
        const order = Array.from({ length: count }, (_, i) => i + 1)
          .map((sequence, i) => ({ sequence, key: keys[i] ?? i }))
          .sort((a, b) => a.key - b.key)
          .map((one) => one.sequence)
        let state = start
        const passed: number[] = []
        for (let at = 0; at < order.length; at += batch) {
          const step = advance(state, link, order.slice(at, at + batch))
          passed.push(...step.passed)
          if (step.broken.length > 0) return false
          state = step
        }
        return (
          state.upTo === count &&
          state.ahead.size === 0 &&
          state.lastHash === `h${count}` &&
          passed.every((sequence, i) => sequence === i + 1)
        )
      },
    ),
    { seed, numRuns: 300 },
  )
  t.end()
})

t.test('a gap holds the mark, and what came behind it waits', (t) => {
  const step = advance(start, link, [2, 3])
  t.match(step, { upTo: 0, passed: [], broken: [] })
  t.same([...step.ahead], [2, 3])
  t.match(advance(step, link, [1]), { upTo: 3, passed: [1, 2, 3], lastHash: 'h3' })
  t.end()
})

t.test('a link that does not fit is reported and does not stop the mark', (t) => {
  const forged = (sequence: number) => (sequence === 2 ? { hash: 'h2', previousHash: 'zzz' } : link(sequence))
  t.match(advance(start, forged, [1, 2, 3]), { upTo: 3, broken: [2] })
  t.end()
})

t.test('after a place that holds no event, the next link cannot be judged and is not', (t) => {
  const missing = (sequence: number) => (sequence === 2 ? null : link(sequence))
  t.match(advance(start, missing, [1, 2, 3]), { upTo: 3, broken: [], lastHash: 'h3' })
  t.match(advance(start, missing, [1, 2]), { upTo: 2, lastHash: null })
  t.end()
})
