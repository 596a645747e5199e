import { configSentences } from './config.js'
import { keySentences } from './keys.js'
import { listSentences } from './lists.js'
import { programSentences } from './program.js'

/**
 * The Chinese words of what the program says in English, {0} and {1} standing for values. A sentence is found by its
 * English words, because it is written where it is said; `sentences.test.ts` finds one that has no Chinese ones, and one
 * that nobody says any more.
 */
export const sentencesInChinese: Readonly<Record<string, string>> = {
  ...configSentences,
  ...programSentences,
  ...keySentences,
  ...listSentences,
}
