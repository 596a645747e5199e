import { open, rm } from 'node:fs/promises'
import path from 'node:path'
import t, { type Test } from 'tap'
import { systemClock } from '../../edge/base/clock.js'
import { ext4 } from '../../edge/store/testing/disks.js'
import type { Arrival } from '../scenario/traffic.js'
import { Trial } from './trial.js'

/** Room for the journal, its reserve of 8 MB and the 32 MB below which a disk counts as nearly full. */
const diskMiB = 72

/** Takes whatever room the disk has left, the reserve too once the journal gives it back. */
async function fill(file: string): Promise<void> {
  const handle = await open(file, 'a')
  for (const step of [256 * 1024, 4 * 1024]) {
    try {
      for (;;) await handle.write(Buffer.alloc(step, 1))
    } catch {
      // Full, to the size of a step.
    }
  }
  await handle.close()
}

// A whole site of processes takes its time on a machine that does other things as well.
t.setTimeout(600_000)

t.test('while nothing can be recorded nobody is released, and afterwards the lanes work again', async (t) => {
  const disk = await ext4(t, diskMiB)
  if (!disk) return t.plan(0, 'mounting a filesystem is not permitted here')
  const trial = await Trial.start(t, { mix: { known: 1 }, edgeDataDir: path.join(disk.folder, 'edge') })
  await trial.passes('lane-1')
  await trial.passes('lane-2')
  t.ok((await trial.raises('lane-1')) >= 1)

  const filler = path.join(disk.folder, 'somebody-elses-file')
  const filledAtMs = systemClock.now().monoMs
  const waiting = await enterBoth(trial)
  // Over its reserve the journal may still take these two; then more come until it takes nothing.
  await trial.until('the journal to take no writes', async () => {
    await fill(filler)
    for (const lane of ['lane-1', 'lane-2']) {
      if ((await trial.lane(lane)).busy === 0) waiting.push([lane, await trial.enter(lane, 'known')])
    }
    return (
      (await trial.stands('journal.notWritable', 'lane-1')) && trial.stands('journal.notWritable', 'lane-2')
    )
  })
  const tookMs = systemClock.now().monoMs - filledAtMs
  await closedUntil(t, trial, 'full', () => rm(filler))
  t.comment(`full: closed ${Math.round(tookMs / 1000)} s after the disk was full`)
  for (const [lane, arrival] of waiting) await trial.seeOut(lane, arrival)

  const before = (await trial.journal()).length
  await disk.fail()
  const third = await enterBoth(trial)
  await trial.untilFault('journal.notWritable', 'lane-1')
  await trial.untilFault('journal.notWritable', 'lane-2')
  await closedUntil(t, trial, 'read-only', () => disk.replace())
  for (const [lane, arrival] of third) await trial.seeOut(lane, arrival)
  await trial.passes('lane-1')
  await trial.passes('lane-2')
  t.ok((await trial.journal()).length > before, 'the same journal goes on')

  const books = await trial.compareBooks()
  t.match(books, { lost: 0, duplicated: 0, inOrder: true })
  const intents = new Set(
    (await trial.recorded('barrierIntent')).map((event) => String(event.body['commandId'])),
  )
  const taken = trial.acceptedIds()
  t.same(
    taken.filter((id) => !intents.has(id)),
    [],
    'every raise that the PLC took is recorded',
  )
  t.equal(new Set(taken).size, taken.length, 'none was taken twice')
  t.same(trial.lost, [], 'no process ended')
  t.comment('books', books, 'raises taken', taken.length)
})

async function enterBoth(trial: Trial): Promise<[string, Arrival][]> {
  return [
    ['lane-1', await trial.enter('lane-1', 'known')],
    ['lane-2', await trial.enter('lane-2', 'known')],
  ]
}

/** Both lanes show CLOSED and stand still for a while with a vehicle at the line; then the disk is mended. */
async function closedUntil(t: Test, trial: Trial, what: string, mend: () => Promise<void>): Promise<void> {
  const raisesBefore = (await trial.raises('lane-1')) + (await trial.raises('lane-2'))
  for (const lane of ['lane-1', 'lane-2']) {
    if ((await trial.lane(lane)).busy === 0) await trial.onLoop(await trial.enter(lane, 'known'))
  }
  const fromMs = systemClock.now().monoMs
  let looks = 0
  await trial.until('six seconds with nothing to record on', async () => {
    const health = await trial.health()
    looks += 1
    t.same(
      health?.lanes.map(({ mode, light }) => `${mode} ${light}`) ?? [],
      ['CLOSED red', 'CLOSED red'],
      `${what}: the lanes are closed`,
    )
    return systemClock.now().monoMs - fromMs > 6_000
  })
  const raisesAfter = (await trial.raises('lane-1')) + (await trial.raises('lane-2'))
  t.equal(raisesAfter, raisesBefore, `${what}: the PLC took no raise meanwhile`)
  await mend()
  const mendedAtMs = systemClock.now().monoMs
  await trial.untilCleared('journal.notWritable', 'lane-1')
  await trial.untilCleared('journal.notWritable', 'lane-2')
  const backMs = Math.round(systemClock.now().monoMs - mendedAtMs)
  t.comment(`${what}: ${looks} looks, no raise in 6 s; back by itself ${backMs} ms after it was mended`)
}
