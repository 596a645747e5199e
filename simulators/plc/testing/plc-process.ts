import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { systemClock } from '../../../edge/base/clock.js'
import type { PlcProcessInput } from '../commands.js'
import type { TruthEntry } from '../truth.js'

const program = path.join('dist', 'simulators', 'plc', 'main.js')

/** The PLC as the process it is when it is built: it can be frozen and killed. */
export class PlcProcess {
  readonly endpoint: string
  readonly port: number
  readonly serverCertificateFile: string
  readonly said: Record<string, unknown>[]
  readonly #child: ChildProcess

  private constructor(child: ChildProcess, said: Record<string, unknown>[], ready: Record<string, string>) {
    this.#child = child
    this.said = said
    this.endpoint = ready.endpoint ?? ''
    this.port = Number(new URL(this.endpoint).port)
    this.serverCertificateFile = ready.serverCertificateFile ?? ''
  }

  static start(config: PlcProcessInput): Promise<PlcProcess> {
    if (!existsSync(program)) throw new Error(`${program} is not there: run "node config/build.mjs" first`)
    // The test runner's own hooks in the environment would slow the child down and change what it is.
    const child = spawn(process.execPath, [program, JSON.stringify(config)], {
      env: { PATH: process.env.PATH ?? '' },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    const said: Record<string, unknown>[] = []
    return new Promise((resolve, reject) => {
      let rest = ''
      let wrong = ''
      const cancel = systemClock.after('test.bound', 40_000, () => {
        child.kill('SIGKILL')
        reject(new Error(`the PLC process did not start: ${wrong}`))
      })
      child.stderr.on('data', (chunk: Buffer) => (wrong += chunk.toString()))
      child.once('exit', (code) => {
        cancel()
        reject(new Error(`the PLC process ended with ${code}: ${wrong}`))
      })
      child.stdout.on('data', (chunk: Buffer) => {
        const lines = (rest + chunk.toString()).split('\n')
        rest = lines.pop() ?? ''
        for (const line of lines) {
          const message = JSON.parse(line) as Record<string, unknown>
          said.push(message)
          if (!('ready' in message)) continue
          cancel()
          resolve(new PlcProcess(child, said, message.ready as Record<string, string>))
        }
      })
    })
  }

  send(line: object | string): void {
    this.#child.stdin?.write(`${typeof line === 'string' ? line : JSON.stringify(line)}\n`)
  }

  signal(name: 'SIGSTOP' | 'SIGCONT'): void {
    this.#child.kill(name)
  }

  /** Ends it; the end of its standard input asks it to go by itself. */
  async end(how: 'SIGKILL' | 'SIGTERM' | 'stdin'): Promise<number | null> {
    const { exitCode, signalCode } = this.#child
    if (exitCode !== null || signalCode !== null) return exitCode
    const ended = new Promise<number | null>((resolve) => this.#child.once('exit', resolve))
    if (how === 'stdin') this.#child.stdin?.end()
    else this.#child.kill(how)
    return ended
  }
}

/** Ground truth as it stands in the file. */
export function truthIn(file: string): TruthEntry[] {
  if (!existsSync(file)) return []
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as TruthEntry)
}
