import type { Clock } from '../../edge/base/clock.js'
import type { Logger } from '../../edge/base/log.js'
import type { Broker } from '../broker/broker.js'
import type { GatewayConfig } from '../config.js'
import type { FaultBoard } from '../desk/fault-board.js'
import type { Memory } from '../store/memory.js'
import { TrustPublisher } from './publisher.js'

/** Undefined where the configuration has no keys: lists then go unsigned. Throws like {@link TrustPublisher.open}. */
export async function openTrust(
  { trust, site, dataDir }: GatewayConfig,
  given: {
    readonly clock: Clock
    readonly log: Logger
    readonly memory: Memory
    readonly broker: Broker
    readonly faults: FaultBoard
  },
): Promise<TrustPublisher | undefined> {
  if (!trust) return undefined
  const { clock, log, memory, broker, faults } = given
  return TrustPublisher.open({
    ...{ config: trust, site, dataDir, clock, log },
    heads: () => memory.heads(),
    publish: (message) => {
      broker.announceTrust(message)
    },
    onFault: (change) => faults.change(change),
  })
}
