import path from 'node:path'
import { systemClock } from '../base/clock.js'
import { silentLogger } from '../base/log.js'
import { ownCertificate } from '../drivers/barrier/opcua/certificates.js'
import { liftingPeople, type SiteCertificates } from '../../simulators/scenario/site-files.js'
import { makeSimulationKeys } from './simulation-keys.js'

/**
 * Key and certificate of a simulated PLC and of the edge, made before either starts so that each can pin the other's;
 * and the keys that lists of the site are signed with.
 */
export async function makeCertificates(dir: string, site: string): Promise<SiteCertificates> {
  // The OPC UA package takes a second to load and speaks to the console: only here, and quietly.
  const [{ keepLibraryQuiet }, { preparePki }] = await Promise.all([
    import('../drivers/barrier/opcua/session.js'),
    import('../../simulators/plc/pki.js'),
  ])
  keepLibraryQuiet(silentLogger)
  const { wallMs } = systemClock.now()
  const plcPkiDir = path.join(dir, 'plc-pki')
  const edgePkiDir = path.join(dir, 'edge-pki')
  const edge = await ownCertificate(edgePkiDir, wallMs)
  const plc = await preparePki({
    pkiDir: plcPkiDir,
    trustedCertificateFiles: [edge.certificateFile],
    nowWallMs: wallMs,
  })
  return {
    trust: makeSimulationKeys(dir, site, liftingPeople),
    plcPkiDir,
    plcCertificateFile: plc.certificateFile,
    edgePkiDir,
    edgeCertificateFile: edge.certificateFile,
  }
}
