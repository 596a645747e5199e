import { systemClock } from '../../base/clock.js'
import { MemoryControl } from '../../domain/lists/memory-control.js'
import { openEdgeStore } from '../index.js'
import { packedBeside } from '../control-load.js'
import { messageOf } from '../../base/error.js'
import { delta } from './list.contract.js'
import { askedKeys, changedList, longList } from './long-list.js'

/** What a store made of a long list at its start. */
export interface LongStart {
  /** What the log said of the thread that reads it. */
  readonly words: readonly string[]
  readonly before: unknown
  readonly inForce: unknown
  readonly loaded: unknown
  readonly changed: unknown
  readonly count: number | null
  readonly faults: readonly unknown[]
  /** Of a store that was closed before the list was there. */
  readonly closedEarly: { readonly orders: unknown; readonly faults: readonly unknown[] }
  /** What was said of a file that is not there. */
  readonly noFile: string
}

/** The same, but that no thread finds a module to pack with. */
class Unpacked extends MemoryControl {
  override readonly packerModule = 'file:///no/such/module.js'
}

const [dataDir = '', how] = process.argv.slice(2)
const words: string[] = []
const faults: unknown[] = []
const say = (_details: object, message: string): void => void words.push(message)

function open(control: MemoryControl) {
  return openEdgeStore({
    ...{ dataDir, edgeId: 'edge-1', clock: systemClock, control, loadsLater: true },
    log: { debug: () => undefined, info: () => undefined, warn: say, error: say },
    onFault: (change) => faults.push(change),
    retention: { ballastBytes: 0, freeMinBytes: 1 },
    neededLists: new Set(['orders']),
  })
}

const make = () => (how === 'unpacked' ? new Unpacked() : new MemoryControl())
const early = make()
await (await open(early)).close()
const closedEarly = { orders: early.ordersOn(askedKeys), faults: [...faults] }

const control = make()
const store = await open(control)
const before = control.ordersOn(askedKeys)
const inForce = store.lists.inForce()
await store.loaded
const loaded = control.ordersOn(askedKeys)
await store.close()

const again = make()
const reopened = await open(again)
const change = delta(
  'orders',
  { version: 1, entries: [...longList] },
  { version: 2, entries: [...changedList] },
)
const applied = await reopened.lists.applyDelta(change)
const changed = applied.ok ? again.ordersOn(askedKeys) : applied.problems
await reopened.close()

const { packerModule } = control
const asked = { file: `${dataDir}/none.db`, list: 'orders', generation: 1, count: 1, packerModule } as const
const noFile = await packedBeside(asked, new AbortController().signal).then(() => '', messageOf)
const start: LongStart = {
  ...{ words, before, inForce, loaded, changed, faults, closedEarly, noFile },
  count: again.count('orders'),
}
process.stdout.write(JSON.stringify(start))
