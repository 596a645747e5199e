import type { Command } from 'commander'
import { LanekeeperError } from '../base/error.js'
import { describeProblems } from '../base/result.js'
import { parseDecidedBody, redecide } from '../domain/decision/replay.js'
import { rulesetVersion } from '../domain/decision/ruleset.js'
import type { Decision } from '../domain/decision/types.js'
import { readRecordedJournal } from '../store/read-only.js'
import { exitCodes } from './exit.js'

interface Difference {
  readonly sequence: number
  readonly passageId: string | null
  readonly recorded: Decision
  readonly now: Decision
}

/** Differences that are printed in full; the rest is counted. */
const shownMax = 20

export function addReplay(program: Command): void {
  program
    .command('replay')
    .description(
      'Decide every recorded passage of an edge again, from its journal alone, and compare byte for byte.',
    )
    .argument('<dataDir>', 'data directory of an edge; it may be in use, or left by one that was killed')
    .option('--json', 'print only the line of figures')
    .action(async (dataDir: string, options: { json?: boolean }) => {
      const differences: Difference[] = []
      let events = 0
      let decisions = 0
      const rulesets = new Set<string>()
      for await (const event of readRecordedJournal(dataDir)) {
        events += 1
        if (event.type !== 'decided') continue
        decisions += 1
        const body = parseDecidedBody(event.body)
        if (!body.ok) {
          const why = describeProblems(body.problems)
          throw new LanekeeperError('replay.notReadable', `event ${event.sequence}: ${why}`)
        }
        rulesets.add(body.value.decision.rulesetVersion)
        const again = redecide(body.value)
        if (!again.same) {
          differences.push({
            sequence: event.sequence,
            passageId: event.passageId,
            recorded: body.value.decision,
            now: again.now,
          })
        }
      }
      if (!options.json) describe(differences, rulesets)
      process.stdout.write(`${JSON.stringify({ events, decisions, differences: differences.length })}\n`)
      if (differences.length > 0) process.exitCode = exitCodes.failed
    })
}

function describe(differences: readonly Difference[], rulesets: ReadonlySet<string>): void {
  const recorded = [...rulesets].join(', ') || 'none'
  process.stdout.write(`Recorded under ruleset ${recorded}; decided again under ${rulesetVersion}.\n`)
  for (const { sequence, passageId, recorded: was, now } of differences.slice(0, shownMax)) {
    process.stdout.write(
      `event ${sequence}, passage ${passageId ?? '(none)'}: recorded ${was.outcome} (${was.primary}), now ${now.outcome} (${now.primary})\n`,
    )
  }
  if (differences.length > shownMax) {
    process.stdout.write(`... and ${differences.length - shownMax} more\n`)
  }
}
