import { spawn } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { build } from 'esbuild'
import t from 'tap'
import { SeededRandom, systemRandom } from '../base/random.js'
import { MemoryControl } from '../domain/lists/memory-control.js'
import { Connection } from './sqlite.js'
import { chainProblem, draft, readAll } from './testing/journal.contract.js'
import { openTestStore } from './testing/opener.js'

const seed = Number(process.env.SEED ?? Math.floor(systemRandom.next() * 2 ** 31))
t.comment(`SEED=${seed}`)

/** Lets a process append into `dataDir` and kills it after it has reported `lines` appends; the highest one it was promised. */
async function killedWriter(program: string, dataDir: string, lines: number): Promise<number> {
  const env = { ...process.env, NODE_OPTIONS: '' }
  const child = spawn(process.execPath, [program, dataDir], { stdio: ['ignore', 'pipe', 'inherit'], env })
  let text = ''
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString()
    if (text.split('\n').length > lines) child.kill('SIGKILL')
  })
  await new Promise((resolve) => child.on('close', resolve))
  const whole = text.slice(0, text.lastIndexOf('\n') + 1)
  return Math.max(0, ...whole.split('\n').map((line) => Number(line.split(' ')[1] ?? 0)))
}

t.test('a process killed in the middle of a flood has kept every append that it resolved', async (t) => {
  const folder = t.testdir({})
  const program = path.join(folder, 'writer.mjs')
  await build({
    entryPoints: ['edge/store/testing/writer.ts'],
    bundle: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    outfile: program,
  })
  const random = new SeededRandom(seed)
  const dataDir = path.join(folder, 'data')
  let recorded = 0
  for (let kill = 0; kill < 8; kill += 1) {
    const promised = await killedWriter(program, dataDir, random.int(1, 400))
    const store = await openTestStore(dataDir, new MemoryControl())
    const events = await readAll(store.journal)
    t.ok(promised > recorded, 'the process had written')
    t.ok(events.length >= promised, `kill ${kill}: ${promised} promised, ${events.length} there`)
    t.equal(chainProblem(events), null)
    t.strictSame(
      store.faults.filter((change) => change.code === 'journal.corrupt'),
      [],
    )
    recorded = events.length
    await store.close()
  }
})

/** A data folder with a journal of `count` events, all of them in the main file. */
async function filledFolder(folder: string, count: number): Promise<void> {
  const store = await openTestStore(folder, new MemoryControl())
  await store.journal.append(
    Array.from({ length: count }, (_, n) => draft({ body: { n, pad: 'x'.repeat(200) } })),
  )
  await store.close()
}

t.test(
  'bytes altered or cut anywhere give the same events, or a new epoch with the old file kept',
  async (t) => {
    const folder = t.testdir({ whole: {} })
    await filledFolder(path.join(folder, 'whole'), 150)
    const bytes = readFileSync(path.join(folder, 'whole', 'journal.db'))
    const random = new SeededRandom(seed)
    const seen = { untouched: 0, movedAside: 0 }
    for (let n = 0; n < 30; n += 1) {
      const dataDir = path.join(folder, `copy-${n}`)
      mkdirSync(dataDir)
      const cut = n % 3 === 0
      const at = random.int(100, bytes.length - 1)
      const damaged = cut ? bytes.subarray(0, at) : Buffer.from(bytes)
      if (!cut) damaged[at] = (damaged[at] ?? 0) ^ (1 << random.int(0, 7))
      writeFileSync(path.join(dataDir, 'journal.db'), damaged)
      const store = await openTestStore(dataDir, new MemoryControl())
      const events = await readAll(store.journal)
      const where = `${cut ? 'cut' : 'flipped'} at ${at}`
      if (store.journalWasCorrupt) {
        seen.movedAside += 1
        t.equal(events.length, 0, `${where}: begins anew`)
        t.ok(store.faults.some((change) => change.code === 'journal.corrupt' && change.is === 'raised'))
        const aside = readdirSync(dataDir).find((name) => /^journal\.db\.corrupt-\d+$/.test(name))
        t.equal(readFileSync(path.join(dataDir, aside ?? '')).length, damaged.length, 'nothing was deleted')
      } else {
        seen.untouched += 1
        t.equal(chainProblem(events), null, `${where}: the chain is whole`)
        t.equal(events.length, 150, `${where}: every event is there`)
      }
      await store.journal.append([draft()])
      await store.close()
    }
    t.comment(seen)
    t.ok(seen.movedAside > 10, 'the damage was mostly seen')
  },
)

t.test('an older copy of the journal, behind what the gateway acknowledged, is not written on', async (t) => {
  const folder = t.testdir({ live: {}, old: {} })
  const live = path.join(folder, 'live')
  await filledFolder(live, 10)
  const store = await openTestStore(live, new MemoryControl())
  await store.journal.acknowledge(store.journal.epoch, 10)
  await store.close()
  const file = path.join(live, 'journal.db')
  const connection = await Connection.open(file, false)
  await connection.run('DELETE FROM events WHERE sequence > 7')
  await connection.close()
  const again = await openTestStore(live, new MemoryControl())
  t.ok(again.journalWasCorrupt, 'event 10 was acknowledged but is gone')
  t.not(again.journal.epoch, store.journal.epoch)
  await again.close()

  const old = path.join(folder, 'old')
  await filledFolder(old, 5)
  const copy = await openTestStore(old, new MemoryControl())
  await copy.journal.acknowledge(copy.journal.epoch, 9)
  t.ok(
    copy.faults.some((change) => change.code === 'journal.corrupt' && change.is === 'raised'),
    'the gateway holds more than this journal ever recorded',
  )
  await copy.close()
})

t.test('an event altered on the disk is seen when it is read, and named', async (t) => {
  const dataDir = t.testdir({})
  await filledFolder(dataDir, 400)
  const connection = await Connection.open(path.join(dataDir, 'journal.db'), false)
  await connection.run(
    `UPDATE events SET envelope = replace(envelope, 'lane-1', 'lane-9') WHERE sequence = 20`,
  )
  await connection.close()
  const store = await openTestStore(dataDir, new MemoryControl())
  t.notOk(store.journalWasCorrupt, 'the end of the chain is sound')
  await t.rejects(store.journal.batch(0, 50), /event 20 is not what was recorded/)
  t.ok(store.faults.some((change) => change.code === 'journal.corrupt' && change.is === 'raised'))
  t.equal((await store.journal.batch(20, 50)).length, 50)
  await store.close()
})

t.test('a folder serves one edge, one process and no older program', async (t) => {
  const dataDir = t.testdir({})
  const store = await openTestStore(dataDir, new MemoryControl())
  await t.rejects(openTestStore(dataDir, new MemoryControl()), { code: 'store.inUse' })
  await store.close()

  const file = path.join(dataDir, 'journal.db')
  cpSync(file, `${file}.saved`)
  const connection = await Connection.open(file, false)
  await connection.run(`UPDATE meta SET value = 'edge-2' WHERE key = 'edgeId'`)
  await connection.close()
  await t.rejects(openTestStore(dataDir, new MemoryControl()), { code: 'store.otherEdge' })

  const newer = await Connection.open(file, false)
  await newer.exec('PRAGMA user_version = 99')
  await newer.close()
  await t.rejects(openTestStore(dataDir, new MemoryControl()), { code: 'store.newerSchema' })
  t.ok(existsSync(file), 'a refused file stays where it is')
  cpSync(`${file}.saved`, file)
  const again = await openTestStore(dataDir, new MemoryControl())
  await again.close()
})

t.test('nobody but its owner reads a new record, whatever folder it is in', async (t) => {
  const folder = t.testdir({})
  chmodSync(folder, 0o755)
  const store = await openTestStore(folder, new MemoryControl())
  t.teardown(() => store.close())
  await store.journal.append([draft()])
  const modes = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => `${name} ${(statSync(path.join(folder, name)).mode & 0o777).toString(8)}`)
  t.ok(modes.length >= 3, modes.join(', '))
  t.same(
    modes.filter((mode) => !mode.endsWith(' 600')),
    [],
  )
})
