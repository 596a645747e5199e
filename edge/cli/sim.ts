import type { Command } from 'commander'
import { systemClock } from '../base/clock.js'
import { messageOf } from '../base/error.js'
import { parseSimConfig } from '../../simulators/scenario/yard-config.js'
import type { YardOrder } from '../../simulators/scenario/yard-process.js'
import { readYaml } from '../config/load.js'
import { closeOrSay, refuseConfiguration, untilAsked } from './exit.js'
import { told } from './spoken.js'
import { openLog } from './logger.js'
import { onSupervisor, tellSupervisor } from './supervisor.js'

export function addSim(program: Command): void {
  program
    .command('sim')
    .description('Run simulated hardware: vehicles, readers on serial lines and MQTT, a PLC over OPC UA.')
    .requiredOption('--config <file>', 'YAML file; `lanekeeper demo --keep` leaves one to start from')
    .option('--log-level <level>', 'debug, info, warn or error', 'warn')
    .action(async (options: { config: string; logLevel: string }) => {
      const raw = readYaml(options.config)
      if (!raw.ok) return refuseConfiguration(options.config, raw.problems)
      const config = parseSimConfig(raw.value)
      if (!config.ok) return refuseConfiguration(options.config, config.problems)
      const { startYard } = await import('../../simulators/scenario/yard-process.js')
      const yard = await startYard(config.value, {
        clock: systemClock,
        log: openLog(options.logLevel, 'sim'),
        onNotice: (notice) => tellSupervisor({ is: 'observed', observed: notice }),
      })
      const { length: lanes } = config.value.lanes
      process.stdout.write(`${told`Simulated hardware of ${lanes} lanes; PLC at ${yard.plcEndpoint}`}\n`)
      // Alone, traffic begins at once; with a supervisor it begins when that says so.
      if (!process.send) await yard.obey({ do: 'openTraffic' })
      onSupervisor((message) => {
        const { id, order } = message as { id: number; order: YardOrder }
        yard.obey(order).then(
          (result) => tellSupervisor({ is: 'done', id, result }),
          (error: unknown) => tellSupervisor({ is: 'done', id, error: messageOf(error) }),
        )
      })
      tellSupervisor({ is: 'ready', part: 'sim' })
      await untilAsked()
      await closeOrSay(() => yard.close())
      process.disconnect?.()
    })
}
