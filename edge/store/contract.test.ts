import t from 'tap'
import { MemoryControl } from '../domain/lists/memory-control.js'
import { journalContract } from './testing/journal.contract.js'
import { listContract } from './testing/list.contract.js'
import { openTestStore } from './testing/opener.js'

/** The SQLite store keeps the contracts; a successor runs the same two suites with its own opener. */
t.test('journal and outbox over SQLite', async (t) => {
  journalContract(t, (folder) => openTestStore(folder, new MemoryControl()))
})

t.test('lists over SQLite', async (t) => {
  listContract(t, (folder) => openTestStore(folder, new MemoryControl()))
})
