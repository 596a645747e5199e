import { open, readFile, rename } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import type { Cancel, Clock } from '../../edge/base/clock.js'
import { LanekeeperError, messageOf } from '../../edge/base/error.js'
import type { FaultChange } from '../../edge/base/fault.js'
import type { Logger } from '../../edge/base/log.js'
import { describeProblems } from '../../edge/base/result.js'
import type { ListHead } from '../../edge/messages/down.js'
import type { TrustMessage } from '../../edge/messages/trust/records.js'
import { authorityMark, readAuthority, type Authority } from './authority.js'
import type { TrustConfig } from './config.js'
import { makeMessage, makeSnapshot, needsSnapshot, nothingSigned, type Signed } from './records.js'

const version = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER)
const signedSchema = z.strictObject({
  snapshotVersion: version,
  timestampVersion: version,
  signedTime: version,
})

export interface TrustGiven {
  readonly config: TrustConfig
  readonly site: string
  /** Where what was signed last is kept. */
  readonly dataDir: string
  readonly clock: Clock
  readonly log: Logger
  /** The newest version of every list. */
  readonly heads: () => readonly ListHead[]
  /** Retained, and to every edge that is here, or to those named alone. */
  readonly publish: (message: TrustMessage, edgeIds?: readonly string[]) => void
  readonly onFault: (change: FaultChange) => void
  /** Others may sign than before: who may lift, above all. */
  readonly onAuthority?: () => void
}

/** So long before the end of root or delegation it stands as a fault: time to bring the offline keys together. */
export const endsSoonMs = 14 * 86_400_000

/**
 * Signs which lists are the newest: a snapshot whenever a list has a new version, a timestamp with it and every
 * `timestampEveryMs`. What is signed is on the disk first, so that no version is ever given to two contents.
 */
export class TrustPublisher {
  readonly counters = { snapshots: 0, timestamps: 0, failed: 0 }
  readonly #given: TrustGiven
  #authority: Authority
  #mark: string
  #last: Signed
  #snapshot: TrustMessage['snapshot'] | null = null
  #running: Promise<void> = Promise.resolve()
  #waits = false
  /** Whom the next message is for; null: every edge that is here. */
  #audience: Set<string> | null = new Set()
  #faulty = false
  #endsSoon: string | null = null
  #cancel: Cancel | null = null
  #closed = false

  private constructor(given: TrustGiven, authority: Authority, last: Signed) {
    this.#given = given
    this.#authority = authority
    this.#mark = authorityMark(given.config)
    this.#last = last
  }

  /** Throws `gateway.trust`, with what to do, when records or keys do not hold: nothing would be believed. */
  static async open(given: TrustGiven): Promise<TrustPublisher> {
    const authority = readAuthority(given.config, given.site, given.clock.now().wallMs)
    if (!authority.ok) throw new LanekeeperError('gateway.trust', describeProblems(authority.problems))
    return new TrustPublisher(given, authority.value, await readLast(given))
  }

  start(): void {
    this.changed()
    this.#cancel?.()
    this.#cancel = this.#given.clock.after('list timestamp', this.#given.config.timestampEveryMs, () => {
      if (!this.#closed) this.start()
    })
  }

  /** A list has a new version: said at once. Changes that come while one is being signed go out together. */
  changed(): void {
    this.#audience = null
    this.#ask()
  }

  /**
   * An edge has come. What is retained it may have heard before, and an old message does not say what is the newest
   * now: its lanes would wait for the next one. So it is told at once, and nobody else is.
   */
  greet(edgeId: string): void {
    this.#audience?.add(edgeId)
    this.#ask()
  }

  /** Roots from a version on, for edges that were away longer than the message reaches back. */
  rootsFrom(from: number): TrustMessage['roots'] {
    return this.#authority.roots.filter(({ signed }) => signed.version >= from)
  }

  /** The root that a box begins with when it enrols. */
  rootRecord(): Uint8Array {
    return this.#authority.newestRoot
  }

  /** Who may sign what now; lifts among it. */
  delegation(): TrustMessage['delegation']['signed'] {
    return this.#authority.delegation.signed
  }

  /** What was asked so far has been said, or has failed. */
  settled(): Promise<void> {
    return this.#running
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#cancel?.()
    await this.#running
  }

  #ask(): void {
    if (this.#waits || this.#closed) return
    this.#waits = true
    this.#running = this.#running.then(() => this.#say())
  }

  async #say(): Promise<void> {
    this.#waits = false
    const audience = this.#audience
    this.#audience = new Set()
    if (this.#closed) return
    const { clock, config, heads, publish } = this.#given
    try {
      this.#reload()
      const authority = this.#authority
      const nowMs = Math.round(clock.now().wallMs)
      this.#sayEnd(authority, nowMs)
      if (nowMs > authority.endsAt)
        throw new Error('root or delegation has ended: sign the next one (`lanekeeper keys`)')
      const named = heads()
      const isNew = needsSnapshot(this.#snapshot, named, authority, config, nowMs)
      const snapshot =
        isNew || !this.#snapshot ? makeSnapshot(authority, named, this.#last, config, nowMs) : this.#snapshot
      const message = makeMessage(authority, snapshot, this.#last, config, nowMs)
      const { version: timestampVersion, signedTime } = message.timestamp.signed
      const last = { snapshotVersion: snapshot.signed.version, timestampVersion, signedTime }
      await keepLast(this.#given, last)
      this.#last = last
      this.#snapshot = snapshot
      this.counters.timestamps += 1
      if (isNew) this.counters.snapshots += 1
      // A snapshot that nobody has yet is for all, whoever asked.
      publish(message, isNew || !audience ? undefined : [...audience])
      this.#clear()
    } catch (error) {
      this.counters.failed += 1
      this.#raise(messageOf(error))
    }
  }

  /** Takes over new records and keys; what does not hold leaves those before it in use, and is a fault. */
  #reload(): void {
    const { config, site, clock } = this.#given
    const mark = authorityMark(config)
    if (mark === this.#mark) return
    const authority = readAuthority(config, site, clock.now().wallMs)
    if (!authority.ok) {
      this.#raise(describeProblems(authority.problems))
      return
    }
    this.#mark = mark
    this.#authority = authority.value
    this.#given.log.info({ delegation: authority.value.delegation.signed.version }, 'new authority for lists')
    this.#given.onAuthority?.()
  }

  /** Said while the lists are still signed: once the end has come, lanes release nobody within minutes. */
  #sayEnd({ endsAt, endsFirst }: Authority, nowMs: number): void {
    const remedy =
      endsFirst === 'root' ? 'keys rotate root`, then `lanekeeper keys delegate' : 'keys delegate'
    const soon =
      endsAt - nowMs < endsSoonMs ? `the ${endsFirst} ends ${new Date(endsAt).toISOString()}` : null
    if (soon === this.#endsSoon) return
    this.#endsSoon = soon
    const fault = { code: 'gateway.signersEnding', source: 'trust' } as const
    const detail = `${soon}: sign the next one (\`lanekeeper ${remedy}\`) and copy it to the records here`
    this.#given.onFault(soon === null ? { is: 'cleared', ...fault } : { is: 'raised', ...fault, detail })
  }

  #raise(detail: string): void {
    this.#given.log.error({ detail }, 'lists could not be signed')
    this.#faulty = true
    this.#given.onFault({ is: 'raised', code: 'gateway.listsNotSigned', source: 'trust', detail })
  }

  #clear(): void {
    // A fault of the records stays until they hold, although the earlier ones still serve.
    if (!this.#faulty || authorityMark(this.#given.config) !== this.#mark) return
    this.#faulty = false
    this.#given.onFault({ is: 'cleared', code: 'gateway.listsNotSigned', source: 'trust' })
  }
}

function lastFile({ dataDir }: TrustGiven): string {
  return path.join(dataDir, 'trust.json')
}

/** A damaged file is as good as none: versions follow the clock. */
async function readLast(given: TrustGiven): Promise<Signed> {
  try {
    return signedSchema.parse(JSON.parse(await readFile(lastFile(given), 'utf8')))
  } catch (error) {
    given.log.info(
      { error: messageOf(error) },
      'no record of what was signed last: versions follow the clock',
    )
    return nothingSigned
  }
}

async function keepLast(given: TrustGiven, last: Signed): Promise<void> {
  const file = lastFile(given)
  const handle = await open(`${file}.part`, 'w', 0o600)
  try {
    await handle.writeFile(JSON.stringify(last))
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(`${file}.part`, file)
}
