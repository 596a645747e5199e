import t from 'tap'
import { exampleBox, exampleDriver, exampleLaden, type LadenChange } from './cargo-examples.js'
import { cargoProfiles } from './cargo-profiles.js'
import { noCargoObservations } from './cargo.js'
import { decide, patienceMs } from './decide.js'
import { exampleInputs, exampleOrder } from './examples.js'
import type { DecisionInputs, LaneProfile } from './types.js'

const { roadInLaden, seaOutLaden } = cargoProfiles

function heard(inputs: DecisionInputs): string[] {
  return decide(inputs)
    .reasons.filter(({ row }) => row === 5 || row === 6)
    .map(({ row, code, outcome, safety }) => `${row} ${code} ${safety ? 'safety-' : ''}${outcome}`)
}

const lateTo = { senses: { presentForMs: 8_000 } } as const
const scenes: readonly (readonly [
  what: string,
  profile: LaneProfile,
  change: LadenChange,
  said: readonly string[],
])[] = [
  [
    'radiation in a lane that asks for no measurement',
    roadInLaden,
    { seen: { radiation: 'alarm' } },
    ['5 RAD-01 safety-escalate'],
  ],
  ['a portal that cannot tell, in a lane without need', roadInLaden, { seen: { radiation: 'unknown' } }, []],
  ['no portal, in a lane without need', roadInLaden, { ...lateTo, seen: { radiation: null } }, []],
  ['a portal that cannot tell', seaOutLaden, { seen: { radiation: 'unknown' } }, ['5 SYS-01 escalate']],
  [
    'no measurement in the end: no alarm either',
    seaOutLaden,
    { ...lateTo, seen: { radiation: null } },
    ['5 SYS-01 escalate'],
  ],
  ['a fever', roadInLaden, { seen: { temperature: 'fever' } }, ['6 HLT-01 hold']],
  [
    'a fever at the seaport, where nobody is let into the country',
    seaOutLaden,
    { seen: { temperature: 'fever' } },
    [],
  ],
  [
    'no temperature in the end: no fever either',
    roadInLaden,
    { ...lateTo, seen: { temperature: null } },
    ['6 SYS-01 escalate'],
  ],
  [
    'a fever of a driver who is declared sick as well',
    roadInLaden,
    {
      seen: { temperature: 'fever' },
      known: { drivers: { K1: { ...exampleDriver, declaredSick: true } } },
    },
    ['6 HLT-01 hold', '6 HLT-01 hold'],
  ],
]

for (const [what, profile, change, said] of scenes) {
  t.test(`${what}: ${said.join(', ') || 'nothing'}`, (t) => {
    t.same(heard(exampleLaden(change, profile)), said)
    t.end()
  })
}

t.test('a radiation alarm in a lane for cars stops a car', (t) => {
  const car = exampleInputs()
  const inputs: DecisionInputs = {
    ...car,
    observations: { ...car.observations, cargo: { ...noCargoObservations, radiation: 'alarm' } },
  }
  t.match(decide(inputs), { outcome: 'escalate', primary: 'RAD-01', prompt: 'prompt.stopAndWait' })
  t.end()
})

t.test('a radiation alarm goes before a lock, and leaves the lock to be done', (t) => {
  const lock = exampleOrder({ action: 'LOCK', subject: { kind: 'CONTAINER', key: exampleBox } })
  const decision = decide(exampleLaden({ seen: { radiation: 'alarm' }, facts: { orders: [lock] } }))
  t.match(decision, { outcome: 'escalate', primary: 'RAD-01' })
  t.same(decision.obligations, ['INSPECT', 'ISOLATE', 'LOCK'])
  t.end()
})

t.test('under a lock a fever leaves the health check to be done, and no inspection of the load', (t) => {
  const lock = exampleOrder({ action: 'LOCK', subject: { kind: 'CONTAINER', key: exampleBox } })
  const decision = decide(exampleLaden({ seen: { temperature: 'fever' }, facts: { orders: [lock] } }))
  t.match(decision, { outcome: 'lock', primary: 'CTL-01' })
  t.same(decision.obligations, ['HEALTH_CHECK'])
  t.end()
})

t.test('a measurement that may still come is waited for; an alarm is not', (t) => {
  const waits = (seen: LadenChange['seen'], presentForMs: number) =>
    patienceMs(exampleLaden({ seen: seen ?? {}, senses: { presentForMs } }, seaOutLaden))
  t.equal(waits({ radiation: null }, 400), 7_600)
  t.equal(waits({ radiation: null }, 7_999), 1)
  t.equal(waits({ radiation: null }, 8_000), 0)
  t.equal(waits({ radiation: 'alarm' }, 400), 0)
  t.equal(waits({ radiation: 'unknown' }, 400), 0)
  t.end()
})
