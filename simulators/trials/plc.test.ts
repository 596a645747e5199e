import t, { type Test } from 'tap'
import { sleep, systemClock } from '../../edge/base/clock.js'
import { messageOf } from '../../edge/base/error.js'
import { Trial } from './trial.js'

// A whole site of processes takes its time on a machine that does other things as well.
t.setTimeout(600_000)

const rounds = 5
/** The lane works again so soon after its PLC is back. */
const backWithinMs = 5_000

const nowMs = () => systemClock.now().monoMs
const wallMs = () => systemClock.now().wallMs

t.test('no raise outlives the PLC that it was meant for', async (t) => {
  const trial = await Trial.start(t, { mix: { known: 1, unknownTag: 1 }, lanes: 1 })
  await trial.passes('lane-1')
  const rssBefore = trial.residentMb('edge')
  let slowestMs = 0
  for (let round = 1; round <= rounds; round += 1) {
    slowestMs = Math.max(slowestMs, await whileARaiseIsDue(t, trial))
    slowestMs = Math.max(slowestMs, await whileAPersonAnswers(t, trial))
  }
  const grownMb = trial.residentMb('edge') - rssBefore
  t.ok(slowestMs < backWithinMs, `the lane is back ${Math.round(slowestMs)} ms after the PLC at the latest`)
  t.ok(grownMb < 40, `resident memory ${rssBefore} MB, ${grownMb} MB more`)
  await outcomesAreRecorded(t, trial)
  t.comment(
    `${2 * rounds} stops: back within ${Math.round(slowestMs)} ms, edge ${rssBefore} MB and ${grownMb} more`,
  )

  await frozen(t, trial)
  await trial.passes('lane-1')
  t.match(await trial.compareBooks(), { lost: 0, duplicated: 0, inOrder: true })
  t.match(await trial.lane('lane-1'), { loweredOnVehicle: 0 })
  t.same(trial.lost, [])
})

/** The power goes the moment a vehicle that will be released comes onto the loop. */
async function whileARaiseIsDue(t: Test, trial: Trial): Promise<number> {
  const arrival = await trial.enter('lane-1', 'known')
  await trial.onLoop(arrival)
  await sleep(systemClock, 'trial', 200)
  await trial.site.yard({ do: 'stopPlc' })
  await sleep(systemClock, 'trial', 1_500)
  const tookMs = await restart(t, trial)
  await trial.seeOut('lane-1', arrival)
  return tookMs
}

/** The power goes while a vehicle is held, and the officer releases it before it is back. */
async function whileAPersonAnswers(t: Test, trial: Trial): Promise<number> {
  const arrival = await trial.enter('lane-1', 'unknownTag')
  const escalation = await trial.escalation('lane-1')
  await trial.site.yard({ do: 'stopPlc' })
  try {
    await trial.answer(escalation, 'release')
  } catch (error) {
    t.comment('the gateway said', messageOf(error))
  }
  await sleep(systemClock, 'trial', 1_500)
  const tookMs = await restart(t, trial)
  await trial.seeOut('lane-1', arrival)
  return tookMs
}

/** Powers the PLC on; nothing that was recorded before may raise the bar afterwards. How long the lane took. */
async function restart(t: Test, trial: Trial): Promise<number> {
  const takenBefore = new Set(trial.acceptedIds())
  const askedAt = wallMs()
  await trial.site.yard({ do: 'restartPlc' })
  const backMs = nowMs()
  await trial.until('the lane to see its PLC again', async () => {
    const health = await trial.health()
    return health?.lanes[0]?.barrier === 'lowered' && !(await trial.stands('barrier.disconnected', 'lane-1'))
  })
  const tookMs = nowMs() - backMs
  await sleep(systemClock, 'trial', 1_000)
  const intents = await trial.recorded('barrierIntent', (event) => event.recordedAt < askedAt)
  const old = new Set(intents.map(({ body }) => String(body['commandId'])))
  const late = trial.acceptedIds().filter((id) => !takenBefore.has(id) && old.has(id))
  t.same(late, [], 'no request from before the restart was taken after it')
  return tookMs
}

async function outcomesAreRecorded(t: Test, trial: Trial): Promise<void> {
  const intents = await trial.recorded('barrierIntent')
  const outcomes = await trial.recorded('barrierOutcome')
  const told = new Map(outcomes.map(({ body }) => [String(body['commandId']), String(body['outcome'])]))
  const taken = new Set(trial.acceptedIds())
  const silent = intents.map(({ body }) => String(body['commandId'])).filter((id) => !told.has(id))
  t.same(silent, [], 'what became of each raise is recorded')
  const wrong = [...told].filter(
    ([id, outcome]) => taken.has(id) && (outcome === 'refused' || outcome === 'notSent'),
  )
  t.same(wrong, [], 'and none that the PLC took is recorded as refused')
  const tally = [...told.values()].reduce<Record<string, number>>(
    (sum, outcome) => ({ ...sum, [outcome]: (sum[outcome] ?? 0) + 1 }),
    {},
  )
  const verdicts = await trial.recorded('verdictJudged')
  const answers = verdicts.map(({ body }) => String(body['why'] ?? 'accepted'))
  t.comment('raises', intents.length, tally, 'taken by the PLC', taken.size, 'verdicts', answers.join(', '))
}

/** A PLC that hangs with the request in its socket: when it goes on, the lease is over. */
async function frozen(t: Test, trial: Trial): Promise<void> {
  for (let tries = 1; tries <= 5; tries += 1) {
    const arrival = await trial.enter('lane-1', 'unknownTag')
    const escalation = await trial.escalation('lane-1')
    const before = await trial.lane('lane-1')
    const intentsBefore = (await trial.recorded('barrierIntent')).length
    trial.site.parts.sim.freeze()
    await trial.answer(escalation, 'release')
    await sleep(systemClock, 'trial', 6_000)
    const intent = (await trial.recorded('barrierIntent')).slice(intentsBefore)[0]
    trial.site.parts.sim.thaw()
    await sleep(systemClock, 'trial', 3_000)
    const after = await trial.lane('lane-1')
    const commandId = String(intent?.body['commandId'])
    t.notOk(trial.acceptedIds().includes(commandId), 'a request that waited in a frozen PLC is not taken')
    const outcome = intent
      ? await trial.until('its outcome', async () =>
          (await trial.recorded('barrierOutcome', ({ body }) => body['commandId'] === commandId)).at(-1),
        )
      : null
    await trial.seeOut('lane-1', arrival)
    t.comment(
      `frozen for 6 s: asked ${String(intent !== undefined)}, outcome ${String(outcome?.body['outcome'])}`,
      `(${String(outcome?.body['detail'])}), refused by the PLC ${after.refusedTotal - before.refusedTotal}`,
    )
    if (intent) return
  }
  t.fail('the edge noticed every time before the request was made')
}
