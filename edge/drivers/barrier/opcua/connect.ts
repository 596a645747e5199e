import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { messageOf } from '../../../base/error.js'
import type { Clock } from '../../../base/clock.js'
import type { Logger } from '../../../base/log.js'
import { ownCertificate, type OwnCertificate } from './certificates.js'
import type { OpcuaConfig } from './config.js'
import type { PlcSession } from './session.js'

/** Opens a fresh session, or rejects with a sentence that says what to do; gives up when the signal fires. */
export type Connect = (closing: AbortSignal) => Promise<PlcSession>

type ConnectConfig = Pick<
  OpcuaConfig,
  'endpoint' | 'serverCertificateFile' | 'pkiDir' | 'policy' | 'samplingMs' | 'connectWithinMs'
>

/**
 * The way to one PLC. The library is loaded on the first call: whoever only checks a
 * configuration does without its second of start-up and its 70 MB.
 */
export function connectTo(config: ConnectConfig, given: { clock: Clock; log: Logger }): Connect {
  let own: OwnCertificate | null = null
  return async (closing) => {
    const { PlcSession, certificateShownBy, keepLibraryQuiet } = await import('./session.js')
    keepLibraryQuiet(given.log)
    const pinned = readPinned(config.serverCertificateFile)
    own ??= await ownCertificate(config.pkiDir, given.clock.now().wallMs)
    try {
      return await PlcSession.open(
        { endpoint: config.endpoint, policy: config.policy, samplingMs: config.samplingMs, own, pinned },
        closing,
      )
    } catch (error) {
      if (closing.aborted) throw error
      const shown = await certificateShownBy(config.endpoint, own, closing)
      throw new Error(explain(error, config, own, pinned, shown), { cause: error })
    }
  }
}

function readPinned(file: string): Buffer {
  try {
    return new X509Certificate(readFileSync(file)).raw
  } catch (error) {
    throw new Error(
      `The certificate of the PLC cannot be read from ${file} (${messageOf(error)}); copy it there as PEM.`,
      { cause: error },
    )
  }
}

function explain(
  error: unknown,
  config: ConnectConfig,
  own: OwnCertificate,
  pinned: Buffer,
  shown: Buffer | null,
): string {
  if (shown === null)
    return `The PLC does not answer at ${config.endpoint}; check its power, the address and the network.`
  if (!shown.equals(pinned)) {
    const [is, was] = [shown, pinned].map((one) => new X509Certificate(one).fingerprint256.slice(0, 29))
    return `The PLC shows another certificate (${is}…) than the pinned one (${was}…) and is not trusted; if it was renewed on purpose, copy it to ${config.serverCertificateFile}.`
  }
  return `The PLC refuses us (${firstLine(messageOf(error))}); check that it trusts ${own.certificateFile} and offers ${config.policy} with SignAndEncrypt.`
}

function firstLine(text: string): string {
  return (text.split('\n')[0] ?? '').trim().slice(0, 150)
}
