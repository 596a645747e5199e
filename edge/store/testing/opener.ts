import { systemClock, type Clock, type ClockQuality } from '../../base/clock.js'
import type { FaultChange } from '../../base/fault.js'
import { silentLogger } from '../../base/log.js'
import type { ControlMemory } from '../../interfaces/list-store.js'
import type { ListName } from '../../messages/entities.js'
import { openEdgeStore, type EdgeStore, type StoreBounds } from '../index.js'

/** A store as a test opens it, with the faults it reported. */
export interface TestStore extends EdgeStore {
  readonly faults: FaultChange[]
}

/** Bounds that do not fill the disk of whoever runs the tests. */
const small: Partial<StoreBounds> = { ballastBytes: 0, freeMinBytes: 1 }

export async function openTestStore(
  dataDir: string,
  control: ControlMemory,
  over: {
    clock?: Clock
    retention?: Partial<StoreBounds>
    clockQuality?: () => ClockQuality
    neededLists?: ReadonlySet<ListName>
    edgeId?: string
    loadsLater?: true
  } = {},
): Promise<TestStore> {
  const faults: FaultChange[] = []
  const store = await openEdgeStore({
    dataDir,
    edgeId: over.edgeId ?? 'edge-1',
    clock: over.clock ?? systemClock,
    log: silentLogger,
    onFault: (change) => faults.push(change),
    control,
    retention: { ...small, ...over.retention },
    ...(over.clockQuality ? { clockQuality: over.clockQuality } : {}),
    ...(over.loadsLater ? { loadsLater: true } : {}),
    ...(over.neededLists ? { neededLists: over.neededLists } : {}),
  })
  return { ...store, faults }
}
