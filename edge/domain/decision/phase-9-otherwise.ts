import { yes, type Rule } from './rule.js'
import type { ListUsed } from './types.js'
import { shows, type View } from './view.js'

/** Code of the default deny: nothing objects, and yet not everything is known that a release needs. */
export const incomplete = 'SYS-06'

/** Phase 9: nobody objects. Release needs every condition of the profile to be positively met. */
export const otherwise: readonly Rule[] = [
  {
    id: '73',
    row: 73,
    code: 'OK-01',
    condition: 'no container; vehicle identified as the profile asks, everything known, nothing objects',
    crossings: 'all',
    loads: ['V'],
    outcome: 'release',
    // What is not positively so is not so: the default deny speaks instead.
    unknown: null,
    otherwise: true,
    prompt: 'prompt.release',
    source: 'domain.md 6.1 (default deny), 6.2 row 73',
    when: (view) => (missingForRelease(view).length === 0 ? yes(idEvidence(view)) : {}),
  },
]

/**
 * What a release still lacks, by name, sorted; empty: nothing. Says again, the other way round,
 * what the objecting rules say: a hole in one of them must not be a way through.
 */
export function missingForRelease(view: View): string[] {
  const { inputs, main, load } = view
  const { lane } = inputs.observations
  const byProfile = main !== null && (main.by === 'tag' || inputs.profile.identifyBy === 'tagOrPlate')
  const plateShown = main !== null && view.confidentPlates.some((plate) => shows(main.vehicle, plate))
  const needs: Readonly<Record<string, boolean>> = {
    barrierKnown: ['raised', 'lowered', 'moving'].includes(lane.barrier),
    blacklistKnown: view.blacklist !== 'unknown',
    clockTrusted: inputs.now.clockQuality !== 'untrusted',
    devicesUp: Object.values(inputs.devices).every((up) => up === true),
    exitLoopKnown: lane.exitLoop !== 'unknown',
    journalWritable: inputs.journalWritable,
    listsConfirmed: ['orders', 'blacklist', 'tags', 'vehicles'].every((name) =>
      isConfirmed(inputs.lists, name),
    ),
    modeAutomatic: ['AUTO', 'ATTENDED', 'SHADOW'].includes(inputs.mode),
    noEmergency: inputs.incidentId === null,
    noIntrusion: lane.intrusion === false,
    ordersKnown: view.orders !== 'unknown',
    plateShown: plateShown || !inputs.profile.plateRequired,
    previousClosed: lane.previousClosed === true,
    // Laden and empty containers need rows 74 to 77.
    withoutContainer: load === 'V',
    tagsActive: view.tags.every(
      ({ entry }) => entry !== null && entry !== 'unknown' && entry.state === 'ACTIVE',
    ),
    tagsSettled: view.tags.every((tag) => tag.settled),
    vehicleIdentified: byProfile,
    vehicleOnLoop: lane.entryLoop === 'occupied',
  }
  return Object.keys(needs)
    .filter((need) => needs[need] !== true)
    .sort()
}

function isConfirmed(lists: readonly ListUsed[], name: string): boolean {
  return lists.some((list) => list.list === name && list.ageMs !== null)
}

function idEvidence(view: View): Readonly<Record<string, string>> {
  return view.main === null ? {} : { vehicle: view.main.vehicle.vehicleId, by: view.main.by }
}
