import t from 'tap'
import { customsSays, declared, goodReceipt, iqSays, needless, releasedExcept } from './cases/papers.js'
import { type CustomsAnswer } from './cargo.js'
import {
  exampleBox,
  exampleLaden,
  exampleRelease,
  exampleTerminalOrder,
  exampleTrip,
  type LadenChange,
} from './cargo-examples.js'
import { cargoProfiles } from './cargo-profiles.js'
import { decide, patienceMs } from './decide.js'
import { exampleNowMs } from './examples.js'
import type { DecisionInputs } from './types.js'

const { roadInLaden, roadOutLaden, seaInLaden, seaInEmpty, seaOutLaden } = cargoProfiles
const secondBox = 'MSCU1111111'

/** What rows 27 to 40 say, as `row code outcome`. */
const said = (inputs: DecisionInputs) =>
  decide(inputs)
    .reasons.filter(({ row }) => row >= 27 && row <= 40)
    .map(({ row, code, outcome }) => `${row} ${code} ${outcome}`)
const saidOf = (row: number, inputs: DecisionInputs) =>
  said(inputs).filter((word) => word.startsWith(`${row} `))
const laden = (change: LadenChange, profile = roadInLaden) => exampleLaden(change, profile)

t.test('row 32: a PASS answers an INSPECT, and so does a treatment that was ordered and done', (t) => {
  const inspect = (change: Parameters<typeof iqSays>[0]) =>
    saidOf(32, iqSays(typeof change === 'object' ? { ruling: 'INSPECT', ...change } : change))
  t.same(inspect({}), ['32 INS-01 hold'])
  t.same(inspect({ result: 'PASS' }), [])
  t.same(inspect({ result: 'TREAT', treatmentDone: true }), [])
  t.same(inspect({ result: 'TREAT' }), ['32 INS-01 hold'])
  t.match(decide(iqSays({ ruling: 'INSPECT' })), { prompt: 'prompt.inspection', obligations: ['INSPECT'] })
  t.same(saidOf(32, customsSays({ ruling: 'INSPECT' })), [], 'what customs rules is row 36')
  t.end()
})

t.test(
  'row 32: a straight release under verified seals answers an INSPECT on its way out only (row 55)',
  (t) => {
    const known = { declarations: declared({ ruling: 'INSPECT' }) }
    const sealed = (change: LadenChange, profile: typeof roadOutLaden | typeof roadInLaden = roadOutLaden) =>
      exampleLaden({ known, ...change, trip: { straightRelease: true, ...change.trip } }, profile)
    t.same(said(sealed({})), [])
    t.same(saidOf(32, sealed({}, roadInLaden)), ['32 INS-01 hold'])
    t.same(saidOf(32, sealed({ trip: { straightRelease: false } })), ['32 INS-01 hold'])
    const opened = [{ sealId: 'S1', status: 'OPENED', openedAt: null, batteryLow: false }] as const
    t.same(saidOf(32, sealed({ seen: { seals: opened } })), ['32 INS-01 hold'])
    const unread = sealed({ seen: { seals: [], sealTries: 1 } })
    t.same(saidOf(32, unread), ['32 SYS-02 escalate'], 'a seal may still be read')
    t.ok(patienceMs(unread) > 0, 'and is worth a wait')
    t.equal(patienceMs(sealed({ trip: { straightRelease: false } })), 0)
    t.same(saidOf(34, sealed({ known: { declarations: declared({ result: 'FAIL' }) } })), ['34 INS-03 hold'])
    t.end()
  },
)

t.test('rows 33 and 34: papers, no ruling yet, and results that let nobody go', (t) => {
  t.match(decide(iqSays({ ruling: 'DOCS' })), { prompt: 'prompt.office', obligations: ['DOCS'] })
  t.same(said(iqSays({ ruling: null })), ['33 INS-02 hold'])
  t.same(said(exampleLaden({ known: { declarations: declared({ ruling: null }) } }, needless)), [])
  t.same(
    said(exampleLaden({ known: { declarations: declared({ ruling: 'DOCS' }) } }, needless)),
    ['33 INS-02 hold'],
    'a ruling counts in every lane',
  )
  for (const result of ['FAIL', 'RETURN', 'TREAT'] as const)
    t.match(decide(iqSays({ result })), { primary: 'INS-03', prompt: 'prompt.notReleased' }, result)
  t.end()
})

t.test('rows 34 and 35: a release taken back beats everything but a new one', (t) => {
  const back = (agency: 'IQ' | 'CUSTOMS') => releasedExcept(agency, { state: 'REVOKED' })
  t.same(said(laden({ known: { releases: back('IQ') } })), ['34 INS-03 hold'])
  t.same(said(laden({ known: { releases: back('CUSTOMS') } })), ['35 CUS-01 hold'], 'also a lift')
  t.same(said(exampleLaden({ known: { releases: back('CUSTOMS') } }, needless)), ['35 CUS-01 hold'])
  const again = exampleRelease({ releaseId: 'R9' })
  t.same(said(laden({ known: { releases: [...back('CUSTOMS'), again] } })), [])
  const elsewhere = { ...again, state: 'REVOKED', subject: { kind: 'DECLARATION', key: 'CUS9' } } as const
  t.same(said(laden({ known: { releases: [...releasedExcept('CUSTOMS', {}), elsewhere] } })), [])
  t.end()
})

t.test('row 35: what releases, and what does not', (t) => {
  const by = (change: Parameters<typeof releasedExcept>[1], customs: CustomsAnswer | null = null) =>
    saidOf(35, laden({ known: { customs, releases: releasedExcept('CUSTOMS', change) } }))
  t.same(by({}), [])
  t.same(by(null), ['35 CUS-01 hold'])
  t.same(by({ state: 'CONSUMED', usesLeft: 0 }), ['35 CUS-01 hold'])
  t.same(by({ usesLeft: 0 }), ['35 CUS-01 hold'])
  t.same(by({ validTo: exampleNowMs }), [])
  t.same(by({ validTo: exampleNowMs - 1 }), ['35 CUS-01 hold'])
  t.same(by({ subject: { kind: 'TRIP', key: 'T1' } }), [])
  t.same(by({ subject: { kind: 'CONTAINER', key: exampleBox } }), [])
  t.same(by({ subject: { kind: 'CONTAINER', key: secondBox } }), ['35 CUS-01 hold'])
  t.same(by(null, { is: 'answered', result: 'LIFT', hint: '' }), [], 'customs lifts at the lane')
  t.same(by(null, { is: 'waiting', forMs: 100, tries: 1 }), [], 'row 71 waits for the answer')
  t.same(saidOf(35, exampleLaden({ known: { customs: null, releases: [] } }, needless)), [])
  t.end()
})

t.test('row 35: of two containers both must be released', (t) => {
  const two = { containers: [exampleBox, secondBox] }
  const box = (releaseId: string, key: string) =>
    exampleRelease({ releaseId, subject: { kind: 'CONTAINER', key } })
  const by = (...releases: ReturnType<typeof box>[]) =>
    saidOf(35, laden({ trip: two, known: { customs: null, releases, declarations: declared(two, two) } }))
  t.same(by(box('R1', exampleBox)), ['35 CUS-01 hold'])
  t.same(by(box('R1', exampleBox), box('R2', secondBox)), [])
  t.same(by(box('R2', secondBox), { ...box('R1', exampleBox), state: 'EXPIRED' }), ['35 CUS-01 hold'])
  t.end()
})

t.test(
  'row 36: customs holds and locks in every lane, carries its hint, and a lift is no pass of its ruling',
  (t) => {
    const customs = (result: 'LIFT' | 'HOLD' | 'LOCK') =>
      ({ is: 'answered', result, hint: '重量异常不抬杆' }) as const
    const locked = decide(exampleLaden({ known: { customs: customs('LOCK') } }, needless))
    t.match(locked, { outcome: 'lock', primary: 'CUS-02', prompt: 'prompt.customs' })
    t.match(locked.reasons[0]?.evidence, { result: 'LOCK', hint: '重量异常不抬杆' })
    t.equal(decide(exampleLaden({ known: { customs: customs('HOLD') } }, needless)).outcome, 'hold')
    t.same(said(customsSays({ ruling: 'DOCS' })), ['36 CUS-02 hold'])
    t.same(said(customsSays({ result: 'FAIL' })), ['36 CUS-02 hold'])
    const both = decide(
      exampleLaden({ known: { customs: customs('LOCK'), declarations: declared({ ruling: 'INSPECT' }) } }),
    )
    t.match(both, { outcome: 'lock', obligations: ['INSPECT'] }, 'the weaker inspection is left to be done')
    t.end()
  },
)

t.test('row 37: the terminal’s order must be open, paid, of this direction and of this hour', (t) => {
  const order = (
    change: Partial<typeof exampleTerminalOrder> | null,
    profile: typeof seaInLaden | typeof seaInEmpty = seaInLaden,
  ) =>
    saidOf(
      37,
      exampleLaden(
        { known: { terminalOrders: { [exampleBox]: change && { ...exampleTerminalOrder, ...change } } } },
        profile,
      ),
    )
  t.same(order({}), [])
  t.same(order({}, seaInEmpty), [])
  for (const bad of [null, { paid: false }, { direction: 'out' as const }, { state: 'DONE' as const }]) {
    t.same(order(bad), ['37 TOS-01 hold'], JSON.stringify(bad))
    t.same(order(bad, seaInEmpty), ['37 TOS-01 hold'], 'empty as well')
  }
  t.same(order({ slotFrom: exampleNowMs, slotTo: exampleNowMs }), [])
  t.same(order({ slotTo: exampleNowMs - 1 }), ['37 TOS-01 hold'])
  t.same(order({ slotFrom: exampleNowMs + 1 }), ['37 TOS-01 hold'])
  const free = { ...seaInLaden, needs: [] }
  t.same(saidOf(37, exampleLaden({ known: { terminalOrders: { [exampleBox]: null } } }, free)), [])
  const unpaid = { [exampleBox]: { ...exampleTerminalOrder, paid: false } }
  t.same(saidOf(37, exampleLaden({ known: { terminalOrders: unpaid } }, free)), ['37 TOS-01 hold'])
  t.same(
    saidOf(37, exampleLaden({ known: { terminalOrders: {} } }, roadInLaden)),
    [],
    'no terminal on the road',
  )
  t.end()
})

t.test(
  'row 38: weights may differ by 300 kg or 3 % of the smaller, plates by the pair of one vehicle',
  (t) => {
    const kg = (iq: number, customs: number) =>
      saidOf(38, laden({ known: { declarations: declared({ grossKg: iq }, { grossKg: customs }) } }))
    t.same(kg(5_300, 5_000), [])
    t.same(kg(5_301, 5_000), ['38 DOC-06 escalate'])
    t.same(kg(20_000, 20_600), [])
    t.same(kg(20_000, 20_601), ['38 DOC-06 escalate'])
    const plates = (iq: string, customs: string) =>
      saidOf(38, laden({ known: { declarations: declared({ plate: iq }, { plate: customs }) } }))
    t.same(plates('粤Z1234港', 'AB1234'), [], 'both are this vehicle’s')
    t.same(plates('粤Z1234港', 'AB9999'), ['38 DOC-06 escalate'])
    t.equal(decide(laden({ known: { declarations: declared({ grossKg: 9_000 }) } })).prompt, 'prompt.wait')
    t.end()
  },
)

t.test(
  'row 38: agencies that name different containers of this truck disagree; other trucks’ do not count',
  (t) => {
    const named = (iq: string[], customs: string[]) =>
      saidOf(38, laden({ known: { declarations: declared({ containers: iq }, { containers: customs }) } }))
    t.same(named([exampleBox], [exampleBox, secondBox]), [], 'the second is not on this truck')
    t.same(named([exampleBox], [secondBox]), ['38 DOC-06 escalate'])
    t.same(
      saidOf(
        38,
        laden({
          known: {
            declarations: declared(
              { containers: [exampleBox], grossKg: 9_000 },
              { containers: [exampleBox, secondBox], grossKg: 21_000 },
            ),
          },
        }),
      ),
      [],
      'weights of different goods are not compared',
    )
    t.end()
  },
)

t.test('row 39: a good receipt stands for the message of its agency at a sea gate, once', (t) => {
  const late = { customs: null, releases: releasedExcept('CUSTOMS', null) }
  const shown = (change: Partial<typeof goodReceipt>, known: LadenChange['known'] = late) =>
    decide(exampleLaden({ seen: { receipt: { ...goodReceipt, ...change } }, known }, seaOutLaden))
  const good = shown({})
  t.match(good, { outcome: 'release', advisories: ['LATE_MESSAGE'] })
  t.equal(shown({ subject: { kind: 'CONTAINER', key: exampleBox } }).outcome, 'release')
  t.equal(shown({ subject: { kind: 'TRIP', key: 'T1' } }).outcome, 'release')
  const bad = [
    { used: true },
    { used: 'unknown' },
    { signatureValid: false },
    { signatureValid: 'unknown' },
    { agency: 'IQ' },
    { subject: { kind: 'DECLARATION', key: 'CUS9' } },
    { subject: { kind: 'TRIP', key: 'T9' } },
  ] as const
  for (const change of bad) {
    const decision = shown(change)
    t.match(decision, { outcome: 'hold', primary: 'CUS-01' }, JSON.stringify(change))
    t.notOk(decision.advisories.includes('LATE_MESSAGE'))
  }
  t.same(shown({ used: true }).advisories, ['RECEIPT_REFUSED'])
  t.end()
})

t.test('row 39: a message that came beats the receipt, and a road lane takes none', (t) => {
  const seen = { receipt: goodReceipt }
  for (const state of ['REVOKED', 'CONSUMED', 'EXPIRED'] as const) {
    const known = { customs: null, releases: releasedExcept('CUSTOMS', { state }) }
    t.match(decide(exampleLaden({ seen, known }, seaOutLaden)), { outcome: 'hold', advisories: [] }, state)
  }
  const unknown = { customs: null, releases: 'unknown' } as const
  t.equal(decide(exampleLaden({ seen, known: unknown }, seaOutLaden)).outcome, 'escalate')
  const known = { customs: null, releases: releasedExcept('CUSTOMS', null) }
  t.match(decide(exampleLaden({ seen, known }, roadInLaden)), { outcome: 'hold', advisories: [] })
  t.end()
})

t.test('row 39: a receipt of IQ is a pass of its ruling, and never of a bad result', (t) => {
  const receipt = { ...goodReceipt, agency: 'IQ', subject: { kind: 'DECLARATION', key: 'IQ1' } } as const
  const decided = (change: Parameters<typeof declared>[0]) =>
    decide(
      exampleLaden(
        {
          seen: { receipt },
          known: { declarations: declared(change), releases: releasedExcept('IQ', null) },
        },
        seaOutLaden,
      ),
    )
  t.match(decided({ ruling: 'INSPECT' }), { outcome: 'release', advisories: ['LATE_MESSAGE'] })
  t.equal(decided({ ruling: 'DOCS' }).outcome, 'release')
  t.match(decided({ ruling: 'INSPECT', result: 'FAIL' }), { outcome: 'hold', primary: 'INS-03' })
  t.equal(decided({ ruling: 'LOCK' }).outcome, 'lock')
  t.end()
})

t.test('row 40: the last truck waits for the others, the others do not, and one too many is held', (t) => {
  const trucks = (total: number, arrived: number, last?: boolean) => {
    const documentTrucks = { total, arrived, ...(last === undefined ? {} : { last }) }
    return saidOf(40, laden({ trip: { ...exampleTrip, documentTrucks } }))
  }
  t.same(trucks(2, 0, true), ['40 DOC-07 hold'])
  t.same(trucks(2, 1, true), [])
  t.same(trucks(3, 0, false), [])
  t.same(trucks(2, 0), ['40 DOC-07 hold'], 'it may be the last')
  t.same(trucks(2, 1), [])
  t.same(trucks(2, 2), ['40 DOC-07 hold'])
  t.same(trucks(1, 0), [])
  t.equal(decide(laden({ trip: { documentTrucks: { total: 2, arrived: 0 } } })).prompt, 'prompt.waitingArea')
  t.end()
})
