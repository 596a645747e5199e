import t from 'tap'
import type { PlanEntry } from '../../messages/cargo-entities.js'
import { guidanceOf, withheldCodes } from './approach.js'
import type { Bay } from './types.js'

const bays: readonly Bay[] = [
  { id: '1', name: { 'zh-CN': '1 号台', en: 'bay 1' }, reasons: ['SEAL-02'] },
  { id: '2', name: { 'zh-CN': '2 号台', en: 'bay 2' } },
]

function plan(...codes: readonly string[]): PlanEntry {
  return {
    ...{ kind: 'plan', tripId: 'T1', vehicleId: 'V1', outcome: 'hold', primary: codes[0] ?? 'OK-02' },
    ...{ codes: [...codes].sort(), obligations: [], validTo: 1_000, inputsVersion: 'x' },
  }
}

const said = (...codes: readonly string[]) => {
  const guidance = guidanceOf(plan(...codes), bays, 500)
  return guidance && [guidance.prompt, guidance.bay?.id ?? null].join(' ').trim()
}

t.test('a vehicle is told to which office or bay it is to go, or that it will be disinfected', (t) => {
  t.equal(said('DOC-01'), 'prompt.office')
  t.equal(said('INS-01'), 'prompt.inspection 2')
  t.equal(said('DOC-01', 'INS-01'), 'prompt.office', 'the first row speaks, as at the line')
  t.equal(said('QUA-04'), 'prompt.disinfectAhead')
  t.equal(said('INS-01', 'QUA-04'), 'prompt.inspection 2', 'the stronger word')
  t.end()
})

t.test('nothing is said to whom a draw, a secret order or any other wish to stop him waits for', (t) => {
  for (const code of withheldCodes) t.equal(said(code), null, code)
  t.equal(said(), null)
  t.equal(said('OK-02'), null, 'nor to whom nothing waits for, or silence would tell')
  t.end()
})

t.test('with a withheld reason and without one the same is said', (t) => {
  const others = [
    [],
    ['DOC-01'],
    ['INS-01'],
    ['QUA-04'],
    ['DOC-06'],
    ['QUA-01'],
    ['DOC-01', 'QUA-04'],
    ['NEW-99'],
  ]
  for (const codes of others)
    for (const code of withheldCodes)
      t.equal(said(...codes, code), said(...codes), `${codes.join()} and ${code}`)
  t.end()
})

t.test('where a person must look, a container is locked or a reason is not known, nothing is said', (t) => {
  for (const codes of [
    ['DOC-06', 'QUA-04'],
    ['QUA-01', 'DOC-01'],
    ['RAD-01', 'DOC-01'],
    ['NEW-99', 'DOC-01'],
  ])
    t.equal(said(...codes), null, codes.join())
  t.equal(guidanceOf(plan('DOC-01'), bays, 1_001), null, 'a plan that has run out')
  t.end()
})
