import type { BlacklistEntry, ControlOrder } from '../../messages/entities.js'
import { hasPlatePattern } from '../../messages/plate-pattern.js'
import { effectOf, secretCode } from '../lists/control.js'
import type { DrawEntry, TripEntry } from '../../messages/cargo-entities.js'
import type { Fact } from './cargo.js'
import { isEntry } from './cargo-view.js'
import { few, no, unknown, whereNeeded, yes, type Finding, type Rule } from './rule.js'
import type { View } from './view.js'

const everywhere = { crossings: 'all', loads: 'all' } as const

const named = { ...everywhere, unknown: 'SYS-02', orders: 'typed' } as const

/** Phase 2: does an agency want this vehicle, its driver, its company or its load stopped? */
export const control: readonly Rule[] = [
  {
    ...named,
    id: '18a',
    row: 18,
    code: 'CTL-01',
    condition: 'an effective order LOCK on a container or declaration',
    conditionZh: '对集装箱或报检（关）单的有效布控：上锁',
    outcome: 'lock',
    prompt: 'prompt.notReleased',
    source: 'domain.md 6.2 row 18',
    when: (view) => orders(view, 'CTL-01', isLockable),
  },
  {
    ...named,
    id: '18b',
    row: 18,
    code: 'CTL-01',
    condition: 'an effective order LOCK on anything else: held, so that somebody locks what it means',
    conditionZh: '对其他对象的有效布控：上锁（扣留，由人员确定并上锁）',
    outcome: 'hold',
    obligation: 'LOCK',
    prompt: 'prompt.inspection',
    source: 'domain.md 6.2 row 18',
    when: (view) => orders(view, 'CTL-01', (subject) => !isLockable(subject)),
  },
  {
    ...everywhere,
    id: '19',
    row: 19,
    code: 'CTL-02',
    condition: 'an effective order INTERCEPT, open',
    conditionZh: '有效布控：拦截（公开）',
    outcome: 'hold',
    unknown: 'SYS-02',
    obligation: 'INSPECT',
    orders: 'typed',
    prompt: 'prompt.inspection',
    source: 'domain.md 6.2 row 19',
    when: (view) => orders(view, 'CTL-02'),
  },
  {
    ...everywhere,
    id: '20',
    row: 20,
    code: 'CTL-02S',
    condition: 'an effective secret order, whatever it asks for: looks like random sampling',
    conditionZh: '有效秘密布控（不论何种措施），与随机抽中无异',
    outcome: 'hold',
    unknown: 'SYS-02',
    obligation: 'INSPECT',
    orders: 'typed',
    prompt: 'prompt.inspection',
    source: 'domain.md 6.2 row 20; 5.3 SECRET',
    when: secretly,
  },
  {
    ...everywhere,
    id: '21',
    row: 21,
    code: 'CTL-03',
    condition: 'an effective order NOTIFY: nothing that anybody could see',
    conditionZh: '有效布控：仅通知，任何人均无从察觉',
    outcome: 'none',
    unknown: null,
    orders: 'silent',
    prompt: 'prompt.release',
    source: 'domain.md 6.2 row 21; 4.7',
    when: (view) => (view.orders === 'unknown' ? no : orders(view, 'CTL-03')),
  },
  {
    ...named,
    id: '22',
    row: 22,
    code: 'CTL-04',
    condition: 'an effective order DOCS',
    conditionZh: '有效布控：查单',
    outcome: 'hold',
    obligation: 'DOCS',
    prompt: 'prompt.office',
    source: 'domain.md 6.2 row 22',
    when: (view) => orders(view, 'CTL-04'),
  },
  {
    ...named,
    id: '23',
    row: 23,
    code: 'CTL-05',
    condition: 'an effective order DISINFECT',
    conditionZh: '有效布控：消毒',
    outcome: 'disinfect',
    prompt: 'prompt.disinfecting',
    source: 'domain.md 6.2 row 23',
    when: (view) => orders(view, 'CTL-05'),
  },
  {
    ...everywhere,
    id: '24',
    row: 24,
    code: 'BLK-01',
    condition: 'an effective blacklist entry, level STOP',
    conditionZh: '有效黑名单：禁止',
    outcome: 'hold',
    unknown: 'SYS-02',
    prompt: 'prompt.office',
    source: 'domain.md 6.2 row 24',
    when: (view) => blacklisted(view, (entry) => entry.level !== 'WATCH'),
  },
  {
    ...everywhere,
    id: '25',
    row: 25,
    code: 'BLK-02',
    condition: 'an effective blacklist entry, level WATCH: the pre-decision draws it more often',
    conditionZh: '有效黑名单：关注（预判定时提高抽查比例）',
    outcome: 'none',
    unknown: null,
    advisory: 'BLK-02',
    prompt: 'prompt.release',
    source: 'domain.md 6.2 row 25',
    when: (view) =>
      view.blacklist === 'unknown' ? no : blacklisted(view, (entry) => entry.level === 'WATCH'),
  },
  {
    ...named,
    loads: ['L'],
    id: '26',
    row: 26,
    code: 'RND-01',
    condition:
      'drawn by random selection in the pre-decision, until the inspection it asks for has passed; no stored draw: unknown',
    conditionZh: '预判定随机抽中，且所要求的查验尚未合格；无抽取记录为不明',
    // Everything as for a secret order (row 20), a number to be typed too: neither can be told from the other.
    outcome: 'hold',
    obligation: 'INSPECT',
    prompt: 'prompt.inspection',
    source: 'domain.md 6.2 row 26; 6.4 sampling',
    when: (view) => {
      const { trip, facts } = view.cargo
      const { draw } = facts
      if (isEntry(draw) && draw.selected && !hasPassed(draw, trip))
        return { ...yes({ draw: draw.drawId }), orderIds: [draw.drawId] }
      // The draw of another trip frees nobody.
      const drawn = isEntry(draw) && (!isEntry(trip) || draw.tripId === trip.tripId)
      return drawn ? no : whereNeeded(view, 'draw', unknown({ missing: 'draw' }))
    },
  },
]

/** What was found of another trip, or of a trip that cannot be told, passes nobody. */
export function hasPassed(draw: DrawEntry, trip: Fact<TripEntry>): boolean {
  return draw.result === 'PASS' && isEntry(trip) && draw.tripId === trip.tripId
}

/** What can be locked by itself: the port is told not to move it. */
function isLockable({ kind }: ControlOrder['subject']): boolean {
  return kind === 'CONTAINER' || kind === 'DECLARATION'
}

function orders(
  view: View,
  code: string,
  isMeant: (subject: ControlOrder['subject']) => boolean = () => true,
): Finding {
  if (view.orders === 'unknown') return unknown({ missing: 'orders' })
  const hits = view.orders.filter((order) => effectOf(order).code === code && isMeant(order.subject))
  return found(view, hits, (order: ControlOrder) => order.orderId)
}

/** Which measure it is stands in the evidence, for those who may know. */
function secretly(view: View): Finding {
  const finding = orders(view, secretCode)
  if (finding.yes === undefined || view.orders === 'unknown') return finding
  const hits = view.orders.filter((order) => effectOf(order).code === secretCode)
  return { ...finding, yes: { ...finding.yes, actions: few(hits.map((order) => order.action)) } }
}

function blacklisted(view: View, isMeant: (entry: BlacklistEntry) => boolean): Finding {
  if (view.blacklist === 'unknown') return unknown({ missing: 'blacklist' })
  return found(view, view.blacklist.filter(isMeant), (entry) => entry.entryId)
}

/** Matches on a tag and on a plate are separate evidence (domain.md 5.3). */
function found<T extends ControlOrder | BlacklistEntry>(
  view: View,
  hits: readonly T[],
  idOf: (hit: T) => string,
): Finding {
  if (hits.length === 0) return no
  const ids = [...new Set(hits.map(idOf))].sort()
  const evidence: Record<string, string> = { orders: few(ids), agencies: few(hits.map((hit) => hit.agency)) }
  for (const kind of [...new Set(hits.map((hit) => hit.subject.kind))].sort())
    evidence[kind] = few(hits.filter((hit) => hit.subject.kind === kind).map((hit) => hit.subject.key))
  const { PLATE_PATTERN: patterns, ...rest } = evidence
  return { yes: patterns === undefined ? rest : { ...rest, ...patternEvidence(view, hits) }, orderIds: ids }
}

/** Which pattern fits which plate, those that were read apart from those that the vehicle only has on record. */
function patternEvidence(
  view: View,
  hits: readonly (ControlOrder | BlacklistEntry)[],
): Record<string, string> {
  const read = view.plates.map((plate) => plate.text)
  const vehicles = [...view.tags, ...view.plates].flatMap(({ vehicle }) => (isEntry(vehicle) ? vehicle : []))
  const onRecord = vehicles.flatMap(({ plates }) => plates.map((plate) => plate.text))
  const patterns = hits.flatMap(({ subject }) => (subject.kind === 'PLATE_PATTERN' ? [subject.key] : []))
  const fits = (plates: readonly string[]) =>
    patterns.flatMap((pattern) =>
      plates.filter((plate) => hasPlatePattern(plate, pattern)).map((plate) => `${pattern}=${plate}`),
    )
  const byRead = fits(read)
  const byRecord = fits(onRecord.filter((plate) => !read.includes(plate)))
  return {
    ...(byRead.length > 0 && { PLATE_PATTERN: few(byRead) }),
    ...(byRecord.length > 0 && { PLATE_PATTERN_ON_RECORD: few(byRecord) }),
    ...(byRead.length + byRecord.length === 0 && { PLATE_PATTERN: few(patterns) }),
  }
}
