import { execFileSync } from 'node:child_process'
import { chmodSync, readFileSync } from 'node:fs'
import { get } from 'node:https'
import path from 'node:path'
import t from 'tap'
import { EventChain } from './testing/chain.js'
import { EdgeClient } from './testing/edge-client.js'
import { site, startIn } from './testing/gateway-under-test.js'

t.test(
  'browsers are served under a certificate of the port, edges under that of the gateway itself',
  async (t) => {
    const dir = t.testdir()
    const [keyFile, certFile] = [path.join(dir, 'key.pem'), path.join(dir, 'cert.pem')]
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']
    const files = ['-keyout', keyFile, '-out', certFile]
    const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1']
    execFileSync('openssl', ['req', '-x509', ...kind, ...subject, ...files], { stdio: 'pipe' })
    chmodSync(keyFile, 0o600)
    const tls = { keyFile, certFile }
    const gateway = await startIn(t, dir, { http: { port: 0, tls } })
    const { httpUrl, mqttUrl } = gateway.gateway
    t.match(httpUrl, /^https:/)
    t.match(mqttUrl, /^mqtts:/)

    const ca = readFileSync(certFile)
    const edge = await EdgeClient.connect(mqttUrl, site, 'edge-1', await gateway.identity())
    t.teardown(() => edge.end())
    await edge.sendEvents(new EventChain('edge-1').fault(3))
    t.equal(gateway.gateway.figures().inbox_stored, 3)
    const believesPort = { ...(await gateway.identity()), authorityPem: ca.toString() }
    await t.rejects(EdgeClient.connect(mqttUrl, site, 'edge-1', believesPort), 'edges believe nobody else')

    const answer = await new Promise<{ status: number; cookie: string; transport: string }>(
      (resolve, reject) => {
        get(gateway.gateway.operatorLink(), { ca }, (response) => {
          response.resume()
          resolve({
            status: response.statusCode ?? 0,
            cookie: response.headers['set-cookie']?.[0] ?? '',
            transport: String(response.headers['strict-transport-security']),
          })
        }).on('error', reject)
      },
    )
    t.match(answer, {
      status: 200,
      cookie: /^__Host-lanekeeper-\d+=.*; Secure; SameSite=Strict$/,
      transport: /max-age/,
    })
  },
)
