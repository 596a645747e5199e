import type { Read } from '../interfaces/reader.js'
import type { Feed } from './schema.js'

/** Whether what a reader heard there belongs to the lane of the feed. */
export function isFed(read: Read, feed: Feed): boolean {
  if (feed.antennas !== undefined && !feed.antennas.includes(read.antenna)) return false
  return feed.zones === undefined || (read.zone !== null && feed.zones.includes(read.zone))
}
