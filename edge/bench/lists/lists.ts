import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { ratioOf, tableOf, type Spread } from '../figures.js'
import { machineMs } from '../machine-time.js'
import type { BenchFigures, BenchOptions, Say } from '../types.js'
import { builtModule, inFolder } from '../work-folder.js'
import type { EdgeTask } from './edge-process.js'
import { javascriptMap, plainSqlite } from './floors.js'
import { listsGateway, type ListsGateway } from './gateway.js'

const defaultEntries = 1_000_000
const changes = 100
const targets = { rssMb: 256, startMs: 3_000 }

/** Lists of a whole site: made at a gateway's store, fetched by an edge's process, looked up, changed, started from. */
export function runLists(options: BenchOptions, say: Say): Promise<BenchFigures> {
  const entries = options.entries ?? defaultEntries
  return inFolder(options, say, async (dir) => {
    const sqlite = await plainSqlite(dir, entries)
    const gateway = await listsGateway(dir)
    try {
      const buildMs = Math.round(await gateway.build(entries))
      say(`${entries} entries made at the gateway: ${buildMs} ms`)
      const loaded = await loadInEdge(dir, entries, gateway)
      const started = await inEdge({ do: 'start', dir, url: gateway.url, entries, startedAtMs: machineMs() })
      // The last, because it leaves hundreds of megabytes behind in this process.
      const map = javascriptMap(entries)
      const figures = { entries, buildMs, ...loaded, started, floors: { sqlite, map } }
      return report(figures, say)
    } finally {
      await gateway.close()
    }
  })
}

interface Answers {
  readonly tagMs: Spread
  readonly plateMs: Spread
  readonly tripMs: Spread
  readonly ordersMs: Spread
  readonly rssMb: number
  readonly firstAnswerMs?: number
  readonly duringLoadMs?: Spread
}

interface Measured {
  readonly loaded: Answers
  readonly started: Answers
  readonly floors: { readonly sqlite: { lookupMs: Spread }; readonly map: { lookupMs: Spread } }
}

function report(figures: Measured & BenchFigures, say: Say): BenchFigures {
  const { loaded, started, floors } = figures
  const row = (name: string, spread: Spread | undefined): (string | number | null)[] => [
    name,
    spread?.p50 ?? null,
    spread?.p99 ?? null,
    ratioOf(spread?.p99 ?? null, floors.sqlite.lookupMs.p99),
  ]
  for (const line of tableOf([
    ['lookup, ms', 'p50', 'p99', 'p99 of the floor'],
    row('facts of a tag', started.tagMs),
    row('facts of a plate', started.plateMs),
    row('trips of a vehicle', started.tripMs),
    row('orders on a tag, in memory', started.ordersMs),
    row('facts of a tag while a list is loaded', loaded.duringLoadMs),
    row('floor: plain SQLite, one index', floors.sqlite.lookupMs),
    row('floor: a JavaScript Map', floors.map.lookupMs),
  ]))
    say(line)
  const startMs = started.firstAnswerMs ?? null
  return {
    bench: 'lists',
    ...figures,
    ratio: ratioOf(started.tagMs.p99, floors.sqlite.lookupMs.p99),
    target: targets,
    met: started.rssMb <= targets.rssMb && startMs !== null && startMs <= targets.startMs,
  }
}

async function loadInEdge(
  dir: string,
  entries: number,
  gateway: ListsGateway,
): Promise<{ loadMs: unknown; loaded: Answers; gatewayChangeMs: number; gatewayDeltaMs: number }> {
  let gatewayChangeMs = 0
  let gatewayDeltaMs = 0
  let loadMs: unknown
  const task: EdgeTask = { do: 'load', dir, url: gateway.url, entries, startedAtMs: machineMs() }
  const loaded = await inEdge(task, async (line) => {
    loadMs = line['loadMs']
    gatewayChangeMs = await gateway.change('trips', entries, changes)
    gatewayDeltaMs = await gateway.delta('trips', Number(line['version']))
  })
  return { loadMs, loaded, gatewayChangeMs, gatewayDeltaMs }
}

/** Runs the edge's process to its end; its last line is the answer, and it waits after the one with `loaded`. */
async function inEdge(
  task: EdgeTask,
  onLoaded?: (line: Record<string, unknown>) => Promise<void>,
): Promise<Answers> {
  const child = spawn(
    process.execPath,
    [builtModule('edge/bench/lists/edge-process.js'), JSON.stringify(task)],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  )
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  let last: Record<string, unknown> = {}
  try {
    for await (const text of createInterface({ input: child.stdout })) {
      last = JSON.parse(text) as Record<string, unknown>
      if (last['loaded'] !== true) continue
      await onLoaded?.(last)
      child.stdin.write('\n')
    }
    const code = await ended
    if (code !== 0) throw new Error(`the edge's process ended with ${String(code)}`)
    return last as Record<string, unknown> & Answers
  } finally {
    child.kill()
  }
}
