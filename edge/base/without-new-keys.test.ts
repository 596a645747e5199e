import { createRequire } from 'node:module'
import { webcrypto } from 'node:crypto'
import t from 'tap'
import { withoutNewKeys } from './without-new-keys.js'

const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }

t.test('no key is made meanwhile, and afterwards as ever, also where the loading failed', async (t) => {
  let isMade = false
  const load = (): string => {
    void webcrypto.subtle.generateKey(algorithm, false, ['sign']).then(() => (isMade = true))
    return 'loaded'
  }
  t.equal(withoutNewKeys(load), 'loaded')
  t.throws(() =>
    withoutNewKeys(() => {
      throw new Error('no such module')
    }),
  )
  t.ok(await webcrypto.subtle.generateKey(algorithm, false, ['sign']))
  t.notOk(isMade)
})

t.test('the library that this is for makes no key as it is loaded', async (t) => {
  const made: unknown[] = []
  const generateKey = webcrypto.subtle.generateKey.bind(webcrypto.subtle)
  const watched = (...asked: Parameters<typeof generateKey>) => {
    made.push(asked[0])
    return generateKey(...asked)
  }
  const prototype = Object.getPrototypeOf(webcrypto.subtle) as typeof webcrypto.subtle
  t.intercept(prototype, 'generateKey', { value: watched })
  withoutNewKeys(() => createRequire(import.meta.url)('node-opcua-client') as unknown)
  await new Promise(setImmediate)
  t.same(made, [])
})
