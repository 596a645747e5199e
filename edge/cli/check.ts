import path from 'node:path'
import type { Command } from 'commander'
import { systemClock } from '../base/clock.js'
import type { Problem } from '../base/result.js'
import { checkGatewayFiles, parseGatewayConfig } from '../../gateway/config.js'
import { edgeFileProblems } from '../config/files.js'
import { besideFile, readYaml } from '../config/load.js'
import { parseEdgeConfig } from '../config/parse.js'
import { withRuleset } from '../config/ruleset.js'
import { refuseConfiguration } from './exit.js'
import { told } from './spoken.js'

export function addCheck(program: Command): void {
  program
    .command('check')
    .description(
      'Check a configuration of an edge or a gateway: prints all problems at once, with path and remedy.',
    )
    .argument('<file>', 'YAML file; what it configures is seen from its keys')
    .option('--kind <kind>', 'edge or gateway, where the keys do not tell')
    .action((file: string, options: { kind?: string }) => {
      const raw = readYaml(file)
      if (!raw.ok) return refuseConfiguration(file, raw.problems)
      const kind = options.kind ?? kindOf(raw.value)
      const problems = kind === 'gateway' ? gatewayProblems(file, raw.value) : edgeProblems(file, raw.value)
      if (problems.length > 0) return refuseConfiguration(file, problems)
      const good =
        kind === 'gateway'
          ? told`${file}: no problems; it configures a gateway.`
          : told`${file}: no problems; it configures an edge.`
      process.stdout.write(`${good}\n`)
    })
}

function kindOf(raw: unknown): 'edge' | 'gateway' {
  return typeof raw === 'object' && raw !== null && 'edges' in raw ? 'gateway' : 'edge'
}

function edgeProblems(file: string, raw: unknown): readonly Problem[] {
  const beside = (named: string) => besideFile(file, named)
  const parsed = parseEdgeConfig(raw, beside)
  const ruleset = parsed.ok ? withRuleset(parsed.value, systemClock.now().wallMs) : parsed
  return [...(ruleset.ok ? [] : ruleset.problems), ...edgeFileProblems(raw, beside)]
}

function gatewayProblems(file: string, raw: unknown): readonly Problem[] {
  const parsed = parseGatewayConfig(raw, path.resolve(path.dirname(file)))
  return parsed.ok ? checkGatewayFiles(parsed.value) : parsed.problems
}
