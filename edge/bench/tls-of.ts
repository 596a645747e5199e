import type { IClientOptions } from 'mqtt'
import type { EdgeIdentity } from '../interfaces/identity.js'

/** What an edge proves itself with, as the MQTT client takes it. */
export function tlsOf(
  identity: Pick<EdgeIdentity, 'keyPem' | 'certificatePem' | 'authorityPem'>,
): Required<Pick<IClientOptions, 'key' | 'cert' | 'ca'>> {
  return { key: identity.keyPem, cert: identity.certificatePem, ca: identity.authorityPem }
}
