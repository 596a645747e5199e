import { createPublicKey, verify } from 'node:crypto'
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import t, { type Test } from 'tap'
import { canonicalJson } from '../../edge/base/canonical.js'
import { ManualClock } from '../../edge/base/clock.js'
import type { Delegation, LiftStatement } from '../../edge/messages/trust/records.js'
import { Refusal } from '../desk/refusal.js'
import { makeSigning, phrase } from '../testing/signed.js'
import { PersonKeys } from './persons.js'

const nowMs = 1_790_000_000_000
const minute = 60_000

const statement: LiftStatement = {
  ...{ type: 'lift', site: 'site-1', list: 'orders', key: 'O-1', entryHash: '0'.repeat(64) },
  ...{ reason: '02', at: nowMs },
}

/** Keys of wang and li, who may lift, and of eve, who may not. */
function bench(t: Test) {
  const dir = t.testdir()
  const { trust, delegation } = makeSigning(dir, nowMs, ['wang', 'li'], ['eve'])
  const clock = new ManualClock(nowMs)
  let named: Delegation | null = delegation
  const keys = new PersonKeys({ dir: trust.personsDir, clock, delegation: () => named })
  const tried = async (person: string, passphrase = phrase(person)): Promise<string> => {
    try {
      await keys.sign(person, passphrase, statement)
      return 'signed'
    } catch (error) {
      if (error instanceof Refusal) return error.error
      throw error
    }
  }
  const nobody = (): void => {
    named = null
  }
  const fileOf = (person: string) => path.join(trust.personsDir, `${person}.json`)
  return { keys, clock, tried, nobody, fileOf, delegation }
}

t.test(
  'a person signs a lift with the own passphrase, and the key is the one of the delegation',
  async (t) => {
    const { keys, delegation } = bench(t)
    const { keyId, signature } = await keys.sign('wang', phrase('wang'), statement)
    t.equal(delegation.keys[keyId]?.person, 'wang')
    const publicKey = Buffer.from(delegation.keys[keyId]?.publicKey ?? '', 'base64')
    const key = createPublicKey({ key: publicKey, format: 'der', type: 'spki' })
    t.ok(verify(null, Buffer.from(canonicalJson(statement)), key, Buffer.from(signature, 'base64')))
  },
)

t.test('nobody signs with a key that no delegation names, or while there is none', async (t) => {
  const { tried, nobody } = bench(t)
  t.equal(await tried('eve'), 'noKey')
  nobody()
  t.equal(await tried('wang'), 'noKey')
})

t.test(
  'nobody signs with the key of somebody else, put under the own name or called by its path',
  async (t) => {
    const { tried, fileOf } = bench(t)
    copyFileSync(fileOf('wang'), fileOf('eve'))
    t.equal(await tried('eve', phrase('wang')), 'noKey', 'the file says whose it is')
    const renamed = JSON.parse(readFileSync(fileOf('wang'), 'utf8')) as object
    writeFileSync(fileOf('eve'), JSON.stringify({ ...renamed, person: 'eve' }))
    t.equal(await tried('eve', phrase('wang')), 'noKey', 'and so does the delegation')
    t.equal(await tried('../persons/wang', phrase('wang')), 'noKey', 'a sign-in name is no path')
  },
)

t.test('a passphrase is guessed five times in a quarter of an hour, each person by itself', async (t) => {
  const { tried, clock } = bench(t)
  for (let n = 0; n < 5; n += 1) t.equal(await tried('wang', 'wrong wrong wrong'), 'wrongPassphrase')
  t.equal(await tried('wang'), 'tooManyTries', 'the right one comes too late')
  t.equal(await tried('li'), 'signed')
  clock.advance(15 * minute)
  t.equal(await tried('wang'), 'signed')
})

t.test('who signs rightly begins to count anew', async (t) => {
  const { tried } = bench(t)
  for (let n = 0; n < 4; n += 1) t.equal(await tried('li', 'wrong wrong wrong'), 'wrongPassphrase')
  t.equal(await tried('li'), 'signed')
  for (let n = 0; n < 4; n += 1) t.equal(await tried('li', 'wrong wrong wrong'), 'wrongPassphrase')
  t.equal(await tried('li'), 'signed')
})
