import { canonicalJson } from '../base/canonical.js'
import { decide } from '../domain/decision/decide.js'
import { exampleInputs } from '../domain/decision/examples.js'
import { ratioOf, tableOf } from './figures.js'
import { perSecond } from './rate.js'
import type { Bench } from './types.js'

const defaultSeconds = 3

/** The rules alone. Its floor is what the record of a decision costs anyway: its inputs as canonical JSON. */
export const decideBench: Bench = {
  about: 'Decisions a second by the whole ruleset; floor: writing their inputs as canonical JSON.',
  run: (options, say) => {
    const seconds = options.seconds ?? defaultSeconds
    const inputs = exampleInputs()
    let kept = 0
    const decisions = perSecond(seconds, () => (kept += decide(inputs).reasons.length))
    const records = perSecond(seconds, () => (kept += canonicalJson(inputs).length))
    const microseconds = (rate: number) => Math.round(1e8 / rate) / 100
    for (const line of tableOf([
      ['', 'a second', 'microseconds each'],
      ['decide', decisions, microseconds(decisions)],
      ['floor: inputs as canonical JSON', records, microseconds(records)],
    ]))
      say(line)
    return Promise.resolve({
      bench: 'decide',
      outcome: decide(inputs).outcome,
      decisionsPerSecond: decisions,
      floorPerSecond: records,
      ratio: ratioOf(decisions, records),
      kept,
    })
  },
}
