import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { systemClock } from '../../base/clock.js'
import { silentLogger } from '../../base/log.js'
import { MemoryControl } from '../../domain/lists/memory-control.js'
import { listWireVersion } from '../../messages/down.js'
import type { ListEntry, ListName } from '../../messages/entities.js'
import { entryRow } from '../list-rows.js'
import { openEdgeStore } from '../index.js'
import { Connection } from '../sqlite.js'
import { draft } from './journal.contract.js'
import { hashOfContent, order, streamed, tag, trip, vehicle } from './list.contract.js'

/**
 * Figures of the store on this machine, for the README: `node dist/edge/store/testing/bench.js [entries]`.
 * The floor of an append is one durable commit of one row of the same size, in the same run.
 */
const nowMs = (): number => systemClock.now().monoMs
const count = Number(process.argv[2] ?? 100_000)
const folder = mkdtempSync(path.join(tmpdir(), 'lanekeeper-bench-'))

function spread(times: number[]): { p50: number; p95: number; p99: number; max: number } {
  const sorted = [...times].sort((a, b) => a - b)
  const at = (share: number): number =>
    Number((sorted[Math.floor((sorted.length - 1) * share)] ?? 0).toFixed(3))
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) }
}

async function timed(times: number[], work: () => Promise<unknown>): Promise<void> {
  const startMs = nowMs()
  await work()
  times.push(nowMs() - startMs)
}

async function floor(): Promise<number[]> {
  const connection = await Connection.open(path.join(folder, 'floor.db'), true)
  await connection.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE t (a TEXT)')
  const times: number[] = []
  for (let n = 0; n < 1_000; n += 1)
    await timed(times, () => connection.run('INSERT INTO t VALUES (?)', ['x'.repeat(900)]))
  await connection.close()
  return times
}

const open = () =>
  openEdgeStore({
    dataDir: path.join(folder, 'edge'),
    edgeId: 'edge-1',
    clock: systemClock,
    log: silentLogger,
    onFault: () => undefined,
    control: new MemoryControl(),
    retention: { ballastBytes: 0, freeMinBytes: 1 },
  })

/** Entries made one at a time, so that their own memory is not measured. */
function* entries(list: ListName): Generator<ListEntry> {
  for (let n = 0; n < count; n += 1) {
    const id = n.toString().padStart(8, '0')
    if (list === 'tags') yield tag(`E2801170000002${id}`, `V${id}`)
    else if (list === 'vehicles') yield vehicle(`V${id}`, `粤Z${id}港`, `AB${id}`)
    else if (list === 'trips') yield trip(`T${id}`, `V${id}`, { containers: ['CSQU3054383'] })
    else yield order(`O${id}`, `E2801170000002${id}`, '布控车辆，请拦停检查')
  }
}

async function run(): Promise<Record<string, unknown>> {
  const figures: Record<string, unknown> = { entries: count, floorMs: spread(await floor()) }
  let store = await open()
  const appends: number[] = []
  const body = { text: 'x'.repeat(400) }
  for (let n = 0; n < 1_000; n += 1) await timed(appends, () => store.journal.append([draft({ body })]))
  figures.appendMs = spread(appends)
  const busy: number[] = []
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      for (let n = 0; n < 250; n += 1)
        await timed(busy, () => store.journal.append([draft({ body }), draft({ body }), draft({ body })]))
    }),
  )
  figures.appendOfThreeFrom8LanesMs = spread(busy)

  for (const list of ['tags', 'vehicles', 'orders', 'trips'] as const) {
    const content = [...entries(list)]
    const head = {
      v: listWireVersion as typeof listWireVersion,
      list,
      version: 1,
      count,
      contentHash: hashOfContent(content),
      publishedAt: 0,
    }
    content.length = 0
    const before = process.memoryUsage.rss()
    const load: number[] = []
    const during: number[] = []
    let loading = true
    const loaded = timed(load, () => store.lists.applyFull(head, streamed(entries(list)))).finally(() => {
      loading = false
    })
    while (loading) await timed(during, () => store.lists.factsOfTag('E280117000000200000007'))
    await loaded
    figures[`${list}LoadMs`] = Math.round(load[0] ?? 0)
    figures[`${list}LookupDuringLoadMs`] = spread(during)
    figures[`${list}RssMb`] = [before, process.memoryUsage.rss()].map((bytes) =>
      Math.round(bytes / 1024 ** 2),
    )
  }
  const lookups: number[] = []
  for (let n = 0; n < 5_000; n += 1) {
    const id = Math.floor((n * 7919) % count)
      .toString()
      .padStart(8, '0')
    await timed(lookups, () => store.lists.factsOfTag(`E2801170000002${id}`))
  }
  figures.lookupMs = spread(lookups)
  const plates: number[] = []
  for (let n = 0; n < 5_000; n += 1) {
    const id = Math.floor((n * 7919) % count)
      .toString()
      .padStart(8, '0')
    await timed(plates, () => store.lists.factsOfPlate(`AB${id}`))
  }
  figures.plateLookupMs = spread(plates)
  const found: number[] = []
  for (let n = 0; n < 5_000; n += 1) {
    const id = Math.floor((n * 7919) % count)
      .toString()
      .padStart(8, '0')
    await timed(found, () => store.lists.find('trips', 'vehicle', [`V${id}`]))
  }
  figures.tripLookupMs = spread(found)
  const hashing: number[] = []
  await timed(hashing, () => Promise.resolve(entryRow(tag('E1'))))
  await store.close()
  const reopen: number[] = []
  await timed(reopen, async () => (store = await open()))
  figures.openMs = Math.round(reopen[0] ?? 0)
  figures.listsFileMb = Math.round(statSync(path.join(folder, 'edge', 'lists.db')).size / 1024 ** 2)
  await store.close()
  return figures
}

try {
  process.stdout.write(`${JSON.stringify(await run(), null, 1)}\n`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
