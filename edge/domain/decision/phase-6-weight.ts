import { isEntry } from './cargo-view.js'
import { few, no, unknown, yes, type Finding, type Rule } from './rule.js'
import type { View } from './view.js'
import {
  isClassOne,
  isOver,
  tareOf,
  toleranceKg,
  weighed,
  weighingsMax,
  weightEvidence,
  type Tare,
  type Weighed,
} from './weights.js'

const everywhere = { crossings: 'all', loads: 'all' } as const
const again = { outcome: 'escalate', patience: 'identifyWithinMs', prompt: 'prompt.reweigh' } as const

/** Phase 6: is the truck as heavy as it is declared, and not heavier than it may be? */
export const weight: readonly Rule[] = [
  {
    ...everywhere,
    ...again,
    id: '59a',
    row: 59,
    code: 'WGT-01',
    condition: 'the first weighing gave no weight: not stable, or not wholly on the scale',
    conditionZh: '首次称重无效：读数不稳定或车辆未全部上磅',
    unknown: 'SYS-01',
    source: 'domain.md 6.2 row 59',
    when: (view) => unfitWeighing(view, (tries) => tries < weighingsMax),
  },
  {
    ...everywhere,
    id: '59b',
    row: 59,
    code: 'WGT-01',
    condition: 'the weighing after that gave no weight either',
    conditionZh: '重新称重后仍无有效重量',
    outcome: 'escalate',
    unknown: 'SYS-01',
    prompt: 'prompt.wait',
    source: 'domain.md 6.2 row 59',
    when: (view) => unfitWeighing(view, (tries) => tries >= weighingsMax),
  },
  {
    crossings: 'all',
    loads: ['L'],
    ...again,
    id: '60a',
    row: 60,
    code: 'WGT-02',
    condition: 'weighed once, and off the expected gross weight by more than the tolerance',
    conditionZh: '首次称重与应有重量之差超过允许误差',
    unknown: 'SYS-02',
    source: 'domain.md 6.2 row 60; 6.5',
    when: (view) => deviation(view, (tries) => tries < weighingsMax),
  },
  {
    crossings: 'all',
    loads: ['L'],
    id: '60b',
    row: 60,
    code: 'WGT-02',
    condition: 'weighed again, and still off the expected gross weight by more than the tolerance',
    conditionZh: '重新称重后与应有重量之差仍超过允许误差',
    outcome: 'hold',
    unknown: 'SYS-02',
    prompt: 'prompt.weight',
    source: 'domain.md 6.2 row 60; 6.5',
    when: (view) => deviation(view, (tries) => tries >= weighingsMax),
  },
  {
    crossings: 'all',
    loads: ['E', 'V'],
    id: '61',
    row: 61,
    code: 'WGT-03',
    condition: 'declared empty, and heavier than the tare by more than the tolerance: hidden load',
    conditionZh: '申报为空，实测超过自重加允许误差（夹藏）',
    outcome: 'hold',
    unknown: 'SYS-02',
    prompt: 'prompt.inspection',
    source: 'domain.md 6.2 row 61; 6.5',
    when: hiddenLoad,
  },
  {
    ...everywhere,
    id: '62',
    row: 62,
    code: 'WGT-04',
    condition: 'heavier than the legal gross weight',
    conditionZh: '超过核定总重（超重）',
    outcome: 'hold',
    unknown: 'SYS-02',
    prompt: 'prompt.overweight',
    source: 'domain.md 6.2 row 62',
    when: (view) => {
      const measured = weighed(view)
      if (measured === null) return no
      const legalKg = view.main?.vehicle.legalGrossKg
      if (legalKg === undefined) return view.cargo.needs('weight') ? unknown({ missing: 'legalGross' }) : no
      return isOver(measured.grossKg, legalKg)
        ? yes({ ...weightEvidence(measured), legalKg: String(legalKg) })
        : no
    },
  },
  {
    ...everywhere,
    id: '63a',
    row: 63,
    code: 'WGT-05',
    condition: 'the tare of the vehicle, its trailer or an empty container is not registered',
    conditionZh: '车辆、挂车或空箱的自重未登记',
    outcome: 'escalate',
    unknown: 'SYS-02',
    prompt: 'prompt.wait',
    source: 'domain.md 6.2 row 63',
    when: (view) => untared(view, (tare) => !isClassOne(view) && tare.missing.length > 0),
  },
  {
    ...everywhere,
    id: '63b',
    row: 63,
    code: 'WGT-05',
    condition: 'the same, of a class 1 firm: goes on',
    conditionZh: '同上，一类企业：提示后放行',
    outcome: 'none',
    unknown: null,
    advisory: 'TARE_UNKNOWN',
    prompt: 'prompt.release',
    source: 'domain.md 6.2 row 63',
    when: (view) => {
      const { yes: found } = untared(view, (tare) => isClassOne(view) && tare.missing.length > 0)
      return found === undefined ? no : yes(found)
    },
  },
]

/** A scale that has said nothing yet is not a truck that stands badly on it. */
function unfitWeighing(view: View, isTurn: (tries: number) => boolean): Finding {
  const { cargo } = view
  if (!cargo.needs('weight') || weighed(view) !== null) return no
  const { weight: seen } = cargo.seen
  if (!isTurn(seen?.tries ?? 0)) return no
  if (seen === null) return unknown({ missing: 'weight' })
  const senses = Object.entries({ stable: seen.stable, onScale: seen.onScale })
  const bad = senses.flatMap(([name, value]) => (value === false ? name : []))
  if (bad.length === 0 && senses.some(([, value]) => value === 'unknown'))
    return unknown({ missing: 'weight' })
  const names = seen.grossKg === null ? [...bad, 'grossKg'] : bad
  return yes({ not: few(names), tries: String(seen.tries) })
}

function deviation(view: View, isTurn: (tries: number) => boolean): Finding {
  const { cargo } = view
  const measured = weighed(view)
  if (measured === null) return no
  const expectedKg = isEntry(cargo.trip) ? cargo.trip.expectedGrossKg : undefined
  if (expectedKg === undefined) return cargo.needs('weight') ? unknown({ missing: 'expectedGross' }) : no
  const offKg = measured.grossKg - expectedKg
  const limitKg = toleranceKg(expectedKg, cargo.policy.weightLadenShare, view)
  if (!isOver(Math.abs(offKg), limitKg) || !isTurn(measured.tries)) return no
  return yes(against(measured, { expectedKg, limitKg, offKg }))
}

function hiddenLoad(view: View): Finding {
  const { cargo } = view
  const measured = weighed(view)
  if (measured === null) return no
  const tare = tareOf(view)
  if (tare.unknown.length > 0) return cargo.needs('weight') ? unknown({ missing: few(tare.unknown) }) : no
  // A tare that nobody registered is row 63.
  if (tare.missing.length > 0) return no
  const limitKg = toleranceKg(tare.kg, cargo.policy.weightEmptyShare, view)
  const offKg = measured.grossKg - tare.kg
  if (!isOver(offKg, limitKg)) return no
  // Heavy, and nobody knows whether it was declared empty.
  if (view.load === 'unknown') return cargo.needs('weight') ? unknown({ missing: 'load' }) : no
  return yes(against(measured, { tareKg: tare.kg, limitKg, offKg }))
}

/** Both weights and the error between them stay in the record (row 60). */
function against(measured: Weighed, numbers: Readonly<Record<string, number>>) {
  const written = Object.entries(numbers).map(([name, kg]) => [name, String(Math.round(kg))])
  return { ...weightEvidence(measured), ...Object.fromEntries(written) }
}

function untared(view: View, isMeant: (tare: Tare) => boolean): Finding {
  if (!view.cargo.needs('weight')) return no
  const tare = tareOf(view)
  return {
    ...(isMeant(tare) ? { yes: { missing: few(tare.missing) } } : {}),
    ...(tare.unknown.length > 0 ? { unknown: { missing: few(tare.unknown) } } : {}),
  }
}
