import type { Test } from 'tap'
import { systemClock, type Clock } from '../../edge/base/clock.js'
import { silentLogger } from '../../edge/base/log.js'
import { describeProblems } from '../../edge/base/result.js'
import { parseGatewayConfig, type GatewayConfig } from '../config.js'
import { roles } from '../domain/roles.js'
import { startGateway, type Gateway } from '../main.js'
import type { EdgeIdentity } from '../../edge/interfaces/identity.js'
import { EdgeClient } from './edge-client.js'
import { askAsEdge, enrolAt } from './enrolled.js'

export const site = 'site-1'

/**
 * A folder for one test that is removed after everything in it was closed: tap removes folders before it runs those
 * teardowns that were registered later, and a gateway that signs lists still writes then.
 */
export function folderOf(t: Test, content: Parameters<Test['testdir']>[0] = {}): string {
  t.teardown(() => undefined)
  return t.testdir(content)
}

/** Somebody who may do everything, for `people` of a configuration. */
export const everything = (name: string) => ({ name, roles: [...roles] })

/** A configuration on free ports below `dir`, with two edges. */
export function configIn(dir: string, more: Record<string, unknown> = {}): GatewayConfig {
  const parsed = parseGatewayConfig(
    {
      version: 1,
      site,
      dataDir: 'data',
      http: { port: 0 },
      mqtt: { port: 0 },
      edgeHttp: { port: 0 },
      consoleDir: 'no-console',
      trust: { unsigned: true },
      edges: [{ edgeId: 'edge-1' }, { edgeId: 'edge-2' }],
      ...more,
    },
    dir,
  )
  if (!parsed.ok) throw new Error(describeProblems(parsed.problems))
  return parsed.value
}

/** The least that a store takes, a sixth of the full cost: tests sign in some hundred times. */
const leastCost = { N: 16_384, p: 1 }

/** A gateway on loopback for one test, closed at its end. */
export async function startIn(
  t: Test,
  dir: string,
  more: Record<string, unknown> = {},
  clock: Clock = systemClock,
): Promise<GatewayUnderTest> {
  const config = configIn(dir, more)
  const gateway = await startGateway(config, { clock, log: silentLogger, passphraseCost: leastCost })
  const under = new GatewayUnderTest(gateway, config.dataDir)
  t.teardown(() => under.close())
  return under
}

/** By data folder and edge. */
const identities = new Map<string, Promise<EdgeIdentity>>()

/** Sends entries of a list as a person sends a file: one a line. `at` is below the list, e.g. `import`. */
export async function sendEntries(
  gateway: GatewayUnderTest,
  at: string,
  entries: readonly object[],
  type: string,
): Promise<{ readonly status: number; readonly body: object }> {
  const response = await fetch(`${gateway.url}/api/lists/${at}`, {
    method: 'POST',
    headers: { cookie: gateway.cookie, origin: gateway.url, 'content-type': type },
    body: entries.map((entry) => JSON.stringify(entry)).join('\n'),
  })
  return { status: response.status, body: (await response.json()) as object }
}

export interface Answered<Body = Record<string, unknown>> {
  readonly status: number
  readonly body: Body
  readonly headers: Headers
}

export class GatewayUnderTest {
  readonly gateway: Gateway
  readonly #dataDir: string
  readonly #edges: EdgeClient[] = []
  #cookie = ''

  constructor(gateway: Gateway, dataDir: string) {
    this.gateway = gateway
    this.#dataDir = dataDir
  }

  get url(): string {
    return this.gateway.httpUrl
  }

  async edge(edgeId = 'edge-1'): Promise<EdgeClient> {
    const identity = await this.identity(edgeId)
    const edge = await EdgeClient.listening(this.gateway.mqttUrl, site, edgeId, identity)
    this.#edges.push(edge)
    return edge
  }

  /** That of an edge of this gateway, enrolled at first asking; a restart on the same store knows it still. */
  identity(edgeId = 'edge-1'): Promise<EdgeIdentity> {
    const name = `${this.#dataDir}/${edgeId}`
    const known = identities.get(name) ?? enrolAt(this.gateway, edgeId)
    identities.set(name, known)
    return known
  }

  /** What the listener for edges answers. */
  async asEdge<Body = Record<string, unknown>>(
    address: string,
    identity: EdgeIdentity | null,
  ): Promise<{ readonly status: number; readonly body: Body; readonly text: string }> {
    const own = identity ?? { authorityPem: (await this.identity()).authorityPem }
    return askAsEdge<Body>(new URL(address, this.gateway.edgeUrl), own)
  }

  async signIn(operator?: string): Promise<string> {
    const response = await fetch(this.gateway.operatorLink(operator))
    const [cookie] = response.headers.getSetCookie()
    if (response.status !== 200 || !cookie) throw new Error(`not signed in: ${response.status}`)
    this.#cookie = cookie.split(';')[0] ?? ''
    return cookie
  }

  get cookie(): string {
    return this.#cookie
  }

  get<Body = Record<string, unknown>>(
    address: string,
    headers: Record<string, string> = {},
  ): Promise<Answered<Body>> {
    return this.#ask<Body>('GET', address, undefined, { cookie: this.#cookie, ...headers })
  }

  /** As the console's page does it; `headers` replaces what a browser would send. */
  post<Body = Record<string, unknown>>(
    address: string,
    body: unknown,
    headers: Record<string, string> = { cookie: this.#cookie, origin: this.url },
  ): Promise<Answered<Body>> {
    return this.#ask<Body>('POST', address, body, headers)
  }

  /** Asks again and again until it holds, for what no message announces; bounded. */
  async until(holds: () => Promise<boolean>): Promise<void> {
    for (let attempt = 0; attempt < 200; attempt += 1) {
      if (await holds()) return
      await new Promise((resolve) => setTimeout(resolve, 25))
    }
    throw new Error('it did not come to hold within 5 s')
  }

  async close(): Promise<void> {
    for (const edge of this.#edges) await edge.end()
    await this.gateway.close()
  }

  async #ask<Body>(
    method: string,
    address: string,
    body: unknown,
    headers: Record<string, string>,
  ): Promise<Answered<Body>> {
    const response = await fetch(`${this.url}${address}`, {
      method,
      redirect: 'manual',
      headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    const isJson = response.headers.get('content-type')?.includes('application/json') ?? false
    return {
      status: response.status,
      body: (isJson ? JSON.parse(text) : { text }) as Body,
      headers: response.headers,
    }
  }
}
