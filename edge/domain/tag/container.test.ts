import fc from 'fast-check'
import t from 'tap'
import { checkDigitInstead, normaliseContainer } from './container.js'

t.test('a container number is one however it is written', (t) => {
  for (const text of ['TCLU4265449', ' tclu 426544 9', 'TCLU-426544-9', 'ＴＣＬＵ４２６５４４９'])
    t.equal(normaliseContainer(text), 'TCLU4265449')
  t.equal(normaliseContainer('柜'), '', 'nothing of it is a sign of a number')
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const once = normaliseContainer(text)
      return normaliseContainer(once) === once
    }),
  )
  t.end()
})

t.test('the check digit of ISO 6346', (t) => {
  // The standard's own example, and boxes at sea.
  for (const number of ['CSQU3054383', 'TCLU4265449', 'MSKU9070323', 'HLXU8083960'])
    t.equal(checkDigitInstead(number), null, number)
  t.equal(checkDigitInstead('TCLU4265448'), '9', 'another digit')
  t.equal(checkDigitInstead('CSQU305438'), '3', 'none')
  t.equal(checkDigitInstead('BOX1'), null, 'another shape has none')
  t.equal(checkDigitInstead('TCLA4265448'), null, 'nor has an unknown category')
  t.end()
})

t.test('most digits typed wrong are found', (t) => {
  const number = 'TCLU4265449'
  const wrong = [...number].flatMap((sign, place) =>
    place < 4
      ? []
      : [...'0123456789']
          .filter((digit) => digit !== sign)
          .map((digit) => number.slice(0, place) + digit + number.slice(place + 1)),
  )
  const found = wrong.filter((other) => checkDigitInstead(other) !== null)
  // Remainder ten is written as nought, so that a few slip through.
  t.ok(found.length >= wrong.length * 0.85, `${found.length} of ${wrong.length}`)
  t.end()
})
