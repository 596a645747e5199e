import { bad, ok, type Result } from '../../base/result.js'
import type { ListInForce, ListStore } from '../../interfaces/list-store.js'
import type { ListDelta, ListHead } from '../../messages/down.js'
import { listKeyOf, listKinds, type ListEntry, type ListName } from '../../messages/entities.js'
import { contentOf } from '../../messages/list-hash.js'

interface Held {
  readonly inForce: ListInForce
  readonly entries: ReadonlyMap<string, ListEntry>
}

/**
 * Lists in memory, so that a thousand edges fit into a few processes of one machine: what comes is checked as a
 * store checks it (base version and hash, count, content hash), and nothing is written to a disk.
 */
export class LightLists implements ListStore {
  readonly #held: Map<ListName, Held>
  readonly #onOrder: (orderId: string) => void

  /** `like`: begins with what another edge has in force. */
  constructor(onOrder: (orderId: string) => void, like?: LightLists) {
    this.#onOrder = onOrder
    this.#held = new Map(like ? like.#held : [])
  }

  inForce(): readonly ListInForce[] {
    return [...this.#held.values()].map((held) => held.inForce)
  }

  applyDelta(delta: ListDelta): Promise<Result<ListInForce>> {
    const { list, head, baseVersion, baseHash, upserts, deletes } = delta
    const held = this.#held.get(list)
    if (held?.inForce.version !== baseVersion || held.inForce.contentHash !== baseHash)
      return Promise.resolve(bad(list, 'the delta starts elsewhere (listBaseMismatch)'))
    const entries = new Map(held.entries)
    for (const key of deletes) entries.delete(key)
    for (const entry of upserts) entries.set(listKeyOf(entry), entry)
    return Promise.resolve(this.#switch(head, entries, upserts))
  }

  async applyFull(head: ListHead, entries: AsyncIterable<ListEntry>): Promise<Result<ListInForce>> {
    const all = new Map<string, ListEntry>()
    for await (const entry of entries) all.set(listKeyOf(entry), entry)
    return this.#switch(head, all, [...all.values()])
  }

  #switch(
    head: ListHead,
    entries: ReadonlyMap<string, ListEntry>,
    changed: readonly ListEntry[],
  ): Result<ListInForce> {
    const { list, version, contentHash, count } = head
    if (changed.some((entry) => entry.kind !== listKinds[list]))
      return bad(list, 'an entry does not belong here (listWrongKind)')
    const found = contentOf([...entries.values()])
    if (found.contentHash !== contentHash || found.count !== count)
      return bad(list, 'the content hash is another one (listHashMismatch)')
    const inForce: ListInForce = { list, version, contentHash, count, confirmedAt: null }
    this.#held.set(list, { inForce, entries })
    for (const entry of changed) if (entry.kind === 'order') this.#onOrder(entry.orderId)
    return ok(inForce)
  }

  confirm(head: ListHead, atMs: number): Promise<void> {
    const held = this.#held.get(head.list)
    if (held) this.#held.set(head.list, { ...held, inForce: { ...held.inForce, confirmedAt: atMs } })
    return Promise.resolve()
  }

  staged(): Promise<null> {
    return Promise.resolve(null)
  }

  ordersOn(): 'unknown' {
    return 'unknown'
  }

  blacklistOn(): 'unknown' {
    return 'unknown'
  }

  factsOfTag(): ReturnType<ListStore['factsOfTag']> {
    return Promise.resolve({ tag: 'unknown', vehicle: 'unknown' })
  }

  factsOfPlate(): ReturnType<ListStore['factsOfPlate']> {
    return Promise.resolve({ tag: 'unknown', vehicle: 'unknown' })
  }

  find(): Promise<'unknown'> {
    return Promise.resolve('unknown')
  }

  onSwitched(): () => void {
    return () => undefined
  }
}
