import t from 'tap'
import { Kernel } from './kernel.js'
import { noTotals, runBatch, type BatchTotals } from './batch.js'
import { runSeed } from './seed.js'
import { faultKinds, type FaultName } from './swarm.js'

/** `SEED=4711` runs one more. Fresh seeds are the business of `npm run simulate`: they run by the thousand. */
const asked = process.env['SEED']

for (const seed of [1, 2, 3, 5, 8, 13, ...(asked === undefined ? [] : [Number(asked)])]) {
  t.test(`seed ${seed}: whatever fails, nothing that must hold is broken`, async (t) => {
    const result = await runSeed({ seed, passages: 50, lanes: 2 })
    t.equal(result.broken, null, `npm run simulate -- --from ${seed} --seeds 1 --trace`)
    t.ok(result.passages >= 50, `${result.passages} passages`)
    t.ok(
      result.rawInputs / result.passages >= 80,
      `${Math.round(result.rawInputs / result.passages)} raw inputs a passage`,
    )
    t.ok(result.faults.length >= 4, result.faults.join())
    t.ok(result.raises > 0)
  })
}

t.test('every kind of fault is drawn sooner or later, and does something', async (t) => {
  for (const name of Object.keys(faultKinds) as FaultName[]) {
    let begun = 0
    await runSeed({
      seed: 4,
      passages: 6,
      lanes: 2,
      faults: [name],
      trace: (line) => {
        if (line.includes(` fault.${name}`)) begun += 1
      },
    })
    t.ok(begun > 0, name)
  }
})

t.test('a batch counts what its seeds did', async (t) => {
  const told: BatchTotals[] = []
  const given = { from: 1, seeds: 2, job: 0, jobs: 1, passages: 5, lanes: 3, twiceEvery: 2 }
  await runBatch(given, (totals) => told.push(totals))
  t.match(told, [
    { seeds: 1, repeated: 1, broken: [] },
    { seeds: 1, repeated: 0, broken: [] },
  ])
  t.ok((told[0] ?? noTotals()).passages >= 5)
})

t.test(
  'virtual time runs things in the order of their time, and lets promises run out in between',
  async (t) => {
    const kernel = new Kernel()
    const done: string[] = []
    kernel.after(20, 'late', () => done.push(`late at ${kernel.nowMs}`))
    kernel.after(10, 'early', () => {
      kernel.stir()
      void Promise.resolve()
        .then(() => Promise.resolve())
        .then(() => done.push(`its promise at ${kernel.nowMs}`))
    })
    const cancel = kernel.after(15, 'cancelled', () => done.push('cancelled'))
    kernel.after(10, 'second of the same instant', () => done.push('second'))
    cancel()
    await kernel.runUntil(30)
    t.strictSame(done, ['its promise at 10', 'second', 'late at 20'])
    t.equal(kernel.nowMs, 30)
  },
)
