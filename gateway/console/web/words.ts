import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import {
  languages,
  textOf,
  type Language,
  type TextKey,
  type TextValues,
} from '../../../edge/messages/text/catalogue.js'

export interface Words {
  readonly language: Language
  /** The text of a key that stands in this code. */
  t(key: TextKey, values?: TextValues): string
  /** The text of a word from a message, e.g. `reason` and `ID-03`; the word itself where it is unknown here. */
  of(kind: string, word: string): string
  /** The same of a word that stands in an entry of a list, e.g. `agency` and `IQ`. */
  said(kind: string, word: string): string
  /** The text of a code with its values from an answer; where it is unknown here, what stood beside it. */
  told(kind: string, code: string | undefined, values: TextValues | undefined, otherwise: string): string
}

export function wordsIn(language: Language): Words {
  const of: Words['of'] = (kind, word) => {
    const key = `${kind}.${word}`
    const text = textOf(key, language)
    return text === key ? word : text
  }
  return {
    language,
    t: (key, values) => textOf(key, language, values),
    of,
    said: (kind, word) => of(`said.${kind}`, word),
    told: (kind, code, values, otherwise) => {
      const key = `${kind}.${code ?? ''}`
      const text = textOf(key, language, values)
      return text === key ? otherwise : text
    },
  }
}

export const WordsContext = createContext<Words>(wordsIn('en'))

export function useWords(): Words {
  return useContext(WordsContext)
}

const storageKey = 'lanekeeper.language'

/** The language last chosen here, else the browser's, else English. */
export function startLanguage(): Language {
  const kept = languages.find((one) => one === readKept())
  if (kept) return kept
  for (const wanted of navigator.languages) {
    if (/^zh\b/i.test(wanted)) return 'zh-CN'
    if (/^en\b/i.test(wanted)) return 'en'
  }
  return 'en'
}

/** Remembers the choice; a browser that keeps nothing simply asks again. */
export function keepLanguage(language: Language): void {
  try {
    localStorage.setItem(storageKey, language)
  } catch {
    // Storage may be switched off by policy; the choice then lasts as long as the page.
  }
}

function readKept(): string | null {
  try {
    return localStorage.getItem(storageKey)
  } catch {
    return null
  }
}
