import type { Problem } from '../../base/result.js'
import { textOf, type TextValues } from './catalogue.js'
import type { LineCode } from './import-lines.js'

/** What is wrong with an entry of a list, for people of either language; `message` is the English text. */
export interface LineProblem extends Problem {
  /** The text is `lineProblem.<code>` of the catalogue. */
  readonly code: LineCode
  /** What stands in the braces of the text. */
  readonly values: TextValues
}

const foundMaxChars = 64

/** A problem at a place; what was found in a file is cut, because nobody knows how long it is. */
export function lineProblem(path: string, code: LineCode, values: TextValues = {}): LineProblem {
  const short = Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      name !== 'allowed' && typeof value === 'string' && value.length > foundMaxChars
        ? `${value.slice(0, foundMaxChars)}…`
        : value,
    ]),
  )
  return { path, code, values: short, message: textOf(`lineProblem.${code}`, 'en', short) }
}
