/** What somebody who starts a bench may say; each bench takes what concerns it. */
export interface BenchOptions {
  /** Lanes of the edge, 1 to 8. */
  readonly lanes?: number
  /** Passages to measure, over all lanes. */
  readonly passages?: number
  /** Reads a second a lane. */
  readonly reads?: number
  /** Edges that an order goes to; absent: 517 and 1,000. */
  readonly edges?: number
  /** Entries over all lists. */
  readonly entries?: number
  /** Starts of an edge that are measured, 1 or more; absent: 3. */
  readonly starts?: number
  /** Folder for what the bench writes, on the disk to be measured; absent: the system's temporary one. */
  readonly dir?: string
  /** Leave what was written, records and logs, to be looked at. */
  readonly keep?: boolean
  /** Folder for a CPU profile of the edge; absent: none is taken, it costs a few percent. */
  readonly profile?: string
  /** Seconds that each measured part of a small bench takes. */
  readonly seconds?: number
}

/** A line for whoever waits in front of the screen. */
export type Say = (line: string) => void

/** Figures of one run: plain JSON, with the floor of the same run and the ratio to it. */
export type BenchFigures = Readonly<Record<string, unknown>>

export interface Bench {
  /** One sentence: what is measured, and beside what. */
  readonly about: string
  /** Prints a table with `say` and resolves to the figures. Leaves nothing running and no files behind. */
  run(options: BenchOptions, say: Say): Promise<BenchFigures>
}
