import { readFileSync } from 'node:fs'
import { systemClock } from '../../edge/base/clock.js'
import { silentLogger } from '../../edge/base/log.js'
import { parseGatewayConfig } from '../config.js'
import { startGateway } from '../main.js'

/** A gateway as a process of its own, so that it can be killed. Says where it is in one line. */
const [file = ''] = process.argv.slice(2)
const parsed = parseGatewayConfig(JSON.parse(readFileSync(file, 'utf8')))
if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
const gateway = await startGateway(parsed.value, { clock: systemClock, log: silentLogger })
const { httpUrl, mqttUrl } = gateway
process.stdout.write(`${JSON.stringify({ httpUrl, mqttUrl, link: gateway.operatorLink() })}\n`)
process.once('SIGTERM', () => {
  void gateway.close()
})
