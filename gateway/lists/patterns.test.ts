import path from 'node:path'
import { Readable } from 'node:stream'
import t from 'tap'
import { ManualClock } from '../../edge/base/clock.js'
import { silentLogger } from '../../edge/base/log.js'
import type { ControlOrder } from '../../edge/messages/entities.js'
import { platePatternsMax } from '../../edge/messages/plate-pattern.js'
import { countPlatePatterns, platePatternsOf } from '../store/list-names.js'
import { Imports } from './imports.js'
import { Lists } from './lists.js'
import { storeIn } from '../testing/store-in.js'

const onPart = (id: number): ControlOrder => ({
  kind: 'order',
  orderId: `P-${id}`,
  agency: 'IQ',
  subject: { kind: 'PLATE_PATTERN', key: `*${String(id).padStart(5, '0')}?` },
  action: 'NOTIFY',
  nature: 'OPEN',
  level: 3,
  reason: '',
  validFrom: 0,
  maxHits: 0,
  issuedBy: 'wang',
})

t.test('so many orders on parts of plates are in force and no more; lifting one makes room', async (t) => {
  const { memory, database } = await storeIn(t.testdir())
  t.teardown(() => database.close())
  const given = { database, memory, clock: new ManualClock(), log: silentLogger, onVersion: () => undefined }
  const lists = new Lists(given)
  await lists.prepare({})
  const place = (upserts: readonly ControlOrder[], deletes: readonly string[] = []) =>
    lists.change('orders', { upserts, deletes }, 'wang')
  const count = () => database.read((sql) => countPlatePatterns(sql))

  const most = Array.from({ length: platePatternsMax }, (_, id) => onPart(id))
  await place(most)
  t.equal(await count(), platePatternsMax)
  const refused = {
    error: 'invalid',
    problems: [
      {
        path: 'upserts',
        message:
          '10001 orders would be on parts of plates, and 10000 may be: lift some, or name whole plates',
      },
    ],
  }
  const { version } = memory.head('orders') ?? { version: 0 }
  const refusalOf = (asked: Promise<unknown>) => asked.catch((error: unknown) => error)
  t.match(await refusalOf(place([onPart(platePatternsMax)])), refused)
  t.match(
    await refusalOf(lists.importLines('orders', JSON.stringify(onPart(platePatternsMax)), 'wang')),
    refused,
  )
  const imports = await Imports.open({
    ...given,
    folder: path.join(t.testdirName, 'imports'),
    ...{ tolling: undefined, ordersTakeTwo: false, onWritten: (heads) => lists.written(heads) },
  })
  t.teardown(() => imports.close())
  const file = Readable.from([Buffer.from(JSON.stringify(onPart(platePatternsMax)))])
  const asked = { list: 'orders', format: 'ndjson', mode: 'merge', name: 'orders.ndjson' } as const
  const { importId, counts } = await imports.start(asked, 'wang', file)
  t.equal(counts.added, 1)
  t.match(await refusalOf(imports.apply('orders', importId, 'wang')), refused)
  t.equal(await count(), platePatternsMax, 'nothing of it stands')
  t.equal(memory.head('orders')?.version, version)
  await place([{ ...onPart(7), reason: 'another word' }])
  await place([onPart(platePatternsMax)], ['P-7'])
  t.equal(await count(), platePatternsMax)
  await place([{ ...onPart(8), subject: { kind: 'PLATE', key: '粤B00008' } }])
  t.equal(await count(), platePatternsMax - 1, 'a whole plate does not count')

  t.same(
    await database.read((sql) => platePatternsOf(sql, ['粤B00012A', 'AB1234'])),
    ['*00012?'],
    'and those of a plate are found',
  )
})
