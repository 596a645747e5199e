import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { systemClock } from '../../base/clock.js'

/** The built program, as a person calls it: what it prints and what its exit code says. */
const program = path.resolve('dist/edge/cli/main.js')

export interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** Why nothing can be tried; null: the program is there. */
export function notBuilt(): string | null {
  return existsSync(program) ? null : `${program} is not built: run \`npm run build\``
}

/** The program as it runs, before it ends. */
export function started(...args: readonly string[]) {
  // Tools that run us put loaders into NODE_OPTIONS; the product runs without them.
  const { NODE_OPTIONS: _options, ...env } = process.env
  return spawn(process.execPath, [program, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] })
}

export function lanekeeper(...args: readonly string[]): Promise<Ended> {
  const child = started(...args)
  let out = ''
  let err = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text))
  return new Promise((resolve, reject) => {
    const cancel = systemClock.after('program ends', 90_000, () => child.kill('SIGKILL'))
    child.once('error', reject)
    child.once('close', (code) => {
      cancel()
      resolve({ code, out, err })
    })
  })
}
