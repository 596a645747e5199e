import type { Command } from 'commander'
import { LanekeeperError } from '../base/error.js'
import { describeProblems } from '../base/result.js'
import { explain } from '../domain/decision/explain.js'
import { inWords } from '../domain/decision/explain-words.js'
import { parseDecidedBody } from '../domain/decision/replay.js'
import type { StoredEvent } from '../interfaces/journal.js'
import { readRecordedJournal } from '../store/read-only.js'
import { whole } from './arguments.js'
import { spoken, told } from './spoken.js'

interface Options {
  readonly data: string
  readonly passage?: string
  readonly last: number
  readonly json?: boolean
  readonly secrets?: boolean
}

/** Decisions of one passage, or of the last few, that are shown at most. */
const shownMax = 100

export function addExplain(program: Command): void {
  program
    .command('explain')
    .description('Say why passages were judged as they were, from the journal of an edge alone.')
    .requiredOption(
      '--data <dir>',
      'data directory of an edge; it may be in use, or left by one that was killed',
    )
    .option('--passage <id>', 'every decision of this passage')
    .option('--last <number>', `the newest decisions, at most ${shownMax}`, whole(1, shownMax), 1)
    .option('--json', 'one line of JSON a decision: the explanation as data, and its sentences')
    .option('--secrets', 'show secret orders as what they are; without it they read as random sampling')
    .action(async (options: Options) => {
      const events = await wanted(options)
      if (events.length === 0) {
        const { passage, data } = options
        throw new LanekeeperError(
          'journal.nothing',
          passage === undefined
            ? told`there is no decision in ${data}`
            : told`there is no decision on passage ${passage} in ${data}`,
        )
      }
      for (const event of events) process.stdout.write(shown(event, options))
    })
}

async function wanted({ data, passage, last }: Options): Promise<StoredEvent[]> {
  const events: StoredEvent[] = []
  for await (const event of readRecordedJournal(data)) {
    if (event.type !== 'decided') continue
    if (passage !== undefined && event.passageId !== passage) continue
    events.push(event)
    if (events.length > (passage === undefined ? last : shownMax)) events.shift()
  }
  return events
}

function shown(event: StoredEvent, { json, secrets }: Options): string {
  const body = parseDecidedBody(event.body)
  if (!body.ok) {
    const why = describeProblems(body.problems)
    throw new LanekeeperError('journal.notReadable', `event ${event.sequence}: ${why}`)
  }
  const explanation = explain(body.value, { seesSecrets: secrets === true })
  const sections = inWords(explanation, spoken)
  const decisionId = event.body['decisionId']
  if (json) return `${JSON.stringify({ sequence: event.sequence, decisionId, explanation, sections })}\n`
  const head = `${event.passageId ?? ''} ${typeof decisionId === 'string' ? decisionId : ''}`.trim()
  const texts = sections.map(({ title, sentences }) =>
    [title, ...sentences.map((sentence) => `  ${sentence}`)].join('\n'),
  )
  return `${head}\n\n${texts.join('\n\n')}\n\n`
}
