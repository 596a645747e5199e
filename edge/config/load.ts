import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs'
import path from 'node:path'
import { LineCounter, parseDocument } from 'yaml'
import { messageOf } from '../base/error.js'
import { bad, ok, type Result } from '../base/result.js'
import { yamlProblems } from './yaml-problems.js'

/** Several times what 10,000 edges and 1,000 people take; what is longer is another file, and would take minutes to read. */
const fileMaxBytes = 2 * 1024 * 1024

/** Reads a YAML file (UTF-8, 2 MB at most) as plain data; syntax errors come with line and column. */
export function readYaml(file: string): Result<unknown> {
  let bytes: Buffer
  try {
    bytes = readAtMost(file, fileMaxBytes + 1)
  } catch (error) {
    return bad('', `cannot read ${file}: ${messageOf(error)}.`, 'Check the path and its permissions.')
  }
  if (bytes.length > fileMaxBytes)
    return bad('', `${file} is longer than 2 MB.`, 'Name the YAML file of the configuration.')
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    // Read all the same, a name in GBK would stand on the boards as question marks.
    return bad('', `${file} is not UTF-8.`, 'Save it as UTF-8, not as GBK (ANSI) or UTF-16.')
  }
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true })
  if (document.errors.length > 0) return { ok: false, problems: yamlProblems(document.errors, lines) }
  try {
    return ok(document.toJS({ maxAliasCount: 100 }) as unknown)
  } catch {
    // Aliases of aliases: a few lines that would fill the memory. Or an asterisk that was meant as one.
    return bad(
      '',
      'an alias (a value that begins with *) names nothing that is there, or too much.',
      'Write out what is repeated, or put the value in quotes.',
    )
  }
}

/** The beginning of a file; pipes and devices have no size to ask for, and may have no end. */
function readAtMost(file: string, maxBytes: number): Buffer {
  const handle = openSync(file, 'r')
  try {
    const bytes = Buffer.alloc(maxBytes)
    let length = 0
    while (length < maxBytes) {
      const read = readSync(handle, bytes, length, maxBytes - length, null)
      if (read === 0) break
      length += read
    }
    return bytes.subarray(0, length)
  } finally {
    closeSync(handle)
  }
}

/** Shortest secret of a device that is taken: some readers take no longer ones. */
const secretMinCharacters = 12

/** Reads a secret of one line from a file that only its owner may read (mode 0600 or stricter). */
export function readSecret(file: string): Result<string> {
  try {
    const mode = statSync(file).mode & 0o777
    if ((mode & 0o077) !== 0) {
      return bad('', `${file} may be read by others (mode ${mode.toString(8)}).`, `Run: chmod 600 ${file}`)
    }
    const secret = readFileSync(file, 'utf8').trim()
    if (secret.length < secretMinCharacters || /\s/.test(secret)) {
      return bad(
        '',
        `${file} must hold one line of at least ${secretMinCharacters} characters without spaces.`,
        `Make one: head -c 32 /dev/urandom | base64 -w0 > ${file}`,
      )
    }
    return ok(secret)
  } catch (error) {
    return bad(
      '',
      `cannot read ${file}: ${messageOf(error)}.`,
      `Check path and permissions, or make it: (umask 077; head -c 32 /dev/urandom | base64 -w0 > ${file})`,
    )
  }
}

/** A path of a configuration file, relative to that file. */
export function besideFile(configFile: string, named: string): string {
  return path.resolve(path.dirname(configFile), named)
}
