import type { Broker } from './broker/broker.js'
import type { LiveFeed } from './api/live.js'
import type { FaultBoard } from './desk/fault-board.js'
import type { Switchboard } from './desk/switchboard.js'
import type { EdgeSide } from './edge-side.js'
import type { Inbox } from './inbox/inbox.js'
import type { People } from './people/people.js'
import type { Memory } from './store/memory.js'

/** Figures of the gateway by name, each a count since its start but for those that say how many there are now. */
export function figuresOf(parts: {
  readonly tasks: Readonly<Record<string, number>>
  readonly referrals: Readonly<Record<string, number>>
  readonly people: People
  readonly edgeSide: EdgeSide
  readonly inbox: Inbox
  readonly broker: Broker
  readonly switchboard: Switchboard
  readonly live: LiveFeed
  readonly memory: Memory
  readonly faults: FaultBoard
}): Record<string, number> {
  const { people, edgeSide, tasks, referrals, inbox, broker, switchboard, live, memory, faults } = parts
  const named = (prefix: string, counters: Readonly<Record<string, number>>) =>
    Object.entries(counters).map(([name, value]) => [`${prefix}_${name}`, value] as const)
  return Object.fromEntries([
    ...named('inbox', { ...inbox.counters, waiting: inbox.waiting }),
    ...named('broker', {
      ...broker.counters,
      ...broker.down.counters,
      connected: broker.down.connected().length,
    }),
    ...named('switchboard', switchboard.counters),
    ...named('people', people.counters),
    ...named('tasks', tasks),
    ...named('referrals', referrals),
    ...named('live', { ...live.counters, clients: live.size }),
    ...Object.entries(edgeSide.figures()).flatMap(([part, counters]) => named(part, counters)),
    ['escalations_open', [...memory.openEscalations()].length],
    ['faults_active', faults.all().length],
    ['rss_bytes', process.memoryUsage.rss()],
  ])
}
