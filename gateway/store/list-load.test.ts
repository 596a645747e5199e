import path from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { silentLogger } from '../../edge/base/log.js'
import type { ListEntry } from '../../edge/messages/entities.js'
import { contentOf } from '../../edge/messages/list-hash.js'
import { heldEntry } from '../domain/list-change.js'
import { Database, type Sql } from './database.js'
import { loadVersion, MovedOn, type LoadPage } from './list-load.js'
import { entriesNamed, keysNamed, nameRows } from './list-names.js'
import { deltaFrom, entriesInTreeOrder, entriesPage, listHead, pruneVersions, writeVersion } from './lists.js'
import { migrate } from './migrations.js'

const tag = (epc: string, vehicleId = 'V1'): ListEntry => ({ kind: 'tag', epc, state: 'ACTIVE', vehicleId })

const open = (dir: string): Promise<Database> =>
  Database.open({
    file: path.join(dir, 'gateway.db'),
    log: silentLogger,
    prepare: migrate,
    reload: () => Promise.resolve(),
  })

function pagesOf(entries: readonly ListEntry[], deletes: readonly string[] = [], rows = 2): LoadPage[] {
  const pages: LoadPage[] = deletes.map((key) => ({ upserts: [], deletes: [key] }))
  for (let at = 0; at < entries.length; at += rows)
    pages.push({ upserts: entries.slice(at, at + rows).map(heldEntry), deletes: [] })
  return pages
}

interface Between {
  /** Before this page, and by another job in the line. */
  readonly before: number
  readonly work: () => Promise<unknown>
}

async function load(database: Database, baseVersion: number, pages: readonly LoadPage[], between?: Between) {
  let number = 0
  let other: Promise<unknown> | undefined
  const made = loadVersion(database, {
    ...{ list: 'tags', baseVersion, by: 'li', atMs: 7 },
    next: () => {
      if (number === between?.before) other = between.work()
      number += 1
      return Promise.resolve(pages[number - 1] ?? null)
    },
    finish: (_sql, head) => Promise.resolve(head),
  })
  try {
    return await made
  } finally {
    await other
  }
}

/** Everything that can be asked of a list, beside what it should be by its entries. */
async function holds(sql: Sql, entries: readonly ListEntry[]): Promise<void> {
  const head = await listHead(sql, 'tags')
  const version = head?.version ?? 0
  const texts = (await entriesPage(sql, 'tags', version, '', 1_000)).entries
  const inTree = (await entriesInTreeOrder(sql, 'tags', version, '', 1_000)).entries
  const names = await sql.all<{ name: string; value: string; key: string }>(
    'SELECT name, value, key FROM list_names',
  )
  const expected = contentOf(entries)
  const found = [texts, inTree].map((some) => contentOf(some.map((text) => JSON.parse(text) as ListEntry)))
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text) + 1, 0)
  const wrong = [
    ...[head, ...found].flatMap((one) => (one?.contentHash === expected.contentHash ? [] : ['content'])),
    ...(head?.count === expected.count ? [] : ['count']),
    ...(head?.bytes === bytes ? [] : ['bytes']),
    ...(sorted(names.map(({ name, value, key }) => [name, value, key])) ===
    sorted(nameRows('tags', entries.map(heldEntry)))
      ? []
      : ['names']),
  ]
  if (wrong.length > 0) throw new Error(`the list does not agree with itself: ${wrong.join(', ')}`)
}

t.test('names that left with a long version are swept a slice at a time, and no others', async (t) => {
  const database = await open(t.testdir())
  t.teardown(() => database.close())
  const names = async () =>
    (await database.read((sql) => sql.all<{ n: string }>('SELECT value AS n FROM list_names_all'))).map(
      ({ n }) => n,
    )
  await load(database, 0, pagesOf(['E1', 'E2', 'E3'].map((epc) => tag(epc, `V-${epc}`))))
  await load(database, 1, pagesOf([tag('E1', 'V9')], ['E2']))
  t.same((await names()).sort(), ['V-E1', 'V-E2', 'V-E3', 'V9'])
  const back = { upserts: [heldEntry(tag('E2', 'V-E2'))], deletes: [] }
  await database.transact((sql) => writeVersion(sql, 'tags', back, 'li', 3))
  await database.read((sql) => holds(sql, [tag('E1', 'V9'), tag('E2', 'V-E2'), tag('E3', 'V-E3')]))
  await load(database, 3, pagesOf([], ['E2']))
  const prune = () => database.transact((sql) => pruneVersions(sql, 'tags', 10, 1))
  t.same([await prune(), await prune(), await prune()], [true, true, false])
  t.same((await names()).sort(), ['V-E3', 'V9'])
  await database.read((sql) => holds(sql, [tag('E1', 'V9'), tag('E3', 'V-E3')]))
})

const sorted = (rows: readonly (readonly string[])[]): string =>
  rows
    .map((row) => JSON.stringify(row))
    .sort()
    .join('\n')

async function leftovers(database: Database): Promise<number> {
  const counts = await database.read((sql) =>
    sql.all<{ n: number }>(
      `SELECT (SELECT count(*) FROM list_pending)
         + (SELECT count(*) FROM list_entries_all) - (SELECT count(*) FROM list_entries)
         + (SELECT count(*) FROM list_leaves_all) - (SELECT count(*) FROM list_leaves) AS n`,
    ),
  )
  return counts[0]?.n ?? -1
}

t.test('a long version comes into force in one moment, and others work in between', async (t) => {
  const dir = t.testdir()
  const database = await open(dir)
  t.teardown(() => database.close())
  const old = [tag('E1'), tag('E2'), tag('E3', 'V3')]
  await database.transact((sql) =>
    writeVersion(sql, 'tags', { upserts: old.map(heldEntry), deletes: [] }, 'li', 1),
  )
  const seen: unknown[] = []
  const made = await load(database, 1, pagesOf([tag('E3', 'V4'), tag('E4'), tag('E5')], ['E1'], 1), {
    before: 3,
    work: () =>
      database.transact(async (sql) => {
        await holds(sql, old)
        seen.push(
          (await listHead(sql, 'tags'))?.version,
          await keysNamed(sql, 'tags', 'vehicle', ['V3', 'V4']),
        )
        await writeVersion(sql, 'areas', { upserts: [], deletes: [] }, 'li', 2)
      }),
  })
  t.same(seen, [1, ['E3']], 'half of it was stored, and nothing of it to be seen')
  t.match(made, { version: 2, count: 4 })
  await database.read(async (sql) => {
    await holds(sql, [tag('E2'), tag('E3', 'V4'), tag('E4'), tag('E5')])
    t.same(await keysNamed(sql, 'tags', 'vehicle', ['V3', 'V4']), ['E3'])
    t.match(await deltaFrom(sql, 'tags', 1), {
      upserts: [tag('E3', 'V4'), tag('E4'), tag('E5')],
      deletes: ['E1'],
    })
  })
  t.equal(await leftovers(database), 0)
})

t.test('where the list moves on meanwhile, it stays as others left it', async (t) => {
  const dir = t.testdir()
  const database = await open(dir)
  t.teardown(() => database.close())
  await database.transact((sql) =>
    writeVersion(sql, 'tags', { upserts: [heldEntry(tag('E1'))], deletes: [] }, 'li', 1),
  )
  await t.rejects(
    load(database, 1, pagesOf([tag('E1', 'V2'), tag('E2', 'V2'), tag('E3')], [], 1), {
      before: 2,
      work: () =>
        database.transact((sql) =>
          writeVersion(
            sql,
            'tags',
            { upserts: [tag('E2', 'V9'), tag('E1', 'V9')].map(heldEntry), deletes: [] },
            'wu',
            2,
          ),
        ),
    }),
    /tags is at version 3, no longer at 1/,
  )
  await database.read((sql) => holds(sql, [tag('E1', 'V9'), tag('E2', 'V9')]))
  t.equal(await leftovers(database), 0)
  const { version } = (await database.read((sql) => listHead(sql, 'tags'))) ?? { version: 0 }
  t.match(await load(database, version, pagesOf([tag('E7')])), { count: 3 }, 'and the next one is taken')
})

t.test(
  'what a gateway had stored when it was killed is in no list, and does not disturb the next load',
  async (t) => {
    const dir = t.testdir()
    const first = await open(dir)
    await first.transact((sql) =>
      writeVersion(sql, 'tags', { upserts: [heldEntry(tag('E1'))], deletes: [] }, 'li', 1),
    )
    let close: Promise<void> | undefined
    await t.rejects(
      load(first, 1, pagesOf([tag('E1', 'V2'), tag('E2'), tag('E3')], [], 1), {
        before: 2,
        // The line is closed behind it: nothing can be taken back any more, as after a kill.
        work: () => (close = first.close()),
      }),
      /store is closed/,
    )
    await close
    const second = await open(dir)
    t.teardown(() => second.close())
    await second.read((sql) => holds(sql, [tag('E1')]))
    t.ok((await leftovers(second)) > 0, 'something was stored')
    await second.transact((sql) =>
      writeVersion(sql, 'tags', { upserts: [heldEntry(tag('E2', 'V5'))], deletes: [] }, 'li', 3),
    )
    // What the killed load marked as leaving stands below the oldest version that is kept now.
    while (await second.transact((sql) => pruneVersions(sql, 'tags', 1, 1)));
    await second.read((sql) => holds(sql, [tag('E1'), tag('E2', 'V5')]))
    const head = await second.read((sql) => listHead(sql, 'tags'))
    await load(second, head?.version ?? 0, pagesOf([tag('E2', 'V6'), tag('E9')], ['E1']))
    await second.read((sql) => holds(sql, [tag('E2', 'V6'), tag('E9')]))
    t.equal(await leftovers(second), 0)
  },
)

/** What the store is asked for while `work` runs: whether each transaction was a part, with `before` ahead of the given one. */
async function watched(
  database: Database,
  work: () => Promise<unknown>,
  at: number,
  before: () => Promise<unknown>,
): Promise<boolean[]> {
  const parts: boolean[] = []
  const transact = database.transact.bind(database)
  database.transact = async (job, committed, options) => {
    parts.push(options?.isPart ?? false)
    if (parts.length === at) {
      database.transact = transact
      await before()
    }
    return transact(job, committed, options)
  }
  await work()
  database.transact = transact
  return parts
}

t.test(
  'between any two of its steps another change wins, and nothing is seen of what was stored',
  async (t) => {
    const old = [tag('E1'), tag('E2'), tag('E3', 'V3')]
    // One that keeps its name, one with a name that left before, and one that the other change brings as well.
    const kept: ListEntry = { kind: 'tag', epc: 'E2', state: 'LOST', vehicleId: 'V1' }
    const came = [kept, tag('E3', 'V4'), tag('E4', 'V4'), tag('E5', 'V5')]
    const other = [tag('E2', 'V9'), tag('E5', 'V5')]
    const write = (database: Database, upserts: readonly ListEntry[], by: string) =>
      database.transact((sql) =>
        writeVersion(sql, 'tags', { upserts: upserts.map(heldEntry), deletes: [] }, by, 1),
      )
    const loading = async (at: number, before: (database: Database) => Promise<unknown>) => {
      const folder = t.testdir({ [`at-${at}`]: {} })
      const database = await open(path.join(folder, `at-${at}`))
      try {
        await write(database, [...old, tag('E4', 'V4')], 'li')
        await load(database, 1, pagesOf([], ['E4']))
        let refused: unknown
        const work = () =>
          load(database, 2, pagesOf(came, ['E1'], 1)).catch((error: unknown) => {
            refused = error
          })
        const parts = await watched(database, work, at, () => before(database))
        const expected = at > 0 ? [tag('E1'), tag('E2', 'V9'), tag('E3', 'V3'), tag('E5', 'V5')] : came
        await database.read((sql) => holds(sql, expected))
        t.equal(refused instanceof MovedOn, at > 0, `a change before step ${at}`)
        t.equal(await leftovers(database), 0)
        return parts
      } finally {
        await database.close()
      }
    }
    const parts = await loading(0, () => Promise.resolve())
    t.same(
      [parts.at(-1), parts.filter((isPart) => isPart).length],
      [false, parts.length - 3],
      'the last step alone makes durable what the pieces before it stored',
    )
    for (let at = 1; at <= parts.length; at += 1)
      await loading(at, async (database) => {
        const named = await database.read((sql) => entriesNamed(sql, 'tags', 'vehicle', ['V3', 'V4']))
        t.same(named, [tag('E3', 'V3')], 'under its names of now')
        await database.transact((sql) => pruneVersions(sql, 'tags', 10))
        t.same(await database.read((sql) => keysNamed(sql, 'tags', 'vehicle', ['V3'])), ['E3'])
        t.same(await database.read((sql) => keysNamed(sql, 'tags', 'vehicle', ['V4', 'V5'])), [])
        t.same(await database.read((sql) => keysNamed(sql, 'tags', 'vehicle', ['V1'])), ['E1', 'E2'])
        await write(database, other, 'wu')
      })
  },
)

t.test('two long versions of one list are not stored at once', async (t) => {
  const dir = t.testdir()
  const database = await open(dir)
  t.teardown(() => database.close())
  const made = await load(database, 0, pagesOf([tag('E1'), tag('E2'), tag('E3')], [], 1), {
    before: 1,
    work: () => t.rejects(load(database, 0, pagesOf([tag('E9')])), /wait for it/),
  })
  t.match(made, { version: 1, count: 3 })
})

t.test('whatever is loaded, and whoever changes the list meanwhile, it agrees with itself', async (t) => {
  const dir = t.testdir()
  const keys = Array.from({ length: 12 }, (_, n) => `E${n}`)
  const some = fc.dictionary(fc.constantFrom(...keys), fc.constantFrom('V1', 'V2', 'V3'), {
    noNullPrototype: true,
  })
  let run = 0
  const entriesOf = (of: Readonly<Record<string, string>>) =>
    Object.entries(of).map(([epc, vehicleId]) => tag(epc, vehicleId))
  await fc.assert(
    fc.asyncProperty(
      some,
      some,
      fc.subarray(keys),
      some,
      fc.option(fc.tuple(fc.nat(4), fc.nat(6))),
      async (old, came, gone, other, at) => {
        run += 1
        const folder = t.testdir({ [`run-${run}`]: {} })
        const database = await open(path.join(folder, `run-${run}`))
        try {
          await database.transact((sql) =>
            writeVersion(sql, 'tags', { upserts: entriesOf(old).map(heldEntry), deletes: [] }, 'li', 1),
          )
          const deletes = gone.filter((key) => !(key in came))
          const loaded: Record<string, string> = { ...old, ...came }
          for (const key of deletes) delete loaded[key]
          const change = { upserts: entriesOf(other).map(heldEntry), deletes: [] }
          const changed = async (sql: Sql): Promise<void> => {
            const isLoaded = (await listHead(sql, 'tags'))?.version === 2
            await writeVersion(sql, 'tags', change, 'wu', 2)
            await holds(sql, entriesOf({ ...(isLoaded ? loaded : old), ...other }))
          }
          const between =
            at === null
              ? undefined
              : {
                  before: at[0],
                  // Each look waits for a turn, so that the change comes in any part of the load.
                  work: async () => {
                    for (let n = 0; n < at[1]; n += 1) await database.read(() => Promise.resolve())
                    await database.transact(changed)
                  },
                }
          const outcome = await load(database, 1, pagesOf(entriesOf(came), deletes), between).then(
            () => 'loaded',
            (error: unknown) => (error instanceof MovedOn ? 'moved on' : Promise.reject(error)),
          )
          // A change that came behind the last page may still be first in the line, or come after the switch.
          const version = (await database.read((sql) => listHead(sql, 'tags')))?.version
          const expected =
            outcome === 'moved on' ? { ...old, ...other } : version === 2 ? loaded : { ...loaded, ...other }
          await database.read((sql) => holds(sql, entriesOf(expected)))
          // Names that left stand there, unseen, and are borne again.
          const keysBack = Object.keys(expected).filter((key) => !(key in old))
          await load(database, version ?? 0, pagesOf(entriesOf(old), keysBack))
          await database.read((sql) => holds(sql, entriesOf(old)))
          if ((await leftovers(database)) !== 0) throw new Error('something was left')
        } finally {
          await database.close()
        }
      },
    ),
    { numRuns: 60, seed: 20_261_122 },
  )
  t.pass(`${run} runs with the seed 20261122`)
  t.ok(dir)
})

t.test(
  'the transaction that puts a long version in force writes a handful of rows, however long it is',
  async (t) => {
    const database = await open(t.testdir())
    t.teardown(() => database.close())
    const changed: number[] = []
    const transact = database.transact.bind(database)
    const rowsOf = async (sql: Sql) => (await sql.one<{ n: number }>('SELECT total_changes() AS n'))?.n ?? 0
    database.transact = (work, committed, how) =>
      transact(
        async (sql) => {
          const before = await rowsOf(sql)
          const value = await work(sql)
          changed.push((await rowsOf(sql)) - before)
          return value
        },
        committed,
        how,
      )
    const entries = Array.from({ length: 6_000 }, (_, index) => tag(`E${index}`))
    await load(database, 0, pagesOf(entries, [], 1_000))
    t.ok((changed.at(-1) ?? Infinity) < 10, `${changed.at(-1)} rows`)
    t.ok(Math.max(...changed) < 10_000, 'and no other one writes more than a page with its names')
    await load(
      database,
      1,
      pagesOf(
        entries.map((_, index) => tag(`E${index}`, 'V2')),
        [],
        1_000,
      ),
    )
    t.ok((changed.at(-1) ?? Infinity) < 10, `${changed.at(-1)} rows where everything is replaced`)
  },
)

t.test('what a long version made of its tree before it was given up is in no later version', async (t) => {
  const database = await open(t.testdir())
  t.teardown(() => database.close())
  const some = (from: number, to: number, vehicleId = 'V1') =>
    Array.from({ length: to - from }, (_, index) => tag(`E${from + index}`, vehicleId))
  const changes = async (upserts: readonly ListEntry[], deletes: readonly string[] = []) => {
    await database.transact((sql) =>
      writeVersion(sql, 'tags', { upserts: upserts.map(heldEntry), deletes }, 'li', 7),
    )
  }
  const givenUp = (baseVersion: number, pages: readonly LoadPage[]) => {
    let number = 0
    return loadVersion(database, {
      ...{ list: 'tags', baseVersion, by: 'li', atMs: 7 },
      next: () => Promise.resolve(pages[number++] ?? null),
      finish: () => Promise.reject(new Error('the disk is full')),
    })
  }
  const agree = (entries: readonly ListEntry[]) => database.read((sql) => holds(sql, entries))
  await load(database, 0, pagesOf(some(0, 300), [], 100))
  await t.rejects(givenUp(1, pagesOf(some(0, 200, 'V9'), [], 100)), /disk is full/)
  await agree(some(0, 300))
  await changes(some(300, 310))
  await agree(some(0, 310))
  await load(database, 2, pagesOf(some(310, 320)))
  await agree(some(0, 320))
  await changes([], ['E0'])
  await agree(some(1, 320))
  await t.rejects(givenUp(4, pagesOf(some(100, 320, 'V9'), [], 100)), /disk is full/)
  await load(database, 4, pagesOf([], ['E1', 'E2']))
  await changes(some(320, 330))
  await agree(some(3, 330))
  t.pass('every version agrees with its entries')
})
