import { readFileSync, unlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { systemClock } from '../../edge/base/clock.js'
import { folderOf, startIn, type GatewayUnderTest } from '../testing/gateway-under-test.js'
import { makeSigning } from '../testing/signed.js'
import { liveEventSchema, type LiveEvent } from './schemas.js'

/** The feed as a page has it; each call gives the next event that `is` names. */
async function feedOf(gateway: GatewayUnderTest) {
  const asked = new AbortController()
  const { body } = await fetch(`${gateway.url}/api/live`, {
    headers: { cookie: gateway.cookie },
    signal: asked.signal,
  })
  const reader = body?.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  const next = async <Is extends LiveEvent['is']>(is: Is): Promise<Extract<LiveEvent, { is: Is }>> => {
    for (;;) {
      const end = text.indexOf('\n\n')
      if (end < 0) {
        const read = await reader?.read()
        if (read === undefined || read.done) throw new Error(`the feed ended before a word on ${is}`)
        text += read.value
        continue
      }
      const data = /^data: (.*)$/m.exec(text.slice(0, end))?.[1]
      text = text.slice(end + 2)
      if (data === undefined) continue
      const event = liveEventSchema.parse(JSON.parse(data))
      if (event.is === is) return event as Extract<LiveEvent, { is: Is }>
    }
  }
  return {
    next,
    close: () => {
      asked.abort()
    },
  }
}

t.test(
  'a page that is open is told at once that lists cannot be signed any more, and when they can again',
  { timeout: 20_000 },
  async (t) => {
    const dir = folderOf(t)
    const { trust } = makeSigning(dir, systemClock.now().wallMs, ['anna'])
    const gateway = await startIn(t, dir, { trust })
    await gateway.signIn()
    const newVersion = async (epc: string) => {
      const tag = { kind: 'tag', epc, state: 'ACTIVE', vehicleId: 'V1' }
      const { status } = await gateway.post('/api/lists/tags/changes', { upserts: [tag], deletes: [] })
      t.equal(status, 200)
    }
    const feed = await feedOf(gateway)
    t.teardown(() => {
      feed.close()
    })
    t.same((await feed.next('snapshot')).state.faults, [])

    const edited = path.join(trust.recordsDir, 'delegation.3.json')
    const good = readFileSync(path.join(trust.recordsDir, 'delegation.2.json'), 'utf8')
    writeFileSync(edited, good.replace('"version": 2', '"version": 3'))
    await newVersion('E1')
    t.match(await feed.next('faults'), {
      faults: [{ code: 'gateway.listsNotSigned', source: 'trust', detail: /badSignature/ }],
    })

    writeFileSync(edited, '{')
    await newVersion('E2')
    const { faults } = await feed.next('faults')
    t.match(faults, [{ code: 'gateway.listsNotSigned', source: 'trust', detail: String }])
    t.notMatch(faults[0]?.detail, /badSignature/, 'what is wrong now, not what was wrong first')

    unlinkSync(edited)
    await newVersion('E3')
    t.same((await feed.next('faults')).faults, [])
  },
)

t.test('a fault of an edge is told with that edge, and is none of the gateway', async (t) => {
  const gateway = await startIn(t, folderOf(t))
  await gateway.signIn()
  const edge = await gateway.edge()
  const feed = await feedOf(gateway)
  t.teardown(() => {
    feed.close()
  })
  t.match((await feed.next('snapshot')).state.faults, [{ code: 'gateway.listsUnsigned' }])
  const refused = { v: 1, edgeId: 'edge-1', to: 'orders@9', result: 'refused', why: 'badHash', at: 5 }
  await edge.send('answer', JSON.stringify(refused))
  for (;;) {
    const told = (await feed.next('edge')).edge
    if (told.edgeId !== 'edge-1' || told.faults?.length === 0) continue
    t.match(told.faults, [{ code: 'gateway.listRefused', source: 'edge-1' }])
    break
  }
})
