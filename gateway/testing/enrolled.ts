import { request } from 'node:https'
import { systemClock } from '../../edge/base/clock.js'
import { enrolRequest, identityOf, newKey } from '../../edge/enrol/request.js'
import { ask, shownAuthority } from '../../edge/enrol/https.js'
import type { EdgeIdentity } from '../../edge/interfaces/identity.js'
import { enrolledSchema, parseToken } from '../../edge/messages/enrol.js'
import type { Gateway } from '../main.js'

/** Enrols an edge at a running gateway as a box does, without a folder for it. */
export async function enrolAt(
  gateway: Pick<Gateway, 'edgeUrl' | 'enrolmentToken'>,
  edgeId: string,
): Promise<EdgeIdentity> {
  return enrolWith(gateway.edgeUrl, edgeId, await gateway.enrolmentToken(edgeId))
}

/** The same with a token that is there. */
export async function enrolWith(edgeUrl: string, edgeId: string, text: string): Promise<EdgeIdentity> {
  const token = parseToken(text)
  if (!token.ok) throw new Error('no token')
  const { pem } = await shownAuthority(edgeUrl, systemClock)
  const keyPem = newKey()
  const answer = await ask({
    url: edgeUrl,
    path: '/edge/v1/enrol',
    body: enrolRequest(edgeId, keyPem, token.value.secret),
    identity: { authorityPem: pem },
    clock: systemClock,
  })
  if (answer.status !== 200) throw new Error(`not enrolled: ${JSON.stringify(answer.body)}`)
  return identityOf(enrolledSchema.parse(answer.body), keyPem)
}

/** A GET at the listener for edges. */
export function askAsEdge<Body>(
  url: URL,
  own: Partial<EdgeIdentity>,
): Promise<{ readonly status: number; readonly body: Body; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const asked = request(url, {
      agent: false,
      ca: own.authorityPem,
      ...(own.keyPem !== undefined && { key: own.keyPem, cert: own.certificatePem }),
    })
    asked.on('error', reject)
    asked.on('response', (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (piece: string) => (text += piece))
      response.on('error', reject)
      response.on('end', () => {
        const isJson = response.headers['content-type']?.includes('application/json') ?? false
        resolve({ status: response.statusCode ?? 0, body: (isJson ? JSON.parse(text) : {}) as Body, text })
      })
    })
    asked.end()
  })
}
