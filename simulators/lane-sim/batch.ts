import { isSameAgain, runSeed, type SeedOptions, type SeedResult } from './seed.js'
import type { StoredEvent } from '../../edge/interfaces/journal.js'
import type { Breach } from './checker.js'

/** What one job works off: seeds `from`, `from + step`, ... below `from + span`. */
export interface BatchOptions {
  readonly from: number
  readonly seeds: number
  readonly job: number
  readonly jobs: number
  readonly passages: number
  readonly lanes: number
  /** Every how many seeds one is run twice, to see that it gives the same history. */
  readonly twiceEvery: number
  /** Whether to hand out every decision. */
  readonly record?: boolean
}

/** What is kept of a seed that broke something. */
export interface BrokenSeed {
  readonly seed: number
  readonly invariant: Breach['invariant']
  readonly atMs: number
  readonly lane: string | null
  readonly detail: string
  readonly faults: readonly string[]
  readonly lastEvents: readonly string[]
}

export interface BatchTotals {
  seeds: number
  passages: number
  rawInputs: number
  raises: number
  events: number
  kills: number
  misidentified: number
  virtualMs: number
  /** Seeds of which the history was compared with a second run. */
  repeated: number
  broken: BrokenSeed[]
  /** Decisions as they were recorded, a line of JSON each; empty unless they are wanted. */
  decided: string[]
}

export function noTotals(): BatchTotals {
  return {
    seeds: 0,
    passages: 0,
    rawInputs: 0,
    raises: 0,
    events: 0,
    kills: 0,
    misidentified: 0,
    virtualMs: 0,
    repeated: 0,
    broken: [],
    decided: [],
  }
}

export function addTotals(sum: BatchTotals, more: BatchTotals): void {
  sum.seeds += more.seeds
  sum.passages += more.passages
  sum.rawInputs += more.rawInputs
  sum.raises += more.raises
  sum.events += more.events
  sum.kills += more.kills
  sum.misidentified += more.misidentified
  sum.virtualMs += more.virtualMs
  sum.repeated += more.repeated
  sum.broken.push(...more.broken)
}

/** Runs the seeds of one job, one after the other, and tells what came of each. */
export async function runBatch(options: BatchOptions, tell: (totals: BatchTotals) => void): Promise<void> {
  for (let index = options.job; index < options.seeds; index += options.jobs) {
    const seed = options.from + index
    const given: SeedOptions = { seed, passages: options.passages, lanes: options.lanes }
    const decided: string[] = []
    const record = (event: StoredEvent): void => void decided.push(JSON.stringify(event))
    const result = await runSeed(options.record === true ? { ...given, decided: record } : given)
    const totals = { ...totalsOf(result), decided }
    if (!result.broken && index % options.twiceEvery === 0) {
      totals.repeated = 1
      const other = await isSameAgain(given, result)
      if (other) totals.broken.push({ ...other, seed, faults: result.faults, lastEvents: [] })
    }
    tell(totals)
  }
}

function totalsOf(result: SeedResult): BatchTotals {
  const { seed, broken, faults } = result
  return {
    seeds: 1,
    passages: result.passages,
    rawInputs: result.rawInputs,
    raises: result.raises,
    events: result.events,
    kills: result.kills,
    misidentified: result.misidentified,
    virtualMs: result.virtualMs,
    repeated: 0,
    broken: broken ? [{ seed, faults, ...broken }] : [],
    decided: [],
  }
}
