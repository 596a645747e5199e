import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Test } from 'tap'
import { systemClock } from '../../base/clock.js'
import { ownCertificate } from '../../drivers/barrier/index.js'

/** A folder with the configuration of an edge that can be checked, and its files. */
export async function edgeFolder(t: Test) {
  const dir = t.testdir()
  mkdirSync(path.join(dir, 'secrets'))
  const { certificateFile } = await ownCertificate(path.join(dir, 'plc'), systemClock.now().wallMs)
  const secret = (name: string, mode: number) => {
    writeFileSync(path.join(dir, 'secrets', name), 'a-secret-of-enough-length\n', { mode })
    return `secrets/${name}`
  }
  const config = {
    version: 1,
    site: 'port-1',
    edge: 'edge-1',
    dataDir: 'data',
    gateway: {
      mqtt: 'mqtts://127.0.0.1:8883',
      http: 'https://127.0.0.1:8444',
    },
    readers: [
      { id: 'reader-1', kind: 'line', path: 'reader-1', dialect: 'transcore', feeds: [{ lane: 'in-1' }] },
    ],
    lanes: [
      {
        id: 'in-1',
        direction: 'in',
        profile: 'roadInNoBoxCar',
        barrier: {
          kind: 'opcua',
          endpoint: 'opc.tcp://127.0.0.1:4840',
          serverCertificateFile: certificateFile,
          pkiDir: 'pki',
        },
      },
    ],
  }
  const write = (content: unknown) => {
    const file = path.join(dir, 'edge.yaml')
    writeFileSync(file, JSON.stringify(content))
    return file
  }
  return { config, secret, write }
}
