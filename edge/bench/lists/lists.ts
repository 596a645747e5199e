import { execFile } from 'node:child_process'
import { readFileSync, rmSync, statSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { systemClock } from '../../base/clock.js'
import { messageOf } from '../../base/error.js'
import { ratioOf, tableOf, type Spread } from '../figures.js'
import { layOut } from '../lane/layout.js'
import { machineMs } from '../machine-time.js'
import type { BenchFigures, BenchOptions, Say } from '../types.js'
import { builtModule, inFolder } from '../work-folder.js'
import type { EdgeTask, Looked, Taken } from './edge-process.js'
import { benchLists, countOf } from './entries.js'
import { javascriptMap, plainSqlite, type Floor } from './floors.js'
import { buildAtGateway, changedEntries, type Built } from './gateway.js'
import { ListsSite, type FirstDecision } from './site.js'

const defaults = { entries: 1_000_000, lanes: 8, starts: 3 }
const changes = 100
const targets = { rssMb: 256, firstDecisionMs: 3_000 }

interface Measured {
  readonly built: Built
  /** The gateway's process, with all lists in its store. */
  readonly gatewayStartMs: number
  /** All lists by the edge's process, eight lanes beside it: fetched, checked, in force. */
  readonly fetchMs: number
  readonly edgeMb: { readonly afterFetch: number; readonly highest: number; readonly afterStart: number }
  /** From the request of the person to the word of the edge that 100 changed entries are in force. */
  readonly deltaInForceMs: number
  readonly started: readonly FirstDecision[]
  readonly looked: Looked
  /** Null: it was refused, or it broke off without having brought anything. */
  readonly taken: Taken | null
  readonly fileMb: { readonly gateway: number; readonly edge: number }
  readonly floors: { readonly sqlite: Floor; readonly map: Floor }
}

/**
 * Lists of a whole site, through the processes as they are shipped: made at a gateway's store, fetched by an edge with
 * eight lanes, changed, started from, looked up.
 */
export function runLists(options: BenchOptions, say: Say): Promise<BenchFigures> {
  const entries = options.entries ?? defaults.entries
  return inFolder(options, say, async (dir) => {
    const sqlite = await plainSqlite(dir, entries)
    rmSync(path.join(dir, 'plain.db'))
    const lanes = options.lanes ?? defaults.lanes
    // The lists of the layout are not used: those that are made below are there before the gateway starts.
    const layout = await layOut(dir, { lanes, entries: 0, nowMs: systemClock.now().wallMs })
    const gatewayDir = path.join(dir, 'gateway-data')
    const built = await buildAtGateway(gatewayDir, entries, changes)
    const total = benchLists.reduce((sum, list) => sum + countOf(list, entries), 0)
    say(`${total} entries made at the gateway: ${JSON.stringify(built)}`)
    const site = new ListsSite(dir, layout)
    try {
      const gatewayStartMs = await site.start()
      const fetchMs = await site.fetch(total)
      const edgeMb = { afterFetch: site.edgeMb('VmRSS'), highest: site.edgeMb('VmHWM') }
      say(`fetched, checked and in force at the edge: ${fetchMs} ms, ${JSON.stringify(edgeMb)} MB`)
      const deltaInForceMs = await change(site, entries)
      await site.stopEdge()
      const started: FirstDecision[] = []
      for (let n = 0; n < (options.starts ?? defaults.starts); n += 1) {
        started.push(await site.firstDecision())
        await site.stopEdge()
      }
      say(`started: ${JSON.stringify(started)}`)
      const task = { dataDir: layout.edgeDataDir, url: edgeUrl(layout.edgeConfig), entries }
      const looked = await inProcess<Looked>({ ...task, do: 'look' })
      // Each step is said when it was measured: a later one that fails costs hours else.
      say(`looked up: ${JSON.stringify(looked)}`)
      const fileMb = {
        gateway: megabytesOf(path.join(gatewayDir, 'gateway.db')),
        edge: megabytesOf(path.join(layout.edgeDataDir, 'lists.db')),
      }
      const taken = await inProcess<Taken>({ ...task, do: 'take' }).catch((error: unknown) => {
        say(`the list of tags alone was not taken: ${messageOf(error).slice(0, 400)}`)
        return null
      })
      // The last, because it leaves hundreds of megabytes behind in this process.
      const floors = { sqlite, map: javascriptMap(entries) }
      const afterStart = Math.max(...started.map(({ rssMb }) => rssMb))
      const measured = { built, gatewayStartMs, fetchMs, edgeMb: { ...edgeMb, afterStart }, deltaInForceMs }
      return report(entries, { ...measured, started, looked, taken, fileMb, floors }, say)
    } finally {
      await site.close()
    }
  })
}

async function change(site: ListsSite, entries: number): Promise<number> {
  const lists = (await site.client.state()).edges[0]?.lists ?? []
  const before = lists.find(({ list }) => list === 'drivers')?.version ?? 0
  // Undone what was changed while the gateway did not run, so that each is another entry than stands there.
  const upserts = changedEntries('drivers', entries, changes, 0)
  const fromMs = machineMs()
  await site.client.changeList('drivers', { upserts, deletes: [] })
  await site.untilInForce('drivers', before + 1)
  return Math.round(machineMs() - fromMs)
}

function report(entries: number, measured: Measured, say: Say): BenchFigures {
  const { looked, started, floors, edgeMb } = measured
  const row = (name: string, spread: Spread): (string | number | null)[] => [
    name,
    spread.p50,
    spread.p99,
    ratioOf(spread.p99, floors.sqlite.lookupMs.p99),
  ]
  for (const line of tableOf([
    ['lookup, ms', 'p50', 'p99', 'p99 of the floor'],
    row('facts of a tag, for the first time', looked.cold.tagMs),
    row('facts of a tag', looked.warm.tagMs),
    row('facts of a plate, for the first time', looked.cold.plateMs),
    row('facts of a plate', looked.warm.plateMs),
    row('trips of a vehicle', looked.warm.tripMs),
    row('orders on a tag, in memory', looked.warm.ordersMs),
    row('floor: plain SQLite, one index', floors.sqlite.lookupMs),
    row('floor: a JavaScript Map', floors.map.lookupMs),
  ]))
    say(line)
  const decided = started.map(({ firstDecisionMs }) => firstDecisionMs)
  const rssMb = Math.max(edgeMb.afterFetch, edgeMb.highest, edgeMb.afterStart)
  return {
    bench: 'lists',
    entries,
    ...measured,
    firstDecisionMs: { least: Math.min(...decided), most: Math.max(...decided) },
    firstDecisionOfFloor: started.map(({ firstDecisionMs, floorMs }) => ratioOf(firstDecisionMs, floorMs)),
    ratio: ratioOf(looked.warm.tagMs.p99, floors.sqlite.lookupMs.p99),
    target: targets,
    met: rssMb <= targets.rssMb && Math.max(...decided) <= targets.firstDecisionMs,
  }
}

function edgeUrl(configFile: string): string {
  const { gateway } = JSON.parse(readFileSync(configFile, 'utf8')) as { gateway: { http: string } }
  return gateway.http
}

function megabytesOf(file: string): number {
  return Math.round(statSync(file).size / 1024 ** 2)
}

async function inProcess<Answer>(task: EdgeTask): Promise<Answer> {
  const module = builtModule('edge/bench/lists/edge-process.js')
  const { stdout } = await promisify(execFile)(process.execPath, [module, JSON.stringify(task)])
  return JSON.parse(stdout) as Answer
}
