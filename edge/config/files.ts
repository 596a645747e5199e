import { X509Certificate } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { messageOf } from '../base/error.js'
import type { Problem, Result } from '../base/result.js'
import { readSecret } from './load.js'

/**
 * What is wrong with the files that an edge's configuration names: secrets, keys and certificates
 * that are missing, unreadable, readable by others, or something else than their name says. Devices
 * (`path`) and folders that are made on the first start (`dataDir`, `pkiDir`) are not looked at: a
 * reader that is not plugged in is a fault of the running edge and no mistake in its file.
 *
 * @param raw the content of the file, which need not be right otherwise
 */
export function edgeFileProblems(raw: unknown, beside: (named: string) => string): readonly Problem[] {
  return [...filesIn(raw, '')].flatMap(({ at, key, named }) => problemsWith(at, key, beside(named)))
}

interface NamedFile {
  readonly at: string
  readonly key: string
  readonly named: string
}

/** Every setting whose name ends in `File`, at any depth: the same names that are taken relative to the file. */
function* filesIn(value: unknown, at: string): Generator<NamedFile> {
  if (value === null || typeof value !== 'object') return
  for (const [key, member] of Object.entries(value) as [string, unknown][]) {
    const path = at === '' ? key : `${at}.${key}`
    if (typeof member === 'string' && key.endsWith('File')) yield { at: path, key, named: member }
    else yield* filesIn(member, path)
  }
}

function problemsWith(at: string, key: string, file: string): readonly Problem[] {
  if (key === 'secretFile') return placed(at, readSecret(file))
  // Written by the edge itself, at the first start.
  if (key === 'copyFile') return []
  try {
    const content = readFileSync(file)
    if (key === 'rootFile') return []
    if (key === 'keyFile') return openKey(at, file)
    return isCertificate(content) ? [] : [noCertificate(at, file)]
  } catch (error) {
    return [
      {
        path: at,
        message: `cannot read ${file}: ${messageOf(error)}.`,
        remedy: remedies[key] ?? anyFileRemedy,
      },
    ]
  }
}

const anyFileRemedy = 'Check the path and its permissions.'
const remedies: Readonly<Record<string, string>> = {
  rootFile: 'Take records/root.<n>.json of the folder of `lanekeeper keys`.',
  serverCertificateFile:
    "Export the PLC's own certificate from its engineering tool as PEM and put it there.",
  caFile: 'Put the certificate authority of that broker there, as PEM.',
}

function placed(at: string, result: Result<unknown>): readonly Problem[] {
  return result.ok ? [] : result.problems.map((problem) => ({ ...problem, path: at }))
}

function openKey(at: string, file: string): readonly Problem[] {
  const mode = statSync(file).mode & 0o777
  if ((mode & 0o077) === 0) return []
  const message = `${file} may be read by others (mode ${mode.toString(8)}).`
  return [{ path: at, message, remedy: `Run: chmod 600 ${file}` }]
}

function isCertificate(content: Buffer): boolean {
  try {
    return new X509Certificate(content).subject !== null
  } catch {
    return false
  }
}

function noCertificate(at: string, file: string): Problem {
  return {
    path: at,
    message: `${file} holds no certificate.`,
    remedy: 'It begins with -----BEGIN CERTIFICATE-----; a key or a request is something else.',
  }
}
