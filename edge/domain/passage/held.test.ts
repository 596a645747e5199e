import t from 'tap'
import { isHeld } from './passage.js'

t.test('only a person lets a vehicle go with which something must be done first', (t) => {
  const outcomes = ['release', 'disinfect', 'escalate', 'hold', 'lock'] as const
  t.same(outcomes.filter(isHeld), ['disinfect', 'hold', 'lock'])
  t.notOk(isHeld(undefined), 'nor judged yet')
  t.end()
})
