import t from 'tap'
import type { TagRead } from '../../interfaces/reader.js'
import type { TagElsewhere } from '../decision/types.js'
import { forgetBefore, hear, noTracks, observe, type Tracks } from './smoothing.js'

function read(epc: string, monoMs: number, change: Partial<TagRead> = {}): TagRead {
  return {
    kind: 'tag',
    readerId: 'reader-1',
    antenna: '1',
    zone: null,
    epc,
    tid: null,
    rssiDbm: -60,
    driverId: null,
    count: 1,
    heardAt: { wallMs: 1_000_000 + monoMs, monoMs },
    readerAtMs: null,
    ...change,
  }
}

const hearAll = (reads: readonly TagRead[], maxTags = 64): Tracks =>
  reads.reduce((tracks, one) => hear(tracks, one, maxTags), noTracks)
const nobody = (): readonly TagElsewhere[] => []
const at = (nowMonoMs: number) => ({ openedMonoMs: 1_000, nowMonoMs, departedAfterMs: 800 })

t.test('many reads of one tag over two readers are one tag with its best signal', (t) => {
  const tracks = hearAll([
    read('E1', 900, { rssiDbm: null }),
    read('E1', 1_100, { rssiDbm: -61, antenna: '2', readerId: 'reader-2', tid: 'T1' }),
    read('E1', 1_050.4, { rssiDbm: -48, count: 5 }),
    read('E1', 1_200, { rssiDbm: -70, tid: 'T1' }),
  ])
  t.equal(tracks.heard, 4)
  t.same(observe(tracks, at(1_300), nobody, { loopOccupiedForMs: 300 }), [
    {
      epc: 'E1',
      tid: 'T1',
      readerIds: ['reader-1', 'reader-2'],
      antennas: ['1', '2'],
      count: 8,
      bestRssiDbm: -48,
      firstHeardMs: -100,
      lastHeardMs: 200,
      presence: 'present',
      claim: 'mine',
      elsewhere: [],
    },
  ])
  t.end()
})

t.test('a tag is glimpsed once, present when it comes again, and departed when it falls silent', (t) => {
  const once = hearAll([read('E1', 1_000)])
  const twice = hear(once, read('E1', 1_100), 64)
  const presence = (tracks: Tracks, nowMonoMs: number) =>
    observe(tracks, at(nowMonoMs), nobody, { loopOccupiedForMs: 0 })[0]?.presence
  t.equal(presence(once, 1_800), 'glimpsed')
  t.equal(presence(hearAll([read('E1', 1_000, { count: 2 })]), 1_800), 'present', 'the reader counted two')
  t.equal(presence(twice, 1_900), 'present')
  t.equal(presence(twice, 1_901), 'departed')
  t.equal(presence(hear(twice, read('E1', 1_950), 64), 1_960), 'present', 'and comes back')
  t.end()
})

t.test('after a long silence the signal is judged anew', (t) => {
  const tracks = hearAll([read('E1', 0, { rssiDbm: -40 }), read('E1', 10_000, { rssiDbm: -80 })])
  t.equal(tracks.tags[0]?.bestRssiDbm, -40, 'within the life of a read the best counts')
  t.equal(hear(tracks, read('E1', 20_001, { rssiDbm: -75 }), 64).tags[0]?.bestRssiDbm, -75)
  t.end()
})

t.test('two TIDs under one EPC stand side by side', (t) => {
  const tracks = hearAll([
    read('E1', 0, { tid: 'T2' }),
    read('E1', 1, { tid: 'T1' }),
    read('E1', 2, { tid: 'T9' }),
  ])
  const [seen] = observe(tracks, at(1_000), nobody, { loopOccupiedForMs: 0 })
  t.match(seen, { tid: 'T1', otherTid: 'T2' })
  t.end()
})

t.test('observations stand in the order of their EPCs, whatever the order of arrival', (t) => {
  const names = ['E3', '__proto__', 'E1', 'constructor', 'E2']
  const seen = observe(hearAll(names.map((epc, i) => read(epc, i))), at(1_000), nobody, {
    loopOccupiedForMs: 0,
  })
  t.same(
    seen.map((tag) => tag.epc),
    [...names].sort(),
  )
  t.end()
})

t.test('more different tags than a passage may hold are counted and said, not kept', (t) => {
  const flood = Array.from({ length: 10_000 }, (_, i) => read(`X${i}`, i / 10))
  const tracks = hearAll([read('E1', 0), ...flood], 8)
  t.equal(tracks.tags.length, 8)
  t.equal(tracks.overflow, true)
  t.equal(tracks.heard, 10_001)
  t.equal(tracks.shed, 9_993)
  t.ok(
    tracks.tags.some((track) => track.epc === 'E1'),
    'the first ones are kept',
  )
  t.equal(hear(tracks, read('E1', 2_000), 8).shed, 9_993, 'a tag that is kept goes on being heard')
  const claims = observe(tracks, at(1_000), nobody, { loopOccupiedForMs: 0 }).map((tag) => tag.claim)
  t.same(new Set(claims), new Set(['ambiguous']), 'and nothing is claimed from a picture with holes')
  t.end()
})

t.test('an overflow is forgotten when the last tag without room is old enough, and not before', (t) => {
  const tracks = hearAll([read('E1', 0), read('E2', 10), read('E3', 20)], 2)
  const early = forgetBefore(tracks, 20)
  t.same(early.tags, [])
  t.equal(early.overflow, true, 'the tag without room was heard at 20 ms')
  t.equal(early.heard, 1)
  const late = forgetBefore(tracks, 21)
  t.same(late, noTracks)
  t.end()
})

t.test('forgetting counts only what is left, and nothing old enough changes nothing', (t) => {
  const tracks = hearAll([read('E1', 0), read('E1', 5), read('E2', 10)])
  t.equal(forgetBefore(tracks, 5), tracks)
  const left = forgetBefore(tracks, 6)
  t.equal(left.heard, 1)
  t.same(
    left.tags.map((track) => track.epc),
    ['E2'],
  )
  t.end()
})

t.test('a reader with hundreds of antenna names does not make a record grow', (t) => {
  const tracks = hearAll(Array.from({ length: 500 }, (_, i) => read('E1', i, { antenna: String(i) })))
  t.equal(tracks.tags[0]?.antennas.length, 16)
  t.equal(tracks.tags[0]?.count, 500)
  t.end()
})

t.test('tracks are JSON and are never changed in place', (t) => {
  const before = hearAll([read('E1', 0), read('E2', 1)])
  const text = JSON.stringify(before)
  hear(before, read('E1', 2), 64)
  forgetBefore(before, 5)
  t.equal(JSON.stringify(before), text)
  t.same(JSON.parse(text), before)
  t.end()
})
