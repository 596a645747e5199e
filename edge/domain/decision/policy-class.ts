import { defaultCargoPolicy, type CargoPolicy } from './cargo.js'
import { isEntry } from './cargo-view.js'
import { factOf } from './facts.js'
import { changedPolicy, companyClasses } from './policy.js'
import type { DecisionInputs, DecisionPolicy } from './types.js'
import type { VehicleEntry } from '../../messages/entities.js'

/**
 * Which way a threshold is strict. `smaller`, `greater`: of two values that one never lets more pass.
 * `hold`: 'hold' is. `limits`: each limit by itself is strict when it is smaller, and no limit is the weakest.
 * `sensing`: it says what counts as seen. Neither way is strict there (a plate that does not count identifies
 * nobody, and convicts nobody either), and whose company it is follows from it: it never differs by class.
 */
export type Strictness = 'smaller' | 'greater' | 'hold' | 'limits' | 'sensing'

type Plain = Exclude<keyof DecisionPolicy, 'cargo' | 'byClass'>

/** Of every threshold of the rules; a test counts them against the schema of rulesets. */
export const strictness: { readonly [K in Plain]-?: Strictness } = {
  identifyWithinMs: 'sensing',
  rereadForMs: 'sensing',
  plateConfidenceMin: 'sensing',
  tagReadsMin: 'greater',
  tagMissesMax: 'smaller',
  impossibleTravelMs: 'greater',
  ordersStaleLadenMs: 'smaller',
  ordersStaleOtherMs: 'smaller',
  registryStaleMs: 'smaller',
  sampleTagsMax: 'sensing',
}

/** The same of those on driver and load. */
export const cargoStrictness: { readonly [K in keyof CargoPolicy]-?: Strictness } = {
  manifestBeforeMs: 'greater',
  trustedManifestBeforeMs: 'greater',
  // A manifest that is missing for longer holds; within it, it only escalates.
  manifestWaitMs: 'smaller',
  customsWithinMs: 'smaller',
  weightToleranceKg: 'smaller',
  weightLadenShare: 'smaller',
  weightEmptyShare: 'smaller',
  earTagShare: 'smaller',
  crateShareMin: 'greater',
  // After the last try a missing seal holds; before, it only escalates.
  sealTriesMax: 'smaller',
  containerConfidenceMin: 'sensing',
  lowBalanceFen: 'greater',
  arrears: 'limits',
  healthSoonMs: 'greater',
  healthExpired: 'hold',
}

/**
 * The thresholds for the vehicle that was identified: those of its company's class, after site and lane. A
 * company that is not registered or cannot be told, and one from a list too old to believe, gets of each
 * threshold the strictest that anybody has (issue: "by site, lane and company class"; unknown is never a
 * favour). Everything it looks at is in the record.
 */
export function policyFor(inputs: DecisionInputs, vehicle: VehicleEntry | null): DecisionPolicy {
  const { policy } = inputs
  if (policy.byClass === undefined) return policy
  const known = companyClassOf(inputs, vehicle)
  return known === 'unknown' ? strictestOf(policy) : ofClass(policy, known)
}

/** The class of the vehicle's company; unknown also by a register older than registers may be, at the strictest. */
export function companyClassOf(
  { facts, lists, policy }: DecisionInputs,
  vehicle: VehicleEntry | null,
): (typeof companyClasses)[number] | 'unknown' {
  if (vehicle?.companyId === undefined || facts.cargo === undefined) return 'unknown'
  const company = factOf(facts.cargo.companies, vehicle.companyId)
  const ageMs = lists.find(({ list }) => list === 'companies')?.ageMs ?? null
  if (!isEntry(company) || ageMs === null || ageMs > strictestOf(policy).registryStaleMs) return 'unknown'
  return companyClasses.find((name) => name === String(company.managedClass)) ?? 'unknown'
}

function ofClass(policy: DecisionPolicy, name: (typeof companyClasses)[number]): DecisionPolicy {
  const { byClass, ...base } = policy
  const change = byClass?.[name]
  return change === undefined ? base : changedPolicy(base, change)
}

/** Asked for each look at a passage, and the thresholds of a lane never change. */
const strictestOfPolicy = new WeakMap<DecisionPolicy, DecisionPolicy>()

/** Of each threshold the strictest value that any class has, or those of no class. */
export function strictestOf(policy: DecisionPolicy): DecisionPolicy {
  const known = strictestOfPolicy.get(policy)
  if (known) return known
  const { byClass: _byClass, ...base } = policy
  const strictest = companyClasses
    .map((name) => ofClass(policy, name))
    .reduce((one, other) => {
      const cargo = strictestMembers(
        one.cargo ?? defaultCargoPolicy,
        other.cargo ?? defaultCargoPolicy,
        cargoStrictness,
      )
      return { ...strictestMembers(withReads(one), withReads(other), strictness), cargo }
    }, base)
  strictestOfPolicy.set(policy, strictest)
  return strictest
}

function withReads(policy: DecisionPolicy): DecisionPolicy {
  return { ...policy, tagReadsMin: policy.tagReadsMin ?? 1 }
}

function strictestMembers<T extends object>(
  one: T,
  other: T,
  ways: Readonly<Partial<Record<keyof T, Strictness>>>,
): T {
  const strictest = { ...one }
  for (const name of Object.keys(ways) as (keyof T)[])
    strictest[name] = stricter(one[name], other[name], ways[name] ?? 'sensing')
  return strictest
}

function stricter<V>(one: V, other: V, way: Strictness): V {
  switch (way) {
    case 'smaller':
      return other < one ? other : one
    case 'greater':
      return other > one ? other : one
    case 'hold':
      return other === 'hold' ? other : one
    case 'limits':
      return limitsOf(one, other)
    case 'sensing':
      return one
  }
}

/** Of two sets of limits each limit by itself; null has none. */
function limitsOf<V>(one: V, other: V): V {
  if (!isLimits(one)) return other
  if (!isLimits(other)) return one
  const entries = Object.keys(one).map((name) => [
    name,
    Math.min(one[name] ?? Infinity, other[name] ?? Infinity),
  ])
  return { ...one, ...(Object.fromEntries(entries) as Partial<V>) }
}

function isLimits<V>(value: V): value is V & Record<string, number> {
  return typeof value === 'object' && value !== null
}
