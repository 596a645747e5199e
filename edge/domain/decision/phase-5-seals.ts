import { among, few, no, unknown, yes, type Finding, type Rule } from './rule.js'
import { differsFromRecord, isForged, sealsRead, sealsUnread, wasOpened } from './seals.js'
import type { View } from './view.js'
import { isEntry } from './cargo-view.js'

const anyLoad = { crossings: 'all', loads: 'all' } as const
const laden = { crossings: 'all', loads: ['L'] } as const
const holds = { outcome: 'hold', prompt: 'prompt.inspection' } as const

/** Phase 5, rows 50 to 54: is the load under the seals it was closed with? Row 55 is `sealStandsForInspection`. */
export const seals: readonly Rule[] = [
  {
    ...laden,
    id: '50a',
    row: 50,
    code: 'SEAL-01',
    condition: 'a seal of the trip is not read yet, and the readers have tries left',
    conditionZh: '车次所列签封尚未读到，读取次数未用完',
    outcome: 'escalate',
    unknown: 'SYS-02',
    patience: 'identifyWithinMs',
    prompt: 'prompt.wait',
    source: 'domain.md 6.2 row 50',
    when: (view) => missingSeals(view, (tries, max) => tries < max),
  },
  {
    ...laden,
    ...holds,
    id: '50b',
    row: 50,
    code: 'SEAL-01',
    condition: 'a seal of the trip is missing: not read after sealTriesMax tries, and no other in its place',
    conditionZh: '车次所列签封读取次数用完仍未读到，且无其他签封（缺失）',
    unknown: 'SYS-02',
    source: 'domain.md 6.2 row 50',
    when: (view) => missingSeals(view, (tries, max) => tries >= max),
  },
  {
    ...anyLoad,
    ...holds,
    id: '51',
    row: 51,
    code: 'SEAL-02',
    condition:
      'a seal is another than the trip names, of another container, or on record as not in use (wrong)',
    conditionZh: '签封号与记录不符：非本车次所列、属于其他箱，或记录中未在用（不符）',
    unknown: 'SYS-02',
    source: 'domain.md 6.2 row 51',
    when: (view) => onSeals(view, (seal) => isNeeded(view, differsFromRecord(seal, view))),
  },
  {
    ...anyLoad,
    ...holds,
    id: '52',
    row: 52,
    code: 'SEAL-03',
    condition: 'a seal says that it is open, or that it was opened (tampered)',
    conditionZh: '签封状态为已开启，或有开启时间（被动过）',
    unknown: 'SYS-01',
    source: 'domain.md 6.2 row 52',
    when: (view) => onSeals(view, (seal) => isNeeded(view, wasOpened(seal))),
  },
  {
    ...anyLoad,
    ...holds,
    id: '53',
    row: 53,
    code: 'SEAL-04',
    condition: 'nobody issued a seal of this number (forged)',
    conditionZh: '签封号不在任何签发记录中（伪造）',
    unknown: 'SYS-02',
    source: 'domain.md 6.2 row 53',
    when: (view) => onSeals(view, (seal) => isNeeded(view, isForged(seal))),
  },
  {
    ...anyLoad,
    id: '54',
    row: 54,
    code: 'SEAL-05',
    condition: 'the battery of a seal is low',
    conditionZh: '签封电量低',
    outcome: 'none',
    unknown: null,
    advisory: 'SEAL_BATTERY',
    prompt: 'prompt.release',
    source: 'domain.md 6.2 row 54',
    when: (view) => onSeals(view, ({ reading }) => reading.batteryLow),
  },
]

type SealSeen = ReturnType<typeof sealsRead>[number]

function onSeals(view: View, isTrueOf: (seal: SealSeen) => boolean | 'unknown'): Finding {
  return among('seals', sealsRead(view), (seal) => seal.sealId, isTrueOf)
}

/** That it cannot be told counts only where the lane must know it. */
function isNeeded({ cargo }: View, word: boolean | 'unknown'): boolean | 'unknown' {
  return word === 'unknown' && !cargo.needs('seal') ? false : word
}

/**
 * A seal that is not there, with nothing in its place: a stranger in its place is a wrong seal (row 51)
 * or a forged one (row 53), and says so at once.
 */
function missingSeals(view: View, isTurn: (tries: number, max: number) => boolean): Finding {
  const { cargo } = view
  if (!cargo.needs('seal')) return no
  if (cargo.trip === 'unknown') return unknown({ missing: 'trip' })
  if (!isEntry(cargo.trip) || !isTurn(cargo.seen.sealTries, cargo.policy.sealTriesMax)) return no
  // Also of a truck that is to bear none: nobody has looked yet.
  if (cargo.seen.seals === null && cargo.trip.sealIds.length === 0) return unknown({ missing: 'seals' })
  const unread = sealsUnread(view)
  const strangers = new Set(sealsRead(view).flatMap((seal) => (seal.onTrip === false ? seal.sealId : [])))
  if (unread.length <= strangers.size) return no
  return yes({ seals: few(unread), tries: String(cargo.seen.sealTries) })
}
