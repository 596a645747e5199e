import type { ListName } from '../../messages/entities.js'
import { listAgeOf } from './list-ages.js'
import { cargoListsFor } from './needed-lists.js'
import { few, no, unknown, yes, type Finding, type Rule } from './rule.js'
import type { ListUsed } from './types.js'
import type { View } from './view.js'

const everywhere = { crossings: 'all', loads: 'all' } as const

/** A list confirmed a little in the future is two clocks apart, not a fault (row 70 allows 2 s). */
const skewMs = 2_000

/** Phase 8: is the machine itself fit to judge? */
export const system: readonly Rule[] = [
  {
    ...everywhere,
    id: '68a',
    row: 68,
    code: 'SYS-01',
    condition: 'a required device is down',
    conditionZh: '所需设备故障',
    outcome: 'escalate',
    unknown: 'SYS-01',
    prompt: 'prompt.wait',
    source: 'domain.md 6.2 row 68',
    when: ({ inputs: { devices } }) => {
      const named = (state: boolean | 'unknown') =>
        Object.keys(devices).filter((device) => devices[device] === state)
      const down = named(false)
      const unsure = named('unknown')
      return {
        ...(down.length > 0 ? yes({ devices: few(down) }) : {}),
        ...(unsure.length > 0 ? unknown({ devices: few(unsure) }) : {}),
      }
    },
  },
  {
    ...everywhere,
    id: '68b',
    row: 68,
    code: 'SYS-01',
    condition: 'the barrier is blocked; or a loop or the barrier cannot be told',
    conditionZh: '道闸受阻，或地感、道闸状态无法判断',
    outcome: 'escalate',
    unknown: 'SYS-01',
    prompt: 'prompt.wait',
    source: 'domain.md 6.2 row 68; law 3',
    when: ({ inputs: { observations } }) => {
      const { entryLoop, exitLoop, barrier } = observations.lane
      const signals = { entryLoop, exitLoop, barrier }
      const unsure = Object.entries(signals).flatMap(([name, value]) => (value === 'unknown' ? [name] : []))
      return {
        ...(barrier === 'blocked' ? yes({ barrier }) : {}),
        ...(unsure.length > 0 ? unknown({ missing: few(unsure) }) : {}),
      }
    },
  },
  {
    ...everywhere,
    id: '69a',
    row: 69,
    code: 'SYS-02',
    condition: 'orders or blacklist are older than their limit for the load; never complete: unknown',
    conditionZh: '布控或黑名单超过该载货状态的时限；从未完整则为不明',
    outcome: 'escalate',
    unknown: 'SYS-02',
    prompt: 'prompt.wait',
    source: 'domain.md 6.2 row 69; 6.5 T_stale',
    when: (view) => ages(view, ['blacklist', 'orders']),
  },
  {
    ...everywhere,
    id: '69b',
    row: 69,
    code: 'SYS-02',
    condition: 'the registry of tags or vehicles is older than its limit; never complete: unknown',
    conditionZh: '电子标签或车辆登记超过时限；从未完整则为不明',
    outcome: 'escalate',
    unknown: 'SYS-02',
    prompt: 'prompt.wait',
    source: 'domain.md 6.2 row 69; architecture.md 6 (allow-lists)',
    when: (view) => ages(view, ['tags', 'vehicles']),
  },
  {
    ...everywhere,
    id: '69c',
    row: 69,
    code: 'SYS-02',
    condition:
      'a list about driver or load that the profile rests on is older than the limit of orders; never complete: unknown',
    conditionZh: '通道所需的司机或货物名录超过布控的时限；从未完整则为不明',
    outcome: 'escalate',
    unknown: 'SYS-02',
    prompt: 'prompt.wait',
    source: 'domain.md 6.2 row 69; 6.3; 6.5 T_stale',
    when: (view) => ages(view, cargoListsFor(view.inputs.profile.needs)),
  },
  {
    ...everywhere,
    id: '69d',
    row: 69,
    code: 'SYS-02',
    condition:
      'connected again, and orders and blacklist are not confirmed as the newest; for at most resyncWithinMs',
    conditionZh: '恢复连接后尚未确认布控和黑名单为最新（限 resyncWithinMs 之内）',
    outcome: 'escalate',
    unknown: null,
    patienceLeftMs: ({ inputs }) => Math.max(0, inputs.resyncLeftMs ?? 0),
    prompt: 'prompt.wait',
    source: 'domain.md 7 (re-connection: orders before the first automatic release)',
    when: ({ inputs }) => ((inputs.resyncLeftMs ?? 0) > 0 ? yes({ missing: 'listsResynced' }) : no),
  },
  {
    ...everywhere,
    id: '70',
    row: 70,
    code: 'SYS-03',
    condition: 'the clock is not trusted',
    conditionZh: '时钟不可信',
    outcome: 'escalate',
    unknown: null,
    prompt: 'prompt.wait',
    source: 'domain.md 6.2 row 70',
    when: ({ inputs: { now } }) => (now.clockQuality === 'untrusted' ? yes() : no),
  },
  {
    ...everywhere,
    id: '71',
    row: 71,
    code: 'SYS-04',
    condition: 'the customs system, asked twice, did not answer within customsWithinMs',
    conditionZh: '海关系统重询一次后仍未在时限内答复',
    outcome: 'escalate',
    unknown: 'SYS-04',
    // One retry: as long again as the first try may take, whoever asks, and never longer.
    patienceLeftMs: (view) => Math.max(0, customsLeftMs(view) ?? 0),
    prompt: 'prompt.wait',
    source: 'domain.md 6.2 row 71; 6.5 T_cus',
    when: (view) => {
      const leftMs = customsLeftMs(view)
      if (leftMs === null) return no
      return leftMs > 0 ? unknown({ missing: 'customs' }) : yes({ partner: 'customs' })
    },
  },
  {
    ...everywhere,
    id: '72',
    row: 72,
    code: 'SYS-05',
    condition: 'the journal cannot be written: no evidence, no automatic release',
    conditionZh: '无法写入记录：无证据则不自动放行',
    outcome: 'escalate',
    unknown: null,
    prompt: 'prompt.wait',
    source: 'domain.md 6.2 row 72; law 2',
    when: ({ inputs: { journalWritable } }) => (journalWritable ? no : yes()),
  },
]

/** How long the answer that is still awaited may take, from now; null: none is, or none is needed. */
function customsLeftMs({ cargo: { facts, policy, needs } }: View): number | null {
  const { customs } = facts
  if (customs?.is !== 'waiting' || !needs('customs')) return null
  const triesLeft = customs.tries >= 2 ? 1 : 2
  return triesLeft * policy.customsWithinMs - customs.forMs
}

/** A laden vehicle, and one that may be laden, needs the younger orders. */
function ages({ load, inputs }: View, names: readonly ListName[]): Finding {
  const mayBeLaden = load === 'L' || load === 'unknown'
  const stale: string[] = []
  const never: string[] = []
  for (const name of names) {
    const limit = listAgeOf(name, inputs.policy)
    if (limit === null) continue
    const ageMs = oldestMs(inputs.lists, name)
    if (ageMs === null || ageMs < -skewMs) never.push(name)
    else if (ageMs > (mayBeLaden ? limit.ladenMs : limit.otherMs)) stale.push(name)
  }
  return {
    ...(stale.length > 0 ? yes({ lists: few(stale) }) : {}),
    ...(never.length > 0 ? unknown({ missing: few(never) }) : {}),
  }
}

/** Null: the list is not there, or was never confirmed. */
function oldestMs(lists: readonly ListUsed[], name: string): number | null {
  const found = lists.filter((list) => list.list === name).map((list) => list.ageMs)
  return found.length === 0
    ? null
    : found.reduce((a, b) => (a === null || b === null ? null : Math.max(a, b)))
}
