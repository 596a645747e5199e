import type { Clock } from '../../edge/base/clock.js'
import type { Logger } from '../../edge/base/log.js'
import type { Broker } from '../broker/broker.js'
import type { GatewayConfig } from '../config.js'
import type { FaultBoard } from '../desk/fault-board.js'
import type { Memory } from '../store/memory.js'
import { TrustPublisher } from './publisher.js'

/** Undefined where lists are unsigned, which stands as a fault. Throws like {@link TrustPublisher.open}. */
export async function openTrust(
  { trust, site, dataDir }: GatewayConfig,
  given: {
    readonly clock: Clock
    readonly log: Logger
    readonly memory: Memory
    readonly broker: Broker
    readonly faults: FaultBoard
    /** Others may sign than before. */
    readonly onAuthority: () => void
  },
): Promise<TrustPublisher | undefined> {
  const { clock, log, memory, broker, faults, onAuthority } = given
  if (!trust) {
    const detail = 'trust.unsigned is set: make keys (lanekeeper keys) and name their folders'
    faults.change({ is: 'raised', code: 'gateway.listsUnsigned', source: 'trust', detail })
    return undefined
  }
  return TrustPublisher.open({
    ...{ config: trust, site, dataDir, clock, log },
    heads: () => memory.heads(),
    publish: (message, edgeIds) => {
      broker.down.announceTrust(message, edgeIds)
    },
    onFault: (change) => faults.change(change),
    onAuthority,
  })
}
