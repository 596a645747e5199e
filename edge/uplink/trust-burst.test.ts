import t from 'tap'
import { systemClock, type Clock } from '../base/clock.js'
import { silentLogger } from '../base/log.js'
import type { ListHead } from '../messages/down.js'
import { enrolled, nowMs } from '../messages/trust/testing/site.js'
import { ListTrust } from './list-trust.js'
import { proof, v1 } from './testing/hostile.js'

t.test(
  'of more proofs than wait for a slow disk the newest is taken, and not left for the next',
  async (t) => {
    const clock: Clock = { ...systemClock, now: () => ({ ...systemClock.now(), wallMs: nowMs + 1_000 }) }
    const named: (number | undefined)[] = []
    const disk: (() => void)[] = []
    const trust = new ListTrust({
      ...{ state: enrolled(), clock, log: silentLogger, onFault: () => undefined },
      keep: () => new Promise((resolve) => disk.push(() => resolve())),
      onHeads: (heads: readonly ListHead[]) =>
        named.push(heads.find(({ list }) => list === 'orders')?.version),
    })
    const versions = Array.from({ length: 40 }, (_, n) => n + 1)
    for (const version of versions)
      trust.take(Buffer.from(JSON.stringify(proof({ ...v1, version }, version))))
    for (let turn = 0; turn < 2_000 && named.at(-1) !== 40; turn += 1) {
      disk.shift()?.()
      await new Promise((resolve) => setImmediate(resolve))
    }
    t.equal(named.at(-1), 40, `taken: ${named.join(', ')}`)
    t.ok(named.length < 40, 'those between need not be judged one by one')
    await trust.close()
  },
)
