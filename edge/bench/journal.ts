import path from 'node:path'
import { systemClock } from '../base/clock.js'
import { silentLogger } from '../base/log.js'
import { MemoryControl } from '../domain/lists/memory-control.js'
import { openConnection } from '../store/database.js'
import { openEdgeStore } from '../store/index.js'
import { exampleDrafts } from './example-events.js'
import { ratioOf, tableOf } from './figures.js'
import { perSecondAsync } from './rate.js'
import type { Bench } from './types.js'
import { inFolder } from './work-folder.js'

const defaultSeconds = 5
/** So many lanes may have something to record at the same moment. */
const lanes = 8

/** The edge's journal, chain and checks included, beside plain inserts of the same bytes. */
export const journalBench: Bench = {
  about: 'Durable events a second, one caller and eight at once; floor: plain SQLite inserts, WAL and FULL.',
  run: (options, say) =>
    inFolder(options, say, async (dir) => {
      const seconds = options.seconds ?? defaultSeconds
      const drafts = exampleDrafts()
      const next = () => drafts.next().value as Parameters<typeof store.journal.append>[0][number]
      const store = await openEdgeStore({
        dataDir: path.join(dir, 'edge'),
        edgeId: 'edge-1',
        clock: systemClock,
        log: silentLogger,
        onFault: () => undefined,
        control: new MemoryControl(),
      })
      const plain = await openConnection(path.join(dir, 'plain.db'), true)
      await plain.exec('CREATE TABLE events (sequence INTEGER PRIMARY KEY, envelope TEXT NOT NULL)')
      try {
        const insert = () => plain.run('INSERT INTO events (envelope) VALUES (?)', [JSON.stringify(next())])
        const single = await perSecondAsync(seconds, 1, () => store.journal.append([next()]))
        const floor = await perSecondAsync(seconds, 1, insert)
        const grouped = await perSecondAsync(seconds, lanes, () => store.journal.append([next()]))
        for (const line of tableOf([
          ['', 'events a second', 'of the floor'],
          ['one caller', single, ratioOf(single, floor)],
          [`${lanes} callers, grouped`, grouped, ratioOf(grouped, floor)],
          ['floor: one plain insert at a time', floor, 1],
        ]))
          say(line)
        return {
          bench: 'journal',
          singlePerSecond: single,
          groupedPerSecond: grouped,
          floorPerSecond: floor,
          ratio: ratioOf(single, floor),
          groupedRatio: ratioOf(grouped, floor),
        }
      } finally {
        await plain.close()
        await store.close()
      }
    }),
}
