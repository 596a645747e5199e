import type { Layout } from './layout.js'
import type { PlcSettings } from './plc-process.js'
import type { ReadersSettings } from './readers-process.js'

/** The PLC of a site as it is laid out. */
export function plcOf({ plcPort, certificates, lanes }: Layout): PlcSettings {
  const { plcPkiDir: pkiDir, edgeCertificateFile } = certificates
  return { port: plcPort, pkiDir, edgeCertificateFile, lanes, seed: 1 }
}

/** The readers of a site as it is laid out; `perSecond`: reads a second a lane. */
export function readersOf({ busUrl, readerSecret, lanes }: Layout, perSecond: number): ReadersSettings {
  return { url: busUrl, secret: readerSecret, lanes, perSecond }
}
