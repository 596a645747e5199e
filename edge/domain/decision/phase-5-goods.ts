import type { FitnessEntry } from '../../messages/cargo-entities.js'
import type { Fact } from './cargo.js'
import { isEntry } from './cargo-view.js'
import { factOf } from './facts.js'
import { among, few, no, unknown, yes, type Finding, type Rule } from './rule.js'
import type { View } from './view.js'

const outLaden = { crossings: ['RO'], loads: ['L'] } as const
const exported = { crossings: ['RO', 'SI'], loads: ['L'] } as const
const holds = { outcome: 'hold', prompt: 'prompt.inspection' } as const
const toOffice = { outcome: 'hold', prompt: 'prompt.office' } as const

/** Phase 5, rows 56 to 58: living goods, labelled crates, and whether the box is fit for what is in it. */
export const goods: readonly Rule[] = [
  {
    ...outLaden,
    ...holds,
    id: '56a',
    row: 56,
    code: 'ANI-01',
    condition: 'fewer ear tags of the declared ones were read than declared less earTagShare',
    conditionZh: '读到的耳标少于申报数减允许误差',
    unknown: 'SYS-01',
    source: 'domain.md 6.2 row 56',
    when: ({ cargo }) => {
      const declared = isEntry(cargo.trip) ? cargo.trip.earTags : undefined
      if (declared === undefined) return no
      if (cargo.seen.earTags === null) return unknown({ missing: 'earTags' })
      const read = new Set(cargo.seen.earTags)
      const own = declared.ids.length === 0 ? read : declared.ids.filter((id) => read.has(id))
      const count = new Set(own).size
      const { earTagShare } = cargo.policy
      return isBelow(count, declared.declared * (1 - earTagShare))
        ? yes({ declared: String(declared.declared), read: String(count) })
        : no
    },
  },
  {
    ...outLaden,
    ...holds,
    id: '56b',
    row: 56,
    code: 'ANI-02',
    condition: 'ear tags that were not declared, or more of them than declared',
    conditionZh: '读到未申报的耳标，或多于申报数',
    unknown: 'SYS-01',
    source: 'domain.md 6.2 row 56',
    when: ({ cargo }) => {
      const declared = isEntry(cargo.trip) ? cargo.trip.earTags : undefined
      if (declared === undefined) return no
      if (cargo.seen.earTags === null) return unknown({ missing: 'earTags' })
      const read = [...new Set(cargo.seen.earTags)]
      const named = new Set(declared.ids)
      // Where the numbers were not declared, only too many can be told.
      const strangers = named.size === 0 ? [] : read.filter((id) => !named.has(id))
      if (strangers.length === 0 && read.length <= declared.declared) return no
      return yes({
        declared: String(declared.declared),
        read: String(read.length),
        ...(strangers.length > 0 ? { earTags: few(strangers) } : {}),
      })
    },
  },
  {
    ...outLaden,
    ...holds,
    id: '57',
    row: 57,
    code: 'TRC-01',
    condition:
      'fewer crate labels were read than crateShareMin of the declared, or none at all (untraceable)',
    conditionZh: '读到的筐（箱）标签低于匹配率，或完全没有标签（无法溯源）',
    unknown: 'SYS-01',
    source: 'domain.md 6.2 row 57',
    when: ({ cargo }) => {
      const crates = isEntry(cargo.trip) ? cargo.trip.crateLabels : undefined
      if (crates === undefined) return no
      const read = cargo.seen.crateLabels
      if (read === null) return unknown({ missing: 'crateLabels' })
      return read === 0 || isBelow(read, crates.declared * cargo.policy.crateShareMin)
        ? yes({ declared: String(crates.declared), read: String(read) })
        : no
    },
  },
  {
    ...exported,
    ...toOffice,
    id: '58a',
    row: 58,
    code: 'FIT-01',
    condition: 'the goods need a fitness certificate of the container, and there is none or it was used',
    conditionZh: '货物需适载检验结果单，箱无结果单或已使用',
    unknown: 'SYS-02',
    source: 'domain.md 6.2 row 58',
    when: (view) => {
      const { cargo } = view
      if (!cargo.needs('fitness')) return onCertificates(view, (entry) => isEntry(entry) && entry.used)
      if (cargo.trip === 'unknown') return unknown({ missing: 'trip' })
      if (isFitnessNeeded(view) && cargo.containers.length === 0) return yes({ missing: 'container' })
      return onCertificates(view, (entry) => (isEntry(entry) ? entry.used : (entry ?? true)))
    },
  },
  {
    ...exported,
    ...toOffice,
    id: '58b',
    row: 58,
    code: 'FIT-01',
    condition: 'the validity of the fitness certificate has ended',
    conditionZh: '适载检验结果单已过有效期',
    unknown: 'SYS-03',
    source: 'domain.md 6.2 row 58; law 6',
    when: (view) =>
      onCertificates(view, (entry) => {
        if (!isEntry(entry)) return false
        const { wallMs, clockQuality } = view.inputs.now
        if (clockQuality === 'untrusted') return view.cargo.needs('fitness') ? 'unknown' : false
        return entry.validTo < wallMs
      }),
  },
  {
    ...exported,
    id: '58c',
    row: 58,
    code: 'FIT-02',
    condition: 'the fitness certificate is of another container',
    conditionZh: '适载检验结果单与箱号不符',
    outcome: 'escalate',
    unknown: 'SYS-02',
    prompt: 'prompt.office',
    source: 'domain.md 6.2 row 58',
    when: (view) =>
      onCertificates(view, (entry, box) => {
        if (isEntry(entry)) return entry.container !== box
        return entry === 'unknown' && view.cargo.needs('fitness') ? 'unknown' : false
      }),
  },
]

/** A count against a share of another: a share of whole things is not exact in binary. */
function isBelow(count: number, limit: number): boolean {
  return count < limit - 1e-6
}

function isFitnessNeeded({ cargo }: View): boolean {
  return isEntry(cargo.trip) && cargo.trip.needsFitness
}

/** Over the containers of goods that need a certificate: food, and goods in reefers. */
function onCertificates(
  view: View,
  isTrueOf: (entry: Fact<FitnessEntry>, box: string) => boolean | 'unknown',
): Finding {
  if (!isFitnessNeeded(view)) return no
  const { containers, facts } = view.cargo
  return among(
    'containers',
    containers,
    ({ number }) => number,
    ({ number }) => isTrueOf(factOf(facts.fitness, number), number),
  )
}
