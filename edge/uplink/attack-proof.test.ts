import {
  day,
  delegationRecord,
  keys,
  keysOf,
  listed,
  minute,
  newKey,
  nowMs,
  rootRecord,
  signedRoot,
  stepMax,
  type Asked,
} from '../messages/trust/testing/site.js'
import { trustBounds } from '../messages/trust/bounds.js'
import { proofAttacks } from './testing/attack-rows.js'
import { eventually } from './testing/edge.js'
import { named, orderOf, proof, say, tryAttacks, v1, v2, v3, type Attack } from './testing/hostile.js'

const saying = (said: object | string | Buffer, mendedBy: Asked = {}): Attack => ({
  run: ({ gateway }) => {
    say(gateway, said)
  },
  mendedBy,
})

/** After one more honest proof, which makes this one an attack. */
const sayingAfter = (honest: Asked, said: Asked, mendedBy: Asked): Attack => ({
  run: async ({ gateway, uplink }) => {
    const { trustTaken } = uplink.counters
    say(gateway, proof(v2, 3, honest))
    await eventually(() => uplink.counters.trustTaken > trustTaken)
    say(gateway, proof(v2, 4, said))
  },
  mendedBy,
})

const honest = JSON.stringify(proof(v3, 3))
const fresh = newKey()
const { [keys.timestamp.keyId]: _gone, ...held } = delegationRecord().keys
/** The delegation in which the timestamp key was replaced. */
const replaced: NonNullable<Asked['delegation']> = {
  version: 2,
  issuedAt: nowMs,
  keys: { ...held, ...keysOf(fresh) },
  roles: { ...delegationRecord().roles, timestamp: { keyIds: [fresh.keyId], threshold: 1 } },
}
const leap = 2 + trustBounds.listVersionStepMax + 1

tryAttacks(proofAttacks, {
  replayedProof: saying(proof(v1, 1)),
  oldSnapshot: saying(proof(v2, 3, { snapshot: { version: 50 } })),
  oldList: saying(proof(v1, 3)),
  timeBack: saying(proof(v2, 3, { timestamp: { signedTime: nowMs - minute } })),
  oldDelegation: sayingAfter({ delegation: { version: 2 } }, {}, { delegation: { version: 3 } }),
  vanished: saying(
    proof(v3, 3, {
      snapshot: {
        lists: {
          orders: listed('orders', named(v3)),
          blacklist: listed('blacklist', named({ version: 1, entries: [] })),
        },
      },
    }),
  ),
  otherTimestamp: saying(proof(v2, 2, { timestamp: { signedTime: nowMs + 3 } })),
  otherSnapshot: saying(proof(v3, 3, { snapshot: { version: 102 } })),
  otherList: saying(proof({ version: 2, entries: [orderOf(1)] }, 3)),
  mixedHours: saying({ ...proof(v3, 3), snapshot: proof(v2, 2).snapshot }),
  frozen: {
    run: ({ gateway, hour }) => {
      hour.wallMs += 12 * minute
      say(gateway, proof(v2, 2))
    },
    mendedBy: { timestamp: { signedTime: nowMs + 12 * minute, expiresAt: nowMs + 30 * minute } },
  },
  snapshotEnded: saying(proof(v3, 3, { snapshot: { expiresAt: nowMs - 1 } })),
  delegationEnded: saying(proof(v3, 3, { delegation: { version: 2, expiresAt: nowMs - 1 } }), {
    delegation: { version: 3 },
  }),
  fastForward: saying(proof(v3, 3, { timestamp: { version: 1_002 + stepMax + 1 } })),
  fastForwardList: saying(proof({ ...v3, version: leap }, 3)),
  futureTime: saying(
    proof(v3, 3, { timestamp: { signedTime: nowMs + 365 * day, expiresAt: nowMs + 366 * day } }),
  ),
  foreignSite: saying(proof(v3, 3, { timestamp: { site: 'site-2' } })),
  stranger: saying(proof(v3, 3, { timestampBy: [keys.stranger] })),
  otherRole: saying(proof(v3, 3, { timestampBy: [keys.snapshot] })),
  strangerSnapshot: saying(proof(v3, 3, { snapshotBy: [keys.stranger] })),
  noHoldKey: saying(proof(v3, 3, { holdBy: keys.stranger })),
  forgedSignature: saying(
    proof(v3, 3, { timestampBy: [{ ...keys.stranger, publicKey: keys.timestamp.publicKey }] }),
  ),
  revoked: sayingAfter(
    { delegation: replaced, timestampBy: [fresh] },
    { delegation: replaced, timestampBy: [keys.timestamp] },
    { delegation: replaced, timestampBy: [fresh] },
  ),
  rootOfOne: saying(proof(v3, 3, { roots: [signedRoot(rootRecord({ version: 2 }), [keys.root[0]])] })),
  truncatedProof: saying(honest.slice(0, -200)),
  endlessProof: saying(`${honest.slice(0, -1)}${' '.repeat(trustBounds.messageMaxBytes)}}`),
  deepProof: saying(honest.replace('"v":1', `"v":1,"x":${'['.repeat(80_000)}${']'.repeat(80_000)}`)),
  extraMember: saying({ ...proof(v3, 3), also: 'this' }),
})
