import type { DeclarationEntry, TerminalOrderEntry } from '../../messages/cargo-entities.js'
import type { Agency } from '../../messages/entities.js'
import { isEntry } from './cargo-view.js'
import { factOf } from './facts.js'
import { amongDeclarations, entriesOf, onTrip } from './documents.js'
import { receiptIsOfUse, standingOf } from './releases.js'
import { among, few, no, unknown, whereNeeded, yes, type Finding, type Rule } from './rule.js'
import type { View } from './view.js'
import { isOver, toleranceKg } from './weights.js'

const seaGates = { crossings: ['SI', 'SO'], loads: 'all' } as const
const laden = { crossings: 'all', loads: ['L'] } as const

/** Phase 3, rows 37 to 40: the terminal, agencies that disagree, receipts, documents of several trucks. */
export const partners: readonly Rule[] = [
  {
    ...seaGates,
    id: '37a',
    row: 37,
    code: 'TOS-01',
    condition: 'the terminal has no open order for a container in this direction, or it is not paid',
    conditionZh: '码头对某集装箱无本方向的有效作业单，或箱不可提，或费用未付',
    outcome: 'hold',
    unknown: 'SYS-04',
    prompt: 'prompt.terminal',
    source: 'domain.md 6.2 row 37',
    when: withoutOrder,
  },
  {
    ...seaGates,
    id: '37b',
    row: 37,
    code: 'TOS-01',
    condition: 'the vehicle is here outside its slot at the terminal',
    conditionZh: '不在码头预约时段内到达',
    outcome: 'hold',
    unknown: 'SYS-03',
    prompt: 'prompt.terminal',
    source: 'domain.md 6.2 row 37; law 6',
    when: outsideSlot,
  },
  {
    ...seaGates,
    id: '37c',
    row: 37,
    code: 'TOS-01',
    condition: 'the port has taken its release back, and given no other',
    conditionZh: '港口已撤回放行指令，且无新指令',
    outcome: 'hold',
    unknown: 'SYS-02',
    prompt: 'prompt.terminal',
    source: 'domain.md 5.2 (revocation beats an unconsumed release), 6.2 row 37',
    when: (view) =>
      onTrip(view, () => {
        if (view.cargo.facts.releases === 'unknown')
          return whereNeeded(view, 'terminal', unknown({ missing: 'releases' }))
        const { takenBack } = standingOf(view, 'PORT')
        return takenBack.length > 0 ? yes({ releases: few(takenBack) }) : no
      }),
  },
  {
    ...laden,
    id: '38',
    row: 38,
    code: 'DOC-06',
    condition: 'agencies disagree in containers, weight or plate of what is declared to them',
    conditionZh: '各机构申报数据中的集装箱、重量或车牌不一致',
    outcome: 'escalate',
    unknown: 'SYS-02',
    prompt: 'prompt.wait',
    source: 'domain.md 6.2 row 38',
    when: disagreement,
  },
  {
    ...seaGates,
    id: '39a',
    row: 39,
    code: 'RCP-01',
    condition:
      'a good, unused release receipt is shown, and no release message came: it stands for the message',
    conditionZh: '出示有效未用的放行回执而放行报文未到：以回执为准',
    outcome: 'none',
    unknown: null,
    advisory: 'LATE_MESSAGE',
    prompt: 'prompt.release',
    source: 'domain.md 6.2 row 39',
    when: (view) => (receiptIsOfUse(view) ? yes(receiptEvidence(view)) : no),
  },
  {
    crossings: 'all',
    loads: 'all',
    id: '39b',
    row: 39,
    code: 'RCP-01',
    condition:
      'a release receipt is shown that was used before, or whose signature is not good: it counts for nothing',
    conditionZh: '出示的放行回执已使用或签名无效：不予采信',
    outcome: 'none',
    unknown: null,
    advisory: 'RECEIPT_REFUSED',
    prompt: 'prompt.release',
    source: 'domain.md 6.2 row 39 (if signature valid and unused)',
    when: (view) => {
      const { receipt } = view.cargo.seen
      const isBad = receipt !== null && (receipt.signatureValid === false || receipt.used === true)
      return isBad ? yes(receiptEvidence(view)) : no
    },
  },
  {
    ...laden,
    id: '40',
    row: 40,
    code: 'DOC-07',
    condition: 'the last truck of a document for several has come before the others, or one too many has',
    conditionZh: '一单多车：末车先到而其余未到，或到车数超出单证',
    outcome: 'hold',
    unknown: 'SYS-02',
    prompt: 'prompt.waitingArea',
    source: 'domain.md 6.2 row 40; 4.2',
    when: (view) =>
      onTrip(view, ({ documentTrucks }) => {
        if (documentTrucks === undefined) return no
        const { total, arrived, last } = documentTrucks
        const isAlone = arrived + 1 < total && last !== false
        return isAlone || arrived >= total ? yes({ total: String(total), arrived: String(arrived) }) : no
      }),
  },
]

/** By container; a truck without one has no order either, where the lane needs one. */
function withoutOrder(view: View): Finding {
  const { trip, containers, facts, needs } = view.cargo
  if (isEntry(trip) && containers.length === 0 && needs('terminal'))
    return yes({ trip: trip.tripId, missing: 'container' })
  const finding = among(
    'containers',
    containers,
    ({ number }) => number,
    ({ number }) => {
      const order = factOf(facts.terminalOrders, number)
      if (order === null) return needs('terminal')
      return order === 'unknown' ? order : !isGoodFor(view, order)
    },
  )
  return whereNeeded(view, 'terminal', { ...onTrip(view, () => no), ...finding })
}

function isGoodFor({ inputs }: View, { state, paid, direction }: TerminalOrderEntry): boolean {
  return state === 'OPEN' && paid && direction === (inputs.profile.crossing === 'SI' ? 'in' : 'out')
}

function outsideSlot(view: View): Finding {
  const { containers, facts } = view.cargo
  const { now } = view.inputs
  const finding = among(
    'containers',
    containers,
    ({ number }) => number,
    ({ number }) => {
      const order = factOf(facts.terminalOrders, number)
      if (!isEntry(order)) return false
      if (now.clockQuality === 'untrusted') return 'unknown'
      return now.wallMs < order.slotFrom || now.wallMs > order.slotTo
    },
  )
  return whereNeeded(view, 'terminal', finding)
}

/** What one agency was told of this load. */
interface Told {
  readonly agency: Agency
  /** Of this truck, sorted. */
  readonly containers: string
  /** All that its declarations name: only the weights of the same things can be compared. */
  readonly goods: string
  /** Null: not said for every declaration. */
  readonly grossKg: number | null
}

function disagreement(view: View): Finding {
  const unsure = amongDeclarations(view, () => false)
  const entries = entriesOf(view)
  const agencies = [...new Set(entries.map((entry) => entry.agency))].sort()
  const told = agencies.map((agency) =>
    toldTo(
      agency,
      entries.filter((entry) => entry.agency === agency),
      view,
    ),
  )
  const differs = [
    ...(told.some((a) => told.some((b) => namesOthers(a, b))) ? ['containers'] : []),
    ...(told.some((a) => told.some((b) => weighsOther(a, b, view))) ? ['weight'] : []),
    ...(hasOtherPlate(entries, view) ? ['plate'] : []),
  ]
  return differs.length === 0
    ? unsure
    : { ...unsure, ...yes({ agencies: few(agencies), differs: few(differs) }) }
}

function toldTo(agency: Agency, entries: readonly DeclarationEntry[], { cargo }: View): Told {
  const named = [...new Set(entries.flatMap((entry) => entry.containers))].sort()
  const here = new Set(cargo.containers.map((container) => container.number))
  const weights = entries.flatMap((entry) => entry.grossKg ?? [])
  return {
    agency,
    containers: named.filter((number) => here.has(number)).join(),
    goods: named.join(),
    grossKg: weights.length === entries.length ? weights.reduce((sum, kg) => sum + kg, 0) : null,
  }
}

/** Loose goods name no container: they contradict nobody who names one. */
function namesOthers(a: Told, b: Told): boolean {
  return a.goods !== '' && b.goods !== '' && a.containers !== b.containers
}

/** More apart than a scale may be from the smaller of the two. */
function weighsOther(a: Told, b: Told, view: View): boolean {
  if (a.grossKg === null || b.grossKg === null || a.goods !== b.goods) return false
  const smallerKg = Math.min(a.grossKg, b.grossKg)
  const limitKg = toleranceKg(smallerKg, view.cargo.policy.weightLadenShare, view)
  return isOver(Math.abs(a.grossKg - b.grossKg), limitKg)
}

/** Another plate than this vehicle, its trailer, or the other agencies' papers have. */
function hasOtherPlate(entries: readonly DeclarationEntry[], view: View): boolean {
  const declared = [...new Set(entries.flatMap((entry) => entry.plate ?? []))]
  const { main, tagVehicles, confidentPlates } = view
  if (main === null) return declared.length > 1
  const own = [main.vehicle, ...tagVehicles].flatMap((vehicle) => vehicle.plates.map((plate) => plate.text))
  const here = new Set([...own, ...confidentPlates.map((plate) => plate.text)])
  return declared.some((plate) => !here.has(plate))
}

function receiptEvidence({ cargo }: View): Readonly<Record<string, string>> {
  const { receipt } = cargo.seen
  return receipt === null ? {} : { receipt: receipt.receiptId, agency: receipt.agency }
}
