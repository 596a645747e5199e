import { makeCertificates } from '../../edge/cli/certificates.js'
import { LanekeeperError } from '../../edge/base/error.js'
import { silentLogger } from '../../edge/base/log.js'
import { laneModes } from '../../edge/messages/down.js'
import type { ListEntry } from '../../edge/messages/entities.js'
import type { LaneKind, Scenario } from '../scenario/format.js'
import { Site, type SiteOptions } from '../scenario/site.js'

type Given = Pick<SiteOptions, 'dir' | 'program' | 'clock' | 'onNotice' | 'onLost'>

/**
 * Lays out a site as a scenario wants it: its lanes, its lists, its differences from the standard
 * settings. Nothing is drawn: every vehicle comes from a line of the scenario.
 */
export function prepareSite(
  scenario: Pick<Scenario, 'lanes' | 'seed' | 'settings' | 'vehicles' | 'lane'>,
  entries: readonly ListEntry[],
  given: Given,
): Promise<Site> {
  const { timing, ...plan } = planOf(scenario.settings)
  // A serial reader tells neither RSSI nor TID: a story that hangs on them has MQTT readers.
  const tells =
    scenario.lanes > 1 ||
    Object.values(scenario.vehicles).some(({ tags }) =>
      tags.some((tag) => typeof tag !== 'string' && tag.tid !== undefined),
    )
  return Site.prepare({
    ...given,
    lanes: scenario.lanes,
    seed: scenario.seed,
    arrivals: 0,
    pauseMs: 1_000,
    patienceMs: 120_000,
    language: 'zh-CN',
    logLevel: 'info',
    readyWithinMs: 120_000,
    makeCertificates,
    log: silentLogger,
    timing,
    plan: { ...plan, ...kindsOf(scenario), entries, readers: tells ? ['mqtt'] : ['line'] },
  })
}

interface Differences {
  readonly timing: Record<string, number>
  readonly decision: Record<string, number | Record<string, number>>
  readonly disinfection: Record<string, number>
  mode?: (typeof laneModes)[number]
}

/** The scenario's settings as the edge's configuration has them. */
function planOf(settings: Scenario['settings']): Differences {
  const cargo: Record<string, number> = {}
  const plan: Differences = { timing: {}, decision: {}, disinfection: {} }
  for (const [path, value] of Object.entries(settings)) {
    const [part, name, ...deeper] = path.split('.')
    const mode = laneModes.find((known) => known === value)
    if (path === 'initialMode' && mode !== undefined) plan.mode = mode
    else if (
      (part === 'timing' || part === 'decision' || part === 'disinfection') &&
      name &&
      !deeper.length &&
      typeof value === 'number'
    )
      plan[part][name] = value
    else if (part === 'decision' && name === 'cargo' && deeper.length === 1 && typeof value === 'number')
      cargo[deeper[0] ?? ''] = value
    else
      throw new LanekeeperError(
        'scenario.setting',
        `the edge's configuration has no setting for "${path}: ${value}"; let the scenario be played in virtual time only`,
      )
  }
  if (Object.keys(cargo).length > 0) plan.decision['cargo'] = cargo
  return plan
}

/** What each lane is for, where the scenario says it. */
function kindsOf({ lane }: Pick<Scenario, 'lane'>): { kinds?: readonly LaneKind[] } {
  if (lane === undefined) return {}
  return { kinds: Array.isArray(lane) ? lane : [lane] }
}
