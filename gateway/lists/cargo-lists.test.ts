import { writeFileSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { listNames, type ListEntry } from '../../edge/messages/entities.js'
import { startIn, type Answered, type GatewayUnderTest } from '../testing/gateway-under-test.js'

const trip = (tripId: string, more: object = {}) => ({
  kind: 'trip',
  tripId,
  vehicleId: 'V1',
  direction: 'in',
  load: 'L',
  containers: ['CSQU3054383'],
  declarationNos: [],
  sealIds: [],
  routeAreas: [],
  needsFitness: false,
  straightRelease: false,
  ...more,
})

interface Page {
  readonly list: { readonly version: number; readonly count: number }
  readonly entries: readonly ListEntry[]
}

const entriesOf = async (gateway: GatewayUnderTest, list: string) =>
  (await gateway.get<Page>(`/api/lists/${list}`)).body.entries

const change = (gateway: GatewayUnderTest, list: string, ...upserts: object[]) =>
  gateway.post(`/api/lists/${list}/changes`, { upserts, deletes: [] })

async function importing(gateway: GatewayUnderTest, list: string, text: string): Promise<Answered> {
  const response = await fetch(`${gateway.url}/api/lists/${list}/import`, {
    method: 'POST',
    headers: { cookie: gateway.cookie, origin: gateway.url, 'content-type': 'application/x-ndjson' },
    body: text,
  })
  return {
    status: response.status,
    body: (await response.json()) as Record<string, unknown>,
    headers: response.headers,
  }
}

t.test('every list has a first version, from its file or empty', async (t) => {
  const dir = t.testdir({})
  const file = path.join(dir, 'trips.ndjson')
  writeFileSync(file, `${JSON.stringify(trip(' T1 ', { containers: ['csqu 305438-3'] }))}\n`)
  const gateway = await startIn(t, dir, { initialLists: { trips: file }, predecision: { enabled: false } })
  await gateway.signIn()
  for (const list of listNames) {
    const { body } = await gateway.get<Page>(`/api/lists/${list}`)
    t.match(body.list, { version: 1, count: list === 'trips' ? 1 : 0 }, list)
  }
  t.match(await entriesOf(gateway, 'trips'), [{ tripId: 'T1', containers: ['CSQU3054383'] }])
})

t.test('a first list that will not do stops the gateway, naming its lines', async (t) => {
  const dir = t.testdir({})
  const file = path.join(dir, 'containers.ndjson')
  const container = { kind: 'container', originArea: null, lastPorts: [], lock: 'OPEN' }
  const lines = [{ ...container, number: 'CSQU3054383' }, { ...container, number: 'CSQU3054384' }, trip('T1')]
  writeFileSync(file, lines.map((line) => JSON.stringify(line)).join('\n'))
  await t.rejects(startIn(t, dir, { initialLists: { containers: file } }), {
    message:
      /containers\.ndjson:2: number: the check digit .* is it CSQU3054383\?\n.*:3: kind: the list containers holds container/,
  })
})

t.test('names are brought to the form in which lanes look them up', async (t) => {
  const gateway = await startIn(t, t.testdir())
  await gateway.signIn()
  const declaration = {
    kind: 'declaration',
    declarationNo: ' D1 ',
    agency: 'IQ',
    direction: 'in',
    state: 'RELEASED',
    goodsClass: 'TOYS',
    originArea: 'hk',
    woodPacking: 'no',
    containers: ['csqu305438 3'],
    plate: '粤z·1234 港',
    validFrom: 0,
    validTo: 1,
    ruling: null,
    result: null,
    treatmentDone: false,
  }
  const driver = {
    kind: 'driver',
    driverId: 'D1',
    cardNo: ' k-7 ',
    state: 'ACTIVE',
    vehicleIds: [],
    declaredSick: false,
  }
  t.equal((await change(gateway, 'declarations', declaration)).status, 200)
  t.equal((await change(gateway, 'drivers', driver)).status, 200)
  t.match(await entriesOf(gateway, 'declarations'), [
    { declarationNo: 'D1', containers: ['CSQU3054383'], plate: '粤Z1234港', originArea: 'HK' },
  ])
  t.match(await entriesOf(gateway, 'drivers'), [{ cardNo: 'k-7' }], 'a card is as its issuer writes it')
  const order = {
    kind: 'order',
    orderId: 'O1',
    agency: 'CUSTOMS',
    subject: { kind: 'CONTAINER', key: 'csqu 305438-9' },
    action: 'LOCK',
    nature: 'OPEN',
    level: 1,
    reason: '',
    validFrom: 0,
    maxHits: 0,
    issuedBy: 'li',
  }
  t.equal(
    (await change(gateway, 'orders', order)).status,
    200,
    'a doubtful number is no reason to refuse an order',
  )
  t.match(await entriesOf(gateway, 'orders'), [{ subject: { key: 'CSQU3054389' } }])
})

t.test('a change with anything wrong in it is refused whole, with all that is wrong', async (t) => {
  const gateway = await startIn(t, t.testdir())
  await gateway.signIn()
  const refused = await change(
    gateway,
    'trips',
    trip('T1'),
    trip('T2', { containers: ['CSQU3054383', 'CSQU305438'] }),
    trip('T3', { vehicleId: '   ' }),
  )
  t.match(refused, {
    status: 400,
    body: {
      error: 'invalid',
      problems: [
        { path: 'upserts.1.containers.1', message: /has no check digit: is it CSQU3054383/ },
        { path: 'upserts.2.vehicleId', message: 'nothing but blanks' },
      ],
    },
  })
  t.match(await change(gateway, 'trips', trip('T1'), { kind: 'trip', tripId: 'T2' }), {
    status: 400,
    body: { problems: [{ path: 'upserts.1.vehicleId' }] },
  })
  t.same(await entriesOf(gateway, 'trips'), [], 'nothing of it is in force')
})

t.test('an import takes the good lines as one version and names the others', async (t) => {
  const gateway = await startIn(t, t.testdir())
  await gateway.signIn()
  const lines = [
    JSON.stringify(trip('T1')),
    'T2, V1',
    JSON.stringify(trip('T2', { containers: ['CSQU3054384'] })),
    '',
    JSON.stringify(trip('T3', { colour: 'red' })),
    JSON.stringify(trip('T4')),
    JSON.stringify(trip('T1', { load: 'E' })),
  ]
  const done = await importing(gateway, 'trips', lines.join('\n'))
  t.match(done, {
    status: 200,
    body: {
      list: { list: 'trips', version: 2, count: 2 },
      applied: 2,
      unchanged: 0,
      refusedCount: 4,
      refused: [
        { line: 2, path: '', message: /not JSON/ },
        { line: 3, path: 'containers.0', message: /check digit/ },
        { line: 5, message: 'unknown: colour' },
        { line: 7, message: 'T1 stands twice' },
      ],
    },
  })
  t.match(await entriesOf(gateway, 'trips'), [{ tripId: 'T1', load: 'L' }, { tripId: 'T4' }])
  const again = await importing(gateway, 'trips', JSON.stringify(trip('T4')))
  t.match(
    again.body,
    { list: { version: 2 }, applied: 0, unchanged: 1 },
    'what changes nothing is no version',
  )
  t.match(await importing(gateway, 'draws', '{}'), { status: 400, body: { error: 'invalid' } })
  t.match((await gateway.get('/api/audit')).body, {
    entries: [{ action: 'listImport', target: 'trips', detail: { upserts: 2, refused: 4 } }],
  })
})
