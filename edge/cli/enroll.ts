import { readFileSync } from 'node:fs'
import { Option, type Command } from 'commander'
import { systemClock } from '../base/clock.js'
import { LanekeeperError, messageOf } from '../base/error.js'
import { describeProblems } from '../base/result.js'
import { parseToken } from '../messages/enrol.js'
import { textOf } from '../messages/text/catalogue.js'
import { edgeConfigIn } from './configuration.js'
import { exitCodes } from './exit.js'
import { tellSupervisor } from './supervisor.js'

interface EnrollOptions {
  readonly config: string
  readonly token?: string
  readonly tokenFile?: string
}

export function addEnroll(program: Command): void {
  program
    .command('enroll')
    .alias('enrol')
    .description(
      'Give this box its identity: makes a key here and has it certified by the gateway, against a one-time token.',
    )
    .requiredOption('--config <file>', 'YAML file of the edge')
    .addOption(new Option('--token <token>', 'the line of `lanekeeper gateway token`').conflicts('tokenFile'))
    .option('--token-file <file>', 'a file with that line; -: standard input, so that it is in no history')
    .action(async (options: EnrollOptions) => {
      const config = await edgeConfigIn(options.config)
      if (config === null) return
      const token = parseToken(options.token ?? tokenIn(options.tokenFile))
      if (!token.ok) {
        process.stderr.write(`${describeProblems(token.problems)}\n`)
        process.exitCode = exitCodes.usage
        return
      }
      const { edge: edgeId, dataDir, gateway } = config
      const { enrol } = await import('../enrol/enrol.js')
      try {
        const given = { edgeId, dataDir, url: gateway.http, token: token.value, clock: systemClock }
        const identity = await enrol(given)
        const until = new Date(identity.notAfter).toISOString()
        process.stdout.write(
          `${edgeId} is enrolled at ${gateway.http} 已注册; its certificate is good until 证书有效期至 ${until}\n`,
        )
        tellSupervisor({ is: 'ready', part: 'enroll' })
      } catch (error) {
        process.stderr.write(`${explained(error)}\n`)
        process.exitCode = exitCodes.failed
      }
      process.disconnect?.()
    })
}

function tokenIn(file: string | undefined): string {
  return file === undefined ? '' : readFileSync(file === '-' ? 0 : file, 'utf8')
}

/** A refusal of the gateway in both languages; whoever stands at the box may read either. */
function explained(error: unknown): string {
  const why = error instanceof LanekeeperError ? error.context['why'] : undefined
  if (typeof why !== 'string' || why === '') return messageOf(error)
  const key = `enrolment.${why}`
  return `${textOf(key, 'en')} · ${textOf(key, 'zh-CN')} [enrol.refused, ${why}]`
}
