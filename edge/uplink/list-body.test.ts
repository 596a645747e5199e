import { randomBytes } from 'node:crypto'
import { gunzipSync, gzipSync } from 'node:zlib'
import t from 'tap'
import fc from 'fast-check'
import { systemRandom } from '../base/random.js'
import { bounded, linesOf, unpacked } from './list-body.js'

async function* pieces(bytes: Uint8Array, size: number, cutAt = bytes.length): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < cutAt; at += size)
    yield await Promise.resolve(bytes.subarray(at, Math.min(at + size, cutAt)))
  if (cutAt < bytes.length) throw new Error('the line was cut')
}

async function collected(body: AsyncIterable<Uint8Array>): Promise<{ text: string; error: string | null }> {
  const got: Uint8Array[] = []
  try {
    for await (const piece of body) got.push(piece)
    return { text: Buffer.concat(got).toString(), error: null }
  } catch (error) {
    return { text: Buffer.concat(got).toString(), error: String(error) }
  }
}

const pages = Array.from({ length: 5 }, (_, page) =>
  Array.from({ length: 200 }, (_, n) => `{"page":${page},"entry":${n}}\n`).join(''),
)
const packed = Buffer.concat(pages.map((page) => gzipSync(page)))
const whole = pages.join('')

t.test('a packed list that is cut at any byte gives everything that came before the cut', async (t) => {
  const seed = Math.floor(systemRandom.next() * 2 ** 31)
  t.comment(`seed ${seed}`)
  let wholePages = 0
  await fc.assert(
    fc.asyncProperty(fc.nat(packed.length), fc.integer({ min: 1, max: 900 }), async (cutAt, size) => {
      const { text, error } = await collected(unpacked(pieces(packed, size, cutAt), 'gzip', 10 ** 9))
      if (!whole.startsWith(text)) throw new Error('what came is not the beginning of the list')
      if (cutAt === packed.length ? error !== null : error !== 'Error: the line was cut')
        throw new Error(`ended with ${error}`)
      let there = 0
      for (let at = 0, n = 0; n < pages.length; n += 1) {
        at += gzipSync(pages[n] ?? '').length
        if (at <= cutAt) there += (pages[n] ?? '').length
      }
      if (text.length < there) throw new Error(`${there} characters were there, ${text.length} came`)
      wholePages += there > 0 ? 1 : 0
    }),
    { seed, numRuns: 150 },
  )
  t.ok(wholePages > 50, `${wholePages} cuts came behind a whole page`)
  t.equal(gunzipSync(packed).toString(), whole)
})

t.test('a body that unpacks to hundreds of times itself is refused before it fills the memory', async (t) => {
  const bomb = gzipSync(Buffer.alloc(64 * 1024 ** 2, '\n'))
  const { text, error } = await collected(unpacked(pieces(bomb, 16_384), 'gzip', 10 ** 9))
  t.match(error, /this is no list/)
  t.ok(text.length < bomb.length * 250, `${text.length} bytes of 64 MB came`)
  const long = await collected(unpacked(pieces(packed, 100), 'gzip', 5_000))
  t.match(long.error, /unpacks to more than 5000 bytes/)
})

t.test('what is not packed as it says, or in a way that nobody asked for, is refused', async (t) => {
  t.match((await collected(unpacked(pieces(Buffer.from(whole), 99), 'gzip', 10 ** 9))).error, /header/)
  t.match((await collected(unpacked(pieces(packed, 99), 'br', 10 ** 9))).error, /packed as br/)
  t.strictSame(await collected(unpacked(pieces(Buffer.from('x\n'), 1), undefined, 9)), {
    text: 'x\n',
    error: null,
  })
})

t.test('a reader who goes away leaves nothing behind that waits', async (t) => {
  let end = () => undefined as void
  const ended = new Promise<void>((resolve) => (end = resolve))
  // Each piece is more than is unpacked ahead of a reader: when he goes, the line waits for room.
  async function* endless(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) yield await Promise.resolve(gzipSync(randomBytes(300_000).toString('hex')))
    } finally {
      end()
    }
  }
  for await (const piece of unpacked(endless(), 'gzip', 10 ** 9)) {
    t.ok(piece.length > 0)
    break
  }
  await ended
  t.pass('nothing more is taken from the line')
})

t.test('lines and bytes have their bounds, packed or not', async (t) => {
  let alive = 0
  const over = bounded(pieces(Buffer.from(whole), 100), 1_000, {
    waits: () => undefined,
    came: () => (alive += 1),
  })
  t.match((await collected(over)).error, /more than 1000 bytes/)
  t.equal(alive, 11)
  await t.rejects(async () => {
    for await (const line of linesOf(unpacked(pieces(packed, 50), 'gzip', 10 ** 9), 10)) t.ok(line)
  }, /a line of/)
})
