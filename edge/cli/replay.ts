import type { Command } from 'commander'
import { redecide, type DecidedBody } from '../domain/decision/replay.js'
import { rulesetVersion } from '../domain/decision/ruleset.js'
import type { Decision } from '../domain/decision/types.js'
import { whatIf, type WhatIf } from '../domain/decision/what-if.js'
import { whole } from './arguments.js'
import { plannedChange, type PlannedChange } from './planned-change.js'
import { recordedEvents, type RecordedEvent } from './recorded-decisions.js'
import { exitCodes } from './exit.js'
import { told, translated } from './spoken.js'

interface Options {
  readonly json?: boolean
  readonly show: number
  readonly policy?: string
  readonly ruleset?: string
  readonly lists?: string
}

export function addReplay(program: Command): void {
  program
    .command('replay')
    .description(
      'Decide every recorded passage again, from the record alone, and compare byte for byte; or see what a planned change would have made of them.',
    )
    .argument('<source>', 'data directory of an edge, in use or not; or a file with one event a line')
    .option('--json', 'print only the line of figures')
    .option('--show <number>', 'how many differences to print one by one', whole(0), 20)
    .option(
      '--policy <file>',
      'what if these thresholds were others: YAML or JSON, e.g. plateConfidenceMin: 0.8',
    )
    .option('--ruleset <file>', 'what if this ruleset were in force; it need not be signed')
    .option(
      '--lists <file>',
      'what if these entries were in the lists or out of them: .ndjson with an entry or {"delete": LIST, "key": KEY} a line, or YAML or JSON with upserts and deletes',
    )
    .addHelpText('after', `\n${rules()}`)
    .action(async (source: string, options: Options) => {
      if ([options.policy, options.ruleset, options.lists].filter((file) => file !== undefined).length > 1) {
        process.stderr.write(
          `${told`lanekeeper replay: one of --policy, --ruleset and --lists at a time.`}\n`,
        )
        process.exitCode = exitCodes.usage
        return
      }
      const planned = plannedChange(options)
      if (planned === 'refused') return
      const say = options.json ? () => undefined : (line: string) => void process.stdout.write(`${line}\n`)
      if (planned === null) await again(source, options.show, say)
      else await changed(source, planned, options.show, say)
    })
}

/** What the options mean together, and the exit code. */
function rules(): string {
  return [
    told`One of --policy, --ruleset and --lists at a time. Under --lists facts are looked up again in what was`,
    told`recorded; a passage whose record does not tell what the lists would have said is counted as cannotTell and named.`,
    '',
    told`Exit code: 0 every decision comes out as recorded, 1 one does not, or the record cannot be read, 3 the file`,
    told`of a planned change has problems. With a planned change differences are the answer, and the exit code is 0.`,
  ].join('\n')
}

type Say = (line: string) => void

async function again(source: string, show: number, say: Say): Promise<void> {
  const rulesets = new Set<string>()
  const counts = { events: 0, decisions: 0, differences: 0 }
  for await (const event of recordedEvents(source)) {
    counts.events += 1
    if (event.decided === null) continue
    counts.decisions += 1
    const { decision } = event.decided
    rulesets.add(decision.rulesetVersion)
    const { same, now } = redecide(event.decided)
    if (same) continue
    counts.differences += 1
    if (counts.differences <= show) say(told`${where(event)}: recorded ${named(decision)}, now ${named(now)}`)
  }
  sayRest(counts.differences, show, say)
  const recorded = [...rulesets].join(', ') || told`none`
  say(told`Recorded under ruleset ${recorded}; decided again under ${rulesetVersion}.`)
  process.stdout.write(`${JSON.stringify(counts)}\n`)
  if (counts.differences > 0) process.exitCode = exitCodes.failed
}

async function changed(source: string, planned: PlannedChange, show: number, say: Say): Promise<void> {
  const counts = { events: 0, decisions: 0, differences: 0, otherOutcome: 0, cannotTell: 0 }
  const outcomes: Record<string, number> = {}
  const rules: Record<string, { noLonger: number; newly: number }> = {}
  const count = (id: string, what: 'noLonger' | 'newly') =>
    ((rules[id] ??= { noLonger: 0, newly: 0 })[what] += 1)
  for await (const event of recordedEvents(source)) {
    counts.events += 1
    if (event.decided === null) continue
    counts.decisions += 1
    const was = event.decided.decision
    const { inputs, cannotTell } = await planned.change(event.decided.inputs)
    if (cannotTell.length > 0) {
      counts.cannotTell += 1
      if (counts.cannotTell <= show)
        say(told`${where(event)}: cannot tell: ${cannotTell.map((what) => translated(what)).join('; ')}`)
      continue
    }
    const other = whatIf(event.decided, () => inputs)
    if (other.differs.length === 0) continue
    counts.differences += 1
    if (was.outcome !== other.would.outcome) {
      counts.otherOutcome += 1
      const way = `${was.outcome} to ${other.would.outcome}`
      outcomes[way] = (outcomes[way] ?? 0) + 1
    }
    for (const id of other.noLonger) count(id, 'noLonger')
    for (const id of other.newly) count(id, 'newly')
    if (counts.differences <= show) say(`${where(event)}: ${inShort(event.decided, other)}`)
  }
  sayRest(counts.differences, show, say)
  say(told`With ${planned.name}: ${counts.differences} of ${counts.decisions} decisions would differ.`)
  if (counts.cannotTell > 0) say(told`Of ${counts.cannotTell} the record does not tell.`)
  process.stdout.write(`${JSON.stringify({ ...counts, outcomes, rules, change: planned.name })}\n`)
}

function inShort({ decision }: DecidedBody, { would, differs, noLonger, newly }: WhatIf): string {
  const rules = [
    ...(noLonger.length > 0 ? [told`no longer rule ${noLonger.join(', ')}`] : []),
    ...(newly.length > 0 ? [told`newly rule ${newly.join(', ')}`] : []),
  ]
  const why = rules.length > 0 ? rules.join('; ') : told`other ${differs.join(', ')}`
  return `${told`${named(decision)} would be ${named(would)}`}; ${why}`
}

function where({ at, passageId }: RecordedEvent): string {
  return told`${at}, passage ${passageId ?? '(none)'}`
}

function named({ outcome, primary }: Decision): string {
  return `${outcome} (${primary})`
}

function sayRest(differences: number, show: number, say: Say): void {
  if (differences > show) say(told`... and ${differences - show} more`)
}
