import type { Trial } from './trial.js'

/** Known vehicles, one after the other in each of these lanes, until it is stopped. */
export class Traffic {
  readonly #runs: Promise<void>
  #open = true

  constructor(trial: Trial, lanes: readonly string[]) {
    const runs = lanes.map(async (lane) => {
      while (this.#open) await trial.seeOut(lane, await trial.enter(lane, 'known'))
    })
    this.#runs = Promise.all(runs).then(() => undefined)
    // Whoever awaits the end hears of it; until then it must not end the process.
    this.#runs.catch(() => undefined)
  }

  /** Rejects where a vehicle of it did not get through. */
  async stop(): Promise<void> {
    this.#open = false
    await this.#runs
  }
}
