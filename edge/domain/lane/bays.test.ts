import t from 'tap'
import { exampleOrder } from '../decision/examples.js'
import { bayFor } from './bays.js'
import { ExampleLane, exampleSettings } from './example-lane.js'
import { snapshotOf } from './snapshot.js'
import type { Bay, LaneSettings } from './types.js'

const bay = (id: string, ...reasons: readonly string[]): Bay => ({
  id,
  name: { 'zh-CN': `${id} 号台`, en: `bay ${id}` },
  ...(reasons.length > 0 && { reasons }),
})
const bays: readonly Bay[] = [bay('1', 'QUA-05'), bay('2'), bay('3', 'SEAL-02', 'RND-01'), bay('4')]
const idFor = (primary: string, ...codes: readonly string[]) => bayFor(bays, { primary, codes })?.id ?? null

t.test('the bay is that of the primary reason, then of another, then any', (t) => {
  t.equal(idFor('QUA-05', 'SEAL-02'), '1')
  t.equal(idFor('SEAL-02', 'QUA-05'), '3', 'the primary reason comes before the order of the bays')
  t.equal(idFor('DOC-02', 'QUA-05'), '1')
  t.equal(idFor('DOC-02'), '2')
  t.equal(bayFor([bay('1', 'QUA-05')], { primary: 'DOC-02', codes: [] }), null, 'none fits')
  t.equal(bayFor(undefined, { primary: 'DOC-02', codes: [] }), null)
  t.end()
})

t.test('a secret order leads to the bay of a draw', (t) => {
  t.equal(idFor('CTL-02S'), idFor('RND-01'))
  t.equal(idFor('DOC-02', 'CTL-02S'), '3')
  t.end()
})

const settings: LaneSettings = { ...exampleSettings, bays }

function heldBy(nature: 'OPEN' | 'SECRET', given = settings): ExampleLane {
  const lane = ExampleLane.started(given)
  lane.control.replaceOrders([exampleOrder({ nature })])
  lane.arrive('E1')
  return lane
}

t.test('a held vehicle is sent to a bay by name, and the inspection is asked for there', (t) => {
  const lane = heldBy('OPEN')
  const guided = lane.done.filter((effect) => effect.do === 'guide').at(-1)
  t.match(guided, { prompt: 'prompt.inspection', light: 'red', bay: { id: '2' } })
  t.match(lane.of('inspectionAsked')[0]?.body, { bay: '2' })
  t.equal(snapshotOf(lane.state, lane.view).bay, '2')
  const secret = heldBy('SECRET')
  t.match(secret.done.filter((effect) => effect.do === 'guide').at(-1), { bay: { id: '3' } })
  t.match(secret.of('inspectionAsked')[0]?.body, { bay: '3' })
  t.end()
})

t.test('without bays the board and the task name none', (t) => {
  const lane = heldBy('OPEN', exampleSettings)
  t.same(lane.done.filter((effect) => effect.do === 'guide').at(-1), {
    do: 'guide',
    light: 'red',
    prompt: 'prompt.inspection',
  })
  t.equal('bay' in (lane.of('inspectionAsked')[0]?.body ?? {}), false)
  t.equal(snapshotOf(lane.state, lane.view).bay, undefined)
  t.end()
})

t.test('the bay goes from the board when a person lets the vehicle go', (t) => {
  const lane = heldBy('OPEN')
  t.equal(snapshotOf(lane.state, lane.view).bay, '2')
  lane.answer('return')
  t.equal(snapshotOf(lane.state, lane.view).bay, undefined)
  t.end()
})
