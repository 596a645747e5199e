import path from 'node:path'
import t from 'tap'
import { canonicalJson } from '../../edge/base/canonical.js'
import { sha256Hex } from '../../edge/base/hash.js'
import { silentLogger } from '../../edge/base/log.js'
import type { ListEntry } from '../../edge/messages/entities.js'
import { contentOf } from '../../edge/messages/list-hash.js'
import { heldEntry } from '../domain/list-change.js'
import { Database, type Sql } from './database.js'
import { entriesNamed } from './list-names.js'
import { leaveTables, loadTables } from './list-pending.js'
import { listTreeTables } from './list-tree.js'
import { deltaFrom, entriesInTreeOrder, entriesPage, listHead, pruneVersions, writeVersion } from './lists.js'
import { migrate } from './migrations.js'

const tag = (epc: string, vehicleId = 'V1'): ListEntry => ({ kind: 'tag', epc, state: 'ACTIVE', vehicleId })

const open = (dir: string, prepare = migrate) =>
  Database.open({
    file: path.join(dir, 'gateway.db'),
    log: silentLogger,
    prepare,
    reload: () => Promise.resolve(),
  })

/** The file as a program without the tree left it, and then the step that brings the tree. */
async function migratedFromBefore(sql: Sql): Promise<void> {
  // The tables had these names, and no views stood before them.
  await sql.run('DROP VIEW list_left')
  await sql.run('DROP INDEX list_names_gone')
  for (const table of ['list_entries', 'list_leaves', 'list_names']) {
    await sql.run(`DROP VIEW ${table}`)
    await sql.run(`ALTER TABLE ${table}_all RENAME TO ${table}`)
  }
  for (const statement of listTreeTables) {
    const made = typeof statement === 'string' ? /CREATE TABLE (\w+)/.exec(statement)?.[1] : undefined
    if (made) await sql.run(`DROP TABLE ${made}`)
  }
  await sql.run(`UPDATE list_versions SET content_hash = '${sha256Hex('older')}'`)
  for (const step of listTreeTables) await (typeof step === 'string' ? sql.run(step) : step(sql))
  for (const column of ['since', 'gone']) await sql.run(`ALTER TABLE list_names DROP COLUMN ${column}`)
  await sql.run('DROP TABLE list_pending')
  await sql.run('CREATE INDEX list_names_key ON list_names (list, key)')
  for (const step of [...loadTables, ...leaveTables]) await sql.run(step)
}

t.test('lists of an older program come under the tree, each with a version of its own', async (t) => {
  const dir = t.testdir()
  const entries = Array.from({ length: 300 }, (_, n) => tag(`E${n}`))
  const first = await open(dir)
  await first.transact(async (sql) => {
    await writeVersion(sql, 'tags', { upserts: entries.map(heldEntry), deletes: [] }, 'li', 5)
    await writeVersion(sql, 'tags', { upserts: [heldEntry(tag('E1', 'V2'))], deletes: ['E0'] }, 'li', 6)
    await writeVersion(sql, 'areas', { upserts: [], deletes: [] }, 'li', 7)
    await migratedFromBefore(sql)
  })
  await first.close()
  const second = await open(dir)
  t.teardown(() => second.close())
  const now = [...entries.slice(2), tag('E1', 'V2')]
  await second.transact(async (sql) => {
    const head = await listHead(sql, 'tags')
    t.match(head, { version: 3, count: 299, contentHash: contentOf(now).contentHash, publishedAt: 6 })
    t.match(await listHead(sql, 'areas'), { version: 2, count: 0, contentHash: contentOf([]).contentHash })
    t.equal(await deltaFrom(sql, 'tags', 2), undefined, 'nothing leads from a hash of the older kind')
    const page = await entriesInTreeOrder(sql, 'tags', 3, '', 1_000)
    t.equal(
      contentOf(page.entries.map((text) => JSON.parse(text) as ListEntry)).contentHash,
      head?.contentHash,
    )
    t.equal((await entriesPage(sql, 'tags', 3, '', 1_000)).entries.length, 299)
    const made = await writeVersion(
      sql,
      'tags',
      { upserts: [heldEntry(tag('E9', 'V9'))], deletes: [] },
      'li',
      8,
    )
    const next = [
      ...now.filter((entry) => canonicalJson(entry) !== canonicalJson(tag('E9'))),
      tag('E9', 'V9'),
    ]
    t.match(made, { version: 4, count: 299, contentHash: contentOf(next).contentHash })
    t.match(await deltaFrom(sql, 'tags', 3), { upserts: [tag('E9', 'V9')], deletes: [] })
  })
})

t.test('a change of a long list reads and writes what it touches, by index', async (t) => {
  const database = await open(t.testdir())
  t.teardown(() => database.close())
  const entries = Array.from({ length: 3_000 }, (_, n) => heldEntry(tag(`E${n}`)))
  await database.transact((sql) => writeVersion(sql, 'tags', { upserts: entries, deletes: [] }, 'li', 1))
  const seen: string[] = []
  const counted: { leaves: number } = { leaves: 0 }
  await database.transact(async (sql) => {
    const watched: Sql = {
      run: (text, values) => (seen.push(text), sql.run(text, values)),
      one: (text, values) => (seen.push(text), sql.one(text, values)),
      all: async <Row>(text: string, values?: Parameters<Sql['all']>[1]) => {
        seen.push(text)
        const rows = await sql.all<Row>(text, values)
        if (text.includes('FROM list_leaves')) counted.leaves += rows.length
        return rows
      },
    }
    const change = { upserts: [heldEntry(tag('E7', 'V2'))], deletes: ['E8', 'E9'] }
    t.equal((await writeVersion(watched, 'tags', change, 'li', 2)).count, 2_998)
    t.equal((await deltaFrom(watched, 'tags', 1))?.deletes.length, 2)
    await entriesNamed(watched, 'tags', 'vehicle', ['V2'])
    await pruneVersions(watched, 'tags', 1)
  })
  await database.read(async (sql) => {
    for (const text of seen.filter(
      (one) => /list_(entries|leaves|tree|left|names)/.test(one) && !one.startsWith('INSERT'),
    )) {
      const plan = await sql.all<{ detail: string }>(`EXPLAIN QUERY PLAN ${text}`)
      const scans = plan.filter(({ detail }) => /^SCAN (?!json_each|b VIRTUAL|value|\(subquery)/.test(detail))
      t.same(scans, [], text)
    }
  })
  t.ok(counted.leaves > 0 && counted.leaves <= 3, `${counted.leaves} leaves were made anew`)
})

t.test('what is in no kept version any more leaves the tree as well', async (t) => {
  const database = await open(t.testdir())
  t.teardown(() => database.close())
  await database.transact(async (sql) => {
    await writeVersion(
      sql,
      'tags',
      { upserts: [heldEntry(tag('A')), heldEntry(tag('B'))], deletes: [] },
      'li',
      1,
    )
    await writeVersion(sql, 'tags', { upserts: [heldEntry(tag('A', 'V2'))], deletes: ['B'] }, 'li', 2)
    await writeVersion(sql, 'tags', { upserts: [heldEntry(tag('C'))], deletes: [] }, 'li', 3)
    await pruneVersions(sql, 'tags', 1)
    t.equal((await sql.all('SELECT 1 FROM list_leaves')).length, 2)
    t.equal((await sql.all('SELECT 1 FROM list_entries')).length, 2)
    t.same((await entriesInTreeOrder(sql, 'tags', 3, '', 10)).entries.length, 2)
  })
})
