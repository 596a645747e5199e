import { InvalidArgumentError, type Command } from 'commander'
import { ShadowReporter } from '../domain/decision/shadow-report.js'
import { shadowInLines } from '../domain/decision/shadow-words.js'
import { whole } from './arguments.js'
import { recordedAsTold } from './recorded-decisions.js'
import { spoken, told } from './spoken.js'

interface Options {
  readonly from?: number
  readonly to?: number
  readonly lane?: string
  readonly json?: boolean
  readonly show: number
}

export function addShadowReport(program: Command): void {
  program
    .command('shadow-report')
    .description(
      'What a lane in SHADOW would have done beside what people did, by rule and outcome, from the record alone.',
    )
    .argument('<source>', 'data directory of an edge, in use or not; or a file with one event a line')
    .option('--from <time>', 'only what happened from then on, e.g. 2026-06-01 or 2026-06-01T08:00Z', moment)
    .option('--to <time>', 'only what happened before then', moment)
    .option('--lane <id>', 'only this lane')
    .option('--show <number>', 'how many differing passages to name', whole(0), 20)
    .option('--json', 'the report as one line of JSON')
    .action(async (source: string, options: Options) => {
      const reporter = new ShadowReporter()
      for await (const event of recordedAsTold(source)) {
        const { from = -Infinity, to = Infinity, lane } = options
        const isWanted = event.occurredAt >= from && event.occurredAt < to
        if (isWanted && (lane === undefined || event.lane === lane)) reporter.take(event)
      }
      const report = reporter.report()
      const text = options.json
        ? JSON.stringify(report)
        : shadowInLines(report, spoken, options.show).join('\n')
      process.stdout.write(`${text}\n`)
    })
}

function moment(text: string): number {
  const ms = Date.parse(text)
  if (Number.isFinite(ms)) return ms
  throw new InvalidArgumentError(told`a time such as 2026-06-01 or 2026-06-01T08:00Z`)
}
