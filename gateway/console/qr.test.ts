import t from 'tap'
import { qrOf } from './web/qr.js'

/** The dark modules of a picture, back from its path, without the quiet zone. */
function darkIn(text: string): { modules: number; isDark: (row: number, at: number) => boolean } {
  const picture = qrOf(text)
  if (picture === null) throw new Error('no picture')
  const dark = new Set<string>()
  for (const [, x = '', y = '', width = ''] of picture.path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g)) {
    for (let at = 0; at < Number(width); at += 1) dark.add(`${Number(y) - 4}/${Number(x) - 4 + at}`)
  }
  return { modules: picture.size - 8, isDark: (row, at) => dark.has(`${row}/${at}`) }
}

const finder = ['#######', '#     #', '# ### #', '# ### #', '# ### #', '#     #', '#######']

t.test('a receipt is drawn as a QR code with its three corners and a white margin', (t) => {
  const text = `LKR1.${'a'.repeat(180)}`
  const { modules, isDark } = darkIn(text)
  t.equal((modules - 17) % 4, 0, 'a size that there is')
  const corner = (top: number, left: number) =>
    finder.map((line, row) => [...line].map((_, at) => (isDark(top + row, left + at) ? '#' : ' ')).join(''))
  for (const [top, left] of [
    [0, 0],
    [0, modules - 7],
    [modules - 7, 0],
  ] as const)
    t.same(corner(top, left), finder)
  for (let at = 8; at < modules - 8; at += 1) t.equal(isDark(6, at), at % 2 === 0, 'the timing line')
  t.not(qrOf(text)?.path, qrOf(`${text}b`)?.path)
  t.end()
})

t.test('a text that no QR code holds gives no picture, and the page keeps the text', (t) => {
  t.equal(qrOf('x'.repeat(3_000)), null)
  t.end()
})
