import { X509Certificate } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

/** A certificate is valid from a day ago: the PLC's clock may be behind. */
const backdatedMs = 24 * 3_600_000
const validForDays = 3_650

/** Who we are towards PLCs. The PLC must hold the certificate in its list of trusted ones. */
export interface OwnCertificate {
  readonly certificateFile: string
  readonly privateKeyFile: string
  readonly applicationUri: string
}

/**
 * The edge's own certificate and key below `pkiDir` (`own/certs`, `own/private`), made there if
 * there is none: RSA 2048, self-signed, files of mode 0600. Rejects if the folder cannot be written.
 */
export async function ownCertificate(pkiDir: string, nowWallMs: number): Promise<OwnCertificate> {
  const certificateFile = path.join(pkiDir, 'own', 'certs', 'certificate.pem')
  const privateKeyFile = path.join(pkiDir, 'own', 'private', 'private_key.pem')
  if (!existsSync(certificateFile) || !existsSync(privateKeyFile))
    await makeOwn(pkiDir, certificateFile, nowWallMs)
  const certificate = new X509Certificate(readFileSync(certificateFile))
  return { certificateFile, privateKeyFile, applicationUri: applicationUriOf(certificate) }
}

async function makeOwn(pkiDir: string, certificateFile: string, nowWallMs: number): Promise<void> {
  const { OPCUACertificateManager } = await import('./library.js')
  mkdirSync(pkiDir, { recursive: true, mode: 0o700 })
  const manager = new OPCUACertificateManager({
    rootFolder: pkiDir,
    automaticallyAcceptUnknownCertificate: false,
    disableFileWatchers: true,
    keySize: 2048,
  })
  try {
    await manager.initialize()
    if (!existsSync(certificateFile)) {
      await manager.createSelfSignedCertificate({
        applicationUri: 'urn:lanekeeper:edge',
        dns: ['localhost'],
        outputFile: certificateFile,
        subject: '/CN=Lanekeeper edge/O=Lanekeeper',
        startDate: new Date(nowWallMs - backdatedMs),
        validity: validForDays,
      })
      chmodSync(certificateFile, 0o600)
    }
  } finally {
    await manager.dispose()
  }
}

/** The URI in a certificate's alternative names: a client must announce itself by it. */
function applicationUriOf(certificate: X509Certificate): string {
  return /URI:([^,\s]+)/.exec(certificate.subjectAltName ?? '')?.[1] ?? 'urn:lanekeeper:edge'
}
