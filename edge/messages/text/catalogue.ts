import { apiErrors } from './api.js'
import { backofficeTexts } from './backoffice.js'
import { consoleTexts } from './console.js'
import { controlTexts } from './control.js'
import { enrolTexts } from './enrol.js'
import { evidence, explanations, lacks } from './explain.js'
import { faults } from './faults.js'
import { holdTexts } from './holds.js'
import type { Language, Text } from './language.js'
import { lineTexts } from './import-lines.js'
import { importTexts, listTexts } from './lists.js'
import { orderTexts } from './orders.js'
import { personTexts } from './person.js'
import { prompts } from './prompts.js'
import { reasons } from './reasons.js'
import { driverReasons } from './reasons-driver.js'
import { paperReasons } from './reasons-papers.js'
import { sealAndWeightReasons } from './reasons-seal-weight.js'
import { refusals } from './refusals.js'
import { said } from './said.js'
import { shadowTexts } from './shadow.js'
import { taskTexts } from './tasks.js'
import { words } from './words.js'

export { languages } from './language.js'
export type { Language, Text } from './language.js'

/** Every text a person may see, in both languages. A missing one does not compile. */
export const catalogue = {
  ...prompts,
  ...reasons,
  ...driverReasons,
  ...paperReasons,
  ...sealAndWeightReasons,
  ...refusals,
  ...faults,
  ...words,
  ...apiErrors,
  ...enrolTexts,
  ...consoleTexts,
  ...explanations,
  ...lacks,
  ...evidence,
  ...said,
  ...shadowTexts,
  ...taskTexts,
  ...controlTexts,
  ...personTexts,
  ...backofficeTexts,
  ...orderTexts,
  ...holdTexts,
  ...importTexts,
  ...lineTexts,
  ...listTexts,
} satisfies Record<string, Text>
export type TextKey = keyof typeof catalogue

/** What stands in the braces of a text, e.g. `{count}`. */
export type TextValues = Readonly<Record<string, string | number>>

/**
 * The text of a key, with `{name}` replaced by the value of that name. An unknown key shows itself,
 * so that nothing is ever blank on a display; so does a name without a value.
 */
export function textOf(key: string, language: Language, values: TextValues = {}): string {
  const found = Object.hasOwn(catalogue, key) ? (catalogue as Record<string, Text>)[key] : undefined
  if (!found) return key
  return found[language].replace(/\{(\w+)\}/g, (whole, name: string) =>
    Object.hasOwn(values, name) ? String(values[name]) : whole,
  )
}
