import { z } from 'zod'
import type { Result } from '../../../base/result.js'
import { settingProblems } from '../../../messages/text/issue-problem.js'
import { guidanceNames, laneNodeNames, plcNodeNames, sprayerNodeNames } from './nodes.js'

const nodeId = z
  .string()
  .max(200)
  .regex(/^(ns=\d{1,5};)?[isgb]=.+$/, {
    error: 'This is no OPC UA node id. Write it as ns=<index>;s=<name> (or i=, g=, b=).',
  })
const prefix = z
  .string()
  .max(150)
  .regex(/^(ns=\d{1,5};)?s=/, {
    error: 'A prefix is the beginning of a text node id, e.g. "ns=1;s=lane-1.".',
  })

const ids = <Name extends string>(names: readonly Name[], one: z.ZodType) =>
  z.strictObject(Object.fromEntries(names.map((name) => [name, one.optional()])))

/** Settings as they stand in the file, beside `kind`. */
export const opcuaSchema = z
  .strictObject({
    endpoint: z
      .string()
      .max(300)
      .regex(/^opc\.tcp:\/\/[^\s/]+(:\d+)?(\/\S*)?$/, {
        error: 'The address of the PLC is written opc.tcp://<host>:<port>.',
      })
      .describe('Address of the PLC, opc.tcp://<host>:<port>.'),
    serverCertificateFile: z
      .string()
      .min(1)
      .describe('Certificate of the PLC, PEM: only with exactly this one the PLC is taken for itself.'),
    pkiDir: z
      .string()
      .min(1)
      .describe(
        'Our own certificate and key, made on the first start; the PLC must trust own/certs/certificate.pem in it.',
      ),
    policy: z
      .enum(['Basic256Sha256', 'Aes128_Sha256_RsaOaep', 'Aes256_Sha256_RsaPss'])
      .default('Basic256Sha256')
      .describe('Security policy; every message is signed and encrypted.'),
    nodePrefix: prefix.optional().describe("Beginning of the lane's node ids; absent: ns=1;s=<lane>."),
    plcPrefix: prefix.default('ns=1;s=plc.').describe('Beginning of the node ids of the PLC as a whole.'),
    nodes: ids(laneNodeNames, nodeId)
      .extend(ids(guidanceNames, nodeId.nullable()).shape)
      .default({})
      .describe(
        'Node ids that differ from prefix and name; null for a lamp, board or voice that is not there.',
      ),
    sprayer: z
      .strictObject({
        nodes: ids(sprayerNodeNames, nodeId)
          .default({})
          .describe('Node ids of the sprayer that differ from prefix and name.'),
      })
      .optional()
      .describe('The lane has a disinfection sprayer behind this PLC; absent: none.'),
    battery: z
      .strictObject({
        node: nodeId.optional().describe('Its node id, if it differs from prefix and OnBattery.'),
      })
      .optional()
      .describe(
        'The lane has a battery and the PLC tells whether it runs on it: it serves who is there and closes. Absent: it does not tell.',
      ),
    plcNodes: ids(plcNodeNames, nodeId)
      .default({})
      .describe('Node ids of the PLC that differ from prefix and name.'),
    raiseWithinMs: z
      .int()
      .min(50)
      .max(5_000)
      .default(500)
      .describe('Deadline of a request to raise or spray.'),
    connectWithinMs: z.int().min(500).max(30_000).default(3_000).describe('Deadline of a try to connect.'),
    heartbeatEveryMs: z
      .int()
      .min(50)
      .max(2_000)
      .default(200)
      .describe('How often our counter goes to the PLC.'),
    tickSilentMs: z
      .int()
      .min(300)
      .max(10_000)
      .default(1_000)
      .describe("The PLC's counter standing still for so long means that nothing of it is known any more."),
    samplingMs: z.int().min(10).max(1_000).default(20).describe('Sampling that is asked of the PLC.'),
    samplingMaxMs: z
      .int()
      .min(20)
      .max(1_000)
      .default(50)
      .describe('Sampling that is still good enough; slower, the values are polled.'),
    pollEveryMs: z.int().min(20).max(1_000).default(50).describe('How often they are polled then.'),
  })
  .refine((config) => config.tickSilentMs > config.heartbeatEveryMs, {
    path: ['tickSilentMs'],
    error: 'It must be longer than heartbeatEveryMs.',
  })

type Parsed = z.output<typeof opcuaSchema>
type NamedIds = Readonly<Partial<Record<string, string | null>>>

/** Settings of an `opcua` barrier, explained in README.md. */
export interface OpcuaConfig extends Omit<Parsed, 'nodes' | 'plcNodes' | 'sprayer' | 'battery'> {
  readonly nodes: NamedIds
  readonly sprayer?: { readonly nodes: Readonly<Partial<Record<string, string>>> }
  readonly battery?: { readonly node?: string }
  readonly plcNodes: Readonly<Partial<Record<string, string>>>
}

/** All problems at once, each with its place. Opens and reads nothing. */
export function parseConfig(raw: unknown): Result<OpcuaConfig> {
  const parsed = opcuaSchema.safeParse(raw)
  if (!parsed.success) return { ok: false, problems: settingProblems(parsed.error, raw) }
  const { sprayer, battery, ...value }: Parsed = parsed.data
  return {
    ok: true,
    value: {
      ...value,
      ...(sprayer && { sprayer: sprayer as NonNullable<OpcuaConfig['sprayer']> }),
      ...(battery && { battery: battery.node === undefined ? {} : { node: battery.node } }),
      nodes: value.nodes as NamedIds,
      plcNodes: value.plcNodes as OpcuaConfig['plcNodes'],
    },
  }
}
