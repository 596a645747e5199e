import t from 'tap'
import { customsSays, declared, iqSays, needless, untrusted } from './cases/papers.js'
import { defaultCargoPolicy } from './cargo.js'
import {
  exampleBox,
  exampleLaden,
  exampleManifest,
  exampleTruck,
  type LadenChange,
} from './cargo-examples.js'
import { cargoProfiles } from './cargo-profiles.js'
import { decide, patienceMs } from './decide.js'
import { exampleHeard, exampleNowMs, exampleTag } from './examples.js'
import { defaultPolicy } from './profiles.js'
import type { DecisionInputs } from './types.js'

const { roadInLaden, roadOutLaden, seaInLaden, seaOutLaden } = cargoProfiles
const minuteMs = 60_000
const secondBox = 'MSCU1111111'

/** What rows 27 to 40 say, as `row code outcome`. */
const said = (inputs: DecisionInputs) =>
  decide(inputs)
    .reasons.filter(({ row }) => row >= 27 && row <= 40)
    .map(({ row, code, outcome }) => `${row} ${code} ${outcome}`)
const saidOf = (row: number, inputs: DecisionInputs) =>
  said(inputs).filter((word) => word.startsWith(`${row} `))
const laden = (change: LadenChange, profile = roadInLaden) => exampleLaden(change, profile)

t.test('the clear truck hears nothing of papers in any laden lane', (t) => {
  for (const profile of [roadInLaden, roadOutLaden, seaInLaden, seaOutLaden])
    t.same(said(laden({}, profile)), [], profile.name)
  t.end()
})

t.test(
  'row 27: a lane without goods asks for no trip, but a trip of somebody else counts in every lane',
  (t) => {
    t.same(saidOf(27, laden({ known: { trip: null } })), ['27 DOC-01 hold'])
    t.same(saidOf(27, exampleLaden({ known: { trip: null } }, needless)), [])
    t.same(saidOf(27, exampleLaden({ known: { trip: 'unknown' } }, needless)), [])
    t.same(saidOf(27, exampleLaden({ trip: { vehicleId: 'V9' } }, needless)), ['27 DOC-01 hold'])
    t.same(saidOf(27, laden({ trip: { direction: 'out' } })), ['27 DOC-01 hold'])
    t.same(saidOf(27, laden({ trip: { direction: 'out' } }, roadOutLaden)), [])
    t.end()
  },
)

t.test(
  'row 27: the trailer that is seen must be the one of the trip; one that is not seen is no objection',
  (t) => {
    const trailer = {
      ...exampleTruck,
      vehicleId: 'W1',
      vehicleKind: 'TRAILER',
      plates: [{ region: 'CN', text: '粤B1111挂' }],
    } as const
    const withTrailer = (trailerVehicleId: string): LadenChange => ({
      tags: [exampleHeard(), exampleHeard({ epc: 'E2', tid: 'T2' })],
      facts: {
        tags: { E1: exampleTag(), E2: exampleTag({ epc: 'E2', tid: 'T2', vehicleId: 'W1' }) },
        vehicles: { W1: { ...trailer, plates: [...trailer.plates] } },
      },
      trip: { trailerVehicleId },
    })
    t.same(saidOf(27, laden(withTrailer('W1'))), [])
    t.same(saidOf(27, laden(withTrailer('W2'))), ['27 DOC-01 hold'])
    t.same(saidOf(27, laden({ trip: { trailerVehicleId: 'W2' } })), [])
    t.end()
  },
)

t.test('row 28: a container counts as read from the confidence of the policy on, both ways', (t) => {
  const read = (number: string, confidence: number) => ({ number, confidence })
  const late = { senses: { presentForMs: defaultPolicy.identifyWithinMs } }
  const seen = (...containers: ReturnType<typeof read>[]) =>
    saidOf(28, laden({ ...late, seen: { containers } }))
  t.same(seen(read(exampleBox, 0.9)), [])
  t.same(seen(read(exampleBox, 0.89)), ['28 DOC-02 hold'], 'a faint reading is none')
  t.same(seen(read(exampleBox, 0.98), read(secondBox, 0.9)), ['28 DOC-02 hold'])
  t.same(
    decide(laden({ ...late, seen: { containers: [read(exampleBox, 0.98), read(secondBox, 0.89)] } })).primary,
    'SYS-01',
    'a faint second container is not a release',
  )
  t.same(
    saidOf(28, exampleLaden({ seen: { containers: [read(secondBox, 0.98)] } }, needless)),
    ['28 DOC-02 hold'],
    'a stranger counts in every lane',
  )
  t.same(saidOf(28, exampleLaden({ ...late, seen: { containers: [] } }, needless)), [])
  t.end()
})

t.test('row 28: the number of a container is waited for until identifyWithinMs, a stranger is not', (t) => {
  const { identifyWithinMs } = defaultPolicy
  const unread = (presentForMs: number) => laden({ seen: { containers: [] }, senses: { presentForMs } })
  t.equal(patienceMs(unread(1_000)), identifyWithinMs - 1_000)
  t.equal(decide(unread(identifyWithinMs - 1)).outcome, 'escalate')
  t.equal(decide(unread(identifyWithinMs)).outcome, 'hold')
  t.equal(patienceMs(unread(identifyWithinMs)), 0)
  t.equal(patienceMs(laden({ seen: { containers: [{ number: secondBox, confidence: 0.98 }] } })), 0)
  t.end()
})

t.test(
  'row 29: each container needs a declaration to each agency that the lane needs, and loose goods one',
  (t) => {
    const evidence = (inputs: DecisionInputs) =>
      decide(inputs).reasons.find((reason) => reason.row === 29)?.evidence
    const two = { containers: [exampleBox, secondBox] }
    t.match(evidence(laden({ trip: two })), { undeclared: `CUSTOMS:${secondBox},IQ:${secondBox}` })
    t.match(evidence(laden({ trip: two, known: { declarations: declared(two) } })), {
      undeclared: `CUSTOMS:${secondBox}`,
    })
    t.notOk(evidence(laden({ trip: two, known: { declarations: declared(two, two) } })))
    const loose = { trip: { containers: [] }, seen: { containers: [] } }
    t.notOk(evidence(laden(loose)), 'loose goods are declared as such')
    t.match(evidence(laden({ ...loose, trip: { containers: [], declarationNos: ['CUS1'] } })), {
      undeclared: 'IQ:goods',
    })
    t.match(evidence(iqSays(null)), { declarations: 'IQ1' }, 'a number that nobody has is no declaration')
    t.notOk(evidence(exampleLaden({ trip: { declarationNos: [] }, known: { manifest: null } }, needless)))
    t.end()
  },
)

t.test('row 29: lines of other trucks in the same manifest are not this truck’s matter', (t) => {
  const line = (container: string | null, declarationNo: string | null) => {
    const lines = [{ lineNo: 7, container, declarationNo }]
    return saidOf(29, laden({ known: { manifest: { ...exampleManifest, lines } } }))
  }
  t.same(line(secondBox, null), [])
  t.same(line(exampleBox, 'CUS9'), ['29 DOC-03 hold'], 'a declaration that this trip does not carry')
  t.same(line(null, 'CUS9'), [], 'loose goods of another declaration may be on another truck')
  t.same(line(null, null), ['29 DOC-03 hold'])
  t.end()
})

t.test(
  'row 30: a window is open from its first to its last millisecond, in every lane, by a good clock',
  (t) => {
    const at = (validFrom: number, validTo: number) =>
      saidOf(30, iqSays({ validFrom: exampleNowMs + validFrom, validTo: exampleNowMs + validTo }))
    t.same(at(0, 0), [])
    t.same(at(1, 2), ['30 DOC-04 hold'])
    t.same(at(-72 * 60 * minuteMs - minuteMs, -minuteMs), ['30 DOC-04 hold'], '72 h and a minute')
    const closed = { known: { declarations: declared({ validTo: exampleNowMs - 1 }) } }
    t.same(saidOf(30, exampleLaden(closed, needless)), ['30 DOC-04 hold'])
    const byWrongClock = { now: { wallMs: exampleNowMs, ...untrusted } }
    t.same(saidOf(30, laden({ ...byWrongClock, ...closed })), ['30 SYS-03 escalate'])
    t.same(saidOf(30, exampleLaden({ ...byWrongClock, ...closed }, needless)), [])
    t.end()
  },
)

t.test('row 30: what is used, refused or withdrawn objects by any clock', (t) => {
  const byWrongClock = { now: { wallMs: exampleNowMs, ...untrusted } }
  for (const state of ['REJECTED', 'CANCELLED', 'EXPIRED', 'CROSSED'] as const) {
    t.ok(saidOf(30, customsSays({ state }, byWrongClock)).includes('30 DOC-04 hold'), state)
    const known = { declarations: declared({ state }) }
    t.same(saidOf(30, exampleLaden({ known }, needless)), ['30 DOC-04 hold'], state)
  }
  for (const state of ['SUBMITTED', 'ACCEPTED', 'RELEASED'] as const)
    t.same(saidOf(30, customsSays({ state })), [], state)
  t.end()
})

t.test(
  'row 31: 60 minutes before the arrival, 30 for the trusted; what lacks less than ten is waited for',
  (t) => {
    const sent = (agoMs: number, trusted = false) =>
      saidOf(
        31,
        laden({ known: { manifest: { ...exampleManifest, sentAt: exampleNowMs - agoMs, trusted } } }),
      )
    t.same(sent(60 * minuteMs), [])
    t.same(sent(60 * minuteMs - 1), ['31 DOC-05 escalate'])
    t.same(sent(50 * minuteMs + 1), ['31 DOC-05 escalate'])
    t.same(sent(50 * minuteMs), ['31 DOC-05 hold'])
    t.same(sent(30 * minuteMs, true), [])
    t.same(sent(30 * minuteMs - 1, true), ['31 DOC-05 escalate'])
    t.same(sent(20 * minuteMs, true), ['31 DOC-05 hold'])
    t.end()
  },
)

t.test('row 31: the prompts differ, the numbers are configuration, and only the road asks', (t) => {
  const manifest = { ...exampleManifest, sentAt: exampleNowMs - 55 * minuteMs }
  t.equal(decide(laden({ known: { manifest } })).prompt, 'prompt.wait')
  const early = { ...manifest, sentAt: exampleNowMs }
  t.equal(decide(laden({ known: { manifest: early } })).prompt, 'prompt.stopAndWait')
  const cargo = { ...defaultCargoPolicy, manifestBeforeMs: 55 * minuteMs }
  t.same(saidOf(31, laden({ known: { manifest }, policy: { ...defaultPolicy, cargo } })), [])
  t.same(saidOf(31, laden({ known: { manifest: early } }, seaInLaden)), [])
  t.same(saidOf(31, exampleLaden({ known: { manifest: early } }, needless)), ['31 DOC-05 hold'])
  t.same(saidOf(31, exampleLaden({ known: { manifest: null } }, needless)), [])
  t.end()
})
