import fc from 'fast-check'
import t from 'tap'
import { canonicalJson } from '../../base/canonical.js'
import { SeededRandom } from '../../base/random.js'
import type { BlacklistEntry, ControlOrder } from '../../messages/entities.js'
import { decide, patienceMs, strengthOf } from './decide.js'
import { exampleBlacklisted, exampleInputs, exampleNowMs, exampleOrder } from './examples.js'
import {
  anyOrder,
  anySubject,
  mutations,
  put,
  withBlacklisted,
  withFacts,
  withLane,
  withOrder,
  type Mutation,
} from './mutations.js'
import type { Decision, DecisionInputs } from './types.js'

/** A fresh seed each run; `SEED=n` repeats one. */
const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31))
t.comment(`SEED=${seed}`)

/** The clear car, changed up to six times: about one in four is still released. */
const inputsArbitrary = fc
  .array(fc.record({ which: fc.nat(mutations.length - 1), with: fc.nat() }), { maxLength: 6 })
  .map((changes) =>
    changes.reduce(
      (inputs, change) => mutations[change.which]?.(inputs, new SeededRandom(change.with)) ?? inputs,
      exampleInputs(),
    ),
  )

interface Pass {
  pass(what: string): unknown
}

function check(
  t: Pass,
  runs: number,
  property: (inputs: DecisionInputs, random: SeededRandom) => void,
): void {
  fc.assert(
    fc.property(inputsArbitrary, fc.nat(), (inputs, salt) => {
      property(inputs, new SeededRandom(salt))
    }),
    { numRuns: runs, seed },
  )
  t.pass(`${runs} generated inputs`)
}

function must(holds: boolean, what: string, ...details: readonly unknown[]): void {
  if (!holds) throw new Error(`${what}: ${details.map((detail) => JSON.stringify(detail)).join(' ')}`)
}

const strength = (decision: Decision) => Math.max(...decision.reasons.map(strengthOf))

/** Everything that an agency could know the vehicle by, worked out without the code under test. */
function subjectsOf(inputs: DecisionInputs): ControlOrder['subject'][] {
  const { tags, plates } = inputs.observations
  const own = <T>(record: Readonly<Record<string, T>>, key: string): T | undefined =>
    Object.hasOwn(record, key) ? record[key] : undefined
  const near = tags.filter((tag) => tag.claim !== 'neighbour')
  const ids = [
    ...near
      .map((tag) => own(inputs.facts.tags, tag.epc))
      .map((entry) => (typeof entry === 'object' ? entry?.vehicleId : undefined)),
    ...plates.map((plate) => own(inputs.facts.plates, plate.plate.text)),
  ].filter((id): id is string => typeof id === 'string' && id !== 'unknown')
  const found = ids.map((id) => own(inputs.facts.vehicles, id)).filter((known) => typeof known === 'object')
  return [
    ...near.map((tag) => ({ kind: 'TAG', key: tag.epc }) as const),
    ...plates.map((plate) => ({ kind: 'PLATE', key: plate.plate.text }) as const),
    ...ids.map((key) => ({ kind: 'VEHICLE', key }) as const),
    ...found.flatMap(
      (known) => known?.plates.map(({ text }) => ({ kind: 'PLATE', key: text }) as const) ?? [],
    ),
    ...found.flatMap((known) =>
      known?.companyId === undefined ? [] : [{ kind: 'COMPANY', key: known.companyId } as const],
    ),
  ]
}

t.test('a vehicle under an effective INTERCEPT is never released, whatever else is so', (t) => {
  let tried = 0
  check(t, 5_000, (inputs, random) => {
    const subjects = subjectsOf(inputs)
    if (subjects.length === 0) return
    tried += 1
    const order = exampleOrder({
      subject: random.pick(subjects),
      nature: random.pick(['OPEN', 'SECRET'] as const),
    })
    const settled = { ...inputs, now: { ...inputs.now, wallMs: exampleNowMs } }
    const decision = decide(withOrder(settled, order))
    must(decision.outcome !== 'release', 'released', decision)
    if (settled.facts.orders === 'unknown') return
    must(strength(decision) >= 4, 'weaker than HOLD', decision)
    must(decision.interceptOrderIds.includes('O1'), 'order not named', decision)
  })
  t.ok(tried > 2_500, `${tried} of them had something to intercept`)
  t.end()
})

const objections: readonly Mutation[] = [
  (inputs, random) =>
    withOrder(
      inputs,
      exampleOrder({ ...anyOrder(random), action: random.pick(['INTERCEPT', 'LOCK', 'DOCS'] as const) }),
    ),
  (inputs, random) => withBlacklisted(inputs, exampleBlacklisted({ subject: anySubject(random) })),
  (inputs) => withLane(inputs, { intrusion: true }),
  (inputs) => withLane(inputs, { previousClosed: false }),
  (inputs) => withLane(inputs, { tooManyTags: true }),
  (inputs) => withLane(inputs, { barrier: 'blocked' }),
  (inputs) => ({ ...inputs, incidentId: 'I2' }),
  (inputs) => ({ ...inputs, devices: put(inputs.devices, 'another', false) }),
  (inputs) => ({ ...inputs, journalWritable: false }),
  (inputs) => ({ ...inputs, mode: 'CLOSED' }),
]

t.test('one objection more never makes an outcome weaker', (t) => {
  check(t, 5_000, (inputs, random) => {
    const before = decide(inputs)
    const after = decide(random.pick(objections)(inputs, random))
    must(strength(after) >= strength(before), 'weaker', before, after)
  })
  t.end()
})

/** Every way in which one thing of the inputs can be not known. */
function* unknownings(inputs: DecisionInputs): Generator<DecisionInputs> {
  const { facts } = inputs
  for (const key of Object.keys(facts.tags))
    yield withFacts(inputs, { tags: put(facts.tags, key, 'unknown') })
  for (const key of Object.keys(facts.vehicles))
    yield withFacts(inputs, { vehicles: put(facts.vehicles, key, 'unknown') })
  for (const key of Object.keys(facts.plates))
    yield withFacts(inputs, { plates: put(facts.plates, key, 'unknown') })
  yield withFacts(inputs, { orders: 'unknown' })
  yield withFacts(inputs, { blacklist: 'unknown' })
  yield withLane(inputs, { intrusion: 'unknown' })
  yield withLane(inputs, { previousClosed: 'unknown' })
  yield withLane(inputs, { entryLoop: 'unknown' })
  yield withLane(inputs, { exitLoop: 'unknown' })
  yield withLane(inputs, { barrier: 'unknown' })
  yield { ...inputs, profile: { ...inputs.profile, assumedLoad: 'unknown' } }
  yield { ...inputs, now: { ...inputs.now, clockQuality: 'untrusted' } }
  for (const key of Object.keys(inputs.devices))
    yield { ...inputs, devices: put(inputs.devices, key, 'unknown') }
  for (const list of inputs.lists) {
    yield { ...inputs, lists: inputs.lists.filter((other) => other !== list) }
    yield {
      ...inputs,
      lists: inputs.lists.map((other) => (other === list ? { ...list, ageMs: null } : other)),
    }
  }
  const { tags } = inputs.observations
  for (const tag of tags) {
    const ambiguous = tags.map((other) => (other === tag ? { ...tag, claim: 'ambiguous' as const } : other))
    if (tag.claim === 'mine') yield { ...inputs, observations: { ...inputs.observations, tags: ambiguous } }
  }
}

t.test('knowing less never turns another outcome into a release', (t) => {
  let compared = 0
  check(t, 3_000, (inputs) => {
    if (decide(inputs).outcome === 'release') return
    for (const less of unknownings(inputs)) {
      compared += 1
      const decision = decide(less)
      must(decision.outcome !== 'release', 'released', decide(inputs), decision)
    }
  })
  t.ok(compared > 20_000, `${compared} comparisons`)
  t.end()
})

t.test('what a release needs is needed: without any one of the required inputs nobody is released', (t) => {
  // Read by its tag alone: the facts of plates are not needed then.
  const clear = exampleInputs({ plates: [] })
  t.equal(decide(clear).outcome, 'release')
  const required = [...unknownings(clear)].filter((less) => {
    return canonicalJson(less.facts.plates) === canonicalJson(clear.facts.plates)
  })
  t.ok(required.length > 15)
  for (const less of required) t.not(decide(less).outcome, 'release')
  t.end()
})

function shuffled<T>(items: readonly T[], random: SeededRandom): T[] {
  return items
    .map((item) => ({ item, at: random.next() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item)
}

function mixed<T>(record: Readonly<Record<string, T>>, random: SeededRandom): Readonly<Record<string, T>> {
  return Object.fromEntries(shuffled(Object.entries(record), random))
}

t.test('the order in which things were heard or listed does not change one byte', (t) => {
  check(t, 4_000, (inputs, random) => {
    const { observations, facts } = inputs
    const other: DecisionInputs = {
      ...inputs,
      observations: {
        ...observations,
        tags: shuffled(observations.tags, random).map((tag) => ({
          ...tag,
          elsewhere: shuffled(tag.elsewhere, random),
        })),
        plates: shuffled(observations.plates, random),
      },
      facts: {
        tags: mixed(facts.tags, random),
        vehicles: mixed(facts.vehicles, random),
        plates: mixed(facts.plates, random),
        orders: facts.orders === 'unknown' ? facts.orders : shuffled(facts.orders, random),
        blacklist: facts.blacklist === 'unknown' ? facts.blacklist : shuffled(facts.blacklist, random),
      },
      lists: shuffled(inputs.lists, random),
      devices: mixed(inputs.devices, random),
    }
    must(
      JSON.stringify(decide(other)) === JSON.stringify(decide(inputs)),
      'differs',
      decide(inputs),
      decide(other),
    )
    must(patienceMs(other) === patienceMs(inputs), 'patience differs')
  })
  t.end()
})

t.test(
  'inputs that went through JSON are judged the same, byte for byte, and the first are left as they were',
  (t) => {
    check(t, 4_000, (inputs) => {
      const before = canonicalJson(inputs)
      const first = JSON.stringify(decide(inputs))
      const read: DecisionInputs = JSON.parse(JSON.stringify(inputs))
      must(JSON.stringify(decide(read)) === first, 'differs')
      must(canonicalJson(inputs) === before, 'the inputs were changed')
      must(canonicalJson(JSON.parse(first)) === canonicalJson(decide(inputs)), 'the decision is no JSON')
    })
    t.end()
  },
)

t.test('a NOTIFY order shows in the silent alerts and nowhere else', (t) => {
  check(t, 3_000, (inputs, random) => {
    if (inputs.facts.orders === 'unknown') return
    const nature = random.pick(['OPEN', 'SECRET'] as const)
    const order = exampleOrder({ orderId: 'N1', action: 'NOTIFY', nature, subject: anySubject(random) })
    const { silentAlerts: without, ...rest } = decide(inputs)
    const { silentAlerts, ...restWith } = decide(withOrder(inputs, order))
    must(canonicalJson(rest) === canonicalJson(restWith), 'shows', rest, restWith)
    must(
      without.every((id) => silentAlerts.includes(id)),
      'another alert is lost',
    )
    must(patienceMs(inputs) === patienceMs(withOrder(inputs, order)), 'changes the timing')
  })
  const alerted = decide(withOrder(exampleInputs(), exampleOrder({ orderId: 'N1', action: 'NOTIFY' })))
  t.same(alerted.silentAlerts, ['N1'], 'and there it does show')
  t.end()
})

/** Says again, in another way, what a release must rest on. */
function mayRelease(inputs: DecisionInputs): boolean {
  const { facts, observations, now } = inputs
  const { lane, tags, plates } = observations
  const near = tags.filter((tag) => tag.claim !== 'neighbour')
  const entries = near.map((tag) => (Object.hasOwn(facts.tags, tag.epc) ? facts.tags[tag.epc] : 'unknown'))
  const active = entries.every(
    (entry) =>
      typeof entry === 'object' && entry?.state === 'ACTIVE' && (entry.validTo ?? Infinity) >= now.wallMs,
  )
  const named =
    near.length > 0 || (inputs.profile.identifyBy === 'tagOrPlate' && plates.some((p) => p.confidence >= 0.9))
  const plateIds = plates.filter((p) => p.confidence >= 0.9).map((p) => facts.plates[p.plate.text])
  const idOf = (epc: string) => {
    const entry = Object.hasOwn(facts.tags, epc) ? facts.tags[epc] : null
    return typeof entry === 'object' ? entry?.vehicleId : undefined
  }
  const settled = near.every(
    (tag) =>
      tag.claim === 'mine' ||
      plateIds.includes(idOf(tag.epc)) ||
      near.some((other) => other.claim === 'mine' && idOf(other.epc) === idOf(tag.epc)),
  )
  const subjects = new Set(subjectsOf(inputs).map(({ kind, key }) => `${kind}:${key}`))
  const inForce = (entry: ControlOrder | BlacklistEntry) =>
    subjects.has(`${entry.subject.kind}:${entry.subject.key}`) &&
    entry.validFrom <= now.wallMs &&
    (entry.validTo ?? Infinity) >= now.wallMs
  const wanted =
    facts.orders === 'unknown' ||
    facts.blacklist === 'unknown' ||
    facts.orders.some((order) => order.action !== 'NOTIFY' && inForce(order)) ||
    facts.blacklist.some((entry) => entry.level === 'STOP' && inForce(entry))
  const fit =
    ['AUTO', 'ATTENDED', 'SHADOW'].includes(inputs.mode) &&
    inputs.journalWritable &&
    inputs.incidentId === null &&
    now.clockQuality !== 'untrusted' &&
    Object.values(inputs.devices).every((up) => up === true) &&
    inputs.lists.length === 4 &&
    inputs.lists.every((list) => list.ageMs !== null && list.ageMs >= -2_000 && list.ageMs <= 14_400_000)
  const clear =
    lane.entryLoop === 'occupied' &&
    lane.exitLoop !== 'unknown' &&
    lane.intrusion === false &&
    lane.previousClosed === true
  const bar = lane.barrier !== 'unknown' && lane.barrier !== 'blocked'
  return (
    active &&
    named &&
    settled &&
    !wanted &&
    fit &&
    clear &&
    bar &&
    !lane.tooManyTags &&
    inputs.profile.assumedLoad === 'V'
  )
}

t.test('whoever is released had everything that a release needs', (t) => {
  let released = 0
  check(t, 5_000, (inputs) => {
    const decision = decide(inputs)
    if (decision.outcome !== 'release') return
    released += 1
    must(mayRelease(inputs), 'released without', inputs, decision)
    must(
      decision.primary === 'OK-01' && decision.reasons.length === 1,
      'another reason beside the release',
      decision,
    )
    must(decision.vehicleId !== null, 'nobody is identified')
  })
  t.ok(released > 200, `${released} were released`)
  t.end()
})

t.test('every decision is complete: a primary reason of the strongest outcome, and nothing twice', (t) => {
  const outcomes = new Map<string, number>()
  check(t, 3_000, (inputs) => {
    const decision = decide(inputs)
    outcomes.set(decision.primary, (outcomes.get(decision.primary) ?? 0) + 1)
    const top = decision.reasons.find((reason) => strengthOf(reason) === strength(decision))
    must(decision.primary === top?.code && decision.outcome === top.outcome, 'wrong primary', decision)
    for (const names of [
      decision.advisories,
      decision.obligations,
      decision.silentAlerts,
      decision.interceptOrderIds,
    ])
      must(canonicalJson(names) === canonicalJson([...new Set(names)].sort()), 'twice or unsorted', names)
    must(patienceMs(inputs) >= 0 && patienceMs(inputs) <= 8_000, 'patience out of range')
  })
  t.ok(
    outcomes.size >= 12,
    `${outcomes.size} different primary reasons: ${[...outcomes.keys()].sort().join(' ')}`,
  )
  t.end()
})
