import { laneListNames } from '../../messages/entities.js'
import { isEntry } from './cargo-view.js'
import { line, share, word, type Line, type Said } from './explanation.js'
import { listAgeOf } from './list-ages.js'
import type { DecisionInputs } from './types.js'
import type { View } from './view.js'
import { toleranceKg, weighed } from './weights.js'

/** Within a tenth of its limit, on either side: a little more or less might have been judged otherwise. */
const nearShare = 0.1

/** Confidences crowd at the upper end: a tenth would name nearly all of them. */
const nearConfidence = 0.05

/** Values that stood close to the threshold that they were held against. */
export function nearLines(view: View): Line[] {
  const { inputs, cargo } = view
  const { policy, observations } = inputs
  const { containers, crateLabels } = cargo.seen
  return [
    ...observations.plates.flatMap(({ plate, confidence }) =>
      near('plate', confidence, policy.plateConfidenceMin, share, plate.text, nearConfidence),
    ),
    ...(containers ?? []).flatMap(({ number, confidence }) =>
      near('container', confidence, cargo.policy.containerConfidenceMin, share, number, nearConfidence),
    ),
    ...listAges(view),
    ...weightLines(view),
    ...(inputs.tagMissesBefore > 0
      ? near('tagMisses', inputs.tagMissesBefore, policy.tagMissesMax, (count) => count, '', 1)
      : []),
    ...near('identify', observations.lane.presentForMs, policy.identifyWithinMs, inMs),
    ...(isEntry(cargo.trip) && cargo.trip.crateLabels !== undefined && crateLabels !== null
      ? near('crates', crateLabels, cargo.trip.crateLabels.declared * cargo.policy.crateShareMin, Math.ceil)
      : []),
    ...manifestLines(inputs, view),
  ]
}

function near(
  name: string,
  value: number,
  limit: number,
  say: (value: number) => Said,
  what: Said = '',
  within = Math.abs(limit) * nearShare,
): Line[] {
  if (Math.abs(value - limit) > within) return []
  return [line(`explain.near.${name}`, { what, value: say(value), limit: say(limit) })]
}

function inMs(ms: number): Said {
  return { ms }
}

function listAges({ inputs: { lists, policy }, load }: View): Line[] {
  const mayBeLaden = load === 'L' || load === 'unknown'
  return lists.flatMap(({ list, ageMs }) => {
    const name = laneListNames.find((one) => one === list)
    const age = name === undefined ? null : listAgeOf(name, policy)
    if (age === null || ageMs === null) return []
    return near('listAge', ageMs, mayBeLaden ? age.ladenMs : age.otherMs, inMs, word('list', list))
  })
}

function weightLines(view: View): Line[] {
  const measured = weighed(view)
  if (measured === null) return []
  const { trip, policy } = view.cargo
  const expectedKg = isEntry(trip) ? trip.expectedGrossKg : undefined
  const legalKg = view.main?.vehicle.legalGrossKg
  return [
    ...(expectedKg === undefined || view.load !== 'L'
      ? []
      : near(
          'weight',
          Math.abs(measured.grossKg - expectedKg),
          toleranceKg(expectedKg, policy.weightLadenShare, view),
          Math.round,
        )),
    ...(legalKg === undefined ? [] : near('legalGross', measured.grossKg, legalKg, Math.round)),
  ]
}

function manifestLines({ now }: DecisionInputs, { cargo }: View): Line[] {
  const { manifest } = cargo.facts
  if (!isEntry(manifest) || !cargo.needs('manifest')) return []
  const { manifestBeforeMs, trustedManifestBeforeMs } = cargo.policy
  const limitMs = manifest.trusted ? trustedManifestBeforeMs : manifestBeforeMs
  return near('manifest', now.wallMs - manifest.sentAt, limitMs, inMs)
}
