import type { Cancel, Clock } from '../../edge/base/clock.js'
import { messageOf } from '../../edge/base/error.js'
import type { Logger } from '../../edge/base/log.js'
import type { Ack, ListDelta, ListHead } from '../../edge/messages/down.js'
import { wireVersion } from '../../edge/messages/envelope.js'
import { listNames } from '../../edge/messages/entities.js'
import type { DownKind } from '../../edge/messages/topics.js'
import { answerSchema, healthSchema, type Answer } from '../../edge/messages/up.js'
import type { LiveFeed } from '../api/live.js'
import { escalationView, listView, passageView } from '../api/views.js'
import type { Broker } from '../broker/broker.js'
import type { EscalationRecord } from '../domain/escalation.js'
import type { Committed } from '../inbox/inbox.js'
import type { Lists } from '../lists/lists.js'
import type { Database } from '../store/database.js'
import type { Mark, Memory } from '../store/memory.js'
import { ListAnswers } from './list-answers.js'
import type { Desk } from './desk.js'
import type { Edges } from './edges.js'
import type { FaultBoard } from './fault-board.js'

/** An acknowledgement also tells the edge the time, so it comes even when nothing was stored. */
const ackEveryMs = 10_000

/** The heads again: an edge counts the age of a list from the last time it was named the newest. */
const headsEveryMs = 15_000

interface Parts {
  readonly broker: Broker
  readonly edges: Edges
  readonly desk: Desk
  readonly lists: Lists
  readonly live: LiveFeed
  readonly database: Database
  readonly faults: FaultBoard
}

/**
 * Joins the parts that do not know each other: what the store committed goes to the edges and to the
 * pages, what edges say goes to the desk. Holds no state of its own beyond what has been counted.
 */
export class Switchboard {
  /** `acksWithheld`: acknowledgements that would have said more than is stored. */
  readonly counters = { badHealth: 0, badAnswers: 0, acksWithheld: 0 }
  readonly #beyondStore = new Map<string, Set<string>>()
  readonly #given: { readonly memory: Memory; readonly clock: Clock; readonly log: Logger }
  readonly #timers = new Map<string, Cancel>()
  #parts: Parts | null = null
  #listAnswers: ListAnswers | null = null

  constructor(given: { readonly memory: Memory; readonly clock: Clock; readonly log: Logger }) {
    this.#given = given
  }

  /** Until then nobody is connected, and nothing goes out. */
  start(parts: Parts): void {
    this.#parts = parts
    this.#listAnswers = new ListAnswers({
      ...this.#given,
      database: parts.database,
      onKept: (edgeId) => {
        this.#listAnswersKept(edgeId)
      },
    })
    for (const head of this.#given.memory.heads()) parts.broker.down.announceHead(head.list, head)
    this.#every('acks', ackEveryMs, () => {
      for (const edgeId of parts.broker.down.connected()) this.#acknowledge(edgeId)
    })
    this.#every('heads', headsEveryMs, () => {
      for (const head of this.#given.memory.heads()) parts.broker.down.announceHead(head.list, head)
    })
  }

  close(): void {
    for (const cancel of this.#timers.values()) cancel()
    this.#timers.clear()
    this.#parts = null
  }

  isConnected(edgeId: string): boolean {
    return this.#parts?.broker.down.isConnected(edgeId) ?? false
  }

  send(edgeId: string, kind: DownKind, message: unknown): boolean {
    return this.#parts?.broker.down.send(edgeId, kind, message) ?? false
  }

  /** A transaction of the inbox is durable: acknowledge it, and tell the pages. */
  committed(committed: Committed): void {
    const parts = this.#parts
    if (!parts) return
    for (const mark of committed.marks) {
      if (this.#isStored(mark)) this.send(mark.edgeId, 'ack', this.#ackOf(mark.epoch, mark.upTo))
      parts.edges.heard(mark.edgeId)
      this.edgeChanged(mark.edgeId)
    }
    for (const passage of committed.passages) {
      parts.live.tell({ is: 'passage', passage: passageView(passage) })
    }
    for (const escalation of committed.escalations) this.escalationChanged(escalation)
    if (committed.heads.length > 0) {
      parts.lists.publish(committed.heads).catch((error: unknown) => {
        this.#given.log.error({ error: messageOf(error) }, 'a list version was made but not told')
      })
    }
  }

  escalationChanged(escalation: EscalationRecord): void {
    this.#parts?.live.tell({ is: 'escalation', escalation: escalationView(escalation) })
  }

  edgeChanged(edgeId: string): void {
    const edge = this.#parts?.edges.state(edgeId)
    if (edge) this.#parts?.live.tell({ is: 'edge', edge })
  }

  /** A fault was raised or cleared: the page that is open shows it, as one that is opened now would. */
  faultChanged(source: string): void {
    const parts = this.#parts
    if (parts?.faults.isOwn(source)) parts.live.tell({ is: 'faults', faults: parts.faults.own() })
    else this.edgeChanged(source)
  }

  listChanged(head: ListHead, delta: ListDelta | undefined): void {
    const parts = this.#parts
    if (!parts) return
    // The delta first: an edge that has it needs not fetch what the head would make it look for.
    if (delta) parts.broker.down.sendAll('list', delta)
    for (const edgeId of parts.broker.down.connected()) parts.edges.listSent(edgeId, head.list, head.version)
    parts.broker.down.announceHead(head.list, head)
    parts.live.tell({ is: 'list', list: listView(head) })
  }

  edgeListens(edgeId: string): void {
    this.#acknowledge(edgeId)
    // What is retained came with the subscription.
    for (const { list, version } of this.#given.memory.heads())
      this.#parts?.edges.listSent(edgeId, list, version)
    this.#parts?.desk.edgeListens(edgeId)
  }

  health(edgeId: string, payload: Uint8Array): void {
    const parsed = healthSchema.safeParse(parsedJson(payload))
    if (!parsed.success || parsed.data.edgeId !== edgeId) {
      this.counters.badHealth += 1
      return
    }
    this.#parts?.edges.health(edgeId, parsed.data)
    this.edgeChanged(edgeId)
  }

  answer(edgeId: string, payload: Uint8Array): void {
    const parsed = answerSchema.safeParse(parsedJson(payload))
    if (!parsed.success || parsed.data.edgeId !== edgeId) {
      this.counters.badAnswers += 1
      return
    }
    this.#parts?.edges.heard(edgeId)
    this.#take(edgeId, parsed.data).catch((error: unknown) => {
      this.#given.log.error({ edgeId, error: messageOf(error) }, 'an answer could not be kept')
    })
  }

  async #take(edgeId: string, { to, result, why, at }: Answer): Promise<void> {
    const about = /^([a-zA-Z]+)@(\d+)$/.exec(to)
    const list = listNames.find((name) => name === about?.[1])
    if (list && result === 'accepted') {
      this.#parts?.edges.listVerified(edgeId, list, Number(about?.[2]), at)
      this.edgeChanged(edgeId)
    } else if (list && result !== 'accepted') {
      this.#listAnswers?.take(edgeId, { list, version: Number(about?.[2]), result, why, at })
    } else if (result !== 'inForce') {
      await this.#parts?.desk.word(edgeId, to, { result, why, at })
    }
  }

  #listAnswersKept(edgeId: string): void {
    const refused = this.#given.memory.listAnswers(edgeId).filter((one) => one.result === 'refused')
    const detail = refused.map((one) => `${one.list}@${one.version}: ${one.why ?? ''}`).join('; ')
    const fault = { code: 'gateway.listRefused', source: edgeId } as const
    this.#parts?.faults.change(
      refused.length > 0 ? { is: 'raised', ...fault, detail } : { is: 'cleared', ...fault },
    )
    this.edgeChanged(edgeId)
  }

  #acknowledge(edgeId: string): void {
    const epoch = this.#parts?.edges.epoch(edgeId)
    const mark = epoch === undefined ? undefined : this.#given.memory.mark(edgeId, epoch)
    // Who may not be acknowledged, or has sent nothing yet, still gets the time, under a name that is no epoch of its.
    const sayable = mark === undefined || this.#isStored(mark)
    this.send(edgeId, 'ack', sayable ? this.#ackOf(epoch ?? 'none', mark?.upTo ?? 0) : this.#ackOf('none', 0))
  }

  /**
   * Whether the store holds what the mark claims. An edge forgets what it is acknowledged: one that said
   * more than is stored would lose events, whatever mistake or damage made it.
   */
  #isStored({ edgeId, epoch, upTo }: Mark): boolean {
    const highest = this.#given.memory.highestStored(edgeId, epoch)
    const standing = this.#beyondStore.get(edgeId) ?? new Set()
    this.#beyondStore.set(edgeId, standing)
    if (upTo <= highest) {
      if (standing.delete(epoch) && standing.size === 0)
        this.#parts?.faults.change({ is: 'cleared', code: 'gateway.ackBeyondStore', source: edgeId })
      return true
    }
    this.counters.acksWithheld += 1
    standing.add(epoch)
    const detail = `${epoch}: the mark says ${upTo}, the store ends at ${highest}`
    this.#parts?.faults.change({ is: 'raised', code: 'gateway.ackBeyondStore', source: edgeId, detail })
    return false
  }

  #ackOf(epoch: string, upTo: number): Ack {
    return { v: wireVersion, epoch, upTo, at: Math.round(this.#given.clock.now().wallMs) }
  }

  #every(name: string, everyMs: number, run: () => void): void {
    const cancel = this.#given.clock.after(name, everyMs, () => {
      this.#every(name, everyMs, run)
      run()
    })
    this.#timers.set(name, cancel)
  }
}

function parsedJson(payload: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(payload).toString('utf8'))
  } catch {
    return undefined
  }
}
