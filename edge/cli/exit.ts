import { messageOf } from '../base/error.js'
import type { Problem } from '../base/result.js'
import { told, toldProblem } from './spoken.js'

/** What the program's exit says; documented in `--help`. */
export const exitCodes = { done: 0, failed: 1, usage: 2, configuration: 3 } as const

/** Prints every problem of a configuration and sets the exit code. */
export function refuseConfiguration(file: string, problems: readonly Problem[]): void {
  const head = problems.length === 1 ? told`${file}: 1 problem` : told`${file}: ${problems.length} problems`
  process.stderr.write(`${[head, ...problems.map((problem) => toldProblem(problem))].join('\n')}\n`)
  process.exitCode = exitCodes.configuration
}

/**
 * Whoever reads our output may go away (`| head`, a terminal that is closed, a log service that restarts). A part that runs
 * goes on, because lanes must not stop for want of a reader; a command that only prints ends without a word.
 */
export function whenReadersGo(isPart: boolean): void {
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', () => {
      if (!isPart) process.exit(exitCodes.failed)
    })
}

/** Resolves at the first SIGINT or SIGTERM; a second one ends the process at once. */
export function untilAsked(): Promise<void> {
  return new Promise((resolve) => {
    let asked = false
    const onSignal = () => {
      if (asked) process.exit(exitCodes.failed)
      asked = true
      resolve()
    }
    process.on('SIGINT', onSignal)
    process.on('SIGTERM', onSignal)
    // A child of ours must not outlive its parent, whatever ended that.
    if (process.send) process.on('disconnect', onSignal)
  })
}

/** Closes a part; a failure of that is said and shows in the exit code, and does not hang the process. */
export async function closeOrSay(close: () => Promise<void>): Promise<void> {
  try {
    await close()
  } catch (error) {
    process.stderr.write(`${told`closing: ${messageOf(error)}`}\n`)
    process.exitCode = exitCodes.failed
  }
}

/**
 * Ends the process with the exit code that was set, once what was written has gone out. Left to itself,
 * Node.js 20 may spin for ever while it tears down handles of child processes that were killed.
 */
export function endProcess(): void {
  process.stdout.write('', () => {
    process.stderr.write('', () => {
      process.exit()
    })
  })
}
