import type { Command } from 'commander'
import { systemClock } from '../base/clock.js'
import { messageOf } from '../base/error.js'
import { checkGatewayFiles } from '../../gateway/config.js'
import type { Gateway } from '../../gateway/main.js'
import { gatewayConfigIn } from './configuration.js'
import { closeOrSay, refuseConfiguration, untilAsked } from './exit.js'
import { told } from './spoken.js'
import { openLog } from './logger.js'
import { addGatewayLink } from './gateway-link.js'
import { addGatewayPeople } from './gateway-people.js'
import { onSupervisor, tellSupervisor } from './supervisor.js'

export function addGateway(program: Command): void {
  const command = program
    .command('gateway')
    .description('Run the gateway: it stores what edges record, keeps the lists and serves the console.')
    .requiredOption('--config <file>', 'YAML file; see config/gateway.example.yaml')
    .action(async (options: { config: string }) => {
      const file = options.config
      const config = await gatewayConfigIn(file)
      if (config === null) return
      const missing = checkGatewayFiles(config)
      if (missing.length > 0) return refuseConfiguration(file, missing)

      const log = openLog(config.logLevel, 'gateway')
      const { startGateway } = await import('../../gateway/main.js')
      const gateway = await startGateway(config, { clock: systemClock, log })
      process.stdout.write(
        `${told`Gateway of site ${config.site}`}\n` +
          `${told`  console  ${gateway.httpUrl}`}\n` +
          `${told`  edges    ${gateway.mqttUrl} and ${gateway.edgeUrl}`}\n` +
          signInLine(gateway, config.operator),
      )
      const { httpUrl, mqttUrl, edgeUrl } = gateway
      tellSupervisor({ is: 'ready', part: 'gateway', httpUrl, mqttUrl, edgeUrl })
      onSupervisor((message) => {
        void answerSupervisor(gateway, message)
      })
      await untilAsked()
      await closeOrSay(() => gateway.close())
      process.disconnect?.()
    })
  addGatewayPeople(command)
  addGatewayLink(command)
}

/** A link stands in a log that others may read: none is made for somebody who does not need it. */
function signInLine(gateway: Gateway, operator: string): string {
  return gateway.operatorHasPassphrase()
    ? `  ${operator} signs in with the passphrase 请用口令登录 (lanekeeper gateway link for a new link)\n`
    : `  Sign in once with this link 请用此一次性链接登录: ${gateway.operatorLink()}\n`
}

/** Who started this process may sign people in and enrol boxes: the demo, and tests. */
async function answerSupervisor(gateway: Gateway, message: unknown): Promise<void> {
  const { ask, operator, id, order } = message as {
    ask?: string
    operator?: string
    id?: number
    order?: { do?: string; edgeId?: string }
  }
  if (ask === 'operatorLink') {
    tellSupervisor({ is: 'operatorLink', link: gateway.operatorLink(operator) })
  }
  if (id === undefined || order?.do !== 'enrolmentToken') return
  try {
    tellSupervisor({ is: 'done', id, result: await gateway.enrolmentToken(order.edgeId ?? '') })
  } catch (error) {
    tellSupervisor({ is: 'done', id, error: messageOf(error) })
  }
}
