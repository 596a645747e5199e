import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { silentLogger } from '../../base/log.js'
import type { ListEntry } from '../../messages/entities.js'
import { heldEntry } from '../../../gateway/domain/list-change.js'
import { Database } from '../../../gateway/store/database.js'
import { loadVersion, type LoadPage } from '../../../gateway/store/list-load.js'
import { deltaFrom, listHead, writeVersion } from '../../../gateway/store/lists.js'
import { migrate } from '../../../gateway/store/migrations.js'
import { spreadOf, type Spread } from '../figures.js'
import { machineMs } from '../machine-time.js'
import { benchLists, countOf, entryOf, spreadNumbers, type BenchList } from './entries.js'

const pageEntries = 4_000
/** How often another caller of the store comes while a list is made, milliseconds. */
const beatMs = 25
/** One durable row, as that of somebody who is waited for. */
const beatSql =
  "INSERT INTO audit (at, operator, action, target, detail) VALUES (0, 'bench', 'beat', '', '{}')"

export interface Built {
  /** By list: one version each, of all its entries. Milliseconds. */
  readonly buildMs: Readonly<Record<string, number>>
  /** What others waited for a transaction of one row meanwhile. */
  readonly othersWaitedMs: Spread
  /** A change of some entries as a version, and the delta to it, milliseconds. */
  readonly changeMs: number
  readonly deltaMs: number
}

/** Makes all lists in the store of a gateway that does not run yet. */
export async function buildAtGateway(dataDir: string, entries: number, changes: number): Promise<Built> {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const database = await Database.open({
    file: path.join(dataDir, 'gateway.db'),
    log: silentLogger,
    prepare: migrate,
    reload: () => Promise.resolve(),
  })
  const buildMs: Record<string, number> = {}
  const waited: number[] = []
  let goesOn = true
  const others = (async () => {
    while (goesOn) {
      waited.push(await timed(() => database.transact((sql) => sql.run(beatSql))))
      await new Promise((resolve) => setTimeout(resolve, beatMs))
    }
  })()
  try {
    for (const list of benchLists)
      buildMs[list] = Math.round(
        await timed(() =>
          loadVersion(database, {
            ...{ list, baseVersion: 0, by: 'bench', atMs: 0, next: pagesOf(list, entries) },
            finish: () => Promise.resolve(),
          }),
        ),
      )
    goesOn = false
    await others
    const before = await database.read((sql) => listHead(sql, 'drivers'))
    const upserts = changedEntries('drivers', entries, changes).map(heldEntry)
    const changeMs = await timed(() =>
      database.transact((sql) => writeVersion(sql, 'drivers', { upserts, deletes: [] }, 'bench', 1)),
    )
    const deltaMs = await timed(() => database.read((sql) => deltaFrom(sql, 'drivers', before?.version ?? 0)))
    return { buildMs, othersWaitedMs: spreadOf(waited), changeMs, deltaMs }
  } finally {
    goesOn = false
    await database.close()
  }
}

/** So many entries of a list, spread over it; `to` 1: each as another one than it was made, 0: as it was made. */
export function changedEntries(
  list: BenchList,
  entries: number,
  changes: number,
  to: 0 | 1 = 1,
): ListEntry[] {
  return [...new Set(spreadNumbers(changes, countOf(list, entries)))].map((n) => entryOf(list, n, to))
}

/** In the order of keys, as an import is applied. */
function pagesOf(list: BenchList, entries: number): () => Promise<LoadPage | null> {
  const count = countOf(list, entries)
  let at = 0
  return () => {
    const upserts = Array.from({ length: Math.min(pageEntries, count - at) }, (_, n) =>
      heldEntry(entryOf(list, at + n)),
    )
    at += upserts.length
    return Promise.resolve(upserts.length === 0 ? null : { upserts, deletes: [], isNew: true })
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const fromMs = machineMs()
  await work()
  return machineMs() - fromMs
}
