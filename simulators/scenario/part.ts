import { fork, type ChildProcess } from 'node:child_process'
import { createWriteStream, mkdirSync, type WriteStream } from 'node:fs'
import path from 'node:path'
import type { Clock } from '../../edge/base/clock.js'
import { assert } from '../../edge/base/assert.js'
import { LanekeeperError } from '../../edge/base/error.js'

/** What a part of the system says of itself over the channel to who started it. */
export interface PartMessage {
  readonly is: string
  readonly [detail: string]: unknown
}

export interface PartGiven {
  /** For messages and log files. */
  readonly name: string
  /** The module that is run. */
  readonly module: string
  readonly args: readonly string[]
  /** Options of Node itself; absent: those of this process. */
  readonly nodeArgs?: readonly string[]
  /** Beside the environment of this process. */
  readonly env?: Readonly<Record<string, string>>
  /** Standard output and error go there, one file a part, appended over restarts. */
  readonly logDir: string
  readonly clock: Clock
  readonly readyWithinMs: number
  readonly onMessage?: (message: PartMessage) => void
  /** Called when the process ends without having been told to. */
  readonly onLost?: (code: number | null, signal: string | null) => void
}

/** Milliseconds a part has to end by itself before it is killed. */
const endsWithinMs = 10_000

/**
 * A real process of the system, started again and killed as a test or the demo wants it. Only
 * processes that it started itself are ever signalled, through their own handle.
 */
export class Part {
  readonly #given: PartGiven
  readonly #log: WriteStream
  #child: ChildProcess | null = null
  #expected = false
  #asked = 0
  readonly #waiting = new Map<number, (message: PartMessage) => void>()
  starts = 0

  constructor(given: PartGiven) {
    this.#given = given
    mkdirSync(given.logDir, { recursive: true })
    this.#log = createWriteStream(path.join(given.logDir, `${given.name}.log`), { flags: 'a' })
  }

  get running(): boolean {
    return this.#child !== null
  }

  get pid(): number | undefined {
    return this.#child?.pid
  }

  /** Starts the process; resolves to its ready message, rejects if it ends or is too slow. */
  start(): Promise<PartMessage> {
    const { name, module, args, nodeArgs, env: own, clock, readyWithinMs } = this.#given
    assert(this.#child === null, `${name} runs already`)
    // Tools that run us put loaders into NODE_OPTIONS; the product runs without them.
    const { NODE_OPTIONS: _options, ...env } = process.env
    const child = fork(module, [...args], {
      env: { ...env, ...own },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      execArgv: [...(nodeArgs ?? [])],
    })
    this.#child = child
    this.#expected = false
    this.starts += 1
    child.stdout?.pipe(this.#log, { end: false })
    child.stderr?.pipe(this.#log, { end: false })
    return new Promise((resolve, reject) => {
      const cancel = clock.after(`${name} ready`, readyWithinMs, () => {
        reject(new LanekeeperError('part.slow', `${name} was not ready within ${readyWithinMs} ms`))
      })
      child.on('message', (raw) => {
        const message = raw as PartMessage
        if (message.is === 'ready') {
          cancel()
          resolve(message)
        }
        this.#take(message)
      })
      child.once('exit', (code, signal) => {
        cancel()
        if (this.#child === child) this.#child = null
        reject(
          new LanekeeperError('part.ended', `${name} ended (${code ?? signal}); see ${this.#given.logDir}`),
        )
        if (!this.#expected) this.#given.onLost?.(code, signal)
      })
    })
  }

  send(message: object): void {
    this.#child?.send(message, () => undefined)
  }

  /** Sends `{id, order}` and waits for `{is: 'done', id}`. */
  ask(order: object, withinMs = 20_000): Promise<unknown> {
    const id = (this.#asked += 1)
    return new Promise((resolve, reject) => {
      const cancel = this.#given.clock.after(`${this.#given.name} answer`, withinMs, () => {
        this.#waiting.delete(id)
        reject(new LanekeeperError('part.silent', `${this.#given.name} did not answer within ${withinMs} ms`))
      })
      this.#waiting.set(id, (message) => {
        cancel()
        const error = message['error']
        if (typeof error === 'string') reject(new LanekeeperError('part.failed', error))
        else resolve(message['result'])
      })
      this.send({ id, order })
    })
  }

  /** SIGKILL, as a power cut does it; resolves when the process is gone. */
  kill(): Promise<void> {
    return this.#end('SIGKILL')
  }

  /** SIGSTOP: the process stands still and its connections stay open, as those of a machine that hangs. */
  freeze(): void {
    this.#child?.kill('SIGSTOP')
  }

  /** SIGCONT, after {@link Part.freeze}. */
  thaw(): void {
    this.#child?.kill('SIGCONT')
  }

  /** Asks it to end; after 10 s it is killed. */
  stop(): Promise<void> {
    return this.#end('SIGTERM')
  }

  #take(message: PartMessage): void {
    if (message.is === 'done') {
      const id = Number(message['id'])
      this.#waiting.get(id)?.(message)
      this.#waiting.delete(id)
      return
    }
    this.#given.onMessage?.(message)
  }

  #end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = this.#child
    if (!child) return Promise.resolve()
    this.#expected = true
    return new Promise((resolve) => {
      const cancel = this.#given.clock.after(`${this.#given.name} end`, endsWithinMs, () =>
        child.kill('SIGKILL'),
      )
      child.once('exit', () => {
        cancel()
        this.#child = null
        resolve()
      })
      child.kill(signal)
    })
  }
}
