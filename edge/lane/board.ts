import type { Bay } from '../domain/lane/types.js'
import { textOf, type Language } from '../messages/text/catalogue.js'

/** What the LED board says: the prompt, and the bay where it names one. */
export function boardText(prompt: string, bay: Bay | undefined, language: Language): string {
  const text = textOf(prompt, language)
  return bay === undefined
    ? text
    : textOf('explain.atBay', language, { prompt: text, bay: bay.name[language] })
}
