import { mkdirSync } from 'node:fs'
import path from 'node:path'
import t, { type Test } from 'tap'
import { systemClock } from './base/clock.js'
import { revokePerson } from './cli/keys-change.js'
import { signLift } from './cli/keys-lift.js'
import { silentLogger } from './base/log.js'
import { enrol } from './enrol/enrol.js'
import { parseToken } from './messages/enrol.js'
import type { ListEntry } from './messages/entities.js'
import type { RecordSignature } from './messages/trust/lift.js'
import type { LiftStatement } from './messages/trust/records.js'
import { tag } from './store/testing/list.contract.js'
import { edgeAtGateway } from './testing/edge-at-gateway.js'
import { folderOf, startIn } from '../gateway/testing/gateway-under-test.js'
import { makeSigning, phrase } from '../gateway/testing/signed.js'

const people = [
  { name: 'operator', roles: ['supervisor', 'maintainer'] },
  { name: 'wang', roles: ['officer', 'supervisor'], agency: 'IQ' },
  { name: 'li', roles: ['supervisor'], agency: 'IQ' },
  { name: 'zhao', roles: ['supervisor'], agency: 'IQ' },
  { name: 'chen', roles: ['supervisor'], agency: 'CUSTOMS' },
  { name: 'eve', roles: ['officer'], agency: 'IQ' },
]

/** A gateway that signs, with keys of all these people but eve's being delegated; and an edge that is told nothing. */
async function site(t: Test) {
  const dir = folderOf(t)
  const keys = path.join(dir, 'keys')
  const { trust } = makeSigning(dir, systemClock.now().wallMs, ['wang', 'li', 'zhao', 'chen'], ['eve'])
  const gateway = await startIn(t, dir, { trust: { ...trust, timestampEveryMs: 1_000 }, people })
  await gateway.signIn('operator')
  const car: ListEntry = {
    ...{ kind: 'vehicle', vehicleId: 'V0', vehicleKind: 'CAR', carriesTag: true },
    plates: [{ region: 'CN', text: 'P0' }],
  }
  for (const [list, entry] of [
    ['vehicles', car],
    ['tags', { ...tag('E0'), vehicleId: 'V0' }],
  ] as const)
    await gateway.post(`/api/lists/${list}/changes`, { upserts: [entry], deletes: [] })
  mkdirSync(path.join(dir, 'edge'), { mode: 0o700 })
  const lines: string[] = []
  const warn = (details: object, message: string): void => {
    lines.push(`${message} ${JSON.stringify(details)}`)
  }
  const whole = await edgeAtGateway(t, gateway, dir, { trust: {}, log: { ...silentLogger, warn } })
  const { hardware, eventually, of } = whole
  /** A car comes with tag E0: what becomes of it. It has left when this resolves. */
  const pass = async (): Promise<'released' | 'person' | 'waits'> => {
    const [raised, escalated, ended] = [hardware.raised, of('escalationOpened'), of('passageEnded')].map(
      ({ length }) => length,
    )
    const isRaised = (): boolean => hardware.raised.length > (raised ?? 0)
    hardware.arrive('E0')
    const isSeen = await eventually(() => isRaised() || of('escalationOpened').length > (escalated ?? 0))
    if (isRaised()) hardware.driveThrough()
    else hardware.backOut()
    await eventually(() => of('passageEnded').length > (ended ?? 0))
    return isRaised() ? 'released' : isSeen ? 'person' : 'waits'
  }
  const enrolBox = async (): Promise<void> => {
    const token = parseToken(await gateway.gateway.enrolmentToken('edge-1'))
    if (!token.ok) throw new Error('no token')
    const given = { edgeId: 'edge-1', dataDir: path.join(dir, 'edge'), url: gateway.gateway.edgeUrl }
    await enrol({ ...given, token: token.value, clock: systemClock })
  }
  const isReady = (): boolean => {
    const { faults, lists, lanes } = whole.edge.health()
    return lists.length >= 4 && faults.length === 0 && lanes[0]?.mode === 'AUTO'
  }
  return { ...whole, gateway, keys, pass, enrolBox, isReady, lines }
}

t.test('a box that knows no root releases nobody by itself; once it is enrolled, it does', async (t) => {
  const s = await site(t)
  t.ok(await s.eventually(() => s.stands('controlList.noRoot') && !s.stands('uplink.disconnected')))
  t.match(s.lines.join('\n'), /fault raised .*controlList\.noRoot/, 'the log of the box says so too')
  t.equal(await s.pass(), 'person', 'the gateway has named the car, and nobody has proven it')
  t.same(s.edge.health().lists, [])
  await s.enrolBox()
  t.ok(await s.eventually(s.isReady), JSON.stringify(s.edge.health().faults))
  t.equal(await s.pass(), 'released')
})

t.test('an order holds from its approval until two people of its agency have signed its lift', async (t) => {
  const s = await site(t)
  await s.enrolBox()
  t.ok(await s.eventually(s.isReady), JSON.stringify(s.edge.health().faults))
  const cookies = new Map<string, string>()
  const as = async (person: string, step: string, body: object = {}) => {
    const cookie = cookies.get(person) ?? (await s.gateway.signIn(person)).split(';')[0] ?? ''
    cookies.set(person, cookie)
    const { status, body: said } = await s.gateway.post<{ state?: string; error?: string }>(
      `/api/orders${step}`,
      body,
      { cookie, origin: s.gateway.url },
    )
    return [status, said.error ?? said.state] as const
  }
  const statement = async (): Promise<LiftStatement> => {
    const { body } = await s.gateway.get<{ statement: LiftStatement }>('/api/orders/O-1')
    return body.statement
  }
  const signed = async (person: string): Promise<RecordSignature> =>
    signLift(s.keys, person, await statement(), () => phrase(person))
  const version = (): number => s.edge.health().lists.find(({ list }) => list === 'orders')?.version ?? 0
  const takes = async (step: () => Promise<unknown>): Promise<boolean> => {
    const before = version()
    await step()
    return s.eventually(() => version() > before)
  }

  const order = {
    ...{ orderId: 'O-1', agency: 'IQ', subject: { kind: 'TAG', key: 'E0' }, action: 'INTERCEPT' },
    ...{ nature: 'OPEN', level: 1, reason: '检疫', validFrom: 0, maxHits: 0 },
  }
  t.same(await as('wang', '', order), [200, 'PENDING_APPROVAL'])
  t.equal(version(), 1, 'before its approval no edge hears of it')
  t.ok(await takes(async () => t.same(await as('li', '/O-1/approve'), [200, 'ACTIVE'])))
  t.equal(await s.pass(), 'person', 'now it does')

  t.same(await as('wang', '/O-1/lift', { reason: '02' }), [200, 'LIFT_ASKED'])
  const first = await signed('wang')
  const confirm = (person: string, body: object) => as(person, '/O-1/lift/confirm', body)
  t.same(await confirm('wang', { signature: await signed('li') }), [400, 'invalid'], 'of somebody else')
  t.same(await confirm('wang', { signature: first }), [200, 'LIFT_ASKED'], 'one signature lifts nothing')
  t.same(await confirm('wang', { passphrase: phrase('wang') }), [403, 'secondPerson'])
  t.same(await confirm('li', { signature: first }), [400, 'invalid'], 'the same one again')
  t.same(await confirm('li', {}), [400, 'invalid'], 'no signature')
  t.same(await confirm('chen', { passphrase: phrase('chen') }), [403, 'foreignAgency'], 'a third person')
  t.same(
    await confirm('eve', { signature: await signed('eve') }),
    [400, 'invalid'],
    'a key that was not delegated',
  )
  t.equal(await s.pass(), 'person', 'it holds all the same')

  t.same(await as('li', '/O-1/lift/withdraw', { why: '再查' }), [200, 'ACTIVE'])
  t.same(await as('wang', '/O-1/lift', { reason: '02' }), [200, 'LIFT_ASKED'])
  t.same(await confirm('wang', { signature: first }), [400, 'invalid'], 'a signature of the lift before')
  t.same(await confirm('wang', { passphrase: phrase('wang') }), [200, 'LIFT_ASKED'])
  t.ok(
    await takes(async () => t.same(await confirm('li', { signature: await signed('li') }), [200, 'LIFTED'])),
    'the edge takes it',
  )
  t.equal(await s.pass(), 'released', 'and the lane releases')
  t.notOk(s.stands('controlList.holdVanished'))
})

t.test(
  'a lift loses its second signature when a key is taken away: an edge that was away keeps the hold, the gateway says which, and two others lift it again',
  async (t) => {
    const s = await site(t)
    await s.enrolBox()
    t.ok(await s.eventually(s.isReady), JSON.stringify(s.edge.health().faults))
    const cookies = new Map<string, string>()
    const as = async (person: string, address: string, body: object = {}) => {
      const cookie = cookies.get(person) ?? (await s.gateway.signIn(person)).split(';')[0] ?? ''
      cookies.set(person, cookie)
      const { status } = await s.gateway.post(address, body, { cookie, origin: s.gateway.url })
      return status
    }
    const version = (list: string): number =>
      s.edge.health().lists.find((one) => one.list === list)?.version ?? 0
    const faultsOfGateway = async () => {
      const { body } = await s.gateway.get<{ faults: { code: string; detail: string }[] }>('/api/state')
      return body.faults.filter(({ code }) => code === 'gateway.liftNotProven').map(({ detail }) => detail)
    }
    const eventually = async (holds: () => Promise<boolean>) => {
      await s.gateway.until(holds)
      return true
    }
    const held = { agency: 'IQ', subject: { kind: 'TAG', key: 'E0' }, reason: '检疫', validFrom: 0 }
    const ban = { ...held, kind: 'blacklist', entryId: 'B-1', level: 'STOP' }
    const order = { ...held, orderId: 'O-1', action: 'INTERCEPT', nature: 'OPEN', level: 1, maxHits: 0 }
    t.equal(await as('operator', '/api/lists/blacklist/changes', { upserts: [ban], deletes: [] }), 200)
    t.equal(await as('wang', '/api/orders', order), 200)
    t.equal(await as('li', '/api/orders/O-1/approve'), 200)
    t.ok(await s.eventually(() => version('orders') === 2 && version('blacklist') === 2))

    s.mqtt.down()
    s.http.down()
    const answer = (person: string) => ({ passphrase: phrase(person) })
    t.equal(await as('wang', '/api/orders/O-1/lift', { reason: '02' }), 200)
    for (const person of ['wang', 'li'])
      t.equal(await as(person, '/api/orders/O-1/lift/confirm', answer(person)), 200)
    const lift = async (list: string, key: string, first: string, second: string) => [
      await as(first, `/api/lists/${list}/lifts`, { key, reason: '02', ...answer(first) }),
      await as(second, `/api/lists/${list}/lifts/confirm`, { key, ...answer(second) }),
    ]
    t.same(await lift('blacklist', 'B-1', 'wang', 'li'), [200, 200])
    t.same(await lift('blacklist', 'B-1', 'li', 'zhao'), [409, 404], 'it is lifted, by two who may')
    t.same(await faultsOfGateway(), [])

    const nowMs = Math.floor(systemClock.now().wallMs)
    revokePerson({ dir: s.keys, offline: [], days: 100, nowMs }, 'wang')
    await eventually(async () => (await faultsOfGateway()).length === 1)
    t.match(await faultsOfGateway(), [/^orders O-1, blacklist B-1: /])
    s.mqtt.up()
    s.http.up()
    t.ok(await s.eventually(() => s.stands('controlList.holdVanished')))
    t.equal(await s.pass(), 'person', 'it holds where nobody has proven its end')

    const { body } = await s.gateway.get<{ holds: { list: string; entry: { lift?: object } }[] }>(
      '/api/holds',
    )
    t.match(body.holds, [{ list: 'orders' }, { list: 'blacklist' }], 'the console shows what is to be lifted')
    t.notOk(body.holds.some(({ entry }) => entry.lift))
    t.same(
      await lift('blacklist', 'B-1', 'wang', 'li'),
      [403, 404],
      'the key that was taken away lifts nothing',
    )
    t.same(await lift('blacklist', 'B-1', 'li', 'zhao'), [200, 200])
    await eventually(async () => /^orders O-1: /.test((await faultsOfGateway())[0] ?? ''))
    t.same(await lift('orders', 'O-1', 'li', 'zhao'), [200, 200])
    const { body: lifted } = await s.gateway.get<{ steps: object[] }>('/api/orders/O-1')
    t.match(
      lifted.steps.slice(-3),
      [{ did: 'lifted' }, { did: 'liftAskedAgain', by: 'li' }, { did: 'liftedAgain', by: 'zhao', why: '02' }],
      'its history says who lifted it once more',
    )
    await eventually(async () => (await faultsOfGateway()).length === 0)
    t.ok(
      await s.eventually(() => version('orders') === 4 && version('blacklist') === 4),
      JSON.stringify(s.edge.health().faults),
    )
    t.ok(await s.eventually(() => !s.stands('controlList.holdVanished')))
    t.equal(await s.pass(), 'released')
  },
)
