import { readFileSync } from 'node:fs'
import { messageOf } from '../base/error.js'
import type { FaultChange } from '../base/fault.js'
import { hashOf } from '../base/hash.js'
import type { Answer, Health } from '../messages/up.js'
import { openUplink, type EdgeUplink, type UplinkCounters, type UplinkOptions } from './index.js'
import { openEdgeTrust, type EdgeTrust, type EdgeTrustPlace } from './trust-file.js'

/**
 * The uplink of an edge under the root of its configuration or its enrolment. A box may be enrolled while it runs: when
 * the root of enrolment changes with the identity, the uplink is opened anew under it. Rejects `edge.trustRoot` where a
 * root that the configuration names does not hold.
 */
export async function openRootedUplink(
  config: Omit<EdgeTrustPlace, 'enrolledRootFile'>,
  options: Omit<UplinkOptions, 'trust'>,
): Promise<EdgeUplink> {
  const { trust, dataDir, site } = config
  const enrolledRootFile = options.identity.rootFile ?? null
  const place = { ...(trust && { trust }), dataDir, site, enrolledRootFile }
  const seen = markOf(enrolledRootFile)
  return new RootedUplink(options, place, await openEdgeTrust(place, options), seen)
}

class RootedUplink implements EdgeUplink {
  readonly #options: Omit<UplinkOptions, 'trust'>
  readonly #place: EdgeTrustPlace
  /** Faults that stand, of the root and of the uplink under it: the next one begins without them. */
  readonly #standing = new Map<string, FaultChange>()
  readonly #stopIdentity: () => void
  #uplink: EdgeUplink
  #seen: string
  #turning: Promise<void> = Promise.resolve()
  #closed = false

  constructor(options: Omit<UplinkOptions, 'trust'>, place: EdgeTrustPlace, trust: EdgeTrust, seen: string) {
    this.#options = options
    this.#place = place
    this.#seen = seen
    this.#uplink = this.#open(trust)
    this.#stopIdentity = options.identity.onChanged(() => {
      this.#turning = this.#turning.then(() => this.#look())
    })
  }

  get connected(): boolean {
    return this.#uplink.connected
  }

  get listsProven(): boolean {
    return this.#uplink.listsProven
  }

  get resyncLeftMs(): number {
    return this.#uplink.resyncLeftMs
  }

  /** Since the last root came. */
  get counters(): Readonly<UplinkCounters> {
    return this.#uplink.counters
  }

  publishHealth(health: Health): void {
    this.#uplink.publishHealth(health)
  }

  publishAnswer(answer: Answer): void {
    this.#uplink.publishAnswer(answer)
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#stopIdentity()
    await this.#turning
    await this.#uplink.close()
  }

  async #look(): Promise<void> {
    const seen = markOf(this.#place.enrolledRootFile)
    if (seen === this.#seen || this.#closed) return
    const { log } = this.#options
    try {
      // Refused while this one still runs: a closed uplink under no root would never come back.
      await openEdgeTrust(this.#place, this.#options)
      // What it kept last is on the disk before the next one reads it.
      await this.#uplink.close()
      const trust = await openEdgeTrust(this.#place, this.#options)
      for (const { code, source } of [...this.#standing.values()])
        this.#onFault({ is: 'cleared', code, source })
      this.#uplink = this.#open(trust)
      this.#seen = seen
      log.info(
        { root: typeof trust.trust === 'string' ? trust.trust : 'known' },
        'the root of the lists changed',
      )
    } catch (error) {
      // Only a root that the configuration names can be refused here: it held when the edge started.
      log.error({ error: messageOf(error) }, 'the root of the lists could not be read')
      const detail = `${messageOf(error)}; lists go on under the root of the start: mend the file, then start the edge again`
      this.#onFault({ is: 'raised', code: 'controlList.rootDiffers', source: 'lists', detail })
    }
  }

  #open({ trust, faults }: EdgeTrust): EdgeUplink {
    for (const { code, detail } of faults) this.#onFault({ is: 'raised', code, source: 'lists', detail })
    return openUplink({ ...this.#options, trust, onFault: (change) => this.#onFault(change) })
  }

  #onFault(change: FaultChange): void {
    const key = `${change.code}/${change.source}`
    if (change.is === 'raised') this.#standing.set(key, change)
    else this.#standing.delete(key)
    this.#options.onFault(change)
  }
}

/** Changes with what is in the file; empty: there is none. */
function markOf(file: string | null): string {
  try {
    return file === null ? '' : hashOf(readFileSync(file, 'utf8'))
  } catch {
    return ''
  }
}
