import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Clock } from '../../edge/base/clock.js'
import { LanekeeperError, messageOf } from '../../edge/base/error.js'
import type { Scenario } from '../scenario/format.js'
import { Player, type ScenarioResult } from '../scenario/player.js'
import type { Observed } from '../scenario/world.js'
import { RealWorld } from './world.js'

/** The built program of this checkout. */
export function builtProgram(): string {
  const program = path.join(process.cwd(), 'dist', 'edge', 'cli', 'main.js')
  if (!existsSync(program)) {
    throw new LanekeeperError('scenario.notBuilt', 'real processes run the built program: npm run build')
  }
  return program
}

/**
 * Plays a scenario against a site of real processes in a folder of its own; whatever comes, the
 * processes are ended and the folder is removed. `onBegun` gets a way to end it from outside,
 * `onSeen` everything that comes to pass.
 */
export async function playReal(
  scenario: Scenario,
  given: {
    readonly clock: Clock
    readonly onBegun?: (end: () => Promise<void>) => void
    readonly onSeen?: (observed: Observed) => void
  },
): Promise<ScenarioResult> {
  const program = builtProgram()
  const dir = mkdtempSync(path.join(tmpdir(), 'lanekeeper-scenario-'))
  const world = new RealWorld(scenario, { dir, program, clock: given.clock })
  const end = async (): Promise<void> => {
    await world.close()
    rmSync(dir, { recursive: true, force: true })
  }
  given.onBegun?.(end)
  if (given.onSeen) world.onObserved(given.onSeen)
  try {
    return await new Player(scenario, world).play()
  } catch (error) {
    // A world that does not come up has failed the scenario, not the rest of them.
    return failed(scenario, messageOf(error))
  } finally {
    await end()
  }
}

/** The result of a scenario that could not be played to its end. */
export function failed(scenario: Scenario, why: string): ScenarioResult {
  const { name } = scenario
  return { name, world: 'real', ok: false, lines: [], complaints: [why], lastObserved: [] }
}
