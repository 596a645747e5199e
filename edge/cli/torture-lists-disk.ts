import type { Random } from '../base/random.js'

/** One change of the files of a folder, as a process asked the system for it. Names are relative to the folder. */
export type DiskOp =
  | { readonly is: 'write'; readonly name: string; readonly at: number; readonly bytes: Buffer }
  | { readonly is: 'truncate'; readonly name: string; readonly size: number }
  /** Makes the file where there is none. */
  | { readonly is: 'create'; readonly name: string }
  | { readonly is: 'rename'; readonly name: string; readonly to: string }
  | { readonly is: 'unlink'; readonly name: string }
  /** Everything written to this file so far is durable, but not its name. */
  | { readonly is: 'sync'; readonly name: string }
  /** The names in this folder are durable; `` is the folder itself. */
  | { readonly is: 'syncNames'; readonly folder: string }

/**
 * What a power cut leaves of writes that were not synced yet. `dropped`: nothing. `torn`: everything, the last one in
 * part. `reordered`: any of them, some in part, in any order. `written`: everything, as after the death of the process.
 */
export const cutModes = ['dropped', 'torn', 'reordered', 'written'] as const
export type CutMode = (typeof cutModes)[number]

/** Drives write whole sectors of so many bytes, at offsets that are multiples of it. */
export const sectorBytes = 512

type DataOp = Extract<DiskOp, { is: 'write' | 'truncate' }>
type NameOp = Extract<DiskOp, { is: 'create' | 'rename' | 'unlink' }>

/** The content of a file, whatever it is called. */
interface Content {
  durable: Buffer
  readonly pending: DataOp[]
}

interface PendingName {
  readonly op: NameOp
  readonly content: Content
}

/**
 * A folder on a disk that can lose its power: knows of every write whether it was synced, and makes what could lie
 * there afterwards. Names of a folder are lost from the newest backwards, as journalling filesystems lose them.
 */
export class SimulatedDisk {
  readonly #durableNames = new Map<string, Content>()
  readonly #names = new Map<string, Content>()
  #pendingNames: PendingName[] = []
  #last: DataOp | null = null

  /** @param files what lies on the disk, durable, at the beginning */
  constructor(files: ReadonlyMap<string, Buffer>) {
    for (const [name, bytes] of files) {
      const content: Content = { durable: Buffer.from(bytes), pending: [] }
      this.#durableNames.set(name, content)
      this.#names.set(name, content)
    }
  }

  has(name: string): boolean {
    return this.#names.has(name)
  }

  apply(op: DiskOp): void {
    switch (op.is) {
      case 'write':
      case 'truncate':
        this.#content(op.name).pending.push(op)
        this.#last = op
        return
      case 'sync': {
        const content = this.#content(op.name)
        content.durable = changed(content.durable, content.pending)
        content.pending.length = 0
        return
      }
      case 'syncNames':
        for (const one of this.#pendingNames) if (folderOf(one) === op.folder) rename(this.#durableNames, one)
        this.#pendingNames = this.#pendingNames.filter((one) => folderOf(one) !== op.folder)
        return
      case 'create':
        if (this.has(op.name)) return
        this.#rename({ op, content: { durable: Buffer.alloc(0), pending: [] } })
        return
      case 'rename':
      case 'unlink':
        this.#rename({ op, content: this.#content(op.name) })
    }
  }

  /** What lies on the disk when the power comes back. */
  cut(mode: CutMode, random: Random): Map<string, Buffer> {
    const names = new Map(this.#durableNames)
    const kept =
      mode === 'dropped'
        ? 0
        : mode === 'reordered'
          ? Math.floor(random.next() * (this.#pendingNames.length + 1))
          : this.#pendingNames.length
    for (const one of this.#pendingNames.slice(0, kept)) rename(names, one)
    return new Map([...names].map(([name, content]) => [name, this.#after(content, mode, random)]))
  }

  #after({ durable, pending }: Content, mode: CutMode, random: Random): Buffer {
    if (mode === 'dropped') return durable
    const there = pending.flatMap((op) => {
      if (mode === 'reordered') return someSectors(op, random)
      return mode === 'torn' && op === this.#last ? firstSectors(op, random) : [op]
    })
    return changed(durable, there)
  }

  #rename(one: PendingName): void {
    rename(this.#names, one)
    this.#pendingNames.push(one)
  }

  #content(name: string): Content {
    const content = this.#names.get(name)
    if (!content) throw new Error(`${name} was written to and never made`)
    return content
  }
}

function folderOf({ op }: PendingName): string {
  const slash = op.name.lastIndexOf('/')
  return slash < 0 ? '' : op.name.slice(0, slash)
}

function rename(names: Map<string, Content>, { op, content }: PendingName): void {
  if (op.is !== 'create') names.delete(op.name)
  if (op.is === 'unlink') return
  names.set(op.is === 'rename' ? op.to : op.name, content)
}

/** The bytes after these changes, one after the other. The given ones are left as they are. */
function changed(bytes: Buffer, ops: readonly DataOp[]): Buffer {
  if (ops.length === 0) return bytes
  const ends = ops.map((op) => (op.is === 'write' ? op.at + op.bytes.length : 0))
  const room = Buffer.alloc(Math.max(bytes.length, ...ends))
  bytes.copy(room)
  let size = bytes.length
  for (const op of ops) {
    if (op.is === 'write') {
      op.bytes.copy(room, op.at)
      size = Math.max(size, op.at + op.bytes.length)
    } else {
      // What lies beyond reads as zeros if the file grows again.
      room.fill(0, Math.min(op.size, room.length))
      size = Math.min(op.size, room.length)
    }
  }
  return room.subarray(0, size)
}

/** A write as the sectors that it touches; a truncation is one piece. */
function piecesOf(op: DataOp): DataOp[] {
  if (op.is === 'truncate') return [op]
  const pieces: DataOp[] = []
  for (let from = 0; from < op.bytes.length;) {
    const to = Math.min(op.bytes.length, from + sectorBytes - ((op.at + from) % sectorBytes))
    pieces.push({ ...op, at: op.at + from, bytes: op.bytes.subarray(from, to) })
    from = to
  }
  return pieces
}

/** The write broke off after some sectors, before the last. */
function firstSectors(op: DataOp, random: Random): DataOp[] {
  const pieces = piecesOf(op)
  return pieces.slice(0, Math.floor(random.next() * pieces.length))
}

/** Whole, not at all, or any of its sectors: a third each. */
function someSectors(op: DataOp, random: Random): DataOp[] {
  const way = random.next()
  if (way < 1 / 3) return []
  if (way < 2 / 3) return [op]
  return piecesOf(op).filter(() => random.next() < 0.5)
}
