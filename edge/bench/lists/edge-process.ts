import path from 'node:path'
import { silentLogger } from '../../base/log.js'
import { systemClock } from '../../base/clock.js'
import { LanekeeperError } from '../../base/error.js'
import { describeProblems } from '../../base/result.js'
import { readIdentity } from '../../enrol/files.js'
import { MemoryControl } from '../../domain/lists/memory-control.js'
import type { StagedList } from '../../interfaces/list-store.js'
import type { ListEntry } from '../../messages/entities.js'
import { openEdgeStore, type EdgeStore } from '../../store/index.js'
import { defaultDownloadBounds, ListHttp, type FullDownload } from '../../uplink/list-http.js'
import { spreadOf, type Spread } from '../figures.js'
import { machineMs } from '../machine-time.js'
import { countOf, epcOf, plateOf, spreadNumbers, vehicleOf } from './entries.js'

/** What a process with the store of an edge is asked to do; one JSON text on its command line. */
export interface EdgeTask {
  /** `look`: facts, from the lists that an edge left. `take`: the list of tags, in steps, into a folder of its own. */
  readonly do: 'look' | 'take'
  /** The edge's folder of data; where it is enrolled. */
  readonly dataDir: string
  readonly url: string
  readonly entries: number
}

export interface Looked {
  /** Milliseconds until the store is open, orders and blacklist in memory. */
  readonly openMs: number
  /** Each entry for the first time since the process began, and then once more. */
  readonly cold: Lookups
  readonly warm: Lookups
}

export interface Lookups {
  readonly tagMs: Spread
  readonly plateMs: Spread
  readonly tripMs: Spread
  readonly ordersMs: Spread
}

export interface Taken {
  readonly entries: number
  /** The body alone, read and thrown away: the line and the gateway. */
  readonly transferMs: number
  /** Fetched and staged, up to the last entry. */
  readonly fetchAndStageMs: number
  /** Tree, names and the switch. */
  readonly verifyAndSwitchMs: number
  /** Why it broke off, each time that it was gone on with, as an edge goes on. */
  readonly cuts: readonly string[]
}

const lookups = 3_000

async function run(task: EdgeTask): Promise<Looked | Taken> {
  const fromMs = machineMs()
  const dataDir = task.do === 'look' ? task.dataDir : path.join(task.dataDir, 'taken')
  const store = await openEdgeStore({
    // Whose lists these are stands in the file (lane/layout.ts).
    ...{ dataDir, edgeId: 'edge-1', site: 'bench', clock: systemClock, log: silentLogger },
    onFault: () => undefined,
    control: new MemoryControl(),
    retention: { ballastBytes: 0, freeMinBytes: 1 },
  })
  try {
    return task.do === 'look' ? await look(task, store, machineMs() - fromMs) : await take(task, store)
  } finally {
    await store.close()
  }
}

async function look(task: EdgeTask, store: EdgeStore, openMs: number): Promise<Looked> {
  const cold = await lookupFigures(task, store)
  return { openMs: Math.round(openMs), cold, warm: await lookupFigures(task, store) }
}

async function take({ dataDir, url, entries }: EdgeTask, store: EdgeStore): Promise<Taken> {
  const identity = readIdentity(dataDir)
  if (!identity.ok) throw new LanekeeperError('bench.notEnrolled', describeProblems(identity.problems))
  const http = new ListHttp({
    url,
    identity: { current: () => identity.value, onChanged: () => () => undefined },
    clock: systemClock,
    bounds: defaultDownloadBounds,
  })
  const download = async (staged: StagedList | null = null): Promise<FullDownload> => {
    const full = await http.full('tags', staged?.head.version ?? null, staged)
    if (full === 'notThere') throw new LanekeeperError('bench.notThere', 'the gateway has no list of tags')
    return full
  }
  const onlyFromMs = machineMs()
  const only = await download()
  for await (const _entry of only.entries);
  only.cancel()
  const transferMs = machineMs() - onlyFromMs
  const fromMs = machineMs()
  let lastMs = fromMs
  const seen = async function* (entries: AsyncIterable<ListEntry>): AsyncGenerator<ListEntry> {
    yield* entries
    lastMs = machineMs()
  }
  const cuts: string[] = []
  for (let staged: StagedList | null = null; ;) {
    const full: FullDownload = await download(staged)
    const result = await store.lists
      .applyFull(full.head, seen(full.entries), staged?.afterKey)
      .finally(full.cancel)
    if (result.ok) break
    const now = await store.lists.staged('tags')
    if (!now || now.count <= (staged?.count ?? 0))
      throw new LanekeeperError('bench.refused', describeProblems(result.problems))
    cuts.push(describeProblems(result.problems).slice(0, 200))
    staged = now
  }
  return {
    cuts,
    entries: countOf('tags', entries),
    transferMs: Math.round(transferMs),
    fetchAndStageMs: Math.round(lastMs - fromMs),
    verifyAndSwitchMs: Math.round(machineMs() - lastMs),
  }
}

async function lookupFigures({ entries }: EdgeTask, { lists }: EdgeStore): Promise<Lookups> {
  const measure = async (ask: (n: number) => unknown): Promise<Spread> => {
    const times: number[] = []
    for (const n of spreadNumbers(lookups, countOf('tags', entries)))
      times.push(await timed(() => Promise.resolve(ask(n))))
    return spreadOf(times)
  }
  const { tag } = await lists.factsOfTag(epcOf(1))
  if (tag === null || tag === 'unknown')
    throw new LanekeeperError('bench.notThere', 'the lists are not there after the start')
  return {
    tagMs: await measure((n) => lists.factsOfTag(epcOf(n))),
    plateMs: await measure((n) => lists.factsOfPlate(plateOf(n))),
    tripMs: await measure((n) => lists.find('trips', 'vehicle', [vehicleOf(n)])),
    ordersMs: await measure((n) => lists.ordersOn([{ kind: 'TAG', key: epcOf(n) }])),
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const fromMs = machineMs()
  await work()
  return machineMs() - fromMs
}

process.stdout.write(`${JSON.stringify(await run(JSON.parse(process.argv[2] ?? '') as EdgeTask))}\n`)
