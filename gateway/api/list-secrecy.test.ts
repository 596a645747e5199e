import t, { type Test } from 'tap'
import type { ControlOrder } from '../../edge/messages/entities.js'
import { everything, folderOf, startIn } from '../testing/gateway-under-test.js'

const order = (orderId: string, nature: ControlOrder['nature']): ControlOrder => ({
  ...{
    kind: 'order',
    orderId,
    agency: 'IQ',
    subject: { kind: 'VEHICLE', key: 'V1' },
    action: 'NOTIFY',
    nature,
  },
  ...{ level: 4, reason: '', validFrom: 0, maxHits: 0, issuedBy: 'file' },
})

/** Orders in key order; `S-` are secret. Both people may do everything; the reader alone may know of secret orders. */
const entries = ['A-1', 'S-1', 'S-2', 'S-3', 'T-1', 'T-2', 'U-1'].map((id) =>
  order(id, id.startsWith('S') ? 'SECRET' : 'OPEN'),
)

async function open(t: Test) {
  const people = ['operator', 'reader', 'officer'].map(everything)
  const gateway = await startIn(t, folderOf(t), { people, secretOrderReaders: ['reader'] })
  const walk = async (address: string, rowsOf: (body: Record<string, unknown[]>) => unknown[]) => {
    const answers: string[] = []
    let [count, after] = [0, '']
    for (;;) {
      const { body } = await gateway.get<Record<string, unknown[]> & { next: string | null }>(
        `${address}&after=${encodeURIComponent(after)}`,
      )
      answers.push(JSON.stringify(body))
      count += rowsOf(body).length
      if (body.next === null || answers.length > 20) return { count, text: answers.join('\n') }
      after = body.next
    }
  }
  return { gateway, walk }
}

for (const limit of [1, 2, 3, 7, 200])
  t.test(
    `a page of ${limit} leads past secret orders, and neither it nor where it goes on names one`,
    async (t) => {
      const { gateway, walk } = await open(t)
      await gateway.signIn('reader')
      await gateway.post('/api/lists/orders/changes', { upserts: entries, deletes: [] })
      const address = `/api/lists/orders?limit=${limit}`
      t.match(await walk(address, (body) => body['entries'] ?? []), { count: 7, text: /S-2/ })
      await gateway.signIn('officer')
      const seen = await walk(address, (body) => body['entries'] ?? [])
      t.equal(seen.count, 4)
      t.notMatch(seen.text, /S-|SECRET/)
    },
  )

t.test(
  'secret orders of a file are shown to their readers, and words about its lines to who brought it too',
  async (t) => {
    const { gateway, walk } = await open(t)
    await gateway.signIn('reader')
    const response = await fetch(`${gateway.url}/api/lists/orders/imports?format=ndjson`, {
      method: 'POST',
      headers: { cookie: gateway.cookie, origin: gateway.url, 'content-type': 'application/octet-stream' },
      body: [...entries, entries[1]].map((entry) => JSON.stringify(entry)).join('\n'),
    })
    const { importId } = (await response.json()) as { importId: string }
    const at = `/api/lists/orders/imports/${importId}`
    await gateway.until(async () => (await gateway.get(at)).body['state'] === 'READY')
    const seen = async (person: string) => {
      await gateway.signIn(person)
      const run = await gateway.get<{ refused: unknown[]; refusedCount: number }>(at)
      const found = await walk(`${at}/differences?what=added&limit=1`, (body) => body['differences'] ?? [])
      return { ...run.body, ...found }
    }
    t.match(await seen('reader'), { count: 6, text: /S-2/, refusedCount: 2, refused: { length: 2 } })
    const officer = await seen('officer')
    t.match(officer, { count: 4, refusedCount: 2, refused: { length: 0 } })
    t.notMatch(officer.text, /S-|SECRET/)
    const discarded = await gateway.post(`${at}/discard`, {})
    t.match(discarded, { status: 200, body: { state: 'DISCARDED' } })
    t.notMatch(JSON.stringify(discarded.body), /S-/)
  },
)
