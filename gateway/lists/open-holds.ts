import type { Clock } from '../../edge/base/clock.js'
import { messageOf } from '../../edge/base/error.js'
import type { FaultChange } from '../../edge/base/fault.js'
import type { Logger } from '../../edge/base/log.js'
import type { EnrolmentState } from '../authority/enrolment.js'
import type { GatewayConfig } from '../config.js'
import { autoIssuer } from '../domain/auto-order.js'
import { agencyOf, ordersTakeTwo } from '../domain/roles.js'
import { controlLists } from '../store/control-history.js'
import type { Database } from '../store/database.js'
import type { Memory } from '../store/memory.js'
import { PersonKeys } from '../trust/persons.js'
import type { TrustPublisher } from '../trust/publisher.js'
import { confirmedBy, guardHolds, leavingHolds, type GuardHolds, type HoldsGiven } from './holds.js'
import { Lifts, type LiftSigning } from './lifts.js'
import type { Lists } from './lists.js'
import { UnprovenLifts, type HoldName } from './unproven-lifts.js'

const leaveEveryMs = 15 * 60_000
/** Entries that leave a list in one transaction at most. */
const leaveAtOnce = 500

/** What keeps holds from vanishing, where lists are signed. */
export interface Holds {
  readonly guard: GuardHolds
  /** By the keys of people where the configuration says that they are. */
  readonly signing: LiftSigning
  /** With everything that is there once the lists are; returns how to stop. */
  start(given: { readonly database: Database; readonly lists: Lists }): () => Promise<void>
  /** Looks at the lifts in the lists: who may lift, or a list, is another one now. Before the start: nothing. */
  look(): void
  /** Lifted holds that have to be lifted again. */
  readonly unproven: () => readonly HoldName[]
}

/** How holds are lifted that no person placed here. `holds` undefined: lists are unsigned. */
export function openLifts(
  config: GatewayConfig,
  parts: { readonly database: Database; readonly lists: Lists; readonly clock: Clock },
  holds: Holds | undefined,
): Lifts {
  const { site, people, secretOrderReaders } = config
  const issuer = ordersTakeTwo(people) ? (person: string) => agencyOf(people, person) : undefined
  const signing = holds?.signing ?? null
  const unproven = holds?.unproven
  return new Lifts({ ...parts, site, signing, unproven, secretOrderReaders, agencyOf: issuer })
}

/** Undefined where the configuration has no trust: then holds are entries like others. */
export function openHolds(
  config: GatewayConfig,
  parts: {
    readonly clock: Clock
    readonly log: Logger
    readonly memory: Memory
    readonly onFault: (change: FaultChange) => void
    readonly trust: () => TrustPublisher | undefined
    readonly enrolment: () => readonly EnrolmentState[]
  },
): Holds | undefined {
  if (!config.trust) return undefined
  const { clock, log, memory } = parts
  const delegation = () => parts.trust()?.delegation() ?? null
  const enrolled = () =>
    parts
      .enrolment()
      .filter(({ certificate, revoked }) => certificate !== null && revoked === null)
      .map(({ edgeId }) => edgeId)
  const given: HoldsGiven = {
    site: config.site,
    delegation,
    confirmed: (list) => confirmedBy(enrolled(), (edgeId) => memory.listAnswers(edgeId), list),
  }
  const { personsDir } = config.trust
  const sign = personsDir === undefined ? null : new PersonKeys({ dir: personsDir, clock, delegation }).sign
  let lifted: UnprovenLifts | undefined
  return {
    guard: guardHolds(given),
    look: () => {
      void lifted?.look()
    },
    unproven: () => lifted?.names() ?? [],
    signing: { sign, delegation },
    start: ({ database, lists }) => {
      lifted = new UnprovenLifts({ ...given, database, clock, log, onFault: parts.onFault })
      lifted.start()
      let cancel = (): void => undefined
      const schedule = (): void => {
        cancel = clock.after('lifted holds leave', leaveEveryMs, () => {
          leaveLifted({ ...given, database, lists }, clock.now().wallMs).catch((error: unknown) => {
            log.error({ error: messageOf(error) }, 'lifted holds could not leave their list')
          })
          schedule()
        })
      }
      schedule()
      return async () => {
        cancel()
        await lifted?.close()
      }
    },
  }
}

/** Takes lifted entries from the lists that every enrolled edge has seen lifted. Returns how many left. */
export async function leaveLifted(
  given: HoldsGiven & { readonly database: Database; readonly lists: Pick<Lists, 'write' | 'written'> },
  nowMs: number,
): Promise<number> {
  const { database, lists } = given
  let left = 0
  for (const list of controlLists) {
    const head = await database.transact(async (sql) => {
      const deletes = await leavingHolds(given, sql, list, nowMs, leaveAtOnce)
      left += deletes.length
      return deletes.length === 0 ? undefined : lists.write(sql, list, { upserts: [], deletes }, autoIssuer)
    })
    if (head) lists.written([head])
  }
  return left
}
