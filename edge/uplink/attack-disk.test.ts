import { copyFileSync, existsSync, readdirSync, rmSync, truncateSync } from 'node:fs'
import path from 'node:path'
import t, { type Test } from 'tap'
import { systemClock, type Clock } from '../base/clock.js'
import type { FaultChange, FaultCode } from '../base/fault.js'
import { silentLogger, type Logger } from '../base/log.js'
import { systemRandom } from '../base/random.js'
import { MemoryControl } from '../domain/lists/memory-control.js'
import { enrolled, nowMs } from '../messages/trust/testing/site.js'
import type { TrustState } from '../messages/trust/state.js'
import { openEdgeStore, type EdgeStore } from '../store/index.js'
import { openConnection } from '../store/database.js'
import { headOf, vehicle } from '../store/testing/list.contract.js'
import { fixed, testAuthority } from '../../gateway/authority/testing/authority.js'
import { openUplink, type EdgeUplink } from './index.js'
import { diskAttacks, type AttackRow } from './testing/attack-rows.js'
import { eventually } from './testing/edge.js'
import { edgeId, site, TestGateway } from './testing/gateway.js'
import { linesOf, orderOf, proof, say, v1, v2 } from './testing/hostile.js'

const vehicles = [vehicle('V1', 'P1'), vehicle('V2', 'P2')]
const registered = headOf('vehicles', 3, vehicles)
const named = { version: 3, count: registered.count, contentHash: registered.contentHash }

/** One box through its starts: what is proven is kept outside its lists, as trust-file.ts does it. */
class Box {
  readonly gateway = new TestGateway()
  readonly dataDir: string
  readonly faults: FaultChange[] = []
  readonly logged: string[] = []
  #trust: TrustState = enrolled()
  #store: EdgeStore | null = null
  #uplink: EdgeUplink | null = null

  constructor(t: Test) {
    this.dataDir = t.testdir({})
    t.teardown(async () => {
      await this.off()
      await this.gateway.close()
    })
  }

  get file(): string {
    return path.join(this.dataDir, 'lists.db')
  }

  get store(): EdgeStore {
    if (!this.#store) throw new Error('the box is off')
    return this.#store
  }

  version(list = 'orders'): number | undefined {
    return this.store.lists.inForce().find((held) => held.list === list)?.version
  }

  stands(code: FaultCode): boolean {
    const last = new Map(this.faults.filter((one) => one.code === code).map((one) => [one.source, one.is]))
    return [...last.values()].includes('raised')
  }

  /** Another name: a box that is not this one, on the same disk. */
  async on(as: { readonly edgeId?: string; readonly site?: string } = {}): Promise<void> {
    const clock: Clock = { ...systemClock, now: () => ({ ...systemClock.now(), wallMs: nowMs }) }
    const note = (details: object, message: string): void => {
      this.logged.push(`${message} ${JSON.stringify(details)}`)
    }
    const log: Logger = { ...silentLogger, info: note, warn: note, error: note }
    const onFault = (change: FaultChange): void => {
      this.faults.push(change)
    }
    this.#store = await openEdgeStore({
      ...{ dataDir: this.dataDir, edgeId, site, clock, log, onFault, ...as },
      control: new MemoryControl(),
      retention: { ballastBytes: 0, freeMinBytes: 1 },
    })
    const { identityOf } = await testAuthority()
    const waits = { firstMs: 20, factor: 1.5, maxMs: 100, jitter: 0.5 }
    this.#uplink = openUplink({
      ...{ site, edgeId, mqttUrl: this.gateway.mqttUrl, httpUrl: this.gateway.httpUrl },
      ...{ clock, random: systemRandom, log, onFault, backoff: waits, refusedBackoff: waits },
      identity: fixed(await identityOf(edgeId)),
      ...{ outbox: this.#store.journal, lists: this.#store.lists, onDownlink: () => undefined },
      trust: {
        state: this.#trust,
        keep: (state) => {
          this.#trust = state
          return Promise.resolve()
        },
      },
    })
  }

  async off(): Promise<void> {
    await this.#uplink?.close()
    await this.#store?.close()
    this.#uplink = null
    this.#store = null
  }

  /** Alters the file as no program of ours would. */
  async alter(sql: string): Promise<void> {
    const connection = await openConnection(this.file, false)
    await connection.exec(sql)
    await connection.close()
  }
}

type Damage = (box: Box, older: string) => void | Promise<void>

const flipped = (text: string): string =>
  `replace(${text}, substr(${text}, 2, 1), char(unicode(substr(${text}, 2, 1)) + 1))`

const damages: Readonly<Record<keyof typeof diskAttacks, Damage>> = {
  olderCopy: (box, older) => copyFileSync(older, box.file),
  otherEdge: (box) => box.alter(`UPDATE owner SET name = '${site}/edge-2'; UPDATE lists SET version = 900`),
  otherSite: (box) => box.alter(`UPDATE owner SET name = 'site-2/${edgeId}'; UPDATE lists SET version = 900`),
  emptied: (box) => truncateSync(box.file),
  gone: (box) => rmSync(box.file),
  // The test cuts the power with the log there; see below.
  walGone: (box) => rmSync(`${box.file}-wal`, { force: true }),
  bodyFlipped: (box) => box.alter(`UPDATE entries SET body = replace(body, 'E3', 'E7') WHERE key = 'O3'`),
  nameFlipped: (box) => box.alter(`UPDATE plates SET plate = ${flipped('plate')} WHERE plate = 'P2'`),
  headFlipped: (box) => box.alter(`UPDATE lists SET version = version + 64 WHERE list = 'orders'`),
}

/** All orders and plates of version 2 as they are, or not known: never anything else. */
async function answers(t: Test, { store }: Box, whole: boolean): Promise<void> {
  const { lists } = store
  for (const n of [1, 2, 3]) {
    const found = lists.ordersOn([{ kind: 'TAG', key: `E${n}` }])
    if (found !== 'unknown' || whole) t.strictSame(found, [orderOf(n)], `the order on E${n}`)
  }
  for (const [n, plate] of ['P1', 'P2', 'P3'].entries()) {
    const { vehicle: found } = await lists.factsOfPlate(plate)
    if (found !== 'unknown' || whole) t.strictSame(found, vehicles[n] ?? null, plate)
  }
}

function serve(gateway: TestGateway): void {
  const served = [
    ...[v1, v2].map(({ version, entries }) => ({ head: headOf('orders', version, entries), entries })),
    { head: registered, entries: vehicles },
    ...(['blacklist', 'tags'] as const).map((list) => ({ head: headOf(list, 1, []), entries: [] })),
  ]
  gateway.listRoute = (_request, response, url) => {
    const found = served.find(
      ({ head }) =>
        url.pathname.endsWith(`/${head.list}/full`) &&
        Number(url.searchParams.get('version')) === head.version,
    )
    if (found) response.end(linesOf(found.head, ...found.entries))
    else response.writeHead(404).end()
  }
}

for (const [id, row] of Object.entries<AttackRow>(diskAttacks)) {
  const damage = damages[id as keyof typeof diskAttacks]
  t.test(`${id}: ${row.attack}`, async (t) => {
    const box = new Box(t)
    await box.gateway.start()
    serve(box.gateway)
    await box.on()
    say(box.gateway, proof(v1, 1, { lists: { vehicles: named } }))
    t.ok(await eventually(() => box.version() === 1 && box.version('vehicles') === 3))
    await box.off()
    const older = path.join(box.dataDir, 'older.db')
    copyFileSync(box.file, older)
    await box.on()
    say(box.gateway, proof(v2, 2, { lists: { vehicles: named } }))
    t.ok(await eventually(() => box.version() === 2))
    if (id === 'walGone') {
      // As the disk stands at a power cut: the last versions are in the log alone.
      t.ok(existsSync(`${box.file}-wal`))
      copyFileSync(box.file, `${older}.cut`)
      await box.off()
      copyFileSync(`${older}.cut`, box.file)
    } else await box.off()
    await damage(box, older)

    await box.gateway.kill()
    box.faults.length = 0
    box.logged.length = 0
    await box.on()
    const saysIt = (): boolean =>
      [...box.logged, ...box.faults.map((change) => JSON.stringify(change))].some((text) =>
        text.includes(row.says),
      )
    t.ok(await eventually(saysIt), `it says ${row.says}: ${box.logged.join('; ').slice(0, 400)}`)
    const { fault } = row
    if (fault) t.ok(await eventually(() => box.stands(fault)), fault)
    if (id !== 'olderCopy' && id !== 'walGone') await answers(t, box, false)
    await box.gateway.start()
    t.ok(
      await eventually(() => box.version() === 2 && box.version('vehicles') === 3),
      'the same honest versions are fetched again',
    )
    await answers(t, box, true)
    if (fault) t.ok(await eventually(() => !box.stands(fault)), `${fault} is cleared`)
    if (id.startsWith('other'))
      t.ok(readdirSync(box.dataDir).some((name) => name.startsWith('lists.db.corrupt-')))
  })
}
