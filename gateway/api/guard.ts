import type { FastifyReply, FastifyRequest } from 'fastify'
import { Refusal } from '../desk/refusal.js'
import type { Role } from '../domain/roles.js'
import { demandRight } from './rights.js'
import type { Session, Sessions } from './sessions.js'

/**
 * Who may use a route; `ownPage`: everybody, from a page of ours. A route that says nothing is for operators:
 * forgetting it opens nothing.
 */
export type Access = 'open' | 'ownPage' | 'operator' | 'edge' | 'operatorOrLoopback'

/** A session, and what its person may do. */
export interface SignedIn extends Session {
  readonly roles: readonly Role[]
}

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access
  }
  interface FastifyRequest {
    /** Set on routes for operators. */
    session: SignedIn | null
    /** Set by the listener for edges. */
    edgeId: string | null
  }
}

export interface GuardGiven {
  readonly sessions: Sessions
  readonly cookieName: () => string
  /** Host headers under which we are reached; anything else is a foreign name that points at us. */
  readonly hosts: () => ReadonlySet<string>
  readonly origins: () => ReadonlySet<string>
  readonly rolesOf: (operator: string) => readonly Role[]
}

/** Refuses, before a route runs, whatever has no right to it. Throws {@link Refusal}. */
export function guard(given: GuardGiven, request: FastifyRequest): void {
  const host = request.headers.host?.toLowerCase() ?? ''
  if (!given.hosts().has(host)) {
    throw new Refusal('foreignHost', 'the gateway is not known under this host name')
  }
  const access = request.routeOptions.config?.access ?? 'operator'
  switch (access) {
    case 'open':
      return
    case 'ownPage':
      // Another site must not sign a browser in under a name of its choice.
      return demandOwnOrigin(given, request)
    case 'edge':
      // Edges have a listener of their own (edge-server.ts), which knows them by their certificates.
      throw new Refusal('notSignedIn', 'this is for edges, and edges are served elsewhere')
    case 'operatorOrLoopback':
      if (!isLoopbackAddress(request.ip)) request.session = sessionOf(given, request)
      return
    case 'operator':
      request.session = sessionOf(given, request)
      if (!isReading(request.method)) demandOwnOrigin(given, request)
      demandRight(
        request.session.roles,
        request.method,
        request.routeOptions.url ?? '',
        paramsOf(request.params),
      )
  }
}

const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ')

export function setSecurityHeaders(reply: FastifyReply, isTls: boolean): void {
  reply.header('content-security-policy', contentSecurityPolicy)
  reply.header('x-content-type-options', 'nosniff')
  reply.header('x-frame-options', 'DENY')
  reply.header('referrer-policy', 'no-referrer')
  reply.header('cross-origin-opener-policy', 'same-origin')
  reply.header('cross-origin-resource-policy', 'same-origin')
  reply.header('permissions-policy', 'camera=(), microphone=(), geolocation=()')
  if (isTls) reply.header('strict-transport-security', 'max-age=31536000')
}

/** What the signed-in person of a route for operators may do. */
export function rolesOfPerson(request: FastifyRequest): readonly Role[] {
  return request.session?.roles ?? []
}

/** The signed-in person of a route for operators. */
export function operatorOf(request: FastifyRequest): string {
  if (!request.session)
    throw new Refusal('notSignedIn', 'sign in by name and passphrase, or with a one-time link')
  return request.session.operator
}

function sessionOf(given: GuardGiven, request: FastifyRequest): SignedIn {
  const session = given.sessions.find(request.cookies[given.cookieName()])
  if (!session) throw new Refusal('notSignedIn', 'sign in by name and passphrase, or with a one-time link')
  return { ...session, roles: given.rolesOf(session.operator) }
}

/** A page of another origin can send a request with our cookie; it cannot make the browser name us as its origin. */
function demandOwnOrigin(given: GuardGiven, request: FastifyRequest): void {
  const { origin } = request.headers
  if (origin === undefined || !given.origins().has(origin.toLowerCase())) {
    throw new Refusal('foreignOrigin', 'only the gateway’s own pages may change anything')
  }
}

function paramsOf(params: unknown): Readonly<Record<string, unknown>> {
  return typeof params === 'object' && params !== null ? { ...params } : {}
}

function isReading(method: string): boolean {
  return method === 'GET' || method === 'HEAD'
}

function isLoopbackAddress(address: string): boolean {
  return address === '::1' || /^(::ffff:)?127\./.test(address)
}
