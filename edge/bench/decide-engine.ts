import { Engine } from 'json-rules-engine'
import { strengthOf } from '../domain/decision/decide.js'
import { isApplicable, type Rule } from '../domain/decision/rule.js'
import { rules } from '../domain/decision/ruleset.js'
import type { DecisionInputs } from '../domain/decision/types.js'
import { viewOf, type View } from '../domain/decision/view.js'
import type { Judged } from './decide-chain.js'

/**
 * The same table in a general rule engine: one engine rule for each of ours, its condition our own predicate,
 * so that what differs is the engine. Built once, as anybody would; its events are combined as `decide` does.
 */
export class TableInEngine {
  readonly #engine = new Engine([], { allowUndefinedFacts: true })

  constructor() {
    this.#engine.addOperator('saysOf', (view: View, id: string) => {
      const rule = byId.get(id)
      return rule !== undefined && isApplicable(rule, view) && rule.when(view).yes !== undefined
    })
    for (const rule of rules.filter(({ outcome }) => outcome !== 'none')) {
      this.#engine.addRule({
        conditions: { all: [{ fact: 'view', operator: 'saysOf', value: rule.id }] },
        event: { type: rule.id },
        name: rule.id,
      })
    }
  }

  async judge(inputs: DecisionInputs): Promise<Judged> {
    const { events } = await this.#engine.run({ view: viewOf(inputs) })
    const spoke = events.flatMap(({ type }) => byId.get(type) ?? [])
    const objections = spoke.filter((rule) => rule.otherwise !== true)
    const words = (objections.length > 0 ? objections : spoke).sort(
      (a, b) => order(b) - order(a) || a.row - b.row,
    )
    const [first] = words
    if (first === undefined || first.outcome === 'none') return { outcome: 'escalate', primary: 'SYS-06' }
    return { outcome: first.outcome, primary: first.code }
  }
}

const byId: ReadonlyMap<string, Rule> = new Map(rules.map((rule) => [rule.id, rule]))

function order({ outcome, safety }: Rule): number {
  return outcome === 'none' ? 0 : strengthOf({ outcome, safety: safety === true })
}
