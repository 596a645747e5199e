import type { Scenario } from '../scenario/format.js'
import type { ScenarioResult } from '../scenario/player.js'

/** One scenario in one world, as the table shows it. */
export interface Row {
  readonly file: string
  readonly scenario: Pick<Scenario, 'number' | 'name' | 'nameZh' | 'needs'>
  readonly world: 'virtual' | 'real' | '-'
  readonly state: 'passed' | 'failed' | 'waiting' | 'ready'
  readonly seconds: number
  readonly failures: readonly string[]
}

/** Everything that did not come true, in words; empty: it passed. */
export function failuresOf(result: ScenarioResult): string[] {
  const failures = [
    ...result.lines
      .filter((line) => !line.ok)
      .map((line) => `${(line.atMs / 1_000).toFixed(1)} s: ${line.line}: ${line.detail}`),
    ...result.complaints,
  ]
  return failures.length === 0 && !result.ok ? ['it failed without a reason'] : failures
}

/** A line of the table; with failures, each on a line of its own below. */
export function row({ scenario, world, state, seconds, failures }: Row): string {
  const names = [scenario.name, ...(scenario.nameZh === undefined ? [] : [scenario.nameZh])].join(' / ')
  const took = world === '-' ? '' : `${seconds.toFixed(1)} s`
  const line = [
    String(scenario.number ?? '').padEnd(8),
    world.padEnd(8),
    state.padEnd(8),
    took.padStart(7),
    ` ${names}`,
  ].join(' ')
  const waitsFor = scenario.needs.length > 0 ? [`needs: ${scenario.needs.join(', ')}`] : []
  return [line, ...[...waitsFor, ...failures].map((text) => `${' '.repeat(36)}${text}`)].join('\n')
}
