import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { parse } from 'yaml'
import { messageOf } from '../../edge/base/error.js'
import { bad, type Result } from '../../edge/base/result.js'
import { parseScenario, type Scenario } from './format.js'

/** Reads one scenario file (YAML or JSON). */
export function loadScenario(file: string): Result<Scenario> {
  let raw: unknown
  try {
    raw = parse(readFileSync(file, 'utf8'))
  } catch (error) {
    return bad(file, messageOf(error), 'The file must be readable and hold YAML or JSON.')
  }
  const parsed = parseScenario(raw)
  if (parsed.ok) return parsed
  return {
    ok: false,
    problems: parsed.problems.map((p) => ({ ...p, path: `${path.basename(file)}: ${p.path}` })),
  }
}

/** The scenario files of a folder and the folders in it, by name. */
export function scenarioFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ya?ml|json)$/.test(name))
    .sort()
    .map((name) => path.join(folder, name))
}
