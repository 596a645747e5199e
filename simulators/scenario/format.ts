import { z } from 'zod'
import { bad, ok, type Problem, type Result } from '../../edge/base/result.js'
import { laneModes, verdictAnswers } from '../../edge/messages/down.js'
import { listNames } from '../../edge/messages/entities.js'
import { behaviours } from '../vehicle/driver.js'
import { conditions, conditionWords, type Condition } from './conditions.js'
import { entryLine } from './entries.js'
import { sensedLine, shownSchema } from './findings.js'
import { durationSchema } from './times.js'

/** The format of scenario files: data that is a test, a demo and a description at once. */
const laneSchema = z.number().int().min(1).max(8)
const plateTextSchema = z.string().min(1).max(16)

/** What can be broken and mended again. */
export const breakables = [
  'readerLink',
  'uplink',
  'broker',
  'gateway',
  'edge',
  'plc',
  'plcLink',
  'barrierMotor',
  'entryLoop',
  'exitLoop',
  'journal',
  'clock',
  'noise',
  'flood',
  'sprayer',
  /** Nobody may be sprayed: somebody stands near the vehicle. */
  'people',
  'devices',
] as const
export type Breakable = (typeof breakables)[number]

const vehicleSchema = z.strictObject({
  kind: z.enum(['CAR', 'COACH', 'TRUCK']).default('CAR'),
  lengthM: z.number().min(1).max(40).optional(),
  /** Stretches behind the front that no loop feels: [from, to] in metres. */
  gaps: z.array(z.tuple([z.number(), z.number()])).default([]),
  tags: z
    .array(
      z.union([
        z.string().min(1).max(128),
        z.strictObject({
          epc: z.string().min(1).max(128),
          tid: z.string().max(64).optional(),
          behindFrontM: z.number().min(0).default(1),
          strengthDbm: z.number().min(-90).max(-20).default(-45),
          silentForMs: durationSchema.optional(),
        }),
      ]),
    )
    .default([]),
  plates: z.array(plateTextSchema).default([]),
  /** To the devices of the lane, each time it comes. */
  shows: z.array(shownSchema).default([]),
})

/** What a lane is for. Absent: cars into the country. */
const laneKindSchema = z.strictObject({
  /** By its name in the edge's configuration. */
  profile: z.string().min(1).max(64),
  /** What must be positively known, instead of what the profile names. */
  needs: z.array(z.string().min(1).max(32)).optional(),
  sprayer: z.boolean().default(false),
})
export type LaneKind = z.infer<typeof laneKindSchema>

export type { Condition } from './conditions.js'

/** The doing lines, by the word that stands in them. */
const deeds = {
  drives: z.strictObject({
    drives: z.string(),
    lane: laneSchema,
    how: z.enum(behaviours).default('stopsAtLine'),
    patience: durationSchema.optional(),
    stands: durationSchema.optional(),
    /** This time, instead of what it otherwise shows of the same. */
    shows: z.array(shownSchema).default([]),
  }),
  tag: z.strictObject({
    tag: z.string().min(1).max(128),
    lane: laneSchema,
    rssiDbm: z.number().default(-50),
    times: z.number().int().min(1).max(100_000).default(1),
    every: durationSchema.default(50),
  }),
  plate: z.strictObject({
    plate: plateTextSchema,
    lane: laneSchema,
    confidence: z.number().min(0).max(1).default(0.97),
  }),
  break: z.strictObject({
    break: z.enum(breakables),
    lane: laneSchema.optional(),
    /** Mended by itself after this long; absent: a `mend` line does it. */
    for: durationSchema.optional(),
    /** What exactly, where there is a choice: see `faults.md`. */
    how: z.string().max(40).optional(),
    /** How much, in the unit that `how` has. */
    much: z.number().optional(),
  }),
  mend: z.strictObject({ mend: z.enum(breakables), lane: laneSchema.optional() }),
  operator: z.strictObject({
    operator: z.enum(verdictAnswers),
    lane: laneSchema,
    reason: z.string().max(500).default(''),
    orderIds: z.array(z.string()).default([]),
    /** `fresh`: an honest answer to the newest open escalation of the lane. */
    as: z
      .enum(['fresh', 'repeated', 'expired', 'retained', 'forOtherPassage', 'forOtherLane', 'forged'])
      .default('fresh'),
  }),
  command: z.strictObject({
    command: z.enum(['setMode', 'holdAll', 'closePassage', 'manualRaise']),
    lane: laneSchema,
    mode: z.enum(laneModes).optional(),
    incidentId: z.string().optional(),
    /** The emergency order of `holdAll` is over. */
    ends: z.boolean().default(false),
    /** EMERGENCY_OPEN: the second person, and for how long. */
    confirmedBy: z.string().min(1).optional(),
    for: durationSchema.optional(),
    /** `manualRaise`: for the vehicle that is in the lane then. */
    orderIds: z.array(z.string().min(1)).default([]),
    reason: z.string().default(''),
  }),
  /** A device of the lane finds something, whoever stands there. */
  finds: z.strictObject({ finds: sensedLine, lane: laneSchema }),
  put: z.strictObject({ put: entryLine }),
  /** Other values in an entry that the scenario has put there, as it put it last. */
  change: z.strictObject({
    change: z.string(),
    list: z.enum(listNames),
    to: z.record(z.string(), z.unknown()),
  }),
  remove: z.strictObject({ remove: z.string(), list: z.enum(listNames) }),
  /** An officer unlocks a container at the gateway. */
  unlock: z.strictObject({ unlock: z.string(), reason: z.string().min(1).max(500) }),
  /** The site's emergency order: every lane holds, by one incident. */
  incident: z.strictObject({ incident: z.string().min(1).max(40), reason: z.string().min(1) }),
  /** Another ruleset is put in force, with these numbers instead of the ones that were. */
  ruleset: z.strictObject({
    ruleset: z.string().min(1).max(40),
    version: z.number().int().min(1),
    policy: z.record(z.string(), z.unknown()),
  }),
} as const
export type DeedWord = keyof typeof deeds
export const deedWords = Object.keys(deeds) as DeedWord[]

export type Deed = { [Word in DeedWord]: { readonly is: Word } & z.infer<(typeof deeds)[Word]> }[DeedWord]

/** One line of the timeline. */
export type Line =
  /** Done at `atMs`, or, with `on`, as soon after it as the condition comes true. */
  | { readonly kind: 'do'; readonly atMs: number; readonly on: Condition | null; readonly deed: Deed }
  /** Must come true at `atMs` or up to `withinMs` later; with `since`, what happened from then on counts. */
  | {
      readonly kind: 'expect'
      readonly atMs: number
      readonly withinMs: number
      readonly sinceMs: number
      readonly condition: Condition
    }
  /** Must not come true from `atMs` for `forMs`. */
  | { readonly kind: 'never'; readonly atMs: number; readonly forMs: number; readonly condition: Condition }

const headSchema = z.strictObject({
  /** Of the acceptance scenarios, or the code of the rule that is shown. */
  number: z.union([z.number().int().min(1).max(999), z.string().min(1).max(20)]).optional(),
  /** A sentence that a gate operator understands. */
  name: z.string().min(5).max(120),
  /** The same in Chinese. */
  nameZh: z.string().min(2).max(120).optional(),
  /** What does not exist yet and would have to, for this to be played; with any of it the scenario waits. */
  needs: z.array(z.string().min(2).max(80)).default([]),
  why: z.string().max(2_000).optional(),
  seed: z.number().int().min(0).default(1),
  lanes: z.number().int().min(1).max(8).default(1),
  /** How long after 08:00 UTC of its day it begins, where the hour matters. */
  startsAfter: durationSchema.default(0),
  /** The gateway draws trips for inspection; else draws are what `lists` says. */
  draws: z.boolean().default(false),
  /** Which worlds can play it. */
  worlds: z.array(z.enum(['virtual', 'real'])).default(['virtual', 'real']),
  /** Is also played against real processes where that is asked for: it takes its time on the clock of the wall. */
  real: z.boolean().default(false),
  /** Differences from the standard lane settings, by dotted path (`decision.ordersStaleOtherMs`). */
  settings: z.record(z.string(), z.union([z.number(), z.string(), z.boolean()])).default({}),
  /** What the lanes are for: all of them, or each in turn. */
  lane: z.union([laneKindSchema, z.array(laneKindSchema).min(1)]).optional(),
  lists: z.array(entryLine).default([]),
  vehicles: z.record(z.string(), vehicleSchema).default({}),
  timeline: z.array(z.record(z.string(), z.unknown())).min(1),
})

export interface Scenario extends Omit<z.infer<typeof headSchema>, 'timeline'> {
  /** In order of their time. */
  readonly lines: readonly Line[]
  /** When the last line is over. */
  readonly endMs: number
}

/** What a lane is for; undefined: the standard lane. */
export function laneKindOf({ lane }: Pick<Scenario, 'lane'>, number: number): LaneKind | undefined {
  return Array.isArray(lane) ? lane[(number - 1) % lane.length] : lane
}

/** Reads the data of a scenario file, or says everything that is wrong with it. */
export function parseScenario(raw: unknown): Result<Scenario> {
  const head = headSchema.safeParse(raw)
  if (!head.success) return { ok: false, problems: problemsOf(head.error, '') }
  const problems: Problem[] = []
  const lines: Line[] = []
  head.data.timeline.forEach((line, index) => {
    const parsed = parseLines(line, `timeline.${index}`)
    if (parsed.ok) lines.push(...parsed.value)
    else problems.push(...parsed.problems)
  })
  problems.push(...checkNames(head.data, lines))
  if (head.data.real && !head.data.worlds.includes('real')) {
    problems.push({
      path: 'real',
      message: 'real processes cannot play this.',
      remedy: 'Leave real out, or put real into worlds.',
    })
  }
  if (problems.length > 0) return { ok: false, problems }
  const endMs = Math.max(...lines.map((line) => line.atMs + lengthOf(line)))
  const ordered = lines.map((line, index) => ({ line, index }))
  ordered.sort((a, b) => a.line.atMs - b.line.atMs || a.index - b.index)
  return ok({ ...head.data, lines: ordered.map(({ line }) => line), endMs })
}

function lengthOf(line: Line): number {
  if (line.kind === 'expect') return line.withinMs
  return line.kind === 'never' ? line.forMs : 0
}

const repeatSchema = z.strictObject({
  times: z.number().int().min(1).max(1_000),
  every: durationSchema,
})

/** One line of the file; with `repeat`, the same again and again, each a while after the one before. */
function parseLines(line: Readonly<Record<string, unknown>>, path: string): Result<readonly Line[]> {
  const { repeat, ...once } = line
  const parsed = parseLine(once, path)
  if (!parsed.ok) return parsed
  if (repeat === undefined) return ok([parsed.value])
  const repeated = repeatSchema.safeParse(repeat)
  if (!repeated.success) return { ok: false, problems: problemsOf(repeated.error, `${path}.repeat`) }
  const { times, every } = repeated.data
  return ok(Array.from({ length: times }, (_, time) => later(parsed.value, time * every)))
}

function later(line: Line, byMs: number): Line {
  const moved = { ...line, atMs: line.atMs + byMs }
  return moved.kind === 'expect' ? { ...moved, sinceMs: moved.sinceMs + byMs } : moved
}

function parseLine(line: Readonly<Record<string, unknown>>, path: string): Result<Line> {
  const { at, ...rest } = line
  const atMs = durationSchema.safeParse(at)
  if (!atMs.success) return bad(`${path}.at`, 'a line needs the time at which it begins.', 'Write at: 1.5s.')
  if ('expect' in rest) return parseExpect(rest, path, atMs.data)
  if ('never' in rest) return parseNever(rest, path, atMs.data)
  const { on, ...deed } = rest
  const words = deedWords.filter((word) => word in deed)
  const [word] = words
  if (word === undefined || words.length > 1) {
    return bad(
      path,
      'a line does exactly one thing.',
      `Use one of ${[...deedWords, 'expect', 'never'].join(', ')}.`,
    )
  }
  const parsed = deeds[word].safeParse(deed)
  if (!parsed.success) return { ok: false, problems: problemsOf(parsed.error, path) }
  const condition = on === undefined ? ok(null) : parseCondition(on, `${path}.on`)
  if (!condition.ok) return condition
  return ok({ kind: 'do', atMs: atMs.data, on: condition.value, deed: { is: word, ...parsed.data } as Deed })
}

function parseExpect(rest: Readonly<Record<string, unknown>>, path: string, atMs: number): Result<Line> {
  const { within, since, expect, ...members } = rest
  const withinMs = durationSchema.safeParse(within ?? 0)
  if (!withinMs.success) return { ok: false, problems: problemsOf(withinMs.error, `${path}.within`) }
  const sinceMs = durationSchema.safeParse(since ?? 0)
  if (!sinceMs.success) return { ok: false, problems: problemsOf(sinceMs.error, `${path}.since`) }
  const condition = parseCondition({ ...members, is: expect }, path)
  if (!condition.ok) return condition
  return ok({
    kind: 'expect',
    atMs,
    withinMs: withinMs.data,
    sinceMs: sinceMs.data,
    condition: condition.value,
  })
}

function parseNever(rest: Readonly<Record<string, unknown>>, path: string, atMs: number): Result<Line> {
  const { for: length, never, ...members } = rest
  const forMs = durationSchema.safeParse(length)
  if (!forMs.success) return bad(`${path}.for`, 'a "never" line needs a length.', 'Write for: 10s.')
  const condition = parseCondition({ ...members, is: never }, path)
  if (!condition.ok) return condition
  return ok({ kind: 'never', atMs, forMs: forMs.data, condition: condition.value })
}

function parseCondition(raw: unknown, path: string): Result<Condition> {
  const given = z.looseObject({ is: z.string(), lane: laneSchema.optional() }).safeParse(raw)
  if (!given.success) return { ok: false, problems: problemsOf(given.error, path) }
  const { is, lane, ...members } = given.data
  const word = conditionWords.find((known) => known === is)
  if (!word) return bad(path, `"${is}" is nothing to wait for.`, `Use one of ${conditionWords.join(', ')}.`)
  const parsed = conditions[word].safeParse(members)
  if (!parsed.success) return { ok: false, problems: problemsOf(parsed.error, path) }
  return ok({ is: word, lane: lane ?? null, ...parsed.data } as Condition)
}

/** Vehicles and lanes that lines speak of must be there. */
function checkNames(head: z.infer<typeof headSchema>, lines: readonly Line[]): Problem[] {
  const problems: Problem[] = []
  for (const line of lines) {
    const vehicle =
      line.kind === 'do' && line.deed.is === 'drives'
        ? line.deed.drives
        : line.kind !== 'do' && line.condition.is === 'left'
          ? line.condition.vehicle
          : null
    if (vehicle !== null && !(vehicle in head.vehicles)) {
      problems.push({
        path: 'timeline',
        message: `there is no vehicle "${vehicle}".`,
        remedy: `Add it under vehicles, or use one of ${Object.keys(head.vehicles).join(', ')}.`,
      })
    }
    const lane = line.kind === 'do' ? ('lane' in line.deed ? line.deed.lane : undefined) : line.condition.lane
    if (lane !== undefined && lane !== null && lane > head.lanes) {
      problems.push({
        path: 'timeline',
        message: `there is no lane ${lane}.`,
        remedy: `Set lanes: ${lane} or more.`,
      })
    }
  }
  return problems
}

function problemsOf(error: z.ZodError, path: string): Problem[] {
  return error.issues.map((issue) => ({
    path: [path, ...issue.path.map(String)].filter((part) => part !== '').join('.'),
    message: issue.message,
  }))
}
