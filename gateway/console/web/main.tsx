import { render } from 'preact'
import { systemClock } from '../../../edge/base/clock.js'
import { systemRandom } from '../../../edge/base/random.js'
import { postVerdict } from './api.js'
import { keepLive } from './live.js'
import type { PageEffect } from './model.js'
import { Page } from './page.js'
import { createStore } from './store.js'
import './style/base.css'
import './style/lane.css'
import './style/drawing.css'
import './style/escalation.css'
import './style/tables.css'
import './style/tasks.css'
import './style/controls.css'
import './style/person.css'
import './style/desk.css'

const clock = systemClock

const store = createStore(clock, (effect: PageEffect) => {
  void postVerdict(effect.escalationId, effect.request).then((answered) => {
    switch (answered.is) {
      case 'taken':
        store.dispatch({
          on: 'answerTaken',
          escalationId: effect.escalationId,
          escalation: answered.escalation,
        })
        break
      case 'failed':
        store.dispatch({ on: 'answerFailed', escalationId: effect.escalationId, error: answered.error })
        break
      case 'signedOut':
        store.dispatch({ on: 'signedOut' })
        break
    }
  })
})

keepLive({ clock, random: systemRandom, dispatch: store.dispatch })

const place = document.getElementById('page')
if (place) render(<Page store={store} clock={clock} />, place)
