import fc from 'fast-check'
import t from 'tap'
import { SeededRandom } from '../../base/random.js'
import { act, World } from './example-world.js'

/** `SEED=n RUNS=m npx tap edge/domain/lane/honest-walk.test.ts` repeats a walk, or walks longer; `STORY=1` prints the way to a breach. */
const seed = Number(process.env['SEED'] ?? Math.floor(Date.now() % 1_000_000))
const runs = Number(process.env['RUNS'] ?? 250)
t.comment(`SEED=${seed}`)

t.test(
  'in an honest world with every fault, nobody is released who should not be, and nobody is forgotten',
  (t) => {
    const seen = { released: 0, cleared: 0, escalated: 0, recovered: 0, disinfected: 0, byRelease: 0 }
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 31 }), (walk) => {
        const world = new World(new SeededRandom(walk))
        for (let i = 0; i < 300; i += 1) {
          act(world)
          const wrong = [...world.lane.breaches, ...world.wrong]
          if (wrong.length > 0) {
            if (process.env['STORY']) console.log(world.log.slice(-45).join('\n'))
            throw new Error(`after ${i + 1} acts: ${wrong.join('; ')}`)
          }
        }
        world.mend()
        world.hear()
        world.pass(10_000)
        world.pass(10_000)
        const stuck = ['starting', 'unwritable', 'recovering', 'identifying', 'releasing']
        if (stuck.includes(world.lane.at)) throw new Error(`left in ${world.lane.at} when all is well again`)
        if (world.onEntry && world.lane.at === 'idle')
          throw new Error('a vehicle stands there and nobody sees it')
        seen.released += world.lane.of('barrierIntent').length
        seen.cleared += world.lane.of('passageEnded').filter(({ body }) => body['how'] === 'cleared').length
        seen.disinfected += world.lane.of('disinfected').length
        const sprays = world.lane.of('sprayIntent').filter(({ body }) => 'verdictId' in body)
        seen.byRelease += sprays.length
        seen.escalated += world.lane.of('escalationOpened').length
        seen.recovered += world.lane.of('passageRecovered').length
      }),
      { seed, numRuns: runs },
    )
    t.comment(JSON.stringify(seen))
    for (const [what, count] of Object.entries(seen))
      t.ok(count > runs / (['disinfected', 'byRelease'].includes(what) ? 80 : 10), `${what}: ${count}`)
    t.end()
  },
)
