import type { ContainerEntry } from '../../messages/cargo-entities.js'
import { effectOf } from '../lists/control.js'
import { fromAreas, isInspected, isInspectedAndTreated, isTreated } from './areas.js'
import type { Fact } from './cargo.js'
import { isEntry } from './cargo-view.js'
import { factOf } from './facts.js'
import { amongDeclarations, entriesOf, hasGoodResult, onTrip } from './documents.js'
import { among, few, isApplicable, no, unknown, yes, type Finding, type Rule } from './rule.js'
import type { View } from './view.js'

const everywhere = { crossings: 'all', loads: 'all' } as const
const intoTheCountry = { crossings: ['RI', 'SO'], loads: ['L'] } as const
const empties = { crossings: ['RI', 'SO', 'SI'], loads: ['E'] } as const
const roadIn = { crossings: ['RI'], loads: 'all' } as const

/** The measure of an area is for goods: an empty container from any of them is disinfected. */
const emptyToSpray: Rule = {
  ...empties,
  id: '43',
  row: 43,
  code: 'QUA-03',
  condition: 'an empty container comes from an infected area',
  conditionZh: '空箱来自疫区',
  outcome: 'disinfect',
  unknown: 'SYS-02',
  prompt: 'prompt.disinfectingStay',
  source: 'domain.md 6.2 row 43',
  when: (view) => withContainers(view, fromAreas(view, 'EMPTY')),
}

/** As is a vehicle. */
const vehicleToSpray: Rule = {
  ...roadIn,
  id: '44',
  row: 44,
  code: 'QUA-04',
  condition: 'the vehicle comes from or through an infected area, or a seasonal order is in force',
  conditionZh: '车辆来自或途经疫区，或有季节性消毒令',
  outcome: 'disinfect',
  unknown: 'SYS-02',
  prompt: 'prompt.disinfectingSlowly',
  source: 'domain.md 6.2 row 44',
  when: (view) => fromAreas(view, 'VEHICLE'),
}

/** Goods that are to be treated and not looked into. */
const goodsToSpray: Rule = {
  ...intoTheCountry,
  id: '45b',
  row: 45,
  code: 'QUA-05',
  condition: 'the load comes from an area whose measure is DISINFECT, and its treatment is not done',
  conditionZh: '货物来自疫区，措施为消毒，且尚未处理',
  outcome: 'disinfect',
  unknown: 'SYS-02',
  prompt: 'prompt.disinfectingStay',
  source: 'domain.md 5.1 (measures), 6.2 row 45',
  when: (view) => unless(isTreated(view), fromAreas(view, 'LADEN', 'DISINFECT')),
}

/** Phase 4: does the load, the container or the vehicle bring a disease? */
export const quarantine: readonly Rule[] = [
  {
    ...intoTheCountry,
    id: '41',
    row: 41,
    code: 'QUA-01',
    condition: 'origin or route is in an area whose measure is LOCK, until inspected, treated and unlocked',
    conditionZh: '原产地或途经地在疫区名单，措施为上锁（查验、处理均完成并解锁前）',
    outcome: 'lock',
    unknown: 'SYS-02',
    obligations: ['INSPECT', 'DISINFECT'],
    prompt: 'prompt.notReleased',
    source: 'domain.md 6.2 row 41; 5.2 (container lock)',
    when: (view) => unless(isInspectedAndTreated(view), fromAreas(view, 'LADEN', 'LOCK')),
  },
  {
    ...everywhere,
    id: '42a',
    row: 42,
    code: 'QUA-02',
    condition: 'a container is LOCKED already: no way leads out of a lock but its officer',
    conditionZh: '集装箱已上锁（任何通道均不得放行）',
    outcome: 'lock',
    unknown: 'SYS-02',
    prompt: 'prompt.notReleased',
    source: 'domain.md 6.2 row 42; 5.2 (tries in between are refused)',
    when: lockedContainers,
  },
  {
    crossings: 'all',
    loads: ['L'],
    id: '42b',
    row: 42,
    code: 'QUA-02',
    condition: 'an agency rules LOCK on a declaration, and there is no result that passes it',
    conditionZh: '机构对申报单裁定上锁，且尚无合格结果',
    outcome: 'lock',
    unknown: 'SYS-02',
    prompt: 'prompt.notReleased',
    source: 'domain.md 5.2 (RULED LOCK), 6.2 row 42',
    when: (view) =>
      amongDeclarations(view, (declaration) => declaration.ruling === 'LOCK' && !hasGoodResult(declaration)),
  },
  emptyToSpray,
  vehicleToSpray,
  {
    ...intoTheCountry,
    id: '45a',
    row: 45,
    code: 'QUA-05',
    condition: 'the load comes from an area whose measure is INSPECT, and IQ has not passed it',
    conditionZh: '货物来自疫区，措施为查验，且检验检疫尚无合格结果',
    outcome: 'hold',
    unknown: 'SYS-02',
    obligation: 'INSPECT',
    prompt: 'prompt.inspection',
    source: 'domain.md 6.2 row 45',
    when: (view) => unless(isInspected(view), fromAreas(view, 'LADEN', 'INSPECT')),
  },
  goodsToSpray,
  {
    crossings: ['SO'],
    loads: ['E'],
    id: '46',
    row: 46,
    code: 'QUA-06',
    condition: 'the lane opens every empty container',
    conditionZh: '本通道对空箱逐箱开箱查看',
    outcome: 'hold',
    unknown: null,
    obligation: 'OPEN_BOX',
    prompt: 'prompt.openBox',
    source: 'domain.md 6.2 row 46',
    when: ({ inputs, cargo }) =>
      inputs.profile.opensEmpties === true
        ? yes({ containers: few(cargo.containers.map((container) => container.number)) })
        : no,
  },
  {
    ...intoTheCountry,
    id: '47',
    row: 47,
    code: 'QUA-07',
    condition: 'wood packing is declared, or not declared to be absent, in a lane without wood',
    conditionZh: '无木通道：申报有木质包装，或木质包装情况不明',
    outcome: 'hold',
    unknown: 'SYS-02',
    prompt: 'prompt.otherLane',
    source: 'domain.md 6.2 row 47',
    when: woodInNoWoodLane,
  },
  {
    ...everywhere,
    id: '48',
    row: 48,
    code: 'QUA-08',
    condition: 'the lane needs the origin of a container or its goods, and it is not declared',
    conditionZh: '本通道需知集装箱或货物原产地，但未申报',
    outcome: 'escalate',
    unknown: 'SYS-02',
    prompt: 'prompt.wait',
    source: 'domain.md 6.2 row 48',
    when: originsMissing,
  },
  {
    ...everywhere,
    id: '49',
    row: 49,
    code: 'QUA-09',
    condition: 'disinfection is needed, and the lane has no sprayer that works',
    conditionZh: '需要消毒，但本通道消毒设备故障或未配备',
    outcome: 'hold',
    unknown: 'SYS-01',
    obligation: 'DISINFECT',
    prompt: 'prompt.treatment',
    source: 'domain.md 6.2 row 49',
    when: withoutSprayer,
  },
]

/** What answers a measure; that areas cannot be told it does not answer. */
function unless(isAnswered: boolean, finding: Finding): Finding {
  if (!isAnswered) return finding
  return finding.unknown === undefined ? no : unknown(finding.unknown)
}

function withContainers({ cargo }: View, finding: Finding): Finding {
  if (finding.yes === undefined || cargo.containers.length === 0) return finding
  const containers = few(cargo.containers.map((container) => container.number))
  return { ...finding, yes: { ...finding.yes, containers } }
}

/** Also by a faint reading: it identifies nothing, but a lock on it counts. */
function lockedContainers({ cargo }: View): Finding {
  const { containers, seen, facts, needs } = cargo
  const numbers = [...containers, ...(seen.containers ?? [])].map((container) => container.number)
  const isNeeded = needs('container') || needs('area')
  return among(
    'containers',
    [...new Set(numbers)],
    (number) => number,
    (number) => {
      const entry: Fact<ContainerEntry> = factOf(facts.containers, number)
      if (entry === 'unknown')
        return isNeeded && containers.some((one) => one.number === number) ? entry : false
      return entry !== null && entry.lock === 'LOCKED'
    },
  )
}

/** A trip without any declaration says nothing of its packing. */
function woodInNoWoodLane(view: View): Finding {
  if (view.inputs.profile.noWood !== true) return no
  return onTrip(view, () => {
    if (view.cargo.declarations.length === 0) return yes({ missing: 'woodPacking' })
    return amongDeclarations(view, (declaration) => declaration.woodPacking !== 'no')
  })
}

function originsMissing(view: View): Finding {
  const { containers, declarations, needs } = view.cargo
  if (!needs('area')) return no
  const goods = entriesOf(view).filter((entry) => entry.agency === 'IQ' && entry.originArea === null)
  const unsure = declarations.filter(({ entry }) => entry === 'unknown').map(({ no }) => no)
  const boxes = among(
    'containers',
    containers,
    ({ number }) => number,
    ({ entry }) => (isEntry(entry) ? entry.originArea === null : entry === null ? true : entry),
  )
  const missing = {
    ...boxes.yes,
    ...(goods.length > 0 ? { declarations: few(goods.map((entry) => entry.declarationNo)) } : {}),
  }
  const untold = { ...boxes.unknown, ...(unsure.length > 0 ? { declarations: few(unsure) } : {}) }
  return {
    ...onTrip(view, () => no),
    ...(Object.keys(missing).length > 0 ? { yes: missing } : {}),
    ...(Object.keys(untold).length > 0 ? { unknown: untold } : {}),
  }
}

/** A lane without a sprayer can disinfect as little as one whose sprayer is out of order. */
function withoutSprayer(view: View): Finding {
  const causes = [emptyToSpray, vehicleToSpray, goodsToSpray]
    .filter((rule) => isApplicable(rule, view) && rule.when(view).yes !== undefined)
    .map((rule) => rule.code)
  const orders =
    view.orders === 'unknown' ? [] : view.orders.filter((order) => effectOf(order).code === 'CTL-05')
  if (causes.length === 0 && orders.length === 0) return no
  const evidence = { sprayer: view.cargo.seen.sprayer ?? 'none' }
  switch (view.cargo.seen.sprayer) {
    case 'ready':
      return no
    case 'unknown':
      return unknown(evidence)
    default:
      return yes(evidence)
  }
}
