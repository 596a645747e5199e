import { LanekeeperError } from '../../edge/base/error.js'
import { needNames } from '../../edge/domain/decision/cargo.js'
import { cargoProfiles } from '../../edge/domain/decision/cargo-profiles.js'
import { profiles } from '../../edge/domain/decision/profiles.js'
import type { LaneProfile } from '../../edge/domain/decision/types.js'

/** The profile of that name, with other needs where they are given, as the edge's configuration takes them. */
export function profileNamed(name: string, needs: readonly string[] | undefined): LaneProfile {
  const all: Readonly<Record<string, LaneProfile>> = { ...profiles, ...cargoProfiles }
  const profile = Object.hasOwn(all, name) ? all[name] : undefined
  if (!profile) {
    throw new LanekeeperError(
      'scenario.profile',
      `a lane has no profile "${name}"; use one of ${Object.keys(all).join(', ')}`,
    )
  }
  if (needs === undefined) return profile
  const known = needNames.filter((need) => needs.includes(need))
  const strange = needs.filter((need) => !known.some((one) => one === need))
  if (strange.length === 0) return { ...profile, needs: known }
  throw new LanekeeperError(
    'scenario.need',
    `a lane cannot need "${strange.join('", "')}"; use some of ${needNames.join(', ')}`,
  )
}
