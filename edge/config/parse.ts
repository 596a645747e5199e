import path from 'node:path'
import { z } from 'zod'
import { hashOf } from '../base/hash.js'
import type { Problem, Result } from '../base/result.js'
import { cargoProfiles } from '../domain/decision/cargo-profiles.js'
import { changedPolicy } from '../domain/decision/policy.js'
import { profiles } from '../domain/decision/profiles.js'
import { rules } from '../domain/decision/ruleset.js'
import type { ShadowRuleset } from '../domain/decision/ruleset-data.js'
import type { DecisionPolicy, LaneProfile } from '../domain/decision/types.js'
import type { LaneSettings } from '../domain/lane/types.js'
import { secretCode } from '../domain/lists/control.js'
import { barrierDrivers } from '../drivers/barrier/index.js'
import { readerDrivers } from '../drivers/reader/index.js'
import type { Barrier, BarrierGiven } from '../interfaces/barrier.js'
import type { Reader, ReaderGiven } from '../interfaces/reader.js'
import { settingProblems } from '../messages/text/issue-problem.js'
import { parseReaderBusConfig, type ReaderBusConfig } from '../reader-bus/config.js'
import { edgeFileSchema, type EdgeFile, type Feed } from './schema.js'

export interface ReaderSettings {
  readonly id: string
  readonly kind: string
  readonly feeds: readonly Feed[]
  readonly open: (given: ReaderGiven) => Reader
}

export interface LaneConfig {
  /** Without `idPrefix`, which needs the epoch of the store. */
  readonly settings: Omit<LaneSettings, 'idPrefix'>
  readonly openBarrier: (given: BarrierGiven) => Barrier
}

/** A configuration that holds: everything in it can be opened. */
export interface EdgeConfig {
  readonly site: string
  readonly edge: string
  readonly dataDir: string
  readonly language: EdgeFile['language']
  readonly logLevel: EdgeFile['logLevel']
  readonly gateway: EdgeFile['gateway']
  readonly journal: EdgeFile['journal']
  readonly readerBus: ReaderBusConfig | null
  readonly readers: readonly ReaderSettings[]
  readonly lanes: readonly LaneConfig[]
  /** Over the file as parsed, defaults included; it stands in every decision. */
  readonly configHash: string
  /** Public keys that release receipts may be signed with; absent: no receipt counts. */
  readonly receiptKeys?: readonly string[]
  readonly trust?: { readonly rootFile?: string; readonly copyFile?: string; readonly unsigned?: true }
  /** Where the ruleset and the key for it are; absent: the numbers of this configuration stand. */
  readonly ruleset?: {
    readonly file?: string
    readonly publicKey: string
    readonly shadowFile?: string
  }
  /** Decides beside the ruleset in force, and moves nothing. */
  readonly shadow?: ShadowRuleset
  /** Name of the ruleset in force; absent: none is. */
  readonly rulesetVersion?: string
}

/**
 * Parses the content of a configuration file. `beside` turns a path of the file into an absolute
 * one. All problems come at once.
 */
export function parseEdgeConfig(raw: unknown, beside: (named: string) => string): Result<EdgeConfig> {
  const shape = edgeFileSchema.safeParse(raw)
  if (!shape.success)
    return { ok: false, problems: [...settingProblems(shape.error, raw), ...partProblems(raw, beside)] }
  const file = shape.data
  const problems: Problem[] = [...crossProblems(file)]
  const keep = <T>(at: string, result: Result<T>): T | undefined => {
    if (result.ok) return result.value
    problems.push(...placedAt(at, result))
    return undefined
  }

  const readers = file.readers.map((reader, index) => {
    const { id, kind, feeds, ...own } = reader
    const open = keep(`readers.${index}`, openerOf(readerDrivers, kind, absolutePaths(own, beside)))
    return open && { id, kind, feeds, open }
  })
  const lanes = file.lanes.map((lane, index) => {
    const at = `lanes.${index}`
    const { kind, ...own } = lane.barrier
    const openBarrier = keep(`${at}.barrier`, openerOf(barrierDrivers, kind, absolutePaths(own, beside)))
    const settings = keep(`${at}`, settingsOf(lane, file))
    return openBarrier && settings && { settings, openBarrier }
  })
  const readerBus = file.readerBus
    ? keep('readerBus', parseReaderBusConfig(absolutePaths(file.readerBus, beside)))
    : null

  const openReaders = readers.filter((reader) => reader !== undefined)
  const openLanes = lanes.filter((lane) => lane !== undefined)
  if (problems.length > 0 || readerBus === undefined) return { ok: false, problems }
  return {
    ok: true,
    value: {
      site: file.site,
      edge: file.edge,
      dataDir: beside(file.dataDir),
      language: file.language,
      logLevel: file.logLevel,
      gateway: file.gateway,
      journal: file.journal,
      readerBus,
      readers: openReaders,
      lanes: openLanes,
      configHash: hashOf(file),
      ...(file.receiptKeys && { receiptKeys: file.receiptKeys }),
      ...(file.trust && {
        trust: {
          ...(file.trust.unsigned && { unsigned: true }),
          ...(file.trust.rootFile !== undefined && { rootFile: beside(file.trust.rootFile) }),
          ...(file.trust.copyFile !== undefined && { copyFile: beside(file.trust.copyFile) }),
        },
      }),
      ...(file.ruleset && {
        ruleset: {
          publicKey: beside(file.ruleset.publicKey),
          ...(file.ruleset.file !== undefined && { file: beside(file.ruleset.file) }),
          ...(file.ruleset.shadowFile !== undefined && { shadowFile: beside(file.ruleset.shadowFile) }),
        },
      }),
    },
  }
}

const partSchema = z.looseObject({ kind: z.string() })
const partsSchema = z.looseObject({
  readers: z.array(z.unknown()).max(64).catch([]),
  lanes: z
    .array(z.looseObject({ barrier: z.unknown() }).catch({ barrier: undefined }))
    .max(8)
    .catch([]),
  readerBus: z.unknown(),
})

/** What drivers and bus say of their parts where the file is wrong elsewhere: who mends it wants to know of all at once. */
function* partProblems(raw: unknown, beside: (named: string) => string): Generator<Problem> {
  const parts = partsSchema.safeParse(raw)
  if (!parts.success) return
  const { readers, lanes, readerBus } = parts.data
  for (const [index, reader] of readers.entries()) {
    const part = partSchema.safeParse(reader)
    if (!part.success) continue
    const { id: _id, kind, feeds: _feeds, ...own } = part.data
    yield* placedAt(`readers.${index}`, openerOf(readerDrivers, kind, absolutePaths(own, beside)))
  }
  for (const [index, { barrier }] of lanes.entries()) {
    const part = partSchema.safeParse(barrier)
    if (!part.success) continue
    const { kind, ...own } = part.data
    yield* placedAt(`lanes.${index}.barrier`, openerOf(barrierDrivers, kind, absolutePaths(own, beside)))
  }
  if (readerBus !== null && typeof readerBus === 'object')
    yield* placedAt('readerBus', parseReaderBusConfig(absolutePaths(readerBus, beside)))
}

function placedAt(at: string, result: Result<unknown>): readonly Problem[] {
  if (result.ok) return []
  return result.problems.map((p) => ({ ...p, path: p.path === '' ? at : `${at}.${p.path}` }))
}

type Opener<Given, Opened> = (given: Given) => Opened

interface AnyDriver<Given, Opened> {
  parseConfig(raw: unknown): Result<unknown>
  open(config: never, given: Given): Opened
}

/** Finds the driver of a kind and lets it judge its own settings. */
function openerOf<Given, Opened>(
  drivers: Readonly<Record<string, AnyDriver<Given, Opened>>>,
  kind: string,
  own: Readonly<Record<string, unknown>>,
): Result<Opener<Given, Opened>> {
  const driver = Object.hasOwn(drivers, kind) ? drivers[kind] : undefined
  if (!driver) {
    const known = Object.keys(drivers).join(', ')
    return {
      ok: false,
      problems: [{ path: 'kind', message: `unknown kind "${kind}".`, remedy: `Known: ${known}.` }],
    }
  }
  const parsed = driver.parseConfig(own)
  if (!parsed.ok) return parsed
  // What parseConfig returned is what this same driver's open takes; the registry only hides its name.
  return { ok: true, value: (given) => driver.open(parsed.value as never, given) }
}

function settingsOf(lane: EdgeFile['lanes'][number], file: EdgeFile): Result<Omit<LaneSettings, 'idPrefix'>> {
  const named = profileOf(lane)
  if (!named.ok) return named
  const fed = file.readers.filter((reader) => reader.feeds.some((feed) => feed.lane === lane.id))
  return {
    ok: true,
    value: {
      id: lane.id,
      direction: lane.direction,
      profile: named.value,
      decision: policyOf(lane.decision),
      timing: lane.timing,
      disinfection: lane.disinfection,
      modes: lane.modes,
      ...(lane.bays && {
        bays: lane.bays.map(({ reasons, ...bay }) => ({ ...bay, ...(reasons && { reasons }) })),
      }),
      initialMode: lane.mode,
      requiredDevices: [...(lane.requires ?? fed.map((reader) => reader.id)), lane.id],
    },
  }
}

/** Thresholds of driver and load that the file does not name are the table's, and stand nowhere. */
function policyOf({ cargo, byClass, ...rest }: EdgeFile['lanes'][number]['decision']): DecisionPolicy {
  return changedPolicy({ ...rest, ...(cargo !== undefined && { cargo }) }, { byClass })
}

/** The profile as named, with what it needs replaced where the lane says so. */
function profileOf({ profile: name, needs, direction }: EdgeFile['lanes'][number]): Result<LaneProfile> {
  const all: Readonly<Record<string, LaneProfile>> = { ...profiles, ...cargoProfiles }
  const profile = Object.hasOwn(all, name) ? all[name] : undefined
  const problems: Problem[] = []
  if (!profile)
    problems.push({
      path: 'profile',
      message: `unknown profile "${name}".`,
      remedy: `Known: ${Object.keys(all).join(', ')}.`,
    })
  for (const [index, need] of (needs ?? []).entries()) {
    if (needs?.indexOf(need) !== index)
      problems.push({
        path: `needs.${index}`,
        message: `"${need}" is given twice.`,
        remedy: 'Once is enough.',
      })
  }
  const isInward = profile?.crossing === 'RI' || profile?.crossing === 'SI'
  // Papers are of one direction: a lane that asks for those of the other finds nobody's.
  if (profile && Object.hasOwn(cargoProfiles, name) && isInward !== (direction === 'in'))
    problems.push({
      path: 'direction',
      message: `profile "${name}" is for the other direction.`,
      remedy: `Say ${isInward ? 'in' : 'out'}, or name another profile.`,
    })
  if (!profile || problems.length > 0) return { ok: false, problems }
  return { ok: true, value: needs === undefined ? profile : { ...profile, needs } }
}

/** How the gateway is spoken to. Not a matter of form, so that one of them hides no other problem. */
const gatewayProtocols = { mqtt: 'mqtts:', http: 'https:' } as const

function* protocolProblems(gateway: EdgeFile['gateway']): Generator<Problem> {
  for (const member of ['mqtt', 'http'] as const) {
    const wanted = gatewayProtocols[member]
    if (new URL(gateway[member]).protocol === wanted) continue
    yield {
      path: `gateway.${member}`,
      message: 'edge and gateway know each other by certificates, and never speak in clear.',
      remedy: `Write an address that begins with ${wanted}//.`,
    }
  }
}

function* trustProblems({ trust }: EdgeFile): Generator<Problem> {
  if (!trust?.unsigned || (trust.rootFile ?? trust.copyFile) === undefined) return
  yield {
    path: 'trust.unsigned',
    message: 'lists are either unsigned or of a root.',
    remedy: 'Remove trust.unsigned: signed is what a port needs.',
  }
}

function* crossProblems(file: EdgeFile): Generator<Problem> {
  yield* protocolProblems(file.gateway)
  yield* trustProblems(file)
  const lanes = new Set(file.lanes.map((lane) => lane.id))
  const readers = new Set(file.readers.map((reader) => reader.id))
  yield* duplicates('lanes', file.lanes)
  yield* duplicates('readers', file.readers)
  for (const [index, reader] of file.readers.entries()) {
    if (lanes.has(reader.id)) {
      yield {
        path: `readers.${index}.id`,
        message: `"${reader.id}" is also a lane.`,
        remedy: 'Give every device a name of its own.',
      }
    }
    for (const [feedIndex, feed] of reader.feeds.entries()) {
      if (lanes.has(feed.lane)) continue
      const known = [...lanes].join(', ')
      yield {
        path: `readers.${index}.feeds.${feedIndex}.lane`,
        message: `there is no lane "${feed.lane}".`,
        remedy: `Lanes: ${known}.`,
      }
    }
  }
  for (const [index, lane] of file.lanes.entries()) {
    yield* bayProblems(`lanes.${index}.bays`, lane.bays ?? [])
    const fed = file.readers.some((reader) => reader.feeds.some((feed) => feed.lane === lane.id))
    if (!fed) {
      yield {
        path: `lanes.${index}`,
        message: `no reader feeds lane "${lane.id}".`,
        remedy: 'Name the lane in the feeds of a reader.',
      }
    }
    for (const [at, required] of (lane.requires ?? []).entries()) {
      if (readers.has(required)) continue
      yield {
        path: `lanes.${index}.requires.${at}`,
        message: `there is no reader "${required}".`,
        remedy: 'Name a reader of this file.',
      }
    }
  }
}

/** Reasons that a person may read: a bay for secret orders would tell of them. */
const readableCodes = new Set(rules.map(({ code }) => code).filter((code) => code !== secretCode))

function* bayProblems(at: string, bays: NonNullable<EdgeFile['lanes'][number]['bays']>): Generator<Problem> {
  yield* duplicates(at, bays)
  for (const [index, { reasons = [] }] of bays.entries())
    for (const [place, code] of reasons.entries())
      if (!readableCodes.has(code))
        yield {
          path: `${at}.${index}.reasons.${place}`,
          message: `no vehicle is sent to a bay for "${code}".`,
          remedy: 'Name codes of docs/decision-table.md; RND-01 stands for draws and secret orders alike.',
        }
}

function* duplicates(at: string, items: readonly { readonly id: string }[]): Generator<Problem> {
  const seen = new Set<string>()
  for (const [index, item] of items.entries()) {
    if (seen.has(item.id))
      yield { path: `${at}.${index}.id`, message: `"${item.id}" is given twice.`, remedy: 'Ids are unique.' }
    seen.add(item.id)
  }
}

/** Settings whose name ends in File, Dir or is `path` are paths of the configuration file, at any depth. */
function absolutePaths<T>(value: T, beside: (named: string) => string): T
function absolutePaths(value: unknown, beside: (named: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => absolutePaths(item as unknown, beside))
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value).map(([key, member]: [string, unknown]) => {
      const isPath =
        typeof member === 'string' && (key === 'path' || /(File|Dir)$/.test(key)) && !path.isAbsolute(member)
      return [key, isPath ? beside(member) : absolutePaths(member, beside)]
    }),
  )
}
