import fc from 'fast-check'
import t from 'tap'
import { backoffMs, brisk, quick, slow } from './backoff.js'
import { SeededRandom } from './random.js'

t.test('no wait is longer than its policy says, nor so short that a link would be tried in a loop', (t) => {
  const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31)
  t.comment(`SEED=${seed}`)
  fc.assert(
    fc.property(
      fc.constantFrom(quick, brisk, slow),
      fc.nat({ max: 100_000 }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (policy, attempt, drawn) => {
        const waitMs = backoffMs(policy, attempt, { next: () => drawn })
        return waitMs >= policy.firstMs * (1 - policy.jitter) && waitMs <= policy.maxMs
      },
    ),
    { seed },
  )
  t.ok(quick.maxMs < 5_000 && brisk.maxMs < 5_000, 'a device or a gateway that is back is found within 5 s')
  t.end()
})

t.test('a thousand edges that lost one gateway come back spread over seconds', (t) => {
  const random = new SeededRandom(7)
  const within = new Map<number, number>()
  for (let edge = 0; edge < 1_000; edge += 1) {
    const slot = Math.floor(backoffMs(brisk, 8, random) / 100)
    within.set(slot, (within.get(slot) ?? 0) + 1)
  }
  t.ok(within.size >= 30, `over ${within.size / 10} s`)
  const most = Math.max(...within.values())
  t.ok(most < 60, `${most} of them in one tenth of a second`)
  t.end()
})
