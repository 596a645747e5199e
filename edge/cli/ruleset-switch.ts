import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { systemClock } from '../base/clock.js'
import { bad, ok, type Result } from '../base/result.js'
import { readJson, readPublicKey, verifyRuleset, type VerifiedRuleset } from '../config/ruleset.js'
import type { EdgeConfig } from '../config/parse.js'

/** Where a configuration keeps its ruleset, and the one before it. */
interface Place {
  readonly file: string
  readonly previous: string
  readonly publicKey: string
}

export interface Switched {
  readonly inForce: string
  /** Null: the thresholds of the configuration alone were in force before. */
  readonly before: string | null
}

/**
 * Puts a ruleset where the edge looks for it at its next start; the one that was there is kept beside it.
 * Refused with a reason, and nothing changed: one that does not hold, and a version of the same ruleset that
 * is not newer, since going back has a command of its own.
 */
export function activate(config: EdgeConfig, candidate: string): Result<Switched> {
  const place = placeOf(config)
  if (!place.ok) return place
  const fresh = verified(candidate, place.value.publicKey)
  if (!fresh.ok) return fresh
  const { file, previous } = place.value
  const before = existsSync(file) ? verified(file, place.value.publicKey) : null
  if (before?.ok === true) {
    const { id, version } = before.value.content
    if (id === fresh.value.content.id && fresh.value.content.version <= version)
      return bad(
        candidate,
        `is version ${fresh.value.content.version} of ${id}, and ${version} is in force.`,
        'Sign a higher version, or go back: lanekeeper ruleset back.',
      )
  }
  if (before !== null) put(previous, readFileSync(file, 'utf8'))
  put(file, readFileSync(candidate, 'utf8'))
  return ok({ inForce: fresh.value.name, before: before?.ok === true ? before.value.name : null })
}

/** Changes places with the ruleset before; once more comes back to this one. */
export function goBack(config: EdgeConfig): Result<Switched> {
  const place = placeOf(config)
  if (!place.ok) return place
  const { file, previous, publicKey } = place.value
  if (!existsSync(previous))
    return bad(previous, 'is not there.', 'There is nothing to go back to before a second activation.')
  const older = verified(previous, publicKey)
  if (!older.ok) return older
  const now = verified(file, publicKey)
  const [texts, old] = [readFileSync(file, 'utf8'), readFileSync(previous, 'utf8')]
  put(file, old)
  put(previous, texts)
  return ok({ inForce: older.value.name, before: now.ok ? now.value.name : null })
}

function placeOf(config: EdgeConfig): Result<Place> {
  const { file, publicKey } = config.ruleset ?? {}
  if (file === undefined || publicKey === undefined)
    return bad('ruleset', 'is not in the configuration.', 'Name ruleset.file and ruleset.publicKey there.')
  return ok({ file, previous: `${file}.previous`, publicKey })
}

function verified(file: string, publicKey: string): Result<VerifiedRuleset> {
  const key = readPublicKey(publicKey)
  if (!key.ok) return key
  const raw = readJson(file)
  return raw.ok ? verifyRuleset(raw.value, key.value, systemClock.now().wallMs) : raw
}

/** Whole or not at all: an edge may start at this moment. */
function put(file: string, text: string): void {
  const half = `${file}.new`
  writeFileSync(half, text, { mode: 0o644 })
  renameSync(half, file)
}
