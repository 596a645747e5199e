import type { SubjectKey } from '../../interfaces/list-store.js'
import type { Read, Sensed } from '../../interfaces/reader.js'
import { namesOfTag, subjectKeys } from '../lists/control.js'
import { isAlarming, normaliseContainer, withSensed } from '../passage/cargo.js'
import type { Passage } from '../passage/passage.js'

const noIdentities = { epcs: [], plates: [], vehicleIds: [], companyIds: [] }

/** Names in a read that an order may mean without a list being asked. */
export function keysOfRead(read: Read): SubjectKey[] {
  if (read.kind === 'tag') return subjectKeys({ ...noIdentities, epcs: namesOfTag(read) })
  if (read.kind !== 'device' || read.sensed.of !== 'container') return []
  return subjectKeys({ ...noIdentities, containers: [normaliseContainer(read.sensed.number)] })
}

/** It would change what is known of the passage's driver or load. */
export function isNewSensed({ cargo }: Passage, sensed: Sensed): boolean {
  const { is } = withSensed(cargo.seen, sensed)
  return is === 'news' || is === 'shed'
}

/** Row 5: whatever a person has said before, and also behind a raise. */
export function isAlarmCode(code: string): boolean {
  return code === 'RAD-01'
}

export function isAlarmRead(read: Read): boolean {
  return read.kind === 'device' && isAlarming(read.sensed)
}

/** A radiation alarm that the newest judgement, and whoever was asked about it, did not know of yet. */
export function isNewAlarm({ cargo, judged }: Passage): boolean {
  return cargo.seen.radiation === 'alarm' && judged?.codes.some(isAlarmCode) !== true
}
