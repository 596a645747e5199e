#!/usr/bin/env node
import { createRequire } from 'node:module'
import { Command, CommanderError, InvalidArgumentError } from 'commander'
import { messageOf } from '../base/error.js'
import { languages } from '../messages/text/catalogue.js'
import { endProcess, exitCodes, whenReadersGo } from './exit.js'
import { asked, spoken, told, translated } from './spoken.js'
import { listenTrouble } from './system-trouble.js'

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

whenReadersGo(['edge', 'gateway', 'sim', 'demo'].includes(asked.args[0] ?? ''))

const program = await newCommand()
program
  .description('Runs unattended vehicle lanes at a land port: the edge daemon, its gateway, and simulators.')
  .version(version)
  .option('--lang <language>', 'zh-CN or en; without it as LANEKEEPER_LANG or the locale says')
  .showHelpAfterError(told`(lanekeeper --help lists the commands)`)
  .exitOverride()
  .addHelpText('after', `\n${startHere()}`)

const [command = ''] = asked.args
// Anything that is no command, above all --help and a misspelled one, is answered from all of them.
const called = Object.hasOwn(commands, command)
  ? [command]
  : command === '--version'
    ? []
    : Object.keys(commands)
for (const name of called) (await commands[name]?.())?.(program)

try {
  if (asked.unknown !== undefined)
    throw new InvalidArgumentError(
      told`There is no language "${asked.unknown}": use ${languages.join(', ')}.`,
    )
  await program.parseAsync(asked.args, { from: 'user' })
} catch (error) {
  if (error instanceof InvalidArgumentError) process.stderr.write(`${error.message}\n`)
  else if (!(error instanceof CommanderError))
    process.stderr.write(`${listenTrouble(error) ?? translated(messageOf(error))}\n`)
  process.exitCode =
    error instanceof CommanderError
      ? error.exitCode === 0
        ? exitCodes.done
        : exitCodes.usage
      : exitCodes.failed
}
endProcess()

/** What Chinese help takes to load, only who reads it loads. */
async function newCommand(): Promise<Command> {
  return spoken === 'en'
    ? new Command('lanekeeper')
    : new (await import('./help.js')).ChineseCommand('lanekeeper')
}

function startHere(): string {
  return [
    told`Start here:`,
    told`  lanekeeper demo                    everything on this machine, with traffic; prints the console's address`,
    told`  lanekeeper check config/edge.yaml  all problems of a configuration at once`,
    '',
    told`Exit codes: 0 done, 1 failed, 2 wrong usage, 3 a configuration has problems.`,
  ].join('\n')
}
