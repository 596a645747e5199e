import type { Clock } from '../../../base/clock.js'
import { hashOf } from '../../../base/hash.js'
import type { Barrier, BarrierDriver, BarrierGiven, SprayCommand } from '../../../interfaces/barrier.js'
import { parseConfig, type OpcuaConfig } from './config.js'
import { connectTo } from './connect.js'
import { OpcuaBarrier } from './lane.js'
import { PlcLink } from './link.js'
import { defaultNodeId, laneNodesOf, plcNodesOf, sprayerNodesOf } from './nodes.js'

/**
 * A driver with a register of its own: lanes whose settings name the same PLC in the same way
 * share one connection, as long as one of them is open.
 */
export function createOpcuaDriver(): BarrierDriver<OpcuaConfig> {
  const links = new Map<string, PlcLink>()
  // Connections of different clocks are different even to the same PLC: one of them may stand still.
  const clocks: Clock[] = []

  const linkFor = (config: OpcuaConfig, given: BarrierGiven): { key: string; link: PlcLink } => {
    if (!clocks.includes(given.clock)) clocks.push(given.clock)
    const {
      nodes: _nodes,
      nodePrefix: _prefix,
      sprayer: _sprayer,
      battery: _battery,
      raiseWithinMs: _deadline,
      ...shared
    } = config
    const key = hashOf({ clock: clocks.indexOf(given.clock), ...shared })
    const found = links.get(key)
    if (found) return { key, link: found }
    const link = new PlcLink({
      config,
      nodes: plcNodesOf(config.plcPrefix, config.plcNodes),
      connect: connectTo(config, given),
      clock: given.clock,
      random: given.random,
      log: given.log,
    })
    links.set(key, link)
    return { key, link }
  }

  return {
    kind: 'opcua',
    parseConfig,
    open: (config, given): Barrier => {
      const { key, link } = linkFor(config, given)
      const prefix = config.nodePrefix ?? `ns=1;s=${given.laneId}.`
      const nodes = {
        lane: laneNodesOf(prefix, config.nodes),
        sprayer: config.sprayer ? sprayerNodesOf(prefix, config.sprayer.nodes) : null,
        battery: config.battery ? (config.battery.node ?? defaultNodeId(prefix, 'onBattery')) : null,
        plc: plcNodesOf(config.plcPrefix, config.plcNodes),
      }
      const barrier = new OpcuaBarrier(link, nodes, config.raiseWithinMs, given)
      link.join(barrier)
      return {
        raise: (command) => barrier.raise(command),
        ...(config.sprayer && { spray: (command: SprayCommand) => barrier.spray(command) }),
        guide: (guidance) => {
          barrier.guide(guidance)
        },
        close: async () => {
          // A lane that opens while the last one leaves gets a connection of its own.
          if (link.laneCount <= 1 && links.get(key) === link) links.delete(key)
          await barrier.close()
        },
      }
    },
  }
}
