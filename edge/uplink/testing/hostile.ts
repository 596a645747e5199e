import t, { type Test } from 'tap'
import { systemClock, type Clock } from '../../base/clock.js'
import type { Logger } from '../../base/log.js'
import { silentLogger } from '../../base/log.js'
import type { ControlOrder, ListEntry, ListName } from '../../messages/entities.js'
import { trustTopic } from '../../messages/topics.js'
import type { TrustMessage } from '../../messages/trust/records.js'
import { enrolled, later, nowMs, type Asked } from '../../messages/trust/testing/site.js'
import { headOf, order } from '../../store/testing/list.contract.js'
import type { AttackRow } from './attack-rows.js'
import { bench, eventually, type Bench } from './edge.js'
import { site, type ListRoute, type TestGateway } from './gateway.js'

/** Versions of the orders in these tests. 2 is in force when an attack begins; 9 is the honest one that follows. */
export interface Version {
  readonly version: number
  readonly entries: readonly ListEntry[]
}

export const orderOf = (n: number, changes: Partial<ControlOrder> = {}): ControlOrder => {
  const made = order(`O${n}`, `E${n}`)
  if (made.kind !== 'order') throw new Error('an order is no order')
  return { ...made, ...changes }
}
export const v1: Version = { version: 1, entries: [orderOf(1), orderOf(2)] }
export const v2: Version = { version: 2, entries: [...v1.entries, orderOf(3)] }
export const v3: Version = { version: 3, entries: [...v2.entries, orderOf(4)] }
export const v9: Version = { version: 9, entries: [...v2.entries, orderOf(9)] }

export const named = ({ version, entries }: Version) => {
  const { count, contentHash } = headOf('orders', version, entries)
  return { version, count, contentHash }
}

const empty = named({ version: 1, entries: [] })

/** The honest proof of a version, the n-th that is signed; but for what is asked to be otherwise. */
export function proof(of: Version, n: number, asked: Asked = {}): TrustMessage {
  return later({
    ...asked,
    lists: { orders: named(of), blacklist: empty, tags: empty, ...asked.lists },
    snapshot: { version: 100 + n, ...asked.snapshot },
    timestamp: { version: 1_000 + n, signedTime: nowMs + n, ...asked.timestamp },
  })
}

/** Full lists as the gateway serves them, and nothing else. */
export function serving(...served: readonly Version[]): ListRoute {
  return (_request, response, url) => {
    const wanted = Number(url.searchParams.get('version'))
    const [, list = ''] = /lists\/(\w+)\/full$/.exec(url.pathname) ?? []
    const all = list === 'orders' ? served : [{ version: 1, entries: [] }]
    const found = all.find(({ version }) => version === wanted)
    if (!found || list === '') response.writeHead(404).end()
    else
      response
        .writeHead(200)
        .end(linesOf(headOf(list as ListName, found.version, found.entries), ...found.entries))
  }
}

export const linesOf = (...lines: readonly object[]): string =>
  lines.map((line) => `${JSON.stringify(line)}\n`).join('')

export function say(gateway: TestGateway, said: object | string | Buffer): void {
  const isRaw = typeof said === 'string' || Buffer.isBuffer(said)
  gateway.publish(trustTopic(site), isRaw ? said : JSON.stringify(said), true)
}

/** An edge with version 2 of the orders, rightly proven, before a gateway that turns on it. */
export interface Hostile extends Bench {
  readonly hour: { wallMs: number }
  /** What the uplink logged, with its details. */
  readonly logged: string[]
  version(): number | undefined
}

export async function hostile(t: Test): Promise<Hostile> {
  const hour = { wallMs: nowMs }
  const clock: Clock = {
    now: () => ({ wallMs: hour.wallMs, monoMs: systemClock.now().monoMs }),
    after: (name, delayMs, run) => systemClock.after(name, delayMs, run),
  }
  const logged: string[] = []
  const note = (details: object, message: string): void => {
    logged.push(`${message} ${JSON.stringify(details)}`)
  }
  const log: Logger = { ...silentLogger, info: note, warn: note, error: note }
  const trust = { state: enrolled(), keep: () => Promise.resolve() }
  const download = {
    idleMs: 700,
    totalMs: 2_000,
    fullMaxBytes: 200_000,
    lineMaxBytes: 2_000,
    deltaMaxBytes: 4_000,
  }
  const b = await bench(t, { clock, log, trust, download }, (gateway) => {
    gateway.listRoute = serving(v1, v2)
    say(gateway, proof(v1, 1))
  })
  const version = (): number | undefined =>
    b.store.lists.inForce().find(({ list }) => list === 'orders')?.version
  t.ok(await eventually(() => version() === 1))
  say(b.gateway, proof(v2, 2))
  t.ok(await eventually(() => version() === 2 && b.store.lists.inForce().length === 3))
  return { ...b, hour, logged, version }
}

/** Version 2 is in force, its orders hold, and no others do. */
export function unharmed(t: Test, { store, version }: Hostile): void {
  t.equal(version(), 2, 'version 2 stays')
  for (const n of [1, 2, 3])
    t.strictSame(
      store.lists.ordersOn([{ kind: 'TAG', key: `E${n}` }]),
      [orderOf(n)],
      `the order on E${n} holds`,
    )
  for (const n of [4, 9]) t.strictSame(store.lists.ordersOn([{ kind: 'TAG', key: `E${n}` }]), [])
}

export interface Attack {
  /** Begins the attack. */
  run(h: Hostile): void | Promise<void>
  /** How the honest proof of version 9 has to be, where the attack asks for more than the usual one. */
  readonly mendedBy?: Asked
}

/** One test a row: the attack, what the row says of it, the unharmed version, and the honest one that mends it. */
export function tryAttacks<Id extends string>(
  rows: Readonly<Record<Id, AttackRow>>,
  attacks: Readonly<Record<Id, Attack>>,
): void {
  for (const [id, row] of Object.entries<AttackRow>(rows)) {
    const attack = attacks[id as Id]
    void t.test(`${id}: ${row.attack}`, async (t) => {
      const h = await hostile(t)
      h.logged.length = 0
      await attack.run(h)
      const { says, fault } = row
      const saysIt = (): boolean =>
        [...h.logged, ...h.faults.map((change) => JSON.stringify(change))].some((text) =>
          text.includes(says),
        ) || h.gateway.answers.some(({ why }) => why === says)
      t.ok(await eventually(saysIt, 15_000), `it says ${says}: ${h.logged.slice(-3).join('; ')}`)
      if (fault) t.ok(await eventually(() => h.stands(fault), 5_000), fault)
      unharmed(t, h)
      const standing = h.faults.filter(({ code }) => code.startsWith('controlList.'))
      if (!fault) t.strictSame(standing, [], 'no fault')
      h.gateway.listRoute = serving(v9)
      say(h.gateway, proof(v9, 900, attack.mendedBy))
      t.ok(await eventually(() => h.version() === 9), 'the honest version mends it')
      if (fault) t.ok(await eventually(() => !h.stands(fault)), `${fault} is cleared`)
    })
  }
}
