import t from 'tap'
import { ManualClock } from '../base/clock.js'
import { silentLogger } from '../base/log.js'
import { decide } from '../domain/decision/decide.js'
import { exampleInputs, examplePlate } from '../domain/decision/examples.js'
import type { EventDraft, Journal, StoredEvent } from '../interfaces/journal.js'
import { ShadowJournal } from './shadow.js'

/** What was made durable, in order. */
class KeptJournal implements Journal {
  readonly epoch = 'e1'
  readonly bootId = 'b1'
  readonly kept: EventDraft[] = []
  fails = false
  append(drafts: readonly EventDraft[]): Promise<readonly StoredEvent[]> {
    if (this.fails) return Promise.reject(new Error('disk full'))
    this.kept.push(...drafts)
    return Promise.resolve([])
  }
  memoryOf(): never {
    throw new Error('not asked')
  }
  async *read(): AsyncIterable<StoredEvent> {}
  probe(): Promise<void> {
    return Promise.resolve()
  }
}

/** A plate read at 0.85 that is another vehicle's: seen only by who trusts plates from 0.8 on. */
function decidedDraft(lane = 'lane-1'): EventDraft {
  const inputs = exampleInputs({ plates: [examplePlate('粤B99999', 0.85)] })
  const facts = { ...inputs.facts, plates: { 粤B99999: null } }
  const all = { ...inputs, lane, facts }
  return {
    type: 'decided',
    lane,
    passageId: 'p1',
    occurredAt: 1,
    monoMs: 1,
    clockQuality: 'synchronised',
    captured: 'auto',
    contingency: false,
    body: { decisionId: 'p1.d1', decision: decide(all), inputs: all },
  }
}

function shadowed(plateConfidenceMin: number) {
  const clock = new ManualClock()
  const journal = new KeptJournal()
  const { policy, profile } = exampleInputs()
  const by = { policy: { ...policy, plateConfidenceMin }, profile }
  const ruleset = { name: 'lanekeeper+try@2#abc', lanes: { 'lane-1': by } }
  return { clock, journal, shadow: new ShadowJournal(journal, { ruleset, clock, log: silentLogger }) }
}

t.test('a ruleset in the shadow says what it would have decided, after the fact and beside it', async (t) => {
  const { clock, journal, shadow } = shadowed(0.8)
  await shadow.append([decidedDraft()])
  t.same(
    journal.kept.map(({ type }) => type),
    ['decided'],
    'nothing waits for it',
  )
  clock.advance(20)
  t.match(journal.kept[1], {
    type: 'shadowDiffered',
    lane: 'lane-1',
    passageId: 'p1',
    body: {
      decisionId: 'p1.d1',
      ruleset: 'lanekeeper+try@2#abc',
      outcome: 'release',
      wouldBe: { outcome: 'hold', primary: 'ID-06' },
      newly: ['12'],
    },
  })
  t.match(shadow.counters, { judged: 1, differed: 1, shed: 0, failed: 0 })
})

t.test('where it agrees it is silent; other lanes and other events are none of its business', async (t) => {
  const { clock, journal, shadow } = shadowed(0.9)
  await shadow.append([decidedDraft(), { ...decidedDraft(), type: 'tagObserved' }])
  await shadow.append([decidedDraft('lane-2')])
  clock.advance(100)
  t.equal(journal.kept.length, 3)
  t.match(shadow.counters, { judged: 1, differed: 0 })
})

t.test('what was not durable is not judged, and a flood is shed and counted', async (t) => {
  const { clock, journal, shadow } = shadowed(0.8)
  journal.fails = true
  await t.rejects(shadow.append([decidedDraft()]))
  journal.fails = false
  clock.advance(100)
  t.equal(shadow.counters.judged, 0)
  for (let n = 0; n < 100; n++) await shadow.append([decidedDraft()])
  t.equal(shadow.counters.shed, 36)
  clock.advance(20 * 64)
  t.equal(shadow.counters.differed, 64)
  journal.fails = true
  t.equal(journal.kept.filter(({ type }) => type === 'shadowDiffered').length, 64)
  shadow.close()
})
