import { writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Clock } from '../../edge/base/clock.js'
import { Part } from './part.js'

/**
 * Enrols an edge of this machine as a person would: a token from the running gateway, and the program's
 * own `enroll` with the configuration of the edge.
 */
export async function enrolBox(given: {
  readonly gateway: Part
  readonly edgeId: string
  /** The module of the program `lanekeeper`. */
  readonly program: string
  readonly edgeConfig: string
  readonly logDir: string
  readonly clock: Clock
}): Promise<void> {
  const { gateway, edgeId, program, edgeConfig, logDir, clock } = given
  const token = await gateway.ask({ do: 'enrolmentToken', edgeId })
  const tokenFile = path.join(path.dirname(edgeConfig), 'enrolment.token')
  writeFileSync(tokenFile, `${String(token)}\n`, { mode: 0o600 })
  const enroll = new Part({
    name: 'enroll',
    module: program,
    args: ['enroll', '--config', edgeConfig, '--token-file', tokenFile],
    logDir,
    clock,
    readyWithinMs: 60_000,
  })
  await enroll.start()
}
