import type { ManifestEntry } from '../../messages/cargo-entities.js'
import { isEntry } from './cargo-view.js'
import { amongDeclarations, entriesOf, needsDeclarations, onTrip } from './documents.js'
import { among, few, no, notYet, unknown, whereNeeded, yes, type Finding, type Rule } from './rule.js'
import { hasEnded } from './validity.js'
import { isTrailer, type View } from './view.js'

const laden = { crossings: 'all', loads: ['L'] } as const
const road = { crossings: ['RI', 'RO'], loads: ['L'] } as const

/** Phase 3, rows 27 to 31: is the load on a trip, is all of it declared, and was that in time? */
export const tripAndDeclarations: readonly Rule[] = [
  {
    ...laden,
    id: '27',
    row: 27,
    code: 'DOC-01',
    condition: 'no trip of this vehicle in this direction, or one of another vehicle, trailer or direction',
    conditionZh: '本车本方向无车次绑定，或车次属于其他车辆、挂车或方向',
    outcome: 'hold',
    unknown: 'SYS-02',
    prompt: 'prompt.office',
    source: 'domain.md 6.2 row 27',
    when: ofThisTrip,
  },
  {
    ...laden,
    id: '28a',
    row: 28,
    code: 'DOC-02',
    condition: 'a container was read on the truck that is not on the trip',
    conditionZh: '车上识别到的集装箱不在车次内',
    outcome: 'hold',
    unknown: 'SYS-02',
    prompt: 'prompt.inspection',
    source: 'domain.md 6.2 row 28',
    when: (view) =>
      onTrip(view, () =>
        among(
          'containers',
          view.cargo.containers,
          (container) => container.number,
          (container) => container.seen && !container.onTrip,
        ),
      ),
  },
  {
    ...laden,
    id: '28b',
    row: 28,
    code: 'DOC-02',
    condition: 'a container of the trip was not read on the truck within identifyWithinMs',
    conditionZh: '车次所列集装箱在 identifyWithinMs 内未在车上识别到',
    outcome: 'hold',
    unknown: 'SYS-01',
    patience: 'identifyWithinMs',
    prompt: 'prompt.inspection',
    source: 'domain.md 6.2 row 28',
    when: unreadContainers,
  },
  {
    ...laden,
    id: '29a',
    row: 29,
    code: 'DOC-03',
    condition: 'a container, or loose goods, without a declaration to an agency whose word the lane needs',
    conditionZh: '集装箱或散货未向本通道所需机构申报',
    outcome: 'hold',
    unknown: 'SYS-02',
    prompt: 'prompt.inspection',
    source: 'domain.md 6.2 row 29',
    when: undeclaredGoods,
  },
  {
    ...laden,
    id: '29b',
    row: 29,
    code: 'DOC-03',
    condition: 'a manifest line of this load without a declaration of the trip',
    conditionZh: '本车舱单项未对应车次内的申报单',
    outcome: 'hold',
    unknown: 'SYS-02',
    prompt: 'prompt.inspection',
    source: 'domain.md 6.2 row 29',
    when: (view) => onManifest(view, (manifest) => undeclaredLines(view, manifest)),
  },
  {
    ...laden,
    id: '30a',
    row: 30,
    code: 'DOC-04',
    condition: 'a declaration is rejected, cancelled, expired, or has crossed already',
    conditionZh: '申报单被拒绝、撤销、失效或已使用（重复使用）',
    outcome: 'hold',
    unknown: 'SYS-02',
    prompt: 'prompt.inspection',
    source: 'domain.md 6.2 row 30',
    when: (view) =>
      amongDeclarations(view, ({ state }) => ['REJECTED', 'CANCELLED', 'EXPIRED', 'CROSSED'].includes(state)),
  },
  {
    ...laden,
    id: '30b',
    row: 30,
    code: 'DOC-04',
    condition: 'the vehicle is here outside the window of a declaration (72 h)',
    conditionZh: '不在申报有效期（72 小时）内到达',
    outcome: 'hold',
    // By an untrusted clock nobody can tell whether it is open.
    unknown: 'SYS-03',
    prompt: 'prompt.inspection',
    source: 'domain.md 6.2 row 30; 6.5; law 6',
    when: outsideWindow,
  },
  {
    ...laden,
    id: '30c',
    row: 30,
    code: 'DOC-04',
    condition: 'the trip has crossed already',
    conditionZh: '车次已使用（重复使用）',
    outcome: 'hold',
    unknown: 'SYS-02',
    prompt: 'prompt.inspection',
    source: 'domain.md 6.2 row 30; 5.2 (nothing crosses twice)',
    when: (view) =>
      onTrip(view, ({ tripId, crossedAt }) => (crossedAt === undefined ? no : yes({ trip: tripId }))),
  },
  {
    ...road,
    id: '31a',
    row: 31,
    code: 'DOC-05',
    condition: 'the manifest that the lane needs was not sent',
    conditionZh: '本通道所需舱单未发送',
    outcome: 'hold',
    unknown: 'SYS-02',
    prompt: 'prompt.stopAndWait',
    source: 'domain.md 6.2 row 31',
    when: (view) => {
      const isMissing = view.cargo.facts.manifest === null && view.cargo.needs('manifest')
      return isMissing ? yes({ missing: 'manifest' }) : onManifest(view, () => no)
    },
  },
  {
    ...road,
    id: '31b',
    row: 31,
    code: 'DOC-05',
    condition: 'the manifest was sent too late before the arrival: manifestWaitMs or more are missing',
    conditionZh: '舱单发送过晚：距规定提前时间尚差 manifestWaitMs 及以上',
    outcome: 'hold',
    unknown: 'SYS-03',
    prompt: 'prompt.stopAndWait',
    source: 'domain.md 6.2 row 31; law 6',
    when: (view) => tooLate(view, (missingMs, waitMs) => missingMs >= waitMs),
  },
  {
    ...road,
    id: '31c',
    row: 31,
    code: 'DOC-05',
    condition:
      'the manifest was sent a little late: less than manifestWaitMs are missing, worth a wait at the line',
    conditionZh: '舱单发送略晚：距规定提前时间不足 manifestWaitMs，可在停车线等候',
    outcome: 'escalate',
    unknown: 'SYS-03',
    prompt: 'prompt.wait',
    source: 'domain.md 6.2 row 31 (or wait prompt); law 6',
    when: (view) => tooLate(view, (missingMs, waitMs) => missingMs > 0 && missingMs < waitMs),
  },
]

function ofThisTrip(view: View): Finding {
  const { trip, needs } = view.cargo
  if (trip === null && needs('trip')) return yes({ missing: 'trip' })
  return onTrip(view, ({ tripId, vehicleId, trailerVehicleId, direction }) => {
    const { crossing } = view.inputs.profile
    const here = crossing === 'RI' || crossing === 'SI' ? 'in' : 'out'
    const trailers = trailersHere(view)
    const differs: string[] = []
    if (direction !== here) differs.push('direction')
    if (view.main !== null && view.main.vehicle.vehicleId !== vehicleId) differs.push('vehicle')
    if (trailerVehicleId !== undefined && trailers.length > 0 && !trailers.includes(trailerVehicleId))
      differs.push('trailer')
    return differs.length > 0 ? yes({ trip: tripId, differs: few(differs) }) : no
  })
}

function trailersHere({ tagVehicles, confidentPlates }: View): string[] {
  const byPlate = confidentPlates.flatMap(({ vehicle }) =>
    vehicle === null || vehicle === 'unknown' ? [] : [vehicle],
  )
  return [...tagVehicles, ...byPlate].filter(isTrailer).map((vehicle) => vehicle.vehicleId)
}

/** A faint reading of a number that is nowhere on the trip may be a second container. */
function unreadContainers(view: View): Finding {
  const { trip, containers, seen, needs } = view.cargo
  if (!needs('container') || !isEntry(trip)) return no
  if (seen.containers === null) return notYet(view, 'containers')
  const unread = containers.filter((container) => !container.seen).map((container) => container.number)
  const known = containers.map((container) => container.number)
  const strange = seen.containers.map(({ number }) => number).filter((number) => !known.includes(number))
  if (unread.length > 0) return notYet(view, few(unread))
  return strange.length > 0 ? unknown({ containers: few(strange) }) : no
}

/** Each container, or the goods where there is none, needs a declaration to each agency that the lane needs. */
function undeclaredGoods(view: View): Finding {
  const { needs, declarations, containers } = view.cargo
  const agencies = [...(needs('customs') ? ['CUSTOMS'] : []), ...(needs('iq') ? ['IQ'] : [])]
  const goods = containers.length === 0 ? [null] : containers.map((container) => container.number)
  const entries = entriesOf(view)
  const isUnsure = declarations.some(({ entry }) => entry === 'unknown')
  const nobodyHas = declarations.filter(({ entry }) => entry === null)
  return onTrip(view, () => {
    if (needsDeclarations(view) && nobodyHas.length > 0)
      return yes({ declarations: few(nobodyHas.map(({ no }) => no)) })
    return among(
      'undeclared',
      agencies.flatMap((agency) => goods.map((box) => ({ agency, box }))),
      ({ agency, box }) => `${agency}:${box ?? 'goods'}`,
      ({ agency, box }) => {
        const own = entries.filter((entry) => entry.agency === agency)
        const isDeclared = box === null ? own.length > 0 : own.some((one) => one.containers.includes(box))
        return isDeclared ? false : isUnsure ? 'unknown' : true
      },
    )
  })
}

function onManifest(view: View, when: (manifest: ManifestEntry) => Finding): Finding {
  const { manifest } = view.cargo.facts
  if (isEntry(manifest)) return when(manifest)
  return manifest === null ? no : whereNeeded(view, 'manifest', unknown({ missing: 'manifest' }))
}

/** Lines of other trucks' containers are not asked. */
function undeclaredLines(view: View, { lines }: ManifestEntry): Finding {
  const { trip, containers } = view.cargo
  const numbers = containers.map((container) => container.number)
  const declared = isEntry(trip) ? trip.declarationNos : null
  const undeclared = lines.filter(({ container, declarationNo }) => {
    const isOurs = container === null || numbers.includes(container)
    if (!isOurs) return false
    if (declarationNo === null) return true
    return container !== null && declared !== null && !declared.includes(declarationNo)
  })
  return undeclared.length > 0 ? yes({ lines: few(undeclared.map(({ lineNo }) => String(lineNo))) }) : no
}

function outsideWindow(view: View): Finding {
  const { now } = view.inputs
  const finding = amongDeclarations(view, ({ validFrom, validTo }) => {
    const ended = hasEnded(validTo, now)
    return ended === 'unknown' ? ended : ended || now.wallMs < validFrom
  })
  // Declarations that are not known at all are the matter of 30a.
  const isTold = now.clockQuality !== 'untrusted' && finding.unknown !== undefined
  return isTold ? (finding.yes === undefined ? no : yes(finding.yes)) : finding
}

/** How much the manifest is late by, at this moment: a vehicle that waits comes nearer to being in time. */
function tooLate(view: View, isMeant: (missingMs: number, waitMs: number) => boolean): Finding {
  const { now } = view.inputs
  const { policy, facts } = view.cargo
  if (!isEntry(facts.manifest)) return no
  const { manifestNo, sentAt, trusted } = facts.manifest
  if (now.clockQuality === 'untrusted')
    return whereNeeded(view, 'manifest', unknown({ manifest: manifestNo }))
  const missingMs =
    (trusted ? policy.trustedManifestBeforeMs : policy.manifestBeforeMs) - (now.wallMs - sentAt)
  return isMeant(missingMs, policy.manifestWaitMs)
    ? yes({ manifest: manifestNo, missingMs: String(missingMs) })
    : no
}
