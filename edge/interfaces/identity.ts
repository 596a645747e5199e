/** What an edge proves itself with towards its gateway, and knows the gateway by. All PEM. */
export interface EdgeIdentity {
  readonly keyPem: string
  /** The edge's certificate, and what leads from it to the authority. */
  readonly certificatePem: string
  /** Whoever one of these has signed is the gateway, and nobody else. */
  readonly authorityPem: string
}

/** The identity that is in force; it changes with a renewal, and when the box is enrolled while it runs. */
export interface IdentitySource {
  /** Null: the box is not enrolled. */
  current(): EdgeIdentity | null
  /** Where the root record lies that came with the identity, if one came; absent: nowhere. */
  readonly rootFile?: string
  /** Calls back with each new one; returns how to stop that. */
  onChanged(listener: () => void): () => void
}
