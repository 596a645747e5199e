import { monitorEventLoopDelay } from 'node:perf_hooks'
import { statSync } from 'node:fs'
import path from 'node:path'
import { silentLogger } from '../../base/log.js'
import { systemClock } from '../../base/clock.js'
import { describeProblems } from '../../base/result.js'
import { readIdentity } from '../../enrol/files.js'
import { MemoryControl } from '../../domain/lists/memory-control.js'
import { openEdgeStore, type EdgeStore } from '../../store/index.js'
import { defaultDownloadBounds, ListHttp } from '../../uplink/list-http.js'
import { spreadOf } from '../figures.js'
import { machineMs } from '../machine-time.js'
import { benchLists, countOf, epcOf, plateOf, spreadNumbers, vehicleOf } from './entries.js'

/** What the edge's process of the bench is asked to do; one JSON text on its command line. */
export interface EdgeTask {
  readonly do: 'load' | 'start'
  readonly dir: string
  readonly url: string
  readonly entries: number
  /** Milliseconds of the machine's clock when the process was asked for. */
  readonly startedAtMs: number
}

const lookups = 5_000

async function run(task: EdgeTask): Promise<Record<string, unknown>> {
  // The whole of the edge's program is loaded, because its code is part of the start and of the memory.
  await import('../../main.js')
  const importedMs = machineMs() - task.startedAtMs
  const store = await openEdgeStore({
    dataDir: path.join(task.dir, 'edge'),
    edgeId: 'edge-1',
    clock: systemClock,
    log: silentLogger,
    onFault: () => undefined,
    control: new MemoryControl(),
  })
  try {
    return task.do === 'load' ? await load(task, store) : await start(task, store, importedMs)
  } finally {
    await store.close()
  }
}

async function start(task: EdgeTask, store: EdgeStore, importedMs: number): Promise<Record<string, unknown>> {
  const openedMs = machineMs() - task.startedAtMs
  const { tag, vehicle } = await store.lists.factsOfTag(epcOf(1))
  const orders = store.lists.ordersOn([{ kind: 'TAG', key: epcOf(1) }])
  if (tag === 'unknown' || tag === null || vehicle === 'unknown' || orders === 'unknown')
    throw new Error('the lists are not there after the start')
  const firstAnswerMs = machineMs() - task.startedAtMs
  return { importedMs, openedMs, firstAnswerMs, ...(await lookupFigures(task, store)), rssMb: rssMb() }
}

async function load(task: EdgeTask, store: EdgeStore): Promise<Record<string, unknown>> {
  const identity = readIdentity(path.join(task.dir, 'edge'))
  if (!identity.ok) throw new Error(describeProblems(identity.problems))
  const http = new ListHttp({
    url: task.url,
    identity: { current: () => identity.value, onChanged: () => () => undefined },
    clock: systemClock,
    bounds: defaultDownloadBounds,
  })
  const loadMs: Record<string, number> = {}
  const full = async (list: (typeof benchLists)[number]): Promise<void> => {
    const download = await http.full(list, null)
    if (download === 'notThere') throw new Error(`there is no ${list}`)
    const result = await store.lists.applyFull(download.head, download.entries).finally(download.cancel)
    if (!result.ok) throw new Error(describeProblems(result.problems))
  }
  const delay = monitorEventLoopDelay({ resolution: 1 })
  let during: number[] = []
  for (const list of benchLists) {
    const fromMs = machineMs()
    const loading = full(list)
    // Tags and vehicles are in force by then: lookups beside a load, as a lane asks for them.
    if (list === 'trips') {
      delay.enable()
      during = await lookUpWhile(task, store, loading)
      delay.disable()
    }
    await loading
    loadMs[list] = Math.round(machineMs() - fromMs)
  }
  const figures = await lookupFigures(task, store)
  const held = store.lists.inForce().find(({ list }) => list === 'trips')
  process.stdout.write(`${JSON.stringify({ loadMs, loaded: true, version: held?.version })}\n`)
  // Ends with whoever started it, too: nobody is left to say that the change was made.
  await new Promise((resolve) => process.stdin.once('data', resolve).once('end', () => process.exit(1)))
  const delta = await http.delta('trips', held?.version ?? 0)
  if (delta === 'notThere' || !delta.ok) throw new Error('there is no delta')
  const fromMs = machineMs()
  const result = await store.lists.applyDelta(delta.value)
  if (!result.ok) throw new Error(describeProblems(result.problems))
  const deltaMs = machineMs() - fromMs
  process.stdin.destroy()
  return {
    ...figures,
    duringLoadMs: spreadOf(during),
    loopDelayDuringLoadMs: { p50: delay.percentile(50) / 1e6, p99: delay.percentile(99) / 1e6 },
    deltaMs,
    changed: delta.value.upserts.length,
    rssMb: rssMb(),
    rssPeakMb: Math.round(process.resourceUsage().maxRSS / 1024),
    fileMb: Math.round(statSync(path.join(task.dir, 'edge', 'lists.db')).size / 1024 ** 2),
  }
}

async function lookUpWhile(task: EdgeTask, store: EdgeStore, loading: Promise<void>): Promise<number[]> {
  const times: number[] = []
  let goesOn = true
  void loading.then(
    () => (goesOn = false),
    () => (goesOn = false),
  )
  for (const n of spreadNumbers(1_000_000, countOf('tags', task.entries))) {
    if (!goesOn) break
    times.push(await timed(() => store.lists.factsOfTag(epcOf(n))))
    // A lane asks for a vehicle now and then, not as fast as the disk answers.
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
  return times
}

async function lookupFigures({ entries }: EdgeTask, { lists }: EdgeStore): Promise<Record<string, unknown>> {
  const measure = async (ask: (n: number) => unknown): Promise<unknown> => {
    const times: number[] = []
    for (const n of spreadNumbers(lookups, countOf('tags', entries)))
      times.push(await timed(() => Promise.resolve(ask(n))))
    return spreadOf(times)
  }
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

function rssMb(): number {
  return Math.round(process.memoryUsage.rss() / 1024 ** 2)
}

process.stdout.write(`${JSON.stringify(await run(JSON.parse(process.argv[2] ?? '') as EdgeTask))}\n`)
