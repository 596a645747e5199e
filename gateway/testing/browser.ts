import type { NoticeState, SessionState } from '../api/sign-in-schemas.js'
import type { GatewayUnderTest } from './gateway-under-test.js'

/** A browser of its own: its cookie, and requests as the console's page sends them. */
export class Browser {
  cookie = ''
  readonly #gateway: GatewayUnderTest

  constructor(gateway: GatewayUnderTest) {
    this.#gateway = gateway
  }

  async open(link: string): Promise<number> {
    return this.#keep(await fetch(link))
  }

  async signIn(name: string, secret: string): Promise<number> {
    const { url } = this.#gateway
    return this.#keep(
      await fetch(`${url}/api/sign-in`, {
        method: 'POST',
        headers: { origin: url, 'content-type': 'application/json' },
        body: JSON.stringify({ name, passphrase: secret }),
      }),
    )
  }

  post(address: string, body: unknown = {}) {
    return this.#gateway.post(address, body, { cookie: this.cookie, origin: this.#gateway.url })
  }

  set(secret: string, current?: string) {
    return this.post('/api/session/passphrase', { passphrase: secret, ...(current && { current }) })
  }

  async session(): Promise<SessionState | null> {
    const { status, body } = await this.#gateway.get<SessionState>('/api/session', { cookie: this.cookie })
    return status === 200 ? body : null
  }

  async notices(): Promise<readonly NoticeState[]> {
    return (await this.session())?.notices ?? []
  }

  #keep(response: Response): number {
    const [cookie] = response.headers.getSetCookie()
    if (cookie) this.cookie = cookie.split(';')[0] ?? ''
    return response.status
  }
}

/** What the audit has of one action, the newest first; signs the operator in. */
export async function auditOf(gateway: GatewayUnderTest, action: string): Promise<Record<string, unknown>[]> {
  await gateway.signIn('operator')
  const { body } = await gateway.get<{ entries: Record<string, unknown>[] }>('/api/audit?limit=1000')
  return body.entries.filter((entry) => entry['action'] === action)
}
