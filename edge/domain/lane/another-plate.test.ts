import t from 'tap'
import { ExampleLane } from './example-lane.js'

/** The entry loop sticks: what stood there leaves, and another vehicle comes, without a signal of it. */
function waitingForPerson(): ExampleLane {
  const lane = ExampleLane.started()
  lane.see('P1')
  lane.arrive('E404')
  lane.pass(1_000)
  return lane
}

t.test('an answer for one vehicle does not release another whose plate was read since', (t) => {
  const lane = waitingForPerson()
  t.equal(lane.at, 'escalated')
  const first = lane.of('escalationOpened').at(-1)?.body
  t.same(first?.['plates'], ['P1'])
  lane.pass(30_000)
  lane.see('P2')
  const second = lane.of('escalationOpened').at(-1)?.body
  t.not(second?.['escalationId'], first?.['escalationId'])
  t.same(second?.['plates'], ['P1', 'P2'], 'the person sees the new plate')
  t.equal(lane.of('escalationClosed').at(-1)?.body['why'], 'anotherPlate')
  lane.answer('release', { escalationId: String(first?.['escalationId']) })
  t.equal(lane.answers.at(-1), 'otherEscalation')
  t.same(lane.raises, [])
  lane.answer('release')
  t.equal(lane.raises.length, 1, 'an answer to the new one counts')
  t.same(lane.breaches, [])
  t.end()
})

t.test('also after a person said hold, and while the lists have not answered yet', (t) => {
  const lane = waitingForPerson()
  lane.answer('hold')
  const held = lane.of('escalationOpened').at(-1)?.body['escalationId']
  lane.answersLookups = false
  lane.see('P2')
  t.equal(lane.of('escalationOpened').at(-1)?.body['escalationId'], held)
  lane.answer('release')
  t.equal(lane.answers.at(-1), 'anotherPlate')
  t.same(lane.raises, [])
  lane.answersLookups = true
  lane.deliver({ on: 'facts', of: { kind: 'plate', key: 'P2' }, facts: lane.facts('plate', 'P2') })
  t.not(lane.of('escalationOpened').at(-1)?.body['escalationId'], held)
  t.equal(lane.at, 'escalated', 'a hold of a person is not undone by a plate')
  t.same(lane.breaches, [])
  t.end()
})

t.test(
  'its own second plate, an unsure reading and the same plate again take nothing from the person',
  (t) => {
    const lane = ExampleLane.started()
    lane.facts = (kind, key) => {
      const isPlate = key === 'P1' || key === 'ZZ1'
      const vehicle = {
        kind: 'vehicle' as const,
        vehicleId: 'V1',
        vehicleKind: 'CAR' as const,
        plates: [
          { region: 'CN' as const, text: 'P1' },
          { region: 'HK' as const, text: 'ZZ1' },
        ],
        carriesTag: true,
      }
      return { tag: null, vehicle: kind === 'plate' && isPlate ? vehicle : null }
    }
    lane.see('P1')
    lane.arrive('E404')
    lane.pass(1_000)
    lane.see('ZZ1')
    lane.see('P3', 0.5)
    lane.see('P1', 0.99)
    t.equal(lane.of('escalationOpened').length, 1)
    t.end()
  },
)

t.test('a plate is said once: what flickers is bounded by the plates of a passage', (t) => {
  const lane = waitingForPerson()
  for (let n = 0; n < 100; n++) lane.see(`Q${n}`)
  t.ok(lane.of('escalationOpened').length <= 17, `${lane.of('escalationOpened').length}`)
  t.ok(lane.of('decided').length <= 8)
  t.same(lane.breaches, [])
  t.end()
})
