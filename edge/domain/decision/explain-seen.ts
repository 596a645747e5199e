import type { CargoObservations } from './cargo.js'
import { line, share, state, word, type Line, type Said } from './explanation.js'
import type { DecisionInputs, TagObservation } from './types.js'

/** What the lane sensed, in the order in which an officer would look. */
export function observedLines({ observations, devices }: DecisionInputs): Line[] {
  const { lane, tags, plates, cargo } = observations
  const troubled = Object.keys(devices)
    .sort()
    .filter((device) => devices[device] !== true)
  return [
    line('explain.lane', {
      entry: word('loop', lane.entryLoop),
      exit: word('loop', lane.exitLoop),
      barrier: word('barrier', lane.barrier),
      present: { ms: lane.presentForMs },
    }),
    ...(lane.intrusion === false ? [] : [line('explain.intrusion', { is: state('is', lane.intrusion) })]),
    ...(lane.previousClosed === true
      ? []
      : [line('explain.previous', { is: state('is', lane.previousClosed) })]),
    ...(lane.tooManyTags ? [line('explain.tooManyTags')] : []),
    ...(tags.length === 0 ? [line('explain.noTag')] : tags.flatMap(tagLines)),
    ...(plates.length === 0
      ? [line('explain.noPlate')]
      : plates.map(({ plate, confidence, readerId }) =>
          line('explain.plate', { plate: plate.text, confidence: share(confidence), reader: readerId }),
        )),
    ...(cargo === undefined ? [] : cargoLines(cargo)),
    ...troubled.map((device) =>
      line('explain.device', { device, is: state('is', devices[device] ?? 'unknown') }),
    ),
  ]
}

function tagLines({ epc, claim, presence, count, bestRssiDbm, elsewhere }: TagObservation): Line[] {
  return [
    line('explain.tag', {
      epc,
      claim: state('claim', claim),
      presence: state('presence', presence),
      count,
      rssi: rssi(bestRssiDbm),
    }),
    ...elsewhere.map((other) =>
      line('explain.tagElsewhere', {
        epc,
        lane: other.lane,
        count: other.count,
        rssi: rssi(other.bestRssiDbm),
        ago: { ms: other.lastHeardAgoMs },
      }),
    ),
  ]
}

function rssi(dbm: number | null): Said {
  return dbm === null ? line('explain.rssiUnknown') : line('explain.rssi', { dbm: Math.round(dbm) })
}

function cargoLines(seen: CargoObservations): Line[] {
  const { driverCard, weight, receipt } = seen
  const measured = (key: string, value: string | null) =>
    value === null ? [] : [line(key, { is: state('is', value) })]
  return [
    line(...cardOf(driverCard)),
    ...measured('explain.temperature', seen.temperature),
    ...measured('explain.radiation', seen.radiation),
    ...(seen.containers ?? []).map(({ number, confidence }) =>
      line('explain.box', { number, confidence: share(confidence) }),
    ),
    ...(seen.seals ?? []).map(({ sealId, status }) =>
      line('explain.sealSeen', { seal: sealId, is: state('sealReads', status) }),
    ),
    ...(seen.sealTries > 1 ? [line('explain.sealTries', { count: seen.sealTries })] : []),
    ...(weight === null
      ? []
      : [
          line('explain.weight', {
            kg: weight.grossKg ?? '–',
            tries: weight.tries,
            stable: state('is', weight.stable),
            onScale: state('is', weight.onScale),
          }),
        ]),
    ...(seen.earTags === null ? [] : [line('explain.earTags', { count: seen.earTags.length })]),
    ...(seen.crateLabels === null ? [] : [line('explain.crates', { count: seen.crateLabels })]),
    ...(receipt === null
      ? []
      : [
          line('explain.receipt', {
            receipt: receipt.receiptId,
            agency: state('agency', receipt.agency),
            kind: state('subject', receipt.subject.kind),
            key: receipt.subject.key,
            valid: state('is', receipt.signatureValid),
            used: state('is', receipt.used),
          }),
        ]),
    ...measured('explain.sprayer', seen.sprayer),
  ]
}

function cardOf(card: string | null): [string, Readonly<Record<string, Said>>] {
  return card === null ? ['explain.noCard', {}] : ['explain.card', { card }]
}
