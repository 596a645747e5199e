import { readFileSync, readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { z } from 'zod'
import { ok, type Problem, type Result } from '../edge/base/result.js'
import { idSchema } from '../edge/messages/envelope.js'
import { agencies, listNames } from '../edge/messages/entities.js'
import { settingProblems } from '../edge/messages/text/issue-problem.js'
import { parseTrust, trustPaths, trustSettingSchema, type TrustConfig } from './trust/config.js'
import { crossProblems } from './config-checks.js'
import { roles } from './domain/roles.js'
import { drawRatesSchema } from './predecision/draw-rates.js'
import { tollingSchema } from './lists/formats/agencies.js'

const day = 86_400_000

const tlsSchema = z.strictObject({
  keyFile: z.string().min(1).describe('PEM, mode 0600.'),
  certFile: z.string().min(1).describe('PEM, the whole chain.'),
})

const listenSchema = (port: number) =>
  z.strictObject({
    host: z.string().min(1).default('127.0.0.1').describe('Beyond loopback only with tls.'),
    port: z.number().int().min(0).max(65_535).default(port).describe('0: any free one.'),
    tls: tlsSchema.optional(),
  })

const edgeListenSchema = (port: number) =>
  z.strictObject({
    host: z.string().min(1).default('127.0.0.1').describe('An address of this machine; 0.0.0.0: all.'),
    port: z.number().int().min(0).max(65_535).default(port).describe('0: any free one.'),
  })

/** The gateway's configuration file as people write it; unknown keys are problems, defaults are filled in. */
export const gatewayFileSchema = z.strictObject({
  version: z.literal(1),
  site: idSchema,
  dataDir: z.string().min(1).describe('Where the store lives; relative to this file.'),
  http: listenSchema(8080)
    .extend({
      publicOrigins: z
        .array(z.url({ protocol: /^https?$/ }))
        .max(16)
        .default([])
        .describe(
          'Origins under which browsers reach the console through a proxy, e.g. https://gate.example.',
        ),
    })
    .prefault({}),
  mqtt: edgeListenSchema(8883)
    .extend({
      maxClients: z.number().int().min(1).max(10_000).default(1_000).describe('Connections at once.'),
    })
    .prefault({})
    .describe('Where edges connect: always TLS 1.3, with certificates of the authority on both sides.'),
  edgeHttp: edgeListenSchema(8444).prefault({}).describe('Where edges enrol and fetch lists: HTTPS.'),
  authority: z
    .strictObject({
      names: z
        .array(z.string().regex(/^[A-Za-z0-9.:-]{1,253}$/, { error: 'a host name or an address' }))
        .max(32)
        .default([])
        .describe('Names and addresses under which edges reach this gateway, beside those of this machine.'),
      certificateDays: z
        .number()
        .int()
        .min(1)
        .max(825)
        .default(90)
        .describe('How long an edge is certified.'),
      tokenForMs: z
        .number()
        .int()
        .min(60_000)
        .max(7 * day)
        .default(3_600_000)
        .describe('How long an enrolment token is good.'),
      keyFile: z.string().min(1).optional().describe('PEM, mode 0600; absent: authority/ in dataDir.'),
      certFile: z.string().min(1).optional().describe('PEM; the first goes with the key.'),
    })
    .prefault({})
    .describe("The gateway's own certificate authority, made at the first start."),
  edges: z.array(z.strictObject({ edgeId: idSchema })).max(10_000),
  initialLists: z
    .partialRecord(z.enum(listNames), z.string().min(1))
    .default({})
    .describe('NDJSON or JSON array, read once: when the store has no version of that list.'),
  operator: z
    .string()
    .min(1)
    .max(64)
    .default('operator')
    .describe('Name of who signs in by the printed link.'),
  people: z
    .array(
      z.strictObject({
        name: z.string().min(1).max(64).describe('As they sign in.'),
        roles: z.array(z.enum(roles)).min(1).max(roles.length),
        agency: z
          .enum(agencies)
          .optional()
          .describe('Whose orders this person places and lifts. With two such people, orders take two.'),
      }),
    )
    .max(1_000)
    .default([])
    .describe(
      'Who may change what. Empty: the operator everything, others nothing. Who is not named may look.',
    ),
  secretOrderReaders: z
    .array(z.string().min(1).max(64))
    .max(256)
    .default([])
    .describe(
      'Names of who may know of secret orders, and read whole records; everybody else reads of a draw.',
    ),
  operatorLinkForMs: z.number().int().min(10_000).max(day).default(900_000),
  session: z
    .strictObject({
      idleMs: z
        .number()
        .int()
        .min(60_000)
        .max(30 * day)
        .default(3_600_000),
      absoluteMs: z
        .number()
        .int()
        .min(60_000)
        .max(30 * day)
        .default(43_200_000),
    })
    .prefault({}),
  verdictForMs: z
    .number()
    .int()
    .min(1_000)
    .max(600_000)
    .default(60_000)
    .describe('A verdict or command is void this long after it was given.'),
  higherLevelMs: z
    .number()
    .int()
    .min(1_000)
    .max(3_600_000)
    .default(180_000)
    .describe('How long an escalation waits at level 2 before it rises to 3.'),
  retention: z
    .strictObject({
      eventsForMs: z
        .number()
        .int()
        .min(day)
        .default(365 * day),
      auditForMs: z
        .number()
        .int()
        .min(day)
        .default(3 * 365 * day),
      listVersions: z.number().int().min(2).max(10_000).default(256),
      usedUpForMs: z
        .number()
        .int()
        .min(day)
        .default(30 * day)
        .describe(
          'Trips that crossed so long ago leave the lists, with the papers that were used up on them.',
        ),
    })
    .prefault({}),
  predecision: z
    .strictObject({
      enabled: z.boolean().default(true).describe('Vet, draw and plan trips before they come.'),
      site: z.enum(['road', 'sea']).default('road').describe('Which gates the trips come to.'),
      drawRates: drawRatesSchema,
      riskGoods: z
        .array(z.string().min(1).max(64))
        .max(1_000)
        .default([])
        .describe('Classes of goods that are vetted by a person unless the firm is of class 1.'),
    })
    .prefault({}),
  inspection: z
    .strictObject({
      checkInWithinMs: z
        .number()
        .int()
        .min(60_000)
        .max(day)
        .default(900_000)
        .describe('A vehicle sent to inspection that has not come so long after it left the lane is sought.'),
      receiptForMs: z
        .number()
        .int()
        .min(60_000)
        .max(30 * day)
        .default(3 * day)
        .describe('How long a release receipt is good.'),
      receiptIssuers: z
        .array(z.string().min(1).max(64))
        .max(1_000)
        .default([])
        .describe('Names of who may issue release receipts by hand, in the name of any agency.'),
      inspectors: z
        .array(z.string().min(1).max(64))
        .max(1_000)
        .default([])
        .describe(
          'Names under which inspectors sign in: one is drawn for each task. Empty: whoever takes it.',
        ),
    })
    .prefault({}),
  trust: trustSettingSchema
    .optional()
    .describe('Signs which versions of the lists are the newest; required: keys, or `unsigned`.'),
  tolling: tollingSchema
    .optional()
    .describe('Tag lists of toll agencies; absent: no files of theirs are taken.'),
  consoleDir: z.string().min(1).optional().describe("The built console; absent: the program's own."),
  logLevel: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
})

export type GatewayConfig = Omit<z.infer<typeof gatewayFileSchema>, 'trust'> & {
  /** Absent: lists are unsigned, as the file says in so many words. */
  readonly trust?: TrustConfig
}
export type ListenConfig = z.infer<ReturnType<typeof listenSchema>>

/**
 * A configuration, or all that is wrong with it. Files are not opened ({@link checkGatewayFiles} does
 * that). With `baseDir`, the folder of the configuration file, relative paths become absolute.
 */
export function parseGatewayConfig(raw: unknown, baseDir?: string): Result<GatewayConfig> {
  const parsed = gatewayFileSchema.safeParse(raw)
  if (!parsed.success)
    return {
      ok: false,
      problems: [...settingProblems(parsed.error, raw), ...restProblems(raw, parsed.error)],
    }
  const { whole, problems } = judged(parsed.data)
  const config = baseDir === undefined ? whole : withPaths(whole, baseDir)
  return problems.length > 0 ? { ok: false, problems } : ok(config)
}

type GatewayFile = z.infer<typeof gatewayFileSchema>

function judged({ trust: setting, ...rest }: GatewayFile): {
  readonly whole: GatewayConfig
  readonly problems: readonly Problem[]
} {
  const trust = parseTrust(setting)
  const whole = trust.ok && trust.value ? { ...rest, trust: trust.value } : rest
  return { whole, problems: [...(trust.ok ? [] : trust.problems), ...crossProblems(whole)] }
}

/** What must be there, for a look at the rest. */
const bare = { version: 1, site: 'site', dataDir: 'data', edges: [] }

/**
 * What does not go together among the settings whose form is right, where others have not: who mends those wants to know
 * of all at once. A setting with a problem of its form is left out, and what would be said of it.
 */
function restProblems(raw: unknown, { issues }: z.ZodError): readonly Problem[] {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return []
  const names = new Set(issues.map(({ path: [name] }) => String(name ?? '')))
  // People are judged by who the operator is.
  if (names.has('operator')) names.add('people')
  const known = Object.entries(raw).filter(
    ([name]) => !names.has(name) && Object.hasOwn(gatewayFileSchema.shape, name),
  )
  const rest = gatewayFileSchema.safeParse({ ...bare, ...Object.fromEntries(known) })
  if (!rest.success) return []
  return judged(rest.data).problems.filter(({ path: at }) => !names.has(at.split('.')[0] ?? ''))
}

/** What is wrong with the files a configuration names: missing, too open, too short. */
export function checkGatewayFiles(config: GatewayConfig): Problem[] {
  const problems: Problem[] = []
  const { tls } = config.http
  if (tls) {
    problems.push(...privateFileProblems(tls.keyFile, 'http.tls.keyFile'))
    problems.push(...readableProblems(tls.certFile, 'http.tls.certFile'))
  }
  // Without files of its own the authority is made at the first start; a key is never made in place of a named one.
  const { keyFile, certFile } = config.authority
  if (keyFile !== undefined) problems.push(...privateFileProblems(keyFile, 'authority.keyFile'))
  if (certFile !== undefined) problems.push(...readableProblems(certFile, 'authority.certFile'))
  const { recordsDir, keysDir, personsDir } = config.trust ?? {}
  for (const [name, folder] of Object.entries({ recordsDir, keysDir, personsDir }))
    if (folder !== undefined) problems.push(...folderProblems(folder, `trust.${name}`))
  for (const [list, file] of Object.entries(config.initialLists)) {
    problems.push(...readableProblems(file, `initialLists.${list}`))
  }
  return problems
}

function privateFileProblems(file: string, at: string): Problem[] {
  const problems = readableProblems(file, at)
  if (problems.length > 0) return problems
  const mode = statSync(file).mode & 0o777
  if ((mode & 0o077) === 0) return []
  return [
    {
      path: at,
      message: `${file} may be read by others (mode ${mode.toString(8)}).`,
      remedy: `Run \`chmod 600 ${file}\`, and make a new key if others may have read it.`,
    },
  ]
}

function folderProblems(folder: string, at: string): Problem[] {
  try {
    readdirSync(folder)
    return []
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
    const remedy = 'Copy it from the folder of `lanekeeper keys` (docs/keys.md), for the gateway to read.'
    return [{ path: at, message: `${folder} cannot be read (${why}).`, remedy }]
  }
}

function readableProblems(file: string, at: string): Problem[] {
  try {
    readFileSync(file)
    return []
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
    return [
      { path: at, message: `${file} cannot be read (${why}).`, remedy: 'Give the path of a readable file.' },
    ]
  }
}

function withPaths(config: GatewayConfig, baseDir: string): GatewayConfig {
  const at = (file: string) => path.resolve(baseDir, file)
  const { tls } = config.http
  const { keyFile, certFile } = config.authority
  return {
    ...config,
    dataDir: at(config.dataDir),
    http: {
      ...config.http,
      ...(tls && { tls: { keyFile: at(tls.keyFile), certFile: at(tls.certFile) } }),
    },
    authority: {
      ...config.authority,
      ...(keyFile !== undefined && { keyFile: at(keyFile) }),
      ...(certFile !== undefined && { certFile: at(certFile) }),
    },
    initialLists: Object.fromEntries(
      Object.entries(config.initialLists).map(([list, file]) => [list, at(file)]),
    ),
    ...(config.trust && { trust: trustPaths(config.trust, baseDir) }),
    ...(config.consoleDir === undefined ? {} : { consoleDir: at(config.consoleDir) }),
  }
}
