import { canonicalJson } from '../../edge/base/canonical.js'
import { sha256Hex } from '../../edge/base/hash.js'
import type { Problem } from '../../edge/base/result.js'
import { normalisePlate } from '../../edge/domain/tag/plate.js'
import {
  listKeyOf,
  listKinds,
  type ListEntry,
  type ListName,
  type VehicleEntry,
} from '../../edge/messages/entities.js'

/** An entry as a list holds it: its key, and the hash of its canonical form. */
export interface HeldEntry {
  readonly key: string
  readonly hash: string
  readonly entry: ListEntry
}

/** Brings the keys of an entry to the form in which the lanes look them up. */
export function normaliseEntry(entry: ListEntry): ListEntry {
  switch (entry.kind) {
    case 'tag':
      return { ...entry, epc: normaliseTag(entry.epc) }
    case 'vehicle':
      return { ...entry, plates: normalisePlates(entry.plates) }
    case 'order':
    case 'blacklist':
      return { ...entry, subject: { ...entry.subject, key: normaliseSubject(entry.subject) } }
    default:
      return entry
  }
}

export function heldEntry(entry: ListEntry): HeldEntry {
  return { key: listKeyOf(entry), hash: sha256Hex(canonicalJson(entry)), entry }
}

export interface Change {
  readonly upserts: readonly HeldEntry[]
  readonly deletes: readonly string[]
}

/**
 * A change as it may be applied, or all that is wrong with it. It is all or nothing, so a wrong kind,
 * a key named twice, or a delete of what is not there refuses the whole: a lift of an order that does
 * not exist is a typing error that somebody must hear of. Upserts that change nothing fall away.
 */
export function checkChange(
  list: ListName,
  asked: { readonly upserts: readonly ListEntry[]; readonly deletes: readonly string[] },
  held: ReadonlyMap<string, string>,
): { readonly ok: true; readonly change: Change } | { readonly ok: false; readonly problems: Problem[] } {
  const problems: Problem[] = []
  const seen = new Set<string>()
  const upserts: HeldEntry[] = []
  const once = (key: string, path: string) => {
    if (seen.has(key)) problems.push({ path, message: `the key ${key} is named twice in this change` })
    seen.add(key)
  }
  asked.upserts.forEach((raw, index) => {
    const path = `upserts.${index}`
    if (raw.kind !== listKinds[list]) {
      problems.push({
        path: `${path}.kind`,
        message: `the list ${list} holds ${listKinds[list]}, not ${raw.kind}`,
      })
      return
    }
    const entry = heldEntry(normaliseEntry(raw))
    once(entry.key, path)
    if (held.get(entry.key) !== entry.hash) upserts.push(entry)
  })
  asked.deletes.forEach((key, index) => {
    const path = `deletes.${index}`
    once(key, path)
    if (!held.has(key)) problems.push({ path, message: `the list ${list} has no entry ${key}` })
  })
  if (problems.length > 0) return { ok: false, problems }
  return { ok: true, change: { upserts, deletes: asked.deletes } }
}

/** The key as it stands in the list: tags are looked up in capitals. */
export function normaliseKey(list: ListName, key: string): string {
  return list === 'tags' ? normaliseTag(key) : key
}

const hexTag = /^[0-9a-f]+$/i

/** Hex identities in capitals; the text identities of other readers as they are. */
function normaliseTag(epc: string): string {
  const trimmed = epc.trim()
  return hexTag.test(trimmed) ? trimmed.toUpperCase() : trimmed
}

function normalisePlates(plates: VehicleEntry['plates']): VehicleEntry['plates'] {
  return plates.map((plate) => ({ ...plate, text: normalisePlate(plate.text) || plate.text }))
}

function normaliseSubject(subject: { readonly kind: string; readonly key: string }): string {
  if (subject.kind === 'PLATE') return normalisePlate(subject.key) || subject.key
  if (subject.kind === 'TAG') return normaliseTag(subject.key)
  return subject.key
}
