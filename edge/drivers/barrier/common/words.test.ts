import t from 'tap'
import { unknownSignals, unknownSprayer } from '../../../interfaces/barrier.js'
import { encodeRaise, encodeSpray, isNews, positionOf, unknownOf } from './words.js'

t.test('a request to raise is one line with id, boot and lease, or no line at all', (t) => {
  const request = { commandId: 'edge-1.k3.lane-1.7.r1', plcBootId: 'boot-1', validUntilTick: 42 }
  t.equal(encodeRaise(request), 'raise;edge-1.k3.lane-1.7.r1;boot-1;42')
  t.equal(encodeRaise({ ...request, commandId: 'a;boot-2;99' }), null, 'an id cannot smuggle a lease in')
  t.equal(encodeRaise({ ...request, commandId: '' }), null)
  t.equal(encodeRaise({ ...request, commandId: 'x'.repeat(101) }), null)
  t.equal(encodeRaise({ ...request, plcBootId: 'b\n' }), null)
  t.equal(encodeRaise({ ...request, validUntilTick: 1.5 }), null)
  t.equal(encodeRaise({ ...request, validUntilTick: -1 }), null)
  t.end()
})

t.test('a request to spray is the same line with its least time', (t) => {
  const request = { commandId: 's1', plcBootId: 'boot-1', validUntilTick: 42 }
  t.equal(encodeSpray({ ...request, minSeconds: 30 }), 'spray;s1;boot-1;42;30')
  for (const minSeconds of [0, -1, 1.5, NaN]) t.equal(encodeSpray({ ...request, minSeconds }), null)
  t.equal(encodeSpray({ ...request, commandId: 's;1', minSeconds: 30 }), null)
  t.end()
})

t.test('only a bar that is said to be in exactly one place is believed to be there', (t) => {
  const levels = [true, false, null]
  for (const raised of levels)
    for (const lowered of levels)
      for (const moving of levels)
        for (const blocked of levels) {
          const bits = { raised, lowered, moving, blocked }
          const set = Object.entries(bits).filter(([, bit]) => bit === true)
          const expected = Object.values(bits).includes(null) || set.length !== 1 ? 'unknown' : set[0]?.[0]
          t.equal(positionOf(bits), expected, JSON.stringify(bits))
        }
  t.end()
})

t.test('a heartbeat that moves is no news, everything else is', (t) => {
  t.notOk(isNews({ ...unknownSignals, plcTick: 1 }, { ...unknownSignals, plcTick: 2 }))
  t.ok(isNews(unknownSignals, { ...unknownSignals, entryLoop: 'clear' }))
  t.ok(isNews({ ...unknownSignals, entryCount: 1 }, { ...unknownSignals, entryCount: 2 }))
  const sprayer = { ...unknownSprayer, state: 'ready' as const }
  t.ok(isNews(unknownSignals, unknownOf(true)), 'a sprayer of which nothing is known')
  t.ok(isNews(unknownOf(true), { ...unknownSignals, sprayer }))
  t.notOk(isNews({ ...unknownSignals, sprayer }, { ...unknownSignals, sprayer: { ...sprayer } }))
  t.ok(isNews({ ...unknownSignals, sprayer }, unknownSignals))
  t.end()
})
