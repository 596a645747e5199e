import { X509Certificate } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { OPCUACertificateManager as Manager } from 'node-opcua'
import { OPCUACertificateManager } from './library.js'

export const plcApplicationUri = 'urn:lanekeeper:plc-simulator'

/** A certificate is valid from a day ago: the other side's clock may be behind. */
const backdatedMs = 24 * 3_600_000
const validForDays = 3_650

export interface PlcPki {
  readonly certificateFile: string
  readonly privateKeyFile: string
  /** A store for one run of the server, which disposes of it at its end. */
  open(): Promise<Manager>
}

/**
 * The PLC's own folder of certificates: `own` (made here on the first start), `trusted` (whoever
 * may connect; nobody else ever is taken in), `rejected` (who tried).
 */
export async function preparePki(given: {
  readonly pkiDir: string
  readonly trustedCertificateFiles: readonly string[]
  readonly nowWallMs: number
}): Promise<PlcPki> {
  mkdirSync(given.pkiDir, { recursive: true, mode: 0o700 })
  const open = async () => {
    const manager = new OPCUACertificateManager({
      rootFolder: given.pkiDir,
      automaticallyAcceptUnknownCertificate: false,
      // Who is trusted is settled at the start; watching the folders would cost handles for nothing.
      disableFileWatchers: true,
      keySize: 2048,
    })
    await manager.initialize()
    return manager
  }
  const manager = await open()
  const certificateFile = path.join(given.pkiDir, 'own', 'certs', 'certificate.pem')
  if (!existsSync(certificateFile)) {
    await manager.createSelfSignedCertificate({
      applicationUri: plcApplicationUri,
      dns: ['localhost'],
      ip: ['127.0.0.1'],
      outputFile: certificateFile,
      subject: '/CN=PLC simulator/O=Lanekeeper',
      startDate: new Date(given.nowWallMs - backdatedMs),
      validity: validForDays,
    })
    chmodSync(certificateFile, 0o600)
  }
  for (const file of given.trustedCertificateFiles)
    await manager.trustCertificate(new X509Certificate(readFileSync(file)).raw)
  const privateKeyFile = manager.privateKey
  await manager.dispose()
  return { certificateFile, privateKeyFile, open }
}
