import type { Clock } from '../../edge/base/clock.js'
import { messageOf } from '../../edge/base/error.js'
import type { Logger } from '../../edge/base/log.js'
import type { EnrolmentState } from '../authority/enrolment.js'
import type { GatewayConfig } from '../config.js'
import { autoIssuer } from '../domain/auto-order.js'
import { agencyOf, ordersTakeTwo } from '../domain/roles.js'
import { controlLists } from '../store/control-history.js'
import type { Database } from '../store/database.js'
import type { Memory } from '../store/memory.js'
import { PersonKeys, type SignLift } from '../trust/persons.js'
import type { TrustPublisher } from '../trust/publisher.js'
import { confirmedBy, guardHolds, leavingHolds, type GuardHolds, type HoldsGiven } from './holds.js'
import { Lifts } from './lifts.js'
import type { Lists } from './lists.js'

const leaveEveryMs = 15 * 60_000
/** Entries that leave a list in one transaction at most. */
const leaveAtOnce = 500

/** What keeps holds from vanishing, where lists are signed. */
export interface Holds {
  readonly guard: GuardHolds
  /** Where the configuration says that persons' keys are. */
  readonly sign: SignLift | null
  /** With everything that is there once the lists are; returns the lifts, and how to stop. */
  start(given: { readonly database: Database; readonly lists: Lists }): {
    readonly lifts: Lifts | null
    readonly stop: () => void
  }
}

/** Undefined where the configuration has no trust: then holds are entries like others. */
export function openHolds(
  config: GatewayConfig,
  parts: {
    readonly clock: Clock
    readonly log: Logger
    readonly memory: Memory
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
  return {
    guard: guardHolds(given),
    sign,
    start: ({ database, lists }) => {
      const { site, people, secretOrderReaders } = config
      const issuer = ordersTakeTwo(people) ? (person: string) => agencyOf(people, person) : undefined
      const lifts = sign
        ? new Lifts({ database, lists, clock, site, sign, delegation, secretOrderReaders, agencyOf: issuer })
        : null
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
      return {
        lifts,
        stop: () => {
          cancel()
        },
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
