import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { randomUUID } from 'node:crypto'
import path from 'node:path'
import { z } from 'zod'
import type { Cancel, Clock } from '../../edge/base/clock.js'
import { messageOf } from '../../edge/base/error.js'
import type { Logger } from '../../edge/base/log.js'
import { idSchema } from '../../edge/messages/envelope.js'
import { Refusal } from '../desk/refusal.js'
import { writeOwned } from './files.js'

const personSchema = z.string().min(1).max(64)

/** What a person at the gateway's own machine asked for on the command line. A token is known here by its hash only. */
export const orderSchema = z.discriminatedUnion('do', [
  z.strictObject({
    do: z.literal('token'),
    edgeId: idSchema,
    hash: z.string().regex(/^[0-9a-f]{64}$/),
    expiresAt: z.number().int(),
    by: personSchema,
  }),
  z.strictObject({
    do: z.literal('revoke'),
    edgeId: idSchema,
    reason: z.string().trim().min(1).max(500),
    by: personSchema,
  }),
])
export type SpooledOrder = z.infer<typeof orderSchema>

const lookEveryMs = 1_000
/** More than a person asks for in a second; the rest is taken at the next look. */
const ordersAtOnceMax = 64

export function spoolFolder(dataDir: string): string {
  return path.join(dataDir, 'authority', 'orders')
}

/**
 * Leaves an order for the gateway; a running one takes it within a second, another one at its start. `atMs`: UTC ms,
 * by which orders that wait together are taken one after the other: a token made before a revocation ends with it.
 * Returns the file, for {@link obeyed}. Throws where the order is none that a gateway could take.
 */
export function leaveOrder(dataDir: string, order: SpooledOrder, atMs: number): string {
  const folder = spoolFolder(dataDir)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const place = String(Math.round(atMs)).padStart(15, '0')
  const file = path.join(folder, `${place}.${randomUUID()}.json`)
  writeOwned(file, JSON.stringify(orderSchema.parse(order)))
  return file
}

/** Looks for so long: twice the time that a running gateway takes. */
const takenWithinMs = 2_000
const looksForIt = 20

/** What became of an order. `waits`: no gateway runs, or it is too busy; the order lies there for it. */
export type Obeyed = { readonly is: 'taken' | 'waits' } | { readonly is: 'refused'; readonly why: string }

/** What a gateway has made of the order in this file, by two seconds later. */
export async function obeyed(file: string, clock: Clock): Promise<Obeyed> {
  for (let look = 0; look < looksForIt && existsSync(file); look += 1) {
    await new Promise<void>((resolve) => {
      clock.after('order taken', takenWithinMs / looksForIt, resolve)
    })
  }
  if (existsSync(file)) return { is: 'waits' }
  const answer = answerOf(file)
  if (!existsSync(answer)) return { is: 'taken' }
  const why = readFileSync(answer, 'utf8')
  rmSync(answer, { force: true })
  return { is: 'refused', why }
}

/** Where a gateway says why it refused an order: nothing is there where it was taken. */
function answerOf(file: string): string {
  return file.replace(/\.json$/, '.refused')
}

export interface SpoolGiven {
  readonly dataDir: string
  readonly clock: Clock
  readonly log: Logger
  readonly take: (order: SpooledOrder) => Promise<void>
}

/**
 * Takes orders from a folder that only the gateway's own user and root may write to: that is what
 * gives them their right. The store has one connection, so no second program may write to it.
 */
export class Spool {
  readonly #given: SpoolGiven
  #cancel: Cancel | null = null
  #looking: Promise<void> = Promise.resolve()
  #closed = false
  #trouble = ''

  constructor(given: SpoolGiven) {
    this.#given = given
    mkdirSync(spoolFolder(given.dataDir), { recursive: true, mode: 0o700 })
  }

  /** Takes what waits, then looks again every second. */
  async start(): Promise<void> {
    await this.look()
    this.#again()
  }

  /** Takes what waits now, in the order in which it was left. */
  look(): Promise<void> {
    this.#looking = this.#looking.then(async () => {
      const folder = spoolFolder(this.#given.dataDir)
      const all = readdirSync(folder).sort()
      const answers = all.filter((name) => name.endsWith('.refused'))
      // Of commands that were ended before they read them.
      for (const name of answers.slice(0, Math.max(0, answers.length - ordersAtOnceMax)))
        rmSync(path.join(folder, name), { force: true })
      const names = all.filter((name) => name.endsWith('.json'))
      for (const name of names.slice(0, ordersAtOnceMax)) await this.#takeOne(path.join(folder, name))
    })
    this.#looking = this.#looking.then(
      () => {
        this.#trouble = ''
      },
      (error: unknown) => {
        const trouble = messageOf(error)
        // Once, and not every second while it lasts.
        if (trouble !== this.#trouble)
          this.#given.log.error({ error: trouble }, 'orders of the command line wait')
        this.#trouble = trouble
      },
    )
    return this.#looking
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#cancel?.()
    await this.#looking
  }

  async #takeOne(file: string): Promise<void> {
    const { log, take } = this.#given
    try {
      const order = orderSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
      await take(order)
    } catch (error) {
      const isWrong = error instanceof Refusal || error instanceof z.ZodError || error instanceof SyntaxError
      // A store that cannot be written now may be later: a revocation must not get lost over it.
      if (!isWrong) throw error
      const why = messageOf(error).slice(0, 300)
      log.error({ file, error: why }, 'order of the command line refused')
      // Before the order goes: whoever left it must never take a refusal for obedience.
      writeOwned(answerOf(file), why)
    }
    rmSync(file, { force: true })
  }

  #again(): void {
    if (this.#closed) return
    this.#cancel = this.#given.clock.after('orders', lookEveryMs, () => {
      void this.look().then(() => this.#again())
    })
  }
}
