import { setImmediate } from 'node:timers/promises'
import type { Cancel, Clock } from '../../edge/base/clock.js'
import { messageOf } from '../../edge/base/error.js'
import type { FaultChange } from '../../edge/base/fault.js'
import type { Logger } from '../../edge/base/log.js'
import { judgeLift, type HoldEntry } from '../../edge/messages/trust/holds.js'
import type { Delegation } from '../../edge/messages/trust/records.js'
import { controlLists, type ControlListName } from '../store/control-history.js'
import type { Database } from '../store/database.js'
import type { HoldsGiven } from './holds.js'

const lookEveryMs = 15_000
/** Entries that one read passes over; few enough that nobody waits for it. */
const pageRows = 2_000
/** Two signatures each are checked in the gateway's own thread. */
const judgedInOneGo = 20
/** More are found when these have been lifted again. */
const knownMax = 1_000
const namedMax = 20

export interface UnprovenGiven extends HoldsGiven {
  readonly database: Database
  readonly clock: Clock
  readonly log: Logger
  readonly onFault: (change: FaultChange) => void
}

/** Which hold of a list, by its number. */
export interface HoldName {
  readonly list: ControlListName
  readonly key: string
}

interface LiftedRow {
  readonly key: string
  /** The version in which the entry became what it is. */
  readonly since: number
  /** Null: it bears no lift. */
  readonly entry: string | null
}

/**
 * Lifts in the lists that no longer bear two valid signatures, because the key of one of the two was taken away since.
 * An edge that was away and still has the hold refuses the whole list for one of them. So they are a standing fault that
 * names them, from the moment that the delegation changes until two others have lifted them again, or every enrolled
 * edge has the lift in force: then nobody needs the proof.
 */
export class UnprovenLifts {
  readonly #given: UnprovenGiven
  readonly #known = new Map<string, HoldName & { readonly isSecret: boolean }>()
  /** By whom the lists were gone through last; undefined: they are to be gone through. */
  #judgedBy: Delegation | undefined
  #isPart = false
  #said: string | null = null
  #looking: Promise<void> = Promise.resolve()
  #cancel: Cancel | null = null
  #closed = false

  constructor(given: UnprovenGiven) {
    this.#given = given
  }

  start(): void {
    void this.look()
    this.#cancel = this.#given.clock.after('unproven lifts', lookEveryMs, () => {
      if (!this.#closed) this.start()
    })
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#cancel?.()
    await this.#looking
  }

  /** Those found at the last look, in the order of their lists. */
  names(): readonly HoldName[] {
    return [...this.#known.values()].map(({ list, key }) => ({ list, key }))
  }

  /** Looks now: at all lifts when others may lift than before, else at those that were found. Never rejects. */
  look(): Promise<void> {
    this.#looking = this.#looking.then(() => this.#look())
    return this.#looking
  }

  async #look(): Promise<void> {
    const delegation = this.#given.delegation()
    if (this.#closed || !delegation) return
    try {
      if (this.#judgedBy !== delegation || (this.#isPart && this.#known.size === 0)) {
        this.#known.clear()
        this.#isPart = false
        for (const list of controlLists) await this.#goThrough(list)
        this.#judgedBy = delegation
      } else if (this.#known.size > 0) {
        await this.#lookAgain()
      }
      this.#say()
    } catch (error) {
      this.#judgedBy = undefined
      this.#given.log.error({ error: messageOf(error) }, 'lifts could not be looked at')
    }
  }

  async #goThrough(list: ControlListName): Promise<void> {
    let after = ''
    for (;;) {
      const from = after
      const rows = await this.#given.database.read((sql) =>
        sql.all<LiftedRow>(
          `SELECT key, since, CASE WHEN instr(entry, '"lift":') > 0 THEN entry END AS entry FROM list_entries
           WHERE list = ? AND gone IS NULL AND key > ? ORDER BY key LIMIT ${pageRows}`,
          [list, from],
        ),
      )
      await this.#judge(list, rows)
      after = rows.at(-1)?.key ?? after
      if (rows.length < pageRows || this.#closed) return
    }
  }

  async #lookAgain(): Promise<void> {
    for (const list of controlLists) {
      const names = [...this.#known].filter(([, one]) => one.list === list)
      if (names.length === 0) continue
      const keys = names.map(([, { key }]) => key)
      const rows = await this.#given.database.read((sql) =>
        sql.all<LiftedRow>(
          `SELECT key, since, entry FROM list_entries
           WHERE list = ? AND gone IS NULL AND key IN (SELECT value FROM json_each(?))`,
          [list, JSON.stringify(keys)],
        ),
      )
      for (const [name] of names) this.#known.delete(name)
      await this.#judge(list, rows)
    }
  }

  async #judge(list: ControlListName, rows: readonly LiftedRow[]): Promise<void> {
    const { site, confirmed } = this.#given
    const given = { site, delegation: this.#given.delegation(), signedTimeMs: 0 }
    const seenByAll = confirmed(list)
    let judged = 0
    for (const { key, since, entry: text } of rows) {
      if (text === null || since <= seenByAll) continue
      const entry = JSON.parse(text) as HoldEntry
      if (!entry.lift) continue
      judged += 1
      if (judged % judgedInOneGo === 0) await setImmediate()
      if (judgeLift(given, entry) === null) continue
      if (this.#known.size >= knownMax) {
        this.#isPart = true
        return
      }
      const isSecret = entry.kind === 'order' && entry.nature === 'SECRET'
      this.#known.set(`${list}/${key}`, { list, key, isSecret })
    }
  }

  #say(): void {
    const { onFault } = this.#given
    const detail = this.#known.size === 0 ? null : this.#detail()
    if (detail === this.#said) return
    const fault = { code: 'gateway.liftNotProven', source: 'trust' } as const
    if (detail === null) onFault({ is: 'cleared', ...fault })
    else onFault({ is: 'raised', ...fault, detail })
    this.#said = detail
  }

  /** Faults are read by everybody: not even the number of a secret order is told. */
  #detail(): string {
    const open = [...this.#known.values()].filter(({ isSecret }) => !isSecret)
    const named = open.slice(0, namedMax).map(({ list, key }) => `${list} ${key}`)
    const others = this.#known.size - named.length
    const more = `${others}${this.#isPart ? ' or more' : ''}`
    const all = [...named, ...(others === 0 ? [] : [`${more} that are not named here`])]
    return `${all.join(', ')}: the key of one of the two was taken away, and an edge that was away refuses the whole list. Two others lift them again (docs/keys.md).`
  }
}
