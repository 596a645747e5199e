import { createWriteStream, openSync } from 'node:fs'
import { once } from 'node:events'
import { InvalidArgumentError, type Command } from 'commander'
import { systemClock } from '../base/clock.js'
import { LanekeeperError } from '../base/error.js'
import { normaliseContainer } from '../domain/tag/container.js'
import { normalisePlate } from '../domain/tag/plate.js'
import { defaultPolicy } from '../domain/decision/profiles.js'
import { listNames, type ListName } from '../messages/entities.js'
import { whole } from './arguments.js'
import { exitCodes } from './exit.js'
import { apiSource, edgeSource, gatewaySource, type ListSource, type SeenList } from './lists-source.js'
import { told } from './spoken.js'
import { contentFaults, keptTrust, rootFaults, signatureFaults } from './lists-verify.js'

interface Where {
  readonly edge?: string
  readonly gateway?: string
  readonly link?: string
  readonly json?: boolean
}

/** Takes one line of what the command says. */
type Say = (line: string) => void

/** Differences and finds that are shown of one list; how many there are is always said. */
const shownMax = 1_000
const entriesMax = 20_000_000

/** The control lists as they stand at an edge or a gateway. */
export function addLists(program: Command, say: Say = print): void {
  const lists = program
    .command('lists')
    .description(
      'Look at control lists, at an edge or a gateway: their state, content, history. Changes nothing.',
    )
  where(lists.command('status').description('Each list: version, entries, age, who answers for it.')).action(
    (options: Where) => within(options, (source, given) => status(source, given, say)),
  )
  where(
    lists
      .command('verify')
      .description('Hash the content anew, and check the signatures that an edge keeps.')
      .option('--root <file>', 'root record that you trust; later ones stand beside it (root.<n>.json)')
      .option('--list <list>', 'this list only', listName),
  ).action((options: Where & { root?: string; list?: ListName }) =>
    within(options, (source, given) => verify(source, given, say)),
  )
  where(
    lists
      .command('diff')
      .description('What changed between two versions, or between an edge and a gateway.')
      .argument('<list>', listNames.join(', '), listName)
      .option('--from <version>', 'default: the version before', whole(1))
      .option('--to <version>', 'default: the newest', whole(1)),
  ).action((list: ListName, options: Where & { from?: number; to?: number }) => diff(list, options, say))
  where(
    lists
      .command('find')
      .description('Why is it on a list: a vehicle, tag, plate, container, driver, company or paper.')
      .argument('<text>', 'as it is written anywhere in an entry; plates and containers in any spelling')
      .option('--list <list>', 'this list only', listName),
  ).action((text: string, options: Where & { list?: ListName }) =>
    within(options, (source, given) => find(source, text, given, say)),
  )
  where(
    lists
      .command('export')
      .description('Write one version as NDJSON, an entry a line.')
      .argument('<list>', listNames.join(', '), listName)
      .option('--to-version <version>', 'default: the newest', whole(1))
      .option('--out <file>', 'default: standard output'),
  ).action((list: ListName, options: Where & { toVersion?: number; out?: string }) =>
    within(options, (source, given) => exported(source, list, given)),
  )
}

function where(command: Command): Command {
  return command
    .option('--edge <dir>', 'data directory of an edge; it may be in use')
    .option('--gateway <dir>', 'data directory of a gateway that does not run')
    .option('--link <address>', 'one-time sign-in link of a gateway that runs')
    .option('--json', 'one line of JSON each')
}

async function sourcesOf({ edge, gateway, link }: Where): Promise<ListSource[]> {
  const sources: ListSource[] = []
  if (edge !== undefined) sources.push(await edgeSource(edge))
  if (gateway !== undefined) sources.push(await gatewaySource(gateway))
  if (link !== undefined) sources.push(await apiSource(link))
  return sources
}

async function within<O extends Where>(
  options: O,
  work: (source: ListSource, options: O) => Promise<void>,
): Promise<void> {
  const sources = await sourcesOf(options)
  try {
    const [only, ...more] = sources
    if (!only || more.length > 0)
      throw new LanekeeperError('lists.where', 'name one place: --edge, --gateway or --link')
    await work(only, options)
  } finally {
    for (const source of sources) await source.close()
  }
}

async function status(source: ListSource, options: Where, say: Say): Promise<void> {
  const nowMs = systemClock.now().wallMs
  const trust = options.edge === undefined ? undefined : keptTrust(options.edge)
  for (const seen of await source.lists()) {
    const confirmedAt = seen.confirmedAt === undefined ? seen.publishedAt : seen.confirmedAt
    const ageMs = confirmedAt === null ? null : Math.max(0, nowMs - confirmedAt)
    const maxAge = maxAgeMs(seen.list)
    const signed = trust ? (signatureFaults(trust, seen)[0] ?? told`signed`) : told`not kept here`
    const { list, version, count, contentHash, isThere } = seen
    if (options.json)
      say(JSON.stringify({ list, version, count, contentHash, isThere, ageMs, ...maxAge, signed }))
    else {
      // At a gateway a list is as old as its last change, which says nothing about its freshness.
      const age = options.edge === undefined ? changed(ageMs) : confirmed(ageMs)
      const content = isThere ? told`${count} entries` : told`no content believed`
      const what = `${list.padEnd(15)} v${version}  ${content}  ${contentHash.slice(0, 16)}`
      say(`${what}  ${age}${limit(maxAge)}  ${signed}`)
    }
  }
}

function changed(ageMs: number | null): string {
  return ageMs === null ? told`changed never` : told`changed ${duration(ageMs)} ago`
}

function confirmed(ageMs: number | null): string {
  return ageMs === null ? told`confirmed never` : told`confirmed ${duration(ageMs)} ago`
}

function limit({ maxAgeMs, maxAgeLadenMs }: MaxAge): string {
  if (maxAgeMs === null) return ''
  return told`, at most ${duration(maxAgeLadenMs ?? maxAgeMs)} laden, ${duration(maxAgeMs)} else`
}

async function verify(
  source: ListSource,
  options: Where & { root?: string; list?: ListName },
  say: Say,
): Promise<void> {
  const trust = options.edge === undefined ? undefined : keptTrust(options.edge)
  if (options.root !== undefined && !trust)
    throw new LanekeeperError(
      'lists.trust',
      'signatures are kept at an edge: name --edge, whose folder has trust.json',
    )
  const root = trust && options.root !== undefined ? rootFaults(trust, options.root) : []
  let holds = root.length === 0
  for (const fault of root) say(options.json ? JSON.stringify({ root: fault }) : told`root: ${fault}`)
  for (const seen of await source.lists()) {
    if (options.list !== undefined && options.list !== seen.list) continue
    const faults = [...(await contentFaults(source, seen)), ...(trust ? signatureFaults(trust, seen) : [])]
    holds &&= faults.length === 0
    const { list, version } = seen
    if (options.json) say(JSON.stringify({ list, version, holds: faults.length === 0, faults }))
    else say(`${list} v${version}: ${faults.length === 0 ? told`holds` : faults.join('; ')}`)
  }
  if (!holds) process.exitCode = exitCodes.failed
}

async function diff(
  list: ListName,
  options: Where & { from?: number; to?: number },
  say: Say,
): Promise<void> {
  const sources = await sourcesOf(options)
  try {
    const [one, other = one] = sources
    if (!one || !other || sources.length > 2)
      throw new LanekeeperError('lists.where', 'name one place, or two of --edge, --gateway and --link')
    const to = await seenVersion(other, list, options.to)
    const before = one === other ? to.version - 1 : undefined
    const from = await seenVersion(one, list, options.from ?? before)
    await compare({ source: one, seen: from }, { source: other, seen: to }, options.json ?? false, say)
  } finally {
    for (const source of sources) await source.close()
  }
}

const ways = { added: told`added`, changed: told`changed`, gone: told`gone` } as const

interface Side {
  readonly source: ListSource
  readonly seen: SeenList
}

async function compare(from: Side, to: Side, json: boolean, say: Say): Promise<void> {
  const before = new Map<string, string>()
  for await (const entries of from.source.entries(from.seen)) {
    for (const { key, ownHash } of entries) before.set(key, ownHash)
    if (before.size > entriesMax)
      throw new LanekeeperError('lists.tooLarge', `more than ${entriesMax} entries`)
  }
  const counts = { added: 0, changed: 0, gone: 0 }
  let shown = 0
  const show = (what: keyof typeof counts, key: string, body?: string) => {
    counts[what] += 1
    shown += 1
    if (shown > shownMax) return
    const entry: unknown = body === undefined ? undefined : JSON.parse(body)
    if (json) say(JSON.stringify({ what, key, entry }))
    else say(`${ways[what]} ${key}${body === undefined ? '' : ` ${body}`}`)
  }
  for await (const entries of to.source.entries(to.seen)) {
    for (const { key, ownHash, body } of entries) {
      const was = before.get(key)
      before.delete(key)
      if (was === undefined) show('added', key, body)
      else if (was !== ownHash) show('changed', key, body)
    }
  }
  for (const key of before.keys()) show('gone', key)
  const at = ({ seen, source }: Side) => told`${seen.list} v${seen.version} at ${source.where}`
  if (json) say(JSON.stringify({ from: from.seen.version, to: to.seen.version, ...counts }))
  else {
    const { added, changed, gone } = counts
    say(told`${at(from)} -> ${at(to)}: ${added} added, ${changed} changed, ${gone} gone`)
  }
}

async function find(
  source: ListSource,
  text: string,
  options: Where & { list?: ListName },
  say: Say,
): Promise<void> {
  const plain = text.trim()
  const wanted = new Set([plain, plain.toUpperCase(), normalisePlate(plain), normaliseContainer(plain)])
  wanted.delete('')
  let found = 0
  for (const seen of await source.lists()) {
    if (options.list !== undefined && options.list !== seen.list) continue
    for await (const entries of source.entries(seen)) {
      for (const { key, body } of entries) {
        const at = [...wanted].some((one) => body.includes(one)) ? placesOf(JSON.parse(body), wanted) : []
        if (at.length === 0) continue
        found += 1
        if (found <= shownMax) await showFound(source, seen, { key, body, at }, options.json ?? false, say)
      }
    }
  }
  if (!options.json || found === 0)
    say(options.json ? JSON.stringify({ found }) : told`${found} entries at ${source.where}`)
  if (found === 0) process.exitCode = exitCodes.failed
}

async function showFound(
  source: ListSource,
  { list, version }: SeenList,
  { key, body, at }: { readonly key: string; readonly body: string; readonly at: readonly string[] },
  json: boolean,
  say: Say,
): Promise<void> {
  const history = await source.history(list, key)
  const entry: unknown = JSON.parse(body)
  if (json) {
    say(JSON.stringify({ list, version, key, at, entry, history }))
    return
  }
  say(`${list} ${key} (${at.join(', ')}): ${body}`)
  for (const { since, sinceAt, sinceBy, until, untilAt, untilBy } of history ?? []) {
    const begin = told`since v${since} (${moment(sinceAt)} by ${sinceBy ?? '?'})`
    const end =
      until === null ? told`until now` : told`until v${until} (${moment(untilAt)} by ${untilBy ?? '?'})`
    say(`  ${begin} ${end}`)
  }
}

/** Where one of the texts stands in an entry, as a whole. */
function placesOf(value: unknown, wanted: ReadonlySet<string>, at = ''): string[] {
  if (typeof value === 'string') return wanted.has(value) ? [at] : []
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, member]) =>
    placesOf(member, wanted, at === '' ? name : `${at}.${name}`),
  )
}

async function exported(
  source: ListSource,
  list: ListName,
  options: Where & { toVersion?: number; out?: string },
): Promise<void> {
  const seen = await seenVersion(source, list, options.toVersion)
  // Opened before anything is read: a file that is there already is somebody's, and stays as it is.
  const out =
    options.out === undefined
      ? process.stdout
      : createWriteStream(options.out, { fd: openSync(options.out, 'wx', 0o600) })
  for await (const entries of source.entries(seen)) {
    const text = entries.map(({ body }) => `${body}\n`).join('')
    if (!out.write(text)) await once(out, 'drain')
  }
  if (out === process.stdout) return
  out.end()
  await once(out, 'close')
}

async function seenVersion(
  source: ListSource,
  list: ListName,
  version: number | undefined,
): Promise<SeenList> {
  if (version !== undefined) return source.version(list, version)
  const newest = (await source.lists()).find((one) => one.list === list)
  if (newest) return newest
  throw new LanekeeperError('lists.notKept', `${source.where} has no list ${list}`)
}

interface MaxAge {
  readonly maxAgeMs: number | null
  readonly maxAgeLadenMs?: number
}

/** How old a list may be before lanes send vehicles to a person (rows of the decision table); null: it has no limit. */
function maxAgeMs(list: ListName): MaxAge {
  // A plan lets nobody pass and stops nobody. Papers may be as old as orders, in the lanes that rest on them.
  if (list === 'plans') return { maxAgeMs: null }
  if (list === 'tags' || list === 'vehicles') return { maxAgeMs: defaultPolicy.registryStaleMs }
  return { maxAgeMs: defaultPolicy.ordersStaleOtherMs, maxAgeLadenMs: defaultPolicy.ordersStaleLadenMs }
}

function duration(ms: number): string {
  const minutes = Math.floor(ms / 60_000)
  if (minutes < 1) return told`${Math.floor(ms / 1_000)} s`
  return minutes < 120 ? told`${minutes} min` : told`${Math.floor(minutes / 60)} h`
}

function moment(ms: number | null): string {
  return ms === null ? told`version forgotten` : new Date(ms).toISOString()
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

function listName(text: string): ListName {
  const found = listNames.find((name) => name === text)
  if (found === undefined) throw new InvalidArgumentError(listNames.join(', '))
  return found
}
