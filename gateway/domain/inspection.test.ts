import t from 'tap'
import { exampleDeclaration } from '../../edge/domain/decision/cargo-examples.js'
import { inspectionResults, type InspectionStep } from '../api/task-schemas.js'
import { EventChain } from '../testing/chain.js'
import { importedLock, lockAfter, missingToUnlock, type ContainerLocked } from './container-lock.js'
import {
  declarationAfter,
  inspectionOf,
  stepped,
  withInspector,
  type InspectionAsked,
  type InspectionRecord,
} from './inspection.js'
import { knownEvent } from './judge.js'

const chain = new EventChain('edge-1', 'e1', 1_000)
const asked = (passageId: string): InspectionAsked =>
  knownEvent(
    chain.next(
      'inspectionAsked',
      { reasons: ['INS-01'], containers: ['BOX1'], tripId: 'T1', obligations: ['INSPECT'] },
      { lane: 'lane-1', passageId },
    ),
  ) as InspectionAsked
const created = inspectionOf(asked('p1'), undefined)
const seed = { day: '2026-01-31', seed: 'a'.repeat(64) }

const take = (task: InspectionRecord, what: InspectionStep['what'], by = 'li', inspectors: string[] = []) => {
  const result = stepped(task, { version: task.version, what }, { by, at: 5_000, inspectors })
  return result.ok ? result.task : result.refusal
}
const walked = (...whats: InspectionStep['what'][]): InspectionRecord =>
  whats.reduce<InspectionRecord>((task, what) => {
    const after = take(task, what)
    if (typeof after === 'string') throw new Error(`${what.do}: ${after}`)
    return after
  }, created)

const upTo: readonly InspectionStep['what'][] = [
  { do: 'assign', inspector: 'li', remark: '' },
  { do: 'checkIn', bay: '' },
  { do: 'start' },
  { do: 'result', result: 'PASS', remark: '' },
  { do: 'close' },
]

t.test('each step begins where the one before it ended, and nowhere else', (t) => {
  const others: readonly InspectionStep['what'][] = [{ do: 'treated', remark: '' }]
  for (let done = 0; done <= upTo.length; done += 1) {
    const task = walked(...upTo.slice(0, done))
    for (const [index, what] of [...upTo, ...others].entries()) {
      const isNext = index === done
      const isReassigned = what.do === 'assign' && task.state === 'ASSIGNED'
      const isTreated = what.do === 'treated' && task.result !== null
      const after = take(task, what)
      t.equal(typeof after === 'string', !isNext && !isTreated, `${what.do} of ${task.state}`)
      if (isReassigned) t.equal(after, 'conflict', 'he has it already')
    }
  }
  t.end()
})

t.test(
  'the inspector is drawn: the same for everybody who does the sum, and everybody once in a while',
  (t) => {
    const names = ['wang', 'li', 'zhao']
    const drawn = withInspector(created, seed, names)
    t.match(drawn, { state: 'ASSIGNED', drawId: /^2026-01-31-/ })
    t.same(withInspector(created, seed, [...names].reverse()), drawn, 'the order of the names tells nothing')
    t.same(withInspector(created, seed, []), created)
    const counts = new Map<string | null, number>()
    for (let n = 0; n < 3_000; n += 1) {
      const { inspector } = withInspector({ ...created, taskId: `p${n}.i1` }, seed, names)
      counts.set(inspector, (counts.get(inspector) ?? 0) + 1)
    }
    for (const name of names)
      t.ok(Math.abs((counts.get(name) ?? 0) - 1_000) < 120, `${name} ${counts.get(name)}`)
    t.end()
  },
)

t.test(
  'a result stands in the papers as the lanes know it; customs and what is closed are left alone',
  (t) => {
    const results = inspectionResults.map(
      (result) =>
        declarationAfter(exampleDeclaration({ treatmentDone: true }), { do: 'result', result, remark: '' })
          ?.result,
    )
    t.same(results, ['PASS', 'TREAT', 'RETURN', 'FAIL', 'FAIL'])
    const pass = { do: 'result', result: 'PASS', remark: '' } as const
    t.equal(declarationAfter(exampleDeclaration({ agency: 'CUSTOMS' }), pass), null)
    for (const state of ['REJECTED', 'CROSSED', 'CANCELLED', 'EXPIRED'] as const) {
      t.equal(declarationAfter(exampleDeclaration({ state }), pass), null, state)
    }
    const treat = { do: 'result', result: 'TREAT', remark: 'beetles' } as const
    t.match(declarationAfter(exampleDeclaration({ treatmentDone: true }), treat), { treatmentDone: false })
    t.match(declarationAfter(exampleDeclaration(), { do: 'treated', remark: '' }), {
      result: null,
      treatmentDone: true,
    })
    t.equal(take(walked(...upTo.slice(0, 3)), { do: 'result', result: 'DETAIN', remark: ' ' }), 'needsReason')
    t.end()
  },
)

t.test('what is missing to unlock, case by case: unknown is never enough', (t) => {
  const lock = { ...importedLock('BOX1'), lockedAt: 1_000 }
  const ordered = { ...lock, treatmentOrdered: true }
  const on = (change: Parameters<typeof exampleDeclaration>[0]) =>
    exampleDeclaration({ containers: ['BOX1'], ...change })
  const passed = walked(...upTo)
  const none = { declarations: [], isComplete: true, inspections: [] }
  const all = ['inspectionPass', 'treatment']
  const cases: readonly [string, typeof lock, Parameters<typeof missingToUnlock>[1], string[]][] = [
    ['nothing is known', lock, none, ['inspectionPass']],
    ['nothing is known, treatment ordered', ordered, none, all],
    ['passed in the papers', lock, { ...none, declarations: [on({ result: 'PASS' })] }, []],
    ['passed, not treated', ordered, { ...none, declarations: [on({ result: 'PASS' })] }, ['treatment']],
    [
      'treated, not looked at',
      ordered,
      { ...none, declarations: [on({ treatmentDone: true })] },
      ['inspectionPass'],
    ],
    ['to be treated', lock, { ...none, declarations: [on({ result: 'TREAT' })] }, ['treatment']],
    ['treated then', lock, { ...none, declarations: [on({ result: 'TREAT', treatmentDone: true })] }, []],
    ['failed', lock, { ...none, declarations: [on({ result: 'FAIL' })] }, ['inspectionPass']],
    ['one of two', lock, { ...none, declarations: [on({ result: 'PASS' }), on({})] }, ['inspectionPass']],
    [
      'customs alone',
      lock,
      { ...none, declarations: [on({ agency: 'CUSTOMS', result: 'PASS' })] },
      ['inspectionPass'],
    ],
    [
      'of a crossing before',
      lock,
      { ...none, declarations: [on({ state: 'CROSSED', result: 'PASS' })] },
      ['inspectionPass'],
    ],
    [
      'a declaration is missing',
      lock,
      { ...none, isComplete: false, declarations: [on({ result: 'PASS' })] },
      ['inspectionPass'],
    ],
    ['by the inspector’s word', lock, { ...none, inspections: [passed] }, []],
    [
      'by an older word',
      { ...lock, lockedAt: 6_000 },
      { ...none, inspections: [passed] },
      ['inspectionPass'],
    ],
    [
      'by a word on another',
      { ...lock, number: 'BOX2' },
      { ...none, inspections: [passed] },
      ['inspectionPass'],
    ],
  ]
  for (const [name, of, papers, missing] of cases) t.same(missingToUnlock(of, papers), missing, name)
  t.end()
})

t.test('a lock said again is the same lock; what is new of it is added', (t) => {
  const event = (orderIds: string[], obligations: string[] = []): ContainerLocked =>
    knownEvent(
      chain.next('containerLocked', {
        containers: ['BOX1'],
        declarationNos: [],
        orderIds,
        tripId: 'T1',
        obligations,
      }),
    ) as ContainerLocked
  const first = lockAfter(undefined, 'BOX1', event(['L1']))
  t.match(first, { state: 'LOCKED', version: 1, treatmentOrdered: false, orderIds: ['L1'] })
  t.equal(lockAfter(first, 'BOX1', event(['L1'])), first)
  t.match(lockAfter(first, 'BOX1', event(['L2'], ['DISINFECT'])), {
    version: 2,
    treatmentOrdered: true,
    orderIds: ['L1', 'L2'],
    lockedAt: first.lockedAt,
  })
  t.end()
})
