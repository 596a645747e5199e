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

/**
 * Keeps what edges say became of a version. A thousand of them answer an order in the same second: what comes while
 * a transaction runs goes into the next one together.
 */
export class ListAnswers {
  readonly #given: ListAnswersGiven
  /** By edge and list, so that it is bounded by how many there are of both. */
  #waiting = new Map<string, { readonly edgeId: string; readonly answer: ListAnswer }>()
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
    const { database, memory, log, onKept } = this.#given
    this.#writing = true
    try {
      while (this.#waiting.size > 0) {
        const taken = [...this.#waiting.values()]
        this.#waiting = new Map()
        await database.transact(
          async (sql) => {
            for (const { edgeId, answer } of taken) await saveListAnswer(sql, edgeId, answer)
          },
          () => {
            for (const { edgeId, answer } of taken) memory.setListAnswer(edgeId, answer)
          },
        )
        for (const edgeId of new Set(taken.map((one) => one.edgeId))) onKept(edgeId)
      }
    } catch (error) {
      // They are said again with the next version; nothing is decided by them.
      log.error({ error: messageOf(error) }, 'answers about lists could not be kept')
    } finally {
      this.#writing = false
    }
  }
}
