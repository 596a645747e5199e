import type { TagEntry } from '../../../edge/messages/entities.js'
import { epcOf, serialOf, stateOf, statusOf, tagOf, type TollAgency } from './agencies.js'
import { linesOf, type Line } from './lines.js'
import { FileFault, refusedPiece, type ByteSource, type FileHead, type Piece, type Pieces } from './reader.js'

/**
 * The tag list of the California toll operators (CTOC, revision A2.1.1): a header, a record for each tag, a
 * trailer with their number (field.md 2.9). Only INIT, the whole list, and the action A, a tag that is in it,
 * are known from a public source: other marks are refused and not guessed at.
 */
export const ctocRevision = 'REV A2.1.1'
const nameForm = /^([a-z]{2})([a-z]{2})_(\d{8}T\d{6})\.tag$/
const codes = { valid: 'V', not: 'I' }

export async function* readCtoc(source: ByteSource, name: string, agencies: readonly TollAgency[]): Pieces {
  const named = nameForm.exec(name)
  if (!named) throw new FileFault('name', `${name} is no name of such a file: fftt_yyyyMMddThhmmss.tag`)
  const file = new CtocFile(named, agencies)
  for await (const lines of linesOf(source, 1_024)) yield lines.flatMap((line) => file.take(line))
  file.end()
}

class CtocFile {
  readonly #from: string
  readonly #to: string
  readonly #agency: TollAgency | undefined
  #header: { readonly sequence: string; readonly day: string; readonly agency: TollAgency } | undefined
  #ended = false
  #count = 0

  constructor([, from = '', to = '']: RegExpExecArray, agencies: readonly TollAgency[]) {
    this.#from = from.toUpperCase()
    this.#to = to.toUpperCase()
    this.#agency = agencies.find(({ shortName }) => shortName === this.#from)
  }

  take(one: Line): Piece[] {
    const { line, text } = one
    if (!this.#header) return [{ is: 'head', head: this.#headerOf(text ?? '', line) }]
    if (this.#ended) {
      if (text?.trim() === '') return []
      throw new FileFault('count', 'a line stands after the trailer', line)
    }
    if (text?.startsWith('#TRAILER,')) {
      this.#trailer(text, line)
      return []
    }
    this.#count += 1
    return [
      text === null
        ? { is: 'refused', line, problem: one.problem }
        : this.#tag(text, line, this.#header.agency),
    ]
  }

  end(): void {
    if (!this.#header) throw new FileFault('header', 'the file is empty', 1)
    if (!this.#ended) throw new FileFault('count', 'there is no trailer: the file is cut off')
  }

  #headerOf(text: string, line: number): FileHead {
    const [mark, type, action, sequence = '', day = '', from, to, createdAt = '', revision, ...more] = text
      .split(',')
      .map((field) => field.trim())
    const wrong = (message: string) => new FileFault('header', message, line)
    if (mark !== '#HEADER' || more.length > 0 || revision === undefined)
      throw wrong('the first line is no #HEADER of nine fields')
    if (type !== 'TAGS') throw wrong(`a file of ${type ?? ''}, not of TAGS`)
    if (action !== 'INIT') throw wrong(`the action ${action ?? ''} is not known, only INIT, the whole list`)
    if (revision !== ctocRevision) throw wrong(`${revision} is not known, only ${ctocRevision}`)
    if (!/^\d{6}$/.test(sequence)) throw wrong('the sequence has not six digits')
    if (from !== this.#from || to !== this.#to)
      throw wrong('the header names other agencies than the name of the file')
    if (!this.#agency) throw wrong(`the agency ${this.#from} is not configured (tolling.agencies, shortName)`)
    this.#header = { sequence, day, agency: this.#agency }
    return { agency: this.#agency.agencyId, bulk: true, createdAt }
  }

  #trailer(text: string, line: number): void {
    const [, sequence, day, count, ...more] = text.split(',').map((field) => field.trim())
    if (more.length > 0 || !/^\d{8}$/.test(count ?? ''))
      throw new FileFault('count', 'the trailer has not four fields with a count of eight digits', line)
    if (sequence !== this.#header?.sequence || day !== this.#header?.day)
      throw new FileFault('count', 'the trailer has another sequence or day than the header', line)
    if (Number(count) !== this.#count)
      throw new FileFault(
        'count',
        `the trailer announces ${Number(count)} records, and there are ${this.#count}`,
        line,
      )
    this.#ended = true
  }

  #tag(text: string, line: number, agency: TollAgency): Piece {
    const fields = text.split(',')
    const [id = '', , action, type = ''] = fields
    if (fields.length !== 8) return refusedPiece(line, '', 'fields', { count: fields.length, expected: 8 })
    if (!/^ *[0-9A-Fa-f]+$/.test(id) || id.length !== 10)
      return refusedPiece(line, 'tag', 'tenPlaces', { found: id })
    if (action !== 'A')
      return refusedPiece(line, 'action', 'unknownMark', { found: action ?? '', allowed: 'A' })
    if (!/^[VIN]$/.test(type))
      return refusedPiece(line, 'type', 'unknownMark', { found: type, allowed: 'V, I, N' })
    const serial = Number.parseInt(id.trim(), 16)
    const made = epcOf(agency, serial, { path: 'tag', text: id.trim() })
    if ('wrong' in made) return { is: 'refused', line, problem: made.wrong }
    const state = stateOf(agency, type, codes.valid)
    return { is: 'entry', line, value: tagOf(agency, serial, made.epc, state) }
  }
}

export interface CtocNames {
  readonly from: string
  readonly to: string
  /** Six digits. */
  readonly sequence: string
  /** `yyyy/mm/dd` */
  readonly day: string
  /** `yyyy-MM-ddThh:mm:ss+00:00` */
  readonly createdAt: string
}

export function ctocHeader({ from, to, sequence, day, createdAt }: CtocNames): string {
  return `#HEADER,TAGS,INIT,${sequence},${day},${from},${to},${createdAt},${ctocRevision}\n`
}

export function ctocTrailer({ sequence, day }: CtocNames, count: number): string {
  return `#TRAILER,${sequence},${day},${String(count).padStart(8, '0')}\n`
}

/** One tag as a record; undefined: it is none of that agency's. Accounts are not ours to tell. */
export function ctocLine(agency: TollAgency, entry: TagEntry): string | undefined {
  const serial = serialOf(agency, entry.epc)
  if (serial === null || serial > 0xff_ffff_ffff) return undefined
  const id = serial.toString(16).toUpperCase().padStart(10, ' ')
  return `${id},${' '.repeat(10)},A,${statusOf(agency, entry.state, codes)},N,N,N,1\n`
}
