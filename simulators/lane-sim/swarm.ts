import type { SeededRandom } from '../../edge/base/random.js'
import { goodAntenna } from '../vehicle/antenna.js'
import { healthyPlcLink } from './barrier.js'
import { healthyDisk } from './disk.js'
import type { SimLane } from './lane.js'
import { healthyLink } from './link.js'
import type { Site } from './site.js'
import { deviceFaults } from './swarm-devices.js'

/** One way in which the world can be bad. `strength` 0 to 1 is drawn once a seed. */
export interface FaultKind {
  /** Begins, on one lane; gives back how it ends. */
  readonly begin: (site: Site, lane: SimLane, random: SeededRandom, strength: number) => () => void
  readonly shortestMs: number
  readonly longestMs: number
  /** Mean pause between two of them. */
  readonly everyMs: number
}

const minute = 60_000

/** Points of one release at which the edge may die (reliability.md 2.8), by what has just become true. */
export const killPoints = [
  'passageOpened',
  'tagObserved',
  'decided',
  'barrierIntent',
  'sprayIntent',
  'sprayAsked',
  'sprays',
  'disinfected',
  'raiseAsked',
  'accepted',
  'barrierOutcome',
  'armMoving',
  'barrierMoved',
  'escalationOpened',
  'verdictJudged',
  'consumed',
  'passageEnded',
] as const

export const faultKinds = {
  readerOutage: {
    begin: (site, lane) => {
      site.setReader(lane, true)
      return () => {
        site.setReader(lane, false)
      }
    },
    shortestMs: 1_000,
    longestMs: 40_000,
    everyMs: 2 * minute,
  },
  weakReads: {
    begin: (_site, lane, _random, strength) => {
      lane.health.antenna = { ...lane.health.antenna, missShare: 0.3 + strength * 0.65 }
      return () => {
        lane.health.antenna = { ...lane.health.antenna, missShare: goodAntenna.missShare }
      }
    },
    shortestMs: 5_000,
    longestMs: 2 * minute,
    everyMs: minute,
  },
  crossReads: {
    begin: (_site, lane, _random, strength) => {
      lane.health.antenna = { ...lane.health.antenna, crossLossDb: 12 - strength * 12 }
      return () => {
        lane.health.antenna = { ...lane.health.antenna, crossLossDb: goodAntenna.crossLossDb }
      }
    },
    shortestMs: 5_000,
    longestMs: 3 * minute,
    everyMs: minute,
  },
  flood: {
    begin: (_site, lane, random, strength) => {
      lane.health.floodPerSecond = 50 + strength * 2_000
      lane.health.floodOfOneTag = random.chance(0.5)
      lane.wakeReader()
      return () => {
        lane.health.floodPerSecond = 0
      }
    },
    shortestMs: 500,
    longestMs: 3_000,
    everyMs: 4 * minute,
  },
  diskBroken: {
    begin: (site) => {
      site.edge.disk.health.broken = true
      return () => {
        site.edge.disk.health.broken = false
      }
    },
    shortestMs: 50,
    longestMs: 20_000,
    everyMs: 2 * minute,
  },
  diskSlow: {
    begin: (site, _lane, _random, strength) => {
      site.edge.disk.health.slowestMs = 20 + strength * 1_500
      return () => {
        site.edge.disk.health.slowestMs = healthyDisk.slowestMs
      }
    },
    shortestMs: 2_000,
    longestMs: minute,
    everyMs: 1.5 * minute,
  },
  edgeKill: {
    begin: (site) => {
      site.killEdge()
      return () => {
        site.startEdge()
      }
    },
    shortestMs: 100,
    longestMs: 10_000,
    everyMs: 1.5 * minute,
  },
  edgeKillAtPoint: {
    begin: (site, lane, random) => {
      const point = random.pick(killPoints)
      const delayMs = random.chance(0.5) ? null : random.next() * 4
      let armed = true
      let cancel = (): void => undefined
      const watcher = {
        point: (where: SimLane, what: string): void => {
          if (!armed || where !== lane || what !== point) return
          armed = false
          if (delayMs === null) site.killEdge()
          else {
            cancel = site.kernel.after(delayMs, 'kill', () => {
              site.killEdge()
            })
          }
        },
      }
      site.watchers.push(watcher)
      return () => {
        armed = false
        cancel()
        site.watchers.splice(site.watchers.indexOf(watcher), 1)
        site.startEdge()
      }
    },
    shortestMs: 5_000,
    longestMs: 20_000,
    everyMs: minute,
  },
  plcRestart: {
    begin: (_site, lane) => {
      lane.stopPlc()
      return () => {
        lane.startPlc()
      }
    },
    shortestMs: 200,
    longestMs: 8_000,
    everyMs: 3 * minute,
  },
  plcLine: {
    begin: (_site, lane) => {
      lane.setLine(false)
      return () => {
        lane.setLine(true)
      }
    },
    shortestMs: 50,
    longestMs: 15_000,
    everyMs: 1.5 * minute,
  },
  writesLost: shareOfWrites('lostShare'),
  writesLate: shareOfWrites('lateShare'),
  writesTwice: shareOfWrites('duplicateShare'),
  writesUnanswered: shareOfWrites('unansweredShare'),
  signalsSlow: {
    begin: (_site, lane, _random, strength) => {
      lane.line.signalDelayMs = 30 + strength * 400
      return () => {
        lane.line.signalDelayMs = 0
      }
    },
    shortestMs: 5_000,
    longestMs: minute,
    everyMs: 2 * minute,
  },
  motorStuck: {
    begin: (_site, lane, random) => {
      lane.plc.fail({ stuckAt: random.int(0, 90) })
      return () => {
        lane.plc.fail({ stuckAt: null })
      }
    },
    shortestMs: 2_000,
    longestMs: minute,
    everyMs: 3 * minute,
  },
  motorSlow: {
    begin: (_site, lane, _random, strength) => {
      lane.plc.fail({ slowFactor: 1.5 + strength * 5 })
      return () => {
        lane.plc.fail({ slowFactor: 1 })
      }
    },
    shortestMs: 5_000,
    longestMs: 2 * minute,
    everyMs: 2 * minute,
  },
  loopStuck: {
    begin: (_site, lane, random) => {
      const how = random.chance(0.5) ? 'occupied' : 'clear'
      lane.plc.fail({ loopStuck: random.chance(0.5) ? { entry: how } : { exit: how } })
      return () => {
        lane.plc.fail({ loopStuck: null })
      }
    },
    shortestMs: 1_000,
    longestMs: 40_000,
    everyMs: 3 * minute,
  },
  loopBounce: {
    begin: (_site, lane, _random, strength) => {
      lane.plc.fail({ loopBounceMs: 20 + strength * 300 })
      return () => {
        lane.plc.fail({ loopBounceMs: 0 })
      }
    },
    shortestMs: 5_000,
    longestMs: minute,
    everyMs: 2 * minute,
  },
  uplinkDown: {
    begin: (site) => {
      site.link.setUp(false)
      return () => {
        if (site.gateway.alive) site.link.setUp(true)
      }
    },
    shortestMs: 500,
    longestMs: 4 * minute,
    everyMs: 3 * minute,
  },
  uplinkLossy: {
    begin: (site, _lane, _random, strength) => {
      Object.assign(site.link.health, {
        lossShare: strength * 0.5,
        duplicateShare: strength * 0.5,
        slowestMs: 20 + strength * 2_000,
      })
      return () => {
        const { lossShare, duplicateShare, slowestMs } = healthyLink
        Object.assign(site.link.health, { lossShare, duplicateShare, slowestMs })
      }
    },
    shortestMs: 5_000,
    longestMs: 3 * minute,
    everyMs: minute,
  },
  gatewayKill: {
    begin: (site) => {
      site.killGateway()
      return () => {
        site.startGateway()
      }
    },
    shortestMs: 100,
    longestMs: 20_000,
    everyMs: 1.5 * minute,
  },
  clockJump: {
    begin: (site, _lane, random) => {
      const byMs = random.int(-3_600_000, 3_600_000)
      site.wall.offsetMs += byMs
      site.wall.quality = random.chance(0.5) ? 'untrusted' : 'holdover'
      return () => {
        site.wall.offsetMs -= byMs
        site.wall.quality = 'synchronised'
      }
    },
    shortestMs: 5_000,
    longestMs: minute,
    everyMs: 3 * minute,
  },
  lookupsFail: {
    begin: (site) => {
      site.edge.listHealth.lookupFails = true
      return () => {
        site.edge.listHealth.lookupFails = false
      }
    },
    shortestMs: 500,
    longestMs: 20_000,
    everyMs: 2 * minute,
  },
  lookupsSlow: {
    begin: (site, _lane, _random, strength) => {
      site.edge.listHealth.slowestMs = 50 + strength * 4_000
      return () => {
        site.edge.listHealth.slowestMs = 1.5
      }
    },
    shortestMs: 2_000,
    longestMs: minute,
    everyMs: 1.5 * minute,
  },
  ...deviceFaults,
  mischief: {
    begin: (site, _lane, _random, strength) => {
      site.operator.health.mischiefShare = 0.3 + strength * 0.7
      return () => {
        site.operator.health.mischiefShare = 0
      }
    },
    shortestMs: minute,
    longestMs: 10 * minute,
    everyMs: 10_000,
  },
} as const satisfies Readonly<Record<string, FaultKind>>
export type FaultName = keyof typeof faultKinds

/** What can go wrong; without a lane that has them, no device about driver and load can. */
export function faultNames(withDevices: boolean): FaultName[] {
  const names = Object.keys(faultKinds) as FaultName[]
  return withDevices ? names : names.filter((name) => !Object.hasOwn(deviceFaults, name))
}

function shareOfWrites(which: 'lostShare' | 'lateShare' | 'duplicateShare' | 'unansweredShare'): FaultKind {
  return {
    begin: (_site, lane, _random, strength) => {
      lane.line[which] = 0.1 + strength * 0.7
      return () => {
        lane.line[which] = healthyPlcLink[which]
      }
    },
    shortestMs: 10_000,
    longestMs: 3 * minute,
    everyMs: minute,
  }
}

/** The faults of one seed: at least four kinds, drawn, each with its own strength. */
export class Swarm {
  readonly kinds: readonly FaultName[]
  readonly #site: Site
  readonly #random: SeededRandom
  readonly #undo = new Set<() => void>()
  #over = false

  constructor(site: Site, random: SeededRandom, least: number, names: readonly FaultName[]) {
    this.#site = site
    this.#random = random
    const pool = [...names]
    const many = Math.min(pool.length, least + random.int(0, 4))
    this.kinds = Array.from({ length: many }, () => {
      const index = random.int(0, pool.length - 1)
      return pool.splice(index, 1)[0] ?? names[0] ?? 'edgeKill'
    })
  }

  start(): void {
    for (const name of this.kinds) this.#again(name, this.#random.next(), 0.2)
  }

  /** No more faults; every one that is in effect ends. */
  end(): void {
    this.#over = true
    for (const undo of [...this.#undo]) undo()
  }

  #again(name: FaultName, strength: number, share: number): void {
    const kind: FaultKind = faultKinds[name]
    const pauseMs = share * kind.everyMs * (0.3 + 1.4 * this.#random.next())
    this.#site.kernel.after(pauseMs, `fault.${name}`, () => {
      if (this.#over) return
      const undo = kind.begin(this.#site, this.#random.pick(this.#site.lanes), this.#random, strength)
      const once = (): void => {
        if (this.#undo.delete(once)) undo()
      }
      this.#undo.add(once)
      const lastsMs = kind.shortestMs + this.#random.next() ** 2 * (kind.longestMs - kind.shortestMs)
      this.#site.kernel.after(lastsMs, `mend.${name}`, () => {
        once()
        if (!this.#over) this.#again(name, strength, 1)
      })
    })
  }
}
