import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { listNames, type ListName } from '../messages/entities.js'
import { ManualClock } from '../base/clock.js'
import { FullTurns, passAfterMs, registersAtOnceMax } from './full-turns.js'

/** Takes full lists that end when the test says so. */
class Line {
  readonly clock = new ManualClock()
  readonly turns = new FullTurns(this.clock)
  readonly began: ListName[] = []
  readonly under = new Map<ListName, (error: Error | null) => void>()

  /** Resolves to whether it was taken. */
  ask(list: ListName): Promise<boolean> {
    return this.turns
      .run(list, () => {
        this.began.push(list)
        return new Promise<void>((resolve, reject) =>
          this.under.set(list, (error) => {
            this.under.delete(list)
            if (error) reject(error)
            else resolve()
          }),
        )
      })
      .then(
        () => true,
        () => false,
      )
  }

  async later(ms: number): Promise<void> {
    this.clock.advance(ms)
    await settled()
  }

  async end(list: ListName, error: Error | null = null): Promise<void> {
    this.under.get(list)?.(error)
    await settled()
  }
}

/** Everything that follows from what was just done. */
async function settled(): Promise<void> {
  for (let n = 0; n < 10; n += 1) await Promise.resolve()
}

t.test('full registers come in one after the other, in the order in which they were named', async (t) => {
  const line = new Line()
  for (const list of ['tags', 'vehicles', 'trips'] as const) void line.ask(list)
  await settled()
  t.strictSame(line.began, ['tags'])
  t.strictSame(line.turns.counts, { running: 1, waiting: 2 })
  await line.end('tags')
  t.strictSame(line.began, ['tags', 'vehicles'])
  await line.end('vehicles')
  t.strictSame(line.began, ['tags', 'vehicles', 'trips'])
})

t.test('orders and bans wait for nobody, and no register begins while they come in', async (t) => {
  const line = new Line()
  for (const list of ['tags', 'vehicles', 'blacklist', 'orders'] as const) void line.ask(list)
  await settled()
  t.strictSame(line.began, ['tags', 'blacklist', 'orders'], 'both beside the register that is under way')
  await line.end('tags')
  await line.end('blacklist')
  t.strictSame(line.began, ['tags', 'blacklist', 'orders'], 'no register begins while holds come in')
  await line.end('orders')
  t.strictSame(line.began, ['tags', 'blacklist', 'orders', 'vehicles'])
})

t.test('a full list that fails gives its turn to the next one', async (t) => {
  const line = new Line()
  const tags = line.ask('tags')
  const vehicles = line.ask('vehicles')
  await settled()
  await line.end('tags', new Error('the line was cut'))
  t.equal(await tags, false)
  t.strictSame(line.began, ['tags', 'vehicles'])
  await line.end('vehicles')
  t.equal(await vehicles, true)
  t.strictSame(line.turns.counts, { running: 0, waiting: 0 })
  t.equal(line.clock.nextDueMs(), undefined, 'nothing is watched any more')
})

t.test('a register that trickles is passed by the others after a minute, by one at a time', async (t) => {
  const line = new Line()
  for (const list of ['tags', 'vehicles', 'trips', 'drivers', 'seals'] as const) void line.ask(list)
  await settled()
  await line.later(passAfterMs - 1)
  t.strictSame(line.began, ['tags'])
  await line.later(1)
  t.strictSame(line.began, ['tags', 'vehicles'])
  await line.end('vehicles')
  t.strictSame(line.began, ['tags', 'vehicles', 'trips'], 'and the next one waits for that one alone')
  await line.later(passAfterMs)
  await line.later(passAfterMs)
  t.strictSame(
    line.began,
    ['tags', 'vehicles', 'trips', 'drivers'],
    'no more than three at once, if all trickle',
  )
  await line.end('tags')
  t.strictSame(line.began.at(-1), 'seals')
})

t.test('a list of holds that trickles lets the registers begin after a minute, too', async (t) => {
  const line = new Line()
  for (const list of ['orders', 'tags', 'vehicles'] as const) void line.ask(list)
  await line.later(passAfterMs)
  t.strictSame(line.began, ['orders', 'tags'])
  void line.ask('blacklist')
  await line.end('tags')
  t.strictSame(line.began, ['orders', 'tags', 'blacklist'], 'another one comes before the next register')
})

t.test(
  'whatever is asked, ends, fails or trickles: registers within their bound, holds at once, and nobody is forgotten',
  async (t) => {
    const step = fc.record({
      list: fc.constantFrom(...listNames),
      does: fc.constantFrom('asks', 'ends', 'fails', 'trickles'),
    })
    const isHold = (list: ListName): boolean => list === 'orders' || list === 'blacklist'
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const line = new Line()
        const asked = new Map<ListName, Promise<boolean>>()
        let most = 1
        const check = (): void => {
          const under = [...line.under.keys()]
          const registers = under.filter((list) => !isHold(list))
          assert.ok(registers.length <= most, `at once: ${registers.join(', ')}`)
          const waiting = [...asked.keys()].filter((list) => !line.under.has(list))
          assert.ok(waiting.length === 0 || under.length > 0, 'somebody waits and nobody is taken')
          assert.ok(!waiting.some(isHold), 'a list of holds waits')
        }
        for (const { list, does } of steps) {
          if (does === 'asks' && !asked.has(list)) {
            // As in the uplink: a list asks again when it is through.
            asked.set(
              list,
              line.ask(list).finally(() => asked.delete(list)),
            )
            await settled()
          } else if (does === 'trickles') {
            most = Math.min(most + 1, registersAtOnceMax)
            await line.later(passAfterMs)
          } else if (does !== 'asks') await line.end(list, does === 'fails' ? new Error('cut') : null)
          check()
        }
        while (line.under.size > 0) for (const list of [...line.under.keys()]) await line.end(list)
        t.equal(asked.size, 0)
      }),
      { numRuns: 200, verbose: 1 },
    )
  },
)
