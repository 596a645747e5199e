import t from 'tap'
import { sleep, systemClock } from '../../edge/base/clock.js'
import { goodLine, type LineQuality } from '../scenario/faultproxy.js'
import { spread, Trial } from './trial.js'

// A whole site of processes takes its time on a machine that does other things as well.
t.setTimeout(600_000)

/** How long the network is away; shorter for a quick look. */
const awayMs = Number(process.env['TRIAL_AWAY_MS'] ?? 60_000)

const backWithinMs = 5_000

const badLines: readonly (readonly [string, Partial<LineQuality>, number])[] = [
  ['slow and uneven', { delayMs: 400, jitterMs: 400 }, 8_000],
  ['narrow', { bytesPerSecond: 4_000 }, 8_000],
  ['deaf: what the edge sends vanishes', { swallows: 'toTarget' }, 8_000],
  ['mute: what the gateway sends vanishes', { swallows: 'toClient' }, 8_000],
]

t.test('with the network away the lanes decide alone, and nothing of it is lost or told twice', async (t) => {
  const trial = await Trial.start(t, { mix: { known: 1 }, pauseMs: 500, patienceMs: 20_000 })
  const { uplink } = trial.site
  await trial.site.yard({ do: 'openTraffic' })
  await trial.until('traffic', async () => (await trial.recorded('passageEnded')).length >= 2)

  const before = (await trial.journal()).length
  const cutAtMs = systemClock.now().monoMs
  uplink.setQuality({ refuses: true })
  uplink.cut()
  await sleep(systemClock, 'trial', awayMs)
  const meanwhile = (await trial.journal()).slice(before)
  const stateThen = await trial.client.state()
  t.equal(stateThen.edges[0]?.connected, false, 'the gateway has nobody to talk to')
  const of = (type: string) => meanwhile.filter((event) => event.type === type)
  const count = (type: string) => of(type).length
  const busTags = of('tagObserved').filter(({ body }) => body['readerId'] === 'reader-lane-2').length
  const busPlates = of('plateObserved').length
  const raised = of('barrierOutcome').filter(({ body }) => body['outcome'] === 'accepted').length
  t.ok(count('passageOpened') > 1 && count('decided') > 1, 'vehicles come and are judged')
  t.ok(raised > 1, 'and are released')
  t.ok(busTags > 0, 'MQTT readers are heard with the gateway away')
  const lanes = new Set(of('decided').map(({ lane }) => lane))
  t.same([...lanes].sort(), ['lane-1', 'lane-2'], 'in both lanes')
  t.comment(
    `away ${Math.round((systemClock.now().monoMs - cutAtMs) / 1000)} s: ${meanwhile.length} events,`,
    `${count('passageOpened')} passages, ${raised} raises, ${busTags} tags and ${busPlates} plates over MQTT`,
  )

  uplink.setQuality(goodLine)
  const backAtMs = systemClock.now().monoMs
  await trial.until('the edge to be back', () => trial.health())
  const backMs = Math.round(systemClock.now().monoMs - backAtMs)
  t.ok(backMs < backWithinMs, `back ${backMs} ms after the network`)
  t.comment(`back ${backMs} ms after the network`)

  for (const [how, quality, forMs] of badLines) {
    const passed = (await trial.recorded('passageEnded')).length
    uplink.setQuality(quality)
    await sleep(systemClock, 'trial', forMs)
    uplink.setQuality(goodLine)
    await trial.until(`passages on a line that is ${how}`, async () => {
      return (await trial.recorded('passageEnded')).length > passed
    })
  }
  uplink.halfOpen()
  await sleep(systemClock, 'trial', 3_000)
  const halfAtMs = systemClock.now().monoMs
  await trial.until('the edge to leave a half-open connection', () => trial.health())
  t.comment(`half open: heard of again after ${Math.round(systemClock.now().monoMs - halfAtMs) + 3_000} ms`)

  await trial.site.yard({ do: 'closeTraffic' })
  await trial.until('the lanes to be empty', async () => (await trial.site.yardStatus()).busy === 0)
  const books = await trial.compareBooks()
  t.match(books, { lost: 0, duplicated: 0, inOrder: true }, 'each event is at the gateway, once and in order')
  t.equal(books.stored, books.journaled)
  const durations = (await trial.recorded('passageEnded')).map(({ body }) => Number(body['durationMs']))
  t.comment('books', books, 'passages, ms', spread(durations))
  t.same(trial.lost, [])
})
