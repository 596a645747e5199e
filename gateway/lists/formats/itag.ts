import type { TagEntry } from '../../../edge/messages/entities.js'
import { epcOf, homeOf, serialOf, stateOf, statusOf, tagOf, type TollAgency } from './agencies.js'
import { linesOf } from './lines.js'
import { FileFault, refusedPiece, type ByteSource, type Piece, type Pieces } from './reader.js'

/**
 * The tag list of the IAG (ITAG): a header of 46 characters, then a record of 85 for each tag of the
 * sending agency. It is always the whole list. (field.md 2.9.)
 */
const headerForm = /^ITAG(\d\d\.\d\d\.\d\d)(\d{4})(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)(\d{10})$/
const detailForm = /^(\d{4})(\d{10})([1-3])(.{6})(\d{4})(.)(.{50})(.{3})(.)(.)(.{4})$/
const nameForm = /^(\d{4})_(\d{14})\.ITAG$/i
export const itagVersion = '01.60.02'
const codes = { valid: '1', not: '3' }

export async function* readItag(source: ByteSource, name: string, agencies: readonly TollAgency[]): Pieces {
  const named = nameForm.exec(name)
  if (!named) throw new FileFault('name', `${name} is no name of such a file: agency_yyyyMMddHHmmss.ITAG`)
  let declared: number | undefined
  let agency = ''
  let count = 0
  const byId = new Map(agencies.map((one) => [one.agencyId, one]))
  for await (const lines of linesOf(source, 1_024)) {
    const pieces: Piece[] = []
    for (const one of lines) {
      const { line, text } = one
      if (declared === undefined) {
        const header = headerOf(text, named, line)
        const { head } = header
        declared = header.count
        agency = head.agency
        if (!agencies.some((one) => homeOf(one) === agency))
          throw new FileFault('header', `the agency ${agency} is not configured (tolling.agencies)`, line)
        pieces.push({ is: 'head', head })
        continue
      }
      count += 1
      pieces.push(
        text === null ? { is: 'refused', line, problem: one.problem } : tag(text, line, agency, byId),
      )
    }
    yield pieces
  }
  if (declared === undefined) throw new FileFault('header', 'the file is empty', 1)
  if (declared !== count)
    throw new FileFault('count', `the header announces ${declared} records, and the file has ${count}`)
}

function headerOf(text: string | null, named: RegExpExecArray, line: number) {
  const header = headerForm.exec(text ?? '')
  if (!header) throw new FileFault('header', 'the first line is no ITAG header of 46 characters', line)
  const [, version, agency = '', createdAt = '', count] = header
  if (version !== itagVersion)
    throw new FileFault('header', `version ${version ?? ''} is not known, only ${itagVersion}`, line)
  if (agency !== named[1] || createdAt.replaceAll(/\D/g, '') !== named[2])
    throw new FileFault('header', 'the header names another agency or time than the name of the file', line)
  return { head: { agency, bulk: true, createdAt }, count: Number(count) }
}

function tag(text: string, line: number, home: string, byId: ReadonlyMap<string, TollAgency>): Piece {
  const record = detailForm.exec(text)
  if (!record) return refusedPiece(line, '', 'recordForm', { format: 'ITAG', length: 85 })
  const [, agencyId = '', serialText = '', status = '', , homeId] = record
  const agency = byId.get(agencyId)
  if (!agency || homeOf(agency) !== home)
    return refusedPiece(line, 'agency', 'noTagsOf', { agency: agencyId, home })
  if (homeId !== home) return refusedPiece(line, 'home', 'otherAgency', { found: homeId ?? '' })
  const serial = Number(serialText)
  const made = epcOf(agency, serial, { path: 'serial', text: serialText })
  if ('wrong' in made) return { is: 'refused', line, problem: made.wrong }
  return { is: 'entry', line, value: tagOf(agency, serial, made.epc, stateOf(agency, status, codes.valid)) }
}

/** The header of an ITAG file. `createdAt`: `yyyy-MM-ddThh:mm:ssZ`. */
export function itagHeader(agency: string, createdAt: string, count: number): string {
  return `ITAG${itagVersion}${agency}${createdAt}${String(count).padStart(10, '0')}\n`
}

/**
 * One tag as an ITAG record; undefined: it is none of that agency's. What a list of tags does not know
 * (accounts, types, classes) is filled with `*` where the format has marks and blanks elsewhere.
 */
export function itagLine(agency: TollAgency, entry: TagEntry): string | undefined {
  const serial = serialOf(agency, entry.epc)
  if (serial === null || serial > 9_999_999_999) return undefined
  const status = statusOf(agency, entry.state, codes)
  const account = ' '.repeat(6)
  const rest = ['B', ' '.repeat(50), '***', '*', '*', '****'].join('')
  return `${agency.agencyId}${String(serial).padStart(10, '0')}${status}${account}${homeOf(agency)}${rest}\n`
}
