import { z } from 'zod'
import type { Result } from '../base/result.js'
import { isFilter } from './topics.js'

const filter = z.string().max(256).refine(isFilter, {
  error: 'This is no topic filter: "#" stands alone at the end, "+" alone between slashes.',
})

const userSchema = z.strictObject({
  name: z.string().regex(/^[A-Za-z0-9._-]{1,64}$/, {
    error: 'A user name has 1 to 64 letters, digits, dots, underlines or dashes.',
  }),
  secretFile: z.string().min(1),
  /** Filters of the topics it may publish to; absent: none. */
  publish: z.array(filter).max(64).default([]),
  /** Filters it may subscribe to, or to a part of; absent: none. */
  subscribe: z.array(filter).max(64).default([]),
})

const schema = z
  .strictObject({
    host: z.string().min(1).default('127.0.0.1'),
    /** 0: any free one, for tests and the demo. */
    port: z.int().min(0).max(65_535).default(1_884),
    /** Without it the bus listens on this machine only. */
    tls: z.strictObject({ certificateFile: z.string().min(1), keyFile: z.string().min(1) }).optional(),
    users: z.array(userSchema).min(1).max(256),
    maxPacketBytes: z.int().min(512).max(1_048_576).default(65_536),
    maxClients: z.int().min(1).max(1_024).default(64),
    /** Messages of QoS 0 above this rate are dropped, per client and before they cost anything. */
    maxPublishesPerSecond: z.int().min(1).max(100_000).default(5_000),
    /** A client that takes nothing for so long is thrown out: until then it delays all others. */
    drainTimeoutMs: z.int().min(100).max(60_000).default(1_000),
    connectTimeoutMs: z.int().min(100).max(60_000).default(5_000),
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

export type ReaderBusConfig = z.output<typeof schema>

/** Settings of the reader bus, each explained in this folder's README; all problems at once. */
export function parseReaderBusConfig(raw: unknown): Result<ReaderBusConfig> {
  const parsed = schema.safeParse(raw)
  if (parsed.success) return { ok: true, value: parsed.data }
  return {
    ok: false,
    problems: parsed.error.issues.map((issue) => ({
      path: issue.path.map(String).join('.'),
      message: issue.message,
      ...(issue.code === 'unrecognized_keys'
        ? { remedy: 'Remove it, or mend its spelling; the README of edge/reader-bus names all settings.' }
        : {}),
    })),
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)
}
