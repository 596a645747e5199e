import type { Clock } from '../../edge/base/clock.js'
import type { Logger } from '../../edge/base/log.js'
import type { GatewayConfig } from '../config.js'
import { defaultVettingPolicy } from '../domain/predecision.js'
import type { Lists } from '../lists/lists.js'
import type { Database } from '../store/database.js'
import { Predecision } from './service.js'

/** Undefined where the configuration wants none. */
export function openPredecision(
  config: GatewayConfig,
  given: {
    readonly database: Database
    readonly lists: Lists
    readonly clock: Clock
    readonly log: Logger
  },
): Predecision | undefined {
  const { enabled, site, drawRates, riskGoods } = config.predecision
  if (!enabled) return undefined
  const { class1, class2, class3, otherwise, watched, byGoods } = drawRates
  const { lists } = given
  return new Predecision({
    ...given,
    policy: {
      site,
      rates: { byClass: { 1: class1, 2: class2, 3: class3 }, otherwise, watched, byGoods },
      vetting: { ...defaultVettingPolicy, riskGoods },
    },
    write: (sql, list, change, by) => lists.write(sql, list, change, by),
    onWritten: (heads) => {
      lists.written(heads)
    },
  })
}
