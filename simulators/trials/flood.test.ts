import t from 'tap'
import { sleep, systemClock } from '../../edge/base/clock.js'
import { Traffic } from './traffic.js'
import { spread, Trial } from './trial.js'

// A whole site of processes takes its time on a machine that does other things as well.
t.setTimeout(600_000)

const perSecond = 10_000
const phaseMs = 25_000
const flooded = 'lane-1'
const neighbours = ['lane-2', 'lane-3', 'lane-4', 'lane-5', 'lane-6'] as const
/** What the first flood may make the heap of the edge take: V8 gives little of it back while it is not asked to. */
const heapRoomMb = 220

t.test('a flood in one lane is no matter to the lanes beside it, and is over when it is over', async (t) => {
  const trial = await Trial.start(t, { mix: { known: 1 }, lanes: 1 + neighbours.length })
  await trial.passes(flooded)
  const traffic = new Traffic(trial, neighbours)

  const quiet = await phase(trial, null)
  const one = await phase(trial, 1)
  await trial.until('the flood to be told', () => recordedFault(trial, 'raised', 'reader.flooding'))
  await trial.untilCleared('reader.flooding', 'reader-lane-1')

  // The vehicle drives up into the flood, which is older than it.
  const many = phase(trial, 10_000)
  const arrival = await trial.enter(flooded, 'known')
  const escalation = await trial.escalation(flooded)
  t.ok(escalation.reasons.includes('ID-08'), 'too many tags: a person looks')
  await trial.until('that there are too many tags to be told', () =>
    trial.stands('lane.tooManyTags', flooded),
  )
  const during = await many
  t.equal(await trial.raises(flooded), quiet.raises, 'nobody is released in the flooded lane')

  await trial.untilCleared('reader.flooding', 'reader-lane-1')
  t.equal((await trial.seeOut(flooded, arrival)).how, 'through')
  await trial.untilCleared('lane.tooManyTags', flooded)
  await trial.passes(flooded)
  const after = await phase(trial, null)
  await traffic.stop()

  const phases = { quiet, 'one tag': one, 'many tags': during, after }
  for (const [name, { latency, edgeMb, sent, lost, counters, readsShed }] of Object.entries(phases)) {
    t.comment(
      `${name}: loop to decision beside it`,
      latency,
      `edge ${edgeMb} MB, reports on the wire ${sent}, beyond what the wire takes ${lost}, shed by the lane ${readsShed}`,
      counters,
    )
  }
  for (const [name, { latency, edgeMb }] of Object.entries({ one, during, after })) {
    t.ok(latency.count > 0, `${name}: the lanes beside it decide`)
    const { p50, p99 } = quiet.latency
    t.ok(latency.p50 < 1.5 * p50 + 250, `${name}: p50 ${latency.p50} ms, in quiet ${p50} ms`)
    t.ok(latency.p99 < 2 * p99 + 1_000, `${name}: p99 ${latency.p99} ms, in quiet ${p99} ms`)
    t.ok(edgeMb < quiet.edgeMb + heapRoomMb, `${name}: ${edgeMb} MB, in quiet ${quiet.edgeMb} MB`)
  }
  t.ok(during.edgeMb < one.edgeMb + 40, 'ten thousand tags take no more memory than one')
  t.ok(after.edgeMb < one.edgeMb + 40, 'and none of it grows')
  const atLeast = (phaseMs / 1_000) * (perSecond / 10)
  t.ok(one.sent > atLeast && during.sent > atLeast, 'there was a flood')
  t.ok((one.counters['coalesced'] ?? 0) > one.sent / 4, 'reads of one tag are added up')
  t.equal(one.counters['shed'] ?? 0, 0, 'and none of them is shed')
  t.ok((during.counters['shed'] ?? 0) > during.sent / 4, 'of too many tags the rest is shed and counted')
  t.match(await trial.compareBooks(), { lost: 0, duplicated: 0, inOrder: true })
  t.same(trial.lost, [])
})

async function recordedFault(trial: Trial, is: 'raised' | 'cleared', code: string): Promise<boolean> {
  const found = await trial.recorded('faultChanged', ({ body }) => body['is'] === is && body['code'] === code)
  return found.length > 0
}

/** What is seen within one phase, under a flood of so many different tags; null: without one. */
async function phase(trial: Trial, tags: number | null) {
  const before = await counted(trial)
  const wireBefore = await trial.lane(flooded)
  const from = (await trial.journal()).length
  if (tags !== null)
    await trial.site.yard({ do: 'flood', lane: flooded, tags, perSecond, forMs: phaseMs - 1_000 })
  await sleep(systemClock, 'trial', phaseMs)
  const durations = await decisionsSince(trial, from)
  const wire = await trial.lane(flooded)
  const now = await counted(trial)
  const since = (name: string): number => (now.all[name] ?? 0) - (before.all[name] ?? 0)
  return {
    latency: spread(durations),
    edgeMb: now.edgeMb,
    sent: wire.reportsSent - wireBefore.reportsSent,
    lost: wire.reportsLost - wireBefore.reportsLost,
    counters: Object.fromEntries(
      ['reads', 'coalesced', 'shed', 'discarded'].map((name) => [name, since(`reader-lane-1.${name}`)]),
    ) as Readonly<Record<string, number>>,
    readsShed: since(`${flooded}.readsShed`),
    raises: wire.acceptedTotal,
  }
}

/** From the loop to the first decision, milliseconds, of the passages opened since then beside the flood. */
async function decisionsSince(trial: Trial, from: number): Promise<number[]> {
  const openedMs = new Map<string | null, number>()
  const durations: number[] = []
  for (const { type, lane, passageId, monoMs } of (await trial.journal()).slice(from)) {
    if (lane === flooded) continue
    if (type === 'passageOpened') openedMs.set(passageId, monoMs)
    const since = openedMs.get(passageId)
    if (type !== 'decided' || since === undefined) continue
    openedMs.delete(passageId)
    durations.push(monoMs - since)
  }
  return durations
}

async function counted(trial: Trial): Promise<{ edgeMb: number; all: Readonly<Record<string, number>> }> {
  const health = await trial.until('a word of the edge', () => trial.health())
  return { edgeMb: trial.residentMb('edge'), all: health.counters }
}
