import type { IdentityRefusal } from '../../edge/messages/enrol.js'

interface Said {
  readonly status: number
  readonly text: string
}

const said: Readonly<Record<IdentityRefusal, Said>> = {
  noCertificate: { status: 401, text: 'a certificate of this gateway is needed' },
  foreignCertificate: { status: 403, text: 'this certificate is not of this gateway, or not for this' },
  certificateExpired: { status: 403, text: 'the certificate is not valid now' },
  certificateRevoked: { status: 403, text: 'the certificate was revoked: the box needs a new token' },
  unknownEdge: { status: 403, text: 'no edge of this id is in the configuration of the gateway' },
  tokenUnknown: { status: 403, text: 'the gateway knows no such token' },
  tokenUsed: { status: 403, text: 'the token was used already, with another key' },
  tokenExpired: { status: 403, text: 'the token has expired: make a new one' },
  tokenOfAnother: { status: 403, text: 'the token is for another edge' },
  tokenExhausted: { status: 403, text: 'the token was tried too often: make a new one' },
  keyNotProven: { status: 403, text: 'the asker did not prove that it holds the key' },
}

/** Why an edge is given nothing; the edges' listener turns it into its answer. */
export class IdentityRefused extends Error {
  override readonly name = 'IdentityRefused'
  readonly why: IdentityRefusal
  readonly status: number

  constructor(why: IdentityRefusal) {
    super(said[why].text)
    this.why = why
    this.status = said[why].status
  }
}
