import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { rules } from '../domain/decision/ruleset.js'
import { decisionTable, type RowTest } from '../domain/decision/table.js'

/** The published decision tables, by file name, as they have to stand in docs/. */
export function decisionTableFiles(top = '.'): Readonly<Record<string, string>> {
  const tests = rowTestsIn(path.join(top, 'edge/domain/decision'))
  return {
    'decision-table.md': decisionTable('en', tests),
    'decision-table.zh-CN.md': decisionTable('zh-CN', tests),
  }
}

/** The tests of single rows, read from the sources: by the rows that they name, or by the codes that they expect. */
export function rowTestsIn(folder: string): RowTest[] {
  const files = readdirSync(folder).filter((name) =>
    /^(phase-.*\.test|decide\.test|decide-scenes)\.ts$/.test(name),
  )
  return files.sort().flatMap((file) => {
    const text = readFileSync(path.join(folder, file), 'utf8')
    return (
      [...scenesIn(text), ...testsIn(text)]
        // The scenes are run by the test beside them.
        .map(({ name, body }) => ({
          file: file.replace('-scenes.ts', '.test.ts'),
          name,
          rows: rowsIn(name, body),
        }))
        .filter(({ rows }) => rows.length > 0)
    )
  })
}

interface Piece {
  readonly name: string
  readonly body: string
}

const quoted = String.raw`'((?:[^'\\\n]|\\.)+)'`

/** Lines of a table of scenes: `  ['what is the matter', ...],`. */
function scenesIn(text: string): Piece[] {
  const start = new RegExp(String.raw`^ {2}\[\s*${quoted},`, 'gm')
  return [...text.matchAll(start)].map((found) => {
    const rest = text.slice(found.index)
    const end = rest.search(/\],\n(?! {4})/)
    return { name: found[1] ?? '', body: rest.slice(0, end < 0 ? rest.length : end) }
  })
}

/** `t.test('name', ...)` at the top of a file. */
function testsIn(text: string): Piece[] {
  const start = new RegExp(String.raw`^t\.test\(\s*${quoted}`, 'gm')
  return [...text.matchAll(start)].map((found) => {
    const rest = text.slice(found.index)
    const end = rest.indexOf('\n})') < 0 ? rest.length : rest.indexOf('\n})')
    const other = rest.indexOf('\n)\n') < 0 ? rest.length : rest.indexOf('\n)\n')
    return { name: found[1] ?? '', body: rest.slice(0, Math.min(end, other)) }
  })
}

/** Codes of the machine itself are given by many rows; only its own phase's tests are about its rows. */
const rowsByCode = new Map(
  rules.filter((rule) => !rule.code.startsWith('SYS-')).map((rule) => [rule.code, rule.row]),
)

/** A test that names rows is about those; else it is about the rows whose codes it expects. */
function rowsIn(name: string, body: string): number[] {
  const named = [...name.matchAll(/\brows? (\d+)(?:(?:,| and| to) (\d+))?/g)]
  const ofName = named.flatMap(([, first, second]) => [first, second].flatMap((row) => row ?? []))
  if (ofName.length > 0) return sorted(ofName.map(Number))
  const lines = [...body.matchAll(/['"](\d{1,2}) [A-Z]+-\d+S? /g)].map(([, row]) => Number(row))
  const codes = [...body.matchAll(/['"]([A-Z]+-\d+S?)['"]/g)].flatMap(
    ([, code]) => rowsByCode.get(code ?? '') ?? [],
  )
  return sorted([...lines, ...codes])
}

function sorted(rows: readonly number[]): number[] {
  return [...new Set(rows)].sort((a, b) => a - b)
}

/** `node dist/edge/cli/write-decision-table.js`, at the top of the project: writes them into docs/. */
if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  mkdirSync('docs', { recursive: true })
  for (const [name, content] of Object.entries(decisionTableFiles())) {
    writeFileSync(path.join('docs', name), content)
    process.stdout.write(`${path.join('docs', name)}\n`)
  }
}
