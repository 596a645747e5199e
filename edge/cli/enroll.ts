import { readFileSync } from 'node:fs'
import { Option, type Command } from 'commander'
import { systemClock } from '../base/clock.js'
import { LanekeeperError, messageOf } from '../base/error.js'
import { bad, type Result } from '../base/result.js'
import { parseToken, type EnrolmentToken } from '../messages/enrol.js'
import { textOf, type TextValues } from '../messages/text/catalogue.js'
import { edgeConfigIn } from './configuration.js'
import { exitCodes } from './exit.js'
import { tellSupervisor } from './supervisor.js'
import { toldProblem } from './spoken.js'

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
      const token = tokenOf(options)
      if (!token.ok) {
        process.stderr.write(`${token.problems.map((problem) => toldProblem(problem)).join('\n')}\n`)
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

function tokenOf({ token, tokenFile }: EnrollOptions): Result<EnrolmentToken> {
  if (tokenFile === undefined) return parseToken(token ?? '')
  try {
    return parseToken(readFileSync(tokenFile === '-' ? 0 : tokenFile, 'utf8'))
  } catch (error) {
    return bad('token-file', `${messageOf(error)}.`, 'Name a file that can be read, or - to paste the token.')
  }
}

/** In both languages; whoever stands at the box may read either. */
function explained(error: unknown): string {
  if (!(error instanceof LanekeeperError)) return messageOf(error)
  const { why, values = {} } = error.context as { why?: string; values?: TextValues }
  // What the gateway refuses before it looks at the token, as too many tries, has the words of its other answers.
  for (const key of [`enrolment.${why}`, `api.${why}`])
    if (textOf(key, 'en') !== key)
      return `${textOf(key, 'en', values)} · ${textOf(key, 'zh-CN', values)} [${error.code}, ${why}]`
  return error.message
}
