#!/usr/bin/env node
import { createRequire } from 'node:module'
import { Command, CommanderError } from 'commander'
import { endProcess, exitCodes } from './exit.js'
import { messageOf } from '../base/error.js'

/**
 * Every command, and where it is. A command is loaded when it is called: what all of them need together takes
 * several times as long to load as what one does, and scripts call many.
 */
const commands: Readonly<Record<string, () => Promise<(program: Command) => void>>> = {
  demo: async () => (await import('./demo.js')).addDemo,
  edge: async () => {
    const { addEdge } = await import('./edge.js')
    return (program) => addEdge(program, version)
  },
  enroll: async () => (await import('./enroll.js')).addEnroll,
  gateway: async () => (await import('./gateway.js')).addGateway,
  sim: async () => (await import('./sim.js')).addSim,
  check: async () => (await import('./check.js')).addCheck,
  replay: async () => (await import('./replay.js')).addReplay,
  explain: async () => (await import('./explain.js')).addExplain,
  'shadow-report': async () => (await import('./shadow-report.js')).addShadowReport,
  ruleset: async () => (await import('./ruleset.js')).addRuleset,
  keys: async () => (await import('./keys.js')).addKeys,
  lists: async () => (await import('./lists.js')).addLists,
  torture: async () => (await import('./torture.js')).addTorture,
  bench: async () => (await import('./bench.js')).addBench,
}

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

const [asked = ''] = process.argv.slice(2)
// Anything that is no command, above all --help and a misspelled one, is answered from all of them.
const called = Object.hasOwn(commands, asked) ? [asked] : asked === '--version' ? [] : Object.keys(commands)
for (const name of called) (await commands[name]?.())?.(program)

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
