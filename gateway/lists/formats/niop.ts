import { SaxesParser } from 'saxes'
import { messageOf } from '../../../edge/base/error.js'
import type { TagEntry } from '../../../edge/messages/entities.js'
import { epcOf, homeOf, serialOf, stateOf, statusOf, tagOf, type TollAgency } from './agencies.js'
import { FileFault, refusedPiece, type ByteSource, type Piece, type Pieces } from './reader.js'
import { unzipped } from './zip.js'

/**
 * The tag validation list of the National Interoperability (NIOP): XML in a ZIP archive. BTVL is the whole
 * list of a home agency, DTVL what has changed in it; a tag leaves by its status, never by absence from a DTVL.
 * (field.md 2.9.) Plates and accounts that stand with a tag are read over: this is a list of tags.
 */
const nameForm = /^(\d{4})_(\d{4})_(\d{14})\.(BTVL|DTVL)$/i
const zipForm = /^(\d{4}_\d{4}_\d{14})_(BTVL|DTVL)\.zip$/i
const codes = { valid: 'V', not: 'I' }

const textMaxChars = 256
const depthMax = 8
/** Without a tag for so long it is no such file; the parser would hold all of it. */
const silentMaxChars = 65_536
/** A list of ten million tags is about 4 GB. */
const unpackedMaxBytes = 8 * 1024 ** 3

/** What the name of the file says: `hub_agency_yyyyMMddHHmmss.BTVL`, or `…_BTVL.zip` of the archive. */
export function niopNameOf(name: string): { readonly inside: string; readonly isZip: boolean } | undefined {
  const zip = zipForm.exec(name)
  if (zip) return { inside: `${zip[1] ?? ''}.${(zip[2] ?? '').toUpperCase()}`, isZip: true }
  return nameForm.test(name) ? { inside: name, isZip: false } : undefined
}

export async function* readNiop(source: ByteSource, name: string, agencies: readonly TollAgency[]): Pieces {
  const named = niopNameOf(name)
  if (!named)
    throw new FileFault('name', `${name} is no name of such a file: hub_agency_yyyyMMddHHmmss_BTVL.zip`)
  const wanted = named.inside.toUpperCase()
  const bytes = named.isZip
    ? unzipped(source, (inside) => inside.toUpperCase() === wanted, unpackedMaxBytes)
    : source
  const file = new NiopFile(wanted, agencies)
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const decoded = (chunk?: Uint8Array): string => {
    try {
      return chunk ? decoder.decode(chunk, { stream: true }) : decoder.decode()
    } catch {
      throw new FileFault('format', 'the file is not UTF-8', file.line)
    }
  }
  for await (const chunk of bytes) {
    const pieces = file.push(decoded(chunk))
    if (pieces.length > 0) yield pieces
  }
  yield file.push(decoded())
  yield file.end()
}

type Fields = Map<string, string>

class NiopFile {
  readonly #parser = new SaxesParser()
  readonly #hub: string
  readonly #agency: string
  readonly #time: string
  readonly #bulk: boolean
  readonly #byId: ReadonlyMap<string, TollAgency>
  readonly #path: string[] = []
  #text = ''
  #fields: Fields = new Map()
  #recordLine = 0
  #home = ''
  #declared: number | undefined
  #count = 0
  #lastTagAt = 0
  readonly #pieces: Piece[] = []
  #fault: FileFault | undefined

  constructor(name: string, agencies: readonly TollAgency[]) {
    const [, hub = '', agency = '', time = '', kind] = nameForm.exec(name) ?? []
    this.#hub = hub
    this.#agency = agency
    this.#time = time
    this.#bulk = kind === 'BTVL'
    this.#byId = new Map(agencies.map((one) => [one.agencyId, one]))
    const parser = this.#parser
    parser.on('error', (error) => {
      this.#fault ??= new FileFault('format', `no well-formed XML: ${messageOf(error)}`, this.line)
    })
    // Definitions in a file can make a small one unpack into a large one.
    parser.on('doctype', () => {
      this.#fault ??= new FileFault('format', 'a document type does not belong into such a file', this.line)
    })
    parser.on('opentag', ({ name: tag }) => {
      this.#open(tag)
    })
    parser.on('closetag', ({ name: tag }) => {
      this.#close(tag)
    })
    parser.on('text', (text) => {
      if (this.#text.length <= textMaxChars) this.#text += text
    })
  }

  get line(): number {
    return this.#parser.line
  }

  push(text: string): Piece[] {
    this.#parser.write(text)
    if (!this.#fault && this.#parser.position - this.#lastTagAt > silentMaxChars)
      this.#fault = new FileFault('format', 'no element for 65,536 characters', this.line)
    if (this.#fault) throw this.#fault
    return this.#pieces.splice(0)
  }

  end(): Piece[] {
    this.#parser.close()
    if (this.#fault) throw this.#fault
    if (this.#declared === undefined) throw new FileFault('header', 'there is no TVLHeader')
    if (this.#declared !== this.#count)
      throw new FileFault(
        'count',
        `the header announces ${this.#declared} records, and the file has ${this.#count}`,
      )
    return this.#pieces
  }

  #open(tag: string): void {
    const name = localName(tag)
    this.#lastTagAt = this.#parser.position
    this.#text = ''
    if (this.#path.length === 0 && name !== 'TagValidationList')
      this.#fault ??= new FileFault('format', `${name} is no TagValidationList`, this.line)
    if (this.#path.length >= depthMax)
      this.#fault ??= new FileFault('format', 'elements are nested too deeply', this.line)
    this.#path.push(name)
    if (name === 'TVLHeader' || name === 'TVLTagDetails') {
      this.#fields = new Map()
      this.#recordLine = this.line
    }
  }

  #close(tag: string): void {
    const name = localName(tag)
    this.#lastTagAt = this.#parser.position
    this.#path.pop()
    if (this.#fault) return
    const parent = this.#path.at(-1)
    if (name === 'TVLHeader') this.#header()
    else if (name === 'TVLTagDetails') this.#tag()
    else if (parent === 'TVLHeader' || parent === 'TVLTagDetails') this.#fields.set(name, this.#text.trim())
    this.#text = ''
  }

  #header(): void {
    const get = (name: string) => this.#fields.get(name) ?? ''
    const createdAt = get('SubmissionDateTime')
    const count = get('RecordCount')
    const home = get('HomeAgencyID')
    const problems = [
      this.#declared === undefined ? '' : 'a second TVLHeader',
      get('SubmissionType') === 'STVL' ? '' : 'SubmissionType is not STVL',
      get('BulkIndicator') === (this.#bulk ? 'B' : 'D')
        ? ''
        : 'BulkIndicator and the name of the file disagree',
      /^\d{1,9}$/.test(get('BulkIdentifier')) ? '' : 'BulkIdentifier is not a number of 1 to 9 digits',
      /^\d{1,10}$/.test(count) ? '' : 'RecordCount is not a number of 1 to 10 digits',
      get('SSIOPHubID') === this.#hub ? '' : 'SSIOPHubID is not the hub in the name of the file',
      home === this.#agency ? '' : 'HomeAgencyID is not the agency in the name of the file',
      createdAt.replaceAll(/\D/g, '') === this.#time
        ? ''
        : 'SubmissionDateTime is not the time in the name of the file',
      [...this.#byId.values()].some((one) => homeOf(one) === home)
        ? ''
        : `the agency ${home} is not configured (tolling.agencies)`,
    ].filter((problem) => problem !== '')
    if (problems.length > 0) {
      this.#fault = new FileFault('header', problems.join('; '), this.#recordLine)
      return
    }
    this.#home = home
    this.#declared = Number(count)
    this.#pieces.push({ is: 'head', head: { agency: home, bulk: this.#bulk, createdAt } })
  }

  #tag(): void {
    this.#count += 1
    if (this.#declared === undefined)
      this.#fault = new FileFault('header', 'a tag stands before the TVLHeader', this.#recordLine)
    else this.#pieces.push(this.#tagPiece())
  }

  #tagPiece(): Piece {
    const line = this.#recordLine
    const get = (name: string) => this.#fields.get(name) ?? ''
    const [agencyId, serialText, status] = [get('TagAgencyID'), get('TagSerialNumber'), get('TagStatus')]
    const agency = this.#byId.get(agencyId)
    if (get('HomeAgencyID') !== this.#home)
      return refusedPiece(line, 'HomeAgencyID', 'otherAgency', { found: get('HomeAgencyID') })
    if (!agency || homeOf(agency) !== this.#home)
      return refusedPiece(line, 'TagAgencyID', 'noTagsOf', { agency: agencyId, home: this.#home })
    if (!/^\d{1,10}$/.test(serialText))
      return refusedPiece(line, 'TagSerialNumber', 'serialForm', { found: serialText })
    if (!/^[VZI]$/.test(status))
      return refusedPiece(line, 'TagStatus', 'unknownMark', { found: status, allowed: 'V, Z, I' })
    const serial = Number(serialText)
    const made = epcOf(agency, serial, { path: 'TagSerialNumber', text: serialText })
    if ('wrong' in made) return { is: 'refused', line, problem: made.wrong }
    return { is: 'entry', line, value: tagOf(agency, serial, made.epc, stateOf(agency, status, codes.valid)) }
  }
}

/** Without the prefix of a name space, which files of some hubs have. */
function localName(tag: string): string {
  return tag.slice(tag.indexOf(':') + 1)
}

export interface NiopNames {
  readonly hub: string
  readonly agency: string
  /** 1 to 9 digits. */
  readonly bulkIdentifier: string
  /** `yyyy-MM-ddThh:mm:ssZ` */
  readonly createdAt: string
}

export function niopHeader({ hub, agency, bulkIdentifier, createdAt }: NiopNames, count: number): string {
  const fields = [
    ['SubmissionType', 'STVL'],
    ['SubmissionDateTime', createdAt],
    ['SSIOPHubID', hub],
    ['HomeAgencyID', agency],
    ['BulkIndicator', 'B'],
    ['BulkIdentifier', bulkIdentifier],
    ['RecordCount', String(count)],
  ]
  const header = fields.map(([name = '', text = '']) => `<${name}>${text}</${name}>`).join('')
  return `<?xml version="1.0" encoding="UTF-8"?>\n<TagValidationList><TVLHeader>${header}</TVLHeader><TVLDetail>\n`
}

export const niopFooter = '</TVLDetail></TagValidationList>\n'

/** One tag as a record; undefined: it is none of that agency's. The class is the lowest that the format has. */
export function niopLine(agency: TollAgency, entry: TagEntry): string | undefined {
  const serial = serialOf(agency, entry.epc)
  if (serial === null || serial > 9_999_999_999) return undefined
  const fields = [
    ['HomeAgencyID', homeOf(agency)],
    ['TagAgencyID', agency.agencyId],
    ['TagSerialNumber', String(serial)],
    ['TagStatus', statusOf(agency, entry.state, codes)],
    ['TagClass', '2'],
  ]
  const record = fields.map(([name = '', text = '']) => `<${name}>${text}</${name}>`).join('')
  return `<TVLTagDetails>${record}</TVLTagDetails>\n`
}
