import { closeSync, openSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { availableParallelism } from 'node:os'
import { systemClock } from '../../edge/base/clock.js'
import { messageOf } from '../../edge/base/error.js'
import { invariants } from './checker.js'
import { addTotals, noTotals, runBatch, type BatchOptions, type BatchTotals } from './batch.js'
import { runSeed } from './seed.js'

const usage = `Virtual-time simulation of lanes: the edge's own step, decide and runner on simulated roads,
readers, barriers, disks, lines and a gateway, with seeded faults; what must hold is checked at every step.

  npm run simulate -- --seeds N [--from S] [--jobs J] [--passages P] [--lanes L] [--record FILE] [--trace]

  --seeds N      how many seeds (default 100)
  --from S       the first seed (default 1); a failing seed is seen again with --from S --seeds 1 --trace
  --jobs J       how many at once (default: as many as there are processors)
  --passages P   passages of each seed under faults, at least (default 50)
  --lanes L      lanes of each seed, 2 to 8 (default 2)
  --record FILE  writes every decision of the run as it was recorded, one line of JSON each: for
                 lanekeeper replay FILE
  --trace        prints every event and fault of the seed (with --seeds 1)

Ends with one line of JSON; exit code 0: nothing broke, 1: something did, 2: the command was not understood.`

interface Wanted {
  readonly seeds: number
  readonly from: number
  readonly jobs: number
  readonly passages: number
  readonly lanes: number
  readonly trace: boolean
  readonly record?: string
}

function wanted(argv: readonly string[]): Wanted {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      seeds: { type: 'string', default: '100' },
      from: { type: 'string', default: '1' },
      jobs: { type: 'string', default: String(availableParallelism()) },
      passages: { type: 'string', default: '50' },
      lanes: { type: 'string', default: '2' },
      trace: { type: 'boolean', default: false },
      record: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    console.log(usage)
    process.exit(0)
  }
  const whole = (
    name: 'seeds' | 'from' | 'jobs' | 'passages' | 'lanes',
    low: number,
    high: number,
  ): number => {
    const value = Number(values[name])
    if (!Number.isInteger(value) || value < low || value > high) {
      throw new RangeError(`--${name} must be a whole number from ${low} to ${high}, not "${values[name]}"`)
    }
    return value
  }
  return {
    seeds: whole('seeds', 1, 100_000_000),
    from: whole('from', 0, 2_000_000_000),
    jobs: whole('jobs', 1, 64),
    passages: whole('passages', 1, 1_000_000),
    lanes: whole('lanes', 2, 8),
    trace: values.trace,
    ...(values.record === undefined ? {} : { record: values.record }),
  }
}

async function traceOne(given: Wanted): Promise<number> {
  const result = await runSeed({
    seed: given.from,
    passages: given.passages,
    lanes: given.lanes,
    trace: (line) => {
      console.log(line)
    },
  })
  const { broken, ...figures } = result
  if (broken) console.log(`BROKEN ${broken.invariant}: ${invariants[broken.invariant]}\n  ${broken.detail}`)
  console.log(JSON.stringify({ ...figures, broken: broken ? [{ ...broken, lastEvents: undefined }] : [] }))
  return broken ? 1 : 0
}

async function runAll(given: Wanted): Promise<number> {
  const jobs = Math.min(given.jobs, given.seeds)
  const sum = noTotals()
  const began = systemClock.now().monoMs
  let toldAtMs = began
  const recordTo = given.record === undefined ? null : openSync(given.record, 'w')
  let recorded = 0
  const tell = (totals: BatchTotals): void => {
    addTotals(sum, totals)
    recorded += totals.decided.length
    if (recordTo !== null && totals.decided.length > 0)
      writeFileSync(recordTo, `${totals.decided.join('\n')}\n`)
    for (const broken of totals.broken) {
      console.log(
        `seed ${broken.seed} broke ${broken.invariant} at ${(broken.atMs / 1_000).toFixed(3)} s: ${broken.detail}`,
      )
      console.log(`  see it again: npm run simulate -- --from ${broken.seed} --seeds 1 --trace`)
    }
    const nowMs = systemClock.now().monoMs
    if (nowMs - toldAtMs < 5_000) return
    toldAtMs = nowMs
    const rate = Math.round(sum.passages / ((nowMs - began) / 1_000))
    console.log(
      `${sum.seeds} of ${given.seeds} seeds, ${sum.passages} passages, ${rate} a second, ${sum.broken.length} broken`,
    )
  }
  const batch = (job: number): BatchOptions => {
    const { record, ...rest } = given
    return { ...rest, job, jobs, twiceEvery: 50, record: record !== undefined }
  }
  if (jobs === 1) await runBatch(batch(0), tell)
  else await Promise.all(Array.from({ length: jobs }, (_, job) => inWorker(batch(job), tell)))
  if (recordTo !== null) closeSync(recordTo)
  const seconds = (systemClock.now().monoMs - began) / 1_000
  console.log(
    `${sum.passages} passages in ${(sum.virtualMs / 3_600_000).toFixed(1)} virtual hours and ${seconds.toFixed(1)} s, ` +
      `${Math.round(sum.rawInputs / Math.max(1, sum.passages))} raw inputs a passage, ${sum.kills} edges killed, ` +
      `${sum.raises} times raised, ${sum.repeated} seeds compared with a second run, ` +
      `${sum.misidentified} released on another vehicle's identity`,
  )
  console.log(
    JSON.stringify({
      seeds: sum.seeds,
      passages: sum.passages,
      passagesPerSecond: Math.round(sum.passages / seconds),
      passagesPerSecondPerJob: Math.round(sum.passages / seconds / jobs),
      rawInputsPerPassage: Math.round(sum.rawInputs / Math.max(1, sum.passages)),
      jobs,
      kills: sum.kills,
      misidentified: sum.misidentified,
      ...(given.record === undefined ? {} : { recorded }),
      broken: sum.broken,
    }),
  )
  return sum.broken.length > 0 ? 1 : 0
}

function inWorker(batch: BatchOptions, tell: (totals: BatchTotals) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: batch })
    worker.on('message', tell)
    worker.once('error', reject)
    worker.once('exit', (code) => {
      if (code === 0) resolve()
      else reject(new Error(`a simulation worker ended with code ${code}`))
    })
  })
}

async function main(): Promise<number> {
  let given: Wanted
  try {
    given = wanted(process.argv.slice(2))
  } catch (error) {
    console.error(`${messageOf(error)}\n\n${usage}`)
    return 2
  }
  return given.trace && given.seeds === 1 ? traceOne(given) : runAll(given)
}

if (isMainThread) {
  process.exitCode = await main()
} else {
  await runBatch(workerData as BatchOptions, (totals) => parentPort?.postMessage(totals))
}
