import { listKinds, type ListName } from '../../../edge/messages/entities.js'
import { cellOf, columnsOf, valueOf, type Column } from './columns.js'
import { FileFault, refusedPiece, type ByteSource, type Piece, type Pieces } from './reader.js'

const recordMaxChars = 65_536
const cellsMax = 256

/**
 * CSV (RFC 4180, UTF-8, comma): the first record names the columns, in any order. A record of the wrong
 * length is refused by itself; a quotation mark that never closes refuses the file, because nobody knows
 * where the next record begins.
 */
export async function* readCsv(source: ByteSource, list: ListName): Pieces {
  const known = new Map(columnsOf(list).map((column) => [column.name, column]))
  let columns: readonly (Column | null)[] | undefined
  for await (const records of recordsOf(source)) {
    const pieces: Piece[] = []
    for (const { line, cells } of records) {
      if (columns) pieces.push(entryOf(list, columns, line, cells))
      else columns = headerOf(known, cells, line)
    }
    yield pieces
  }
  if (!columns) throw new FileFault('header', 'the file is empty: its first line names the columns', 1)
}

/** The first line of a CSV file of that list. */
export function csvHeader(list: ListName): string {
  return `${columnsOf(list)
    .map(({ name }) => name)
    .join(',')}\r\n`
}

/** One entry as a line of CSV. */
export function csvLine(columns: readonly Column[], entry: unknown): string {
  const cells = columns.map((column) => quoted(cellOf(column, memberAt(entry, column.path))))
  return `${cells.join(',')}\r\n`
}

function quoted(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell
}

function memberAt(value: unknown, path: readonly string[]): unknown {
  let at: unknown = value
  for (const name of path) {
    if (typeof at !== 'object' || at === null) return undefined
    at = Object.entries(at).find(([key]) => key === name)?.[1]
  }
  return at
}

function headerOf(
  known: ReadonlyMap<string, Column>,
  cells: readonly string[],
  line: number,
): (Column | null)[] {
  const names = cells.map((cell) => cell.trim())
  const unknown = names.filter((name) => name !== 'kind' && !known.has(name))
  if (unknown.length > 0) {
    const all = [...known.keys()].join(', ')
    throw new FileFault('header', `unknown columns: ${unknown.join(', ')}; this list has: ${all}`, line)
  }
  if (new Set(names).size < names.length) throw new FileFault('header', 'a column is named twice', line)
  return names.map((name) => known.get(name) ?? null)
}

function entryOf(
  list: ListName,
  columns: readonly (Column | null)[],
  line: number,
  cells: readonly string[],
): Piece {
  if (cells.length !== columns.length) {
    return refusedPiece(line, '', 'cells', { count: cells.length, expected: columns.length })
  }
  const entry: Record<string, unknown> = { kind: listKinds[list] }
  columns.forEach((column, index) => {
    const value = column ? valueOf(column, cells[index] ?? '') : undefined
    if (!column || value === undefined) return
    const [name = '', member] = column.path
    if (member === undefined) entry[name] = value
    else entry[name] = { ...objectIn(entry[name]), [member]: value }
  })
  return { is: 'entry', line, value: entry }
}

function objectIn(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {}
}

interface CsvRecord {
  /** Where it begins. */
  readonly line: number
  readonly cells: readonly string[]
}

async function* recordsOf(source: ByteSource): AsyncGenerator<readonly CsvRecord[]> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const cutter = new RecordCutter()
  const decoded = (chunk?: Uint8Array): string => {
    try {
      return chunk ? decoder.decode(chunk, { stream: true }) : decoder.decode()
    } catch {
      throw new FileFault('format', 'the file is not UTF-8', cutter.line)
    }
  }
  for await (const chunk of source) {
    const records = cutter.push(decoded(chunk))
    if (records.length > 0) yield records
  }
  const last = cutter.end(decoded())
  if (last.length > 0) yield last
}

class RecordCutter {
  line = 1
  #startLine = 1
  #cells: string[] = []
  #cell = ''
  #chars = 0
  /** `quote`: a mark was just read within quotes, and the next character says what it was. */
  #state: 'start' | 'plain' | 'quoted' | 'quote' = 'start'

  push(text: string): CsvRecord[] {
    const records: CsvRecord[] = []
    for (const char of text) {
      if (char === '\n') this.line += 1
      this.#chars += 1
      if (this.#chars > recordMaxChars)
        throw new FileFault('format', `a record is longer than ${recordMaxChars} characters`, this.#startLine)
      if (this.#state === 'quoted') {
        if (char === '"') this.#state = 'quote'
        else this.#cell += char
      } else if (char === '"') this.#mark()
      else if (char === ',') this.#endCell()
      else if (char === '\n') this.#endRecord(records)
      else if (char !== '\r') this.#plain(char)
    }
    return records
  }

  end(text: string): CsvRecord[] {
    const records = this.push(text)
    if (this.#state === 'quoted')
      throw new FileFault('format', 'a quotation mark is never closed', this.#startLine)
    if (this.#state !== 'start' || this.#cells.length > 0) this.#endRecord(records)
    return records
  }

  #mark(): void {
    if (this.#state === 'plain')
      throw new FileFault('format', 'a quotation mark within a cell that has none around it', this.line)
    if (this.#state === 'quote') this.#cell += '"'
    this.#state = 'quoted'
  }

  #plain(char: string): void {
    if (this.#state === 'quote')
      throw new FileFault('format', `${char} stands after a closing quotation mark`, this.line)
    this.#state = 'plain'
    this.#cell += char
  }

  #endCell(): void {
    if (this.#cells.length >= cellsMax)
      throw new FileFault('format', `more than ${cellsMax} cells`, this.#startLine)
    this.#cells.push(this.#cell)
    this.#cell = ''
    this.#state = 'start'
  }

  #endRecord(records: CsvRecord[]): void {
    const blank = this.#cells.length === 0 && this.#state === 'start'
    if (!blank) {
      this.#endCell()
      records.push({ line: this.#startLine, cells: this.#cells })
    }
    this.#cells = []
    this.#state = 'start'
    this.#chars = 0
    this.#startLine = this.line
  }
}
