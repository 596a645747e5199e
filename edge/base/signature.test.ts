import { generateKeyPairSync, sign } from 'node:crypto'
import t from 'tap'
import { isSignedBy } from './signature.js'

const pair = () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const line = publicKey.export({ type: 'spki', format: 'der' }).toString('base64')
  return { line, sign: (text: string) => sign(null, Buffer.from(text), privateKey) }
}

t.test('a signature that held once holds for its own key and text only, however often it is asked', (t) => {
  const [mine, other] = [pair(), pair()]
  const signature = mine.sign('the orders, version 7')
  for (let n = 0; n < 3; n += 1) {
    t.ok(isSignedBy(mine.line, 'the orders, version 7', signature))
    t.notOk(isSignedBy(mine.line, 'the orders, version 8', signature), 'another text')
    t.notOk(isSignedBy(other.line, 'the orders, version 7', signature), 'another key')
    const bent = Buffer.from(signature)
    bent[0] = (bent[0] ?? 0) ^ 1
    t.notOk(isSignedBy(mine.line, 'the orders, version 7', bent), 'another signature')
    t.notOk(isSignedBy('no key', 'the orders, version 7', signature))
  }
  t.end()
})

t.test('more signatures than are remembered are all judged rightly', (t) => {
  const key = pair()
  const texts = Array.from({ length: 600 }, (_, n) => `text ${n}`)
  const signed = texts.map((text) => ({ text, signature: key.sign(text) }))
  for (const round of [1, 2])
    t.ok(
      signed.every(({ text, signature }) => isSignedBy(key.line, text, signature)),
      `round ${round}`,
    )
  t.notOk(signed.some(({ signature }, n) => isSignedBy(key.line, `text ${n + 1}`, signature)))
  t.end()
})
