import path from 'node:path'
import { parseArgs } from 'node:util'
import { systemClock } from '../../edge/base/clock.js'
import { messageOf } from '../../edge/base/error.js'
import { describeProblems } from '../../edge/base/result.js'
import { VirtualWorld } from '../lane-sim/world.js'
import { loadScenario, scenarioFiles } from '../scenario/files.js'
import type { Scenario } from '../scenario/format.js'
import { Player, type ScenarioResult } from '../scenario/player.js'
import { failed, playReal } from './play.js'
import { failuresOf, row, type Row } from './report.js'

const usage = `Plays the scenario files of fixtures/scenarios: lanes, edge and gateway, what happens and what must come of it.

  npm run scenarios -- [--real] [--list] [NAME ...]

  NAME     only files whose path, number, name or Chinese name holds this
  --real   those marked real: true also against real processes (half a minute to two minutes each);
           with a NAME, every scenario named that real processes can play
  --list   what there is, and what waits for what; plays nothing

Ends with one line of JSON; exit code 0: all passed or waiting, 1: something failed, 2: the command was not understood.`

interface Entry {
  readonly file: string
  readonly scenario: Scenario
}

const folder = path.join(process.cwd(), 'fixtures', 'scenarios')

function entriesOf(names: readonly string[]): Entry[] {
  const problems: string[] = []
  const entries = scenarioFiles(folder).flatMap((full) => {
    const loaded = loadScenario(full)
    if (!loaded.ok) problems.push(describeProblems(loaded.problems))
    return loaded.ok ? [{ file: path.relative(folder, full), scenario: loaded.value }] : []
  })
  if (problems.length > 0) throw new Error(problems.join('\n'))
  if (names.length === 0) return entries
  const found = entries.filter((entry) => names.some((name) => isNamed(entry, name)))
  if (found.length === 0) throw new Error(`no scenario is named ${names.join(' or ')}`)
  return found
}

function isNamed({ file, scenario }: Entry, name: string): boolean {
  if (String(scenario.number ?? '') === name) return true
  return [file, scenario.name, scenario.nameZh ?? ''].some((text) => text.includes(name))
}

async function playVirtual(scenario: Scenario): Promise<ScenarioResult> {
  try {
    return await new Player(scenario, new VirtualWorld(scenario)).play()
  } catch (error) {
    return { ...failed(scenario, messageOf(error)), world: 'virtual' }
  }
}

/** What is to be ended when somebody presses Ctrl-C. */
let end: (() => Promise<void>) | null = null

async function play(entries: readonly Entry[], isWanted: (scenario: Scenario) => boolean): Promise<Row[]> {
  const rows: Row[] = []
  const tell = (one: Row): void => {
    rows.push(one)
    console.log(row(one))
  }
  for (const { file, scenario } of entries) {
    if (scenario.needs.length > 0) {
      tell({ file, scenario, world: '-', state: 'waiting', seconds: 0, failures: [] })
      continue
    }
    const take = async (world: 'virtual' | 'real', result: () => Promise<ScenarioResult>): Promise<void> => {
      const beganMs = systemClock.now().monoMs
      const failures = failuresOf(await result())
      const seconds = (systemClock.now().monoMs - beganMs) / 1_000
      tell({ file, scenario, world, state: failures.length > 0 ? 'failed' : 'passed', seconds, failures })
    }
    if (scenario.worlds.includes('virtual')) await take('virtual', () => playVirtual(scenario))
    if (!isWanted(scenario)) continue
    const onBegun = (given: () => Promise<void>): void => {
      end = given
    }
    await take('real', () => playReal(scenario, { clock: systemClock, onBegun }))
    end = null
  }
  return rows
}

/** A scenario has passed when it has in every world it was played in. */
function figuresOf(entries: readonly Entry[], rows: readonly Row[]) {
  const of = (state: Row['state']): number =>
    entries.filter(({ file }) => rows.some((one) => one.file === file && one.state === state)).length
  const failed = of('failed')
  const waiting = of('waiting')
  const played = entries.filter(({ file }) => rows.some((one) => one.file === file)).length
  return { scenarios: played, passed: played - failed - waiting, failed, waiting }
}

async function main(): Promise<number> {
  let entries: Entry[]
  let options: { real: boolean; list: boolean }
  let named: boolean
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        real: { type: 'boolean', default: false },
        list: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    })
    if (values.help) {
      console.log(usage)
      return 0
    }
    options = values
    named = positionals.length > 0
    entries = entriesOf(positionals)
  } catch (error) {
    console.error(`${messageOf(error)}\n\n${usage}`)
    return 2
  }
  if (options.list) {
    for (const { file, scenario } of entries) {
      const state = scenario.needs.length > 0 ? 'waiting' : 'ready'
      console.log(row({ file, scenario, world: '-', state, seconds: 0, failures: [] }))
    }
    return 0
  }
  const isWanted = (scenario: Scenario): boolean =>
    options.real && scenario.worlds.includes('real') && (scenario.real || named)
  const figures = figuresOf(entries, await play(entries, isWanted))
  console.log(JSON.stringify(figures))
  return figures.failed > 0 ? 1 : 0
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    const ended = end?.() ?? Promise.resolve()
    void ended.finally(() => process.exit(130))
  })
}

const code = await main()
// Handles of killed children can keep Node.js 20 from ending by itself.
process.stdout.write('', () => process.exit(code))
