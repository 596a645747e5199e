import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import type { Command } from 'commander'
import { systemClock } from '../base/clock.js'
import { tokenText } from '../messages/enrol.js'
import { parseGatewayConfig, type GatewayConfig } from '../../gateway/config.js'
import { readYaml } from '../config/load.js'
import { exitCodes, refuseConfiguration } from './exit.js'
import { told } from './spoken.js'
import { whoAsks } from './gateway-link.js'

interface EdgeOptions {
  readonly config: string
  readonly edge: string
  readonly reason?: string
}

/**
 * What the people who look after a gateway do on its own machine, beside the console: whoever may write
 * into its data folder. The running gateway takes it up within a second.
 */
export function addGatewayPeople(gateway: Command): void {
  gateway
    .command('token')
    .description('Make a one-time token with which a box is enrolled; earlier ones of that edge are void.')
    .requiredOption('--edge <id>', 'an edge of the configuration')
    .action(async (_options: unknown, command: Command) => {
      const config = configOf(command)
      if (!config) return
      const { edge: edgeId } = command.optsWithGlobals<EdgeOptions>()
      const [{ Authority }, { authorityFiles }, { hashOfSecret }, { leaveOrder, obeyed }] = await Promise.all(
        [
          import('../../gateway/authority/authority.js'),
          import('../../gateway/edge-side.js'),
          import('../../gateway/authority/enrolment.js'),
          import('../../gateway/authority/spool.js'),
        ],
      )
      const { wallMs } = systemClock.now()
      mkdirSync(config.dataDir, { recursive: true, mode: 0o700 })
      const authority = await Authority.open({ ...authorityFiles(config), site: config.site, nowMs: wallMs })
      const secret = randomBytes(32).toString('base64url')
      const expiresAt = Math.round(wallMs) + config.authority.tokenForMs
      const order = { do: 'token' as const, edgeId, hash: hashOfSecret(secret), expiresAt, by: whoAsks() }
      // A box that enrols before the gateway knows the token is told that there is none.
      const outcome = await obeyed(leaveOrder(config.dataDir, order, wallMs), systemClock)
      if (outcome.is === 'refused') return sayRefused(outcome.why)
      // The token alone on standard output, so that it can be piped.
      process.stderr.write(
        `For ${edgeId}, once, until ${new Date(expiresAt).toISOString()} 仅可使用一次. On the box 在通道控制器执行:\n` +
          '  lanekeeper enroll --config /etc/lanekeeper/edge.yaml --token-file -   (paste, Ctrl-D 粘贴后按 Ctrl-D)\n' +
          (outcome.is === 'taken'
            ? ''
            : 'The gateway does not run, or is busy: the token counts once it has taken it 网关未运行或正忙，稍后生效\n'),
      )
      process.stdout.write(`${tokenText({ secret, authority: authority.fingerprint })}\n`)
    })

  gateway
    .command('revoke')
    .description('End every certificate of an edge and its sessions, at once; it needs a new token then.')
    .requiredOption('--edge <id>', 'an edge of the configuration')
    .requiredOption('--reason <text>', 'why; it stands in the audit')
    .action(async (_options: unknown, command: Command) => {
      const config = configOf(command)
      if (!config) return
      const { edge: edgeId, reason = '' } = command.optsWithGlobals<EdgeOptions>()
      if (reason.trim() === '') {
        process.stderr.write('--reason: say why; it stands in the audit 请填写吊销原因\n')
        process.exitCode = exitCodes.usage
        return
      }
      const { leaveOrder, obeyed } = await import('../../gateway/authority/spool.js')
      const order = { do: 'revoke' as const, edgeId, reason: reason.slice(0, 500), by: whoAsks() }
      const outcome = await obeyed(leaveOrder(config.dataDir, order, systemClock.now().wallMs), systemClock)
      if (outcome.is === 'refused') return sayRefused(outcome.why)
      process.stdout.write(
        outcome.is === 'taken'
          ? `${edgeId} is revoked 已吊销\n`
          : `The gateway does not run, or is busy: ${edgeId} is revoked once it has taken this 网关未运行或正忙，稍后吊销\n`,
      )
    })
}

/** The configuration, where it holds and has the edge; else undefined, and it was said why. */
function configOf(command: Command): GatewayConfig | undefined {
  const { config: file, edge } = command.optsWithGlobals<EdgeOptions>()
  const raw = readYaml(file)
  const config = raw.ok ? parseGatewayConfig(raw.value, path.resolve(path.dirname(file))) : raw
  if (!config.ok) {
    refuseConfiguration(file, config.problems)
    return undefined
  }
  if (config.value.edges.some(({ edgeId }) => edgeId === edge)) return config.value
  const known = config.value.edges.map(({ edgeId }) => edgeId).join(', ')
  process.stderr.write(
    `${told`${file} has no edge ${edge}. It has: ${known === '' ? told`none` : known}.`}\n`,
  )
  process.exitCode = exitCodes.usage
  return undefined
}

function sayRefused(why: string): void {
  process.stderr.write(
    `The gateway refused this 网关拒绝: ${why}. It knows the configuration that it was started with 改过配置须重启网关.\n`,
  )
  process.exitCode = exitCodes.failed
}
