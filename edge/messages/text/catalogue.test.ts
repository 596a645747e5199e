import { readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { faultCodes } from '../../base/fault.js'
import { rules } from '../../domain/decision/ruleset.js'
import { refusalCodes as laneRefusals } from '../../domain/lane/orders.js'
import { laneAts } from '../../domain/lane/state.js'
import { inspectionResults, inspectionStates, unlockNeeds } from '../../../gateway/api/task-schemas.js'
import { alertKinds } from '../../../gateway/api/alert-schemas.js'
import { differenceKinds } from '../../../gateway/api/supplement-schemas.js'
import { orderStates } from '../../../gateway/domain/order-flow.js'
import { roles } from '../../../gateway/domain/roles.js'
import { dryRunSchema } from '../../../gateway/lists/import-record.js'
import { fileFaults } from '../../../gateway/lists/formats/reader.js'
import { orderSchema } from '../../../gateway/api/order-schemas.js'
import { copyStates } from '../../../gateway/console/web/copies.js'
import { views } from '../../../gateway/console/web/views.js'
import { noticeKinds } from '../../../gateway/store/people.js'
import type { RefusalCode } from '../../../gateway/desk/refusal.js'
import { laneModes, verdictAnswers } from '../down.js'
import { listNames } from '../entities.js'
import { eventBodies, outcomes, passageEnds } from '../events.js'
import { barrierPositions, lights, loopLevels } from '../up.js'
import { clockQualitySchema } from '../envelope.js'
import type { TrustReason } from '../trust/refusal.js'
import { catalogue, languages, textOf, type Text } from './catalogue.js'
import { prompts, voices } from './prompts.js'

const texts: Readonly<Record<string, Text>> = catalogue
const has = (key: string) => Object.hasOwn(texts, key)

/** Written out, so that the compiler sees one that is missing or gone. */
const refusalCodes = {
  notSignedIn: 1,
  linkUsed: 1,
  wrongSignIn: 1,
  weakPassphrase: 1,
  tooManyTries: 1,
  foreignOrigin: 1,
  foreignHost: 1,
  notAllowed: 1,
  needsOfficer: 1,
  needsInspector: 1,
  needsSupervisor: 1,
  needsMaintainer: 1,
  needsAuditor: 1,
  notFound: 1,
  invalid: 1,
  tooLarge: 1,
  conflict: 1,
  closed: 1,
  passageEnded: 1,
  passageNotCurrent: 1,
  interceptNeedsReason: 1,
  interceptNeedsOrder: 1,
  wrongState: 1,
  notAnInspector: 1,
  needsReason: 1,
  stillLocked: 1,
  listMovedOn: 1,
  foreignAgency: 1,
  needsApproval: 1,
  secondPerson: 1,
  noKeysHere: 1,
  noKey: 1,
  wrongPassphrase: 1,
  edgeAway: 1,
  idUsed: 1,
  noDelta: 1,
  storeNotWritable: 1,
  internal: 1,
} as const satisfies Record<RefusalCode, 1>

/** Why an edge refuses a list that would let a held vehicle go: people read it where lists are looked after. */
const holdRefusals: readonly TrustReason[] = ['listHoldVanished', 'listHoldWeakened', 'liftNotProven']

/** Every value that stands in a message or a state, under the kind that the catalogue keeps it by. */
const used: Readonly<Record<string, readonly string[]>> = {
  fault: faultCodes,
  mode: laneModes,
  outcome: outcomes,
  how: passageEnds,
  answer: verdictAnswers,
  violation: eventBodies.violation.shape.kind.options,
  light: lights,
  barrier: barrierPositions,
  loop: loopLevels,
  direction: ['in', 'out'],
  clock: clockQualitySchema.options,
  list: listNames,
  state: laneAts,
  api: Object.keys(refusalCodes),
  refusal: [...laneRefusals, 'noWord', ...holdRefusals],
  reason: rules.flatMap((rule) => (rule.unknown === null ? [rule.code] : [rule.code, rule.unknown])),
  advisory: rules.flatMap((rule) => rule.advisory ?? []),
  obligation: rules.flatMap((rule) => rule.obligation ?? []),
  alert: alertKinds,
  difference: differenceKinds,
  inspection: inspectionStates,
  inspectionResult: inspectionResults,
  unlockNeed: unlockNeeds,
  role: roles,
  orderState: orderStates,
  orderStep: orderSchema.shape.steps.element.shape.did.options,
  importState: dryRunSchema.shape.state.options,
  fileFault: fileFaults,
  copy: copyStates,
  view: views,
  notice: noticeKinds,
}

for (const [kind, values] of Object.entries(used)) {
  t.test(`every ${kind} that the system knows has words`, (t) => {
    t.ok(values.length > 0, 'there is something to look for')
    t.same(
      values.filter((value) => !has(`${kind}.${value}`)),
      [],
    )
    t.end()
  })
}

t.test('every prompt of a rule is one that the board can show and the voice can say', (t) => {
  t.same(
    rules.map((rule) => rule.prompt).filter((prompt) => !Object.hasOwn(prompts, prompt)),
    [],
  )
  const numbers = Object.values(voices).filter((voice) => voice !== 0)
  t.equal(new Set(numbers).size, numbers.length, 'no two prompts share a voice')
  t.end()
})

/** Quoted keys of the catalogue, and the codes that are made into keys, as they stand in the sources. */
function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(folder, entry.name)
    if (entry.isDirectory()) return sources(file)
    return /\.tsx?$/.test(entry.name) && !entry.name.includes('.test.') ? [file] : []
  })
}

t.test('every key that is written down anywhere in the product exists', (t) => {
  const kinds = new Set(Object.keys(texts).map((key) => key.slice(0, key.indexOf('.'))))
  // These words also begin file names, faults and topics; they are held by the lists above.
  for (const ambiguous of ['list', 'loop', 'barrier', 'fault', 'clock', 'state', 'mode'])
    kinds.delete(ambiguous)
  const missing: string[] = []
  let seen = 0
  for (const file of ['edge', 'gateway'].flatMap(sources)) {
    for (const [, key] of readFileSync(file, 'utf8').matchAll(/['"`]([a-z]+\.[A-Za-z][\w.-]*)['"`]/g)) {
      if (!key || !kinds.has(key.slice(0, key.indexOf('.')))) continue
      seen += 1
      if (!has(key)) missing.push(`${file}: ${key}`)
    }
  }
  t.ok(seen > 100, `looked at ${seen} keys`)
  t.same(missing, [])
  t.end()
})

const entries = Object.entries(texts)
/** Keys of the texts that fail a check: an empty list, or names to look for. */
const failing = (check: (text: Text) => boolean) =>
  entries.filter(([, text]) => !check(text)).map(([key]) => key)

t.test('each text says something in each language, and Chinese is Chinese', (t) => {
  for (const language of languages)
    t.same(
      failing((text) => text[language].trim() !== ''),
      [],
    )
  t.same(
    failing((text) => /\p{Script=Han}/u.test(text['zh-CN'])),
    [],
  )
  t.same(
    failing((text) => !/\p{Script=Han}/u.test(text.en)),
    [],
  )
  t.end()
})

t.test('a text asks for the same values in both languages', (t) => {
  const names = (text: string) =>
    [...text.matchAll(/\{(\w+)\}/g)]
      .map(([, name]) => name)
      .sort()
      .join()
  t.same(
    failing((text) => names(text['zh-CN']) === names(text.en)),
    [],
  )
  t.end()
})

t.test('a secret order reads exactly like sampling, so that nobody learns of it', (t) => {
  t.same(texts['reason.CTL-02S'], texts['reason.RND-01'])
  for (const language of languages)
    t.notMatch(textOf('reason.CTL-02S', language), /order|secret|control|布控|秘密/i)
  t.end()
})

t.test('values are put in as they are, and only where they are asked for', (t) => {
  t.equal(textOf('console.waitingCount', 'en', { count: 3 }), '3 waiting for you')
  t.equal(textOf('console.waitingCount', 'zh-CN', { count: 3 }), '3 件待处理')
  t.equal(textOf('console.operator', 'en', { name: '{count} $& <b>' }), 'Officer {count} $& <b>')
  t.equal(textOf('console.operator', 'en'), 'Officer {name}', 'a missing value is seen, not hidden')
  t.end()
})

t.test('a key without a text shows itself, even one that every object has', (t) => {
  t.equal(textOf('reason.XYZ-99', 'en'), 'reason.XYZ-99')
  t.equal(textOf('constructor', 'zh-CN'), 'constructor')
  t.end()
})
