import type { z } from 'zod'
import { eventBodies } from '../messages/events.js'
import { readRecordedJournal } from '../store/read-only.js'
import { told } from './spoken.js'

const differed = eventBodies.shadowDiffered
type Differed = z.infer<typeof differed>

/**
 * What the ruleset in the shadow would have decided otherwise, as the journal of an edge has it: each
 * difference, then the figures. `say` gets the lines for people.
 */
export async function reportShadow(
  dataDir: string,
  show: number,
  say: (line: string) => void,
): Promise<Readonly<Record<string, unknown>>> {
  const counts = { decisions: 0, differed: 0, otherOutcome: 0 }
  const ways: Record<string, number> = {}
  const rulesets = new Set<string>()
  for await (const event of readRecordedJournal(dataDir)) {
    if (event.type === 'decided') counts.decisions += 1
    const parsed = event.type === 'shadowDiffered' ? differed.safeParse(event.body) : null
    if (!parsed?.success) continue
    const { data } = parsed
    counts.differed += 1
    rulesets.add(data.ruleset)
    if (data.outcome !== data.wouldBe.outcome) {
      counts.otherOutcome += 1
      const way = `${data.outcome} to ${data.wouldBe.outcome}`
      ways[way] = (ways[way] ?? 0) + 1
    }
    if (counts.differed <= show)
      say(
        told`${new Date(event.occurredAt).toISOString()}, passage ${event.passageId ?? '?'}: ${inShort(data)}`,
      )
  }
  if (counts.differed > show) say(told`... and ${counts.differed - show} more (--show)`)
  return { ...counts, outcomes: ways, rulesets: [...rulesets] }
}

function inShort({ outcome, primary, wouldBe, noLonger, newly }: Differed): string {
  const why = [
    ...(noLonger.length > 0 ? [told`no longer rule ${noLonger.join(', ')}`] : []),
    ...(newly.length > 0 ? [told`newly rule ${newly.join(', ')}`] : []),
  ]
  const words = why.length > 0 ? `; ${why.join('; ')}` : ''
  const would = `${wouldBe.outcome} (${wouldBe.primary})`
  return `${told`${`${outcome} (${primary})`} would be ${would}`}${words}`
}
