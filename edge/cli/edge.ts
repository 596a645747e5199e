import type { Command } from 'commander'
import { systemClock } from '../base/clock.js'
import { systemRandom } from '../base/random.js'
import { withRuleset } from '../config/ruleset.js'
import { edgeConfigIn } from './configuration.js'
import { closeOrSay, refuseConfiguration, untilAsked } from './exit.js'
import { told } from './spoken.js'
import { openLog } from './logger.js'
import { tellSupervisor } from './supervisor.js'

export function addEdge(program: Command, version: string): void {
  program
    .command('edge')
    .description('Run the daemon of 1 to 8 lanes.')
    .requiredOption('--config <file>', 'YAML file; see config/edge.example.yaml')
    .action(async (options: { config: string }) => {
      const file = options.config
      const written = await edgeConfigIn(file)
      if (written === null) return
      const config = withRuleset(written, systemClock.now().wallMs)
      if (!config.ok) return refuseConfiguration(file, config.problems)

      const log = openLog(config.value.logLevel, 'edge')
      const { startEdge } = await import('../main.js')
      const edge = await startEdge(config.value, {
        clock: systemClock,
        random: systemRandom,
        log,
        version,
      })
      const lanes = config.value.lanes.map((lane) => lane.settings.id).join(', ')
      const { edge: name, dataDir } = config.value
      process.stdout.write(`${told`Edge ${name} runs ${lanes}; its record is in ${dataDir}`}\n`)
      tellSupervisor({ is: 'ready', part: 'edge' })
      await untilAsked()
      await closeOrSay(() => edge.close())
      process.disconnect?.()
    })
}
