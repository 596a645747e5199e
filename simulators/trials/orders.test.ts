import t from 'tap'
import { sleep, systemClock } from '../../edge/base/clock.js'
import type { StoredEvent } from '../../edge/interfaces/journal.js'
import type { Arrival } from '../scenario/traffic.js'
import { Trial } from './trial.js'

// A whole site of processes takes its time on a machine that does other things as well.
t.setTimeout(600_000)

t.test('orders, and one who runs through: PLC and journal tell one story', async (t) => {
  const mix = { known: 4, secretNotify: 1, intercepted: 1, runsThrough: 1 }
  const trial = await Trial.start(t, { mix, lanes: 1 })
  await trial.passes('lane-1')

  const open = await trial.recorded('passageEnded')
  const watched = await trial.enter('lane-1', 'secretNotify')
  const seen = await trial.seeOut('lane-1', watched)
  t.same(seen, { how: 'through', alone: true }, 'a vehicle under a secret NOTIFY passes like any other')
  const control = open.at(-1)?.passageId ?? ''
  const story = await storyOf(trial, watched)
  t.equal(story.filter(({ type }) => type === 'silentAlert').length, 1, 'and is told of once')
  const visible = (events: readonly StoredEvent[]) =>
    events.filter(({ type }) => type === 'decided').map(({ body }) => shown(body['decision']))
  const controlStory = (await trial.journal()).filter(({ passageId }) => passageId === control)
  t.same(visible(story), visible(controlStory), 'what is shown is what the known vehicle was shown')

  const raised = await trial.raises('lane-1')
  const intercepted = await trial.enter('lane-1', 'intercepted')
  const escalation = await trial.escalation('lane-1')
  t.ok(escalation.interceptOrderIds.length > 0)
  const bare = { answer: 'release' as const, reason: 'papers seen', orderIds: [] satisfies string[] }
  await t.rejects(trial.client.verdict(escalation, bare), /422/, 'not without the number of the order')
  const mute = { answer: 'release' as const, reason: ' ', orderIds: [...escalation.interceptOrderIds] }
  await t.rejects(trial.client.verdict(escalation, mute), /422/, 'not without a reason')
  await sleep(systemClock, 'trial', 1_000)
  t.equal(await trial.raises('lane-1'), raised, 'the bar stays down')
  await trial.answer(escalation, 'release')
  t.equal(await trial.left(intercepted), 'through', 'released by reason and number')
  t.equal(await trial.raises('lane-1'), raised + 1)

  const runner = await trial.enter('lane-1', 'runsThrough')
  await trial.left(runner)
  await trial.until('the run-through in the journal', () => violation(trial, 'runThrough'))

  await trial.passes('lane-1')

  const lane = await trial.lane('lane-1')
  const intents = (await trial.recorded('barrierIntent')).map(({ body }) => String(body['commandId']))
  const taken = trial.acceptedIds()
  t.same(
    taken.filter((id) => !intents.includes(id)),
    [],
    'every raise stands in the journal',
  )
  t.equal(taken.length, lane.acceptedTotal)
  t.equal(lane.loweredOnVehicle, 0, 'the bar came down on nobody')
  const books = await trial.compareBooks()
  t.match(books, { lost: 0, duplicated: 0, inOrder: true })
  t.same(trial.lost, [])
  t.comment('truth', lane, 'books', books)
})

async function violation(trial: Trial, kind: string): Promise<boolean> {
  return (await trial.recorded('violation', ({ body }) => body['kind'] === kind)).length > 0
}

/** The events of the passage in which a vehicle's first tag was heard. */
async function storyOf(trial: Trial, arrival: Arrival): Promise<StoredEvent[]> {
  const epc = arrival.vehicle.tags[0]?.epc
  const events = await trial.journal()
  const heard = events.find(({ type, body }) => type === 'tagObserved' && body['epc'] === epc)
  return events.filter(({ passageId }) => passageId !== null && passageId === heard?.passageId)
}

/** The part of a decision that people at the lane can notice. */
function shown(decision: unknown): object {
  const { outcome, primary, prompt, advisories } = decision as Record<string, unknown>
  return { outcome, primary, prompt, advisories }
}
