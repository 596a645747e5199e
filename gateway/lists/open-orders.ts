import { randomBytes } from 'node:crypto'
import type { Clock } from '../../edge/base/clock.js'
import type { Logger } from '../../edge/base/log.js'
import type { Delegation } from '../../edge/messages/trust/records.js'
import type { GatewayConfig } from '../config.js'
import { secretNumber, secretNumberBytes } from '../domain/order-numbers.js'
import { agencyOf } from '../domain/roles.js'
import type { Database } from '../store/database.js'
import type { Lists } from './lists.js'
import { OrderHits } from './order-hits.js'
import { Orders } from './orders.js'

/** Orders as people work with them, and what they hit. */
export interface OpenedOrders {
  readonly orders: Orders
  readonly hits: OrderHits
  readonly signed: boolean
  start(): void
  close(): void
}

export function openOrders(
  config: GatewayConfig,
  parts: {
    readonly database: Database
    readonly lists: Lists
    readonly clock: Clock
    readonly log: Logger
    readonly delegation: () => Delegation | undefined
  },
): OpenedOrders {
  const { database, lists, clock, log, delegation } = parts
  const signed = config.trust !== undefined
  const orders = new Orders({
    ...{ database, lists, clock, log, site: config.site },
    agencyOf: (person) => agencyOf(config.people, person),
    secretNumber: () => secretNumber(randomBytes(secretNumberBytes)),
    delegation: signed ? delegation : null,
  })
  const hits = new OrderHits({ database, lists, clock, log, signed })
  return {
    ...{ orders, hits, signed },
    start: () => {
      orders.start()
      hits.start()
    },
    close: () => {
      orders.close()
      hits.close()
    },
  }
}
