import { monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks'
import { machineMs, machineMsAtZero } from '../machine-time.js'

/**
 * Loaded into the measured edge before the program (`node --import`): tells the zero of the edge's
 * monotonic clock, and what the process needed between two questions. Nothing of the edge is changed.
 */
const isProfiled = process.execArgv.includes('--cpu-prof')
const loop = isProfiled ? monitorEventLoopDelay({ resolution: 1 }) : null
const collections = { count: 0, totalMs: 0, maxMs: 0 }
if (loop) {
  loop.enable()
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) {
      collections.count += 1
      collections.totalMs += duration
      collections.maxMs = Math.max(collections.maxMs, duration)
    }
  }).observe({ entryTypes: ['gc'] })
}
let since = { cpu: process.cpuUsage(), atMs: machineMs() }

/** What the edge's process used since the last question. */
export interface EdgeLoad {
  /** Share of one core, 0 to the number of cores. */
  readonly cpuShare: number
  readonly rssBytes: number
  /** Only in a profiled run. */
  readonly loopDelayMs?: { readonly p50: number; readonly p99: number; readonly max: number }
  readonly garbageCollection?: Readonly<typeof collections>
}

function take(): EdgeLoad {
  const { user, system } = process.cpuUsage(since.cpu)
  const atMs = machineMs()
  const load = {
    cpuShare: (user + system) / 1e3 / (atMs - since.atMs),
    rssBytes: process.memoryUsage.rss(),
    ...(loop && {
      loopDelayMs: { p50: loop.percentile(50) / 1e6, p99: loop.percentile(99) / 1e6, max: loop.max / 1e6 },
      garbageCollection: { ...collections },
    }),
  }
  since = { cpu: process.cpuUsage(), atMs }
  loop?.reset()
  Object.assign(collections, { count: 0, totalMs: 0, maxMs: 0 })
  return load
}

process.on('message', (message: { readonly id?: number; readonly order?: { readonly bench?: string } }) => {
  if (message.order?.bench !== 'load') return
  process.send?.({ is: 'done', id: message.id, result: take() })
})
process.send?.({ is: 'edgeClock', machineMsAtZero: machineMsAtZero() })
