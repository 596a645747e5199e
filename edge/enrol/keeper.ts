import { existsSync, statSync } from 'node:fs'
import { backoffMs, slow } from '../base/backoff.js'
import type { Cancel, Clock } from '../base/clock.js'
import { messageOf } from '../base/error.js'
import type { FaultChange, FaultCode } from '../base/fault.js'
import type { Logger } from '../base/log.js'
import type { Random } from '../base/random.js'
import { describeProblems } from '../base/result.js'
import type { EdgeIdentity, IdentitySource } from '../interfaces/identity.js'
import { enrolledSchema, isCertificateRefusal } from '../messages/enrol.js'
import { isClockTrouble } from './enrol.js'
import {
  identityFile,
  readIdentity,
  rootFile,
  writeIdentity,
  writeWhole,
  type KeptIdentity,
} from './files.js'
import { ask, refusalOf, type Answered } from './https.js'
import { identityOf, newKey, renewRequest } from './request.js'

const day = 86_400_000

/** All of it milliseconds, or a share of a certificate's life. */
export interface KeeperBounds {
  /** How often the file is looked at, for a box that is enrolled while it runs. */
  readonly lookEveryMs: number
  /** How often the gateway is asked what it thinks of our certificate, beside each refusal. */
  readonly askEveryMs: number
  /** Renewal begins after this share of the certificate's life at the latest. */
  readonly renewAfter: number
  /** Up to this share of its life earlier, drawn once, so that edges enrolled together do not renew together. */
  readonly renewJitter: number
  /** A certificate that ends so soon is a fault, or a third of its life where that is shorter. */
  readonly warnBeforeMs: number
  /** Longest wait between two tries to renew. */
  readonly retryMaxMs: number
}

export const defaultKeeperBounds: KeeperBounds = {
  lookEveryMs: 5_000,
  askEveryMs: 600_000,
  renewAfter: 2 / 3,
  renewJitter: 0.05,
  warnBeforeMs: 30 * day,
  retryMaxMs: 3_600_000,
}

export interface KeeperGiven {
  readonly edgeId: string
  readonly dataDir: string
  /** The gateway's listener for edges, `https://`. */
  readonly url: string
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly onFault: (change: FaultChange) => void
  readonly bounds?: Partial<KeeperBounds>
}

export interface KeeperCounters {
  renewals: number
  failedRenewals: number
  asked: number
}

/**
 * Keeps the identity of a running edge: reads it, takes up a new one, renews it long before it ends, and
 * says in faults what is wrong with it. Nothing here is in the way of a lane: an edge without a valid
 * certificate goes on deciding with what it has.
 */
export class IdentityKeeper implements IdentitySource {
  readonly rootFile: string
  readonly counters: KeeperCounters = { renewals: 0, failedRenewals: 0, asked: 0 }
  readonly #given: KeeperGiven
  readonly #bounds: KeeperBounds
  readonly #jitter: number
  readonly #standing = new Set<FaultCode>()
  readonly #listeners = new Set<() => void>()
  readonly #cancels = new Map<string, Cancel>()
  #identity: KeptIdentity | null = null
  #seen = ''
  /** What `identity.missing` says while it stands. */
  #missingWhy = ''
  #renewAtMono = 0
  #failures = 0
  #busy: Promise<void> = Promise.resolve()
  #asking = false
  #closed = false

  constructor(given: KeeperGiven) {
    this.#given = given
    this.#bounds = { ...defaultKeeperBounds, ...given.bounds }
    this.#jitter = given.random.next()
    this.rootFile = rootFile(given.dataDir)
    this.#look()
    this.#askLater()
  }

  current(): EdgeIdentity | null {
    return this.#identity
  }

  onChanged(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
    }
  }

  /** The uplink went up or down: asks the gateway what it thinks of us, so that a fault can name it. One question at a time. */
  lookInto(): void {
    if (this.#asking) return
    this.#asking = true
    this.#inTurn(async () => {
      this.#asking = false
      await this.#askWhy()
    })
  }

  /** For the faults of the uplink: whether the certificate has to do with one, the gateway says when asked. */
  watching(onFault: (change: FaultChange) => void): (change: FaultChange) => void {
    return (change) => {
      onFault(change)
      if (change.code === 'uplink.disconnected' || change.code === 'uplink.refused') this.lookInto()
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    for (const cancel of this.#cancels.values()) cancel()
    await this.#busy
  }

  /** Looks at the file and at the time left, again and again. */
  #look(): void {
    this.#readAnew()
    this.#judgeTime()
    this.#later('look', this.#bounds.lookEveryMs, () => this.#look())
  }

  #readAnew(): void {
    const { dataDir, edgeId } = this.#given
    const seen = stampOf(identityFile(dataDir))
    if (seen === this.#seen && this.#seen !== '') return
    this.#seen = seen
    const read = readIdentity(dataDir)
    if (!read.ok) this.#missing(describeProblems(read.problems))
    else if (!read.value) this.#missing('this box is not enrolled: run lanekeeper enroll')
    else if (read.value.edgeId !== edgeId)
      this.#missing(`the identity is that of ${read.value.edgeId}: enrol this box as ${edgeId}`)
    else this.#take(read.value)
  }

  /** What was wrong with the file before may not be what is wrong now; the same is said once, although it is looked at again. */
  #missing(detail: string): void {
    if (detail === this.#missingWhy) return
    this.#clear('identity.missing')
    this.#raise('identity.missing', detail)
    this.#missingWhy = detail
  }

  #take(identity: KeptIdentity): void {
    this.#clear('identity.missing')
    this.#missingWhy = ''
    if (identity.serial === this.#identity?.serial) return
    this.#identity = identity
    this.#failures = 0
    this.#renewAtMono = 0
    for (const code of ['identity.refused', 'identity.revoked'] as const) this.#clear(code)
    this.#given.log.info({ serial: identity.serial, until: identity.notAfter }, 'identity in force')
    for (const listener of this.#listeners) listener()
  }

  #judgeTime(): void {
    const identity = this.#identity
    if (!identity) return
    const { wallMs, monoMs } = this.#given.clock.now()
    const lifeMs = identity.notAfter - identity.notBefore
    const { renewAfter, renewJitter, warnBeforeMs } = this.#bounds
    const warnAtMs = identity.notAfter - Math.min(warnBeforeMs, lifeMs / 3)
    const until = new Date(identity.notAfter).toISOString()
    const isOver = wallMs >= identity.notAfter
    const here = new Date(wallMs).toISOString()
    if (isOver)
      this.#raise(
        'identity.expired',
        `the certificate ended on ${until}, and here it is ${here}: enrol the box anew`,
      )
    else this.#clear('identity.expired')
    // The first try to renew comes before this, so it stands only where that did not work.
    if (!isOver && wallMs >= warnAtMs && this.#failures > 0) {
      this.#raise('identity.expiring', `the certificate ends on ${until}, and renewing it fails`)
    } else this.#clear('identity.expiring')
    const dueAtMs = identity.notBefore + lifeMs * (renewAfter - renewJitter * this.#jitter)
    if (!isOver && wallMs >= dueAtMs && monoMs >= this.#renewAtMono) {
      this.#renewAtMono = monoMs + this.#bounds.retryMaxMs
      this.#inTurn(() => this.#renew(identity))
    }
  }

  async #renew(identity: KeptIdentity): Promise<void> {
    const { edgeId, url, clock, dataDir, random, log } = this.#given
    try {
      const keyPem = newKey()
      const body = renewRequest(edgeId, keyPem, identity.serial)
      const answer = await ask({ url, path: '/edge/v1/renew', body, identity, clock })
      if (answer.status !== 200) throw new Error(this.#refusedBy(answer))
      const enrolled = enrolledSchema.parse(answer.body)
      const next = identityOf(enrolled, keyPem)
      if (next.edgeId !== edgeId) throw new Error(`the new certificate is for ${next.edgeId}`)
      // Tried before it takes the place of one that is known to work.
      const proof = await ask({ url, path: '/edge/v1/identity', identity: next, clock })
      if (proof.status !== 200) throw new Error(`the new certificate is not taken: ${this.#refusedBy(proof)}`)
      // One that is there is not replaced by who may be somebody else by now: only a person with a token does that.
      if (enrolled.root !== undefined && !existsSync(rootFile(dataDir)))
        writeWhole(rootFile(dataDir), Buffer.from(enrolled.root, 'base64'))
      writeIdentity(dataDir, next)
      this.#seen = stampOf(identityFile(dataDir))
      this.counters.renewals += 1
      this.#take(next)
    } catch (error) {
      this.counters.failedRenewals += 1
      const waits = { ...slow, firstMs: 30_000, maxMs: this.#bounds.retryMaxMs }
      const waitMs = backoffMs(waits, this.#failures, random)
      this.#failures += 1
      this.#renewAtMono = clock.now().monoMs + waitMs
      log.warn({ error: messageOf(error), waitMs }, 'certificate not renewed')
    }
    this.#judgeTime()
  }

  async #askWhy(): Promise<void> {
    const identity = this.#identity
    if (!identity) return
    const { url, clock } = this.#given
    this.counters.asked += 1
    try {
      const answer = await ask({ url, path: '/edge/v1/identity', identity, clock })
      // Whatever it answers: by this clock its certificate holds.
      this.#clear('identity.clock')
      if (answer.status === 200) {
        for (const code of ['identity.refused', 'identity.revoked'] as const) this.#clear(code)
      } else this.#refusedBy(answer)
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : ''
      if (isClockTrouble(code)) {
        const here = new Date(clock.now().wallMs).toISOString()
        this.#raise(
          'identity.clock',
          `by the clock of this box (${here}) the gateway's certificate is not valid`,
        )
      }
      // Whatever else it is, the uplink has its own fault for a gateway that is away.
    }
  }

  /** What a refusal says; one of the certificate itself becomes a fault. */
  #refusedBy(answer: Answered): string {
    const refusal = refusalOf(answer)
    if (!refusal) return `status ${answer.status}`
    const code = refusal.why === 'certificateRevoked' ? 'identity.revoked' : 'identity.refused'
    if (isCertificateRefusal(refusal.why)) this.#raise(code, `${refusal.why}: ${refusal.text}`)
    return `${refusal.why}: ${refusal.text}`
  }

  #askLater(): void {
    this.#later('ask', this.#bounds.askEveryMs, () => {
      this.lookInto()
      this.#askLater()
    })
  }

  #inTurn(work: () => Promise<void>): void {
    this.#busy = this.#busy.then(() => (this.#closed ? undefined : work()))
  }

  #later(name: string, delayMs: number, run: () => void): void {
    if (this.#closed) return
    this.#cancels.get(name)?.()
    this.#cancels.set(name, this.#given.clock.after(`identity ${name}`, delayMs, run))
  }

  #raise(code: FaultCode, detail: string): void {
    if (this.#standing.has(code)) return
    this.#standing.add(code)
    this.#given.onFault({ is: 'raised', code, source: 'identity', detail })
  }

  #clear(code: FaultCode): void {
    if (this.#standing.delete(code)) this.#given.onFault({ is: 'cleared', code, source: 'identity' })
  }
}

/** Changes with every writing of the file, and with its mode and owner, which may be what was wrong; empty: there is none. */
function stampOf(file: string): string {
  try {
    const { ino, mtimeMs, ctimeMs, size } = statSync(file)
    return `${ino}/${mtimeMs}/${ctimeMs}/${size}`
  } catch {
    return ''
  }
}
