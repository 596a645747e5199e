import { healthyDevices, type DeviceHealth } from './devices.js'
import type { SimLane } from './lane.js'
import type { Site } from './site.js'
import type { FaultKind } from './swarm.js'

const minute = 60_000

/** What goes wrong with devices about driver and load, and with the sprayer. */
export const deviceFaults = {
  devicesAway: {
    begin: (site, lane, _random, strength) => worseDevices(site, lane, { missShare: 0.2 + strength * 0.8 }),
    shortestMs: 2_000,
    longestMs: 2 * minute,
    everyMs: 1.5 * minute,
  },
  devicesUnsure: {
    begin: (site, lane, _random, strength) => worseDevices(site, lane, { unsureShare: 0.1 + strength * 0.6 }),
    shortestMs: 5_000,
    longestMs: 3 * minute,
    everyMs: minute,
  },
  devicesLate: {
    begin: (site, lane, _random, strength) =>
      worseDevices(site, lane, { latestMs: 1_000 + strength * 20_000, twiceShare: strength }),
    shortestMs: 5_000,
    longestMs: 3 * minute,
    everyMs: minute,
  },
  sprayerOut: {
    begin: (site, lane) => {
      const { plc } = withDevices(site, lane)
      plc.fail({ sprayerOut: true })
      return () => {
        plc.fail({ sprayerOut: false })
      }
    },
    shortestMs: 1_000,
    longestMs: minute,
    everyMs: 1.5 * minute,
  },
  peopleNear: {
    begin: (site, lane) => {
      const { plc } = withDevices(site, lane)
      plc.people(true, site.kernel.nowMs)
      return () => {
        plc.people(false, site.kernel.nowMs)
      }
    },
    shortestMs: 500,
    longestMs: 20_000,
    everyMs: 30_000,
  },
} as const satisfies Readonly<Record<string, FaultKind>>

/** The lane that has devices about driver and load, if there is one: elsewhere their faults break nothing. */
function withDevices(site: Site, lane: SimLane): SimLane {
  const needy = site.settings.findIndex(({ profile }) => (profile.needs ?? []).length > 0)
  return site.lanes[needy] ?? lane
}

function worseDevices(site: Site, lane: SimLane, change: Partial<DeviceHealth>): () => void {
  const { health } = withDevices(site, lane).devices
  Object.assign(health, change)
  return () => {
    Object.assign(health, healthyDevices)
  }
}
