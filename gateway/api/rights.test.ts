import t, { type Test } from 'tap'
import { catalogue } from '../../edge/messages/text/catalogue.js'
import { listNames } from '../../edge/messages/entities.js'
import { holds, roles, rolesOf, type Role } from '../domain/roles.js'
import { everything, startIn } from '../testing/gateway-under-test.js'
import { rights, roleForCommand } from './rights.js'

const openOrEdge = ['/login', '/api/sign-in', '/healthz', '/']

interface Route {
  /** As fastify names it: `POST /api/escalations/:escalationId/verdict`. */
  readonly name: string
  readonly method: 'get' | 'post'
  readonly address: string
  readonly params: Readonly<Record<string, string>>
}

/** One person of each role, one without, and one with all of them. */
async function open(t: Test) {
  const people = [everything('operator'), ...roles.map((role) => ({ name: role, roles: [role] }))]
  const gateway = await startIn(t, t.testdir(), { people })
  const cookies = new Map<string, string>()
  for (const name of ['operator', 'nobody', ...roles]) {
    await gateway.signIn(name)
    cookies.set(name, gateway.cookie)
  }
  const { body } = await gateway.get<{ paths: Record<string, Record<string, unknown>> }>('/openapi.json')
  const found = Object.entries(body.paths).flatMap(([template, methods]) =>
    Object.keys(methods).map((method) => ({ template, method })),
  )
  const routes = found
    .filter(({ template }) => !openOrEdge.includes(template) && !template.startsWith('/edge/'))
    .map(({ template, method }): Route => {
      const names = [...template.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name)
      const params = Object.fromEntries(names.map((name) => [name, name === 'list' ? 'orders' : 'x1']))
      const address = template.replace(/\{(\w+)\}/g, (_, name: string) => params[name] ?? '')
      const url = template.replace(/\{(\w+)\}/g, ':$1')
      if (method !== 'get' && method !== 'post') throw new Error(`${method} ${template}: not walked over yet`)
      return { name: `${method.toUpperCase()} ${url}`, method, address, params }
    })
  const as = (name: string, { method, address }: Pick<Route, 'method' | 'address'>, body: unknown = {}) => {
    const cookie = cookies.get(name) ?? ''
    return method === 'get'
      ? gateway.get<{ error?: string; message?: string }>(address, { cookie })
      : gateway.post<{ error?: string; message?: string }>(address, body, { cookie, origin: gateway.url })
  }
  return { gateway, routes, as }
}

t.test('every route that changes something is for a role, and is open to that role alone', async (t) => {
  const { routes, as } = await open(t)
  const changing = routes.filter(({ method }) => method === 'post')
  t.same(
    changing.filter(({ name }) => !Object.hasOwn(rights, name)).map(({ name }) => name),
    [],
    'each stands in gateway/api/rights.ts',
  )
  const known = routes.map(({ name }) => name)
  t.same(
    Object.keys(rights).filter((name) => !known.includes(name)),
    [],
    'and nothing stands there that is no route',
  )
  let tried = 0
  for (const route of routes.filter(({ name }) => Object.hasOwn(rights, name))) {
    const right = rights[route.name]
    if (right === undefined || right === 'anyone') continue
    const needed = typeof right === 'string' ? right : right(route.params)
    for (const name of ['nobody', ...roles]) {
      const may = name !== 'nobody' && holds([name as Role], needed)
      const { status, body } = await as(name, route)
      const isRefused = status === 403 && (body.error ?? '').startsWith('needs')
      t.equal(isRefused, !may, `${route.name} as ${name}: ${status} ${body.error ?? ''}`)
      if (isRefused) {
        t.match(body.message, new RegExp(`role ${needed}\\b`), 'it says which role')
        t.ok(Object.hasOwn(catalogue, `api.${body.error ?? ''}`), 'and the console has words for it')
      }
      tried += 1
    }
    const { body } = await as('operator', route)
    t.notMatch(
      body.error ?? '',
      /^needs/,
      `${route.name}: somebody with every role is not refused for a role`,
    )
  }
  t.ok(tried >= 60, `${tried} tries`)
})

t.test('whoever has no role may look and read nothing that is kept for auditors', async (t) => {
  const { routes, as } = await open(t)
  // The feed answers without an end.
  const ending = routes.filter(({ method, name }) => method === 'get' && name !== 'GET /api/live')
  for (const route of ending) {
    const { status, body } = await as('nobody', route)
    const isRefused = status === 403 && (body.error ?? '').startsWith('needs')
    t.equal(isRefused, Object.hasOwn(rights, route.name), route.name)
  }
})

t.test('a lane is stopped by an officer, and made to go by itself by a supervisor', async (t) => {
  const { as } = await open(t)
  const route = { method: 'post', address: '/api/edges/edge-1/lanes/lane-1/command' } as const
  const auto = { reason: 'checked', what: { do: 'setMode', mode: 'AUTO' } }
  t.match(await as('officer', route, auto), { status: 403, body: { error: 'needsSupervisor' } })
  t.match(await as('supervisor', route, auto), { body: { error: 'edgeAway' } }, 'only the edge is missing')
  const closed = { reason: 'spill', what: { do: 'setMode', mode: 'CLOSED' } }
  t.match(await as('officer', route, closed), { body: { error: 'edgeAway' } })
  t.equal(roleForCommand({ do: 'holdAll', on: true }), 'officer')
  t.equal(roleForCommand({ do: 'holdAll', on: false }), 'supervisor')
  t.equal(roleForCommand({ do: 'setMode', mode: 'MANUAL' }), 'supervisor')
})

t.test('orders and blacklist are a supervisor’s, registers a maintainer’s', async (t) => {
  const { as } = await open(t)
  const change = { upserts: [], deletes: [] }
  const mayChange = async (name: string) => {
    const lists: string[] = []
    for (const list of listNames) {
      const route = { method: 'post', address: `/api/lists/${list}/changes` } as const
      const { body } = await as(name, route, change)
      if (!(body.error ?? '').startsWith('needs')) lists.push(list)
    }
    return lists
  }
  const supervised = await mayChange('supervisor')
  const maintained = await mayChange('maintainer')
  t.same(supervised, ['orders', 'blacklist', 'areas', 'releases'])
  t.same(
    listNames.filter((list) => supervised.includes(list) === maintained.includes(list)),
    [],
    'each list is the matter of one of them',
  )
})

t.test('where nobody is named, the operator may do everything and whoever else signs in nothing', (t) => {
  t.same(rolesOf([], 'operator', 'operator'), roles)
  t.same(rolesOf([], 'operator', 'li.wei'), [])
  const people = [{ name: 'li.wei', roles: ['officer'] as const }]
  t.same(rolesOf(people, 'operator', 'li.wei'), ['officer'])
  t.same(rolesOf(people, 'operator', 'operator'), [], 'where people are named, only they have roles')
  for (const role of roles) t.ok(holds([role], role))
  t.notOk(holds([], 'auditor'))
  t.notOk(holds(['officer', 'inspector', 'maintainer', 'auditor'], 'supervisor'))
  t.end()
})
