import t from 'tap'
import type { z } from 'zod'
import { canonicalJson } from '../../base/canonical.js'
import { SeededRandom } from '../../base/random.js'
import * as cargo from '../../messages/cargo-entities.js'
import * as entities from '../../messages/entities.js'
import { liftReasons } from '../../messages/trust/lift.js'
import { catalogue, languages } from '../../messages/text/catalogue.js'
import { needNames } from './cargo.js'
import { exampleLaden } from './cargo-examples.js'
import { cargoMutations, clearTruck, knownOf, withKnown } from './cargo-mutations.js'
import { decide } from './decide.js'
import {
  exampleHeard,
  exampleInputs,
  exampleLift,
  exampleOrder,
  examplePlate,
  exampleTag,
} from './examples.js'
import { explain } from './explain.js'
import { inWords, sentenceMax } from './explain-words.js'
import { linesMax, sectionNames, type Explanation } from './explanation.js'
import { mutations, withFacts, withOrder } from './mutations.js'
import type { DecisionInputs } from './types.js'

const open = { seesSecrets: true } as const
const closed = { seesSecrets: false } as const

function explained(inputs: DecisionInputs, options = open as { readonly seesSecrets: boolean }): Explanation {
  return explain({ decision: decide(inputs), inputs }, options)
}

function textOfAll(explanation: Explanation, language: 'en' | 'zh-CN'): string {
  return inWords(explanation, language)
    .map(({ title, sentences }) => [title, ...sentences].join('\n'))
    .join('\n')
}

const secretIntercept = exampleOrder({
  orderId: 'S77',
  nature: 'SECRET',
  subject: { kind: 'VEHICLE', key: 'V1' },
})

t.test(
  'a clear car: what was seen, what the lists said and in which version, and the rule of release',
  (t) => {
    const text = textOfAll(explained(exampleInputs()), 'en')
    t.match(text, /Release: Everything in order/)
    t.match(
      text,
      /Rule 73 \(OK-01, Release\): no container; vehicle identified .* \(rests on known by: tag; vehicle: V1\)/,
    )
    t.match(text, /Tag E1: of this vehicle, present, heard 12 times, strongest -48 dBm/)
    t.match(text, /Plate 粤Z1234港, confidence 0\.97 \(camera-1\)/)
    t.match(text, /Tag E1: active, of vehicle V1 \[Tags, version 7, confirmed 20 s before\]/)
    t.match(text, /No control order on this passage \[Control orders, version 7/)
    t.match(text, /Missing for a release\nNothing/)
    const chinese = textOfAll(explained(exampleInputs()), 'zh-CN')
    t.match(chinese, /标签 E1：属于本车，持续在场，读到 12 次/)
    t.match(chinese, /第 73 条（OK-01，放行）：无集装箱/)
    t.end()
  },
)

t.test('an order that was lifted is told with since when and why', (t) => {
  const inputs = withOrder(exampleInputs(), exampleOrder({ lift: exampleLift }))
  const text = textOfAll(explained(inputs), 'en')
  t.match(text, /Control order O1 .*; lifted since .*, reason: dealt with/)
  t.match(textOfAll(explained(inputs), 'zh-CN'), /已于 .* 解控，原因：已处置/)
  for (const reason of liftReasons) t.ok(`said.liftReason.${reason}` in catalogue, reason)
  t.end()
})

t.test(
  'a held truck: the rule that decided, the weaker ones, what is to be done and what is missing',
  (t) => {
    const inputs = exampleLaden({
      facts: { orders: [exampleOrder({ orderId: 'BK1' })] },
      known: { releases: [], customs: null },
      seen: { temperature: null },
      senses: { presentForMs: 9_000 },
    })
    const { sections, outcome } = explained(inputs)
    t.equal(outcome, 'hold')
    t.same(
      sections.map((section) => section.about),
      sectionNames,
    )
    const text = textOfAll(explained(inputs), 'en')
    t.match(
      text,
      /Rule 19 \(CTL-02, Hold\): an effective order INTERCEPT, open \(rests on by tag: E1; .*numbers: BK1\)/,
    )
    t.match(
      text,
      /Weaker rules[^]*Rule 6c \(SYS-01, Officer decides\): the profile needs the driver’s temperature/,
    )
    t.match(text, /To do: Inspect/)
    t.match(text, /Missing for a release[^]*the release of customs[^]*a normal temperature of the driver/)
    t.match(text, /Trip T1: vehicle V1, Inbound, laden; containers TCLU4265449; declarations CUS1, IQ1/)
    t.end()
  },
)

t.test('what cannot be told is said as what cannot be told, with the rule that asked', (t) => {
  const text = textOfAll(explained(exampleInputs({ facts: { orders: 'unknown' } })), 'en')
  t.match(text, /Rule 18a \(SYS-02, Officer decides\): it cannot be told whether “an effective order LOCK/)
  t.match(text, /nothing could be told \(Control orders\)/)
  t.end()
})

t.test('of several rules of one row and code the one that spoke is named', (t) => {
  const ended = exampleInputs({ facts: { tags: { E1: exampleTag({ validTo: 1 }) } } })
  t.match(textOfAll(explained(ended), 'en'), /Rule 10b \(ID-04, Hold\)/)
  const revoked = exampleInputs({ facts: { tags: { E1: exampleTag({ state: 'REVOKED' }) } } })
  t.match(textOfAll(explained(revoked), 'en'), /Rule 10a \(ID-04, Hold\)/)
  t.end()
})

t.test('a value close to its limit is named with the limit, on either side', (t) => {
  const plates = [examplePlate('粤Z1234港', 0.88)]
  const text = textOfAll(
    explained(
      exampleLaden({ plates, seen: { weight: { grossKg: 30_880, stable: true, onScale: true, tries: 1 } } }),
    ),
    'en',
  )
  t.match(text, /Near a limit[^]*Plate 粤Z1234港: confidence 0\.88, limit 0\.9/)
  t.match(text, /Weight differs from the declared one by 880 kg, limit 900 kg/)
  t.match(textOfAll(explained(exampleInputs()), 'en'), /Near a limit\nNothing$/)
  t.end()
})

t.test('a record of another ruleset is explained in the words of this one, and says so', (t) => {
  const inputs = exampleInputs({ facts: { orders: [exampleOrder()] } })
  const decision = { ...decide(inputs), rulesetVersion: 'lanekeeper-1' }
  const strange = {
    row: 99,
    code: 'NEW-01',
    outcome: 'hold',
    safety: false,
    evidence: { moon: 'full' },
  } as const
  const text = textOfAll(explain({ decision: { ...decision, reasons: [strange] }, inputs }, open), 'en')
  t.match(text, /Ruleset lanekeeper-1\nThis program has ruleset lanekeeper-\d/)
  t.match(text, /Row 99 \(NEW-01, Hold\): NEW-01 \(rests on moon: full\)/)
  t.end()
})

t.test('with the right a secret order is explained as what it is, without it as a draw', (t) => {
  const inputs = exampleInputs({ facts: { orders: [secretIntercept] } })
  t.match(textOfAll(explained(inputs), 'en'), /Rule 20 \(CTL-02S, Hold\): an effective secret order/)
  for (const language of languages) {
    const text = textOfAll(explained(inputs, closed), language)
    t.match(text, /RND-01/)
    t.match(text, /S77/, 'the number that has to be typed')
    t.notMatch(text, /CTL|secret|秘密|intercept|拦截/i)
    t.match(text, language === 'en' ? /No control order on this passage/ : /没有针对本次通行的布控/)
  }
  t.end()
})

const seeds = 800

/** Any truck or car, changed in any way, without the orders of chance. */
function generated(seed: number, laden: boolean): { inputs: DecisionInputs; random: SeededRandom } {
  const random = new SeededRandom(seed)
  let inputs = laden ? clearTruck(random) : exampleInputs()
  const all = laden ? [...mutations, ...cargoMutations] : mutations
  for (let n = random.int(0, 5); n > 0; n -= 1) inputs = random.pick(all)(inputs, random)
  return { inputs, random }
}

/** Whatever cannot be told of the orders is another matter, and untouched by one more. */
function withoutChance(inputs: DecisionInputs): DecisionInputs {
  const { orders } = inputs.facts
  if (orders === 'unknown') return withFacts(inputs, { orders: [] })
  return withFacts(inputs, {
    orders: orders
      .filter(
        (order) => order.action !== 'NOTIFY' && !(order.action === 'INTERCEPT' && order.nature === 'SECRET'),
      )
      .map((order) => ({ ...order, nature: 'OPEN' as const })),
  })
}

t.test('without the right a secret intercept explains byte for byte like a draw of the same vehicle', (t) => {
  let drawn = 0
  for (let seed = 1; seed <= seeds; seed += 1) {
    const { inputs } = generated(seed, true)
    const plain = withoutChance(inputs)
    const { trip } = knownOf(plain)
    if (trip === null || trip === 'unknown') continue
    const order = { ...secretIntercept, subject: { kind: 'CONTAINER', key: 'any' } as const }
    const secret = decide(withOrder(plain, order))
    if (!secret.reasons.some((reason) => reason.code === 'CTL-02S')) continue
    const draw = { kind: 'draw', tripId: trip.tripId, drawId: 'S77', selected: true } as const
    const sampled = withKnown(plain, { draw })
    // A draw is for goods only: other lanes show its words all the same.
    if (!decide(sampled).reasons.some((reason) => reason.code === 'RND-01')) continue
    if (decide(plain).reasons.some((reason) => reason.code === 'RND-01')) continue
    drawn += 1
    const seen = canonicalJson(explained(withOrder(plain, order), closed))
    const expected = canonicalJson(explained(sampled, closed))
    if (seen !== expected) t.equal(seen, expected, `seed ${seed}`)
  }
  t.ok(drawn > 150, `${drawn} of ${seeds} compared`)
  t.end()
})

t.test('without the right an order that only notifies was never there', (t) => {
  for (let seed = 1; seed <= seeds; seed += 1) {
    const { inputs } = generated(seed, seed % 2 === 0)
    const plain = withoutChance(inputs)
    const subject = { kind: 'VEHICLE', key: 'V1' } as const
    const nature = seed % 3 === 0 ? 'OPEN' : 'SECRET'
    const told = withOrder(plain, exampleOrder({ orderId: 'N1', action: 'NOTIFY', nature, subject }))
    const seen = canonicalJson(explained(told, closed))
    if (seen !== canonicalJson(explained(plain, closed))) t.fail(`seed ${seed} betrays it`)
  }
  t.pass(`${seeds} compared`)
  t.end()
})

t.test('every explanation is bounded, in both languages, and says nothing blank', (t) => {
  let longest = 0
  for (let seed = 1; seed <= 300; seed += 1) {
    const { inputs } = generated(seed, seed % 2 === 0)
    for (const language of languages)
      for (const { about, title, sentences } of inWords(explained(inputs), language)) {
        if (sentences.length === 0 || sentences.length > linesMax + 1) t.fail(`seed ${seed}: ${about}`)
        for (const sentence of [title, ...sentences]) {
          longest = Math.max(longest, sentence.length)
          if (sentence.trim() === '' || /\{\w+\}|undefined|\[object|explain\./.test(sentence))
            t.fail(`seed ${seed}: ${sentence}`)
        }
      }
  }
  t.ok(longest <= sentenceMax, `${longest} letters at most`)
  const many = exampleInputs({
    tags: Array.from({ length: 90 }, (_, index) => exampleHeard({ epc: `E${index}`.repeat(60) })),
  })
  const observed = inWords(explained(many), 'en').find((section) => section.about === 'observed')
  t.equal(observed?.sentences.length, linesMax + 1)
  t.match(observed?.sentences.at(-1), /67 more are not listed|\d+ more are not listed/)
  t.ok(observed?.sentences.every((sentence) => sentence.length <= sentenceMax))
  t.end()
})

t.test('every need of a release and every state that a list may hold has words', (t) => {
  const texts = new Set<string>(Object.keys(catalogue))
  const wanted = [
    ...needNames.map((need) => `missing.${need}`),
    ...said('tag', entities.tagEntrySchema.shape.state),
    ...said('vehicle', entities.vehicleEntrySchema.shape.vehicleKind),
    ...said('action', entities.controlOrderSchema.shape.action),
    ...said('nature', entities.controlOrderSchema.shape.nature),
    ...said('level', entities.blacklistEntrySchema.shape.level),
    ...said('subject', entities.orderSubjectSchema.shape.kind),
    ...said('subject', cargo.releaseEntrySchema.shape.subject.shape.kind),
    ...said('agency', cargo.releaseEntrySchema.shape.agency),
    ...said('driver', cargo.driverEntrySchema.shape.state),
    ...said('declaration', cargo.declarationEntrySchema.shape.state),
    ...cargo.rulings.map((ruling) => `said.ruling.${ruling}`),
    ...cargo.results.map((result) => `said.result.${result}`),
    ...cargo.loads.map((load) => `said.load.${load}`),
    ...said('lock', cargo.containerEntrySchema.shape.lock),
    ...said('terminalOrder', cargo.terminalOrderEntrySchema.shape.state),
    ...said('measure', cargo.quarantineAreaEntrySchema.shape.measure),
    ...said('seal', cargo.sealEntrySchema.shape.state),
    ...said('release', cargo.releaseEntrySchema.shape.state),
    ...said('debit', cargo.accountEntrySchema.shape.debit),
  ]
  t.same(
    wanted.filter((key) => !texts.has(key)),
    [],
  )
  t.end()
})

function said(kind: string, schema: z.ZodEnum): string[] {
  return schema.options.map((option) => `said.${kind}.${option}`)
}
