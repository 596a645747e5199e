import t, { type Test } from 'tap'
import { systemClock } from '../../edge/base/clock.js'
import { Trial } from './trial.js'

// A whole site of processes takes its time on a machine that does other things as well.
t.setTimeout(600_000)

const noiseBytes = 12_000_000
const unpluggings = 50
const gatewayLives = 10
const backWithinMs = 5_000

const nowMs = () => systemClock.now().monoMs

t.test('a noisy, torn and unplugged serial line costs nothing but itself', async (t) => {
  const trial = await Trial.start(t, { mix: { known: 1 } })
  await trial.passes('lane-1')

  const quietMs = await cpuWithin(trial, 5_000)
  const fromMs = nowMs()
  const cpuBefore = trial.cpuMs('edge')
  await trial.site.yard({ do: 'noise', lane: 'lane-1', bytes: noiseBytes }, 120_000)
  const tookMs = nowMs() - fromMs
  const spentMs = trial.cpuMs('edge') - cpuBefore
  const ofNoiseMs = Math.round(spentMs - (quietMs * tookMs) / 5_000)
  t.ok(ofNoiseMs < 1_000, `${noiseBytes} bytes without a line end cost ${ofNoiseMs} ms of processor time`)
  t.comment(`noise took ${Math.round(tookMs)} ms of wall time, ${spentMs} ms of the edge in all`)
  await trial.until('the fault to be raised', () => recordedFault(trial, 'raised', 'reader.noisyLine'))
  await trial.passes('lane-1')
  await trial.until('the fault to be cleared', () => recordedFault(trial, 'cleared', 'reader.noisyLine'))

  // Half a report, the plug pulled, then whole ones: what is read must be a tag that there is.
  const tags = new Set(trial.site.arrivals.flatMap(({ vehicle }) => vehicle.tags.map((tag) => tag.epc)))
  for (let round = 1; round <= 5; round += 1) {
    await trial.site.yard({ do: 'halfReport', lane: 'lane-1', number: 500 + round })
    await trial.site.yard({ do: 'unplugReader', lane: 'lane-1' })
    await trial.site.yard({ do: 'plugReader', lane: 'lane-1' })
  }
  await trial.passes('lane-1')
  const heard = (await trial.recorded('tagObserved')).map(({ body }) => String(body['epc']))
  t.same(
    heard.filter((epc) => !tags.has(epc)),
    [],
    'no glued tag',
  )
  t.same(trial.lost, [])
})

t.test('a reader that is unplugged 50 times is heard again within 5 s each time', async (t) => {
  const trial = await Trial.start(t, { mix: { unknownTag: 1, known: 1 } })
  // It stands at the line and its tag is heard all the time.
  await trial.enter('lane-1', 'unknownTag')
  const escalation = await trial.escalation('lane-1')
  const rssBefore = trial.residentMb('edge')
  const cpuFrom = trial.cpuMs('edge')
  const fromMs = nowMs()
  let slowestMs = 0
  for (let round = 1; round <= unpluggings; round += 1) {
    await trial.site.yard({ do: 'unplugReader', lane: 'lane-1' })
    await trial.site.yard({ do: 'plugReader', lane: 'lane-1' })
    const pluggedMs = nowMs()
    const heardAt = systemClock.now().wallMs
    await trial.until('a read', async () => {
      const lane = (await trial.health())?.lanes.find((one) => one.lane === 'lane-1')
      return (lane?.lastTag?.heardAt ?? 0) > heardAt
    })
    slowestMs = Math.max(slowestMs, nowMs() - pluggedMs)
  }
  const share = (trial.cpuMs('edge') - cpuFrom) / (nowMs() - fromMs)
  const grownMb = trial.residentMb('edge') - rssBefore
  t.ok(
    slowestMs < backWithinMs,
    `slowest ${Math.round(slowestMs)} ms, told by health which comes 5 times a second`,
  )
  t.ok(share < 0.5, `the edge took ${Math.round(share * 100)} % of a core`)
  t.ok(grownMb < 40, `resident memory ${rssBefore} MB, ${grownMb} MB more afterwards`)
  t.comment(
    `${unpluggings} rounds: slowest ${Math.round(slowestMs)} ms, ${Math.round(share * 100)} % of a core, ${grownMb} MB grown`,
  )
  await trial.answer(escalation, 'release')
  await trial.until('the lane to be empty', async () => (await trial.lane('lane-1')).busy === 0)

  await gatewayDies(t, trial)
  t.same(trial.lost, [])
})

async function gatewayDies(t: Test, trial: Trial): Promise<void> {
  const rssBefore = trial.residentMb('edge')
  let slowestMs = 0
  for (let life = 1; life <= gatewayLives; life += 1) {
    await trial.site.parts.gateway.kill()
    await trial.site.startGateway()
    const startedMs = nowMs()
    await trial.site.signIn()
    await trial.until('the edge to be connected again', () => trial.health())
    slowestMs = Math.max(slowestMs, nowMs() - startedMs)
  }
  const grownMb = trial.residentMb('edge') - rssBefore
  t.ok(
    slowestMs < backWithinMs,
    `the uplink is back ${Math.round(slowestMs)} ms after the gateway at the latest`,
  )
  t.ok(grownMb < 40, `resident memory ${rssBefore} MB, ${grownMb} MB more`)
  const books = await trial.compareBooks()
  t.match(books, { lost: 0, duplicated: 0, inOrder: true })
  t.comment(
    `${gatewayLives} lives of the gateway: slowest ${Math.round(slowestMs)} ms, ${grownMb} MB grown`,
    books,
  )
}

async function recordedFault(trial: Trial, is: 'raised' | 'cleared', code: string): Promise<boolean> {
  const found = await trial.recorded('faultChanged', ({ body }) => body['is'] === is && body['code'] === code)
  return found.length > 0
}

/** What the edge needs for its ordinary business in so long. */
async function cpuWithin(trial: Trial, forMs: number): Promise<number> {
  const from = trial.cpuMs('edge')
  const untilMs = nowMs() + forMs
  await trial.until('a quiet while', () => nowMs() > untilMs)
  return trial.cpuMs('edge') - from
}
