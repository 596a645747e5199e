import { userInfo } from 'node:os'
import path from 'node:path'
import type { Command } from 'commander'
import { parseGatewayConfig } from '../../gateway/config.js'
import { systemClock } from '../base/clock.js'
import { readYaml } from '../config/load.js'
import { refuseConfiguration } from './exit.js'

/**
 * Adds `gateway link`: whoever may write into the data folder of a running gateway gets a one-time sign-in link for
 * a person of its configuration.
 */
export function addGatewayLink(gateway: Command): void {
  gateway
    .command('link')
    .description(
      'Print a one-time sign-in link for a person of the configuration, who then sets a passphrase; the gateway runs.',
    )
    .requiredOption('--person <name>', 'as the configuration names the person (people, or operator)')
    .action(async (_options: unknown, command: Command) => {
      const { config: file, person } = command.optsWithGlobals<{ config: string; person: string }>()
      const raw = readYaml(file)
      const config = raw.ok ? parseGatewayConfig(raw.value, path.resolve(path.dirname(file))) : raw
      if (!config.ok) return refuseConfiguration(file, config.problems)
      const { askForLink } = await import('../../gateway/people/link-folder.js')
      const asked = { person, by: whoAsks() }
      const made = await askForLink(config.value.dataDir, asked, systemClock)
      const until = new Date(made.expiresAt).toISOString()
      process.stderr.write(
        `For ${made.person}, once, until ${until} 仅可使用一次${
          made.hasPassphrase
            ? '\nThis person has a passphrase and will be told of this link. 此人已设口令，登录时将看到本次记录。'
            : ''
        }\n`,
      )
      // Alone on standard output, so that it can be handed on.
      process.stdout.write(`${made.link}\n`)
    })
}

/** For the audit. Whoever became root by sudo is still himself. */
export function whoAsks(): string {
  return `${process.env['SUDO_USER'] ?? userInfo().username}@console`.slice(0, 64)
}
