import t from 'tap'
import type { LaneEvent } from '../../edge/domain/lane/types.js'
import type { ListStore } from '../../edge/interfaces/list-store.js'
import type { Command } from '../../edge/messages/down.js'
import type { ListEntry } from '../../edge/messages/entities.js'
import { PlcLane } from '../plc/model.js'
import { Checker, invariants, type Invariant } from './checker.js'
import type { FaultyParts } from './edge.js'
import type { PlcModel, SimLane } from './lane.js'
import { ListData } from './lists.js'
import { isSameAgain, runSeed, type SeedOptions } from './seed.js'
import type { FaultName } from './swarm.js'

/**
 * A checker that was never red proves nothing: for each invariant something is broken on purpose,
 * outside the product, and the seeds must say which invariant it was.
 */
interface Sabotage {
  readonly what: string
  readonly invariant: Invariant
  readonly faults: readonly FaultName[]
  readonly parts?: FaultyParts
  readonly wrapPlc?: (plc: PlcLane) => PlcModel
  /** Where the thing happens only after a while. */
  readonly passages?: number
}

type SetMode = Extract<Command['what'], { do: 'setMode' }>

function withEvent(change: (event: LaneEvent, lane: SimLane) => LaneEvent | null): FaultyParts {
  return { changeEvent: change }
}

function listsThat(change: (lists: ListStore) => Partial<ListStore>): FaultyParts {
  return {
    wrapLists: (lists) => ({
      inForce: () => lists.inForce(),
      factsOfTag: (epc) => lists.factsOfTag(epc),
      factsOfPlate: (plate) => lists.factsOfPlate(plate),
      find: (list, by, values) => lists.find(list, by, values),
      ordersOn: (keys) => lists.ordersOn(keys),
      blacklistOn: (keys) => lists.blacklistOn(keys),
      applyDelta: (delta) => lists.applyDelta(delta),
      applyFull: (head, entries) => lists.applyFull(head, entries),
      staged: (list) => lists.staged(list),
      confirm: (head, atMs) => lists.confirm(head, atMs),
      onSwitched: (listener) => lists.onSwitched(listener),
      ...change(lists),
    }),
  }
}

/** Lists that were confirmed a moment ago, whenever somebody looks. */
function alwaysFresh(): FaultyParts {
  let wallMs = 0
  return {
    ...withEvent((event) => {
      if (event.on === 'read') wallMs = event.read.heardAt.wallMs
      return event
    }),
    ...listsThat((lists) => ({
      inForce: () => lists.inForce().map((list) => ({ ...list, confirmedAt: wallMs })),
    })),
  }
}

/** A PLC that raises as often as it is asked, whatever the id. */
function forgetfulPlc(plc: PlcLane): PlcModel {
  return {
    advance: (nowMs, sensed) => {
      plc.advance(nowMs, sensed)
    },
    request: (raw, nowMs) => {
      const answer = plc.request(raw, nowMs)
      return answer !== 'accepted' && answer.refused === 'used' ? 'accepted' : answer
    },
    spray: (raw, nowMs) => plc.spray(raw, nowMs),
    people: (areNear, nowMs) => {
      plc.people(areNear, nowMs)
    },
    image: () => plc.image(),
    get armAngle() {
      return plc.armAngle
    },
    edgeHeartbeat: (counter, nowMs) => {
      plc.edgeHeartbeat(counter, nowMs)
    },
    guide: (guidance, nowMs) => {
      plc.guide(guidance, nowMs)
    },
    powerOff: (nowMs) => {
      plc.powerOff(nowMs)
    },
    restart: (nowMs, bootId) => {
      plc.restart(nowMs, bootId)
    },
    fail: (failure) => {
      plc.fail(failure)
    },
    mend: () => {
      plc.mend()
    },
    nextChangeMs: () => plc.nextChangeMs(),
    truth: plc.truth,
  }
}

const sabotages: readonly Sabotage[] = [
  {
    what: 'a journal that says "durable" before it is',
    invariant: 'recordBeforeMove',
    faults: ['diskSlow'],
    parts: { journal: { resolvesEarly: true } },
  },
  {
    what: 'a PLC that takes the same request twice',
    invariant: 'oneRaisePerRight',
    faults: ['writesTwice'],
    wrapPlc: forgetfulPlc,
  },
  {
    what: 'a judgement that does not see the control orders',
    invariant: 'heldWins',
    faults: [],
    parts: listsThat(() => ({ ordersOn: () => [] })),
  },
  {
    what: 'a lane that obeys a retained verdict',
    invariant: 'verdictOnly',
    faults: ['mischief'],
    parts: withEvent((event) => (event.on === 'verdict' ? { ...event, retained: false } : event)),
  },
  {
    what: 'a lane that obeys an expired verdict',
    invariant: 'verdictOnly',
    faults: ['mischief'],
    parts: withEvent((event) =>
      event.on === 'verdict'
        ? { ...event, verdict: { ...event.verdict, expiresAt: event.verdict.expiresAt + 3_600_000 } }
        : event,
    ),
  },
  {
    what: 'a lane that does not ask for which passage a verdict is',
    invariant: 'verdictOnly',
    faults: ['mischief'],
    parts: withEvent((event) => {
      if (event.on !== 'verdict') return event
      const { escalationId } = event.verdict
      return { ...event, verdict: { ...event.verdict, passageId: escalationId.replace(/\.e\d+$/, '') } }
    }),
  },
  {
    what: 'lists that always look fresh',
    invariant: 'failDirection',
    faults: ['uplinkDown'],
    parts: alwaysFresh(),
    passages: 60,
  },
  {
    what: 'a PLC that does not wait until the vehicle is clear',
    invariant: 'barNeverOnVehicle',
    faults: [],
    wrapPlc: () => new PlcLane({ id: 'hasty', bootId: 'hasty-0', settings: { clearForMs: 0 } }),
  },
  {
    what: 'a gateway that loses what it has acknowledged',
    invariant: 'exactlyOnceInOrder',
    faults: ['gatewayKill'],
    parts: { gatewayForgets: 3 },
  },
  {
    what: 'an outbox that is freed when the broker has the event',
    invariant: 'pruneSafety',
    faults: [],
    parts: { uplink: { prunesOnBrokerAck: true } },
  },
  {
    what: 'an uplink without a window',
    invariant: 'bounded',
    faults: ['uplinkDown'],
    parts: { uplink: { inFlightMax: 100_000 } },
    passages: 150,
  },
  {
    what: 'a lane that does not see who comes',
    invariant: 'liveness',
    faults: [],
    parts: withEvent((event, lane) =>
      event.on === 'signals' && lane.number === 2
        ? { ...event, signals: { ...event.signals, entryLoop: 'clear', entryCount: 0 } }
        : event,
    ),
  },
]

const ladenSabotages: readonly Sabotage[] = [
  {
    what: 'a thermometer whose fevers are told as normal',
    invariant: 'needsKnown',
    faults: [],
    parts: withEvent((event) =>
      event.on === 'read' && event.read.kind === 'device' && event.read.sensed.of === 'temperature'
        ? { ...event, read: { ...event.read, sensed: { of: 'temperature', is: 'normal' } } }
        : event,
    ),
  },
  {
    what: 'a lookup that spares every truck the draw',
    invariant: 'needsKnown',
    faults: [],
    parts: listsThat((lists) => ({
      find: async (list, by, values) => {
        const found = await lists.find(list, by, values)
        if (found === 'unknown') return found
        return found.map((entry) => (entry.kind === 'draw' ? { ...entry, selected: false } : entry))
      },
    })),
  },
  {
    what: 'a lookup that has forgotten which papers were used',
    invariant: 'usedOnce',
    faults: [],
    parts: listsThat((lists) => ({
      find: async (list, by, values) => {
        const found = await lists.find(list, by, values)
        return found === 'unknown' ? found : found.map(unused)
      },
    })),
    passages: 60,
  },
]

/** As it was before anybody crossed by it. */
function unused(entry: ListEntry): ListEntry {
  if (entry.kind === 'release') return { ...entry, state: 'ACTIVE', usesLeft: 1 }
  if (entry.kind === 'declaration') return { ...entry, state: 'RELEASED' }
  if (entry.kind !== 'trip') return entry
  const { crossedAt: _crossedAt, ...open } = entry
  return open
}

/** Changes what people told a lane about its mode, on the way to it. */
function withMode(change: (what: SetMode) => SetMode): FaultyParts {
  return withEvent((event) => {
    if (event.on !== 'command' || event.command.what.do !== 'setMode') return event
    return { ...event, command: { ...event.command, what: change(event.command.what) } }
  })
}

const modeSabotages: readonly Sabotage[] = [
  {
    what: 'a lane that goes on by itself where people wanted to look at each vehicle',
    invariant: 'modeObeyed',
    faults: [],
    parts: withMode((what) =>
      what.mode === 'ATTENDED' || what.mode === 'SHADOW' ? { ...what, mode: 'AUTO' } : what,
    ),
    passages: 60,
  },
  {
    what: 'an emergency opening that does not end',
    invariant: 'modeObeyed',
    faults: [],
    parts: withMode((what) =>
      what.forMs === undefined ? what : { ...what, forMs: Math.min(what.forMs * 20, 3_600_000) },
    ),
    passages: 60,
  },
  {
    what: 'a journal in which an emergency opening looks like any other time',
    invariant: 'contingencyRecorded',
    faults: [],
    parts: {
      wrapJournal: (journal) => ({
        epoch: journal.epoch,
        bootId: journal.bootId,
        append: (drafts) => journal.append(drafts.map((draft) => ({ ...draft, contingency: false }))),
        memoryOf: (lane) => journal.memoryOf(lane),
        read: (afterSequence) => journal.read(afterSequence),
        probe: () => journal.probe(),
      }),
    },
    passages: 60,
  },
]

const seedsMax = 12

for (const sabotage of [...sabotages, ...ladenSabotages, ...modeSabotages]) {
  const { what, invariant, faults, parts, wrapPlc, passages } = sabotage
  t.test(`${what} is seen: ${invariants[invariant]}`, async (t) => {
    const seen: string[] = []
    for (let seed = 1; seed <= seedsMax; seed += 1) {
      const options: SeedOptions = {
        seed,
        passages: passages ?? 30,
        lanes: 2,
        laden: ladenSabotages.includes(sabotage),
        modes: modeSabotages.includes(sabotage),
        faults,
        ...(parts ? { parts } : {}),
        ...(wrapPlc ? { wrapPlc } : {}),
      }
      const { broken } = await runSeed(options)
      if (broken) seen.push(broken.invariant)
      if (broken?.invariant === invariant) return t.pass(`seed ${seed}: ${broken.detail}`)
    }
    t.fail(`${seedsMax} seeds did not name it, but ${seen.join() || 'nothing'}`)
  })
}

t.test('a history that is not the same twice is seen', async (t) => {
  let reads = 0
  const parts = withEvent((event) => (event.on === 'read' && (reads += 1) % 97 === 0 ? null : event))
  const options: SeedOptions = { seed: 3, passages: 10, lanes: 2, faults: [], parts }
  const first = await runSeed(options)
  t.match(await isSameAgain(options, first), { invariant: 'deterministic' })
  const { parts: _broken, ...honest } = options
  t.equal(await isSameAgain(honest, await runSeed(honest)), null)
})

t.test('a list that goes back is seen', (t) => {
  const checker = new Checker(new ListData(), { ordersMs: 1, registryMs: 1 }, () => 0)
  checker.listInForce('orders', 4)
  checker.listInForce('orders', 5)
  t.strictSame(checker.breaches, [])
  checker.listInForce('orders', 4)
  t.match(checker.breaches, [{ invariant: 'listsMonotone' }])
  t.end()
})
