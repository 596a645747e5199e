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
const { httpUrl, mqttUrl, edgeUrl } = gateway
const tokens = Object.fromEntries(
  await Promise.all(
    parsed.value.edges.map(async ({ edgeId }) => [edgeId, await gateway.enrolmentToken(edgeId)] as const),
  ),
)
const link = gateway.operatorLink()
process.stdout.write(`${JSON.stringify({ httpUrl, mqttUrl, edgeUrl, tokens, link })}\n`)
process.once('SIGTERM', () => {
  void gateway.close()
})
