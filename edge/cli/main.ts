#!/usr/bin/env node
import { createRequire } from 'node:module'
import { Command, CommanderError } from 'commander'
import { addBench } from './bench.js'
import { addCheck } from './check.js'
import { addDemo } from './demo.js'
import { addEdge } from './edge.js'
import { addEnroll } from './enroll.js'
import { addExplain } from './explain.js'
import { addGateway } from './gateway.js'
import { addKeys } from './keys.js'
import { addLists } from './lists.js'
import { addReplay } from './replay.js'
import { addRuleset } from './ruleset.js'
import { addShadowReport } from './shadow-report.js'
import { addSim } from './sim.js'
import { addTorture } from './torture.js'
import { endProcess, exitCodes } from './exit.js'
import { messageOf } from '../base/error.js'

const { version } = createRequire(import.meta.url)('../../../package.json') as { version: string }

const program = new Command('lanekeeper')
  .description('Runs unattended vehicle lanes at a land port: the edge daemon, its gateway, and simulators.')
  .version(version)
  .showHelpAfterError('(lanekeeper --help lists the commands)')
  .exitOverride()
  .addHelpText(
    'after',
    `
Start here:
  lanekeeper demo                    everything on this machine, with traffic; prints the console's address
  lanekeeper check config/edge.yaml  all problems of a configuration at once

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 a configuration has problems.`,
  )

addDemo(program)
addEdge(program, version)
addEnroll(program)
addGateway(program)
addSim(program)
addCheck(program)
addReplay(program)
addExplain(program)
addShadowReport(program)
addRuleset(program)
addKeys(program)
addLists(program)
addTorture(program)
addBench(program)

try {
  await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? exitCodes.done : exitCodes.usage
  } else {
    process.stderr.write(`${messageOf(error)}\n`)
    process.exitCode = exitCodes.failed
  }
}
endProcess()
