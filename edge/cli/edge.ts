import type { Command } from 'commander'
import { systemClock } from '../base/clock.js'
import { systemRandom } from '../base/random.js'
import { besideFile, readYaml } from '../config/load.js'
import { parseEdgeConfig } from '../config/parse.js'
import { withRuleset } from '../config/ruleset.js'
import { refuseConfiguration, untilAsked } from './exit.js'
import { closeOrSay } from './gateway.js'
import { openLog } from './logger.js'
import { tellSupervisor } from './supervisor.js'

export function addEdge(program: Command, version: string): void {
  program
    .command('edge')
    .description('Run the daemon of 1 to 8 lanes.')
    .requiredOption('--config <file>', 'YAML file; see config/edge.example.yaml')
    .action(async (options: { config: string }) => {
      const file = options.config
      const raw = readYaml(file)
      if (!raw.ok) return refuseConfiguration(file, raw.problems)
      const parsed = parseEdgeConfig(raw.value, (named) => besideFile(file, named))
      if (!parsed.ok) return refuseConfiguration(file, parsed.problems)
      const config = withRuleset(parsed.value, systemClock.now().wallMs)
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
      process.stdout.write(
        `Edge ${config.value.edge} runs ${lanes}; its record is in ${config.value.dataDir}\n`,
      )
      tellSupervisor({ is: 'ready', part: 'edge' })
      await untilAsked()
      await closeOrSay(() => edge.close())
      process.disconnect?.()
    })
}
