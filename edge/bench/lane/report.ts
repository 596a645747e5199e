import { ratioOf, round, spreadHead, spreadOf, spreadRow, tableOf } from '../figures.js'
import type { BenchFigures, Say } from '../types.js'
import type { Passed } from './driven-lane.js'
import type { FloorTurn } from './floor.js'
import type { EdgeLoad } from './in-edge.js'
import type { Layout } from './layout.js'
import { floorOf, loopToRipe, type Measurement } from './measure.js'
import type { Arrivals } from './plc-process.js'
import type { ReadersFigures } from './readers-process.js'

/** Issue 2: p99 of at most 10 ms, and of at most twice the floor's. */
const target = { p99Ms: 10, ratio: 2 } as const

export interface LaneRun {
  readonly layout: Layout
  readonly heard: ReadersFigures
  readonly load: EdgeLoad
  readonly passed: readonly Passed[]
  readonly measurement: Measurement
  readonly arrivals: Arrivals
  readonly idle: readonly FloorTurn[]
  readonly besideLoad: readonly FloorTurn[]
}

/** The table for a person, and the same as figures. */
export function report(run: LaneRun, say: Say): BenchFigures {
  const { layout, heard, load, passed, measurement } = run
  const { measured } = measurement
  const lane = spreadOf(measured.map((one) => one.ripeToWireMs))
  const late = spreadOf(measured.filter((one) => one.isLate).map((one) => one.ripeToWireMs))
  const decided = spreadOf(measured.map((one) => one.ripeToDecidedMs))
  const wire = spreadOf(measured.map((one) => one.decidedToWireMs))
  const toRipe = loopToRipe(measured, passed, layout.collectMs)
  const floor = floorOf(run.idle, run.arrivals)
  const busy = floorOf(run.besideLoad, run.arrivals)
  for (const line of tableOf([
    spreadHead,
    spreadRow('ripe to command on the wire', lane),
    spreadRow('  ripe to decided', decided),
    spreadRow('  decided to command on the wire', wire),
    spreadRow('  of these, where a late tag made it ripe', late),
    spreadRow('loop occupied to known at the edge', toRipe),
    spreadRow('floor: one commit + one write, idle', floor.sum),
    spreadRow('  one commit (fsync)', floor.commit),
    spreadRow('  one write, until the PLC has it', floor.write),
    spreadRow('the same beside the load', busy.sum),
  ]))
    say(line)
  const readsPerSecondALane = round(heard.sent / (heard.forMs / 1_000) / layout.lanes.length, 1)
  say(
    `${readsPerSecondALane} reads/s a lane, ${heard.lost} lost before the bus, ${measurement.readsShed} shed; edge: ${round(load.cpuShare * 100, 0)} % of a core, ${Math.round(load.rssBytes / 1024 ** 2)} MiB`,
  )
  const ratio = { p50: ratioOf(lane.p50, floor.sum.p50), p99: ratioOf(lane.p99, floor.sum.p99) }
  return {
    bench: 'lane',
    lanes: layout.lanes.length,
    entries: layout.entries,
    readsPerSecondALane,
    readsLost: heard.lost,
    readsShed: measurement.readsShed,
    passages: passed.length,
    notReleased: measurement.notReleased,
    gaveUp: passed.filter((one) => one.gaveUp).length,
    ripeToWireMs: lane,
    lateTagToWireMs: late,
    ripeToDecidedMs: decided,
    decidedToWireMs: wire,
    loopToKnownMs: toRipe,
    edge: { ...load, cpuShare: round(load.cpuShare, 2) },
    floorMs: floor.sum,
    floorParts: { commitMs: floor.commit, writeMs: floor.write, writeRoundTripMs: floor.roundTrip },
    floorBesideLoadMs: busy.sum,
    ratio,
    ratioBesideLoad: { p50: ratioOf(lane.p50, busy.sum.p50), p99: ratioOf(lane.p99, busy.sum.p99) },
    target,
    met: lane.p99 !== null && lane.p99 <= target.p99Ms && ratio.p99 !== null && ratio.p99 <= target.ratio,
  }
}
