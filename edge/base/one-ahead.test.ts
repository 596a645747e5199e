import t from 'tap'
import { oneAhead } from './one-ahead.js'

async function all<T>(of: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const one of of) found.push(one)
  return found
}

t.test('each in its order, and never more than one ahead', async (t) => {
  const started: number[] = []
  const seen: string[] = []
  const start = (n: number) => {
    started.push(n)
    return Promise.resolve(n * 10)
  }
  for await (const one of oneAhead([1, 2, 3], start)) seen.push(`${one} after ${started.join()}`)
  t.same(seen, ['10 after 1,2', '20 after 1,2,3', '30 after 1,2,3'])
  t.same(await all(oneAhead([], start)), [])
})

t.test('what fails is heard of in its turn, and only by who gets that far', async (t) => {
  const start = (n: number) => (n === 2 ? Promise.reject(new Error('no 2')) : Promise.resolve(n))
  await t.rejects(all(oneAhead([1, 2, 3], start)), /no 2/)
  for await (const one of oneAhead([1, 2], start)) {
    t.equal(one, 1)
    break
  }
})
