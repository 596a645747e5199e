import type { Clock } from '../../edge/base/clock.js'
import type { Logger } from '../../edge/base/log.js'
import { alertRoutes } from '../api/alert-routes.js'
import { supplementRoutes } from '../api/supplement-routes.js'
import { taskRoutes } from '../api/task-routes.js'
import type { GatewayConfig } from '../config.js'
import type { PassageRecord } from '../domain/passage.js'
import type { Lists } from '../lists/lists.js'
import type { Database } from '../store/database.js'
import { Alerts } from './alerts.js'
import { ContainerLocks } from './locks.js'
import { ReceiptKey } from './receipts.js'
import { Referrals } from './referrals.js'
import { Tasks } from './service.js'
import { Supplements } from './supplements.js'

export interface BehindLanesGiven {
  readonly database: Database
  readonly lists: Lists
  readonly clock: Clock
  readonly log: Logger
  readonly edgeIds: () => readonly string[]
  readonly isConnected: (edgeId: string) => boolean
  readonly onPassages: (passages: readonly PassageRecord[]) => void
}

/** What happens behind the lanes: tasks, vehicles that are awaited, alerts, and what is added afterwards. */
export function openBehindLanes(config: GatewayConfig, given: BehindLanesGiven) {
  const { database, lists, clock } = given
  const receiptKey = ReceiptKey.open(config.dataDir)
  const byLists = {
    placeOrders: lists.placeOrders.bind(lists),
    consume: lists.consume.bind(lists),
    write: lists.write.bind(lists),
    onWritten: lists.written.bind(lists),
  }
  const locks = new ContainerLocks({ database, clock, onWritten: byLists.onWritten })
  const tasks = new Tasks({
    database,
    clock,
    locks,
    site: config.site,
    receiptKey,
    drawnAgainShare: config.predecision.drawRates.afterPass,
    ...config.inspection,
    ...byLists,
  })
  const withinMs = config.inspection.checkInWithinMs
  const referrals = new Referrals({ ...given, ...byLists, withinMs })
  const alerts = new Alerts({ database, clock })
  const supplements = new Supplements({ ...given, ...byLists })
  return {
    tasks,
    /** Begins to look for vehicles that do not come. */
    start: () => {
      referrals.start()
    },
    close: () => {
      referrals.close()
    },
    counters: {
      get tasks() {
        return { ...tasks.counters, ...locks.counters }
      },
      referrals: referrals.counters,
    },
    routes: (app: Parameters<typeof taskRoutes>[0]) => {
      const { secretOrderReaders } = config
      const { inspectors } = config.inspection
      taskRoutes(app, { database, tasks, locks, inspectors, receiptKey: receiptKey.publicKey })
      alertRoutes(app, { alerts, secretOrderReaders })
      supplementRoutes(app, { supplements })
    },
  }
}
