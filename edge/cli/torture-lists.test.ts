import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import { systemClock } from '../base/clock.js'
import { SeededRandom } from '../base/random.js'
import { silentLogger } from '../base/log.js'
import { MemoryControl } from '../domain/lists/memory-control.js'
import type { ListEntry } from '../messages/entities.js'
import { openEdgeStore } from '../store/index.js'
import { Connection } from '../store/sqlite.js'
import { trustCopyNames } from '../testing/list-plan.js'
import { ListTrust } from '../uplink/list-trust.js'
import { openTrustFiles } from '../uplink/trust-file.js'
import { SimulatedDisk, type CutMode } from './torture-lists-disk.js'
import { judgeFolder, type Expected } from './torture-lists-judge.js'
import { StraceReader } from './torture-lists-log.js'
import { makePlan, tortureSite, type TorturePlan } from './torture-lists-plan.js'

const run = promisify(execFile)
const random = (): SeededRandom => new SeededRandom(7)
const text = (disk: SimulatedDisk, mode: CutMode): Record<string, string> =>
  Object.fromEntries([...disk.cut(mode, random())].map(([name, bytes]) => [name, bytes.toString()]))

t.test('what was synced survives a power cut; what was only written survives the process', (t) => {
  const disk = new SimulatedDisk(new Map([['lists.db', Buffer.from('aaaa')]]))
  disk.apply({ is: 'write', name: 'lists.db', at: 2, bytes: Buffer.from('bb') })
  disk.apply({ is: 'sync', name: 'lists.db' })
  disk.apply({ is: 'write', name: 'lists.db', at: 3, bytes: Buffer.from('ccc') })
  disk.apply({ is: 'truncate', name: 'lists.db', size: 5 })
  t.strictSame(text(disk, 'dropped'), { 'lists.db': 'aabb' })
  t.strictSame(text(disk, 'written'), { 'lists.db': 'aabcc' })
  t.strictSame(text(disk, 'written'), { 'lists.db': 'aabcc' }, 'a cut changes nothing for the next one')
  t.end()
})

t.test('a new or renamed file is there after a power cut when its folder was synced', (t) => {
  const disk = new SimulatedDisk(new Map([['trust.json', Buffer.from('old')]]))
  disk.apply({ is: 'create', name: 'trust.json.part' })
  disk.apply({ is: 'write', name: 'trust.json.part', at: 0, bytes: Buffer.from('new') })
  disk.apply({ is: 'rename', name: 'trust.json.part', to: 'trust.json' })
  t.strictSame(text(disk, 'dropped'), { 'trust.json': 'old' })
  t.strictSame(text(disk, 'written'), { 'trust.json': 'new' })
  disk.apply({ is: 'syncNames', folder: 'trust-copy' })
  t.strictSame(text(disk, 'dropped'), { 'trust.json': 'old' }, 'that was another folder')
  disk.apply({ is: 'syncNames', folder: '' })
  t.strictSame(text(disk, 'dropped'), { 'trust.json': '' }, 'the name without its content')
  disk.apply({ is: 'sync', name: 'trust.json' })
  t.strictSame(text(disk, 'dropped'), { 'trust.json': 'new' })
  disk.apply({ is: 'unlink', name: 'trust.json' })
  t.strictSame(text(disk, 'written'), {})
  t.strictSame(text(disk, 'dropped'), { 'trust.json': 'new' })
  t.end()
})

t.test('a torn write ends between sectors, and the writes before it are whole', (t) => {
  const ends = new Set<number>()
  for (let seed = 0; seed < 40; seed += 1) {
    const disk = new SimulatedDisk(new Map([['lists.db-wal', Buffer.alloc(0)]]))
    disk.apply({ is: 'write', name: 'lists.db-wal', at: 0, bytes: Buffer.alloc(100, 'a') })
    disk.apply({ is: 'write', name: 'lists.db-wal', at: 100, bytes: Buffer.alloc(2_000, 'b') })
    const after = disk.cut('torn', new SeededRandom(seed)).get('lists.db-wal')
    t.equal(after?.subarray(0, 100).toString(), 'a'.repeat(100))
    ends.add(after?.length ?? 0)
  }
  t.strictSame(
    [...ends].sort((a, b) => a - b),
    [100, 512, 1_024, 1_536, 2_048],
  )
  t.end()
})

t.test('reordered writes are there in any combination', (t) => {
  const seen = new Set<string>()
  for (let seed = 0; seed < 200; seed += 1) {
    const disk = new SimulatedDisk(new Map([['lists.db', Buffer.from('...')]]))
    for (const [at, letter] of ['a', 'b', 'c'].entries())
      disk.apply({ is: 'write', name: 'lists.db', at, bytes: Buffer.from(letter) })
    seen.add(disk.cut('reordered', new SeededRandom(seed)).get('lists.db')?.toString() ?? '')
  }
  t.equal(seen.size, 8)
  t.end()
})

t.test('a recording is read with calls of several threads interleaved', (t) => {
  const hex = (said: string): string =>
    [...Buffer.from(said)].map((b) => `\\x${b.toString(16).padStart(2, '0')}`).join('')
  const reader = new StraceReader('/data')
  const lines = [
    `10 openat(AT_FDCWD<${hex('/data')}>, "${hex('/data/lists.db-wal')}", O_RDWR|O_CREAT|O_CLOEXEC, 0644) = 5<${hex('/data/lists.db-wal')}>`,
    `10 write(1<${hex('pipe:[9]')}>, "${hex('verify orders\ndone ')}", 19) = 19`,
    `11 pwrite64(5<${hex('/data/lists.db-wal')}>, "${hex('a"b')}", 3, 4128 <unfinished ...>`,
    `10 write(1<${hex('pipe:[9]')}>, "${hex('orders 4\n')}", 9) = 9`,
    `11 <... pwrite64 resumed>) = 3`,
    `11 fdatasync(5<${hex('/data/lists.db-wal')}>) = 0`,
    `11 pwrite64(6<${hex('/data/journal.db')}>, "${hex('x')}", 1, 0) = 1`,
    `11 unlink("${hex('/data/lists.db-wal')}") = -1 ENOENT (No such file or directory)`,
    `11 fsync(7<${hex('/data')}>) = 0`,
    `12 +++ exited with 0 +++`,
  ]
  const name = 'lists.db-wal'
  t.strictSame(
    lines.flatMap((line) => reader.read(line)),
    [
      { op: { is: 'create', name } },
      { mark: { is: 'verify', list: 'orders' } },
      { mark: { is: 'done', list: 'orders', version: 4 } },
      { op: { is: 'write', name, at: 4_128, bytes: Buffer.from('a"b') } },
      { op: { is: 'sync', name } },
      { op: { is: 'syncNames', folder: '' } },
    ],
  )
  t.throws(
    () => reader.read(`11 pwrite64(5<${hex('/data/lists.db-wal')}>, "${hex('ab')}"..., 9, 0) = 9`),
    { code: 'torture.recording' },
    'half a recording proves nothing',
  )
  t.end()
})

/** A folder of an edge with all first versions in force, and what is expected of it. */
async function firstVersions(t: Test): Promise<{ folder: string; torture: TorturePlan; expected: Expected }> {
  const dir = t.testdir({ data: { 'trust-copy': {} } })
  const torture = makePlan(5, path.join(dir, 'root.1.json'))
  writeFileSync(torture.plan.rootFile, torture.root)
  const folder = path.join(dir, 'data')
  const [first, second] = trustCopyNames
  const files = await openTrustFiles({
    ...{ rootFile: torture.plan.rootFile, site: tortureSite, builtAtMs: 0, log: silentLogger },
    copies: [path.join(folder, first), path.join(folder, second)],
  })
  const trust = new ListTrust({
    ...{ state: files.state, keep: files.keep, log: silentLogger, onHeads: () => undefined },
    clock: { now: () => ({ wallMs: torture.plan.wallMs, monoMs: 0 }), after: () => () => undefined },
    onFault: (change) => t.fail(change.code),
  })
  trust.take(Buffer.from(torture.before.proof))
  await trust.settled()
  await trust.close()
  const store = await openEdgeStore({
    ...{ dataDir: folder, edgeId: 'edge-1', clock: systemClock, log: silentLogger },
    ...{ onFault: () => undefined, control: new MemoryControl() },
    retention: { ballastBytes: 0, freeMinBytes: 1 },
  })
  const streamed = async function* (entries: readonly ListEntry[]): AsyncIterable<ListEntry> {
    for (const entry of entries) yield await Promise.resolve(entry)
  }
  for (const change of torture.before.changes)
    if (change.by === 'full') t.ok((await store.lists.applyFull(change.head, streamed(change.entries))).ok)
  await store.close()
  const done = new Map([...torture.versions.keys()].map((list) => [list, 1]))
  return { folder, torture, expected: { done, underWay: new Set(['orders']), kept: 1_001 } }
}

t.test(
  'the judge says old of what is old, and mixed of anything that was bent, lost or taken back',
  async (t) => {
    const { folder, torture, expected } = await firstVersions(t)
    let copies = 0
    const copyOf = (): string => {
      copies += 1
      const copy = path.join(path.dirname(folder), `copy-${copies}`)
      mkdirSync(copy)
      for (const name of ['lists.db', ...trustCopyNames])
        cpSync(path.join(folder, name), path.join(copy, name))
      return copy
    }
    t.strictSame(await judgeFolder(copyOf(), torture, expected), { is: 'old', complaints: [] })
    const damages: Record<string, string> = {
      'a body': `UPDATE entries SET body = replace(body, 'look', 'took') WHERE key = 'O7'`,
      'an entry': `DELETE FROM entries WHERE key = 'T9'`,
      'a plate': `DELETE FROM plates WHERE plate = 'P3'`,
      'a name': `DELETE FROM looks WHERE key = 'T9'`,
      'a leaf': `DELETE FROM leaves WHERE at IN (SELECT min(at) FROM leaves)`,
      'a head': `UPDATE lists SET version = 2 WHERE list = 'orders'`,
      'a list': `DELETE FROM lists WHERE list = 'blacklist'`,
      'a generation': `UPDATE lists SET generation = 99 WHERE list = 'tags'`,
    }
    for (const [what, sql] of Object.entries(damages)) {
      const copy = copyOf()
      const connection = await Connection.open(path.join(copy, 'lists.db'), false)
      await connection.exec(sql)
      await connection.close()
      t.equal((await judgeFolder(copy, torture, expected)).is, 'mixed', what)
    }
    const behind = { ...expected, done: new Map([...expected.done, ['tags', 2] as const]) }
    t.match(await judgeFolder(copyOf(), torture, behind), {
      is: 'mixed',
      complaints: [/tags is version 1, 2 was/],
    })
    t.match(await judgeFolder(copyOf(), torture, { ...expected, kept: 1_002 }), { complaints: [/went back/] })
    const torn = copyOf()
    writeFileSync(path.join(torn, trustCopyNames[1]), '{"v":1,')
    t.match(await judgeFolder(torn, torture, expected), { is: 'mixed', complaints: [/^trust: /] })
  },
)

const hasStrace = await run('strace', ['-V']).then(
  () => true,
  () => false,
)

t.test(
  'a short torture of lists finds each of them old or new',
  { timeout: 110_000, skip: hasStrace ? false : 'strace is not there' },
  async (t) => {
    const program = path.resolve('dist/edge/cli/main.js')
    const { stdout } = await run(process.execPath, [program, 'torture', '--lists', '10', '--seed', '4'], {
      env: { ...process.env, NODE_OPTIONS: '' },
    })
    const figures = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Record<string, number>
    t.match(figures, { points: 10, mixed: 0 })
    t.equal((figures['old'] ?? 0) + (figures['new'] ?? 0), 10)
  },
)
