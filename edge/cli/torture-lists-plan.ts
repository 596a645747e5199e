import { canonicalJson } from '../base/canonical.js'
import { SeededRandom } from '../base/random.js'
import { listWireVersion, type ListDelta, type ListHead } from '../messages/down.js'
import { listEntrySchema, listKeyOf, type ListEntry, type ListName } from '../messages/entities.js'
import { contentOf, leafOf } from '../messages/list-hash.js'
import { message, nowMs, signedRoot } from '../messages/trust/testing/site.js'
import type { ListPlan, PlannedChange, PlannedStep } from '../testing/list-plan.js'

/** A version of a list with everything in it. */
export interface Version {
  readonly head: ListHead
  readonly entries: readonly ListEntry[]
}

/** What is played on an edge, and what the judge knows of it. */
export interface TorturePlan {
  readonly plan: ListPlan
  /** What every list is before the first step, and the message that proves it. */
  readonly before: PlannedStep
  /** Every version of every list that was ever right. */
  readonly versions: ReadonlyMap<ListName, readonly Version[]>
  readonly root: string
}

export const tortureSite = 'site-1'

/** How many entries a list has; the longest takes several staging transactions and a checkpoint in between. */
const sizes: Readonly<Partial<Record<ListName, number>>> = {
  orders: 300,
  blacklist: 150,
  tags: 2_300,
  vehicles: 600,
  trips: 200,
}

/** Which lists come together in each step, and how. Twice, so that every list is also changed after a delta. */
const script: readonly (readonly (readonly [ListName, PlannedChange['by']])[])[] = [
  [['orders', 'full']],
  [['tags', 'full']],
  [['orders', 'delta']],
  [['tags', 'delta']],
  [
    ['vehicles', 'full'],
    ['blacklist', 'delta'],
    ['trips', 'full'],
  ],
  [['vehicles', 'delta']],
  [['blacklist', 'full']],
  [
    ['orders', 'full'],
    ['tags', 'full'],
  ],
  [
    ['trips', 'delta'],
    ['orders', 'delta'],
  ],
]

const makers: Readonly<Partial<Record<ListName, (n: number, salt: number) => ListEntry>>> = {
  orders: (n, salt) => ({
    ...{ kind: 'order', orderId: `O${n}`, agency: 'CUSTOMS', subject: { kind: 'TAG', key: `E${n % 250}` } },
    ...{ action: 'INTERCEPT', nature: 'OPEN', level: 2, reason: `look at it ${salt}`, validFrom: 0 },
    ...{ maxHits: 0, issuedBy: 'li' },
  }),
  blacklist: (n, salt) =>
    listEntrySchema.parse({
      ...{
        kind: 'blacklist',
        entryId: `B${n}`,
        agency: 'BORDER_POLICE',
        subject: { kind: 'PLATE', key: `P${n}` },
      },
      ...{ level: 'STOP', reason: `known ${salt}`, validFrom: 0 },
    }),
  tags: (n, salt) => ({ kind: 'tag', epc: `E${n}`, state: 'ACTIVE', vehicleId: `V${(n + salt) % 900}` }),
  vehicles: (n, salt) => ({
    ...{ kind: 'vehicle', vehicleId: `V${n}`, vehicleKind: 'TRUCK', carriesTag: true },
    plates: [`P${n}`, `Q${(n * 7 + salt) % 5_000}`].map((text) => ({ region: 'CN', text })),
  }),
  trips: (n, salt) =>
    listEntrySchema.parse({
      ...{ kind: 'trip', tripId: `T${n}`, vehicleId: `V${(n + salt) % 900}`, direction: 'in', load: 'L' },
      ...{ containers: [], declarationNos: [], sealIds: [], routeAreas: [], needsFitness: false },
      straightRelease: false,
    }),
}

export const plannedLists = Object.keys(sizes) as ListName[]

/** Steps and versions of one seed. */
export function makePlan(seed: number, rootFile: string): TorturePlan {
  const random = new SeededRandom(seed)
  const versions = new Map<ListName, Version[]>()
  const newest = (list: ListName): Version => (versions.get(list) as Version[]).at(-1) as Version
  for (const list of plannedLists) {
    const entries = Array.from({ length: sizes[list] ?? 0 }, (_, n) => make(list, n, 0))
    versions.set(list, [{ head: headOf(list, 1, entries), entries }])
  }
  let proofs = 0
  const prove = (): string => {
    const lists = Object.fromEntries(plannedLists.map((list) => [list, pick(newest(list).head)]))
    proofs += 1
    const snapshot = { version: 100 + proofs }
    const timestamp = { version: 1_000 + proofs, signedTime: nowMs + proofs }
    return JSON.stringify(message({ lists, snapshot, timestamp }))
  }
  const firsts = plannedLists.map((list): PlannedChange => ({ by: 'full', ...newest(list) }))
  const before = { proof: prove(), changes: firsts }
  const steps = script.map((lists): PlannedStep => {
    const changes = lists.map(([list, by]): PlannedChange => {
      const from = newest(list)
      const to = nextOf(list, from, by, random)
      versions.get(list)?.push(to)
      return by === 'full' ? { by, ...to } : { by, head: to.head, delta: deltaOf(from, to) }
    })
    return { proof: prove(), changes }
  })
  const plan = { site: tortureSite, wallMs: nowMs, rootFile, steps }
  return { plan, before, versions, root: JSON.stringify(signedRoot()) }
}

function make(list: ListName, n: number, salt: number): ListEntry {
  const maker = makers[list]
  if (!maker) throw new RangeError(`no entries are made for ${list}`)
  return maker(n, salt)
}

/** The next version: by a delta some entries come, change and go; in full nearly all of them do. */
function nextOf(list: ListName, from: Version, by: PlannedChange['by'], random: SeededRandom): Version {
  const version = from.head.version + 1
  const share = by === 'full' ? 0.8 : 0.1
  const kept = from.entries.flatMap((entry) => {
    if (!random.chance(share)) return [entry]
    const n = Number(listKeyOf(entry).slice(1))
    return random.chance(0.15) ? [] : [make(list, n, version)]
  })
  const came = Array.from({ length: Math.ceil(from.entries.length * 0.05) }, (_, n) =>
    make(list, 10_000 * version + n, version),
  )
  const entries = [...kept, ...came]
  // As the gateway sends it, or, now and then, in the order in which it was made.
  if (random.chance(0.7)) entries.sort((a, b) => leafOf(listKeyOf(a)) - leafOf(listKeyOf(b)))
  return { head: headOf(list, version, entries), entries }
}

export function headOf(list: ListName, version: number, entries: readonly ListEntry[]): ListHead {
  return { v: listWireVersion, list, version, ...contentOf(entries), publishedAt: nowMs }
}

/** What leads from one version to the other. */
export function deltaOf(from: Version, to: Version): ListDelta {
  const before = new Map(from.entries.map((entry) => [listKeyOf(entry), canonicalJson(entry)]))
  const after = new Set(to.entries.map(listKeyOf))
  return {
    ...{ v: listWireVersion, list: to.head.list, head: to.head },
    ...{ baseVersion: from.head.version, baseHash: from.head.contentHash },
    upserts: to.entries.filter((entry) => before.get(listKeyOf(entry)) !== canonicalJson(entry)),
    deletes: [...before.keys()].filter((key) => !after.has(key)),
  }
}

/** One more version of any list: what a healthy store takes next. */
export function oneMore(list: ListName, from: Version): Version {
  const entries = [...from.entries.slice(1), make(list, 990_000 + from.head.version, 9)]
  return { head: headOf(list, from.head.version + 1, entries), entries }
}

function pick({ version, count, contentHash }: ListHead) {
  return { version, count, contentHash }
}
