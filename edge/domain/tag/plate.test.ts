import fc from 'fast-check'
import t from 'tap'
import { normalisePlate, plateRegionOf } from './plate.js'

const same: readonly (readonly [written: string, plate: string])[] = [
  [' 粤Z·1234港 ', '粤Z1234港'],
  ['粤z 1234 港', '粤Z1234港'],
  ['粤Ｚ１２３４港', '粤Z1234港'],
  ['粤B・D12345', '粤BD12345'],
  ['MA-12-34', 'MA1234'],
  ['M–12–34', 'M1234'],
  ['ab 1234', 'AB1234'],
  ['AB.12.34', 'AB1234'],
  ['', ''],
]

t.test('a plate is the same plate however a camera or a clerk writes it', (t) => {
  for (const [written, plate] of same) t.equal(normalisePlate(written), plate, JSON.stringify(written))
  t.not(normalisePlate('粤Z1234港'), normalisePlate('粤Z1234澳'))
  t.end()
})

t.test('a plate that is normalised stays as it is', (t) => {
  const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31))
  t.comment(`SEED=${seed}`)
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 16 }), (text) => {
      const once = normalisePlate(text)
      if (normalisePlate(once) !== once) throw new Error(`${JSON.stringify(once)} changes again`)
    }),
    { numRuns: 3_000, seed },
  )
  t.end()
})

const regions: readonly (readonly [plate: string, region: 'CN' | 'HK' | 'MO' | 'OTHER'])[] = [
  ['粤Z·1234港', 'CN'],
  ['粤ZAB12澳', 'CN'],
  ['粤B12345', 'CN'],
  ['粤BD12345', 'CN'],
  ['京A1234警', 'CN'],
  ['粤I12345', 'OTHER'],
  ['AB1234', 'HK'],
  ['hk 1', 'HK'],
  ['MA 123', 'HK'],
  ['MA-12-34', 'MO'],
  ['M-12-34', 'MO'],
  ['MA1234', 'MO'],
  ['M1234', 'MO'],
  ['LUCKY 8', 'OTHER'],
  ['', 'OTHER'],
]

t.test('the shape of a plate says where it is from, and a shape that says nothing is OTHER', (t) => {
  for (const [plate, region] of regions) t.equal(plateRegionOf(plate), region, JSON.stringify(plate))
  t.end()
})
