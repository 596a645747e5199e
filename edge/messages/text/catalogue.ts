import { prompts } from './prompts.js'
import { reasons } from './reasons.js'
import { refusals } from './refusals.js'
import { faults } from './faults.js'
import { consoleTexts } from './console.js'

/** Every text a person may see, in both languages. A missing one does not compile. */
export const languages = ['zh-CN', 'en'] as const
export type Language = (typeof languages)[number]
export type Text = Readonly<Record<Language, string>>

export const catalogue = { ...prompts, ...reasons, ...refusals, ...faults, ...consoleTexts } satisfies Record<
  string,
  Text
>
export type TextKey = keyof typeof catalogue

/** The text of a key; an unknown key shows itself, so that nothing is ever blank on a display. */
export function textOf(key: string, language: Language): string {
  const found = (catalogue as Record<string, Text>)[key]
  return found ? found[language] : key
}
