import { z } from 'zod'
import { agencies } from '../../edge/messages/agencies.js'
import { roles } from '../domain/roles.js'
import { noticeKinds } from '../store/people.js'

/** Signing in by name and passphrase, and what people are told about their own sign-ins. */

/** `POST /api/sign-in` */
export const signInRequestSchema = z.strictObject({
  name: z.string().min(1).max(64),
  passphrase: z.string().min(1).max(1_024),
})
export type SignInRequest = z.infer<typeof signInRequestSchema>

/** `POST /api/session/passphrase` */
export const passphraseRequestSchema = z.strictObject({
  passphrase: z.string().min(1).max(1_024),
  /** The one up to now; absent only in a session that began with a link (`maySet`). */
  current: z.string().max(1_024).optional(),
})
export type PassphraseRequest = z.infer<typeof passphraseRequestSchema>

/** `POST /api/session/notices`: those up to this one were read. */
export const noticesSeenSchema = z.strictObject({ upTo: z.number().int().min(0) })

const noticeSchema = z.object({
  id: z.number(),
  /** UTC ms. */
  at: z.number(),
  kind: z.enum(noticeKinds),
  /** Who had a link made; null: nobody else had a part in it. */
  by: z.string().nullable(),
  /** Null: the gateway's own machine. */
  address: z.string().nullable(),
  /** Null: not read yet. */
  seenAt: z.number().nullable(),
})
export type NoticeState = z.infer<typeof noticeSchema>

/** Whether this person may do one thing, and which role it needs; null: none. */
const mayStateSchema = z.object({ may: z.boolean(), needs: z.enum(roles).nullable() })

/** `GET /api/session` */
export const sessionStateSchema = z.object({
  operator: z.string(),
  roles: z.array(z.enum(roles)),
  /** Whose orders the person places and lifts; null: nobody's. */
  agency: z.enum(agencies).nullable(),
  by: z.enum(['link', 'passphrase']),
  hasPassphrase: z.boolean(),
  /** This session may set a passphrase without the one up to now. */
  maySet: z.boolean(),
  /** The newest first, at most 20. */
  notices: z.array(noticeSchema),
  /**
   * By method and address as in `rights.ts`, with the list's name in it where the role depends on it; what a lane is
   * told as `command:setMode:AUTO`, `command:holdAll:on`, `command:manualRaise`.
   */
  rights: z.record(z.string(), mayStateSchema),
})
export type SessionState = z.infer<typeof sessionStateSchema>
