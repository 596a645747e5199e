import type { Clock } from '../base/clock.js'
import { messageOf } from '../base/error.js'
import type { Logger } from '../base/log.js'
import type { ListName } from '../messages/entities.js'
import type { ListFile } from './list-file.js'
import { engineProblem, recheckContent } from './list-recheck.js'

interface Held {
  readonly list: ListName
  readonly generation: number
  readonly count: number
  readonly contentHash: string
}

export interface RecheckGiven {
  readonly clock: Clock
  readonly log: Logger
  readonly recheckPauseMs: number
  readonly held: () => readonly Held[]
  /** The last change of a list that was begun. */
  readonly changing: (list: ListName) => Promise<unknown> | undefined
  readonly onWrong: (list: ListName, problem: string) => void
  readonly onDamaged: (damage: Error) => void
  readonly isClosed: () => boolean
}

/** What is waited for before anything is looked at; less when `ending` fires. */
export function restOf(
  { clock, recheckAfterMs }: { readonly clock: Clock; readonly recheckAfterMs: number },
  ending: AbortSignal,
): Promise<void> {
  if (recheckAfterMs === 0) return Promise.resolve()
  return new Promise((resolve) => {
    const cancel = clock.after('list recheck', recheckAfterMs, resolve)
    ending.addEventListener('abort', () => {
      cancel()
      resolve()
    })
  })
}

/** Hashes each list as it lies in the database, page by page, compares it with its head, and has the engine look at its file. */
export async function recheckAll(file: ListFile, given: RecheckGiven): Promise<void> {
  const { log, held, onWrong, onDamaged, isClosed } = given
  for (const { list } of held()) {
    try {
      await recheckOne(file, given, list)
    } catch (error) {
      if (!isClosed()) onWrong(list, messageOf(error))
    }
  }
  if (isClosed()) return
  // Last, because it takes a core for seconds, and an edge that starts has lanes to serve.
  const damage = await engineProblem(file, log)
  if (damage !== null && !isClosed()) onDamaged(damage)
}

async function recheckOne(file: ListFile, given: RecheckGiven, list: ListName): Promise<void> {
  const { changing, isClosed, onWrong } = given
  for (;;) {
    const change = changing(list)
    await change
    const held = given.held().find((one) => one.list === list)
    if (!held || isClosed()) return
    const { content, problem } = await recheckContent(file, held, given, isClosed)
    if (isClosed()) return
    // A change came in between, be it while the one before ended: what was read is a mix, and proves nothing.
    if (changing(list) !== change) continue
    const isSame = content.contentHash === held.contentHash
    if (!isSame || problem) onWrong(list, problem ?? 'the content is not what was checked')
    return
  }
}
