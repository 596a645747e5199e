import type { TagRead } from '../../interfaces/reader.js'
import type { TagElsewhere, TagObservation } from '../decision/types.js'
import { bestOfHearing, claimOf, defaultArbitration, strongerOf, type Arbitration } from './arbitration.js'

/** Everything one lane heard of one tag, folded: thousands of reads of one tag cost one of these. */
export interface TagTrack {
  readonly epc: string
  /** At most two different ones, sorted: a second TID under one EPC proves a copy. */
  readonly tids: readonly string[]
  /** Sorted; at most {@link namesMax} of each. */
  readonly readerIds: readonly string[]
  readonly antennas: readonly string[]
  /** How often readers say they saw it. */
  readonly count: number
  /** How many reports said so. */
  readonly reports: number
  /** Of the newest hearing: see {@link bestOfHearing}. */
  readonly bestRssiDbm: number | null
  readonly firstHeardMonoMs: number
  readonly lastHeardMonoMs: number
}

/** The tags of one lane, smoothed: an immutable JSON value that a snapshot or a journal may hold. */
export interface Tracks {
  /** Sorted by EPC, so that the order of arrival shows nowhere. */
  readonly tags: readonly TagTrack[]
  /** Reports behind `tags`, and those that found no room. */
  readonly heard: number
  /** Reports of tags that found no room. */
  readonly shed: number
  /** More different tags were heard than there is room for; what is missing is not known. */
  readonly overflow: boolean
  readonly lastShedMonoMs: number | null
}

/** A reader with hundreds of antenna names is faulty; the names beyond these prove nothing more. */
export const namesMax = 16

export const noTracks: Tracks = { tags: [], heard: 0, shed: 0, overflow: false, lastShedMonoMs: null }

/**
 * Adds one report. At most `maxTags` different tags are kept, first come first kept; a further
 * one sets `overflow` and is counted, because a passage with that many tags is not judged by a
 * machine (reliability.md F11). Reports come in the order in which they were heard.
 */
export function hear(
  tracks: Tracks,
  read: TagRead,
  maxTags: number,
  arbitration: Arbitration = defaultArbitration,
): Tracks {
  const index = placeOf(tracks.tags, read.epc)
  const track = tracks.tags[index]
  const heard = tracks.heard + 1
  const monoMs = read.heardAt.monoMs
  if (track?.epc === read.epc)
    return { ...tracks, heard, tags: tracks.tags.with(index, heardAgain(track, read, arbitration)) }
  if (tracks.tags.length >= maxTags) {
    const lastShedMonoMs = Math.max(tracks.lastShedMonoMs ?? monoMs, monoMs)
    return { ...tracks, heard, shed: tracks.shed + 1, overflow: true, lastShedMonoMs }
  }
  const fresh: TagTrack = {
    epc: read.epc,
    tids: read.tid === null ? [] : [read.tid],
    readerIds: [read.readerId],
    antennas: [read.antenna],
    count: read.count,
    reports: 1,
    bestRssiDbm: strongerOf(null, read.rssiDbm),
    firstHeardMonoMs: monoMs,
    lastHeardMonoMs: monoMs,
  }
  return { ...tracks, heard, tags: tracks.tags.toSpliced(index, 0, fresh) }
}

/**
 * Drops the tags last heard before `monoMs`. `overflow` is forgotten only when the last tag that
 * found no room was heard before it too: until then something may be missing.
 */
export function forgetBefore(tracks: Tracks, monoMs: number): Tracks {
  const tags = tracks.tags.filter((track) => track.lastHeardMonoMs >= monoMs)
  const shedGone = tracks.lastShedMonoMs !== null && tracks.lastShedMonoMs < monoMs
  if (tags.length === tracks.tags.length && !shedGone) return tracks
  const shed = shedGone ? 0 : tracks.shed
  return {
    tags,
    shed,
    heard: tags.reduce((sum, track) => sum + track.reports, shed),
    overflow: !shedGone && tracks.overflow,
    lastShedMonoMs: shedGone ? null : tracks.lastShedMonoMs,
  }
}

/** When, on the monotonic clock, a passage is looked at. */
export interface ObservedAt {
  readonly openedMonoMs: number
  readonly nowMonoMs: number
  /** A tag not heard for this long has departed. */
  readonly departedAfterMs: number
}

/**
 * The tracks as a decision sees them, sorted by EPC, each with its claim. Times are rounded to
 * milliseconds: finer ones mean nothing and make records longer.
 */
export function observe(
  tracks: Tracks,
  at: ObservedAt,
  elsewhere: (epc: string) => readonly TagElsewhere[],
  mine: { readonly loopOccupiedForMs: number | null },
  arbitration: Arbitration = defaultArbitration,
): TagObservation[] {
  return tracks.tags.map((track) => {
    const others = elsewhere(track.epc)
    const lastHeardAgoMs = at.nowMonoMs - track.lastHeardMonoMs
    const claim = claimOf(
      {
        bestRssiDbm: track.bestRssiDbm,
        reports: track.reports,
        lastHeardAgoMs,
        loopOccupiedForMs: mine.loopOccupiedForMs,
        complete: !tracks.overflow,
      },
      others,
      arbitration,
    )
    return {
      epc: track.epc,
      tid: track.tids[0] ?? null,
      ...(track.tids[1] === undefined ? {} : { otherTid: track.tids[1] }),
      readerIds: track.readerIds,
      antennas: track.antennas,
      count: track.count,
      bestRssiDbm: track.bestRssiDbm,
      firstHeardMs: wholeMs(track.firstHeardMonoMs - at.openedMonoMs),
      lastHeardMs: wholeMs(track.lastHeardMonoMs - at.openedMonoMs),
      presence: lastHeardAgoMs > at.departedAfterMs ? 'departed' : track.count > 1 ? 'present' : 'glimpsed',
      claim,
      elsewhere: others,
    }
  })
}

function heardAgain(track: TagTrack, read: TagRead, arbitration: Arbitration): TagTrack {
  const monoMs = read.heardAt.monoMs
  return {
    epc: track.epc,
    tids: read.tid === null ? track.tids : withName(track.tids, read.tid, 2),
    readerIds: withName(track.readerIds, read.readerId, namesMax),
    antennas: withName(track.antennas, read.antenna, namesMax),
    count: track.count + read.count,
    reports: track.reports + 1,
    bestRssiDbm: bestOfHearing(track, read.rssiDbm, monoMs, arbitration),
    firstHeardMonoMs: Math.min(track.firstHeardMonoMs, monoMs),
    lastHeardMonoMs: Math.max(track.lastHeardMonoMs, monoMs),
  }
}

/** Where `epc` stands, or where it belongs, in tags sorted by EPC. */
function placeOf(tags: readonly TagTrack[], epc: string): number {
  let low = 0
  let high = tags.length
  while (low < high) {
    const middle = (low + high) >> 1
    const there = tags[middle]
    if (there !== undefined && there.epc < epc) low = middle + 1
    else high = middle
  }
  return low
}

/** The smallest `max` names are kept, so that the order of arrival does not show. */
function withName(names: readonly string[], name: string, max: number): readonly string[] {
  if (names.includes(name)) return names
  return [...names, name].sort().slice(0, max)
}

/** Rounded; the addition turns -0 into 0, which JSON cannot tell apart. */
function wholeMs(ms: number): number {
  return Math.round(ms) + 0
}
