import { writeSync } from 'node:fs'
import { systemClock } from '../../base/clock.js'
import { silentLogger } from '../../base/log.js'
import { MemoryControl } from '../../domain/lists/memory-control.js'
import { openEdgeStore } from '../index.js'
import { draft } from './journal.contract.js'

/**
 * A process that does nothing but append, for tests that kill it: four callers at once, and a line
 * `<first> <last>` on standard output as soon as an append has resolved.
 */
const dataDir = process.argv[2] ?? ''
const store = await openEdgeStore({
  dataDir,
  edgeId: 'edge-1',
  clock: systemClock,
  log: silentLogger,
  onFault: () => undefined,
  control: new MemoryControl(),
  retention: { ballastBytes: 0, freeMinBytes: 1 },
})

async function flood(caller: number): Promise<never> {
  for (let n = 0; ; n += 1) {
    const drafts = Array.from({ length: 1 + (n % 4) }, (_, part) => draft({ body: { caller, n, part } }))
    const events = await store.journal.append(drafts)
    writeSync(1, `${events[0]?.sequence} ${events.at(-1)?.sequence}\n`)
  }
}

await Promise.race([0, 1, 2, 3].map(flood))
