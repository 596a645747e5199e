import type { Problem } from '../../edge/base/result.js'

/** Why the gateway does not do what a person asked; `error` is the key `api.<error>` of the text catalogue. */
export type RefusalCode =
  | 'notSignedIn'
  | 'linkUsed'
  | 'wrongSignIn'
  | 'weakPassphrase'
  | 'tooManyTries'
  | 'foreignOrigin'
  | 'foreignHost'
  | 'notAllowed'
  | 'needsOfficer'
  | 'needsInspector'
  | 'needsSupervisor'
  | 'needsMaintainer'
  | 'needsAuditor'
  | 'notFound'
  | 'invalid'
  | 'tooLarge'
  | 'conflict'
  | 'closed'
  | 'passageEnded'
  | 'passageNotCurrent'
  | 'interceptNeedsReason'
  | 'interceptNeedsOrder'
  | 'wrongState'
  | 'notAnInspector'
  | 'needsReason'
  | 'stillLocked'
  | 'listMovedOn'
  | 'foreignAgency'
  | 'needsApproval'
  | 'secondPerson'
  | 'noKeysHere'
  | 'noKey'
  | 'wrongPassphrase'
  | 'edgeAway'
  | 'idUsed'
  | 'noDelta'
  | 'storeNotWritable'
  | 'internal'

/** HTTP status of each refusal. */
export const statusOf: Readonly<Record<RefusalCode, number>> = {
  notSignedIn: 401,
  linkUsed: 401,
  wrongSignIn: 401,
  weakPassphrase: 422,
  tooManyTries: 429,
  foreignOrigin: 403,
  foreignHost: 403,
  notAllowed: 403,
  needsOfficer: 403,
  needsInspector: 403,
  needsSupervisor: 403,
  needsMaintainer: 403,
  needsAuditor: 403,
  notFound: 404,
  invalid: 400,
  tooLarge: 413,
  conflict: 409,
  closed: 409,
  passageEnded: 409,
  passageNotCurrent: 409,
  interceptNeedsReason: 422,
  interceptNeedsOrder: 422,
  wrongState: 409,
  notAnInspector: 422,
  needsReason: 422,
  stillLocked: 409,
  listMovedOn: 409,
  foreignAgency: 403,
  needsApproval: 409,
  secondPerson: 403,
  noKeysHere: 403,
  noKey: 403,
  wrongPassphrase: 400,
  edgeAway: 409,
  idUsed: 409,
  noDelta: 404,
  storeNotWritable: 503,
  internal: 500,
}

/** Thrown by what serves a request; the API turns it into its answer. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly error: RefusalCode
  readonly status: number
  readonly problems: readonly Problem[] | undefined

  constructor(error: RefusalCode, message: string, problems?: readonly Problem[]) {
    super(message)
    this.error = error
    this.status = statusOf[error]
    this.problems = problems
  }
}
