import { messageOf } from '../../edge/base/error.js'
import type { Logger } from '../../edge/base/log.js'
import type { Database } from '../store/database.js'
import type { ListAnswer, Memory } from '../store/memory.js'
import { saveListAnswer } from '../store/records.js'

export interface ListAnswersGiven {
  readonly database: Pick<Database, 'transact'>
  readonly memory: Memory
  readonly log: Logger
  /** The newest words of this edge are kept. */
  readonly onKept: (edgeId: string) => void
}

interface Waiting {
  readonly edgeId: string
  readonly answer: ListAnswer
}

/**
 * Keeps what edges say became of a version. A thousand of them answer an order in the same second: what comes while
 * a transaction runs goes into the next one together.
 */
export class ListAnswers {
  readonly #given: ListAnswersGiven
  /** By edge and list, so that it is bounded by how many there are of both. */
  #waiting = new Map<string, Waiting>()
  #writing = false

  constructor(given: ListAnswersGiven) {
    this.#given = given
  }

  take(edgeId: string, answer: ListAnswer): void {
    const { memory } = this.#given
    const place = `${edgeId}/${answer.list}`
    const known =
      this.#waiting.get(place)?.answer ?? memory.listAnswers(edgeId).find(({ list }) => list === answer.list)
    if (known?.version === answer.version && known.result === answer.result && known.why === answer.why)
      return
    this.#waiting.set(place, { edgeId, answer })
    if (!this.#writing) void this.#write()
  }

  async #write(): Promise<void> {
    this.#writing = true
    while (this.#waiting.size > 0) {
      const taken = [...this.#waiting.values()]
      this.#waiting = new Map()
      try {
        await this.#keep(taken)
      } catch (error) {
        // They are said again with the next version; nothing is decided by them. What came meanwhile is not given up with
        // them: it would wait for an answer that differs, and be taken for known until then.
        this.#given.log.error({ error: messageOf(error) }, 'answers about lists could not be kept')
      }
    }
    // In the same turn as the look at what waits, so that nothing comes in between.
    this.#writing = false
  }

  async #keep(answers: readonly Waiting[]): Promise<void> {
    const { database, memory, onKept } = this.#given
    await database.transact(
      async (sql) => {
        for (const { edgeId, answer } of answers) await saveListAnswer(sql, edgeId, answer)
      },
      () => {
        for (const { edgeId, answer } of answers) memory.setListAnswer(edgeId, answer)
      },
    )
    for (const edgeId of new Set(answers.map((one) => one.edgeId))) onKept(edgeId)
  }
}
