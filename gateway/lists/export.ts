import type { ListHead } from '../../edge/messages/down.js'
import { listEntrySchema, type ListName } from '../../edge/messages/entities.js'
import { Refusal } from '../desk/refusal.js'
import { agenciesOfHome, utc } from './formats/acknowledgement.js'
import { homeOf, type TollAgency, type TollingConfig } from './formats/agencies.js'
import { columnsOf } from './formats/columns.js'
import { ctocHeader, ctocLine, ctocTrailer, type CtocNames } from './formats/ctoc.js'
import { csvHeader, csvLine } from './formats/csv.js'
import { itagHeader, itagLine } from './formats/itag.js'
import { niopFooter, niopHeader, niopLine } from './formats/niop.js'
import { zipped } from './formats/zip.js'
import type { ImportFormat } from './import-record.js'
import type { Lists } from './lists.js'

export interface ExportAsk {
  readonly list: ListName
  readonly format: ImportFormat
  /** Of a file of tolling: whose tags (the home agency); as CTOC has only tag agencies, there that one. */
  readonly agency?: string | undefined
  /** Another party of a file of CTOC, as it writes it. */
  readonly to?: string | undefined
  /** A kept version; absent: the newest. */
  readonly version?: number | undefined
}

export interface ExportGiven {
  readonly lists: Pick<Lists, 'head' | 'page'>
  readonly tolling: TollingConfig | undefined
  readonly nowMs: number
  /** Whether this person may see an entry. */
  readonly isShown: (entry: unknown) => boolean
}

export interface Exported {
  readonly fileName: string
  readonly contentType: string
  /** Fails where the version is forgotten meanwhile: a file without its end is no list. */
  readonly parts: AsyncGenerator<string | Uint8Array>
}

const pageRows = 1_000

/** One version of a list as a file, a page at a time. Throws {@link Refusal} for what cannot be written. */
export function exportOf(given: ExportGiven, ask: ExportAsk, head: ListHead): Exported {
  const base = `${ask.list}-${head.version}`
  const entries = () => entriesOf(given, ask.list, head)
  switch (ask.format) {
    case 'ndjson':
      return { fileName: `${base}.ndjson`, contentType: 'application/x-ndjson', parts: ndjson(entries()) }
    case 'json':
      return { fileName: `${base}.json`, contentType: 'application/json', parts: jsonArray(entries()) }
    case 'csv':
      return {
        fileName: `${base}.csv`,
        contentType: 'text/csv; charset=utf-8',
        parts: csv(ask.list, entries()),
      }
    case 'niop':
    case 'itag':
    case 'ctoc':
      return tolling(given, ask, head)
  }
}

async function* entriesOf(
  { lists, isShown }: ExportGiven,
  list: ListName,
  head: ListHead,
  from = '',
): AsyncGenerator<readonly unknown[]> {
  let after: string | null = from
  while (after !== null) {
    const page = await lists.page(list, head.version, after, pageRows)
    // What a forgotten version held is not told from what it did not hold.
    if (!(await lists.head(list, head.version)))
      throw new Refusal('notFound', `${list}@${head.version} was forgotten while it was written`)
    yield page.entries.map((entry): unknown => JSON.parse(entry)).filter(isShown)
    after = page.next
  }
}

async function* ndjson(pages: AsyncIterable<readonly unknown[]>): AsyncGenerator<string> {
  for await (const page of pages) yield page.map((entry) => `${JSON.stringify(entry)}\n`).join('')
}

async function* jsonArray(pages: AsyncIterable<readonly unknown[]>): AsyncGenerator<string> {
  yield '['
  let mark = '\n'
  for await (const page of pages) {
    yield page.map((entry, index) => `${index === 0 ? mark : ',\n'}${JSON.stringify(entry)}`).join('')
    if (page.length > 0) mark = ',\n'
  }
  yield '\n]\n'
}

async function* csv(list: ListName, pages: AsyncIterable<readonly unknown[]>): AsyncGenerator<string> {
  const columns = columnsOf(list)
  yield csvHeader(list)
  for await (const page of pages) yield page.map((entry) => csvLine(columns, entry)).join('')
}

type LineOf = typeof niopLine

function tolling(given: ExportGiven, ask: ExportAsk, head: ListHead): Exported {
  const { tolling: config, nowMs } = given
  const { format, agency: wanted = '' } = ask
  if (ask.list !== 'tags') throw new Refusal('invalid', `a file of the format ${format} is a list of tags`)
  const agencies =
    format === 'ctoc'
      ? (config?.agencies.filter(({ agencyId }) => agencyId === wanted) ?? [])
      : config
        ? agenciesOfHome(config, wanted)
        : []
  const [first] = agencies
  if (!config || !first)
    throw new Refusal('notFound', `the agency ${wanted} is not configured (tolling.agencies)`)
  const createdAt = utc(nowMs)
  const stamp = createdAt.replaceAll(/\D/g, '')
  const lines = (lineOf: LineOf) => tagLines(given, head, agencies, lineOf)
  if (format === 'itag') {
    const parts = counted(lines(itagLine), lines(itagLine), (count) =>
      itagHeader(homeOf(first), createdAt, count),
    )
    return { fileName: `${homeOf(first)}_${stamp}.ITAG`, contentType: 'text/plain', parts }
  }
  if (format === 'niop') {
    const names = { hub: config.hubId ?? config.agencyId, agency: homeOf(first), createdAt }
    const bulk = { ...names, bulkIdentifier: String(head.version % 1_000_000_000) }
    const base = `${names.hub}_${names.agency}_${stamp}`
    const texts = counted(lines(niopLine), lines(niopLine), (count) => niopHeader(bulk, count), niopFooter)
    return {
      fileName: `${base}_BTVL.zip`,
      contentType: 'application/zip',
      parts: zipped(`${base}.BTVL`, texts),
    }
  }
  const from = first.shortName
  const { to } = ask
  if (from === undefined || to === undefined || !/^[A-Z]{2}$/.test(to))
    throw new Refusal(
      'invalid',
      'a file of CTOC names two parties: the agency needs a shortName, and to= two letters',
    )
  const names: CtocNames = {
    ...{ from, to, sequence: String(head.version % 1_000_000).padStart(6, '0') },
    day: createdAt.slice(0, 10).replaceAll('-', '/'),
    createdAt: createdAt.replace('Z', '+00:00'),
  }
  const base = `${from}${to}`.toLowerCase()
  return {
    fileName: `${base}_${stamp.slice(0, 8)}T${stamp.slice(8)}.tag`,
    contentType: 'text/plain',
    parts: ctoc(names, lines(ctocLine)),
  }
}

/** Records of the tags of these agencies, page by page. */
async function* tagLines(
  given: ExportGiven,
  head: ListHead,
  agencies: readonly TollAgency[],
  lineOf: LineOf,
): AsyncGenerator<readonly string[]> {
  for (const agency of agencies) {
    for await (const page of entriesOf(given, 'tags', head, agency.epcPrefix)) {
      const tags = page.flatMap((raw) => {
        const entry = listEntrySchema.parse(raw)
        return entry.kind === 'tag' ? [entry] : []
      })
      yield tags.flatMap((entry) => lineOf(agency, entry) ?? [])
      const last = tags.at(-1)
      if (last && last.epc > agency.epcPrefix && !last.epc.startsWith(agency.epcPrefix)) break
    }
  }
}

/** Such a file says at its beginning how much it holds: it is gone through twice, and held never. */
async function* counted(
  toCount: AsyncIterable<readonly string[]>,
  lines: AsyncIterable<readonly string[]>,
  header: (count: number) => string,
  footer = '',
): AsyncGenerator<string> {
  let count = 0
  for await (const page of toCount) count += page.length
  yield header(count)
  for await (const page of lines) yield page.join('')
  yield footer
}

async function* ctoc(names: CtocNames, lines: AsyncIterable<readonly string[]>): AsyncGenerator<string> {
  let count = 0
  yield ctocHeader(names)
  for await (const page of lines) {
    count += page.length
    yield page.join('')
  }
  yield ctocTrailer(names, count)
}
