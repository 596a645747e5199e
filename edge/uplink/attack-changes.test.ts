import { lifted, type HoldEntry } from '../messages/trust/holds.js'
import { keys, nowMs, type TestKey } from '../messages/trust/testing/site.js'
import { delta, headOf } from '../store/testing/list.contract.js'
import { deltaAttacks, holdAttacks } from './testing/attack-rows.js'
import { eventually } from './testing/edge.js'
import {
  orderOf,
  proof,
  say,
  serving,
  tryAttacks,
  v1,
  v2,
  v3,
  type Attack,
  type Hostile,
  type Version,
} from './testing/hostile.js'

const v4: Version = { version: 4, entries: [...v3.entries, orderOf(5)] }
const toV3 = delta('orders', v2, v3)

/** A version is rightly proven, and this delta is pushed; nothing can be fetched. */
const pushing = (pushed: object, proven: Version): Attack => ({
  run: async ({ gateway, uplink }) => {
    gateway.listRoute = (_request, response) => response.writeHead(404).end()
    say(gateway, proof(proven, 3))
    await eventually(() => uplink.counters.trustTaken > 2)
    gateway.down('list', pushed)
  },
})

/** Until the edge has certainly heard everything that was sent before. */
async function heard(h: Hostile): Promise<void> {
  await h.append(1)
  await eventually(() => h.store.journal.status().acknowledged === 1)
}

tryAttacks(deltaAttacks, {
  replayedDelta: {
    run: async (h) => {
      h.gateway.down('list', delta('orders', v1, v2))
      await heard(h)
    },
  },
  otherBase: pushing(delta('orders', { version: 2, entries: [orderOf(7)] }, v3), v3),
  wrongOrder: pushing(delta('orders', v3, v4), v4),
  forgedDelta: pushing({ ...toV3, upserts: [orderOf(4, { action: 'NOTIFY' })] }, v3),
  keyTwiceDelta: pushing({ ...toV3, deletes: ['O4'] }, v3),
  otherHeadDelta: {
    // Its own head is not proven: as long as that is so it waits, and the fetched one is looked at.
    run: ({ gateway }) => {
      gateway.listRoute = (_request, response, url) => {
        if (!url.pathname.includes('/orders/delta')) response.writeHead(404).end()
        else response.writeHead(200).end(JSON.stringify({ ...toV3, head: headOf('tags', 3, []) }))
      }
      say(gateway, proof(v3, 3))
    },
  },
  endlessDelta: {
    run: ({ gateway }) => {
      gateway.listRoute = (_request, response, url) => {
        if (!url.pathname.includes('/orders/delta')) response.writeHead(404).end()
        else response.writeHead(200).end(JSON.stringify(toV3) + ' '.repeat(100_000))
      }
      say(gateway, proof(v3, 3))
    },
  },
})

/** Version 3 with the first order as given, or without it: signed by every key that a gateway has. */
const instead = (first: HoldEntry | null): Attack => {
  const entries = [...(first ? [first] : []), ...v2.entries.slice(1)]
  const bent: Version = { version: 3, entries }
  return {
    run: ({ gateway }) => {
      gateway.listRoute = serving(bent)
      say(gateway, proof(bent, 3))
    },
  }
}

const liftedBy = (signers: readonly TestKey[], entry: HoldEntry = orderOf(1)): HoldEntry =>
  lifted('site-1', entry, { reason: '02', at: nowMs }, signers)

tryAttacks(holdAttacks, {
  holdGone: instead(null),
  holdWeaker: instead(orderOf(1, { action: 'NOTIFY' })),
  holdMoved: instead(orderOf(1, { subject: { kind: 'TAG', key: 'E77' } })),
  liftOfOne: instead(liftedBy([keys.anna, keys.stranger])),
  liftTwice: instead(liftedBy([keys.bo, keys.boAgain])),
  liftElsewhere: instead({ ...liftedBy([keys.anna, keys.bo], orderOf(2)), ...orderOf(1) }),
  liftByGateway: instead(liftedBy([keys.hold, keys.snapshot])),
})
