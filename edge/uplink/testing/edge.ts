import type { Test } from 'tap'
import { sleep, systemClock } from '../../base/clock.js'
import type { FaultChange, FaultCode } from '../../base/fault.js'
import { silentLogger } from '../../base/log.js'
import { systemRandom } from '../../base/random.js'
import { MemoryControl } from '../../domain/lists/memory-control.js'
import type { Downlink } from '../../interfaces/uplink.js'
import { draft } from '../../store/testing/journal.contract.js'
import { openTestStore, type TestStore } from '../../store/testing/opener.js'
import { openUplink, type EdgeUplink, type UplinkOptions } from '../index.js'
import { fixed, testAuthority } from '../../../gateway/authority/testing/authority.js'
import { edgeId, site, TestGateway } from './gateway.js'

/** Waits for a condition with a bound; false when it did not come. */
export async function eventually(condition: () => boolean, boundMs = 20_000): Promise<boolean> {
  const endMs = systemClock.now().monoMs + boundMs
  while (!condition()) {
    if (systemClock.now().monoMs > endMs) return false
    await sleep(systemClock, 'test', 5)
  }
  return true
}

/** One edge's store and uplink before a gateway of the test. */
export interface Bench {
  readonly gateway: TestGateway
  readonly store: TestStore
  readonly uplink: EdgeUplink
  readonly downlinks: Downlink[]
  readonly faults: FaultChange[]
  append(count: number): Promise<void>
  stands(code: FaultCode): boolean
}

const impatientWaits = { firstMs: 20, factor: 1.5, maxMs: 100, jitter: 0.5 }

/** Short waits, so that a test sees in a second what takes half a minute in the field. */
const impatient = {
  resendAfterMs: 400,
  brokerSilentMs: 600,
  steadyAfterMs: 50,
  deltaGraceMs: 50,
  retryReadMs: 50,
}

export async function bench(
  t: Test,
  over: Partial<UplinkOptions> = {},
  before?: (g: TestGateway) => void,
): Promise<Bench> {
  const gateway = new TestGateway()
  await gateway.start()
  before?.(gateway)
  const store = await openTestStore(t.testdir({}), new MemoryControl())
  gateway.epoch = store.journal.epoch
  const downlinks: Downlink[] = []
  const faults: FaultChange[] = []
  const { bounds, ...rest } = over
  const { identityOf } = await testAuthority()
  const uplink = openUplink({
    site,
    edgeId,
    mqttUrl: gateway.mqttUrl,
    httpUrl: gateway.httpUrl,
    identity: fixed(await identityOf(edgeId)),
    clock: systemClock,
    random: systemRandom,
    log: silentLogger,
    outbox: store.journal,
    lists: store.lists,
    onDownlink: (downlink) => {
      downlinks.push(downlink)
    },
    onFault: (change) => faults.push(change),
    backoff: impatientWaits,
    refusedBackoff: impatientWaits,
    // Most of these tests are about what comes after the proof; those about it hand one in.
    trust: 'unsigned',
    ...rest,
    bounds: { ...impatient, ...bounds },
  })
  t.teardown(async () => {
    await uplink.close()
    await store.close()
    await gateway.close()
  })
  return {
    gateway,
    store,
    uplink,
    downlinks,
    faults,
    append: async (count) => {
      await store.journal.append(Array.from({ length: count }, (_, n) => draft({ body: { n } })))
    },
    stands: (code) => faults.filter((change) => change.code === code).at(-1)?.is === 'raised',
  }
}
