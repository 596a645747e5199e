import type { BarrierPosition, LaneSignals } from '../../interfaces/barrier.js'

/** One change of one loop, in the order in which a vehicle causes them. */
export type Edge = 'entryRose' | 'entryFell' | 'exitRose' | 'exitFell'

/** What was last positively known of the PLC's inputs; unknown values leave it as it was. */
export interface Image {
  readonly entry: 'occupied' | 'clear' | null
  readonly exit: 'occupied' | 'clear' | null
  readonly entryCount: number | null
  readonly exitCount: number | null
  readonly plcBootId: string | null
  readonly barrier: BarrierPosition
  /** A loop or the PLC itself has been unknown since the last comparison. */
  readonly doubt: boolean
}

export const noImage: Image = {
  entry: null,
  exit: null,
  entryCount: null,
  exitCount: null,
  plcBootId: null,
  barrier: 'unknown',
  doubt: true,
}

export interface ImageChange {
  readonly image: Image
  readonly edges: readonly Edge[]
  /** It is not known when it happened: the counters show more than the levels, or a loop was unknown before. */
  readonly missed: boolean
  /**
   * What happened since the last known image cannot be told: first image, PLC restarted, or a loop
   * was unknown and no counter bridges the gap. The levels are the only truth; edges are empty.
   */
  readonly broken: boolean
  /** The barrier's position, where it became another known one. */
  readonly barrierFrom: BarrierPosition | null
}

const none: readonly Edge[] = []
/** More missed rises than this tell nothing more: the vehicle is another one either way. */
const risesMax = 3

/**
 * Turns a process image into the changes since the last known one. Both loops must be known for
 * any edge to count; an unknown loop postpones judgement until it is known again, and then the
 * PLC's own counters, within one boot of the PLC, say what was missed (law 4).
 */
export function compareImage(known: Image, next: LaneSignals): ImageChange {
  const barrierFrom = next.barrier !== 'unknown' && next.barrier !== known.barrier ? known.barrier : null
  const barrier = next.barrier === 'unknown' ? known.barrier : next.barrier
  if (next.entryLoop === 'unknown' || next.exitLoop === 'unknown' || next.plcBootId === null) {
    const image = known.doubt && barrier === known.barrier ? known : { ...known, barrier, doubt: true }
    return { image, edges: none, missed: false, broken: false, barrierFrom }
  }
  const entry = countRises(known.entry, next.entryLoop, known.entryCount, next.entryCount)
  const exit = countRises(known.exit, next.exitLoop, known.exitCount, next.exitCount)
  const restarted = next.plcBootId !== known.plcBootId
  const bridged = entry !== null && exit !== null && entry.counted && exit.counted
  const broken = restarted || entry === null || exit === null || (known.doubt && !bridged)
  const image: Image = {
    entry: next.entryLoop,
    exit: next.exitLoop,
    entryCount: restarted || entry === null ? next.entryCount : entry.count,
    exitCount: restarted || exit === null ? next.exitCount : exit.count,
    plcBootId: next.plcBootId,
    barrier,
    doubt: false,
  }
  if (broken || (entry.rises === 0 && exit.rises === 0 && same(known, next)))
    return { image, edges: none, missed: false, broken, barrierFrom }
  const edges = merge(
    alternate(known.entry, next.entryLoop, entry.rises, 'entryRose', 'entryFell'),
    alternate(known.exit, next.exitLoop, exit.rises, 'exitRose', 'exitFell'),
  )
  return { image, edges, missed: known.doubt || entry.missed || exit.missed, broken, barrierFrom }
}

function same(known: Image, next: LaneSignals): boolean {
  return known.entry === next.entryLoop && known.exit === next.exitLoop
}

interface Rises {
  readonly rises: number
  readonly missed: boolean
  /** Whether the counter, not only the level, vouches for it. */
  readonly counted: boolean
  /** The counter value that has been accounted for. */
  readonly count: number | null
}

/** How often a loop became occupied; null when the counter contradicts itself within one boot. */
function countRises(
  from: 'occupied' | 'clear' | null,
  to: 'occupied' | 'clear',
  knownCount: number | null,
  nextCount: number | null,
): Rises | null {
  if (from === null) return null
  const seen = from === 'clear' && to === 'occupied' ? 1 : 0
  if (knownCount === null || nextCount === null)
    return { rises: seen, missed: false, counted: false, count: nextCount }
  const counted = nextCount - knownCount
  // A counter may trail its level by one image, and has then been accounted for in advance.
  if (counted < -1) return null
  const rises = Math.max(seen, counted)
  return {
    rises: Math.min(rises, risesMax),
    missed: counted > seen,
    counted: true,
    count: knownCount + rises,
  }
}

function alternate(
  from: 'occupied' | 'clear' | null,
  to: 'occupied' | 'clear',
  rises: number,
  rose: Edge,
  fell: Edge,
): Edge[] {
  const edges: Edge[] = []
  let level = from
  for (let done = 0; done < rises;) {
    edges.push(level === 'occupied' ? fell : rose)
    if (level === 'occupied') level = 'clear'
    else {
      level = 'occupied'
      done += 1
    }
  }
  if (level === 'occupied' && to === 'clear') edges.push(fell)
  return edges
}

/**
 * Puts the edges of both loops that one image brought together into the order of a vehicle that
 * drives forwards: onto the exit before off the entry, off the exit before another arrives.
 */
function merge(entry: Edge[], exit: Edge[]): readonly Edge[] {
  if (exit.length === 0) return entry
  if (entry.length === 0) return exit
  const edges: Edge[] = []
  let e = 0
  let x = 0
  while (e < entry.length || x < exit.length) {
    const exitFirst =
      e >= entry.length ||
      (x < exit.length &&
        ((entry[e] === 'entryFell' && exit[x] === 'exitRose') ||
          (entry[e] === 'entryRose' && exit[x] === 'exitFell')))
    const next = exitFirst ? exit[x++] : entry[e++]
    if (next !== undefined) edges.push(next)
  }
  return edges
}
