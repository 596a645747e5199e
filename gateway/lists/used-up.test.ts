import path from 'node:path'
import t from 'tap'
import { ManualClock } from '../../edge/base/clock.js'
import {
  exampleBox,
  exampleDeclaration,
  exampleDraw,
  exampleFitness,
  exampleManifest,
  exampleRelease,
  exampleSeal,
  exampleTrip,
} from '../../edge/domain/decision/cargo-examples.js'
import { findMax } from '../../edge/messages/list-looks.js'
import { listKeyOf, listOf, type ListEntry, type ListName } from '../../edge/messages/entities.js'
import { silentLogger } from '../../edge/base/log.js'
import type { TripEntry } from '../../edge/messages/cargo-entities.js'
import { contentOf } from '../../edge/messages/list-hash.js'
import { startIn } from '../testing/gateway-under-test.js'
import { Lists } from './lists.js'
import { storeIn } from '../testing/store-in.js'

const day = 86_400_000
const now = Date.UTC(2026, 5, 1)
const crossedAt = now - 31 * day
const validTo = now - 40 * day

const crossed = { ...exampleTrip, crossedAt }
/** What went with that trip, and what must not go: each beside what sets it apart. */
const goes: readonly ListEntry[] = [
  crossed,
  { ...exampleDraw, tripId: 'T1' },
  exampleDeclaration({ state: 'CROSSED', validTo }),
  exampleManifest,
  { ...exampleSeal, state: 'VERIFIED' },
  { ...exampleFitness, used: true, validTo },
  exampleRelease({ state: 'CONSUMED', usesLeft: 0, subject: { kind: 'DECLARATION', key: 'IQ1' } }),
  exampleRelease({ releaseId: 'R9', state: 'CONSUMED', usesLeft: 0, subject: { kind: 'TRIP', key: 'T1' } }),
]
const stays: readonly ListEntry[] = [
  { ...exampleTrip, tripId: 'T2', declarationNos: ['CUS1'], manifestNo: 'M2', sealIds: ['S2'] },
  {
    ...exampleTrip,
    tripId: 'T3',
    crossedAt: now - 29 * day,
    declarationNos: [],
    manifestNo: 'M3',
    sealIds: [],
  },
  { ...exampleDraw, tripId: 'T2' },
  // T2 is on this one too.
  exampleDeclaration({ declarationNo: 'CUS1', agency: 'CUSTOMS', state: 'CROSSED', validTo }),
  { ...exampleManifest, manifestNo: 'M2' },
  { ...exampleSeal, sealId: 'S2', state: 'VERIFIED' },
  { ...exampleFitness, certificateNo: 'F2', used: false, validTo },
  exampleRelease({ releaseId: 'R2', usesLeft: 2, subject: { kind: 'TRIP', key: 'T1' } }),
  exampleRelease({ releaseId: 'R3', state: 'CONSUMED', usesLeft: 0 }),
]

t.test(
  'thirty days after a trip crossed it leaves the lists, with the papers used up on it and no others',
  async (t) => {
    const clock = new ManualClock(now)
    const dir = t.testdir({
      'draws.ndjson': [...goes, ...stays]
        .filter(({ kind }) => kind === 'draw')
        .map((entry) => JSON.stringify(entry))
        .join('\n'),
    })
    const draws = path.join(dir, 'draws.ndjson')
    const gateway = await startIn(
      t,
      dir,
      {
        predecision: { enabled: false },
        session: { idleMs: day },
        // Nobody may write draws.
        initialLists: { draws },
      },
      clock,
    )
    await gateway.signIn()
    const byList = new Map<ListName, ListEntry[]>()
    for (const entry of [...goes, ...stays])
      byList.set(listOf(entry), [...(byList.get(listOf(entry)) ?? []), entry])
    byList.delete('draws')
    // The same truck came so often that a lane could not tell its trips apart any more.
    const often = Array.from({ length: findMax }, (_, n) => ({
      ...exampleTrip,
      tripId: `OLD-${n}`,
      containers: [exampleBox],
      declarationNos: [],
      crossedAt: crossedAt - n,
    }))
    byList.get('trips')?.push(...often)
    for (const [list, upserts] of byList) {
      const { status, body } = await gateway.post(`/api/lists/${list}/changes`, { upserts, deletes: [] })
      t.equal(status, 200, `${list} ${JSON.stringify(body)}`)
    }
    byList.set('draws', [])
    clock.advance(3_600_000)
    const keysOf = async (list: ListName) =>
      (await gateway.get<{ entries: ListEntry[] }>(`/api/lists/${list}?limit=1000`)).body.entries.map(
        listKeyOf,
      )
    await gateway.until(async () => (await keysOf('trips')).length <= 2)
    for (const list of byList.keys()) {
      const wanted = stays.filter((entry) => listOf(entry) === list).map(listKeyOf)
      t.same(await keysOf(list), wanted.sort(), list)
    }
  },
)

t.test(
  'used-up trips leave wherever they stand in a long list, and are looked for in short turns',
  async (t) => {
    const { memory, database } = await storeIn(t.testdir())
    t.teardown(() => database.close())
    const given = { database, memory, clock: new ManualClock(now), log: silentLogger }
    const lists = new Lists({ ...given, onVersion: () => undefined })
    t.teardown(() => {
      lists.close()
    })
    await lists.prepare({})
    const bare = { ...exampleTrip, declarationNos: [], containers: [], sealIds: [] }
    const trips = Array.from({ length: 9_200 }, (_, n): TripEntry => {
      const tripId = `T${String(n).padStart(5, '0')}`
      const isOld = n < 600 || n === 4_500 || n >= 8_300
      return { ...bare, tripId, manifestNo: `M${n}`, ...(isOld && { crossedAt }) }
    })
    await lists.importLines('trips', trips.map((trip) => JSON.stringify(trip)).join('\n'), 'li')
    t.equal(await lists.forgetUsedUp(now - 30 * day), 1_501)
    t.equal(memory.head('trips')?.contentHash, contentOf(trips.filter((trip) => !trip.crossedAt)).contentHash)
    t.equal(await lists.forgetUsedUp(now - 30 * day), 0)
  },
)
