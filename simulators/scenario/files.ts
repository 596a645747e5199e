import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { parse } from 'yaml'
import { messageOf } from '../../edge/base/error.js'
import { bad, type Result } from '../../edge/base/result.js'
import { upon } from './entries.js'
import { parseScenario, type Scenario } from './format.js'

/** Reads one scenario file (YAML or JSON). */
export function loadScenario(file: string): Result<Scenario> {
  let raw: unknown
  try {
    raw = withPapers(parse(readFileSync(file, 'utf8')), file)
  } catch (error) {
    return bad(
      file,
      messageOf(error),
      'The file, and the one of its papers, must be readable and hold YAML or JSON.',
    )
  }
  const parsed = parseScenario(raw)
  if (parsed.ok) return parsed
  return {
    ok: false,
    problems: parsed.problems.map((p) => ({ ...p, path: `${path.basename(file)}: ${p.path}` })),
  }
}

/** `papers: ../x.yaml` names a file whose lanes, lists and vehicles the scenario builds upon. */
function withPapers(raw: unknown, file: string): unknown {
  if (raw === null || typeof raw !== 'object' || !('papers' in raw)) return raw
  const { papers, ...own } = raw
  const base: unknown = parse(readFileSync(path.join(path.dirname(file), String(papers)), 'utf8'))
  return base !== null && typeof base === 'object' ? upon({ ...base }, own) : own
}

/** The scenario files of a folder and the folders in it, by name. */
export function scenarioFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ya?ml|json)$/.test(name))
    .sort()
    .map((name) => path.join(folder, name))
}
