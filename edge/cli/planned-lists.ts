import { readFileSync, statSync } from 'node:fs'
import { z } from 'zod'
import { canonicalJson } from '../base/canonical.js'
import { messageOf } from '../base/error.js'
import { bad, ok, type Problem, type Result } from '../base/result.js'
import { readYaml } from '../config/load.js'
import { defaultCargoPolicy, noCargoFacts, type CargoFacts } from '../domain/decision/cargo.js'
import type { DecisionInputs } from '../domain/decision/types.js'
import { viewOf } from '../domain/decision/view.js'
import {
  controlUnder,
  identitiesUnder,
  ListsChange,
  type CannotTell,
} from '../domain/decision/what-if-lists.js'
import type { CargoAsk } from '../domain/lane/cargo-inputs.js'
import { lookUpCargo } from '../lane/cargo-lookup.js'
import { cargoListNames, listEntrySchema, listNames } from '../messages/entities.js'
import { looksOf } from '../messages/list-looks.js'
import { settingProblems } from '../messages/text/issue-problem.js'
import { RecordedLists } from './recorded-lists.js'

/** What a recorded passage becomes under changed lists, and what its record does not tell of that. */
export interface UnderLists {
  readonly inputs: DecisionInputs
  /** Empty: the inputs are those that the lane would have had. */
  readonly cannotTell: readonly string[]
}

const deletionSchema = z.strictObject({ delete: z.enum(listNames), key: z.string().min(1).max(128) })
const lineSchema = z.union([deletionSchema, listEntrySchema])
const fileSchema = z.strictObject({
  upserts: z.array(listEntrySchema).max(200_000).default([]),
  deletes: z
    .array(z.strictObject({ list: z.enum(listNames), key: z.string().min(1).max(128) }))
    .max(200_000)
    .default([]),
})
const fileMaxBytes = 128 * 1_024 * 1_024
const problemsMax = 20

/**
 * Planned list entries. `.ndjson`: one entry a line as the wire has it, or `{"delete": "orders", "key": "O-1"}`;
 * anything else: YAML or JSON with `upserts` (entries) and `deletes` (`{list, key}`).
 */
export function readListsChange(file: string): Result<ListsChange> {
  try {
    if (statSync(file).size > fileMaxBytes)
      return bad(file, 'it is larger than 128 MB.', 'Plan the change in several files.')
    return file.endsWith('.ndjson') ? ofLines(readFileSync(file, 'utf8')) : ofFile(file)
  } catch (error) {
    return bad(file, `it cannot be read: ${messageOf(error)}`, 'Name a file that is there.')
  }
}

function ofLines(text: string): Result<ListsChange> {
  const change = new ListsChange()
  const problems: Problem[] = []
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '' || problems.length >= problemsMax) continue
    const found = entryOf(line)
    if (typeof found === 'string')
      problems.push({
        path: `line ${index + 1}`,
        message: found,
        remedy: 'Write an entry as the lists have it, or {"delete": LIST, "key": KEY}.',
      })
    else if ('delete' in found) change.delete(found.delete, found.key)
    else change.put(found)
  }
  return problems.length > 0 ? { ok: false, problems } : ok(change)
}

function entryOf(line: string): z.infer<typeof lineSchema> | string {
  let raw: unknown
  try {
    raw = JSON.parse(line)
  } catch (error) {
    return `${messageOf(error)}.`
  }
  const isDeletion = typeof raw === 'object' && raw !== null && 'delete' in raw
  const parsed = isDeletion ? deletionSchema.safeParse(raw) : listEntrySchema.safeParse(raw)
  if (parsed.success) return parsed.data
  return parsed.error.issues.map(({ path, message }) => `${path.map(String).join('.')} ${message}`).join('; ')
}

function ofFile(file: string): Result<ListsChange> {
  const raw = readYaml(file)
  if (!raw.ok) return raw
  const parsed = fileSchema.safeParse(raw.value)
  if (!parsed.success) {
    return { ok: false, problems: settingProblems(parsed.error, raw.value).slice(0, problemsMax) }
  }
  const change = new ListsChange()
  for (const { list, key } of parsed.data.deletes) change.delete(list, key)
  for (const entry of parsed.data.upserts) change.put(entry)
  return ok(change)
}

/**
 * The inputs of a recorded decision as they would be if the lists had held the change: identities first,
 * then driver and load by the lane's own chain of lookups, then orders and blacklist on whatever names follow.
 * Ages and versions of the lists stay as recorded: that they are fresh is another question.
 */
export async function underLists(recorded: DecisionInputs, change: ListsChange): Promise<UnderLists> {
  const missing = new Set<string>()
  const cannotTell: CannotTell = (what) => missing.add(what)
  const bare: DecisionInputs = {
    ...recorded,
    facts: { ...recorded.facts, ...identitiesUnder(recorded, change, cannotTell) },
  }
  const cargo = await cargoUnder(recorded, bare, change, cannotTell)
  const asked = cargo === undefined ? bare : { ...bare, facts: { ...bare.facts, cargo } }
  const control = controlUnder(recorded, asked, change, cannotTell)
  return { inputs: { ...asked, facts: { ...asked.facts, ...control } }, cannotTell: [...missing] }
}

async function cargoUnder(
  recorded: DecisionInputs,
  bare: DecisionInputs,
  change: ListsChange,
  cannotTell: CannotTell,
): Promise<CargoFacts | undefined> {
  const { cargo } = recorded.facts
  if (cargo === undefined) return undefined
  const before = askOf(recorded, cargo)
  const ask = askOf(bare, cargo)
  const sameAsk = canonicalJson(before) === canonicalJson(ask)
  if (sameAsk && !change.concerns(cargoListNames)) return cargo
  if (canonicalJson(cargo) === canonicalJson(noCargoFacts)) {
    // The lists had not answered, or nobody was there to ask about.
    if (!sameAsk || isNamed(ask, change)) cannotTell('driver and load were not answered')
    return cargo
  }
  const looked = await lookUpCargo(new RecordedLists(recorded, change, before.vehicleId), ask, {
    nowMs: recorded.now.wallMs,
    tripNow: (trip) => trip,
    onFailed: (_list, error) => {
      cannotTell(messageOf(error))
    },
  })
  // What partners said at the lane is no list.
  return { ...looked, police: cargo.police, customs: cargo.customs }
}

/** The question that the lane asked the lists, as far as what was recorded tells. */
function askOf(inputs: DecisionInputs, facts: CargoFacts): CargoAsk {
  const { profile, policy, observations } = inputs
  const vehicle = viewOf(inputs).main?.vehicle ?? null
  const seen = observations.cargo
  const confidenceMin = policy.cargo?.containerConfidenceMin ?? defaultCargoPolicy.containerConfidenceMin
  const containers = seen?.containers ?? null
  const read = containers?.filter(({ confidence }) => confidence >= confidenceMin)
  const card = seen?.driverCard ?? null
  return {
    direction: profile.crossing === 'RI' || profile.crossing === 'SI' ? 'in' : 'out',
    vehicleId: vehicle?.vehicleId ?? null,
    companyIds: vehicle?.companyId === undefined ? [] : [vehicle.companyId],
    driverCards: [...new Set([...Object.keys(facts.drivers), ...(card === null ? [] : [card])])].sort(),
    containers: (containers ?? []).map(({ number }) => number),
    read: read?.map(({ number }) => number) ?? null,
    sealIds: (seen?.seals ?? []).map(({ sealId }) => sealId),
    needsArea: profile.needs?.includes('area') === true,
  }
}

/** Something is planned under a name that this question has in it. */
function isNamed(ask: CargoAsk, change: ListsChange): boolean {
  const vehicle = ask.vehicleId === null ? [] : [ask.vehicleId]
  const names = new Set([
    ...vehicle,
    ...ask.companyIds,
    ...ask.driverCards,
    ...ask.containers,
    ...ask.sealIds,
  ])
  const kinds = ['driver', 'trip', 'fitness', 'terminalOrder', 'release'] as const
  const looks = cargoListNames.flatMap((list) =>
    kinds.flatMap((kind) => change.entries(list, kind).flatMap(looksOf)),
  )
  return (
    looks.some(({ value }) => names.has(value)) ||
    cargoListNames.some((list) => [...names].some((name) => change.of(list, name) !== undefined))
  )
}
