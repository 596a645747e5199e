import type { Clock } from '../../../edge/base/clock.js'
import { initialModel, update, type Model, type PageEffect, type PageEvent } from './model.js'

/** Redraws at most this often: eight busy edges report 40 times a second, and nobody sees that. */
const redrawEveryMs = 100

export interface Store {
  readonly model: Model
  /** Takes effect before it returns, so that two presses of one button cannot both find it unpressed. */
  dispatch(event: PageEvent): void
  /** Calls back after changes, bundled; returns how to stop. */
  watch(listener: () => void): () => void
}

export function createStore(clock: Clock, run: (effect: PageEffect) => void): Store {
  let model = initialModel
  let drawnMs = -Infinity
  let waiting = false
  const listeners = new Set<() => void>()

  function draw(): void {
    waiting = false
    drawnMs = clock.now().monoMs
    for (const listener of listeners) listener()
  }

  return {
    get model() {
      return model
    },
    dispatch(event) {
      const change = update(model, event)
      const changed = change.model !== model
      model = change.model
      for (const effect of change.effects) run(effect)
      if (!changed || waiting) return
      waiting = true
      clock.after('redraw', Math.max(0, drawnMs + redrawEveryMs - clock.now().monoMs), draw)
    },
    watch(listener) {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
  }
}
