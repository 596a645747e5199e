import type { BlacklistEntry, ControlOrder } from '../../messages/entities.js'
import { effectOf } from '../lists/control.js'
import { few, no, unknown, type Finding, type Rule } from './rule.js'
import type { View } from './view.js'

const everywhere = { crossings: 'all', loads: 'all' } as const

/** Rows 18, 22 and 23 hold for now: a later issue gives them locks, windows and sprayers. */
const untilBuilt = { ...everywhere, outcome: 'hold', unknown: 'SYS-02', orders: 'typed' } as const

/** Phase 2: does an agency want this vehicle, driver or company stopped? */
export const control: readonly Rule[] = [
  {
    ...untilBuilt,
    id: '18',
    row: 18,
    code: 'CTL-01',
    condition: 'an effective order LOCK (holds until locks are built)',
    obligation: 'LOCK',
    prompt: 'prompt.inspection',
    source: 'domain.md 6.2 row 18',
    when: (view) => orders(view, 'CTL-01'),
  },
  {
    ...everywhere,
    id: '19',
    row: 19,
    code: 'CTL-02',
    condition: 'an effective order INTERCEPT, open',
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
    condition: 'an effective order INTERCEPT, secret: looks like random sampling',
    outcome: 'hold',
    unknown: 'SYS-02',
    obligation: 'INSPECT',
    orders: 'typed',
    prompt: 'prompt.inspection',
    source: 'domain.md 6.2 row 20; 5.3 SECRET',
    when: (view) => orders(view, 'CTL-02S'),
  },
  {
    ...everywhere,
    id: '21',
    row: 21,
    code: 'CTL-03',
    condition: 'an effective order NOTIFY: nothing that anybody could see',
    outcome: 'none',
    unknown: null,
    orders: 'silent',
    prompt: 'prompt.release',
    source: 'domain.md 6.2 row 21; 4.7',
    when: (view) => (view.orders === 'unknown' ? no : orders(view, 'CTL-03')),
  },
  {
    ...untilBuilt,
    id: '22',
    row: 22,
    code: 'CTL-04',
    condition: 'an effective order DOCS',
    obligation: 'DOCS',
    prompt: 'prompt.inspection',
    source: 'domain.md 6.2 row 22',
    when: (view) => orders(view, 'CTL-04'),
  },
  {
    ...untilBuilt,
    id: '23',
    row: 23,
    code: 'CTL-05',
    condition: 'an effective order DISINFECT (holds until sprayers are built)',
    obligation: 'DISINFECT',
    prompt: 'prompt.inspection',
    source: 'domain.md 6.2 row 23',
    when: (view) => orders(view, 'CTL-05'),
  },
  {
    ...everywhere,
    id: '24',
    row: 24,
    code: 'BLK-01',
    condition: 'an effective blacklist entry, level STOP',
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
    condition: 'an effective blacklist entry, level WATCH: recorded; sampling is a later issue',
    outcome: 'none',
    unknown: null,
    advisory: 'BLK-02',
    prompt: 'prompt.release',
    source: 'domain.md 6.2 row 25',
    when: (view) =>
      view.blacklist === 'unknown' ? no : blacklisted(view, (entry) => entry.level === 'WATCH'),
  },
]

function orders(view: View, code: string): Finding {
  if (view.orders === 'unknown') return unknown({ missing: 'orders' })
  const hits = view.orders.filter((order) => effectOf(order).code === code)
  return found(hits, (order: ControlOrder) => order.orderId)
}

function blacklisted(view: View, isMeant: (entry: BlacklistEntry) => boolean): Finding {
  if (view.blacklist === 'unknown') return unknown({ missing: 'blacklist' })
  return found(view.blacklist.filter(isMeant), (entry) => entry.entryId)
}

/** Matches on a tag and on a plate are separate evidence (domain.md 5.3). */
function found<T extends ControlOrder | BlacklistEntry>(
  hits: readonly T[],
  idOf: (hit: T) => string,
): Finding {
  if (hits.length === 0) return no
  const ids = [...new Set(hits.map(idOf))].sort()
  const evidence: Record<string, string> = { orders: few(ids), agencies: few(hits.map((hit) => hit.agency)) }
  for (const kind of [...new Set(hits.map((hit) => hit.subject.kind))].sort())
    evidence[kind] = few(hits.filter((hit) => hit.subject.kind === kind).map((hit) => hit.subject.key))
  return { yes: evidence, orderIds: ids }
}
