import type { z } from 'zod'
import type { Problem } from '../../base/result.js'
import { lineTexts, type LineCode } from './import-lines.js'
import { lineProblem, type LineProblem } from './line-problem.js'

type Issue = z.core.$ZodIssue

const expectedCodes: Readonly<Record<string, LineCode>> = {
  string: 'notText',
  number: 'notNumber',
  int: 'notInteger',
  boolean: 'notBoolean',
  array: 'notArray',
  object: 'notObject',
}

/** Of strings, numbers and arrays, in that order. */
const limits = {
  too_small: ['textTooShort', 'tooSmall', 'tooFew'],
  too_big: ['textTooLong', 'tooLarge', 'tooMany'],
} as const

/**
 * What a schema says of a value that is no entry of a list, or not what a route takes, with its place. `raw`: the value,
 * of which a field may be missing.
 */
export function issueProblem(issue: Issue | undefined, raw: unknown): LineProblem {
  if (!issue) return lineProblem('', 'noEntry', { said: '' })
  const path = issue.path.map(String).join('.')
  if (isMissing(issue, raw)) return lineProblem(path, 'missing')
  switch (issue.code) {
    case 'invalid_type': {
      const code = expectedCodes[issue.expected]
      return code ? lineProblem(path, code) : lineProblem(path, 'form', { said: issue.message })
    }
    case 'invalid_value':
      return lineProblem(path, 'notOneOf', { allowed: issue.values.map(String).join(', ') })
    case 'unrecognized_keys':
      return lineProblem(path, 'unknownFields', { names: issue.keys.join(', ') })
    case 'too_small':
    case 'too_big': {
      const [ofText, ofNumber, ofArray] = limits[issue.code]
      const code = issue.origin === 'string' ? ofText : issue.origin === 'array' ? ofArray : ofNumber
      return lineProblem(path, code, {
        limit: Number(issue.code === 'too_small' ? issue.minimum : issue.maximum),
      })
    }
    case 'invalid_union': {
      const allowed = allowedIn(issue)
      return allowed === undefined
        ? lineProblem(path, 'form', { said: issue.message })
        : lineProblem(path, 'notOneOf', { allowed })
    }
    case 'invalid_format':
      return lineProblem(path, 'wrongForm', { form: issue.pattern ?? issue.format })
    case 'custom':
      return named(path, issue)
    default:
      return lineProblem(path, 'form', { said: issue.message })
  }
}

/** What a schema checks by itself says which text it has (`params`, edge/messages/entities.ts). */
function named(path: string, { params = {}, message }: Extract<Issue, { code: 'custom' }>): LineProblem {
  const { line: code, ...values } = params
  if (!isLineCode(code)) return lineProblem(path, 'form', { said: message })
  const texts = Object.entries(values).map(([name, value]) => [name, String(value)] as const)
  return lineProblem(path, code, Object.fromEntries(texts))
}

function isLineCode(code: unknown): code is LineCode {
  return typeof code === 'string' && Object.hasOwn(lineTexts, `lineProblem.${code}`)
}

/** What may stand here, where it is one of some values or kinds; undefined: it is more than that. */
function allowedIn(issue: Extract<Issue, { code: 'invalid_union' }>): string | undefined {
  if ('options' in issue && Array.isArray(issue.options)) return issue.options.map(String).join(', ')
  const branches = issue.errors.flat()
  const values = branches.flatMap((one) => (one.code === 'invalid_value' ? one.values : []))
  const isValuesOnly = branches.every((one) => one.code === 'invalid_value' && one.path.length === 0)
  return isValuesOnly && values.length > 0 ? values.map(String).join(', ') : undefined
}

function isMissing({ code, path }: Issue, raw: unknown): boolean {
  if (path.length === 0 || (code !== 'invalid_type' && code !== 'invalid_value' && code !== 'invalid_union'))
    return false
  return valueAt(path, raw) === undefined
}

function valueAt(path: Issue['path'], raw: unknown): unknown {
  let at: unknown = raw
  for (const name of path) {
    if (typeof at !== 'object' || at === null) return null
    at = Object.entries(at).find(([key]) => key === String(name))?.[1]
  }
  return at
}

const whereSettingsAreRemedy =
  'config/*.example.yaml shows the settings, and the README of a driver all of its own.'

/** What every schema says where it was given no words of its own (zod's English locale). */
const ownWords = /^(Invalid |Too (small|big)|Unrecognized |Not a multiple)/

/** The same of a setting of a configuration: where its schema has a sentence of its own, that one is said. */
function settingProblem(issue: Issue, raw: unknown): Problem {
  // What is wrong with the name of an entry is said at that entry.
  const ofName = issue.code === 'invalid_key' ? issue.issues[0] : undefined
  if (ofName) return settingProblem({ ...ofName, path: issue.path }, raw)
  const path = issue.path.map(String).join('.')
  if (issue.code === 'custom' || !ownWords.test(issue.message)) return { path, message: issue.message }
  if (issue.code === 'unrecognized_keys')
    return { ...issueProblem(issue, raw), remedy: whereSettingsAreRemedy }
  if (issue.code === 'invalid_format' && issue.format === 'url')
    return {
      path,
      message: 'this is no address.',
      remedy: 'Write it whole, as https://host:port or mqtts://host:port.',
    }
  if (issue.code !== 'invalid_type') return issueProblem(issue, raw)
  const value = valueAt(issue.path, raw)
  // A name with nothing behind it is null in YAML: whoever left it so has forgotten the value.
  if (value === null && path !== '') return lineProblem(path, 'missing')
  const remedy = 'Put it in quotes: without them it is no text.'
  const isBare = issue.expected === 'string' && ['number', 'boolean'].includes(typeof value)
  return { ...issueProblem(issue, raw), ...(isBare && { remedy }) }
}

/** All that a schema says of a configuration, in its order. How long something is that has the wrong type is not said. */
export function settingProblems(error: z.ZodError, raw: unknown): Problem[] {
  const ofWrongType = new Set(
    error.issues.flatMap(({ code, path }) => (code === 'invalid_type' ? [path.join('.')] : [])),
  )
  return error.issues
    .filter(
      ({ code, path }) => !(code === 'too_big' || code === 'too_small') || !ofWrongType.has(path.join('.')),
    )
    .map((issue) => settingProblem(issue, raw))
}
