import { commandsByOfficer, type Ledger } from '../../simulators/scenario/ledger.js'
import type { Site } from '../../simulators/scenario/site.js'
import { LanekeeperError } from '../base/error.js'
import type { StoredEvent } from '../interfaces/journal.js'
import { readRecordedJournal } from '../store/read-only.js'

export interface Audit {
  readonly kills: number
  /** Events in the edge's journal. */
  readonly journaled: number
  /** Events in the gateway's store. */
  readonly stored: number
  /** Journaled, but not stored. */
  readonly lost: number
  /** Stored more than once, or stored and never journaled. */
  readonly duplicated: number
  readonly outOfOrder: number
  /** Raises that the PLC took. */
  readonly released: number
  /** From ground truth: for a vehicle that no decision or officer's verdict allowed, or without a record before it. */
  readonly wronglyReleased: number
  readonly loweredOnVehicle: number
  readonly minimumClearanceMs: number | null
  readonly good: boolean
  readonly complaints: readonly string[]
}

/**
 * Compares three independent books: the edge's journal on its disk, the gateway's store over its
 * API, and the physical truth of the simulated barriers.
 */
export async function auditSite(site: Site, ledger: Ledger, kills: number): Promise<Audit> {
  const client = site.client
  if (!client) throw new LanekeeperError('audit.notSignedIn', 'the site has no signed-in client')
  const complaints: string[] = []
  const journal = await recorded(site)
  const epoch = journal[0]?.epoch ?? ''
  const journaledUpTo = journal.at(-1)?.sequence ?? 0

  const times = new Map<string, number>()
  let stored = 0
  let outOfOrder = 0
  let lastSequence = 0
  for await (const event of client.events(site.edgeId, epoch)) {
    const sequence = Number(event['sequence'])
    if (sequence <= lastSequence) outOfOrder += 1
    lastSequence = sequence
    // The edge lives: what it recorded since the journal was read is looked for in the later reading only.
    if (sequence <= journaledUpTo) stored += 1
    const key = keyOf(event)
    times.set(key, (times.get(key) ?? 0) + 1)
  }
  const lost = journal.filter((event) => !times.has(keyOf(event))).length
  const journaled = new Set((await recorded(site)).map(keyOf))
  const phantom = [...times.keys()].filter((key) => !journaled.has(key)).length
  const twice = [...times.values()].reduce((sum, count) => sum + count - 1, 0)

  const figures = ledger.figures(await commandsByOfficer(readRecordedJournal(site.files.edgeDataDir)))
  const unrecorded = complainOfRaises(journal, ledger, complaints)
  for (const wrong of figures.wronglyReleased) complaints.push(`wrongly released: ${wrong}`)
  const status = await site.yardStatus()
  const clearances = status.lanes.flatMap((lane) => lane.minimumClearanceMs ?? [])
  const lowered = status.lanes.reduce((sum, lane) => sum + lane.loweredOnVehicle, 0)
  const audit = {
    kills,
    journaled: journal.length,
    stored,
    lost,
    duplicated: twice + phantom,
    outOfOrder,
    released: figures.raises,
    wronglyReleased: figures.wronglyReleased.length + unrecorded,
    loweredOnVehicle: lowered,
    minimumClearanceMs: clearances.length === 0 ? null : Math.min(...clearances),
  }
  const bad =
    audit.lost + audit.duplicated + audit.outOfOrder + audit.wronglyReleased + audit.loweredOnVehicle
  return { ...audit, good: bad === 0 && journal.length > 0 && figures.raises > 0, complaints }
}

async function recorded(site: Site): Promise<StoredEvent[]> {
  const events: StoredEvent[] = []
  for await (const event of readRecordedJournal(site.files.edgeDataDir)) events.push(event)
  return events
}

function keyOf(event: { readonly sequence?: unknown; readonly hash?: unknown }): string {
  return `${String(event.sequence)}:${String(event.hash)}`
}

/** Each taken raise has exactly one recorded intent, each intent at most one taken raise, each right one intent that was taken. */
function complainOfRaises(journal: readonly StoredEvent[], ledger: Ledger, complaints: string[]): number {
  const rightOf = new Map<string, string>()
  for (const event of journal) {
    if (event.type !== 'barrierIntent') continue
    const { commandId, right } = event.body as { commandId: string; right: Record<string, string> }
    rightOf.set(commandId, `${right['by'] ?? ''} ${right['decisionId'] ?? right['verdictId'] ?? ''}`)
  }
  const before = complaints.length
  const taken = new Map<string, number>()
  for (const commandId of ledger.commands()) {
    const right = rightOf.get(commandId)
    if (right === undefined) {
      complaints.push(`${commandId} was taken by the PLC and stands in no journal`)
      continue
    }
    const count = (taken.get(right) ?? 0) + 1
    taken.set(right, count)
    if (count > 1) complaints.push(`${right} raised ${count} times`)
  }
  return complaints.length - before
}
