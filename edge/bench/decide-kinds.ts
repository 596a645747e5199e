import { exampleLaden, type LadenChange } from '../domain/decision/cargo-examples.js'
import { cargoProfiles, type CargoProfileName } from '../domain/decision/cargo-profiles.js'
import { exampleInputs } from '../domain/decision/examples.js'
import { profiles, type ProfileName } from '../domain/decision/profiles.js'
import type { DecisionInputs } from '../domain/decision/types.js'

/** Every lane of the table; those for any load once for each load. */
const anyLoad = ['roadInAny', 'roadOutAny'] as const
const loads = ['L', 'E', 'V'] as const

export type KindName =
  | ProfileName
  | Exclude<CargoProfileName, (typeof anyLoad)[number]>
  | `${(typeof anyLoad)[number]} ${(typeof loads)[number]}`

const isAny = (name: string) => anyLoad.some((one) => one === name)

export const kindNames: readonly KindName[] = [
  ...keysOf(profiles),
  ...keysOf(cargoProfiles).filter(
    (name): name is Exclude<CargoProfileName, (typeof anyLoad)[number]> => !isAny(name),
  ),
  ...anyLoad.flatMap((name) => loads.map((load) => `${name} ${load}` as const)),
]

function keysOf<K extends string>(record: Readonly<Record<K, unknown>>): K[] {
  return Object.keys(record) as K[]
}

/** The vehicle that a lane of this kind releases, unless `change` speaks against it. */
export function clearOf(kind: KindName, change: LadenChange): DecisionInputs {
  const [name = '', anyOf] = kind.split(' ')
  if (isCarLane(name)) {
    const { truck: _truck, trip: _trip, seen: _seen, known: _known, ...ofCar } = change
    return exampleInputs({ ...ofCar, profile: profiles[name] })
  }
  if (!isGoodsLane(name)) throw new Error(`${kind} is no kind of lane`)
  const profile = cargoProfiles[name]
  const load = loads.find((one) => one === (anyOf ?? profile.assumedLoad)) ?? 'L'
  const sprayed = { ...change, seen: { sprayer: 'ready', ...change.seen } } as const
  const direction = profile.crossing === 'RI' || profile.crossing === 'SI' ? 'in' : 'out'
  const isLaden = load === 'L'
  const unladen: LadenChange = {
    ...sprayed,
    trip: {
      load,
      direction,
      sealIds: [],
      needsFitness: false,
      ...(load === 'V' && { containers: [] }),
      ...change.trip,
    },
    seen: {
      seals: [],
      weight: { grossKg: load === 'E' ? 12_800 : 9_000, stable: true, onScale: true, tries: 1 },
      ...(load === 'V' && { containers: [] }),
      ...sprayed.seen,
    },
  }
  return exampleLaden(isLaden ? sprayed : unladen, profile)
}

function isCarLane(name: string): name is ProfileName {
  return Object.hasOwn(profiles, name)
}

function isGoodsLane(name: string): name is CargoProfileName {
  return Object.hasOwn(cargoProfiles, name)
}
