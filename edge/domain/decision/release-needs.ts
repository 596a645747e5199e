import { laneListNames } from '../../messages/entities.js'
import { cargoListsFor } from './needed-lists.js'
import { missingOfCargo } from './release-cargo.js'
import type { ListUsed } from './types.js'
import { isFaint, shows, type View } from './view.js'

/**
 * What a release still lacks, by name, sorted; empty: nothing. Says again, the other way round,
 * what the objecting rules say: a hole in one of them must not be a way through. `isTreated`: rules of
 * disinfection have spoken, and what they answer for is not missing.
 */
export function missingForRelease(view: View, isTreated = false): string[] {
  const { inputs, main, load, cargo } = view
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
    listsConfirmed: [...laneListNames, ...cargoListsFor(inputs.profile.needs)].every((name) =>
      isConfirmed(inputs.lists, name),
    ),
    listsResynced: (inputs.resyncLeftMs ?? 0) <= 0,
    modeAutomatic: ['AUTO', 'ATTENDED', 'SHADOW'].includes(inputs.mode),
    noEmergency: inputs.incidentId === null,
    noIntrusion: lane.intrusion === false,
    ordersKnown: view.orders !== 'unknown',
    plateShown: plateShown || !inputs.profile.plateRequired,
    previousClosed: lane.previousClosed === true,
    loadKnown: load !== 'unknown',
    nothingOnVehicle: load !== 'V' || (cargo.seen.containers ?? []).length + cargo.containers.length === 0,
    tagsActive: view.tags.every(
      ({ entry }) => entry !== null && entry !== 'unknown' && entry.state === 'ACTIVE',
    ),
    tagHeardWell: !isFaint(view),
    tagsSettled: view.tags.every((tag) => tag.settled),
    vehicleIdentified: byProfile,
    vehicleOnLoop: lane.entryLoop === 'occupied',
  }
  const ofLane = Object.keys(needs).filter((need) => needs[need] !== true)
  return [...ofLane, ...missingOfCargo(view, isTreated)].sort()
}

function isConfirmed(lists: readonly ListUsed[], name: string): boolean {
  return lists.some((list) => list.list === name && list.ageMs !== null)
}
