import t from 'tap'
import { listNames } from '../../edge/messages/entities.js'
import { folderOf, startIn } from '../testing/gateway-under-test.js'
import type { ListClass } from './list-schemas.js'

const minute = 60_000

t.test(
  'the page of lists is told how old each may be, and that planned verdicts may be of any age',
  async (t) => {
    const gateway = await startIn(t, folderOf(t))
    await gateway.signIn()
    const { body } = await gateway.get<{ lists: ListClass[] }>('/api/lists')
    const ages = new Map(body.lists.map(({ list, maxAge }) => [list, maxAge]))
    t.equal(ages.size, listNames.length)
    t.same(ages.get('tags'), { ladenMs: 240 * minute, otherMs: 240 * minute })
    for (const list of ['orders', 'blacklist', 'releases'] as const)
      t.same(ages.get(list), { ladenMs: 10 * minute, otherMs: 240 * minute }, list)
    t.equal(ages.get('plans'), null)
    t.same([...new Set(body.lists.map(({ by }) => by))], ['import'], 'and who made the newest of each')
  },
)
