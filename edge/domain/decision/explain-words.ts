import { textOf, type Language } from '../../messages/text/catalogue.js'
import type { Explanation, FactSource, Line, Said, Section, SectionName } from './explanation.js'
import { rules } from './ruleset.js'

/** A section of an explanation as people read it. */
export interface SectionInWords {
  readonly about: SectionName
  readonly title: string
  readonly sentences: readonly string[]
}

/** No sentence is longer: a record may hold whatever an outside system wrote. */
export const sentenceMax = 600
const valueMax = 160
const listMax = 8
const marks: Readonly<Record<Language, { comma: string; semicolon: string; colon: string }>> = {
  'zh-CN': { comma: '、', semicolon: '；', colon: '：' },
  en: { comma: ', ', semicolon: '; ', colon: ': ' },
}

/** The sentences of an explanation, section by section; an empty section says so. */
export function inWords(explanation: Explanation, language: Language): SectionInWords[] {
  return explanation.sections.map((section) => ({
    about: section.about,
    title: textOf(`explain.section.${section.about}`, language),
    sentences: sentencesOf(section, language),
  }))
}

function sentencesOf({ lines, leftOut }: Section, language: Language): string[] {
  if (lines.length === 0) return [textOf('explain.none', language)]
  const sentences = lines.map((line) => sentence(line, language))
  return leftOut === 0 ? sentences : [...sentences, textOf('explain.more', language, { count: leftOut })]
}

function sentence(line: Line, language: Language): string {
  const text = `${said(line, language)}${line.from === undefined ? '' : sourceText(line.from, language)}`
  return cut(text, sentenceMax)
}

function sourceText({ list, version, ageMs }: FactSource, language: Language): string {
  const name = said({ word: `list.${list}` }, language)
  if (version === null) return textOf('explain.sourceNone', language, { list: name })
  if (ageMs === null) return textOf('explain.sourceNever', language, { list: name, version })
  return textOf('explain.source', language, { list: name, version, age: duration(ageMs, language) })
}

function said(value: Said, language: Language): string {
  if (typeof value === 'number') return String(value)
  if (typeof value === 'string') return cut(value, valueMax)
  if ('word' in value) return wordOr(value.word, language)
  if ('list' in value) return listText(value.list, language)
  if ('ms' in value) return duration(value.ms, language)
  if ('at' in value) return timeText(value.at)
  if ('condition' in value) return conditionText(value.condition, language)
  if ('evidence' in value) return evidenceText(value.evidence, language)
  const values = Object.entries(value.values ?? {}).map(([name, one]) => [name, said(one, language)] as const)
  return textOf(value.key, language, Object.fromEntries(values))
}

/** A value without a word shows itself, without the kind before it. */
function wordOr(key: string, language: Language): string {
  const text = textOf(key, language)
  return text === key ? cut(key.slice(key.lastIndexOf('.') + 1), valueMax) : text
}

function listText(items: readonly Said[], language: Language): string {
  if (items.length === 0) return '–'
  const shown = items.slice(0, listMax).map((item) => said(item, language))
  const more = items.length - shown.length
  return [...shown, ...(more > 0 ? [`+${more}`] : [])].join(marks[language].comma)
}

function conditionText(id: string, language: Language): string {
  const rule = rules.find((one) => one.id === id)
  if (rule === undefined) return id
  return language === 'en' ? rule.condition : rule.conditionZh
}

function evidenceText(evidence: Readonly<Record<string, string>>, language: Language): string {
  const pairs = Object.entries(evidence).sort(([a], [b]) => (a < b ? -1 : 1))
  if (pairs.length === 0) return ''
  const texts = pairs.map(([name, value]) =>
    [
      wordOr(`evidence.${name}`, language),
      name === 'missing' ? missingText(value, language) : cut(value, valueMax),
    ].join(marks[language].colon),
  )
  return textOf('explain.evidence', language, { pairs: texts.join(marks[language].semicolon) })
}

function missingText(names: string, language: Language): string {
  return listText(
    names.split(',').map((name) => ({ word: `missing.${name}` })),
    language,
  )
}

function duration(ms: number, language: Language): string {
  const [unit, , inUnit] = units.find(([, fromMs]) => Math.abs(ms) >= fromMs) ?? ['ms', 0, 1]
  const n = Math.round((ms / inUnit) * 10) / 10
  return textOf(`explain.${unit}`, language, { n })
}

/** The largest unit of which there are enough that a tenth of it does not matter. */
const units: readonly (readonly [unit: string, fromMs: number, inUnit: number])[] = [
  ['days', 2 * 86_400_000, 86_400_000],
  ['hours', 2 * 3_600_000, 3_600_000],
  ['minutes', 120_000, 60_000],
  ['seconds', 1_000, 1_000],
]

/** UTC, said so: an explanation is read in other offices than the lane's. */
function timeText(atMs: number): string {
  const date = new Date(atMs)
  return Number.isNaN(date.getTime()) ? String(atMs) : `${date.toISOString().slice(0, 19)}Z`
}

function cut(text: string, max: number): string {
  const [...letters] = text
  return letters.length <= max ? text : `${letters.slice(0, max - 1).join('')}…`
}
