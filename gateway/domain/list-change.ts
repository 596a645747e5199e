import { canonicalJson } from '../../edge/base/canonical.js'
import { sha256Hex } from '../../edge/base/hash.js'
import type { Problem } from '../../edge/base/result.js'
import { listKeyOf, listKinds, type ListEntry, type ListName } from '../../edge/messages/entities.js'
import { lineProblem, type LineProblem } from '../../edge/messages/text/line-problem.js'
import { entryProblems, normaliseEntry } from './list-keys.js'

/** An entry as a list holds it: its key, and the hash of its canonical form. */
export interface HeldEntry {
  readonly key: string
  readonly hash: string
  readonly entry: ListEntry
  /** Its canonical JSON, where that was made already. */
  readonly text?: string
}

export function heldEntry(entry: ListEntry): HeldEntry {
  return { key: listKeyOf(entry), hash: sha256Hex(canonicalJson(entry)), entry }
}

/** The canonical JSON of an entry, which is what its hash is over. */
export function textOf({ entry, text }: HeldEntry): string {
  return text ?? canonicalJson(entry)
}

export interface Change {
  readonly upserts: readonly HeldEntry[]
  readonly deletes: readonly string[]
}

/** An entry as its list takes it, normalised, or what is wrong with it; paths are within the entry. */
export function checkEntry(
  list: ListName,
  raw: ListEntry,
):
  | { readonly ok: true; readonly entry: HeldEntry }
  | { readonly ok: false; readonly problems: LineProblem[] } {
  if (raw.kind !== listKinds[list]) {
    const values = { list, kind: listKinds[list], found: raw.kind }
    return { ok: false, problems: [lineProblem('kind', 'wrongKind', values)] }
  }
  const entry = normaliseEntry(raw)
  const problems = entryProblems(entry)
  return problems.length > 0 ? { ok: false, problems } : { ok: true, entry: heldEntry(entry) }
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
    if (seen.has(key)) problems.push(lineProblem(path, 'twiceInChange', { key }))
    seen.add(key)
  }
  asked.upserts.forEach((raw, index) => {
    const at = `upserts.${index}`
    const checked = checkEntry(list, raw)
    if (!checked.ok) {
      for (const problem of checked.problems) problems.push({ ...problem, path: `${at}.${problem.path}` })
      return
    }
    const { entry } = checked
    once(entry.key, at)
    if (held.get(entry.key) !== entry.hash) upserts.push(entry)
  })
  asked.deletes.forEach((key, index) => {
    const path = `deletes.${index}`
    once(key, path)
    if (!held.has(key)) problems.push(lineProblem(path, 'noSuchEntry', { list, key }))
  })
  if (problems.length > 0) return { ok: false, problems }
  return { ok: true, change: { upserts, deletes: asked.deletes } }
}
