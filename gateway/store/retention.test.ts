import t from 'tap'
import { EventChain } from '../testing/chain.js'
import { startIn } from '../testing/gateway-under-test.js'
import { silentLogger } from '../../edge/base/log.js'
import path from 'node:path'
import { Database } from './database.js'
import { migrate } from './migrations.js'
import { applyRetention } from './retention.js'

const day = 86_400_000
const policy = { eventsForMs: 10 * day, auditForMs: 30 * day, listVersions: 2 }

t.test('what has outlived its term goes; what is open or waits for a gap stays', async (t) => {
  const dir = t.testdir()
  const gateway = await startIn(t, dir)
  await gateway.signIn()
  const edge = await gateway.edge()
  const chain = new EventChain('edge-1')
  const at = { lane: 'lane-1', passageId: 'p1' }
  await edge.sendEvents(chain.escalated('p1'))
  const body = { how: 'cleared', outcome: 'release', readsHeard: 0, readsShed: 0, durationMs: 1 } as const
  await edge.sendEvents([chain.next('passageEnded', body, at), ...chain.escalated('p2', { lane: 'lane-2' })])
  chain.fault(1)
  const waiting = chain.fault(2)
  await edge.sendEvents(waiting)
  await edge.hears('ack', (message) => message.upTo === 7)
  await gateway.close()

  const database = await Database.open({
    file: path.join(dir, 'data', 'gateway.db'),
    log: silentLogger,
    prepare: migrate,
    reload: () => Promise.resolve(),
  })
  t.teardown(() => database.close())
  const rows = async (sql: string) =>
    (await database.read((s) => s.all<{ x: unknown }>(sql))).map((row) => row.x)
  const nowMs = Date.now()
  t.equal(await applyRetention(database, policy, nowMs + 9 * day), 0)
  t.equal((await rows('SELECT sequence AS x FROM events')).length, 9)
  t.equal(await applyRetention(database, policy, nowMs + 11 * day), 7)
  t.same(await rows('SELECT sequence AS x FROM events ORDER BY sequence'), [9, 10], 'these wait for event 8')
  t.same(await rows('SELECT passage_id AS x FROM passages'), ['p2'], 'p2 is still in its lane')
  t.same(await rows('SELECT escalation_id AS x FROM escalations'), ['p2.e1'])
  t.ok((await rows('SELECT action AS x FROM audit')).length > 0, 'who did what is kept longer')
  await applyRetention(database, policy, nowMs + 31 * day)
  t.same(await rows('SELECT action AS x FROM audit'), [])
  t.same(await rows('SELECT up_to AS x FROM marks'), [7], 'a mark is never forgotten')
  t.same(await rows('SELECT removed_up_to AS x FROM marks'), [7], 'nor how far its events were removed')
})

t.test(
  'what has been removed counts as stored, when it is acknowledged and when it comes again',
  async (t) => {
    const dir = t.testdir()
    const first = await startIn(t, dir)
    const events = new EventChain('edge-1').fault(4)
    await (await first.edge()).sendEvents(events)
    await first.close()
    const database = await Database.open({
      file: path.join(dir, 'data', 'gateway.db'),
      log: silentLogger,
      prepare: migrate,
      reload: () => Promise.resolve(),
    })
    t.equal(await applyRetention(database, policy, Date.now() + 11 * day), 4)
    await database.close()

    const again = await startIn(t, dir)
    const edge = await again.edge()
    t.match((await edge.hears('ack')).message, { epoch: 'e1', upTo: 4 })
    await edge.sendEvents(events)
    t.match(again.gateway.figures(), { inbox_stored: 0, inbox_duplicates: 4, switchboard_acksWithheld: 0 })
  },
)

t.test(
  'a year of passages and of what people did goes in short turns, and nothing younger with it',
  async (t) => {
    const database = await Database.open({
      file: path.join(t.testdir(), 'gateway.db'),
      log: silentLogger,
      prepare: migrate,
      reload: () => Promise.resolve(),
    })
    t.teardown(() => database.close())
    const nowMs = 100 * day
    await database.transact(async (sql) => {
      await sql.run(
        `INSERT INTO passages (passage_id, edge_id, epoch, lane, opened_at, ended_at, record)
       SELECT 'p' || value, 'e', 'e1', 'l', 1, CASE value WHEN 0 THEN NULL WHEN 1 THEN ?1 ELSE 1 END, '{}'
       FROM json_each(?2)`,
        [nowMs, JSON.stringify(Array.from({ length: 12_002 }, (_, n) => n))],
      )
      await sql.run(
        `INSERT INTO audit (at, operator, action, target, detail)
       SELECT CASE value WHEN 0 THEN ?1 ELSE 1 END, 'li', 'a', '', '{}' FROM json_each(?2)`,
        [nowMs, JSON.stringify(Array.from({ length: 12_001 }, (_, n) => n))],
      )
    })
    const removed: number[] = []
    const transact = database.transact.bind(database)
    database.transact = (work, committed, options) =>
      transact(
        (sql) =>
          work({
            ...{ all: sql.all.bind(sql), one: sql.one.bind(sql) },
            run: async (text, values) => {
              const count = await sql.run(text, values)
              if (/^DELETE FROM (passages|audit)/.test(text)) removed.push(count)
              return count
            },
          }),
        committed,
        options,
      )
    await applyRetention(database, policy, nowMs)
    t.same(removed, [5_000, 5_000, 2_000, 5_000, 5_000, 2_000])
    const left = await database.read((sql) =>
      sql.all<{ id: string }>('SELECT passage_id AS id FROM passages ORDER BY 1'),
    )
    t.same(
      left.map(({ id }) => id),
      ['p0', 'p1'],
    )
    t.equal((await database.read((sql) => sql.all('SELECT 1 FROM audit'))).length, 1)
  },
)
