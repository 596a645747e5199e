import t from 'tap'
import { ManualClock } from '../../edge/base/clock.js'
import { anEscalation, aState } from './testing/samples.js'
import type { PageEffect } from './web/model.js'
import { createStore } from './web/store.js'

function opened() {
  const clock = new ManualClock()
  const effects: PageEffect[] = []
  let drawn = 0
  const store = createStore(clock, (effect) => effects.push(effect))
  const stop = store.watch(() => {
    drawn += 1
  })
  const hear = () => {
    store.dispatch({
      on: 'live',
      event: { is: 'snapshot', state: aState({ escalations: [anEscalation()] }) },
      monoMs: clock.now().monoMs,
    })
  }
  return { clock, store, effects, hear, stop, drawn: () => drawn }
}

t.test('a hundred reports in one moment are drawn once, and the last of them is what is seen', (t) => {
  const { clock, store, hear, drawn } = opened()
  for (let i = 0; i < 100; i += 1) hear()
  store.dispatch({ on: 'feedCut' })
  t.equal(drawn(), 0)
  clock.advance(0)
  t.equal(drawn(), 1)
  t.equal(store.model.feed, 'cut')

  hear()
  clock.advance(50)
  t.equal(drawn(), 1, 'the next waits its turn')
  clock.advance(50)
  t.equal(drawn(), 2)
  t.end()
})

t.test('two presses before anything is drawn send one answer', (t) => {
  const { store, effects, hear } = opened()
  hear()
  const press = {
    on: 'answer',
    escalationId: anEscalation().escalationId,
    answer: 'release',
    reason: '',
    orderIds: [],
  } as const
  store.dispatch(press)
  store.dispatch(press)
  t.equal(effects.length, 1)
  t.end()
})

t.test('an event that changes nothing draws nothing, and who stopped watching is left alone', (t) => {
  const { clock, store, hear, stop, drawn } = opened()
  store.dispatch({ on: 'answerFailed', escalationId: 'nobody', error: 'api.other' })
  clock.advance(1_000)
  t.equal(drawn(), 0)
  stop()
  hear()
  clock.advance(1_000)
  t.equal(drawn(), 0)
  t.end()
})
