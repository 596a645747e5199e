import t, { type Test } from 'tap'
import { silentLogger } from '../../edge/base/log.js'
import type { ListName } from '../../edge/messages/entities.js'
import type { Database } from '../store/database.js'
import type { ListAnswer } from '../store/memory.js'
import { folderOf } from '../testing/gateway-under-test.js'
import { storeIn } from '../testing/store-in.js'
import { ListAnswers } from './list-answers.js'

const refused = (list: ListName, version: number): ListAnswer => ({
  ...{ list, version, result: 'refused', why: 'listCountMismatch', at: 1_000 },
})

/** A real store; `before` runs before each transaction and may let it fail. */
async function open(t: Test, before: (number: number) => Promise<void>) {
  const { memory, database } = await storeIn(folderOf(t))
  t.teardown(() => database.close())
  let transactions = 0
  const guarded: Pick<Database, 'transact'> = {
    transact: async (...asked) => {
      await before((transactions += 1))
      return database.transact(...asked)
    },
  }
  const kept: string[] = []
  let wake = () => undefined as void
  const answers = new ListAnswers({
    ...{ database: guarded, memory, log: silentLogger },
    onKept: (edgeId) => {
      kept.push(edgeId)
      wake()
    },
  })
  const until = (holds: () => boolean) =>
    new Promise<void>((resolve) => {
      wake = () => {
        if (holds()) resolve()
      }
      wake()
    })
  return { answers, memory, kept, until, count: () => transactions }
}

t.test('what an edge refused while the word before it could not be written is kept', async (t) => {
  let fail = () => undefined as void
  const bench = await open(t, (number) =>
    number === 1
      ? new Promise((_resolve, reject) => {
          fail = () => {
            reject(new Error('the disk is full'))
          }
        })
      : Promise.resolve(),
  )
  bench.answers.take('edge-1', refused('orders', 7))
  bench.answers.take('edge-1', refused('blacklist', 3))
  bench.answers.take('edge-2', refused('orders', 7))
  fail()
  await bench.until(() => bench.kept.length > 1)
  t.match(bench.memory.listAnswers('edge-1'), [{ list: 'blacklist', version: 3 }])
  t.match(bench.memory.listAnswers('edge-2'), [{ list: 'orders', version: 7 }])
  bench.answers.take('edge-1', refused('orders', 7))
  await bench.until(() => bench.kept.length > 2)
  t.equal(bench.memory.listAnswers('edge-1').length, 2, 'what was lost is taken when it is said again')
})

t.test('what a thousand edges say at once is written in few transactions, and once', async (t) => {
  const bench = await open(t, () => Promise.resolve())
  const edges = Array.from({ length: 1_000 }, (_, at) => `edge-${at}`)
  for (const edgeId of edges) bench.answers.take(edgeId, refused('orders', 7))
  await bench.until(() => bench.kept.length === edges.length)
  t.ok(bench.count() <= 2, `${bench.count()} transactions`)
  for (const edgeId of edges) bench.answers.take(edgeId, refused('orders', 7))
  t.ok(bench.count() <= 2, 'what is known is not written again')
})
