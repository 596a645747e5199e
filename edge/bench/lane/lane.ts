import { systemClock } from '../../base/clock.js'
import type { BenchFigures, BenchOptions, Say } from '../types.js'
import { machineMs } from '../machine-time.js'
import { inFolder } from '../work-folder.js'
import { BenchSite } from './bench-site.js'
import { Floor } from './floor.js'
import { layOut } from './layout.js'
import { measure } from './measure.js'
import { floorLane } from './names.js'
import { report } from './report.js'

const defaults = { lanes: 8, passages: 400, reads: 700, entries: 100_000 }
/** Passages a lane before the measurement: an edge that runs for months is warm. A tenth, at most so many. */
const warmUpMax = 4
const floorTurns = 400

/** The whole bench; `lanes`, `passages`, `reads` and `entries` of the options may make it smaller. */
export function runLane(options: BenchOptions, say: Say): Promise<BenchFigures> {
  return inFolder(options, say, (dir) => run(dir, options, say))
}

async function run(dir: string, given: BenchOptions, say: Say): Promise<BenchFigures> {
  const lanes = given.lanes ?? defaults.lanes
  const passages = given.passages ?? defaults.passages
  const reads = given.reads ?? defaults.reads
  const entries = given.entries ?? defaults.entries
  const turns = Math.min(floorTurns, passages)
  const layout = await layOut(dir, { lanes, entries, nowMs: systemClock.now().wallMs })
  const site = new BenchSite(dir, layout, { perSecond: reads, profileDir: given.profile })
  const node = `ns=1;s=${floorLane}.CommandRequest`
  let floor: Floor | null = null
  try {
    say(`Starting gateway, edge with ${lanes} lanes and ${entries} list entries, PLC and readers ...`)
    await site.start()
    floor = await Floor.open({ dir, endpoint: site.endpoint, certificates: layout.certificates })
    say('Measuring the floor with everything idle ...')
    const idle = await floor.run(turns, node)
    const warmUp = lanes * Math.min(warmUpMax, Math.floor(passages / lanes / 10))
    say(`Warming up with ${warmUp} passages, then measuring ${passages}, at ${reads} reads/s a lane ...`)
    await site.drive(warmUp, 1)
    await Promise.all([site.markReads(), site.edgeLoad()])
    const sinceMs = machineMs()
    const passed = await site.drive(passages, 1 + warmUp)
    const [heard, load] = await Promise.all([site.readsSinceMark(), site.edgeLoad()])
    const besideLoad = await floor.run(turns, node)
    const arrivals = await site.arrivals()
    await floor.close()
    floor = null
    await site.close()
    const { machineMsAtZero } = site
    const measurement = await measure({
      dataDir: layout.edgeDataDir,
      collectMs: layout.collectMs,
      arrivals,
      machineMsAtZero,
      sinceMs,
    })
    return report({ heard, load, passed, measurement, arrivals, idle, besideLoad, layout }, say)
  } finally {
    await floor?.close().catch(() => undefined)
    await site.close()
  }
}
