import path from 'node:path'
import { Readable } from 'node:stream'
import t from 'tap'
import { ManualClock } from '../../edge/base/clock.js'
import { silentLogger } from '../../edge/base/log.js'
import type { ListEntry } from '../../edge/messages/entities.js'
import { heldEntry } from '../domain/list-change.js'
import { Database } from '../store/database.js'
import { importsWithRows, saveImport, stageEntries } from '../store/imports.js'
import { migrate } from '../store/migrations.js'
import { startIn, type GatewayUnderTest } from '../testing/gateway-under-test.js'
import { itagHeader, itagLine } from './formats/itag.js'
import { tollAgencySchema } from './formats/agencies.js'
import type { DryRun } from './import-record.js'
import { Imports } from './imports.js'
import { Lists } from './lists.js'
import { storeIn } from '../testing/store-in.js'

const people = [
  { name: 'operator', roles: ['supervisor', 'maintainer'] },
  { name: 'clerk', roles: ['officer'] },
]
const agencies = [
  { agencyId: '0041', shortName: 'TC', epcPrefix: 'E280', serialDigits: 8 },
  { agencyId: '0050', epcPrefix: 'E290', serialDigits: 8 },
]
const tolling = { agencyId: '0099', hubId: '9001', shortName: 'LK', agencies }

const tag = (epc: string, vehicleId = 'V1', state = 'ACTIVE'): ListEntry =>
  ({ kind: 'tag', epc, state, vehicleId }) as ListEntry
const ndjson = (entries: readonly unknown[]) => entries.map((entry) => JSON.stringify(entry)).join('\n')

async function start(t: Parameters<typeof startIn>[0], more: Record<string, unknown> = {}) {
  const gateway = await startIn(t, t.testdir(), { people, tolling, ...more })
  await gateway.signIn('operator')
  return gateway
}

interface Sent {
  readonly status: number
  readonly run: DryRun
}

async function send(gateway: GatewayUnderTest, query: string, body: string | Uint8Array): Promise<Sent> {
  const response = await fetch(`${gateway.url}/api/lists/${query}`, {
    method: 'POST',
    body: typeof body === 'string' ? body : Buffer.from(body),
    headers: { cookie: gateway.cookie, origin: gateway.url, 'content-type': 'application/octet-stream' },
  })
  return { status: response.status, run: (await response.json()) as DryRun }
}

const apply = (gateway: GatewayUnderTest, list: string, { importId }: DryRun) =>
  gateway.post<DryRun & { error: string }>(`/api/lists/${list}/imports/${importId}/apply`, {})

const entriesOf = async (gateway: GatewayUnderTest, list: string) =>
  (await gateway.get<{ entries: ListEntry[] }>(`/api/lists/${list}`)).body.entries

async function change(gateway: GatewayUnderTest, list: string, upserts: readonly unknown[]) {
  const answer = await gateway.post(`/api/lists/${list}/changes`, { upserts, deletes: [] })
  if (answer.status !== 200) throw new Error(JSON.stringify(answer.body))
}

t.test('a file shows what it would change before it changes anything', async (t) => {
  const gateway = await start(t)
  await change(gateway, 'tags', [tag('E2A1'), tag('E2A2'), tag('E2A3')])
  const file = ndjson([tag('E2A1'), tag('E2A2', 'V2'), tag('e2a9'), { kind: 'tag', epc: 'E2B0' }, { no: 1 }])
  const { status, run } = await send(
    gateway,
    'tags/imports?format=ndjson&mode=replace&name=tags.ndjson',
    file,
  )
  t.equal(status, 201)
  t.match(run, {
    state: 'READY',
    baseVersion: 2,
    read: 3,
    counts: { added: 1, changed: 1, same: 1, gone: 1 },
    refusedCount: 2,
    refused: [
      { line: 4, path: 'state' },
      { line: 5, path: 'kind' },
    ],
  })
  const at = `/api/lists/tags/imports/${run.importId}`
  const differences = async (what: string) =>
    (await gateway.get<{ differences: unknown }>(`${at}/differences?what=${what}`)).body.differences
  t.same(await differences('added'), [{ key: 'E2A9', line: 3, before: null, after: tag('E2A9') }])
  t.same(await differences('changed'), [
    { key: 'E2A2', line: 2, before: tag('E2A2'), after: tag('E2A2', 'V2') },
  ])
  t.same(await differences('gone'), [{ key: 'E2A3', line: 0, before: tag('E2A3'), after: null }])
  t.same(await entriesOf(gateway, 'tags'), [tag('E2A1'), tag('E2A2'), tag('E2A3')], 'nothing has changed yet')

  t.match((await apply(gateway, 'tags', run)).body, {
    state: 'APPLIED',
    applied: { by: 'operator', version: 3 },
  })
  t.same(await entriesOf(gateway, 'tags'), [tag('E2A1'), tag('E2A2', 'V2'), tag('E2A9')])
  t.match((await apply(gateway, 'tags', run)).body, { error: 'wrongState' }, 'once only')
  const audit = await gateway.get<{ entries: { action: string; detail: object }[] }>('/api/audit?limit=1')
  t.match(audit.body.entries, [
    {
      action: 'listImport',
      detail: { importId: run.importId, version: 3, added: 1, changed: 1, gone: 1, refused: 2 },
    },
  ])
})

t.test('a dry run is not applied to a list that has moved on since it was shown', async (t) => {
  const gateway = await start(t)
  const { run } = await send(gateway, 'tags/imports?format=ndjson', ndjson([tag('E2A1')]))
  await change(gateway, 'tags', [tag('E2A2')])
  const refused = await apply(gateway, 'tags', run)
  t.equal(refused.status, 409)
  t.match(refused.body, { error: 'listMovedOn', message: /version 2, .* against 1/ })
  t.same(await entriesOf(gateway, 'tags'), [tag('E2A2')])
})

t.test('a key that stands twice in a file changes nothing, whatever else the file says', async (t) => {
  const gateway = await start(t)
  await change(gateway, 'tags', [tag('E2A1', 'V9')])
  const lines = [tag('E2A1', 'V1'), tag('E2A2'), tag('E2A1', 'V2'), tag('E2A1', 'V3')]
  const { run } = await send(gateway, 'tags/imports?format=ndjson&mode=replace', ndjson(lines))
  t.same(
    run.refused.map(({ line }) => line),
    [1, 3, 4],
  )
  t.match(run.counts, { added: 1, changed: 0, same: 0, gone: 0 })
  await apply(gateway, 'tags', run)
  t.same(await entriesOf(gateway, 'tags'), [tag('E2A1', 'V9'), tag('E2A2')])
})

t.test('a file of containers ends no lock, whether it names the box or not', async (t) => {
  const gateway = await startIn(t, t.testdir(), { people })
  await gateway.signIn('operator')
  const box = (number: string, lock: 'LOCKED' | 'OPEN') => ({
    ...{ kind: 'container', number, originArea: null, lastPorts: [], lock },
  })
  await change(gateway, 'containers', [
    box('CSQU3054383', 'LOCKED'),
    box('MSKU1234565', 'LOCKED'),
    box('TGHU7654320', 'OPEN'),
  ])
  const file = ndjson([box('CSQU3054383', 'OPEN')])
  const { run } = await send(gateway, 'containers/imports?format=ndjson&mode=replace', file)
  t.match(run, { state: 'READY', counts: { added: 0, changed: 0, same: 1, gone: 1 } })
  await apply(gateway, 'containers', run)
  t.match(
    await entriesOf(gateway, 'containers'),
    [box('CSQU3054383', 'LOCKED'), box('MSKU1234565', 'LOCKED')],
    'a box that was gone would come back without its lock',
  )
})

t.test(
  'a whole list of a toll agency replaces its tags and nobody else’s, and is acknowledged',
  async (t) => {
    const gateway = await start(t)
    const agency = tollAgencySchema.parse(agencies[0])
    const others = [tag('E29000000001'), tag('E2800001'), tag('E28000000001FF')]
    await change(gateway, 'tags', [tag('E28000000001'), tag('E28000000002'), ...others])
    const line = (serial: string, state = 'ACTIVE') =>
      itagLine(agency, tag(`E280${serial}`, 'V', state) as never) ?? ''
    const body =
      itagHeader('0041', '2026-04-27T07:01:09Z', 2) + line('00000002') + line('0000000A', 'SUSPENDED')
    const name = '0041_20260427070109.ITAG'
    const { run } = await send(gateway, `tags/imports?format=itag&name=${name}`, body)
    t.match(run, {
      state: 'READY',
      head: { agency: '0041', bulk: true },
      counts: { added: 1, changed: 1, gone: 1 },
    })
    const ack = `/api/lists/tags/imports/${run.importId}/acknowledgement`
    t.match(
      (await gateway.get(ack)).body,
      { error: 'wrongState' },
      'nothing is acknowledged before it is in force',
    )
    await apply(gateway, 'tags', run)
    t.same(
      (await entriesOf(gateway, 'tags')).map((one) => (one.kind === 'tag' ? `${one.epc} ${one.state}` : '')),
      [
        'E2800000000' + '2 ACTIVE',
        'E2800000000A SUSPENDED',
        'E28000000001FF ACTIVE',
        'E2800001 ACTIVE',
        'E29000000001 ACTIVE',
      ].sort(),
    )
    const sent = await gateway.get<{ text: string }>(ack)
    t.match(sent.headers.get('content-disposition'), '0099_0041_20260427070109_ITAG.ACK')
    t.match(sent.body.text, /^ACK 01\.60\.0200990041.*00\n$/)

    const cut = await send(gateway, `tags/imports?format=itag&name=${name}`, body.slice(0, -86))
    t.match(cut.run, { state: 'BROKEN', fault: { kind: 'count' } })
    t.match((await apply(gateway, 'tags', cut.run)).body, { error: 'wrongState' })
    const bad = await gateway.get<{ text: string }>(
      `/api/lists/tags/imports/${cut.run.importId}/acknowledgement`,
    )
    t.match(bad.body.text, /01\n$/)
  },
)

t.test('what is exported is imported without a difference, in every format', async (t) => {
  const gateway = await start(t)
  await change(gateway, 'tags', [
    tag('E28000000001', 'TOLL-0041-1'),
    tag('E2800000000F', 'TOLL-0041-15', 'SUSPENDED'),
  ])
  await change(gateway, 'tags', [tag('E29000000001', 'TOLL-0050-1')])
  for (const [format, more] of [
    ['ndjson', ''],
    ['json', ''],
    ['csv', ''],
    ['niop', '&agency=0041'],
    ['itag', '&agency=0041'],
    ['ctoc', '&agency=0041&to=LK'],
  ] as const) {
    const response = await fetch(`${gateway.url}/api/lists/tags/export?format=${format}${more}`, {
      headers: { cookie: gateway.cookie },
    })
    t.equal(response.status, 200)
    const name = /filename="(.*)"/.exec(response.headers.get('content-disposition') ?? '')?.[1] ?? ''
    const body = new Uint8Array(await response.arrayBuffer())
    const { run } = await send(gateway, `tags/imports?format=${format}&name=${name}&mode=replace`, body)
    const same = more === '' ? 3 : 2
    t.match(run, { state: 'READY', counts: { added: 0, changed: 0, gone: 0, same }, refusedCount: 0 }, format)
    t.match(
      (await apply(gateway, 'tags', run)).body,
      { applied: { version: 3 } },
      'no version is made of nothing',
    )
  }
})

t.test('an import needs the role of its list, and no file ends an order', async (t) => {
  const gateway = await start(t)
  const orders = await send(gateway, 'orders/imports?format=ndjson&mode=replace', '')
  t.match(orders.run, { error: 'invalid', message: /lifted one by one/ })
  const plans = await send(gateway, 'plans/imports?format=ndjson', '')
  t.match(plans.run, { error: 'invalid' })
  await gateway.signIn('clerk')
  t.equal((await send(gateway, 'tags/imports?format=ndjson', ndjson([tag('E2A1')]))).status, 403)
})

t.test('a file that was being read when the gateway stopped is not half a list afterwards', async (t) => {
  const dir = t.testdir()
  const first = await startIn(t, dir, { people, tolling })
  await first.signIn('operator')
  const many = Array.from({ length: 60_000 }, (_, n) =>
    tag(`E2${n.toString(16).padStart(8, '0').toUpperCase()}`),
  )
  const sent = send(first, 'tags/imports?format=ndjson&mode=replace', ndjson(many)).catch(() => undefined)
  await first.until(async () => {
    const { body } = await first.get<{ imports: DryRun[] }>('/api/lists/tags/imports')
    return body.imports.some(({ state }) => state === 'READING')
  })
  await first.close()
  await sent
  const again = await startIn(t, dir, { people, tolling })
  await again.signIn('operator')
  const { body } = await again.get<{ imports: DryRun[] }>('/api/lists/tags/imports')
  t.match(body.imports, [{ state: 'BROKEN', fault: { message: /stopped while it read/ } }])
  t.same(await entriesOf(again, 'tags'), [])
})

t.test(
  'what a killed gateway staged of files that are over is forgotten at the next start, and no more',
  async (t) => {
    const dir = t.testdir()
    const first = await startIn(t, dir, { people, tolling })
    await first.signIn('operator')
    const { run } = await send(first, 'tags/imports?format=ndjson', ndjson([tag('E2A1')]))
    await first.close()
    const open = () =>
      Database.open({
        file: path.join(dir, 'data', 'gateway.db'),
        log: silentLogger,
        prepare: migrate,
        reload: () => Promise.resolve(),
      })
    const before = await open()
    await before.transact(async (sql) => {
      const over = {
        importId: 'over',
        state: 'APPLIED',
        madeAt: 1,
        record: { ...run, importId: 'over', state: 'APPLIED' },
      }
      await saveImport(sql, over)
      for (const importId of ['over', 'without-record'])
        await stageEntries(
          sql,
          importId,
          'tags',
          ['E2B1', 'E2B2', 'E2B3'].map((epc, line) => ({ line, held: heldEntry(tag(epc)) })),
        )
      t.same((await importsWithRows(sql)).sort(), [run.importId, 'over', 'without-record'].sort())
    })
    await before.close()
    const again = await startIn(t, dir, { people, tolling })
    await again.signIn('operator')
    t.match(
      (await apply(again, 'tags', run)).body,
      { state: 'APPLIED' },
      'what waited for a person still does',
    )
    t.same(await entriesOf(again, 'tags'), [tag('E2A1')])
    await again.close()
    const after = await open()
    t.teardown(() => after.close())
    t.same(await after.read(importsWithRows), [])
  },
)

t.test(
  'a file that one person applies and another discards at once is in force as a whole, or not at all',
  async (t) => {
    const gateway = await start(t)
    const entries = Array.from({ length: 9_000 }, (_, n) => tag(`E2${String(n).padStart(6, '0')}`))
    const head = async () =>
      (await gateway.get<{ list: { count: number; version: number } }>('/api/lists/tags?limit=1')).body.list
    const ends: string[] = []
    for (const turns of [0, 4, 12]) {
      const before = await head()
      const lines = entries.map((one) => ({ ...one, vehicleId: `V${turns}` }))
      const { run } = await send(gateway, 'tags/imports?format=ndjson', ndjson(lines))
      const at = `/api/lists/tags/imports/${run.importId}`
      const applied = apply(gateway, 'tags', run)
      for (let n = 0; n < turns; n += 1) await gateway.get('/api/lists/tags?limit=1')
      const discarded = await gateway.post(`${at}/discard`, {})
      const answers = [(await applied).status, discarded.status]
      t.same([...answers].sort(), [200, 409], `after ${turns} turns: ${answers.join()}`)
      const { state } = (await gateway.get<DryRun>(at)).body
      ends.push(state)
      const now = await head()
      if (state === 'DISCARDED') t.same(now, before)
      else t.match(now, { count: 9_000, version: before.version + 1 })
    }
    t.ok(ends.includes('DISCARDED'), ends.join())
  },
)

t.test('whoever discards a file behind the step that puts it in force is told that it is', async (t) => {
  const { memory, database } = await storeIn(t.testdir())
  t.teardown(() => database.close())
  const given = { database, memory, clock: new ManualClock(), log: silentLogger }
  const lists = new Lists({ ...given, onVersion: () => undefined })
  await lists.prepare({})
  const imports = await Imports.open({
    ...{ ...given, folder: path.join(t.testdirName, 'imports'), tolling: undefined, ordersTakeTwo: false },
    onWritten: (heads) => {
      lists.written(heads)
    },
  })
  t.teardown(() => imports.close())
  const file = Readable.from([Buffer.from(ndjson([tag('E2A1')]))])
  const asked = { list: 'tags', format: 'ndjson', mode: 'merge', name: 'a' } as const
  const { importId } = await imports.start(asked, 'li', file)
  const transact = database.transact.bind(database)
  let discarded: Promise<unknown> | undefined
  let parts = 0
  database.transact = (work, committed, options) => {
    if (options?.isPart) parts += 1
    // It reads what the import is before the last step, and writes behind it.
    else if (parts > 0) discarded ??= imports.discard('tags', importId, 'wu').catch((error: unknown) => error)
    return transact(work, committed, options)
  }
  t.match(await imports.apply('tags', importId, 'li'), { state: 'APPLIED' })
  t.match(await discarded, { error: 'wrongState', message: /APPLIED/ })
  t.match(await imports.get('tags', importId), { state: 'APPLIED' })
})

t.test(
  'of dry runs that nobody applies four wait, the oldest gives way, and the audit names who ended one',
  async (t) => {
    const gateway = await start(t)
    const made: string[] = []
    for (const n of [1, 2, 3, 4, 5]) {
      const { run } = await send(gateway, `tags/imports?format=ndjson&name=${n}`, ndjson([tag(`E2C${n}`)]))
      made.push(run.importId)
    }
    const states = async () => {
      const { body } = await gateway.get<{ imports: DryRun[] }>('/api/lists/tags/imports')
      return made.map((id) => body.imports.find(({ importId }) => importId === id)?.state)
    }
    t.same(await states(), ['DISCARDED', 'READY', 'READY', 'READY', 'READY'])
    const importId = made[1] ?? ''
    await gateway.post(`/api/lists/tags/imports/${importId}/discard`, {})
    t.equal((await states())[1], 'DISCARDED')
    const { body } = await gateway.get<{ entries: { action: string }[] }>('/api/audit')
    t.match(
      body.entries.filter(({ action }) => action === 'importDiscarded'),
      [{ operator: 'operator', target: 'tags', detail: { importId } }],
      'once: nobody ended the one that gave way',
    )
  },
)
