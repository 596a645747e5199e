import t from 'tap'
import { exampleAccount, exampleDriver } from '../decision/cargo-examples.js'
import { exampleNowMs } from '../decision/examples.js'
import { comeWithout, findings, ladenLane, primary, weighed } from './example-truck.js'

t.test('a truck that is too heavy is weighed again once, and then held', (t) => {
  const lane = ladenLane()
  lane.sense({ entryLoop: 'occupied' })
  lane.hear('E1')
  lane.hear('E1')
  lane.senseLoad(findings.card, findings.temperature, findings.container, findings.seal, weighed(33_000))
  lane.pass(10_000)
  t.equal(lane.at, 'escalated')
  t.match(
    lane.done.findLast((effect) => effect.do === 'guide'),
    { prompt: 'prompt.reweigh' },
  )
  lane.senseLoad(weighed(33_000))
  t.equal(primary(lane), 'WGT-02')
  t.match(lane.of('decided').at(-1)?.body['decision'], { outcome: 'hold' })
  t.match(lane.state.passage?.cargo.seen.weight, { tries: 2, earlierKg: [33_000] })
  lane.senseLoad(weighed(30_000))
  t.equal(lane.raises.length, 0, 'a hold is not undone by weighing until it fits')
  t.end()
})

t.test('who is weighed too heavy is asked to the scale again at once, and told to wait when it fits', (t) => {
  const lane = ladenLane()
  const shown = () => lane.done.findLast((effect) => effect.do === 'guide')
  comeWithout(lane, 'weight', 'temperature')
  lane.senseLoad(weighed(33_000))
  lane.pass(2_000)
  t.equal(lane.at, 'identifying')
  t.match(shown(), { light: 'red', prompt: 'prompt.reweigh' })
  lane.senseLoad(findings.weight)
  t.equal(lane.at, 'identifying', 'its driver is still to be measured')
  t.match(shown(), { light: 'red', prompt: 'prompt.wait' })
  t.end()
})

t.test(
  'a driver is reminded of a low account and of an early end of his certificate once the bar is up',
  (t) => {
    const day = 86_400_000
    const poor = { ...exampleAccount, balanceFen: 100 }
    const due = { ...exampleDriver, healthCertificateValidTo: exampleNowMs + 20 * day }
    const lane = ladenLane({ account: poor, drivers: { K1: due } })
    comeWithout(lane)
    const guided = () => lane.done.flatMap((effect) => (effect.do === 'guide' ? [effect.prompt] : []))
    t.equal(guided().at(-1), 'prompt.pass')
    lane.raiseBar()
    t.equal(guided().at(-1), 'prompt.topUp')
    lane.driveThrough()
    t.same(
      guided().filter((prompt) => /topUp|healthSoon/.test(prompt)),
      ['prompt.topUp', 'prompt.healthSoon'],
    )
    t.end()
  },
)

t.test('a truck that was badly weighed goes when the second weighing is right', (t) => {
  const lane = ladenLane()
  comeWithout(lane, 'weight')
  lane.senseLoad({ of: 'weight', grossKg: null, stable: false, onScale: true })
  lane.pass(10_000)
  t.equal(lane.at, 'escalated')
  lane.senseLoad(findings.weight)
  t.equal(lane.raises.length, 1)
  t.equal(lane.of('passageOpened').length, 1, 'on the same passage')
  t.end()
})
