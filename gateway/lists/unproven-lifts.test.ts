import path from 'node:path'
import t, { type Test } from 'tap'
import { ManualClock } from '../../edge/base/clock.js'
import type { FaultChange } from '../../edge/base/fault.js'
import { silentLogger } from '../../edge/base/log.js'
import type { ListEntry } from '../../edge/messages/entities.js'
import { lifted, type HoldEntry } from '../../edge/messages/trust/holds.js'
import type { Delegation } from '../../edge/messages/trust/records.js'
import { delegationRecord, keys, newKey, nowMs } from '../../edge/messages/trust/testing/site.js'
import { heldEntry } from '../domain/list-change.js'
import { Database } from '../store/database.js'
import { writeVersion } from '../store/lists.js'
import { migrate } from '../store/migrations.js'
import { folderOf } from '../testing/gateway-under-test.js'
import { UnprovenLifts } from './unproven-lifts.js'

const site = 'site-1'
const both = delegationRecord()
/** A third person in the place of anna. */
const carl = newKey()
const withoutAnna: Delegation = {
  ...both,
  version: 2,
  keys: { ...both.keys, [carl.keyId]: { publicKey: carl.publicKey, person: 'carl' } },
  roles: {
    ...both.roles,
    lift: {
      ...both.roles.lift,
      keyIds: [...both.roles.lift.keyIds.filter((keyId) => keyId !== keys.anna.keyId), carl.keyId],
    },
  },
}

const ban = (entryId: string): HoldEntry => ({
  ...{ kind: 'blacklist', entryId, subject: { kind: 'TAG', key: entryId }, level: 'STOP', agency: 'IQ' },
  ...{ reason: '', validFrom: 0 },
})
const secret: HoldEntry = {
  ...{ kind: 'order', orderId: 'S-1', agency: 'IQ', subject: { kind: 'TAG', key: 'E1' }, level: 1 },
  ...{ action: 'INTERCEPT', nature: 'SECRET', reason: '', validFrom: 0, maxHits: 0, issuedBy: 'wang' },
}
const liftedBy = (entry: HoldEntry, ...by: Parameters<typeof lifted>[3]): HoldEntry =>
  lifted(site, entry, { reason: '02', at: nowMs }, by)

/** A store of lists whose edges have taken version `seen.by` and no later one. */
async function bench(t: Test) {
  const database = await Database.open({
    file: path.join(folderOf(t), 'gateway.db'),
    log: silentLogger,
    prepare: migrate,
    reload: () => Promise.resolve(),
  })
  t.teardown(() => database.close())
  const clock = new ManualClock(nowMs)
  const given = { delegation: both, seen: 0 }
  const faults: FaultChange[] = []
  const lifts = new UnprovenLifts({
    ...{ site, database, clock, log: silentLogger },
    delegation: () => given.delegation,
    confirmed: () => given.seen,
    onFault: (change) => faults.push(change),
  })
  t.teardown(() => lifts.close())
  const write = async (
    list: 'orders' | 'blacklist',
    entries: readonly ListEntry[],
    deletes: string[] = [],
  ) => {
    await database.transact((sql) =>
      writeVersion(sql, list, { upserts: entries.map(heldEntry), deletes }, 'x', nowMs),
    )
  }
  return { clock, given, faults, lifts, write }
}

t.test(
  'lifts of a person whose key is taken away are named at once, and those of others are not',
  async (t) => {
    const { given, faults, lifts, write } = await bench(t)
    const { anna, bo } = keys
    await write('blacklist', [ban('B-0'), liftedBy(ban('B-1'), anna, bo), liftedBy(ban('B-2'), carl, bo)])
    await write('orders', [liftedBy(secret, anna, bo)])
    lifts.start()
    await lifts.look()
    t.match(faults, [{ detail: /^blacklist B-2: / }], 'carl may not lift yet')
    given.delegation = withoutAnna
    await lifts.look()
    t.match(faults.at(-1), {
      is: 'raised',
      code: 'gateway.liftNotProven',
      detail: /^blacklist B-1, 1 that are not /,
    })
    t.notMatch(JSON.stringify(faults), /S-1/, 'of a secret order everybody may know that there is one')
    t.same(lifts.names(), [
      { list: 'orders', key: 'S-1' },
      { list: 'blacklist', key: 'B-1' },
    ])
  },
)

t.test('the fault ends hold by hold: lifted again, gone, or in force at every edge', async (t) => {
  const { clock, given, faults, lifts, write } = await bench(t)
  const { anna, bo } = keys
  given.delegation = withoutAnna
  await write(
    'blacklist',
    ['B-1', 'B-2', 'B-3'].map((id) => liftedBy(ban(id), anna, bo)),
  )
  lifts.start()
  await lifts.look()
  t.match(faults, [{ is: 'raised', detail: /^blacklist B-1, blacklist B-2, blacklist B-3: / }])
  await write('blacklist', [liftedBy(ban('B-1'), carl, bo)])
  await lifts.look()
  t.match(faults.at(-1), { is: 'raised', detail: /^blacklist B-2, blacklist B-3: / })
  await write('blacklist', [], ['B-2'])
  await lifts.look()
  t.match(faults.at(-1), { is: 'raised', detail: /^blacklist B-3: / })
  const said = faults.length
  clock.advance(15_000)
  await lifts.look()
  t.equal(faults.length, said, 'said once')
  given.seen = 1
  clock.advance(15_000)
  await lifts.look()
  t.match(faults.at(-1), { is: 'cleared', code: 'gateway.liftNotProven' })
  t.same(lifts.names(), [])
})

t.test('thousands are gone through in pages, and those that no fault can name are counted', async (t) => {
  const { given, faults, lifts, write } = await bench(t)
  const many = Array.from({ length: 4_500 }, (_, index) => ban(`B-${String(index).padStart(5, '0')}`))
  const late = many.map((entry, index) => (index >= 4_460 ? liftedBy(entry, keys.anna, keys.bo) : entry))
  await write('blacklist', late)
  given.delegation = withoutAnna
  await lifts.look()
  t.equal(lifts.names().length, 40)
  t.match(faults, [{ detail: /B-04460, .*B-04479, 20 that are not named here: / }])
})
