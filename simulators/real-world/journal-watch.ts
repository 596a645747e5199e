import type { StoredEvent } from '../../edge/interfaces/journal.js'
import { readRecordedJournal } from '../../edge/store/read-only.js'
import { messageOf } from '../../edge/base/error.js'

/** The edge's record, read from its disk beside it while it runs, is killed and starts again. */
export class JournalWatch {
  readonly #dataDir: string
  readonly #events: StoredEvent[] = []
  #trouble: string | null = null

  constructor(dataDir: string) {
    this.#dataDir = dataDir
  }

  /** Everything read so far, oldest first. */
  get events(): readonly StoredEvent[] {
    return this.#events
  }

  /** Reads what is new. A journal that cannot be read just now is read the next time. */
  async look(): Promise<readonly StoredEvent[]> {
    const known = this.#events.length
    const from = this.#events.at(-1)?.sequence ?? 0
    try {
      for await (const event of readRecordedJournal(this.#dataDir)) {
        if (event.sequence > from) this.#events.push(event)
      }
      this.#trouble = null
    } catch (error) {
      this.#trouble = messageOf(error)
    }
    return this.#events.slice(known)
  }

  /** Trouble with the record itself, and what {@link complaintsOf} finds in it. */
  complaints(acceptedIds: readonly string[]): string[] {
    const unread = this.#trouble === null ? [] : [`the journal cannot be read: ${this.#trouble}`]
    return [...unread, ...complaintsOf(this.#events, acceptedIds)]
  }
}

/**
 * What a record says against the raises that the PLC took: each must have been recorded before
 * (law 2), by the right of a decision to release, of one to disinfect once that was done, or an accepted release of a
 * person, and once.
 */
export function complaintsOf(
  events: readonly Pick<StoredEvent, 'type' | 'body'>[],
  acceptedIds: readonly string[],
): string[] {
  const found: string[] = []
  const unused = new Set<string>()
  const intended = new Set<string>()
  const toDisinfect = new Set<string>()
  const sprays = new Map<string, string>()
  for (const { type, body } of events) {
    if (type === 'decided' && outcomeOf(body) === 'release') unused.add(String(body['decisionId']))
    if (type === 'decided' && outcomeOf(body) === 'disinfect') toDisinfect.add(String(body['decisionId']))
    if (type === 'sprayIntent') sprays.set(String(body['commandId']), String(body['decisionId']))
    const sprayed = type === 'disinfected' ? sprays.get(String(body['commandId'])) : undefined
    // Once it is done, the right to disinfect is one to raise.
    if (sprayed !== undefined && toDisinfect.delete(sprayed)) unused.add(sprayed)
    const isRelease = body['answer'] === 'release' && body['result'] === 'accepted'
    if (type === 'verdictJudged' && isRelease) unused.add(String(body['verdictId']))
    if (type !== 'barrierIntent') continue
    const command = String(body['commandId'])
    const right = body['right'] as { decisionId?: string; verdictId?: string }
    const id = right.decisionId ?? right.verdictId ?? ''
    intended.add(command)
    if (!unused.delete(id))
      found.push(`the raise ${command} rests on ${id}, which gives no right, or gave it before`)
  }
  const seen = new Set<string>()
  for (const id of acceptedIds) {
    if (!intended.has(id)) found.push(`the PLC took the raise ${id}, which was not recorded before`)
    if (seen.has(id)) found.push(`the PLC took the raise ${id} twice`)
    seen.add(id)
  }
  return found
}

function outcomeOf(body: Readonly<Record<string, unknown>>): unknown {
  return (body['decision'] as { outcome?: unknown } | undefined)?.outcome
}
