import type { ListDelta, ListHead } from '../messages/down.js'
import type { ListEntry } from '../messages/entities.js'

/** One list brought to its next version: all of it, or what changed. */
export type PlannedChange =
  | { readonly by: 'full'; readonly head: ListHead; readonly entries: readonly ListEntry[] }
  | { readonly by: 'delta'; readonly head: ListHead; readonly delta: ListDelta }

/** Changes that come at the same time, under one proof. */
export interface PlannedStep {
  /** The message that names these versions, as the gateway sends it. */
  readonly proof: string
  readonly changes: readonly PlannedChange[]
}

/** What {@link file://./list-writer.ts} does to the lists of an edge, one step after the other. */
export interface ListPlan {
  readonly site: string
  /** The hour in which the proofs are fresh, UTC ms. */
  readonly wallMs: number
  readonly rootFile: string
  readonly steps: readonly PlannedStep[]
}

/** Where an edge keeps what was proven: in its data folder, and once more elsewhere; relative to the data folder. */
export const trustCopyNames = ['trust.json', 'trust-copy/trust.json'] as const

/**
 * What the writer says on standard output, a line each: `begin <step>`, `kept <step>` (the proof lies on the disk),
 * `staged <list> <entries>`, `verify <list>` (all entries are staged, or a delta begins), `done <list> <version>`.
 */
export type WriterMark =
  | { readonly is: 'begin' | 'kept'; readonly step: number }
  | { readonly is: 'staged'; readonly list: string; readonly entries: number }
  | { readonly is: 'verify'; readonly list: string }
  | { readonly is: 'done'; readonly list: string; readonly version: number }

/** Reads one line; null for anything else that a process may print. */
export function parseMark(line: string): WriterMark | null {
  const [is, what = '', more = ''] = line.trim().split(' ')
  switch (is) {
    case 'begin':
    case 'kept':
      return { is, step: Number(what) }
    case 'staged':
      return { is, list: what, entries: Number(more) }
    case 'verify':
      return { is, list: what }
    case 'done':
      return { is, list: what, version: Number(more) }
    default:
      return null
  }
}
