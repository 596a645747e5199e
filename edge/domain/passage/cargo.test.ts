import t from 'tap'
import type { Sensed } from '../../interfaces/reader.js'
import {
  containersMax,
  earTagsMax,
  isAlarmed,
  nothingSensed,
  sealsMax,
  sensedAgain,
  withAllSensed,
  withSensed,
} from './cargo.js'

const seal = { of: 'seal', sealId: 'S1', status: 'CLOSED', openedAt: null, batteryLow: false } as const
const weight = { of: 'weight', grossKg: 30_000, stable: true, onScale: true } as const

t.test('the newest word counts, and what speaks against the vehicle stays', (t) => {
  const seen = (...all: Sensed[]) => withAllSensed(nothingSensed, all)
  t.match(seen({ of: 'temperature', is: 'unknown' }, { of: 'temperature', is: 'normal' }), {
    temperature: 'normal',
  })
  t.match(seen({ of: 'temperature', is: 'normal' }, { of: 'temperature', is: 'unknown' }), {
    temperature: 'unknown',
  })
  t.match(seen({ of: 'temperature', is: 'fever' }, { of: 'temperature', is: 'normal' }), {
    temperature: 'fever',
  })
  t.match(seen({ of: 'radiation', is: 'alarm' }, { of: 'radiation', is: 'normal' }), { radiation: 'alarm' })
  t.match(seen({ ...seal, status: 'OPENED' }, seal).seals, [{ status: 'OPENED' }])
  t.match(seen({ ...seal, openedAt: 5 }, seal).seals, [{ status: 'CLOSED', openedAt: 5 }])
  t.match(seen(seal, { ...seal, status: 'unknown' }).seals, [{ status: 'unknown' }])
  t.match(seen({ of: 'card', cardNo: 'K1' }, { of: 'card', cardNo: 'K2' }), {
    driverCard: 'K2',
    cards: ['K1', 'K2'],
  })
  t.equal(isAlarmed(seen(seal)), false)
  t.equal(isAlarmed(seen({ ...seal, openedAt: 5 })), true)
  t.end()
})

t.test('each weighing and each vain try counts, and earlier weights are kept', (t) => {
  const bad = { of: 'weight', grossKg: null, stable: false, onScale: true } as const
  const { weight: scale } = withAllSensed(nothingSensed, [bad, weight, { ...weight, grossKg: 30_500 }])
  t.same(scale, { grossKg: 30_500, stable: true, onScale: true, tries: 3, earlierKg: [null, 30_000] })
  const missed = withAllSensed(nothingSensed, [{ of: 'sealMissed' }, { of: 'sealMissed' }])
  t.match(missed, { seals: [], sealTries: 2 })
  t.match(withSensed(missed, seal).seen, { sealTries: 2, seals: [{ sealId: 'S1' }] })
  t.equal(withSensed(nothingSensed, seal).seen.sealTries, 1)
  t.end()
})

t.test('of a container the best reading is kept; what finds no room is said to be missing', (t) => {
  const read = (number: string, confidence: number): Sensed => ({ of: 'container', number, confidence })
  const best = withAllSensed(nothingSensed, [
    read('tclu 426544-9', 0.5),
    read('TCLU4265449', 0.9),
    read('TCLU4265449', 0.4),
  ])
  t.same(best.containers, [{ number: 'TCLU4265449', confidence: 0.9 }])
  t.equal(withSensed(best, read('TCLU4265449', 0.95)).is, 'better')
  const boxes = Array.from({ length: containersMax + 1 }, (_, i) => read(`BOX${i}`, 0.9))
  const full = withAllSensed(nothingSensed, boxes)
  t.equal(full.containers?.length, containersMax)
  t.equal(full.overflow, true)
  const seals = Array.from({ length: sealsMax + 1 }, (_, i): Sensed => ({ ...seal, sealId: `S${i}` }))
  t.match(withAllSensed(nothingSensed, seals), { overflow: true })
  const ids = Array.from({ length: earTagsMax }, (_, i) => `${i}`)
  const herd = withSensed(nothingSensed, { of: 'earTags', ids }).seen
  t.match([herd.earTags?.length, herd.overflow], [earTagsMax, false])
  t.equal(withSensed(herd, { of: 'earTags', ids: ['1'] }).is, 'known')
  t.match(withSensed(herd, { of: 'earTags', ids: ['one more'] }), { is: 'shed', seen: { overflow: true } })
  t.end()
})

t.test('what was sensed can be said again, and comes to the same', (t) => {
  const all: Sensed[] = [
    { of: 'card', cardNo: 'K2' },
    { of: 'card', cardNo: 'K1' },
    { of: 'temperature', is: 'fever' },
    { of: 'radiation', is: 'unknown' },
    { of: 'container', number: 'TCLU4265449', confidence: 0.9 },
    { of: 'sealMissed' },
    { of: 'sealMissed' },
    { ...seal, openedAt: 5, batteryLow: true },
    { of: 'weight', grossKg: null, stable: false, onScale: true },
    weight,
    { of: 'earTags', ids: ['2', '1'] },
    { of: 'crateLabels', count: 7 },
    {
      of: 'receipt',
      receiptId: 'Q1',
      agency: 'IQ',
      subject: { kind: 'TRIP', key: 'T1' },
      signatureValid: true,
      used: false,
    },
  ]
  for (let until = 0; until <= all.length; until += 1) {
    const seen = withAllSensed(nothingSensed, all.slice(0, until))
    t.same(withAllSensed(nothingSensed, sensedAgain(seen)), seen)
  }
  t.end()
})
