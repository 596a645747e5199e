import { z } from 'zod'
import type { Result } from '../base/result.js'
import { settingProblems } from '../messages/text/issue-problem.js'
import { isFilter } from './topics.js'

const filter = z.string().max(256).refine(isFilter, {
  error: 'This is no topic filter: "#" stands alone at the end, "+" alone between slashes.',
})

const userSchema = z.strictObject({
  name: z.string().regex(/^[A-Za-z0-9._-]{1,64}$/, {
    error: 'A user name has 1 to 64 letters, digits, dots, underlines or dashes.',
  }),
  secretFile: z.string().min(1).describe('One line of at least 12 characters, mode 0600.'),
  publish: z
    .array(filter)
    .max(64)
    .default([])
    .describe('Filters of the topics it may publish to; absent: none.'),
  subscribe: z
    .array(filter)
    .max(64)
    .default([])
    .describe('Filters it may subscribe to, or to a part of; absent: none.'),
})

/** Settings as they stand in the file. */
export const readerBusSchema = z
  .strictObject({
    host: z.string().min(1).default('127.0.0.1').describe('Another address than this machine only with tls.'),
    port: z.int().min(0).max(65_535).default(1_884).describe('0: any free one.'),
    tls: z
      .strictObject({ certificateFile: z.string().min(1), keyFile: z.string().min(1) })
      .optional()
      .describe('PEM; without it the bus listens on this machine only.'),
    users: z.array(userSchema).min(1).max(256).describe('Who may connect: the devices, and the edge itself.'),
    maxPacketBytes: z.int().min(512).max(1_048_576).default(65_536).describe('Longest packet in bytes.'),
    maxClients: z.int().min(1).max(1_024).default(64).describe('Connections at once.'),
    maxPublishesPerSecond: z
      .int()
      .min(1)
      .max(100_000)
      .default(5_000)
      .describe('Messages of QoS 0 above this rate are dropped, per client.'),
    drainTimeoutMs: z
      .int()
      .min(100)
      .max(60_000)
      .default(1_000)
      .describe('A client that takes nothing for so long is thrown out: until then it delays all others.'),
    connectTimeoutMs: z
      .int()
      .min(100)
      .max(60_000)
      .default(5_000)
      .describe('Longest wait for a login and for a TLS handshake.'),
  })
  .superRefine((bus, context) => {
    if (bus.tls === undefined && !isLoopback(bus.host))
      context.addIssue({
        code: 'custom',
        path: ['host'],
        message: `${bus.host} is not this machine, and secrets would cross the network in clear. Give tls, or use 127.0.0.1.`,
      })
    const names = bus.users.map((user) => user.name)
    for (const [index, name] of names.entries()) {
      if (names.indexOf(name) !== index)
        context.addIssue({
          code: 'custom',
          path: ['users', index, 'name'],
          message: `"${name}" is given twice. User names are unique.`,
        })
    }
  })

export type ReaderBusConfig = z.output<typeof readerBusSchema>

/** Settings of the reader bus, each explained in this folder's README; all problems at once. */
export function parseReaderBusConfig(raw: unknown): Result<ReaderBusConfig> {
  const parsed = readerBusSchema.safeParse(raw)
  if (parsed.success) return { ok: true, value: parsed.data }
  return { ok: false, problems: settingProblems(parsed.error, raw) }
}

/** Whether a host name or address can only be this machine. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)
}
