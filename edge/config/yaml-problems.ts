import type { ErrorCode, LineCounter, YAMLParseError } from 'yaml'
import type { Problem } from '../base/result.js'

type Words = Pick<Problem, 'message' | 'remedy'>

const missing: Words = {
  message:
    'a colon and a blank behind a name, a dash before an item, or the end of a quote or bracket is missing, or the line is indented wrongly.',
  remedy: 'Compare with config/*.example.yaml.',
}
const runTogether: Words = {
  message: 'two settings run into each other, or a name has no colon and blank behind it.',
  remedy: 'Write one name and its value a line, and indent all lines of a block alike.',
}

/** What people get wrong in YAML, in words for who does not write it every day; the parser's own are for who does. */
const known: Partial<Record<ErrorCode, Words>> = {
  TAB_AS_INDENT: {
    message: 'a tab stands where only blanks may indent.',
    remedy: 'Replace tabs with blanks.',
  },
  DUPLICATE_KEY: {
    message: 'this name is not unique in its block.',
    remedy: 'Keep one of them.',
  },
  BAD_INDENT: {
    message: 'this line is indented otherwise than its block.',
    remedy: 'Give all lines of a block the same number of blanks.',
  },
  BAD_SCALAR_START: {
    message: 'a value may not begin with this sign.',
    remedy: 'Put the value in single quotes.',
  },
  BAD_DQ_ESCAPE: {
    message: 'a backslash in double quotes means something else.',
    remedy: 'Put the value in single quotes.',
  },
  UNEXPECTED_TOKEN: {
    message: 'this does not belong here.',
    remedy: 'Compare with config/*.example.yaml.',
  },
  MISSING_CHAR: missing,
  BLOCK_AS_IMPLICIT_KEY: runTogether,
  MULTILINE_IMPLICIT_KEY: runTogether,
}

/** Mistakes of YAML with line and column, the first of each line: the others of a line follow from it. */
export function yamlProblems(errors: readonly YAMLParseError[], lines: LineCounter): Problem[] {
  const byLine = new Map<number, Problem>()
  for (const { code, message, pos } of errors) {
    const { line, col } = lines.linePos(pos[0])
    if (byLine.has(line)) continue
    const words = known[code] ?? { message, remedy: 'Mend the YAML first.' }
    byLine.set(line, { path: `line ${line}, column ${col}`, ...words })
  }
  return [...byLine.values()]
}
