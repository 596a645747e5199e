import { createHash } from 'node:crypto'
import type { Test } from 'tap'
import { canonicalJson } from '../../base/canonical.js'
import type { EventDraft, Journal, Outbox, StoredEvent } from '../../interfaces/journal.js'
import { envelopeSchema, firstPreviousHash } from '../../messages/envelope.js'

/** A journal under test over one folder; opened again after `close` it is the same journal. */
export interface JournalUnderTest {
  readonly journal: Journal & Outbox
  close(): Promise<void>
}

export type JournalOpener = (folder: string) => Promise<JournalUnderTest>

/** An event of a lane, as the lane would write it. */
export function draft(over: Partial<EventDraft> = {}): EventDraft {
  return {
    type: 'tagObserved',
    lane: 'lane-1',
    passageId: null,
    occurredAt: 1_767_225_600_000,
    monoMs: 12.5,
    clockQuality: 'synchronised',
    captured: 'auto',
    contingency: false,
    body: { epc: 'E2801170', zone: '入口' },
    ...over,
  }
}

export async function readAll(journal: Journal, after = 0): Promise<StoredEvent[]> {
  const events: StoredEvent[] = []
  for await (const event of journal.read(after)) events.push(event)
  return events
}

/** The first thing wrong with a chain that should run from `firstSequence` to its end; null: nothing. */
export function chainProblem(events: readonly StoredEvent[], firstSequence = 1): string | null {
  let expected = firstSequence
  let previous: string | null = firstSequence === 1 ? firstPreviousHash : null
  for (const { hash, ...envelope } of events) {
    if (envelope.sequence !== expected) return `event ${envelope.sequence} where ${expected} was due`
    if (previous !== null && envelope.previousHash !== previous)
      return `event ${expected} does not follow its predecessor`
    const own = createHash('sha256').update(canonicalJson(envelope)).digest('hex')
    if (own !== hash) return `event ${expected} does not have its own hash`
    if (!envelopeSchema.safeParse(envelope).success) return `event ${expected} is no envelope of the wire`
    previous = hash
    expected += 1
  }
  return null
}

/** What any journal of an edge must do, whatever engine it stands on. */
export function journalContract(t: Test, open: JournalOpener): void {
  void t.test('events are numbered without a gap and each holds the hash of the one before', async (t) => {
    const { journal, close } = await open(t.testdir())
    const first = await journal.append([draft(), draft({ body: { epc: 'B' } })])
    const second = await journal.append([draft({ lane: null, type: 'edgeStarted' })])
    const all = await readAll(journal)
    t.equal(chainProblem(all), null)
    t.strictSame(all, [...first, ...second], 'what append resolved to is what is read')
    t.ok(
      all.every((event) => event.epoch === journal.epoch && event.bootId === journal.bootId),
      'each names epoch and start',
    )
    await close()
  })

  void t.test('calls of one moment stay apart, adjacent and in the order they were made', async (t) => {
    const { journal, close } = await open(t.testdir())
    const calls = Array.from({ length: 300 }, (_, call) =>
      Array.from({ length: 1 + (call % 5) }, (_, part) => draft({ body: { call, part } })),
    )
    const answers = await Promise.all(calls.map((drafts) => journal.append(drafts)))
    const all = await readAll(journal)
    t.equal(chainProblem(all), null)
    t.strictSame(
      all.map((event) => event.body),
      calls.flatMap((drafts) => drafts.map((one) => one.body)),
    )
    t.strictSame(answers.flat(), all, 'each call was answered with its own events')
    await close()
  })

  void t.test('an event that the wire cannot carry is refused alone and leaves no gap', async (t) => {
    const { journal, close } = await open(t.testdir())
    const answers = await Promise.allSettled([
      journal.append([draft({ body: { n: 1 } })]),
      journal.append([draft(), draft({ body: { much: 'x'.repeat(300 * 1024) } })]),
      journal.append([draft({ lane: 'no lane id!' })]),
      journal.append([draft({ body: { n: 2 } })]),
    ])
    t.strictSame(
      answers.map((answer) => answer.status),
      ['fulfilled', 'rejected', 'rejected', 'fulfilled'],
    )
    const all = await readAll(journal)
    t.equal(chainProblem(all), null)
    t.equal(all.length, 2, 'the good half of a refused call is not there either')
    await close()
  })

  void t.test(
    'after a restart the chain goes on where it stood, in the same epoch and another start',
    async (t) => {
      const folder = t.testdir()
      const before = await open(folder)
      await before.journal.append([draft(), draft()])
      const { epoch, bootId } = before.journal
      await before.close()
      const after = await open(folder)
      t.equal(after.journal.epoch, epoch)
      t.not(after.journal.bootId, bootId)
      await after.journal.append([draft()])
      const all = await readAll(after.journal)
      t.equal(chainProblem(all), null)
      t.equal(all.length, 3)
      t.strictSame(after.journal.status(), { waiting: 3, lastSequence: 3, acknowledged: 0, firstKept: 1 })
      await after.close()
    },
  )

  void t.test('a journal in another folder is another epoch', async (t) => {
    const folder = t.testdir({ a: {}, b: {} })
    const a = await open(`${folder}/a`)
    const b = await open(`${folder}/b`)
    t.not(a.journal.epoch, b.journal.epoch)
    await a.close()
    await b.close()
  })

  void t.test('a probe leaves nothing behind', async (t) => {
    const { journal, close } = await open(t.testdir())
    await journal.append([draft()])
    await journal.probe()
    await journal.probe()
    await journal.append([draft()])
    t.equal(chainProblem(await readAll(journal)), null)
    t.equal(journal.status().lastSequence, 2)
    await close()
  })

  memoryContract(t, open)
  outboxContract(t, open)
}

function memoryContract(t: Test, open: JournalOpener): void {
  void t.test('a lane without a past remembers nothing', async (t) => {
    const { journal, close } = await open(t.testdir())
    await journal.append([draft({ lane: 'lane-2', type: 'laneMode', body: { to: 'CLOSED' } })])
    t.strictSame(await journal.memoryOf('lane-1'), {
      lastPassageNo: 0,
      openPassage: [],
      endedPassage: [],
      usedIds: [],
      lastMode: null,
    })
    await close()
  })

  void t.test('a lane finds its open passage, last number, mode and used ids again', async (t) => {
    const folder = t.testdir()
    const before = await open(folder)
    const opened = (passageNo: number): EventDraft =>
      draft({ type: 'passageOpened', passageId: `p${passageNo}`, body: { passageNo } })
    const judged = (id: string, result: string): EventDraft =>
      draft({ type: 'verdictJudged', passageId: 'p1', body: { verdictId: id, result } })
    await before.journal.append([opened(1), judged('v1', 'accepted'), judged('v2', 'refused')])
    await before.journal.append([draft({ type: 'passageEnded', passageId: 'p1', body: { how: 'cleared' } })])
    await before.journal.append([draft({ type: 'laneMode', body: { to: 'AUTO' } })])
    await before.journal.append([draft({ type: 'laneMode', body: { to: 'ATTENDED', by: 'wang' } })])
    await before.journal.append([
      draft({ type: 'commandJudged', body: { commandId: 'c1', result: 'accepted' } }),
    ])
    const { openPassage, endedPassage } = await before.journal.memoryOf('lane-1')
    t.strictSame(openPassage, [], 'an ended passage is not open')
    t.strictSame(
      endedPassage.map((event) => event.type),
      ['passageOpened', 'verdictJudged', 'verdictJudged', 'passageEnded'],
    )
    await before.journal.append([opened(2), draft({ lane: 'lane-2', passageId: 'other' })])
    await before.journal.append([draft({ passageId: 'p2', body: { epc: 'C' } })])
    await before.close()

    const after = await open(folder)
    const memory = await after.journal.memoryOf('lane-1')
    t.equal(memory.lastPassageNo, 2)
    t.strictSame(
      memory.openPassage.map((event) => [event.type, event.passageId]),
      [
        ['passageOpened', 'p2'],
        ['tagObserved', 'p2'],
      ],
    )
    t.strictSame(memory.endedPassage, [], 'nor is an open one ended')
    t.strictSame(memory.usedIds, ['c1', 'v1'], 'newest first; a refused id was not used')
    t.strictSame(memory.lastMode, { to: 'ATTENDED', by: 'wang' })
    await after.close()
  })

  void t.test('of many used ids the newest thousand are remembered', async (t) => {
    const { journal, close } = await open(t.testdir())
    await journal.append(
      Array.from({ length: 1_100 }, (_, n) =>
        draft({ type: 'verdictJudged', body: { verdictId: `v${n}`, result: 'accepted' } }),
      ),
    )
    const { usedIds } = await journal.memoryOf('lane-1')
    t.equal(usedIds.length, 1_000)
    t.equal(usedIds[0], 'v1099')
    t.equal(usedIds.at(-1), 'v100')
    await close()
  })
}

function outboxContract(t: Test, open: JournalOpener): void {
  void t.test('the outbox gives what comes after a sequence, in order and no more than asked', async (t) => {
    const { journal, close } = await open(t.testdir())
    await journal.append(Array.from({ length: 20 }, () => draft()))
    t.strictSame(
      (await journal.batch(5, 4)).map((event) => event.sequence),
      [6, 7, 8, 9],
    )
    t.strictSame(await journal.batch(20, 4), [])
    await close()
  })

  void t.test(
    'only an acknowledgement of this epoch and within what is known counts, and it lasts',
    async (t) => {
      const folder = t.testdir()
      const { journal, close } = await open(folder)
      await journal.append(Array.from({ length: 10 }, () => draft()))
      await journal.acknowledge('another-epoch', 9)
      t.equal(journal.status().acknowledged, 0, 'another epoch means other events')
      await journal.acknowledge(journal.epoch, 11)
      t.equal(journal.status().acknowledged, 0, 'nobody can have what was never recorded')
      await journal.acknowledge(journal.epoch, 7)
      await journal.acknowledge(journal.epoch, 3)
      t.strictSame(journal.status(), { waiting: 3, lastSequence: 10, acknowledged: 7, firstKept: 1 })
      t.equal((await journal.batch(0, 50)).length, 10, 'what was acknowledged is kept for a restored gateway')
      await close()
      const again = await open(folder)
      t.equal(again.journal.status().acknowledged, 7)
      await again.close()
    },
  )

  void t.test('a listener hears of each commit after it is readable, until it stops', async (t) => {
    const { journal, close } = await open(t.testdir())
    let heard = 0
    const stop = journal.onAppended(() => {
      heard += 1
    })
    await journal.append([draft(), draft()])
    t.equal(heard, 1)
    stop()
    await journal.append([draft()])
    t.equal(heard, 1)
    await close()
  })
}
