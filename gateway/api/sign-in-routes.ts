import type { FastifyInstance, FastifyReply, FastifyRequest, FastifySchema } from 'fastify'
import { z } from 'zod'
import { Refusal } from '../desk/refusal.js'
import type { Agency } from '../../edge/messages/agencies.js'
import type { People } from '../people/people.js'
import { operatorOf, rolesOfPerson, type SignedIn } from './guard.js'
import { document, parse } from './parse.js'
import { rightsOf } from './rights.js'
import { apiErrorSchema } from './schemas.js'
import type { HttpServer } from './server.js'
import type { Begun, Sessions } from './sessions.js'
import {
  noticesSeenSchema,
  passphraseRequestSchema,
  sessionStateSchema,
  signInRequestSchema,
} from './sign-in-schemas.js'

export interface SignInRoutesGiven {
  readonly http: HttpServer
  readonly sessions: Sessions
  readonly people: People
  readonly agencyOf: (name: string) => Agency | undefined
}

const okSchema = z.object({ ok: z.boolean() })

/** Signing in by name and passphrase, and what a signed-in person may know and change about it. */
export function signInRoutes(
  app: FastifyInstance,
  { http, sessions, people, agencyOf }: SignInRoutesGiven,
): void {
  app.post(
    '/api/sign-in',
    {
      config: { access: 'ownPage' },
      schema: says('Sign in by name and passphrase', okSchema, {
        security: [],
        body: document(signInRequestSchema, 'input'),
      }),
    },
    async (request, reply) => {
      const { name, passphrase } = parse(signInRequestSchema, request.body)
      giveCookie(http, reply, await people.signIn(name, passphrase, request.ip))
      return { ok: true }
    },
  )

  app.post('/logout', { schema: says('End this session', okSchema) }, async (request, reply) => {
    await sessions.signOut(sessionOf(request))
    reply.clearCookie(http.cookieName, { path: '/' })
    return { ok: true }
  })

  app.get(
    '/api/session',
    { schema: says('Who is signed in, what that person may do, and what to know', sessionStateSchema) },
    async (request, reply) => {
      const { operator, by, maySet } = sessionOf(request)
      const roles = rolesOfPerson(request)
      reply.header('cache-control', 'no-store')
      return {
        ...{ operator, roles, by, hasPassphrase: people.hasPassphrase(operator) },
        agency: agencyOf(operator) ?? null,
        maySet: maySet && people.named(operator) !== undefined,
        notices: await people.notices(operator),
        rights: rightsOf(roles),
      }
    },
  )

  app.post(
    '/api/session/passphrase',
    {
      schema: says('Set one’s own passphrase; other sessions of this person end', okSchema, {
        body: document(passphraseRequestSchema, 'input'),
      }),
    },
    async (request) => {
      const asked = parse(passphraseRequestSchema, request.body)
      await people.setPassphrase(sessionOf(request), asked, request.ip)
      return { ok: true }
    },
  )

  app.post(
    '/api/session/notices',
    {
      schema: says('Notices up to that one were read', okSchema, {
        body: document(noticesSeenSchema, 'input'),
      }),
    },
    async (request) => {
      await people.markSeen(sessionOf(request), parse(noticesSeenSchema, request.body).upTo)
      return { ok: true }
    },
  )
}

/** Puts the id of a session that has just begun where only the browser itself reads it. */
export function giveCookie(http: HttpServer, reply: FastifyReply, session: Begun): void {
  reply.setCookie(http.cookieName, session.id, {
    path: '/',
    httpOnly: true,
    sameSite: 'strict',
    secure: http.isTls,
  })
}

function sessionOf(request: FastifyRequest): SignedIn {
  operatorOf(request)
  if (!request.session) throw new Refusal('notSignedIn', 'sign in first')
  return request.session
}

function says(summary: string, answer: z.ZodType, rest: FastifySchema = {}): FastifySchema {
  const refusal = document(apiErrorSchema)
  return {
    summary,
    tags: ['session'],
    security: [{ session: [] }],
    ...rest,
    response: { '2xx': document(answer), '4xx': refusal, '5xx': refusal },
  }
}
