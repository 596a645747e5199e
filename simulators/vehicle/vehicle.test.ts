import fc from 'fast-check'
import t from 'tap'
import { SeededRandom } from '../../edge/base/random.js'
import { goodAntenna, hears, rssiAt, sensitivityDbm } from './antenna.js'
import { actsOf, type Behaviour, type DriverOptions } from './driver.js'
import { standardLane } from './geometry.js'
import { drive, positionAt, reachesAtMs } from './motion.js'
import { Road } from './road.js'
import { carProfile, metalOf, truckProfile, type VehicleSpec } from './vehicle.js'

const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000)

const car: VehicleSpec = {
  id: 'car',
  kind: 'CAR',
  lengthM: 4.5,
  gaps: [],
  tags: [{ epc: 'A1', behindFrontM: 1, strengthDbm: -45 }],
  plates: [],
  profile: carProfile,
}
const truck: VehicleSpec = {
  ...car,
  id: 'truck',
  kind: 'TRUCK',
  lengthM: 16,
  gaps: [{ fromM: 6, toM: 9 }],
  profile: truckProfile,
}
const red = { green: false, armDegrees: 0, toldToReturn: false }
const green = { green: true, armDegrees: 90, toldToReturn: false }

interface Told {
  readonly ms: number
  readonly entry: boolean
  readonly exit: boolean
  readonly zone: boolean
}

/** Runs a road from change to change until nothing moves any more and notes every change of the loops. */
function watch(road: Road, untilMs: number, sees: (nowMs: number) => typeof red): Told[] {
  const told: Told[] = []
  let nowMs = 0
  for (;;) {
    const sensed = road.advance(nowMs, sees(nowMs))
    const last = told[told.length - 1]
    const now = {
      ms: nowMs,
      entry: sensed.entryOccupied,
      exit: sensed.exitOccupied,
      zone: sensed.zoneOccupied,
    }
    if (!last || last.entry !== now.entry || last.exit !== now.exit || last.zone !== now.zone) told.push(now)
    const next = Math.min(road.nextChangeMs(nowMs) ?? Infinity, nowMs + 1_000)
    if (next > untilMs) return told
    nowMs = next
  }
}

function run(
  vehicle: VehicleSpec,
  behaviour: Behaviour,
  greenFromMs: number,
  options: DriverOptions = {},
): { road: Road; told: Told[] } {
  const road = new Road(standardLane)
  road.enter(vehicle, actsOf(behaviour, standardLane, vehicle, options), 0)
  return { road, told: watch(road, 200_000, (ms) => (ms >= greenFromMs ? green : red)) }
}

t.test('a motion is continuous, ends where it should and is never faster than allowed', (t) => {
  fc.assert(
    fc.property(
      fc.double({ min: -50, max: 50, noNaN: true }),
      fc.double({ min: -50, max: 50, noNaN: true }),
      fc.double({ min: 0.3, max: 20, noNaN: true }),
      fc.double({ min: 0.2, max: 5, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (fromM, toM, speedMps, accelMps2, share) => {
        const motion = drive(fromM, toM, 1_000, { speedMps, accelMps2 })
        const atMs = 1_000 + (motion.endMs - 1_000) * share
        const here = positionAt(motion, atMs)
        const soon = positionAt(motion, atMs + 10)
        const reached = reachesAtMs(motion, here)
        return (
          positionAt(motion, motion.endMs) === toM &&
          Math.abs(soon - here) <= speedMps * 0.01 + 1e-9 &&
          Math.abs(toM - soon) <= Math.abs(toM - here) + 1e-9 &&
          (reached === null || Math.abs(positionAt(motion, reached) - here) < 1e-6)
        )
      },
    ),
    { seed },
  )
  t.pass(`SEED=${seed}`)
  t.end()
})

t.test('a car that is let through covers the entry loop, then the exit loop, and leaves', (t) => {
  const { road, told } = run(car, 'stopsAtLine', 9_000)
  t.match(
    told.map(({ entry, exit }) => `${entry ? 'E' : '-'}${exit ? 'X' : '-'}`).join(' '),
    /^-- E- (E- )?.*-X .*--$/,
  )
  t.match(road.left, [{ how: 'through' }])
  t.ok(
    told.filter((x) => x.zone).every((x) => x.exit),
    'nobody is under the bar without being on the closing loop',
  )
  t.equal(road.collisions, 0)
  t.end()
})

t.test('nobody passes a red light but the one who means to', (t) => {
  t.notOk(run(car, 'stopsAtLine', Infinity, { patienceMs: 500_000 }).told.some((x) => x.exit))
  t.ok(run(car, 'runsThrough', Infinity).told.some((x) => x.exit))
  t.end()
})

t.test('a driver who is tired of waiting, or told to turn back, leaves backwards', (t) => {
  t.match(run(car, 'stopsAtLine', Infinity, { patienceMs: 5_000 }).road.left, [{ how: 'backwards' }])
  t.match(run(car, 'reversesOut', Infinity).road.left, [{ how: 'backwards' }])
  const road = new Road(standardLane)
  road.enter(car, actsOf('returns', standardLane, car), 0)
  watch(road, 60_000, () => ({ ...red, toldToReturn: true }))
  t.match(road.left, [{ how: 'backwards' }])
  t.end()
})

t.test('a trailer gap longer than the loop clears the loop, a bar over it would still hit', (t) => {
  t.strictSame(metalOf(truck), [
    { fromM: 0, toM: 6 },
    { fromM: 9, toM: 16 },
  ])
  const { told } = run(truck, 'stopsAtLine', 0)
  const entries = told.filter((x, i) => x.entry && !told[i - 1]?.entry).length
  const zones = told.filter((x, i) => x.zone && !told[i - 1]?.zone).length
  t.equal(entries, 2)
  t.equal(zones, 1)
  t.end()
})

t.test('who stalls under the arm stays there for as long as he was asked to', (t) => {
  const { told, road } = run(car, 'stallsUnderArm', 0, { forMs: 20_000 })
  const on = told.find((x) => x.zone)?.ms ?? 0
  const off = told.find((x) => x.ms > on && !x.zone)?.ms ?? 0
  t.ok(off - on >= 20_000)
  t.match(road.left, [{ how: 'through' }])
  t.end()
})

t.test('a tail-gater is under the bar before the one in front could have been forgotten', (t) => {
  const road = new Road(standardLane)
  road.enter(car, actsOf('stopsAtLine', standardLane, car), 0)
  let nowMs = 0
  while (!road.hasRoom(nowMs)) road.advance((nowMs += 100), red)
  const second = { ...car, id: 'second' }
  road.enter(second, actsOf('tailgates', standardLane, second), nowMs)
  // The light is green for as long as the first has not passed, and red for the second.
  for (; nowMs < 60_000; nowMs += 20)
    road.advance(nowMs, nowMs > 12_000 && road.left.length === 0 ? green : red)
  t.strictSame(
    road.left.map((x) => `${x.vehicle.id} ${x.how}`),
    ['car through', 'second through'],
  )
  t.ok((road.left[1]?.atMs ?? Infinity) - (road.left[0]?.atMs ?? 0) < 4_000)
  t.equal(road.collisions, 0)
  t.end()
})

t.test('vehicles never touch, whoever drives before whom', (t) => {
  const kinds: Behaviour[] = [
    'stopsAtLine',
    'tailgates',
    'reversesOut',
    'slow',
    'stallsUnderArm',
    'hesitates',
    'runsThrough',
  ]
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom(...kinds), fc.boolean()), { minLength: 2, maxLength: 5 }),
      fc.integer({ min: 1, max: 20_000 }),
      (who, periodMs) => {
        const road = new Road(standardLane)
        const queue = who.map(([behaviour, long], i) => ({
          behaviour,
          vehicle: { ...(long ? truck : car), id: `v${i}` },
        }))
        for (let nowMs = 0; nowMs < 300_000; nowMs += 50) {
          const next = queue[0]
          if (next && road.hasRoom(nowMs)) {
            queue.shift()
            road.enter(
              next.vehicle,
              actsOf(next.behaviour, standardLane, next.vehicle, { patienceMs: 20_000 }),
              nowMs,
            )
          }
          road.advance(nowMs, Math.floor(nowMs / periodMs) % 2 === 0 ? green : red)
        }
        return road.collisions === 0 && road.left.length === who.length
      },
    ),
    { seed, numRuns: 30 },
  )
  t.pass(`SEED=${seed}`)
  t.end()
})

t.test('leaping from change to change sees the same loop edges as looking every millisecond', (t) => {
  const edges = (step: (road: Road, nowMs: number) => number): string[] => {
    const road = new Road(standardLane)
    road.enter(truck, actsOf('hesitates', standardLane, truck, { forMs: 1_234 }), 0)
    const seen: string[] = []
    let nowMs = 0
    let last = ''
    while (nowMs < 60_000) {
      const s = road.advance(nowMs, nowMs >= 15_000 ? green : red)
      const now = `${s.entryOccupied} ${s.exitOccupied} ${s.zoneOccupied}`
      if (now !== last) seen.push(`${now} ${Math.round(nowMs / 3)}`)
      last = now
      nowMs = step(road, nowMs)
    }
    return seen.map((line) => line.replace(/ \d+$/, ''))
  }
  const leapt = edges((road, nowMs) =>
    Math.min(road.nextChangeMs(nowMs) ?? Infinity, nowMs + 5_000, nowMs < 15_000 ? 15_000 : Infinity),
  )
  const watched = edges((_road, nowMs) => nowMs + 1)
  t.strictSame(leapt, watched)
  t.end()
})

t.test('a tag is heard best under its own antenna, weaker from the next lane, never from afar', (t) => {
  const near = rssiAt(standardLane, goodAntenna, -45, 21, 0)
  const cross = rssiAt(standardLane, goodAntenna, -45, 21, 1)
  t.ok(near > cross + goodAntenna.crossLossDb)
  t.ok(rssiAt(standardLane, goodAntenna, -45, 5, 0) < near)
  const random = new SeededRandom(seed)
  let heard = 0
  for (let i = 0; i < 1_000; i += 1) if (hears(goodAntenna, near, random)) heard += 1
  t.ok(heard > 900 && heard < 1_000, `heard ${heard} of 1000`)
  t.equal(hears(goodAntenna, sensitivityDbm - 10, random), null)
  t.end()
})
