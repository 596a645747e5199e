import type { Problem } from '../base/result.js'
import { languages, textOf, type Language, type TextValues } from '../messages/text/catalogue.js'
import { sentencesInChinese } from './sentences/index.js'

/** What was asked for, and the arguments without that wish. */
export interface Asked {
  readonly language: Language
  /** What stood behind `--lang` and is no language that texts exist in. */
  readonly unknown?: string
  readonly args: readonly string[]
}

/** Locales as POSIX weighs them; ours is above them all, for whoever shares a box with others. */
const variables = ['LANEKEEPER_LANG', 'LC_ALL', 'LC_MESSAGES', 'LANG'] as const

/**
 * The language that the program speaks to a person: `--lang` anywhere among the arguments, else the first of
 * LANEKEEPER_LANG, LC_ALL, LC_MESSAGES and LANG that is set, else English. Any locale of Chinese reads as zh-CN.
 */
export function askedLanguage(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Asked {
  const end = args.includes('--') ? args.indexOf('--') : args.length
  const rest: string[] = []
  let wish: string | undefined
  for (let at = 0; at < end; at += 1) {
    const arg = args[at] ?? ''
    if (arg === '--lang') wish = args[(at += 1)] ?? ''
    else if (arg.startsWith('--lang=')) wish = arg.slice('--lang='.length)
    else rest.push(arg)
  }
  rest.push(...args.slice(end))
  const set = variables.map((name) => env[name]).find((value) => value !== undefined && value !== '')
  const fallback: Language = set?.toLowerCase().startsWith('zh') === true ? 'zh-CN' : 'en'
  if (wish === undefined) return { language: fallback, args: rest }
  const language = languages.find((one) => one === wish)
  if (language === undefined) return { language: fallback, unknown: wish, args: rest }
  return { language, args: rest }
}

/** A command line is read once, before the first command is loaded. */
export const asked: Asked = askedLanguage(process.argv.slice(2), process.env)

/** The language of this process. */
export const spoken: Language = asked.language

/** What makes a sentence of a template. */
type Tell = (words: TemplateStringsArray, ...values: readonly (string | number)[]) => string

/**
 * A sentence in the language of this process: told`${file} holds ${count} entries`. The English words are the key of
 * the Chinese ones, in which {0} and {1} stand for the values.
 */
export const told: Tell = toldIn(spoken)

function toldIn(language: Language): Tell {
  return (words, ...values) => {
    const english = words.reduce((text, word, index) => `${text}{${index - 1}}${word}`)
    const sentence = language === 'en' ? english : (sentencesInChinese[english] ?? english)
    return sentence.replace(/\{(\d+)\}/g, (whole, index: string) => String(values[Number(index)] ?? whole))
  }
}

/** A problem of a configuration or file, on one line. */
export function toldProblem(problem: Problem, language: Language = spoken): string {
  const { path, message, remedy } = problem
  const told = toldIn(language)
  const [, line, column] = /^line (\d+), column (\d+)$/.exec(path) ?? []
  const place = line && column ? told`line ${line}, column ${column}` : path === '' ? told`(whole)` : path
  const said = isCoded(problem)
    ? textOf(`lineProblem.${problem.code}`, language, problem.values)
    : translated(message, language)
  if (remedy === undefined) return `${place}: ${said}`
  const end = /[.。]$/.test(said) ? '' : language === 'en' ? '.' : '。'
  return `${place}: ${said}${end}${language === 'en' ? ' ' : ''}${translated(remedy, language)}`
}

function isCoded(problem: Problem): problem is Problem & { code: string; values: TextValues } {
  return 'code' in problem && 'values' in problem
}

/**
 * What was said in English elsewhere, as problems and errors are: found again by its words, whole, by line, or behind the
 * place it speaks of. What is not known stays as it is: whoever reads it in English has lost less than who reads nothing.
 */
export function translated(english: string, language: Language = spoken): string {
  if (language === 'en') return english
  return english.split('\n').map(lineInChinese).join('\n')
}

/** An error ends with its code, which is the same in any language. */
const endCode = / \[[a-zA-Z]+\.[a-zA-Z]+\]$/

function lineInChinese(line: string): string {
  const code = endCode.exec(line)?.[0] ?? ''
  return `${withoutCode(line.slice(0, line.length - code.length))}${code}`
}

function withoutCode(english: string): string {
  const whole = sentenceInChinese(english)
  if (whole !== undefined) return whole
  for (const { index } of english.matchAll(/\. /g)) {
    const first = sentenceInChinese(english.slice(0, index + 1))
    if (first !== undefined) return `${first}${withoutCode(english.slice(index + 2))}`
  }
  for (const { index } of english.matchAll(/: /g)) {
    const rest = sentenceInChinese(english.slice(index + 2))
    if (rest !== undefined) return `${english.slice(0, index)}：${rest}`
  }
  return english
}

function sentenceInChinese(english: string): string | undefined {
  for (const [pattern, chinese] of patterns()) {
    const found = pattern.exec(english)
    if (found)
      return chinese.replace(/\{(\d+)\}/g, (_, index: string) => {
        const value = found[Number(index) + 1] ?? ''
        // One word is a name, even one that is also a word of ours: a lane may be called signed.
        return (value.includes(' ') ? sentenceInChinese(value) : undefined) ?? value
      })
  }
  return undefined
}

let known: readonly (readonly [RegExp, string])[] | undefined

/** The more words of its own a sentence has, the earlier it is tried; one with hardly any would fit anything. */
function patterns(): readonly (readonly [RegExp, string])[] {
  known ??= Object.entries(sentencesInChinese)
    .filter(([english]) => isFoundAgain(english))
    .sort(([a], [b]) => wordsOf(b) - wordsOf(a))
    .map(([english, chinese]) => {
      const parts = english.split(/\{\d+\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      // A value is no second sentence.
      return [new RegExp(`^${parts.join('((?:(?!\\. [A-Z]).)*?)')}$`), chinese] as const
    })
  return known
}

/** Whether a sentence has enough words or marks of its own to be told from what others say. */
export function isFoundAgain(english: string): boolean {
  if (english.startsWith('{')) return wordsOf(english) > 10
  return !/^\w+ \{0\}$/.test(english)
}

function wordsOf(sentence: string): number {
  return sentence.replace(/\{\d+\}/g, '').length
}
