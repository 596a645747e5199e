import type { LaneState } from '../domain/lane/state.js'
import type { Barrier } from '../interfaces/barrier.js'
import type { Language } from '../messages/text/catalogue.js'
import { voices } from '../messages/text/prompts.js'
import { boardText } from './board.js'

export type Shown = NonNullable<LaneState['shown']>

/** Light, LED board and voice of one lane. */
export class Sign {
  readonly #barrier: Pick<Barrier, 'guide'>
  readonly #language: Language

  constructor({ barrier, language }: { barrier: Pick<Barrier, 'guide'>; language: Language }) {
    this.#barrier = barrier
    this.#language = language
  }

  /** Shows it and says it. */
  show(shown: Shown): void {
    this.#write(shown, (voices as Readonly<Record<string, number>>)[shown.prompt] ?? 0)
  }

  /** Shows it only: before the line a voice would be taken for the word to the vehicle at the line. */
  showSilently(shown: Shown): void {
    this.#write(shown, 0)
  }

  #write({ light, prompt, bay }: Shown, voice: number): void {
    this.#barrier.guide({ light, text: boardText(prompt, bay, this.#language), voice })
  }
}
