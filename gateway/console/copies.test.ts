import t from 'tap'
import type { EdgeState, GatewayState } from '../api/schemas.js'
import { aHealth, anEdge, startMs } from './testing/samples.js'
import { copyOf, inPlace, onItsWayForMs, standsOut, type CopyGiven } from './web/copies.js'
import { fieldsChanged } from './web/differences.js'
import { isSameName, suggestedNumber } from './web/order-names.js'
import { viewOf } from './web/views.js'

const minute = 60_000
const newest: GatewayState['lists'][number] = {
  ...{ list: 'orders', version: 7, count: 1, contentHash: 'ab', publishedAt: startMs - 60 * minute },
}
const given = (patch: Partial<CopyGiven> = {}): CopyGiven => ({
  newest,
  maxAge: { ladenMs: 10 * minute, otherMs: 240 * minute },
  nowMs: startMs,
  edgeNowMs: startMs,
  isHere: true,
  ...patch,
})
const edge = (version: number | null, confirmedAt: number | null, lists: EdgeState['lists'] = []) => {
  const held = version === null ? [] : [{ list: 'orders', version, count: 1, confirmedAt }]
  return anEdge({ lists, health: aHealth({ lists: held }) })
}
const refusal = { list: 'orders', version: 7, result: 'refused' as const, why: 'listHashMismatch', at: 1 }

t.test('a list stands at an edge as it is known to, and what is not known is never good', (t) => {
  const state = (known: EdgeState, patch: Partial<CopyGiven> = {}) => copyOf(known, given(patch)).state
  t.equal(state(edge(7, startMs)), 'good')
  t.equal(state(edge(7, startMs), { isHere: false }), 'unknown', 'it is away')
  t.equal(state(edge(null, null)), 'missing')
  t.equal(state(anEdge({ health: null })), 'missing', 'it has said nothing')
  t.equal(state(edge(7, null)), 'old', 'it never knew whether it has the newest')
  t.equal(state(edge(7, startMs - 10 * minute)), 'good')
  t.equal(state(edge(7, startMs - 10 * minute - 1)), 'oldForLaden')
  t.equal(state(edge(7, startMs - 240 * minute - 1)), 'old')
  t.equal(
    state(edge(7, startMs - 240 * minute - 1), { edgeNowMs: startMs - 235 * minute }),
    'good',
    'by its own clock',
  )
  t.equal(state(edge(7, null), { maxAge: null }), 'good', 'no age is judged before the limits are known')
  t.equal(state(edge(6, startMs)), 'behind')
  t.equal(state(edge(6, startMs), { nowMs: newest.publishedAt + onItsWayForMs }), 'onItsWay')
  t.equal(state(edge(6, startMs, [refusal])), 'refused')
  t.equal(state(edge(7, startMs, [{ ...refusal, version: 6 }])), 'good', 'an older refusal is over')
  t.equal(copyOf(edge(7, startMs, [refusal]), given()).refused, null, 'and is not told beside it')
  t.equal(state(edge(6, startMs - 11 * minute, [refusal])), 'oldForLaden', 'the graver of two')
  t.end()
})

t.test('what a person should look at stands out, and an edge that is away is a matter of its own', (t) => {
  const shown = (known: EdgeState, patch: Partial<CopyGiven> = {}) => standsOut(copyOf(known, given(patch)))
  t.notOk(shown(edge(7, startMs)))
  t.notOk(shown(edge(7, startMs), { isHere: false }))
  t.notOk(shown(edge(6, startMs), { nowMs: newest.publishedAt + 1 }))
  for (const known of [edge(6, startMs), edge(null, null), edge(7, startMs - 11 * minute), edge(7, null)])
    t.ok(shown(known))
  const copy = copyOf(edge(6, startMs, [refusal]), given())
  t.match(copy, { held: 6, ageMs: 0, refused: { version: 7, why: 'listHashMismatch' }, sent: null })
  t.end()
})

t.test('lists stand in one order whatever changed last', (t) => {
  const names = (...lists: string[]) => inPlace(lists.map((list) => ({ list }))).map(({ list }) => list)
  t.same(names('trips', 'tags', 'areas', 'orders'), ['orders', 'tags', 'areas', 'trips'])
  t.end()
})

t.test('a difference names the fields that differ and no others', (t) => {
  const before = { kind: 'tag', epc: 'E1', state: 'ACTIVE', vehicleId: 'V1' } as const
  t.same(fieldsChanged({ before, after: { ...before, state: 'LOST', validTo: 7 } }), [
    { field: 'state', before: 'ACTIVE', after: 'LOST' },
    { field: 'validTo', before: null, after: '7' },
  ])
  t.equal(fieldsChanged({ before: null, after: before }).length, 3, 'all of what is new')
  t.same(fieldsChanged({ before, after: before }), [])
  t.end()
})

t.test('a page is named by its address, and a link to a lane is the first page', (t) => {
  t.same(['', '#/orders', '#/lists', '#lane-edge-1%2Flane-1', '#/nothing'].map(viewOf), [
    ...['lanes', 'orders', 'lists', 'lanes', 'lanes'],
  ])
  t.end()
})

t.test('one person is one person however the name is typed, and a number is whose and when', (t) => {
  t.ok(isSameName(' Li.Wei', 'li.ｗei'))
  t.notOk(isSameName('li.wei', 'li.wen'))
  t.equal(suggestedNumber('IQ', Date.UTC(2026, 2, 1, 8, 5, 9)), 'IQ-20260301-080509')
  t.end()
})
