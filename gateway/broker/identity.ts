import { createHash, timingSafeEqual } from 'node:crypto'
import { LanekeeperError } from '../../edge/base/error.js'
import { describeProblems } from '../../edge/base/result.js'
import { readSecret, type GatewayConfig } from '../config.js'

/** The edges that may speak to this gateway, each with a secret of its own. */
export interface Enrolment {
  has(edgeId: string): boolean
  /** Takes the same time whether the edge is known and wherever the secret differs. */
  proves(edgeId: string, secret: Uint8Array | string): boolean
  edgeIds(): readonly string[]
}

/** Reads the secrets; throws `gateway.secrets` naming every file that will not do. */
export function readEnrolment(edges: GatewayConfig['edges']): Enrolment {
  const digests = new Map<string, Buffer>()
  const problems = edges.flatMap((edge, index) => {
    const secret = readSecret(edge.secretFile, `edges.${index}.secretFile`)
    if (!secret.ok) return [...secret.problems]
    digests.set(edge.edgeId, digestOf(secret.value))
    return []
  })
  if (problems.length > 0) throw new LanekeeperError('gateway.secrets', describeProblems(problems))
  const nobody = digestOf('nobody')
  return {
    has: (edgeId) => digests.has(edgeId),
    proves: (edgeId, secret) => {
      const known = digests.get(edgeId)
      // Digests have one length, which timingSafeEqual needs and which hides that of the secret.
      const same = timingSafeEqual(digestOf(secret), known ?? nobody)
      return same && known !== undefined
    },
    edgeIds: () => [...digests.keys()],
  }
}

function digestOf(secret: Uint8Array | string): Buffer {
  return createHash('sha256').update(secret).digest()
}
