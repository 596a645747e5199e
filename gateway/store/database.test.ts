import { chmodSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { silentLogger } from '../../edge/base/log.js'
import { Database, type Sql } from './database.js'
import { migrate, schemaVersion } from './migrations.js'

const open = (dir: string, reload: (sql: Sql) => Promise<void> = () => Promise.resolve()) =>
  Database.open({ file: path.join(dir, 'gateway.db'), log: silentLogger, prepare: migrate, reload })
const auditRows = (database: Database) =>
  database.read(async (sql) =>
    (await sql.all<{ action: string }>('SELECT action FROM audit')).map((r) => r.action),
  )
const note = (sql: Sql, action: string) =>
  sql.run(`INSERT INTO audit (at, operator, action, target, detail) VALUES (1, 'x', ?, '', '{}')`, [action])

t.test('jobs run one after another, in the order of their asking', async (t) => {
  const database = await open(t.testdir())
  t.teardown(() => database.close())
  const order: number[] = []
  await Promise.all(
    Array.from({ length: 50 }, (_, i) =>
      i % 3 === 0
        ? database.read(async (sql) => {
            await sql.one('SELECT 1')
            order.push(i)
          })
        : database.transact(async (sql) => {
            await note(sql, `a${i}`)
            order.push(i)
          }),
    ),
  )
  t.same(
    order,
    [...order].sort((a, b) => a - b),
  )
})

t.test('nobody but its owner reads a new store, whatever folder it is in', async (t) => {
  const dir = t.testdir()
  chmodSync(dir, 0o755)
  const database = await open(dir)
  t.teardown(() => database.close())
  await database.transact((sql) => note(sql, 'a'))
  const modes = readdirSync(dir).map((name) => (statSync(path.join(dir, name)).mode & 0o777).toString(8))
  t.ok(modes.length > 1, 'the log of the engine lies beside it')
  t.same(new Set(modes), new Set(['600']))
})

t.test("one caller's failure takes nothing of another with it", async (t) => {
  const database = await open(t.testdir())
  t.teardown(() => database.close())
  const results = await Promise.allSettled([
    database.transact((sql) => note(sql, 'first')),
    database.transact(async (sql) => {
      await note(sql, 'lost')
      throw new Error('no')
    }),
    database.transact((sql) => note(sql, 'third')),
    database.transact((sql) => sql.run('SELECT FROM nothing at all')),
    database.transact((sql) => note(sql, 'fifth')),
  ])
  t.same(
    results.map((one) => one.status),
    ['fulfilled', 'rejected', 'fulfilled', 'rejected', 'fulfilled'],
  )
  t.same(await auditRows(database), ['first', 'third', 'fifth'])
})

t.test('after a commit of unknown outcome the file is opened anew and memory read back', async (t) => {
  let reloads = 0
  const database = await open(t.testdir(), () => {
    reloads += 1
    return Promise.resolve()
  })
  t.teardown(() => database.close())
  // A deferred foreign key fails at COMMIT and not before: the one failure of a commit that needs no broken disk.
  await database.transact(async (sql) => {
    await sql.run('CREATE TABLE parent (id INTEGER PRIMARY KEY)')
    await sql.run('CREATE TABLE child (id INTEGER REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED)')
  })
  let told = false
  await t.rejects(
    database.transact(
      (sql) => sql.run('INSERT INTO child VALUES (7)'),
      () => {
        told = true
      },
    ),
    { code: 'store.commitFailed' },
  )
  t.notOk(told, 'memory was not told of it')
  await database.transact((sql) => note(sql, 'after'))
  t.equal(reloads, 1)
  const row = await database.read((sql) => sql.one<{ n: number }>('SELECT count(*) AS n FROM child'))
  t.equal(row?.n, 0)
})

t.test('a second gateway on the same data does not start', async (t) => {
  const dir = t.testdir()
  const first = await open(dir)
  await first.transact((sql) => note(sql, 'mine'))
  await t.rejects(open(dir), { code: 'store.inUse' })
  await first.close()
  const second = await open(dir)
  t.same(await auditRows(second), ['mine'])
  await second.close()
  await t.rejects(
    second.read((sql) => sql.one('SELECT 1')),
    { code: 'store.closed' },
  )
})

t.test('a file of a newer program, or no database at all, is left alone', async (t) => {
  const dir = t.testdir()
  const database = await open(dir)
  await database.read((sql) => sql.run(`PRAGMA user_version = ${schemaVersion + 1}`))
  await database.close()
  await t.rejects(open(dir), { code: 'store.newer' })
  const other = t.testdir({ sub: {} })
  writeFileSync(
    path.join(other, 'sub', 'gateway.db'),
    'this is no database, whatever its name says. '.repeat(50),
  )
  await t.rejects(open(path.join(other, 'sub')), { code: 'store.corrupt' })
})

t.test('the file is written so that a power cut takes nothing acknowledged', async (t) => {
  const database = await open(t.testdir())
  t.teardown(() => database.close())
  const pragma = (name: string) => database.read((sql) => sql.one(`PRAGMA ${name}`))
  t.same(await pragma('journal_mode'), { journal_mode: 'wal' })
  t.same(await pragma('synchronous'), { synchronous: 2 })
  t.same(await pragma('locking_mode'), { locking_mode: 'exclusive' })
})

t.test('after a transaction that is a part of a longer load, the next commit is durable again', async (t) => {
  const database = await open(t.testdir())
  t.teardown(() => database.close())
  const levels: unknown[] = []
  const level = async (sql: Sql) => {
    levels.push(Object.values((await sql.one<Record<string, number>>('PRAGMA synchronous')) ?? {})[0])
    await note(sql, 'x')
  }
  await Promise.all([
    database.transact(level),
    database.transact(level, undefined, { isPart: true }),
    database.transact(level, undefined, { isPart: true }),
    database.transact(level),
  ])
  t.same(levels, [2, 1, 1, 2], 'FULL, NORMAL, NORMAL, FULL')
})
