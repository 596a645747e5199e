import { canonicalJson } from '../base/canonical.js'
import { SeededRandom } from '../base/random.js'
import { decide } from '../domain/decision/decide.js'
import type { DecisionInputs } from '../domain/decision/types.js'
import { casesOfEveryKind, vehicleWith } from './decide-cases.js'
import { judgeByHand } from './decide-chain.js'
import { ratioOf, round, spreadOf, tableOf } from './figures.js'
import { machineMs } from './machine-time.js'
import { perSecond, perSecondAsync } from './rate.js'
import type { Bench } from './types.js'

const defaultSeconds = 3
/** Of each kind of lane and load. */
const casesEach = 64
const seed = 77

/**
 * The rules alone, on vehicles of every lane and load with every fact present. Floors: the same rules as a chain of ifs by hand,
 * and what the record of a decision costs anyway. Beside it the same table in a general rule engine.
 */
export const decideBench: Bench = {
  about: 'Decisions a second and p99 by the whole ruleset; floor: the same rules as a chain of ifs by hand.',
  run: async (options, say) => {
    const seconds = options.seconds ?? defaultSeconds
    const { cases, byKind, untold } = casesOfEveryKind(casesEach, new SeededRandom(seed))
    // Loaded here only: the engine is no part of the program that is delivered.
    const { TableInEngine } = await import('./decide-engine.js')
    const engine = new TableInEngine()
    const compared = await compare(cases, engine)
    const clear = vehicleWith('roadInLaden', [])
    let at = 0
    const next = (): DecisionInputs => cases[(at += 1) % cases.length] ?? clear
    let kept = 0
    const decisions = perSecond(seconds, () => (kept += decide(next()).reasons.length))
    const byHand = perSecond(seconds, () => (kept += judgeByHand(next()).primary.length))
    const records = perSecond(seconds, () => (kept += canonicalJson(next()).length))
    const byEngine = await perSecondAsync(seconds, 1, () => engine.judge(next()))
    const decideUs = microseconds(seconds, () => (kept += decide(next()).reasons.length))
    const byHandUs = microseconds(seconds, () => (kept += judgeByHand(next()).primary.length))
    const each = (rate: number) => round(1e6 / rate, 2)
    const kinds = Object.entries(byKind).map(([kind, count]) => `${kind} ${count}`)
    say(`cases: ${kinds.join(', ')}; ${untold} more were not taken, since a rule could not tell`)
    for (const line of tableOf([
      ['', 'a second', 'microseconds each', 'p99'],
      ['decide', decisions, each(decisions), decideUs.p99],
      ['floor: chain of ifs by hand', byHand, each(byHand), byHandUs.p99],
      ['floor: inputs as canonical JSON', records, each(records), null],
      ['json-rules-engine, same table', byEngine, each(byEngine), null],
    ]))
      say(line)
    return {
      bench: 'decide',
      ...compared,
      byKind,
      untold,
      decisionsPerSecond: decisions,
      decideMicroseconds: decideUs,
      byHandPerSecond: byHand,
      byHandMicroseconds: byHandUs,
      recordsPerSecond: records,
      enginePerSecond: byEngine,
      /** Rate of `decide` to that of each other: above 1 it is the faster one. */
      ratio: ratioOf(decisions, byHand),
      /** How much longer one takes than by hand, at its median and at its p99. */
      p50ToFloor: ratioOf(decideUs.p50, byHandUs.p50),
      p99ToFloor: ratioOf(decideUs.p99, byHandUs.p99),
      ratioToRecord: ratioOf(decisions, records),
      ratioToEngine: ratioOf(decisions, byEngine),
      kept,
    }
  },
}

interface Judge {
  judge(inputs: DecisionInputs): Promise<{ readonly outcome: string; readonly primary: string }>
}

/** What is measured must first say the same; a floor that judges otherwise is none. */
async function compare(
  cases: readonly DecisionInputs[],
  engine: Judge,
): Promise<{ cases: number; disagreeByHand: number; disagreeEngine: number }> {
  let disagreeByHand = 0
  let disagreeEngine = 0
  for (const inputs of cases) {
    const { outcome, primary } = decide(inputs)
    const differs = (other: { outcome: string; primary: string }) =>
      other.outcome !== outcome || other.primary !== primary
    if (differs(judgeByHand(inputs))) disagreeByHand += 1
    if (differs(await engine.judge(inputs))) disagreeEngine += 1
  }
  return { cases: cases.length, disagreeByHand, disagreeEngine }
}

const samplesMax = 200_000

/** How long single calls take, in microseconds, after a tenth of the time to warm up. */
function microseconds(seconds: number, work: () => void) {
  perSecond(seconds / 10, work)
  const untilMs = machineMs() + seconds * 1_000
  const took: number[] = []
  for (let fromMs = machineMs(); fromMs < untilMs && took.length < samplesMax; fromMs = machineMs()) {
    work()
    took.push((machineMs() - fromMs) * 1_000)
  }
  return spreadOf(took)
}
