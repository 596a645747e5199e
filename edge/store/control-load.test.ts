import { execFile } from 'node:child_process'
import { cpSync, existsSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { canonicalJson } from '../base/canonical.js'
import { MemoryControl } from '../domain/lists/memory-control.js'
import { headOf, streamed } from './testing/list.contract.js'
import { askedKeys, changedList, longList } from './testing/long-list.js'
import type { LongStart } from './testing/long-start.js'
import { openTestStore } from './testing/opener.js'

/** Compiled, as edges run it: a thread of its own is begun from a compiled file. */
const program = path.resolve('dist/edge/store/testing/long-start.js')

function found(list: typeof longList) {
  const control = new MemoryControl()
  control.replaceOrders(list)
  return control.ordersOn(askedKeys)
}

t.test('a long list is in memory after a start, whichever thread read it', async (t) => {
  if (!existsSync(program)) throw new Error(`${program} is not built: run \`npm run build\``)
  const filled = t.testdir({ filled: {} })
  const store = await openTestStore(path.join(filled, 'filled'), new MemoryControl())
  t.ok((await store.lists.applyFull(headOf('orders', 1, longList), streamed(longList))).ok)
  await store.close()
  t.equal(found(longList).length, 7)
  for (const how of ['packed', 'unpacked']) {
    const folder = path.join(filled, how)
    cpSync(path.join(filled, 'filled'), folder, { recursive: true })
    const { stdout } = await promisify(execFile)(process.execPath, [program, folder, how])
    const start = JSON.parse(stdout) as LongStart
    t.equal(start.before, 'unknown', 'until it is there')
    t.match(start.inForce, [{ list: 'orders', version: 1 }], 'and in force, so that nobody fetches it again')
    t.equal(canonicalJson(start.loaded), canonicalJson(found(longList)), 'as it was stored')
    t.equal(
      canonicalJson(start.changed),
      canonicalJson(found(changedList)),
      'a change waits, and then counts',
    )
    t.equal(start.count, longList.length)
    t.strictSame(start.faults, [])
    t.strictSame(
      start.closedEarly,
      { orders: 'unknown', faults: [] },
      'a store that is closed waits for no list',
    )
    t.match(start.noFile, how === 'packed' ? /SQLITE_CANTOPEN/ : /such/)
    const here = start.words.filter((said) => said === 'a list is read in the thread of the lanes')
    t.equal(here.length > 0, how === 'unpacked', 'which is said where no other thread can')
  }
})
