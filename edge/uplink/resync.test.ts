import t from 'tap'
import { ManualClock } from '../base/clock.js'
import type { FaultChange } from '../base/fault.js'
import { silentLogger } from '../base/log.js'
import { listHeadSchema } from '../messages/down.js'
import type { ListName } from '../messages/entities.js'
import { Resync } from './resync.js'

const withinMs = 5_000

function bench() {
  const clock = new ManualClock()
  const faults: FaultChange[] = []
  const seen = { ended: 0 }
  const resync = new Resync({
    ...{ clock, log: silentLogger, withinMs },
    onFault: (change) => faults.push(change),
    onEnded: () => {
      seen.ended += 1
    },
  })
  const open = async (): Promise<void> => {
    resync.opened(Promise.resolve())
    await Promise.resolve()
  }
  const stands = (): boolean => faults.at(-1)?.is === 'raised'
  return { clock, resync, faults, seen, open, stands }
}

const head = (list: ListName, version: number) => ({
  ...{
    v: listHeadSchema.shape.v.value,
    list,
    version,
    count: 0,
    contentHash: 'a'.repeat(64),
    publishedAt: 0,
  },
})

t.test('lanes wait until orders and blacklist that were named in this session are in force', async (t) => {
  const { resync, open, seen, clock } = bench()
  t.equal(resync.leftMs, 0, 'without a connection nobody waits: the ages of the lists judge')
  await open()
  clock.advance(1_000)
  t.equal(resync.leftMs, 4_000)
  resync.named(head('orders', 7))
  resync.named(head('blacklist', 3))
  resync.inForce(head('blacklist', 3))
  resync.inForce(head('orders', 6))
  t.equal(resync.leftMs, 4_000, 'an older version is not the newest')
  resync.inForce(head('tags', 9))
  t.equal(seen.ended, 0)
  resync.inForce(head('orders', 8))
  t.equal(resync.leftMs, 0)
  t.equal(seen.ended, 1, 'and the lanes are told')
  t.end()
})

t.test('what an earlier session brought does not count as word of the newest', async (t) => {
  const { resync } = bench()
  let heard: () => void = () => undefined
  resync.opened(new Promise<void>((resolve) => (heard = resolve)))
  for (const list of ['orders', 'blacklist'] as const) {
    resync.named(head(list, 5))
    resync.inForce(head(list, 5))
  }
  t.ok(resync.leftMs > 0)
  heard()
  await Promise.resolve()
  resync.inForce(head('orders', 5))
  resync.inForce(head('blacklist', 5))
  t.ok(resync.leftMs > 0, 'in force alone says nothing: the gateway must have named it now')
  for (const list of ['orders', 'blacklist'] as const) {
    resync.named(head(list, 5))
    resync.inForce(head(list, 5))
  }
  t.equal(resync.leftMs, 0)
  t.end()
})

t.test(
  'a gateway that does not name its lists is waited for in vain once, and that is a fault',
  async (t) => {
    const { resync, open, clock, seen, faults, stands } = bench()
    await open()
    resync.named(head('orders', 2))
    resync.inForce(head('orders', 2))
    clock.advance(withinMs)
    t.equal(resync.leftMs, 0)
    t.equal(seen.ended, 1)
    t.match(faults, [{ is: 'raised', code: 'controlList.notResynced', detail: /blacklist/ }])
    resync.named(head('blacklist', 2))
    resync.inForce(head('blacklist', 2))
    t.notOk(stands(), 'it is gone when they are in force after all')
    t.equal(seen.ended, 1, 'nobody waited any more')
    t.end()
  },
)

t.test('a link that comes and goes stops no lane for ever', async (t) => {
  const { resync, open, clock, stands } = bench()
  let waitedMs = 0
  for (let n = 0; n < 50; n += 1) {
    await open()
    for (let step = 0; step < 20; step += 1) {
      if (resync.leftMs > 0) waitedMs += 100
      clock.advance(100)
    }
    resync.closed()
    t.equal(resync.leftMs, 0)
    resync.closed()
    clock.advance(500)
    resync.closed()
  }
  t.equal(waitedMs, withinMs, 'all its sessions together are waited for as long as one')
  t.notOk(stands(), 'without a connection the fault is that there is none')
  clock.advance(withinMs)
  await open()
  t.ok(resync.leftMs > 0, 'after a longer absence they are waited for again')
  t.end()
})

t.test('a session that ends while lanes wait lets them go on as without one', async (t) => {
  const { resync, open, seen, clock } = bench()
  await open()
  resync.closed()
  t.equal(seen.ended, 1)
  t.equal(resync.leftMs, 0)
  clock.advance(60_000)
  t.equal(seen.ended, 1)
  t.end()
})
