import type { TagEntry, VehicleEntry } from '../../messages/entities.js'
import { among, few, no, notYet, unknown, yes, type Finding, type Rule } from './rule.js'
import {
  drivingVehiclesOf,
  isFaint,
  isTrailer,
  shows,
  type PlateView,
  type TagView,
  type View,
} from './view.js'

const everywhere = { crossings: 'all', loads: 'all' } as const

/** Phase 1: which vehicle is it, and is its tag what it seems? */
export const identity: readonly Rule[] = [
  {
    ...everywhere,
    id: '7a',
    row: 7,
    code: 'ID-01',
    condition: 'no tag and no plate within identifyWithinMs',
    conditionZh: 'identifyWithinMs 内既未读到电子标签也未识别车牌',
    outcome: 'escalate',
    unknown: 'ID-01',
    patience: 'identifyWithinMs',
    prompt: 'prompt.presentCard',
    source: 'domain.md 6.2 row 7',
    when: (view) => (view.tags.length + view.plates.length > 0 ? no : notYet(view, 'tag,plate')),
  },
  {
    ...everywhere,
    id: '7b',
    row: 7,
    code: 'ID-01',
    condition: 'the profile requires a plate, and none was read well enough within identifyWithinMs',
    conditionZh: '通道要求车牌，identifyWithinMs 内未识别到足够可信的车牌',
    outcome: 'escalate',
    unknown: 'ID-01',
    patience: 'identifyWithinMs',
    prompt: 'prompt.wait',
    source: 'domain.md 6.2 row 7; LaneProfile.plateRequired',
    when: (view) => {
      const { main, confidentPlates, inputs } = view
      const shown = confidentPlates.some((plate) => main === null || shows(main.vehicle, plate))
      return inputs.profile.plateRequired && !shown ? notYet(view, 'plate') : no
    },
  },
  {
    ...everywhere,
    id: '8a',
    row: 8,
    code: 'ID-02',
    condition:
      'a vehicle that should carry a tag is known by its plate only, and the profile goes on by plate',
    conditionZh: '应有车载卡的车辆仅由车牌识别，通道允许按车牌继续',
    outcome: 'none',
    unknown: null,
    advisory: 'TAG_MISSED',
    patience: 'rereadForMs',
    prompt: 'prompt.release',
    source: 'domain.md 6.2 row 8',
    when: (view) => (tagMissed(view) ? yes() : no),
  },
  {
    ...everywhere,
    id: '8b',
    row: 8,
    code: 'ID-02',
    condition: 'the same, after tagMissesMax misses in a row: card check',
    conditionZh: '同上，连续 tagMissesMax 次未读到车载卡：核卡',
    outcome: 'hold',
    unknown: null,
    patience: 'rereadForMs',
    prompt: 'prompt.office',
    source: 'domain.md 6.2 row 8',
    when: (view) => {
      const { tagMissesBefore, policy } = view.inputs
      const tooMany = tagMissed(view) && tagMissesBefore >= policy.tagMissesMax
      return tooMany ? yes({ missesBefore: String(tagMissesBefore) }) : no
    },
  },
  {
    ...everywhere,
    id: '8c',
    row: 8,
    code: 'ID-02',
    condition: 'no tag of a vehicle that drives, and no plate that may stand for it',
    conditionZh: '行驶车辆无电子标签，且无可替代的车牌',
    outcome: 'escalate',
    unknown: 'SYS-02',
    patience: 'identifyWithinMs',
    prompt: 'prompt.wait',
    source: 'domain.md 6.2 row 8',
    when: notIdentified,
  },
  {
    ...everywhere,
    id: '9',
    row: 9,
    code: 'ID-03',
    condition: 'a tag, or its vehicle, is not in the registry',
    conditionZh: '电子标签或其车辆未登记',
    outcome: 'escalate',
    unknown: 'SYS-02',
    prompt: 'prompt.wait',
    source: 'domain.md 6.2 row 9',
    when: (view) =>
      ofTags(view, (tag) => {
        if (tag.entry === null || tag.vehicle === null) return true
        return tag.entry === 'unknown' || tag.vehicle === 'unknown' ? 'unknown' : false
      }),
  },
  {
    ...everywhere,
    id: '10a',
    row: 10,
    code: 'ID-04',
    condition: 'a tag is not active: not yet issued out, suspended, damaged, revoked or expired',
    conditionZh: '电子标签未启用：未发放、停用、损坏、注销或过期',
    outcome: 'hold',
    unknown: 'SYS-02',
    prompt: 'prompt.office',
    source: 'domain.md 6.2 row 10; 5.2 (only ACTIVE is good)',
    when: (view) => ofEntries(view, (entry) => entry.state !== 'ACTIVE' && !isMissingCard(entry)),
  },
  {
    ...everywhere,
    id: '10b',
    row: 10,
    code: 'ID-04',
    condition: 'the validity of a tag has ended',
    conditionZh: '电子标签已过有效期',
    outcome: 'hold',
    // By an untrusted clock it cannot be told whether it has.
    unknown: 'SYS-03',
    prompt: 'prompt.office',
    source: 'domain.md 6.2 row 10; law 6',
    when: (view) =>
      ofEntries(view, (entry) => {
        if (entry.validTo === undefined) return false
        return view.inputs.now.clockQuality === 'untrusted'
          ? 'unknown'
          : view.inputs.now.wallMs > entry.validTo
      }),
  },
  {
    ...everywhere,
    id: '11',
    row: 11,
    code: 'ID-05',
    condition: 'a tag is reported lost or stolen',
    conditionZh: '电子标签已挂失或报失窃',
    outcome: 'hold',
    unknown: 'SYS-02',
    prompt: 'prompt.office',
    source: 'domain.md 6.2 row 11',
    when: (view) => ofEntries(view, isMissingCard),
  },
  {
    ...everywhere,
    id: '12a',
    row: 12,
    code: 'ID-06',
    condition: 'a plate read with confidence is not of the vehicle of the tag (clone)',
    conditionZh: '可信车牌不属于电子标签所属车辆（套牌）',
    outcome: 'hold',
    unknown: 'SYS-02',
    prompt: 'prompt.office',
    source: 'domain.md 6.2 row 12; 3.10 plate sets',
    when: (view) =>
      among(
        'plates',
        view.confidentPlates,
        (plate) => plate.text,
        (plate) => isForeign(plate, view),
      ),
  },
  {
    ...everywhere,
    id: '12b',
    row: 12,
    code: 'ID-06',
    condition: 'a tag shows another TID than the one it was issued with, or two (clone)',
    conditionZh: '电子标签的 TID 与发放记录不符，或出现两个 TID（克隆）',
    outcome: 'hold',
    unknown: 'SYS-02',
    prompt: 'prompt.office',
    source: 'domain.md 6.2 row 12; reliability.md F18',
    when: (view) =>
      ofTags(view, ({ entry, observation: { tid, otherTid } }) => {
        if (otherTid !== undefined) return true
        if (entry === null || tid === null) return false
        return entry === 'unknown' ? 'unknown' : entry.tid !== undefined && entry.tid !== tid
      }),
  },
  {
    ...everywhere,
    id: '13',
    row: 13,
    code: 'ID-07',
    condition: 'the same tag passed another lane less than impossibleTravelMs ago',
    conditionZh: '同一电子标签在 impossibleTravelMs 内通过另一通道',
    outcome: 'hold',
    unknown: null,
    prompt: 'prompt.office',
    source: 'domain.md 6.2 row 13',
    // A tag that may be the neighbour's is often the one that has just left there: row 14 speaks of it.
    when: (view) =>
      ofTags(
        view,
        ({ settled, observation }) =>
          settled &&
          observation.elsewhere.some(
            ({ passedAgoMs }) => passedAgoMs !== null && passedAgoMs <= view.inputs.policy.impossibleTravelMs,
          ),
      ),
  },
  {
    ...everywhere,
    id: '14',
    row: 14,
    code: 'ID-08',
    condition:
      'more than one candidate vehicle, or a tag that may be the neighbour’s or was hardly heard, and nothing decides',
    conditionZh: '有一辆以上候选车辆，或标签可能属于相邻通道或读取次数过少，且无法判定',
    outcome: 'escalate',
    unknown: 'SYS-02',
    patience: 'rereadForMs',
    prompt: 'prompt.wait',
    source: 'domain.md 6.2 row 14; reliability.md F11, F13, F14',
    when: undecidable,
  },
]

function tagMissed(view: View): boolean {
  const main = view.main
  return main?.by === 'plate' && main.vehicle.carriesTag && view.inputs.profile.identifyBy === 'tagOrPlate'
}

/** Row 8's "else": something was read, but it does not name a vehicle in the way the profile asks for. */
function notIdentified(view: View): Finding {
  const { tags, plates, main, confidentPlates } = view
  if (tags.length + plates.length === 0) return no
  if (main !== null && (main.by === 'tag' || view.inputs.profile.identifyBy === 'tagOrPlate')) return no
  // Plates that name several vehicles are the business of row 14.
  if (drivingVehiclesOf(confidentPlates).length > 1) return no
  // A tag that names a vehicle, or of which nothing is known, is the business of rows 9 and 14.
  if (tags.some((tag) => !isTrailerTag(tag))) return no
  if (main === null && confidentPlates.some((plate) => plate.vehicle === 'unknown')) {
    return unknown({ plates: few(confidentPlates.map((plate) => plate.text)) })
  }
  return yes({
    ...(plates.length > 0 ? { plates: few(plates.map((plate) => plate.text)) } : {}),
    ...(tags.length > 0 ? { tags: few(tags.map((tag) => tag.epc)) } : {}),
  })
}

/** Row 14. Two tags are one vehicle's, or a tractor's and its trailer's; any other two are too many. */
function undecidable(view: View): Finding {
  const { tags, tagVehicles, inputs } = view
  const unsettled = tags.filter((tag) => !tag.settled)
  const driving = tagVehicles.filter((vehicle) => !isTrailer(vehicle))
  const tooMany = driving.length > 1 || tagVehicles.length - driving.length > 1
  const evidence = {
    ...(unsettled.length > 0 ? { ambiguous: few(unsettled.map((tag) => tag.epc)) } : {}),
    ...(tooMany ? { vehicles: few(tagVehicles.map((vehicle) => vehicle.vehicleId)) } : {}),
    ...(isFaint(view) ? { faint: few(tags.map((tag) => tag.epc)) } : {}),
    ...(inputs.observations.lane.tooManyTags ? { tooManyTags: String(tags.length) } : {}),
  }
  if (Object.keys(evidence).length > 0) return yes(evidence)
  const unnamed = tags.filter((tag) => tag.vehicle === 'unknown')
  if (tags.length > 1 && unnamed.length > 0) return unknown({ tags: few(unnamed.map((tag) => tag.epc)) })
  return driving.length > 0 ? no : platesAtOdds(view)
}

/** Where plates must name the vehicle: those that say something else than the others, or nothing at all. */
function platesAtOdds({ confidentPlates }: View): Finding {
  const [first, ...more] = drivingVehiclesOf(confidentPlates)
  if (first === undefined) return no
  const others = confidentPlates.filter(
    (plate) =>
      !shows(first, plate) &&
      (plate.vehicle === null || plate.vehicle === 'unknown' || !isTrailer(plate.vehicle)),
  )
  // Whose a plate is counts even where the first vehicle may show it: another one may be registered with it.
  const unnamed = confidentPlates.filter((plate) => plate.vehicle === 'unknown')
  const plates = few(confidentPlates.map((plate) => plate.text))
  const named = others.filter((plate) => plate.vehicle !== 'unknown')
  if (more.length > 0 || named.length > 0) return yes({ plates })
  return unnamed.length > 0 ? unknown({ plates }) : no
}

/**
 * Whether a confident plate speaks against the tags that are surely this vehicle's. The plate of a
 * trailer beside the tag of a tractor, or the other way round, does not: two vehicles, two plates.
 */
function isForeign(plate: PlateView, view: View): boolean | 'unknown' {
  const tags = view.tags.filter((tag) => tag.settled)
  if (tags.some((tag) => isVehicle(tag.vehicle) && shows(tag.vehicle, plate))) return false
  // Without a registered tag there is no vehicle to compare with: row 9 speaks.
  const vehicles = tags.flatMap((tag) => (tag.vehicle === null ? [] : [tag.vehicle]))
  if (vehicles.length === 0) return false
  const of = plate.vehicle
  if (of === 'unknown' || vehicles.includes('unknown')) return 'unknown'
  if (of === null) return true
  return !vehicles.every((vehicle) => isVehicle(vehicle) && isTrailer(vehicle) !== isTrailer(of))
}

function isTrailerTag(tag: TagView): boolean {
  return isVehicle(tag.vehicle) && isTrailer(tag.vehicle)
}

function isVehicle(vehicle: TagView['vehicle']): vehicle is VehicleEntry {
  return vehicle !== null && vehicle !== 'unknown'
}

function isMissingCard(entry: TagEntry): boolean {
  return entry.state === 'LOST' || entry.state === 'STOLEN'
}

function ofTags(view: View, isTrueOf: (tag: TagView) => boolean | 'unknown'): Finding {
  return among('tags', view.tags, (tag) => tag.epc, isTrueOf)
}

function ofEntries(view: View, isTrueOf: (entry: TagEntry) => boolean | 'unknown'): Finding {
  return ofTags(view, ({ entry }) => (entry === null ? false : entry === 'unknown' ? entry : isTrueOf(entry)))
}
